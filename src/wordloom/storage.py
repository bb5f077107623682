"""A model folder on disk: config.json, vocabulary.txt, weights.safetensors; written whole or not at all.

Beside them lies a card for people, README.md, which is not read (see `wordloom.model_card`).

`config.json` holds the format's number first, the hash of its own values, and size and SHA-256 of the
other two files, so that a missing, truncated or altered file is noticed before anything is used.
`vocabulary.txt` has one word a line in the order of their ranks, UTF-8, with backslash escapes (see
`escaped`). Loading runs no code: JSON, text and safetensors only. What the values mean is the business of
`text_model`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom import __version__
from wordloom.atomic import previous_of, replacing_folder
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.memory import check_fits
from wordloom.plain_values import check_levels, from_plain
from wordloom.tensor_file import reading_tensors

FORMAT = 6
"""The highest number that is read. A folder with several poolings side by side is written as 6; one with
hashed n-grams as 5; one of several labels or of grades as 4; one with n-grams of characters as 3; one with
what 1 does not have either, n-grams in compact form and words without counts, as 2; all others as 1."""
CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.txt", "weights.safetensors"
CARD = "README.md"
"""For people; it is not read."""
CARD_MARK = (
    "<!-- Written by wordloom with the model, and again with the next one; without this line it is kept. -->"
)
"""The line of a card that may be replaced by the next one's."""

_MOST_BYTES = {CONFIG: 1 << 26, VOCABULARY: 1 << 30}
"""More than these two can have; weights may have as much as memory holds."""
_WAY_OUT = "Restore a copy of the model, or train it again."
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_ESCAPED = re.compile(r"\\(\\|n|r|u[0-9a-f]{4})")


@dataclass(frozen=True)
class StoredModel:
    """What a model folder holds: plain values, the W words, and named arrays; and its format's number.

    The card is written if the folder has no more than `most_bytes` with it.
    """

    config: Mapping[str, Any]
    words: Sequence[str]
    arrays: Mapping[str, NDArray[Any]]
    format: int = 1
    card: str = ""
    most_bytes: int | None = None


def save(stored: StoredModel, path: str | os.PathLike[str]) -> None:
    """Write a model folder; a model that is there already is replaced, other files in it are kept.

    Raises
    ------
    UsageError : `path` is a file, the current folder, or a folder that is not a model
    DataError : the disk is full or may not be written to; what was there before is untouched
    """
    import shutil

    target = Path(path).resolve()
    try:
        others = _files_to_keep(target)
        with replacing_folder(target) as folder:
            _write(stored, folder)
            for other in others:
                copy = shutil.copytree if other.is_dir() else shutil.copy2
                copy(other, folder / other.name)
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise DataError(
            f"The model could not be saved to {os.fspath(path)}: {reason}. What was there before is "
            "untouched; free some space or choose another folder."
        ) from error


def warn_above(path: str | os.PathLike[str], most_bytes: int | None) -> None:
    """Warn if a model folder has more bytes than a limit; None is no limit."""
    found = sum((Path(path) / name).stat().st_size for name in (CONFIG, VOCABULARY, WEIGHTS))
    if most_bytes is not None and found > most_bytes:
        warnings.warn(
            f"{os.fspath(path)} has {found:,} bytes, more than max_size, {most_bytes:,}: {CONFIG} takes more "
            "than there was room left for. Train again with a smaller max_size.",
            WordloomWarning,
            stacklevel=3,
        )


def check_target(path: str | os.PathLike[str]) -> None:
    """Raise the UsageError that `save` would raise for this path: to be asked before a long training."""
    _files_to_keep(Path(path).resolve())


def _write(stored: StoredModel, folder: Path) -> None:
    from safetensors.numpy import save as as_safetensors

    (folder / VOCABULARY).write_bytes("".join(f"{escaped(word)}\n" for word in stored.words).encode())
    arrays = {name: np.ascontiguousarray(array) for name, array in stored.arrays.items()}
    (folder / WEIGHTS).write_bytes(as_safetensors(arrays))  # its own writer hides that the disk is full
    files = {name: asdict(_seal(folder / name)) for name in (VOCABULARY, WEIGHTS)}
    head = {"format": stored.format, "sha256": "", "wordloom": __version__, "files": files}
    config: dict[str, Any] = {**head, **stored.config, **head}  # ours first, and not those of a loaded config
    config["sha256"] = _config_hash(config)
    text = json.dumps(config, ensure_ascii=True, indent=1)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
    card = stored.card.encode()
    taken = sum(file.stat().st_size for file in folder.iterdir())
    if card and (stored.most_bytes is None or taken + len(card) <= stored.most_bytes):
        (folder / CARD).write_bytes(card)


def _files_to_keep(target: Path) -> list[Path]:
    """What else is in the folder that will be replaced; refuses a folder that is not a model."""
    if target == Path.cwd() or target in Path.cwd().parents:
        raise UsageError(f"{target} is the current folder or one above it; name a new folder for the model.")
    if not target.exists():
        interrupted = previous_of(target)  # the old model, if a kill kept a new one from taking its place
        return _others_in(interrupted) if interrupted.is_dir() else []
    if not target.is_dir():
        raise UsageError(f"{target} is a file; a model is a folder. Choose another name.")
    if any(target.iterdir()) and not _is_model(target):
        raise UsageError(
            f"{target} is a folder with other files in it and not a wordloom model, so it is not replaced. "
            "Choose another name."
        )
    return _others_in(target)


