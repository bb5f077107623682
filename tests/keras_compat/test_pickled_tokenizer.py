"""A Tokenizer as it lies pickled beside models: read under Keras' old names, and nothing else in it."""

from __future__ import annotations

import io
import os
import pickle
import struct
import sys
import types
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from wordloom.errors import DataError
from wordloom.keras_compat import Tokenizer, text, tokenizer_from_pickle

TEXTS = ["the cat sat", "the dog sat on the mat \U0001f600"]
TABLES = ("word_index", "index_word", "word_counts", "word_docs", "index_docs")
MODULES = [
    "keras_preprocessing.text",
    "keras.preprocessing.text",
    "keras.src.preprocessing.text",
    "keras.src.legacy.preprocessing.text",
    "tensorflow.python.keras.preprocessing.text",
    "wordloom.keras_compat.tokenizer",
]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def fitted(**options: Any) -> Tokenizer:
    tokenizer = Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def pickled(attributes: dict[str, Any], protocol: int = 4, module: str = MODULES[0]) -> bytes:
    """As Python pickles an object of Keras' class with these attributes."""
    theirs = types.ModuleType(module)
    theirs.Tokenizer = type("Tokenizer", (), {"__module__": module})  # type: ignore[attr-defined]
    tokenizer = theirs.Tokenizer()
    vars(tokenizer).update(attributes)
    packages = [module.rsplit(".", dots)[0] for dots in range(1, module.count(".") + 1)]
    absent = {name: types.ModuleType(name) for name in packages if name not in sys.modules}
    with mock.patch.dict(sys.modules, absent | {module: theirs}):
        return pickle.dumps(tokenizer, protocol)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickled_tokenizer_answers_as_before_it_was_pickled(module, protocol) -> None:
    before = fitted(num_words=6, oov_token="?")
    after = tokenizer_from_pickle(pickled(vars(before), protocol, module))
    assert vars(after) == vars(before)
    assert type(after.word_counts) is OrderedDict
    assert type(after.word_docs) is type(after.index_docs) is defaultdict
    assert after.texts_to_sequences(["the zebra sat"]) == before.texts_to_sequences(["the zebra sat"])
    after.fit_on_texts(["a new text"])
    assert after.document_count == 3


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_keras_own_tokenizer_pickled_beside_a_model(keras_text, tmp_path, protocol) -> None:
    theirs = keras_text.Tokenizer(num_words=5, oov_token="<OOV>")
    theirs.fit_on_texts(TEXTS)
    path = tmp_path / "tokenizer.pickle"
    path.write_bytes(pickle.dumps(theirs, protocol))
    for ours in (tokenizer_from_pickle(path), tokenizer_from_pickle(str(path))):
        assert ours.texts_to_sequences(TEXTS) == theirs.texts_to_sequences(TEXTS)
        assert ours.to_json() == theirs.to_json()


def test_a_file_opened_as_for_pickle_load(tmp_path: Path) -> None:
    (tmp_path / "t.pkl").write_bytes(pickled(vars(fitted())))
    with (tmp_path / "t.pkl").open("rb") as handle:
        assert text.tokenizer_from_pickle(handle).word_index == fitted().word_index
    (tmp_path / "t.json").write_text("{}")
    with (tmp_path / "t.json").open() as handle, pytest.raises(DataError, match='open the file with "rb"'):
        tokenizer_from_pickle(handle)


@pytest.mark.slow
def test_a_tokenizer_of_an_early_keras_lacks_attributes() -> None:
    early = {name: value for name, value in vars(fitted()).items() if name not in ("index_word", "oov_token")}
    early = {name: value for name, value in early.items() if name not in ("analyzer", "char_level")}
    after = tokenizer_from_pickle(pickled(early))
    assert vars(after) == vars(fitted())


