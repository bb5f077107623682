"""What the robustness benchmark damages, and how it is read: by wordloom and, where that can be, without it.

`read` gives something that can be compared: for files what stands in them, for models their answers on some
texts. `independent` is of `independent_readers`; None stands for a form that checks itself (a checksum of the
format), so damage must not come through.
"""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from independent_readers import (
    BLANKS,
    binary_vectors,
    csv_rows,
    fasttext_rows,
    json_lines,
    json_rows,
    tensor_vectors,
    text_vectors,
)

WORDS = "a an and the film plot actor scene good great fine bad dull poor dark light".split()  # noqa: SIM905
WORDS += ["caf\u00e9", "\u65e5\u672c"]
TEXTS = [
    "a good film",
    "the plot is bad, dull and poor",
    "",
    "unknown words alone",
    "caf\u00e9 \u65e5\u672c " * 40,
]


class Insane(Exception):
    """A model that loads, and answers with what cannot be an answer."""


@dataclass(frozen=True)
class Subject:
    """Something to damage.

    Parameters
    ----------
    kind : the row of the report
    path : the whole one
    read : what is in a file or folder, as something that can be compared
    independent : the same without wordloom, for what is read as it stands; None if the form checks itself
    """

    kind: str
    path: Path
    read: Callable[[Path], Any]
    independent: Callable[[Path], Any] | None


def make(folder: Path) -> None:
    """Write all subjects into `folder`."""
    _make_models(folder)
    _make_vectors(folder)
    _make_tables(folder)


CLASSIFIERS = {
    "softmax.bin": ("softmax", "pairs of words", "plain"),
    "hs.bin": ("hs", "triples and characters", "plain"),
    "ova.ftz": ("ova", "triples and characters", "quantized"),
    "ns.ftz": ("ns", "300 labels", "pruned"),
}
"""Files of fastText's, and which of the models in fasttext_models.py they are."""


def subjects_in(folder: Path) -> list[Subject]:
    """The subjects that `make`, or fasttext_models.py, has written there."""
    found = [
        *(Subject("model folders", folder / name, answers, None) for name in MODELS),
        *(Subject("vector files", folder / name, vectors, by) for name, by in VECTORS.items()),
        *(Subject("tables", folder / name, corpus_rows, by) for name, by in TABLES.items()),
        Subject("tables", folder / "fasttext.txt", corpus_words, fasttext_rows),
        *(Subject("archives", folder / name, corpus_rows, None) for name in ARCHIVES),
        *(
            Subject("fastText classifiers", folder / name, classified, classified_plainly)
            for name in CLASSIFIERS
        ),
    ]
    return [subject for subject in found if subject.path.exists()]


def _corpus() -> tuple[list[str], list[str]]:
    draw = np.random.default_rng(0)
    texts, labels = [], []
    for row in range(60):
        label = ("neg", "pos")[row % 2]
        own = WORDS[8:11] if label == "pos" else WORDS[11:14]
        words = [*draw.choice(WORDS, 5).tolist(), *draw.choice(own, 2).tolist()]
        texts.append(" ".join(words) + (', "quoted"' if row % 7 == 0 else ""))
        labels.append(label)
    return texts, labels


def _make_models(folder: Path) -> None:
    from wordloom.corpus import Corpus
    from wordloom.fit import fit
    from wordloom.settings import Settings

    corpus, common = Corpus(*_corpus(), name="small"), {"epochs": 2, "random_state": 0}
    settings = {
        "ngram": {},
        "small": {"architecture": "ngram", "max_size": 9_000},
        "mean": {"architecture": "mean", "dimensions": 4, "hidden": 3},
        "max": {"architecture": "max", "dimensions": 3, "ids": "imdb"},
        "flatten": {"architecture": "flatten", "dimensions": 3, "maxlen": 6},
    }
    models = {name: fit(corpus, Settings(**(common | own))) for name, own in settings.items()}
    models |= {name: _sequence_model(models["mean"], name) for name in ("LSTM", "GRU", "Conv1D")}
    models["documents"] = _document_model(corpus)
    for name, model in models.items():
        model.save(folder / name)


