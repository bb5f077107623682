"""Bytes to text: strict decoding, line by line or whole, with the place of the first bad byte.

Lines end at LF or CR LF and nowhere else: U+0085 and U+2028 stay inside a line, which `str.splitlines`
would break. A byte order mark is dropped.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import AnyStr

from wordloom.compression import read_errors
from wordloom.errors import DataError
from wordloom.readers.source import ReadOptions, Source

LONGEST_TEXT = 1 << 28
"""Bytes (characters, of UTF-16 and the like) that a line, or a file that is one text, may have."""


def source_lines(source: Source, options: ReadOptions, keep_ends: bool = False) -> Generator[str]:
    """The lines of a source, one at a time.

    With `keep_ends` each line keeps its LF or CR LF, as the csv module wants it. Raises DataError with file,
    line and byte offset for bytes that are not valid in the encoding, for NUL and for a line without end.
    """
    encoding = _encoding_of(options)
    with source.open() as stream:
        if _is_ascii_compatible(encoding):
            lines = _decoded_lines(stream, source.name, encoding)
        else:
            lines = _wide_lines(stream, source.name, encoding)
        for number, line in enumerate(lines, start=1):
            if "\0" in line:
                raise DataError(
                    f"{source.name}, line {number}: holds a NUL character. Is this a text file? If it is "
                    "UTF-16, give encoding='utf-16' (--encoding utf-16); otherwise remove the character."
                )
            yield line if keep_ends else _without_end(line)


def decoded(data: bytes, name: str, options: ReadOptions) -> str:
    """`data` as one string; DataError as in `source_lines`."""
    encoding = _encoding_of(options)
    body = data.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8" else data
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        start = error.start + len(data) - len(body)
        raise _bad_byte(name, data.count(b"\n", 0, start) + 1, start, data[start], encoding) from None
    except UnicodeError as error:
        raise _undecodable(name, encoding, error) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{name}, line {line}: holds a NUL character. Is this a text file? "
            "Remove the character or the file."
        )
    return text


def decoded_file(path: Path, options: ReadOptions) -> str:
    """A file that is one text; DataError as in `source_lines`, and for one too long to be a text."""
    with read_errors(str(path)), open(path, "rb") as stream:
        data = stream.read(LONGEST_TEXT + 1)
    return decoded(checked_length(data, str(path)), str(path), options)


def checked_length(data: bytes, name: str) -> bytes:
    """`data`; DataError where it is more than a text can be."""
    if len(data) > LONGEST_TEXT:
        raise DataError(f"{name}: is longer than {LONGEST_TEXT >> 20} MiB. Is this one text?")
    return data


def _decoded_lines(stream: io.BufferedReader, name: str, encoding: str) -> Iterator[str]:
    offset = 0
    for number, raw in enumerate(_bounded(stream.readline, name), start=1):
        data = raw.removeprefix(codecs.BOM_UTF8) if number == 1 and encoding == "utf-8" else raw
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError as error:
            start = error.start + len(raw) - len(data)
            raise _bad_byte(name, number, offset + start, raw[start], encoding) from None
        offset += len(raw)


def _wide_lines(stream: io.BufferedReader, name: str, encoding: str) -> Iterator[str]:
    """Lines of an encoding such as UTF-16, in which LF is not the one byte 0x0A."""
    wrapped = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="\n")
    try:
        yield from _bounded(wrapped.readline, name)
    except UnicodeError as error:
        raise _undecodable(name, encoding, error) from None
    finally:
        wrapped.detach()


def _bounded(readline: Callable[[int], AnyStr], name: str) -> Iterator[AnyStr]:
    """Every line; DataError for one of more than `LONGEST_TEXT`, so that no line fills the memory."""
    number = 0
    while line := readline(LONGEST_TEXT):
        number += 1
        if len(line) == LONGEST_TEXT:
            raise DataError(
                f"{name}, line {number}: has no end within {LONGEST_TEXT >> 20} MiB. Is this a text file?"
            )
        yield line


def _without_end(line: str) -> str:
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith("\n") else line


def _bad_byte(name: str, line: int, offset: int, byte: int, encoding: str) -> DataError:
    shown = encoding.upper()
    other = "the encoding it was written in"
    if encoding == "utf-8":
        other = "its encoding, for example encoding='latin-1' (--encoding latin-1)"
    if offset == 0 and byte in (0xFE, 0xFF):
        other = "encoding='utf-16' (--encoding utf-16)"
    return DataError(
        f"{name}, line {line}: the byte 0x{byte:02x} at offset {offset:,} is not valid {shown}. "
        f"If the file is not {shown}, give {other}."
    )


def _undecodable(name: str, encoding: str, error: UnicodeError) -> DataError:
    return DataError(f"{name}: is not valid {encoding} ({error}). Give the encoding it was written in.")


def _encoding_of(options: ReadOptions) -> str:
    name = codecs.lookup(options.encoding or "utf-8").name
    return "utf-8" if name == "utf-8-sig" else name  # the mark is dropped in any case


def _is_ascii_compatible(encoding: str) -> bool:
    return "\n".encode(encoding) == b"\n"
