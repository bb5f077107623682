"""Classifiers that fastText has trained, in wordloom: the same labels and probabilities, and damaged files.

Models of every kind are made by fastText itself: losses, dimensions, n-grams of words and of characters,
plain files, quantized and pruned ones. 10,000 lines of every kind are asked of fastText and of wordloom, for
all labels. Then the files are damaged as in robustness.py, thousands of times. fasttext_models.md is written
beside this file.

python benchmarks/fasttext_models.py [CASES]
"""

from __future__ import annotations

import collections
import itertools
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hostile_texts import hostile_texts
from side_by_side import report_figure

HERE = Path(__file__).parent
SEED, LINES, CASES = 7, 10_000, 4_000
LOSSES = "softmax", "hs", "ova", "ns"
SHAPES: dict[str, tuple[str, dict[str, int]]] = {
    "words": ("few", {"dim": 10}),
    "pairs of words": ("few", {"dim": 16, "wordNgrams": 2, "bucket": 5_000}),
    "triples and characters": ("few", {"dim": 7, "wordNgrams": 3, "minn": 2, "maxn": 4, "bucket": 3_000}),
    "300 labels": ("many", {"dim": 25, "wordNgrams": 2, "bucket": 5_000, "minn": 1, "maxn": 3}),
}
FORMS: dict[str, dict[str, Any] | None] = {
    "plain": None,
    "quantized": {},
    "pruned": {"cutoff": 600, "qnorm": True},
}
_WORDS = [f"w{number}" for number in range(300)]
_WORDS += ["Müller", "naïve", "你好", "a\u00a0b", "x" * 300, "😀", "é" * 40, "1.5"]
_TRIES, _WIDTH = 20, 118


class Agreement(NamedTuple):
    """Of one model.

    lines : how many were asked
    other : of so many the likeliest label is another one
    swapped : so many have labels as likely as each other to float32's last digits in another order
    worst : the largest difference of a probability
    """

    lines: int
    other: int
    swapped: int
    worst: float


def write_texts(folder: Path) -> None:
    """Lines to train on: a few labels that some words speak for, and many labels with a word each."""
    draw = np.random.default_rng(SEED)
    few, many = [], []
    for _ in range(3_000):
        label = int(draw.choice(4, p=[0.4, 0.3, 0.2, 0.1]))
        own = draw.choice(_WORDS[label * 60 : label * 60 + 120], int(draw.integers(12)))
        few.append(" ".join([f"__label__c{label}", *own.tolist()]))
    for _ in range(6_000):
        label = int(draw.random() ** 2 * 300)
        more = [f"__label__k{(label + 1) % 300}"] * int(draw.random() < 0.2)
        many.append(" ".join([f"__label__k{label}", *more, *draw.choice(_WORDS, 6).tolist(), f"q{label}"]))
    (folder / "few.txt").write_text("\n".join(few) + "\n", encoding="utf-8")
    (folder / "many.txt").write_text("\n".join(many) + "\n", encoding="utf-8")


def train(folder: Path, loss: str, shape: str) -> None:
    """Make the files of one loss and shape, in a process of its own: fastText 0.9.3 ends some with NaN."""
    command = [sys.executable, __file__, "train", str(folder), loss, shape]
    for _ in range(_TRIES):
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0:
            return
    sys.exit(f"fastText could not train {loss} of {shape}")


def _train(folder: Path, loss: str, shape: str) -> None:
    import fasttext

    texts, options = SHAPES[shape]
    source = str(folder / f"{texts}.txt")
    # with fewer threads some rows begin as what memory held
    model = fasttext.train_supervised(source, loss=loss, epoch=5, lr=0.3, thread=10, verbose=0, **options)
    plain = str(file_of(folder, loss, shape, "plain"))
    model.save_model(plain)
    for form, quantizing in FORMS.items():
        if quantizing is not None:
            model = fasttext.load_model(plain)
            many = texts == "many"  # the output matrix needs 256 rows to be quantized
            model.quantize(source, retrain=False, qout=many and bool(quantizing), **quantizing)
            model.save_model(str(file_of(folder, loss, shape, form)))


def file_of(folder: Path, loss: str, shape: str, form: str) -> Path:
    """The file of a model."""
    ending = "bin" if FORMS[form] is None else "ftz"
    return folder / f"{loss}-{shape}-{form}.{ending}".replace(" ", "-")