def _sequence_model(like: Any, kind: str) -> Any:
    """A model of Keras' layers with weights as they begin; Keras itself is not needed."""
    import dataclasses

    from wordloom.models.keras.layer_network import KerasNetwork
    from wordloom.models.keras.shape import KerasShape

    window = kind == "Conv1D"
    first = {"kind": kind, "filters": 3, "kernel_size": 2} if window else {"kind": kind, "units": 3}
    both = {"kind": "Bidirectional", "layer": "GRU", "config": {"units": 2}}
    layers = [first, {"kind": "GlobalMaxPooling1D"}] if window else [both if kind == "GRU" else first]
    layers += [{"kind": "Dropout", "rate": 0.5}, {"kind": "Dense", "units": 1}]
    size = like.vocabulary.size
    shape = KerasShape("keras", size, 4, 2, 9, window, not window, tuple(layers))
    return dataclasses.replace(like, network=KerasNetwork.initial(shape, 0))


def _document_model(corpus: Any) -> Any:
    from wordloom.fit import FitInput, fit
    from wordloom.settings import Settings

    settings = Settings(architecture="documents", dimensions=4, random_state=0)
    return fit(corpus, settings, FitInput(unlabelled=list(corpus.texts) * 3))


def answers(path: Path) -> Any:
    """Labels and probabilities of a model, which the plain kernels must confirm; then all else it can do.

    Raises Insane for probabilities that are none, and where compiled and plain kernels answer differently.
    """
    from wordloom.text_model import TextModel

    model = TextModel.load(path)
    found = model.predict_proba(TEXTS)
    if found.shape != (len(TEXTS), len(model.labels)) or not np.isfinite(found).all():
        raise Insane(f"probabilities of the shape {found.shape}, finite: {np.isfinite(found).all()}")
    if np.abs(found.sum(axis=1) - 1).max() > 1e-6:
        raise Insane("probabilities that do not sum to 1")
    plain = _plain(lambda: model.predict_proba(TEXTS))
    if not np.allclose(found, plain, atol=1e-4):
        raise Insane(f"compiled and plain kernels differ by {np.abs(found - plain).max():.3g}")
    explained = [effect.word for effect in model.explain(TEXTS[1]).words]
    model.save(path.parent / f"saved-{os.getpid()}")
    _inspect(path)
    return (
        model.labels,
        found.tobytes(),
        explained,
        model.vectors().words if model.network.kind != "ngram" else (),
    )


LINES = [
    "w1 w2 w3",
    "w60 w70 Müller q7 </s> w3",
    "__label__c0 w130 w131 你好 x\0y",
    "w1 w200 " * 20,
    "",
    "unknown",
]
"""Most of them of words that the classifiers know."""


def classified(path: Path) -> Any:
    """Labels, probabilities and explanations of a classifier of fastText's.

    Raises Insane for probabilities that are none.
    """
    from wordloom.text_model import TextModel

    model = TextModel.load(path)
    found = model.predict_proba(LINES)
    if found.shape != (len(LINES), len(model.labels)) or not ((found >= 0) & (found <= 1)).all():
        raise Insane(f"probabilities of the shape {found.shape} that are none")
    if model.target == "single" and np.abs(found.sum(axis=1) - 1).max() > 1e-5:
        raise Insane("probabilities that do not sum to 1")
    explained = [part.text for part in model.explain(LINES[-1]).contributions]
    return list(map(str, model.labels)), found.astype(np.float32).tobytes(), sorted(explained)


def classified_plainly(path: Path) -> Any:
    """The same with the plain kernels: a file of fastText's has no checksum."""
    return _plain(lambda: classified(path))


def _plain(run: Callable[[], Any]) -> Any:
    before = os.environ.get("WORDLOOM_KERNELS")
    os.environ["WORDLOOM_KERNELS"] = "plain"
    try:
        return run()
    finally:
        os.environ["WORDLOOM_KERNELS"] = before or ""


def _inspect(path: Path) -> None:
    from wordloom.cli.program import program

    with contextlib.redirect_stdout(io.StringIO()):
        program.main(["inspect", str(path)], standalone_mode=False)


def _make_vectors(folder: Path) -> None:
    from wordloom.vectors import WordVectors

    rows = np.random.default_rng(0).normal(size=(len(WORDS), 5)).astype(np.float32)
    table = WordVectors(WORDS, rows, "table")
    for name in ("table.txt", "table.vec", "table.bin", "table.safetensors"):
        table.save(folder / name)
    (folder / "table.txt.gz").write_bytes(gzip.compress((folder / "table.txt").read_bytes()))
    subwords = {"longest_subword": 4, "buckets": 50}
    learned = WordVectors.learn(_corpus()[0] * 3, dimensions=4, epochs=1, min_count=1, seed=0, **subwords)
    learned.save(folder / "model.bin", "fasttext")


