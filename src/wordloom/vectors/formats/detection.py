"""Telling the formats of vector files apart: by content when reading, by name when writing.

The rows of `wordloom.formats` are asked, and what the files that they name say of a folder or of a file's
first bytes. Files of other programs that hold vectors but are not read are refused with what they are and the
way out.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from wordloom.errors import DataError, UsageError
from wordloom.formats import VECTOR_FORMATS, VectorFormat, named_by_ending, titles_of
from wordloom.vectors.formats.byte_streams import check_file, first_bytes
from wordloom.vectors.formats.codec import Codec, Sample

_SAMPLE = 1 << 16


def codec_of(format: str) -> Codec:
    """The functions of a format."""
    module, _, name = VECTOR_FORMATS[format].code.partition(":")
    codec: Codec = getattr(importlib.import_module(f"wordloom.vectors.formats.{module}"), name)
    return codec


def format_of_name(path: Path, with_subwords: bool = False) -> str:
    """The format that a file's name stands for, when one is written. UsageError if it tells none.

    Where the names of two formats end alike (word2vec binary and fastText's models), the one that keeps
    subwords is meant for a table with subwords.
    """
    suffix = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    rows = [row for row in VECTOR_FORMATS.values() if row.writes]
    named = [row for row in rows if (suffix in row.suffixes if suffix else row.is_folder)]
    if not named:
        raise UsageError(
            f"{path}: the name does not tell the format. Name it with format= (--format), or use one of "
            f"these endings: {named_by_ending()}."
        )
    return next((row for row in named if row.has_subwords == with_subwords), named[0]).name


def _particular_first() -> list[VectorFormat]:
    return list(reversed(list(VECTOR_FORMATS.values())))


def detect(path: Path) -> str:
    """The format of an existing file or folder, from its content.

    Raises DataError for a file that is missing, empty, or of a format that is known but not read.
    """
    if path.is_dir():
        return _folder_format(path)
    check_file(path)
    sample = Sample(path, first_bytes(path, _SAMPLE))
    if not sample.data.strip():
        raise DataError(f"{path}: the file is empty.")
    rows = _particular_first()
    for row in rows:
        if row.magic and row.begins(sample.data) and codec_of(row.name).holds(sample):
            return row.name
    _refuse_foreign(path, sample.data)
    return next(row.name for row in rows if not row.magic and codec_of(row.name).holds(sample))


def _folder_format(path: Path) -> str:
    rows = [row for row in _particular_first() if row.is_folder]
    for row in rows:
        holds = codec_of(row.name).holds_folder
        if holds is not None and holds(path):
            return row.name
    _refuse_foreign_folder(path)
    if (path / "config.json").is_file():
        raise DataError(
            f"{path}: a model, not a file of vectors. Export its vectors first (wordloom export)."
        )
    raise DataError(f"{path}: a folder without vectors. Expected a {titles_of(rows)}.")


# Protocols 2 to 5 begin with their number; 0 and 1 with a class, perhaps after a mark, or with a container.
_PICKLE = re.compile(
    rb"\x80[\x02-\x05]|\(?c[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n|\([ld]p[0-9]+\n|\(i[\w.]+\n\w+\n|[\]}]q\x00"
)
_GENSIM = re.compile(rb"gensim\.models\.[\w.]+[^A-Za-z]{1,8}([A-Z]\w*)")
_FLORET = re.compile(rb"(?:[0-9]+ ){6}[^ ]+ [^ ]+")
_IN_PYTHON = "In Python, WordVectors(words, array).save('vectors.safetensors') makes a file of words and rows"

_BEGINNINGS = {
    b"\x93NUMPY": "a NumPy array, which holds no words. {in_python} (np.load reads the rows); if gensim "
    "wrote it beside another file, export the vectors from that file.",
    b"PK": "a NumPy archive (.npz), which wordloom does not read. {in_python} from its arrays.",
    b"FiFu": "finalfusion vectors. Convert them with finalfusion-utils:\n"
    "  finalfusion convert -f finalfusion -t word2vec {path} {stem}.bin",
    b"SQLite format 3\0": "an SQLite database, as Magnitude's files (.magnitude) are. Export the vectors "
    'where pymagnitude is installed:\n  python -c "from pymagnitude import Magnitude; '
    "from wordloom import WordVectors; words, rows = zip(*Magnitude({path!r}, normalized=False)); "
    "WordVectors(words, rows).save('{stem}.safetensors')\"",
    b"\x89HDF\r\n": "an HDF5 file, as Keras writes models and weights. {in_python}, for example those of an "
    "Embedding layer.",
    b"PAR1": "a Parquet file. {in_python} from its columns.",
    b"7z\xbc\xaf": "a 7z archive; unpack it and name the file inside.",
    b"Rar!": "a RAR archive; unpack it and name the file inside.",
    b"GGUF": "a GGUF language model, which is not a table of word vectors.",
}


def _refuse_foreign(path: Path, sample: bytes) -> None:
    """Raise DataError if the beginning of a file is that of a known format that is not read."""
    if _PICKLE.match(sample):
        raise DataError(f"{path}: {_pickle(path, sample)}")
    for begin, what in _BEGINNINGS.items():
        if sample.startswith(begin):
            raise DataError(f"{path}: {what.format(path=str(path), stem=path.stem, in_python=_IN_PYTHON)}")
    if sample[257:262] == b"ustar":
        raise DataError(f"{path}: a tar archive; unpack it and name the file inside.")
    if sample.lstrip()[:5].lower() in (b"<!doc", b"<html"):
        raise DataError(f"{path}: a web page, perhaps a failed download; fetch the file again.")
    if _FLORET.fullmatch(sample.partition(b"\n")[0].rstrip(b"\r ")):
        raise DataError(
            f"{path}: floret vectors, whose rows are hashed n-grams and not words. Ask floret for the "
            f"vectors of your words:\n  floret print-word-vectors {path.stem}.bin < words.txt > vectors.txt"
        )


def _refuse_foreign_folder(path: Path) -> None:
    """Raise DataError if a folder is a model of a known program without a table that is read."""
    if (path / "modules.json").is_file() or (path / "tokenizer.json").is_file():
        raise DataError(
            f"{path}: a model with a tokenizer but no static table of vectors (model.safetensors): what "
            " it gives a word depends on the whole sentence. The folders of model2vec and of StaticEmbedding "
            "in sentence-transformers are read."
        )
    if ((path / "meta.json").is_file() and (path / "vocab").is_dir()) or (path / "key2row").is_file():
        raise DataError(
            f"{path}: a spaCy pipeline. Export its vectors where spaCy is installed:\n"
            '  python -c "import spacy; from wordloom import WordVectors; '
            f"v = spacy.load({str(path)!r}).vocab; keys = list(v.vectors.keys()); "
            "WordVectors([v.strings[k] for k in keys], v.vectors.get_batch(keys))"
            f".save('{path.name}.safetensors')\""
        )


def _pickle(path: Path, sample: bytes) -> str:
    """What a pickle is, with the line that exports the vectors of one that gensim saved."""
    unopened = "which wordloom does not open, because a pickle can run any code"
    found = _GENSIM.search(sample)
    if found is None:
        return f"a Python pickle, {unopened}. Open it with the program that wrote it. {_IN_PYTHON}."
    kind, source, target = found[1].decode(), repr(str(path)), repr(f"{path.stem}.bin")
    if kind == "FastText":  # the file keeps subwords
        line = (
            "from gensim.models.fasttext import FastText, save_facebook_model; "
            f"save_facebook_model(FastText.load({source}), {target})"
        )
    else:
        loader, table = (kind, ".wv") if kind in ("Word2Vec", "Doc2Vec") else ("KeyedVectors", "")
        line = (
            f"from gensim.models import {loader}; "
            f"{loader}.load({source}){table}.save_word2vec_format({target}, binary=True)"
        )
    return (
        f"a Python pickle that gensim saved ({kind}), {unopened}. Export its vectors where gensim is "
        f'installed:\n  python -c "{line}"'
    )
