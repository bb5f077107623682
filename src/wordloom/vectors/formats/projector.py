"""Embedding Projector: a folder with `vectors.tsv`, `metadata.tsv` and `projector_config.pbtxt`.

The two tables load on projector.tensorflow.org; the third file lets `tensorboard --logdir FOLDER` find
them. The projector skips blank lines, in the metadata too, which would shift every later word by a row:
so blank words are refused. One column of metadata has no header; with several columns the first line is
one (rules read from TensorBoard's data-provider.ts).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wordloom.atomic import replacing_files
from wordloom.errors import DataError, UsageError
from wordloom.vectors.formats import text_lines
from wordloom.vectors.formats.byte_streams import first_bytes, numbered_lines
from wordloom.vectors.formats.codec import Codec, Sample
from wordloom.vectors.formats.table_builder import Wanted, selected
from wordloom.vectors.formats.word_decoder import WordDecoder
from wordloom.vectors.word_vectors import WordVectors

VECTORS, METADATA, CONFIG = "vectors.tsv", "metadata.tsv", "projector_config.pbtxt"
_WORD_COLUMNS = ("word", "words", "label", "token", "name")
_ROWS_IN_BLOCK = 1024
_CONFIG_BYTES = 1 << 16
_REFUSED = re.compile(r"[\t\n\v\f\r\x00]")
# What JavaScript's `trim` takes off, which decides whether a line is blank: with the byte-order mark,
# without U+0085, unlike Python's `strip`.
_BLANK = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def _unwritable(word: str) -> str | None:
    """Why the metadata cannot hold the word, as the end of a sentence; None if they can."""
    if not word.strip(_BLANK):
        return "it is empty or blank"
    if found := _REFUSED.search(word):
        return f"it holds {found[0]!r}"
    return "it begins with a byte-order mark" if word[0] == "\ufeff" else None


def _write(vectors: WordVectors, path: Path) -> None:
    """The three files in the folder `path`; other files in it stay."""
    if path.is_file() or path.suffix in (".tsv", ".gz", ".pbtxt"):
        raise UsageError(f"{path}: the projector's format is three files; name a folder for them.")
    if vectors.dimensions < 2:
        raise DataError(f"{vectors.name or 'vectors'}: the projector needs at least 2 dimensions.")
    with replacing_files(path, (VECTORS, METADATA, CONFIG)) as (table, words, config):
        with open(table, "wb") as stream:
            for start in range(0, len(vectors), _ROWS_IN_BLOCK):
                rows = text_lines.shortest(vectors.vectors[start : start + _ROWS_IN_BLOCK])
                stream.writelines(b"\t".join(row) + b"\n" for row in rows)
        words.write_bytes("".join(f"{word}\n" for word in vectors.words).encode())
        config.write_text(
            f'embeddings {{\n  tensor_path: "{VECTORS}"\n  metadata_path: "{METADATA}"\n}}\n',
            encoding="utf-8",
        )


def _read(path: Path, wanted: Wanted) -> WordVectors:
    """The table of a folder, its config file or its file of vectors."""
    vectors_file, metadata_file = _files(path)
    decoder = wanted.decoder(vectors_file if metadata_file is None else metadata_file)
    # labels that stand beside the numbers of a file with metadata are not used
    labels, rows = _read_vectors(vectors_file, decoder if metadata_file is None else None)
    if metadata_file is not None:
        words = _read_words(metadata_file, len(rows), decoder)
        if len(words) != len(rows):
            raise DataError(
                f"{metadata_file}: {len(words):,} words, but {vectors_file.name} has {len(rows):,} rows; "
                "the two files do not belong together."
            )
    elif labels:
        words = labels
    else:
        raise DataError(f"{vectors_file}: there is no {METADATA} beside it, so the rows have no words.")
    decoder.finish()
    return selected(words, rows, path, wanted)


def _files(path: Path) -> tuple[Path, Path | None]:
    """The file of vectors and the one of words, if there is one."""
    folder = path if path.is_dir() else path.parent
    config = path if path.suffix == ".pbtxt" else folder / CONFIG
    named: dict[str, str] = {}
    if config.is_file():
        text = first_bytes(config, _CONFIG_BYTES).decode("utf-8", "replace")
        named = dict(re.findall(r'(tensor_path|metadata_path)\s*:\s*["\']([^"\']+)["\']', text))
    own = path.is_file() and path != config
    vectors_file = path if own else folder / named.get("tensor_path", VECTORS)
    if not vectors_file.is_file():
        raise DataError(f"{vectors_file}: no such file; the projector's vectors should be there.")
    follows = not own or named.get("tensor_path") == path.name
    metadata_file = folder / (named.get("metadata_path", METADATA) if follows else METADATA)
    return vectors_file, metadata_file if metadata_file.is_file() else None


def _read_vectors(
    path: Path, decoder: WordDecoder | None
) -> tuple[list[str | None], npt.NDArray[np.float32]]:
    """Labels (empty if rows begin with a number; None for one to be left out) and float32 (V, D)."""
    labels: list[str | None] = []
    rows: list[npt.NDArray[np.float32]] = []
    width = 0
    for number, line in numbered_lines(path):
        place = f"{path}, line {number:,}"
        fields = line.strip().split(b"\t")
        if fields == [b""]:
            continue
        labelled = bool(labels) if rows else not text_lines.is_decimal(fields[0])
        if labelled:
            blank = bool(rows) and line.startswith(b"\t") and len(fields) == width
            label, wrong = (b"", "no word before the numbers") if blank else (fields.pop(0), "")
            labels.append(decoder.decoded(label, number, wrong) if decoder else "")
        width = width or len(fields)
        if len(fields) != width or width < 2:
            raise DataError(
                f"{place}: {len(fields):,} numbers, expected {max(width, 2):,} (tabs between them)."
            )
        row = text_lines.parse(fields)
        if row is None:
            wrong = next(filter(None, map(text_lines.what_is_wrong, fields)))
            raise DataError(f"{place}: {wrong}. Mend the line.")
        rows.append(row)
    if not rows:
        raise DataError(f"{path}: no vectors in the file.")
    return labels, np.stack(rows)


def _read_words(path: Path, rows: int, decoder: WordDecoder) -> list[str | None]:
    """The words of the metadata: the only column, or the one with a usual name, or the first.

    None stands for a word that is to be left out. The projector skips blank lines; if there is one for every
    word that is missing beside so many `rows`, it is a word that the decoder may settle.
    """
    lines = [(number, line.rstrip(b"\r\n")) for number, line in numbered_lines(path)]
    filled = [(number, line) for number, line in lines if not _is_blank(line)]
    column, columns = 0, 1
    if filled and b"\t" in filled[0][1]:
        names = filled[0][1].decode("utf-8", "replace").lower().split("\t")
        column = next((names.index(name) for name in _WORD_COLUMNS if name in names), 0)
        lines, filled, columns = lines[lines.index(filled[0]) + 1 :], filled[1:], len(names)
    with_blanks = decoder.policy != "error" and len(filled) < rows == len(lines)
    words: list[str | None] = []
    for number, line in lines if with_blanks else filled:
        cells = line.split(b"\t")
        if columns > 1 and len(cells) != columns and not _is_blank(line):
            raise DataError(f"{path}, line {number:,}: {len(cells)} columns, the header has {columns}.")
        wrong = "a blank line instead of a word" if _is_blank(line) else ""
        words.append(decoder.decoded(b"" if wrong else cells[column], number, wrong))
    return words


def _is_blank(line: bytes) -> bool:
    return not line.decode("utf-8", "replace").strip(_BLANK)


def _holds(sample: Sample) -> bool:
    """The config file, or tab-separated numbers, a label before them or not."""
    fields = sample.first_line.strip().split(b"\t")
    is_line = len(fields) > 1 and all(map(text_lines.is_decimal, fields[1:]))
    return sample.path.name.endswith(".pbtxt") or is_line


def _holds_folder(path: Path) -> bool:
    return (path / CONFIG).is_file() or (path / VECTORS).is_file()


PROJECTOR = Codec(_read, _holds, _write, _unwritable, _holds_folder)