def vectors(path: Path) -> Any:
    """Words and rows of a file of vectors."""
    from wordloom.vectors import WordVectors

    table = WordVectors.load(path)
    if hasattr(table, "subwords"):
        table["neverseen"]
    return list(table.words), np.ascontiguousarray(table.vectors).tobytes()


def model_vectors(path: Path) -> Any:
    """The same model read with the plain kernels: a fastText file has no checksum."""
    return _plain(lambda: vectors(path))


def _make_tables(folder: Path) -> None:
    texts, labels = _corpus()
    rows = [{"text": text, "label": label} for text, label in zip(texts, labels, strict=True)]
    table = _csv(rows, ",")
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    written = {
        "table.csv": table,
        "table.tsv": _csv(rows, "\t"),
        "table.jsonl": lines,
        "table.json": json.dumps(rows).encode(),
        "fasttext.txt": "".join(f"__label__{row['label']} {row['text']}\n" for row in rows).encode(),
        "table.csv.gz": gzip.compress(table),
        "table.csv.bz2": bz2.compress(table),
        "table.csv.xz": lzma.compress(table),
        "table.jsonl.gz": gzip.compress(lines),
        "table.zip": _zipped("table.csv", table),
        "reviews.tar.gz": _folders_in_tar(texts, labels),
        "arrays.npz": _npz(),
    }
    for name, data in written.items():
        (folder / name).write_bytes(data)
    (folder / BESIDE).write_text(json.dumps({word: rank for rank, word in enumerate(WORDS, start=1)}))


def _csv(rows: list[dict[str, str]], delimiter: str) -> bytes:
    stream = io.StringIO(newline="")
    table = csv.DictWriter(stream, ["text", "label"], delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    return stream.getvalue().encode()


def _zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def _folders_in_tar(texts: list[str], labels: list[str]) -> bytes:
    """As the reviews of IMDB are packed: train and test, a folder for each class."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for row, (text, label) in enumerate(zip(texts, labels, strict=True)):
            data = text.encode()
            entry = tarfile.TarInfo(f"aclImdb/{('train', 'test')[row % 4 == 3]}/{label}/{row}_{row % 10}.txt")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def _npz() -> bytes:
    stream = io.BytesIO()
    rows = np.empty(4, dtype=object)
    rows[:] = [[1, 4, 5], [1, 6], [1, 7, 5, 6], [1, 4]]
    np.savez_compressed(stream, x_train=rows, y_train=np.arange(4) % 2, x_test=rows, y_test=np.arange(4) % 2)
    return stream.getvalue()


def corpus_rows(path: Path) -> Any:
    """The texts and labels of each part of a source."""
    from wordloom.readers import read_corpus

    found = read_corpus(path)
    parts = [part for part in (found.train, found.test) if part is not None]
    return [(list(part.texts), [str(label) for label in part.labels]) for part in parts]


def corpus_words(path: Path) -> Any:
    """As `corpus_rows`, with one blank between words."""
    return [
        ([" ".join(BLANKS.split(text)).strip() for text in texts], labels)
        for texts, labels in corpus_rows(path)
    ]


MODELS = ("ngram", "small", "mean", "max", "flatten", "documents", "LSTM", "GRU", "Conv1D")
VECTORS = {
    "table.txt": text_vectors,
    "table.vec": text_vectors,
    "table.bin": binary_vectors,
    "table.safetensors": tensor_vectors,
    "table.txt.gz": None,
    "model.bin": model_vectors,
}
TABLES = {
    "table.csv": csv_rows(","),
    "table.tsv": csv_rows("\t"),
    "table.jsonl": json_lines,
    "table.json": json_rows,
}
BESIDE = "imdb_word_index.json"
"""A file that arrays.npz needs beside it."""
ARCHIVES = (
    *("table.csv.gz", "table.csv.bz2", "table.csv.xz", "table.jsonl.gz", "table.zip", "reviews.tar.gz"),
    "arrays.npz",
)
