"""A fitted Tokenizer from what was saved of it: the JSON of `to_json`, or a pickle as it lies beside models.

A pickle is read by a restricted unpickler that knows Keras' Tokenizer under its old modules' names and plain
containers; nothing in it is executed.
"""

from __future__ import annotations

import io
import json
import os
import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from wordloom.errors import DataError
from wordloom.keras_compat.hashed_words import described
from wordloom.keras_compat.tokenizer import TABLES, Tokenizer
from wordloom.readers.restricted_pickle import DAMAGED, Known, RestrictedUnpickler, check_operations

_MODULES = (
    "keras_preprocessing.text",
    "keras.preprocessing.text",
    "keras.src.preprocessing.text",
    "keras.src.legacy.preprocessing.text",
    "tf_keras.preprocessing.text",
    "tf_keras.src.preprocessing.text",
    "tensorflow.python.keras.preprocessing.text",
    "tensorflow.python.keras._impl.keras.preprocessing.text",
    Tokenizer.__module__,
)
_PARAMETERS = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
_SCALARS = (str, int, float, bool, type(None))
_WAY_OUT = "Where it was made, save tokenizer.to_json() and read that with tokenizer_from_json."


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The Tokenizer of `to_json`, of Keras' too. Raises DataError for anything else."""
    try:
        config = dict(json.loads(json_string)["config"])
        tables = {name: json.loads(config.pop(name)) for name in TABLES}
        for name in ("index_docs", "index_word"):  # JSON knows strings only as keys
            tables[name] = {int(id_): value for id_, value in tables[name].items()}
        return _restored(config, tables)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"This is not the JSON of a Keras Tokenizer ({type(error).__name__}: {error}). "
            "tokenizer_from_json takes the string that to_json gave. For a file, hand over what it holds."
        ) from None


def tokenizer_from_pickle(source: str | os.PathLike[str] | bytes | IO[bytes]) -> Tokenizer:
    """The Tokenizer in a pickle of any protocol, as Keras 1 to 3 and `tensorflow.keras` have made them.

    Raises DataError for a file that is not there or damaged, for a pickle of something else, and for one
    that asks for anything but the Tokenizer and plain containers; the name it asks for is said.

    Parameters
    ----------
    source : a path, the bytes, or a file opened with "rb", as `pickle.load` takes it
    """
    name, pickled = _read(source)
    try:
        check_operations(pickled)
        found = RestrictedUnpickler(io.BytesIO(pickled), _KNOWN, encoding="utf-8").load()
    except pickle.UnpicklingError as error:
        raise DataError(f"{name} is refused: {error} {_WAY_OUT}") from None
    except DAMAGED as error:
        raise DataError(f"{name} is not a whole pickle ({error}). Copy it again. {_WAY_OUT}") from None
    if not isinstance(found, _PickledTokenizer):
        kind = getattr(found, "__name__", type(found).__name__)
        raise DataError(f"{name} holds no Keras Tokenizer but a value of the type {kind}. {_WAY_OUT}")
    return _checked(found.state, name)


