"""Which twin runs: decided by the size of the work, so that the same data gets the same bits."""

from __future__ import annotations

import sys

import pytest

from wordloom import kernels
from wordloom.kernels import compiling

CHOICES = {
    name: getattr(kernels, name)
    for name in dir(kernels)
    if name.endswith("_kernels") and name != "linear_training_kernels"
}


@pytest.fixture(autouse=True)
def nothing_forced(monkeypatch):
    monkeypatch.delenv("WORDLOOM_KERNELS", raising=False)


@pytest.mark.parametrize("choose", CHOICES.values(), ids=CHOICES)
def test_tiny_work_runs_plain_and_large_work_compiled(choose):
    plain, compiled = choose(100), choose(100_000_000)
    assert compiled.__name__ == f"{plain.__name__}_compiled"
    assert choose(100) is plain


@pytest.mark.parametrize("documents", [40, 60, 100])
def test_tens_of_texts_are_trained_on_without_compiled_code(documents):
    trained = kernels.linear_training_kernels(40 * documents, 40 * documents * 300)
    assert trained.__name__ == "wordloom.kernels.linear"


@pytest.mark.parametrize("words", [2, 8, 500])
def test_thousands_of_phrases_are_trained_on_with_compiled_code_however_short(words):
    trained = kernels.linear_training_kernels(6 * 4000, 6 * 4000 * words)
    assert trained.__name__ == "wordloom.kernels.linear_compiled"


def test_few_documents_of_very_many_words_are_large_work_too():
    assert kernels.linear_training_kernels(100, 100_000_000).__name__ == "wordloom.kernels.linear_compiled"


@pytest.mark.parametrize("forced", ["plain", "compiled"])
def test_one_of_them_can_be_forced(monkeypatch, forced):
    monkeypatch.setenv("WORDLOOM_KERNELS", forced)
    for choose in CHOICES.values():
        assert choose(100).__name__.endswith("_compiled") == (forced == "compiled")


def test_a_process_that_runs_on_may_have_them_compiled_for_work_of_any_size(monkeypatch):
    choices = [choose for choose in CHOICES.values() if not choose(1).__name__.endswith("_compiled")]
    with kernels.compiled_throughout():
        assert all(choose(1).__name__.endswith("_compiled") for choose in choices)
        monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
        assert not any(choose(1).__name__.endswith("_compiled") for choose in choices)
    assert choices


def smallest_compiled(choose):
    return next(2**power for power in range(40) if choose(2**power).__name__.endswith("_compiled"))


SAME_BITS = ["token_kernels", "ngram_kernels", "ngram_counting_kernels", "linear_kernels"]
SAME_BITS += ["hashed_ngram_kernels", "coded_kernels"]


@pytest.mark.parametrize("name", CHOICES)
def test_smaller_work_is_compiled_where_code_is_loaded_and_only_if_that_changes_no_bit(monkeypatch, name):
    monkeypatch.setitem(sys.modules, compiling.__name__, compiling)
    loaded = smallest_compiled(CHOICES[name])
    monkeypatch.delitem(sys.modules, compiling.__name__)
    new = smallest_compiled(CHOICES[name])
    assert loaded < new if name in SAME_BITS else loaded == new


@pytest.mark.parametrize("name", SAME_BITS)
def test_a_process_that_has_used_a_compiled_twin_takes_it_for_hundreds_of_ids_too(monkeypatch, name):
    choose = CHOICES[name]
    monkeypatch.setitem(sys.modules, compiling.__name__, compiling)
    twin = choose(100_000_000).__name__
    used = smallest_compiled(choose)
    monkeypatch.delitem(sys.modules, twin)
    assert used < smallest_compiled(choose)
