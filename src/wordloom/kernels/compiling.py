"""How kernels are compiled: entries, which Python calls, and parts, which only other kernels call.

Entries are kept on disk between runs (see `compile_cache`). Parts are built into their callers, so they are
not kept and get neither machine code of their own nor what Python would need to call them, which shortens
the first run. They are optimized all the same, before and after: kernels of words and n-grams that get their
parts unoptimized take a sixth longer. Integer division and the like follow NumPy (no exceptions).
`vector_part` lets sums be reassociated so that loops become vector instructions; NaN and infinities keep
their meaning.

Kernels fill arrays that NumPy makes: to make, cut or copy some takes as long to compile as all else in one.
So they need none of numba's runtime, and references to arrays are not counted: whoever calls a kernel holds
them, and counting would be compiled for every name of one, to be found useless and removed.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.runtime.nrt import rtsys

from wordloom.kernels.compile_cache import CompiledFiles


class _Linked(JITCodeLibrary):
    """The code of a part: optimized, and linked into its callers; it gets no machine code of its own."""

    def add_linking_library(self, library: Any) -> None:
        """Take another part in; numba's runtime comes with the entry."""
        if library is not rtsys.library:
            super().add_linking_library(library)

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """None: Python cannot call it."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        """Whom numba asks to set the environment, which only functions that Python calls have."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Without effect."""


class _EntryCompiler(Compiler):
    """numba's compiler, with the collector of garbage at rest: all it makes is in use until the end."""

    def compile_extra(self, function: Callable[..., Any]) -> Any:
        collects = gc.isenabled()
        gc.disable()
        try:
            return super().compile_extra(function)
        finally:
            if collects:
                gc.enable()


class _PartCompiler(Compiler):
    """numba's compiler, but for machine code."""

    def compile_extra(self, function: Callable[..., Any]) -> Any:
        self.state.library = _Linked(self.state.targetctx.codegen(), function.__qualname__)
        return super().compile_extra(function)


_called: Any = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
_inside: Any = {**_called, "no_cpython_wrapper": True, "pipeline_class": _PartCompiler}
part = numba.njit(**_inside)
vector_part = numba.njit(**_inside, fastmath={"reassoc", "contract", "nsz"})


def entry(function: Callable[..., Any]) -> Any:
    """A kernel that Python calls, compiled at its first call for each kind of arguments unless it is kept.

    What C would need to call it is left out.
    """
    compiled: Any = numba.njit(**_called, pipeline_class=_EntryCompiler)(function)
    compiled._cache = CompiledFiles(function)  # where `cache=True` puts numba's own, which goes stale
    return compiled