def _is_model(folder: Path) -> bool:
    """Whether a folder was written by `save`, be it damaged; others have a config.json too."""
    if not (folder / CONFIG).exists():
        return False
    try:
        check_fits(folder / CONFIG, _MOST_BYTES[CONFIG])
        config = _json_of(folder / CONFIG)
    except (ValueError, RecursionError):
        return (folder / VOCABULARY).exists() and (folder / WEIGHTS).exists()
    return isinstance(config, dict) and {"format", "wordloom"} <= config.keys()


def _others_in(folder: Path) -> list[Path]:
    """All but the model's own; a card that somebody has made theirs is kept too."""
    ours = (CONFIG, VOCABULARY, WEIGHTS, *([CARD] if _is_our_card(folder / CARD) else []))
    return [entry for entry in folder.iterdir() if entry.name not in ours]


def _is_our_card(file: Path) -> bool:
    return file.is_file() and CARD_MARK.encode() in file.read_bytes()


def load(path: str | os.PathLike[str]) -> StoredModel:
    """Read a model folder.

    Raises DataError for a path that is no model, a newer format, and a file that is missing, truncated,
    altered, larger than memory or no ordinary file; the message names the file.
    """
    folder = _folder(Path(path))
    config = _config(folder)
    for name in (VOCABULARY, WEIGHTS):
        _check_seal(folder / name, from_plain(_Seal, config["files"].get(name), f"files.{name}"))
    with reading_tensors(folder / WEIGHTS) as container:
        arrays = container.arrays()
    return StoredModel(config, _words(folder / VOCABULARY), arrays, config["format"])


def read_config(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The config of a model folder, without its words and weights; `sha256` names their content too.

    Raises DataError as `load` does, but looks at no other file.
    """
    return _config(_folder(Path(path)))


def _words(file: Path) -> list[str]:
    try:
        lines = file.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(f"{file}, line {line:,}: a word is not UTF-8 ({error.reason}). {_WAY_OUT}") from None
    if lines.pop():
        raise DataError(f"{file} does not end with a whole line. {_WAY_OUT}")
    return [unescaped(line) for line in lines]


def _folder(path: Path) -> Path:
    if (path / CONFIG).exists():
        return path
    previous = previous_of(path.resolve())
    if not path.exists() and (previous / CONFIG).exists():
        warnings.warn(
            f"{path} is missing: saving a new model there was interrupted. The old model, kept as "
            f"{previous}, is loaded instead.",
            WordloomWarning,
            stacklevel=4,
        )
        return previous
    if not path.exists():
        raise DataError(
            f"There is no model folder {path}. Name one that was saved; 'wordloom train SOURCE --out FOLDER' "
            "makes one."
        )
    if path.is_dir():
        raise DataError(f"{path} is not a wordloom model: it has no {CONFIG}.")
    raise DataError(f"{path} is a file; a wordloom model is a folder with a {CONFIG}.")


def _config(folder: Path) -> dict[str, Any]:
    file = folder / CONFIG
    check_fits(file, _MOST_BYTES[CONFIG])  # says what the file is, so it is not told as damage
    try:
        config = _json_of(file)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is damaged ({error}). {_WAY_OUT}") from error
    number = config.get("format") if isinstance(config, dict) else None
    if type(number) is not int or number < 1:
        raise DataError(f"{file} is not the config of a wordloom model: it names no format.")
    if number > FORMAT:
        raise DataError(
            f"{folder} was written in format {number} by wordloom {config.get('wordloom', '(unknown)')}; "
            f"this is wordloom {__version__}, which reads formats up to {FORMAT}. Upgrade it to load this."
        )
    if config.get("sha256") != _config_hash(config):
        raise DataError(
            f"{file} was altered: its content does not have the SHA-256 that it names. {_WAY_OUT}"
        )
    if not isinstance(config.get("files"), dict):
        raise DataError(f"{file}: the entry 'files' must be an object.")
    return dict(config)


def _json_of(file: Path) -> Any:
    """What a config that fits into memory holds. Raises ValueError or RecursionError for a damaged one."""
    values = json.loads(file.read_bytes())
    check_levels(values)
    return values


def _config_hash(config: Mapping[str, Any]) -> str:
    """SHA-256 of a config's values as JSON holds them, without the hash itself."""
    values = json.loads(json.dumps({key: value for key, value in config.items() if key != "sha256"}))
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class _Seal:
    """Size and SHA-256 of a file, as `config.json` names them."""

    bytes: int
    sha256: str


def _seal(file: Path) -> _Seal:
    with open(file, "rb") as stream:
        return _Seal(file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def _check_seal(file: Path, expected: _Seal) -> None:
    """DataError for a file that is not the one that was saved; the size is looked at before it is read."""
    if not file.exists():
        raise DataError(f"{file} is missing: the model folder is not complete. {_WAY_OUT}")
    check_fits(file, _MOST_BYTES.get(file.name))
    size = file.stat().st_size
    if size != expected.bytes:
        state = "truncated" if size < expected.bytes else "altered"
        raise DataError(
            f"{file} is {state}: it has {size:,} bytes, {CONFIG} says {expected.bytes:,}. {_WAY_OUT}"
        )
    if _seal(file) != expected:
        raise DataError(f"{file} was altered: its SHA-256 is not that in {CONFIG}. {_WAY_OUT}")


def escaped(word: str) -> str:
    """A word on one line: backslash, line feed, carriage return and lone surrogates as escapes."""
    if "\\" in word or "\n" in word or "\r" in word:
        word = "".join(_ESCAPES.get(c, c) for c in word)
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in word)


def unescaped(line: str) -> str:
    """The inverse of `escaped`."""
    if "\\" not in line:
        return line
    plain = {"\\": "\\", "n": "\n", "r": "\r"}
    return _ESCAPED.sub(lambda m: plain[m[1]] if len(m[1]) == 1 else chr(int(m[1][1:], 16)), line)