def test_a_pickle_of_python_2() -> None:
    counts = b"ccollections\nOrderedDict\n((lp1\n(lp2\nU\x05caf\xc3\xa9aI1\naatRp3\n"
    state = b"(dp4\nS'word_counts'\n" + counts + b"sS'word_index'\n(dp5\nU\x05caf\xc3\xa9I1\nssb."
    head = b"ccopy_reg\n_reconstructor\n(ckeras.preprocessing.text\nTokenizer\nc__builtin__\nobject\nNtR"
    after = tokenizer_from_pickle(head + state)
    assert after.word_index == after.word_counts == {"caf\u00e9": 1}


def test_what_a_notebook_added_stays() -> None:
    own = {"maxlen": 100, "classes": ["neg", "pos"], "kept": {"a", "b"}}
    for protocol in PROTOCOLS:
        after = tokenizer_from_pickle(pickled(vars(fitted()) | own, protocol))
        assert {name: getattr(after, name) for name in own} == own


class Command:
    """Unpickled without care, it would make a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_that_runs_code_is_refused_by_name_and_not_run(tmp_path, protocol) -> None:
    evil = Command(tmp_path / "evil")
    attributes = vars(fitted()) | {"maxlen": evil}
    for content in (pickle.dumps(evil, protocol), pickled(attributes, protocol)):
        with pytest.raises(DataError, match=r"asks for \w+\.mkdir.*Nothing in it was executed.*to_json"):
            tokenizer_from_pickle(content)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (pickle.dumps({"tokenizer": 1}), "holds no Keras Tokenizer but a value of the type dict"),
        (pickle.dumps(defaultdict(list)), r"asks for \w+\.list"),
        (pickle.dumps(frozenset("a")), "the operation FROZENSET"),
        (pickle.dumps(2**70), "more than 60 bits"),
        (b"", "not a whole pickle"),
        (b"not a pickle", "not a whole pickle"),
        (pickled(vars(fitted()))[:-40], "not a whole pickle"),
        (b"cbuiltins\nint\n.", "holds no Keras Tokenizer"),
        (b"ckeras.preprocessing.text\nTokenizer\n.", "holds no Keras Tokenizer"),
        (b"ccopy_reg\n_reconstructor\n(c__builtin__\nobject\nc__builtin__\nobject\nNtR.", "something else"),
        (b"ccollections\ndefaultdict\n(tR.", "defaultdict of something else"),
        (pickled({"word_index": 5}), "no usable attribute 'word_index'"),
        (pickled({"word_index": {"a": "b"}}), "no usable attribute 'word_index'"),
        (pickled({"lower": True}), "no usable attribute 'word_index'"),
        (pickled({"word_index": {}, "num_words": "x"}), "no usable attribute 'num_words'"),
        (pickled({"word_index": {}, "fit_on_texts": 1}), "no usable attribute 'fit_on_texts'"),
        (pickled({"word_index": {}, "__class__": 1}), "no usable attribute '__class__'"),
        (pickled({"word_index": {}, "analyzer": "x"}), "no usable attribute 'analyzer'"),
    ],
)
def test_odd_pickles_end_in_a_data_error(content: bytes, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        tokenizer_from_pickle(content)
    assert "to_json" in str(caught.value)


def test_a_pickle_that_would_take_memory_or_time_without_end_is_refused() -> None:
    far = b"\x80\x02]r" + struct.pack("<I", 2**31) + b"."  # a place in the memo far behind its end
    twice = b")q\x00" + b"h\x00h\x00\x86q\x00" * 60 + b"}h\x00K\x01s."  # a key whose hash visits 2**60 tuples
    deep = b"}(" + b")" + b"\x85" * 200_000 + b"K\x01u."
    for content, says in ((far, "beyond its own length"), (twice, "one tuple"), (deep, "1,000 tuples")):
        with pytest.raises(DataError, match=says):
            tokenizer_from_pickle(content)


def test_what_is_no_file(tmp_path: Path) -> None:
    for wrong, says in (
        (tmp_path / "none.pickle", "cannot be read"),
        (tmp_path, "not a regular file"),
        (5, "a path or a file expected, found 5"),
        (io.StringIO("x"), 'with "rb"'),
    ):
        with pytest.raises(DataError, match=says):
            tokenizer_from_pickle(wrong)  # type: ignore[arg-type]