def lines(n: int) -> list[bytes]:
    """n lines without a line feed: those of texts, labels, ends and bytes that are no text."""
    draw = np.random.default_rng(SEED)
    odd = [
        b"</s>",
        b"__label__c0",
        b"__label__k7",
        b"__label__nobody",
        b"__label__",
        b"<s>",
        b"x\0y",
        b"\xff",
    ]
    odd += [
        b"a\xffb",
        b"\xc3",
        b"\xe4\xbd",
        b"\xed\xa0\x80",
        b"\x80\x80",
        "\u2003".encode(),
        b"\x1b[2J",
        b"q7",
    ]
    pool = [*(word.encode() for word in _WORDS), *(f"q{n}".encode() for n in range(300)), *odd * 4]
    gaps = [b" ", b" ", b"  ", b"\t", b"\r", b"\v", b"\f", b"\0"]
    found = [b"", b" ", b"\0", b"\xff", b"</s>", b"a </s> b", b" ".join([b"w1"] * 50_000), b"y" * 200_000]
    found.append(b" ".join(b"__label__k%d" % number for number in range(300)))
    found += [text.replace("\n", " ").encode("utf-8", "replace") for text in hostile_texts(n // 4, _WORDS)]
    while len(found) < n:
        size = int(draw.integers(25))
        chosen = [pool[i] for i in draw.integers(len(pool), size=size)]
        between = [gaps[i] for i in draw.integers(len(gaps), size=size)]
        found.append(b"".join(itertools.chain(*zip(chosen, between, strict=True))))
    return found[:n]


def agreement(path: Path, asked: Sequence[bytes]) -> Agreement:
    """fastText's answers for all labels beside wordloom's."""
    import fasttext

    from wordloom.fasttext_lines import ALL_LABELS, LineModel, Lines
    from wordloom.text_model import TextModel

    peer, ours = fasttext.load_model(str(path)), LineModel.of(TextModel.load(path))
    other = swapped = 0
    worst = 0.0
    answers = ours.answers([Lines(list(asked), True)], ALL_LABELS)
    for line, answer in zip(asked, answers, strict=True):
        expected = peer.f.predict(line + b"\n", -1, 0.0, "strict")
        found = {ours.tokens[label]: p for label, p in answer.best}
        named = [label for _, label in expected]
        worst = max([worst, *(abs(found.get(label, 0.0) - p) for p, label in expected)])
        if list(found) != named:
            other += list(found)[:1] != named[:1] or set(found) != set(named)
            swapped += 1
    return Agreement(len(asked), other, swapped - other, worst)


def same_when_saved(path: Path, folder: Path, asked: Sequence[bytes]) -> bool:
    """Whether the model saved as a folder of ours gives the same bits."""
    from wordloom.text_model import TextModel

    texts = [line.decode("utf-8", "replace") for line in asked]
    model = TextModel.load(path)
    model.save(folder)
    again = TextModel.load(folder)
    return np.array_equal(model.predict_proba(texts), again.predict_proba(texts))


def main(cases: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_texts(folder)
        for loss, shape in itertools.product(LOSSES, SHAPES):
            train(folder, loss, shape)
        page = [*_agreements(folder), "", *_fuzz(folder, cases)]
    head = (
        "# fastText's classifiers in wordloom\n\nWritten by `python benchmarks/run.py fasttext_models`.\n\n"
    )
    (HERE / "fasttext_models.md").write_text(head + "\n".join(page) + "\n", encoding="utf-8")


def _agreements(folder: Path) -> Iterator[str]:
    asked = lines(LINES)
    models = itertools.product(LOSSES, SHAPES, FORMS)
    found = {key: agreement(file_of(folder, *key), asked) for key in models}
    saved = [
        same_when_saved(file_of(folder, *key), folder / f"saved-{number}", asked[:1000])
        for number, key in enumerate(found)
    ]
    answers = sum(each.lines for each in found.values())
    what = f"fastText models: {len(found)} models, {answers:,} lines"
    report_figure(
        f"{what}: other labels than fastText's", sum(each.other for each in found.values()), "lines", 0, True
    )
    worst = max(each.worst for each in found.values())
    report_figure(f"{what}: largest difference of a probability", 1e6 * worst, "millionths", 1, True)
    report_figure(f"{what}: saved as folders, the same bits", sum(saved), "models", len(saved), False)
    yield textwrap.fill(
        f"{LINES:,} lines of every kind are asked of each model that fastText has trained, for the "
        "probabilities of all labels: Unicode, bytes that are no UTF-8 such as 0xFF, NUL, empty lines, "
        "50,000 words, 200,000 characters, 300 labels, the end of a line inside a line. `swapped`: lines on "
        "which labels behind the first, equally likely but for float32's last digits, are in another order.",
        _WIDTH,
    )
    yield ""
    yield "| loss | features | form | other labels | swapped | largest difference |"
    yield "|---|---|---|---|---|---|"
    for (loss, shape, form), each in found.items():
        yield f"| {loss} | {shape} | {form} | {each.other} | {each.swapped} | {each.worst:.1e} |"
    yield ""
    yield f"Saved as folders of ours, {sum(saved)} of {len(saved)} models give the same bits."


def _fuzz(folder: Path, cases: int) -> Iterator[str]:
    from robustness import OUTCOMES, all_cases, report
    from subjects import BESIDE, CLASSIFIERS

    def make(target: Path) -> None:
        for name, (loss, shape, form) in CLASSIFIERS.items():
            os.link(file_of(folder, loss, shape, form), target / name)
        (target / BESIDE).write_text("{}", encoding="utf-8")

    found = all_cases(cases, make)
    report(found, "fastText models: damaged files")
    counts = collections.Counter((case.name, case.outcome) for case in found)
    places = sum(case.outcome == "error" and case.name in case.words for case in found)
    yield textwrap.fill(
        f"{cases:,} damaged files (bytes changed, left out, doubled, put in, cut off) are read in processes "
        "with at most 6 GB. `exact`: the answers of the whole file. `error`: refused, with the file named in "
        f"{places:,} cases. `other`: another model, which compiled and plain kernels answer alike, with "
        "finite probabilities from 0 to 1; the format has no checksum, so a changed weight is a weight. The "
        "last three must be 0.",
        _WIDTH,
    )
    yield ""
    yield f"| file | {' | '.join(OUTCOMES)} |"
    yield "|---" * (len(OUTCOMES) + 1) + "|"
    for name in CLASSIFIERS:
        yield f"| {name} | {' | '.join(f'{counts[name, outcome]:,}' for outcome in OUTCOMES)} |"


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        _train(Path(sys.argv[2]), *sys.argv[3:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
