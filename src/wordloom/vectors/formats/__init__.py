"""Files of word vectors: a row of `wordloom.formats` and a module for each format, which `codec_of` gives.

`read` and `write` are all that callers need; `WordVectors.load` and `save` are the same two.

Which formats there are and how they are named is said in `wordloom.formats`; files of labeled texts are read
in `wordloom.readers`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from wordloom.compression import packing
from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.formats import VECTOR_FORMATS, WRITTEN_VECTORS, VectorFormat
from wordloom.vectors.formats.byte_streams import check_file
from wordloom.vectors.formats.codec import Codec
from wordloom.vectors.formats.detection import codec_of, detect, format_of_name
from wordloom.vectors.formats.safetensors_table import mapped_copy
from wordloom.vectors.formats.table_builder import Wanted, selected
from wordloom.vectors.formats.word_decoder import Undecodable, checked_policy, warn
from wordloom.vectors.formats.written import OnUnwritable, Written
from wordloom.vectors.subwords import SubwordVectors
from wordloom.vectors.word_vectors import WordVectors

__all__ = [
    "FORMATS",
    "Undecodable",
    "Written",
    "convert",
    "detect",
    "format_of",
    "read",
    "write",
]

FORMATS = WRITTEN_VECTORS
"""Names of the formats that are read and written."""


def read(
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    words: Iterable[str] | None = None,
    limit: int | None = None,
    header: bool | None = None,
    mmap: bool = False,
    undecodable: Undecodable = "error",
) -> WordVectors:
    """Read a file of word vectors.

    Numbers are those of `np.float32(float(text))`. Of equal words the first is kept, and a warning counts
    the others.

    Parameters
    ----------
    path : a file, or the projector's folder or a static model's. Text and word2vec binary may
        be packed with gzip, bzip2, xz or zstd, or in a zip archive: `glove.6B.zip/glove.6B.100d.txt`
    format : its name in `wordloom.formats.VECTOR_FORMATS`; None finds it out from the content
    words : read only these words, in the file's order; those that the file does not have are left out
    limit : read only the first so many rows
    header : whether a text file begins with a line of two counts; None finds it out. Only a file of one
        dimension with nothing but whole numbers can be taken for the other kind.
    mmap : leave the numbers in a file that is mapped into memory, and open that in milliseconds. It is the
        file itself for safetensors, whose numbers are then taken on trust; for other formats a copy in
        the folder `vectors` of the cache (`WORDLOOM_CACHE`), as large as the table, made the first time and
        whenever the file has changed. Warnings of duplicate words come when the copy is made.
    undecodable : what to do with words that are not UTF-8 or blank: "error"; "skip" leaves them out;
        "replace" puts U+FFFD for bytes that are not UTF-8 and for a blank word, and takes white space off a
        word's ends. The last two count such words in a warning that names the first one's line or row.

    Raises
    ------
    DataError : naming file and line (or row): not a number, NaN, wrong width, an empty word, not UTF-8,
        a header that does not fit, a file cut off, a format that is not known.
    UsageError : an unknown format or policy, a limit below 1, one string as `words`, mmap for a fastText
        model.
    """
    source = Path(path)
    if isinstance(words, str):
        raise UsageError(f"words must be a list of words, not one string; write [{words!r}].")
    if limit is not None and limit < 1:
        raise UsageError(f"limit, the number of rows to read, must be at least 1, not {limit}.")
    policy = checked_policy(undecodable)
    name = _checked_format(source, format)
    wanted = Wanted(None if words is None else frozenset(words), limit, header, policy)
    try:
        return _mapped(source, name, wanted) if mmap else codec_of(name).read(source, wanted)
    except MemoryError:
        raise DataError(
            f"{source}: there is no memory for its table. Read a part of it (limit=, words=), or leave it in "
            "the file (mmap=True)."
        ) from None


def _checked_format(source: Path, format: str | None) -> str:
    """The format of a file or folder that can be read in it; raises as `read` does."""
    name = _known(format, VECTOR_FORMATS) if format is not None else detect(source)
    row = VECTOR_FORMATS[name]
    if not source.is_dir():
        check_file(source)
        if not row.packs and packing(source):
            raise DataError(
                f"{source}: compressed; the format {name!r} needs the file as it is, so unpack it first."
            )
    elif not row.is_folder:
        raise DataError(f"{source}: a folder; a file of the format {name!r} expected.")
    return name


def _mapped(source: Path, name: str, wanted: Wanted) -> WordVectors:
    if VECTOR_FORMATS[name].has_subwords:
        raise UsageError(
            f"{source}: the subwords of a fastText model stay in its file anyway; leave out mmap."
        )
    codec = codec_of(name)
    if codec.open_mapped is not None:
        table = codec.open_mapped(source, wanted)
    else:
        whole = Wanted(header=wanted.header, undecodable=wanted.undecodable)
        how = f"{name} {wanted.header} {wanted.undecodable}"
        table = mapped_copy(source, how, lambda: codec.read(source, whole))
    return table if wanted.selects_all() else selected(table.words, table.vectors, source, wanted)


def write(
    vectors: WordVectors,
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    on_unwritable: OnUnwritable = "error",
) -> Written:
    """Write a file that reads back with the same words and the same bits; it appears whole or not at all.

    Parameters
    ----------
    format : one of `FORMATS`; None takes it from the name: `.txt` GloVe, `.vec` word2vec, `.bin`
        word2vec binary, or fastText's model for a table with subwords, `.safetensors`, no suffix the
        projector's folder; `.gz` after the first three compresses. Only "fasttext" keeps subwords; the
        others hold the words, and `Written.subwords_left_out` says so.
    on_unwritable : what to do with words that the format cannot hold (with a space or a line end, for
        example): "error"; "skip" leaves them out; "escape" writes each such character as its code
        (`\\x20`; an empty word as `<empty>`), which readers do not turn back. The last two warn.

    Raises
    ------
    DataError : a word that cannot be written (by default), an empty table.
    UsageError : an unknown format, a name that tells none, one that asks to compress what is not compressed,
        a word to escape in a table with subwords, which would be those of another word.
    """
    target = Path(path)
    if on_unwritable not in get_args(OnUnwritable):
        choices = get_args(OnUnwritable)
        raise UsageError(
            f"on_unwritable={on_unwritable!r} is unknown. {did_you_mean(on_unwritable, choices)}"
        )
    with_subwords = isinstance(vectors, SubwordVectors)
    chosen = VECTOR_FORMATS[format_of(target, format, with_subwords)]
    codec = codec_of(chosen.name)
    assert codec.write is not None, chosen
    reasons = {word: why for word in vectors.words if (why := _reason(codec, word))}
    writable, left_out, escaped = _made_writable(vectors, chosen, reasons, on_unwritable)
    if len(writable) == 0:
        raise DataError(f"{target}: there are no words to write.")
    codec.write(writable, target)
    lost = with_subwords and not chosen.has_subwords
    return Written(target, chosen.name, len(writable), writable.dimensions, left_out, escaped, lost)


def format_of(path: str | os.PathLike[str], format: str | None = None, with_subwords: bool = False) -> str:
    """The format in which `write` would write this file; raises the UsageErrors that it would raise.

    with_subwords : whether the table has them, which decides what `.bin` means
    """
    target = Path(path)
    name = _known(format, FORMATS) if format is not None else format_of_name(target, with_subwords)
    row = VECTOR_FORMATS[name]
    if target.is_dir() and not row.is_folder:
        raise UsageError(f"{target}: a folder; name a file for the format {name!r}.")
    if not row.packs and target.suffix.lower() == ".gz":
        raise UsageError(f"{target}: files of the format {name!r} are not compressed; leave out .gz.")
    return name


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    source_format: str | None = None,
    target_format: str | None = None,
    *,
    on_unwritable: OnUnwritable = "error",
) -> Written:
    """Read a file of word vectors and write it in another format; see `read` and `write`.

    All words and bits are kept, unless `on_unwritable` says otherwise; a fastText model's subwords only in
    that format. Raises as the two do.
    """
    format_of(target, target_format)  # before a long reading
    return write(read(source, source_format), target, target_format, on_unwritable=on_unwritable)


def _known(format: str, formats: Iterable[str]) -> str:
    if format not in formats:
        raise UsageError(f"Unknown format {format!r}. {did_you_mean(format, formats)}")
    return format


def _reason(codec: Codec, word: str) -> str | None:
    try:
        word.encode()
    except UnicodeEncodeError:
        return "it holds half of a surrogate pair, which UTF-8 cannot express"
    return codec.unwritable(word)


def _made_writable(
    vectors: WordVectors, format: VectorFormat, reasons: dict[str, str], on_unwritable: OnUnwritable
) -> tuple[WordVectors, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The table with every word writable, what was left out and what was escaped."""
    if not reasons:
        return vectors, (), ()
    word, why = next(iter(reasons.items()))
    count = f"{len(reasons):,} words" if len(reasons) > 1 else "a word"
    problem = f"The format {format.name!r} cannot hold {count}, the first is {word!r:.60}: {why}."
    if on_unwritable == "error":
        raise DataError(
            f"{problem} Say on_unwritable='skip' (--on-unwritable skip) to leave such words out, 'escape' to "
            "write the characters as their codes, or take the format 'safetensors', which holds any word."
        )
    if on_unwritable == "skip":
        warn(f"{problem} {count.capitalize()} left out.")
        kept = vectors.keeping if isinstance(vectors, SubwordVectors) else vectors.subset
        return kept(word for word in vectors.words if word not in reasons), tuple(reasons), ()
    if isinstance(vectors, SubwordVectors) and format.has_subwords:
        raise UsageError(
            f"{problem} Codes would be the subwords of other words; leave such words out instead."
        )
    warn(f"{problem} Characters written as their codes.")
    codec = codec_of(format.name)
    names = {word: _escaped(word, codec) for word in reasons}
    renamed = WordVectors(
        [names.get(word, word) for word in vectors.words],
        vectors.vectors,
        vectors.name,
        {names.get(word, word) for word in vectors.special},
    )
    return renamed, (), tuple(names.items())


def _escaped(word: str, codec: Codec) -> str:
    """The word with the characters that the format refuses as their codes, `\\x20` for a space.

    A word that is refused as a whole (blank, or for how it begins) gets the codes of all its characters.
    """
    inside = "".join(_code(char) if _reason(codec, f"a{char}a") else char for char in word)
    if _reason(codec, inside):
        return "".join(map(_code, word)) or "<empty>"
    return inside


def _code(char: str) -> str:
    return char.encode("unicode_escape").decode() if ord(char) > 126 else f"\\x{ord(char):02x}"
