"""What compiling leaves out, so that the first run is short, and what it leaves as it was."""

from __future__ import annotations

import ast
import gc
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import TypingError

from wordloom.kernels import compile_cache, compiling, tokens_compiled
from wordloom.kernels.compiling import entry, part
from wordloom.text.tokenizer import Tokenizer


@part
def doubled(number):
    return 2 * number


@part
def next_of(number):
    return doubled(number) + 1


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A kernel of two parts, one within the other, compiled and not loaded."""
    folder = tmp_path_factory.mktemp("compiled")

    def fill(numbers):
        for i in range(len(numbers)):
            numbers[i] = next_of(numbers[i])

    compiled = entry(fill)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compile_cache, "compiled_folder", lambda: folder)
        patch.setattr(compile_cache, "_kept", lambda name, key: None)
        compiled.compile("(int64[::1],)")
    return compiled


def has_machine_code(function):
    """Whether numba's engine has machine code that a compiled function begins."""
    (compiled,) = function.overloads.values()
    engine = compiled.target_context.codegen()._engine
    return engine.is_symbol_defined(compiled.fndesc.llvm_func_name)


def test_only_what_python_calls_has_machine_code_of_its_own(kernel):
    numbers = np.arange(3)
    kernel(numbers)
    assert numbers.tolist() == [1, 3, 5]
    assert [has_machine_code(each) for each in (kernel, next_of, doubled)] == [True, False, False]


def test_garbage_is_collected_again_after_compiling(kernel):
    assert gc.isenabled()
    with pytest.raises(TypingError):
        kernel({})
    assert gc.isenabled()


def test_who_has_turned_the_collector_off_finds_it_off():
    gc.disable()
    try:
        entry(lambda numbers: None)(np.arange(3))
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_words_that_cannot_be_written_need_no_kernels_of_their_own():
    text, offsets = b"a good film", np.array([0, 11])
    alphabet = Tokenizer().alphabet()
    words, starts = np.frombuffer(b"filmgood", np.uint8), np.array([0, 4, 8])
    found = []
    for data in (words.copy(), words):
        index = tokens_compiled.build_index(data, starts)
        ranks, _ = tokens_compiled.lookup_words(np.array(bytearray(text)), offsets, alphabet, index)
        found.append((ranks.tolist(), len(tokens_compiled._lookup_words.overloads)))
    assert found[0] == found[1]
    assert found[0][0] == [0, 2, 1]


def test_kernels_make_no_arrays_and_count_no_references(kernel):
    """What would be compiled for that took time at the first training."""
    (compiled,) = kernel.overloads.values()
    assert "NRT_" not in compiled.library.get_llvm_str().split("define", 1)[1].split("cpython")[0]
    with pytest.raises(TypingError):
        entry(lambda n: np.zeros(n))(3)


_MAKES_AN_ARRAY = {
    "empty",
    "zeros",
    "ones",
    "full",
    "arange",
    "copy",
    "concatenate",
    "empty_like",
    "zeros_like",
}


def test_no_compiled_function_makes_an_array():
    """numba would refuse it, but only when the kernel is first called."""
    making = [
        f"{file.name}, line {call.lineno}: {ast.unparse(call)}"
        for file in sorted(Path(compiling.__file__).parent.glob("*.py"))
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        and {ast.unparse(each) for each in function.decorator_list} & {"entry", "part", "vector_part"}
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in _MAKES_AN_ARRAY
    ]
    assert making == []