class _PickledTokenizer:
    """Stands for a Tokenizer while unpickling: keeps its attributes and does nothing with them."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


def _reconstructed(class_: Any, *_: Any) -> _PickledTokenizer:
    """`copyreg._reconstructor`, by which the protocols 0 and 1 make an object."""
    if class_ is not _PickledTokenizer:
        raise pickle.UnpicklingError("its pickle makes an object of something else than a Tokenizer.")
    return _PickledTokenizer()


def _counting(*factory: Any) -> dict[Any, Any]:
    """`defaultdict(int)`."""
    if factory != (_count,):
        raise pickle.UnpicklingError("its pickle holds a defaultdict of something else than int.")
    return {}


def _ordered(*items: Any) -> dict[Any, Any]:
    """`OrderedDict`; Python 2 hands it its items."""
    return dict(*items)


def _a_set(*items: Any) -> set[Any]:
    """`set`, which protocols below 4 make from a list."""
    return set(*items)


def _count() -> int:
    """`int`, by name only."""
    return 0


_KNOWN = Known(
    {
        **{(module, "Tokenizer"): _PickledTokenizer for module in _MODULES},
        ("collections", "OrderedDict"): _ordered,
        ("collections", "defaultdict"): _counting,
        **{("copyreg" if new else "copy_reg", "_reconstructor"): _reconstructed for new in (True, False)},
        **{(module, "object"): object for module in ("builtins", "__builtin__")},
        ("builtins", "int"): _count,
        **{("__builtin__", name): _count for name in ("int", "long")},  # in pickles that Python 2 can read
        **{(module, "set"): _a_set for module in ("builtins", "__builtin__")},
    },
    reads="a Keras Tokenizer and plain containers",
)


def _read(source: Any) -> tuple[str, bytes]:
    """What messages call the pickle, and its bytes."""
    if isinstance(source, bytes):
        return "This pickle", source
    if hasattr(source, "read"):
        pickled = source.read()
        if not isinstance(pickled, bytes):
            raise DataError('tokenizer_from_pickle: open the file with "rb"; a pickle is not text.')
        return str(getattr(source, "name", "This pickle")), pickled
    if not isinstance(source, str | os.PathLike):
        raise DataError(f"tokenizer_from_pickle: a path or a file expected, found {described(source)}.")
    path = Path(source)
    try:
        if path.exists() and not path.is_file():
            raise DataError(f"{path}: is not a regular file.")
        return str(path), path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None


def _checked(state: Any, name: str) -> Tokenizer:
    """The Tokenizer of the pickled attributes. Keras before 2.2.3 had no `index_word`, Keras 1 less still."""
    wrong = None if isinstance(state, dict) and "word_index" in state else "word_index"
    if wrong is None:
        wrong = next((str(key) for key, value in state.items() if not _is_plausible(key, value)), None)
    if wrong is not None:
        raise DataError(f"{name}: its Tokenizer has no usable attribute {wrong!r:.60}. {_WAY_OUT}")
    tables = {table: state.get(table, {}) for table in TABLES}
    if "index_word" not in state:
        tables["index_word"] = {id_: word for word, id_ in tables["word_index"].items()}
    parameters = {key: state[key] for key in _PARAMETERS if key in state}
    restored = _restored(parameters, tables)
    for key in state.keys() - {*_PARAMETERS, *TABLES}:  # a notebook's own, such as tokenizer.maxlen
        setattr(restored, key, state[key])
    return restored


def _is_plausible(key: Any, value: Any) -> bool:
    """Whether a pickled attribute has a name and a value that a Tokenizer's has."""
    if key in TABLES:
        keys, values = ((int,), _SCALARS) if key == "index_word" else (_SCALARS, (int,))
        return isinstance(value, dict) and _are(value, keys) and _are(value.values(), values)
    if key in ("num_words", "document_count"):
        return isinstance(value, int | float | None)
    if key == "filters":
        return isinstance(value, str) or (isinstance(value, list | tuple | set) and _are(value, (str,)))
    if key in ("split", "oov_token"):
        return isinstance(value, str) or (value is None and key == "oov_token")
    if key == "analyzer":
        return value is None
    return isinstance(key, str) and not hasattr(Tokenizer, key) and _is_plain(value)


def _are(values: Any, types: tuple[type, ...]) -> bool:
    return set(map(type, values)) <= set(types)


def _is_plain(value: Any) -> bool:
    """Whether a value is a scalar or a container of scalars."""
    if isinstance(value, dict):
        return _are(value, _SCALARS) and _are(value.values(), _SCALARS)
    return isinstance(value, _SCALARS) or (isinstance(value, list | tuple | set) and _are(value, _SCALARS))


def _restored(parameters: Mapping[str, Any], tables: Mapping[str, Any]) -> Tokenizer:
    restored = Tokenizer(**parameters)
    restored.word_counts = OrderedDict(tables["word_counts"])
    restored.word_docs = defaultdict(int, tables["word_docs"])
    restored.index_docs = defaultdict(int, tables["index_docs"])
    restored.index_word, restored.word_index = tables["index_word"], dict(tables["word_index"])
    return restored
