"""How kernels are compiled: entries, which Python calls, and parts, which only other kernels call.

Entries are kept on disk between runs (see `compile_cache`). Parts are built into their callers, so they are
neither kept nor given what Python would need to call them, which shortens the first run. Integer division and
the like follow NumPy (no exceptions). `vector_part` lets sums be reassociated so that loops become vector
instructions; NaN and infinities keep their meaning.

Kernels fill arrays that NumPy makes: to make, cut or copy some takes as long to compile as all else in one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

from wordloom.kernels.compile_cache import CompiledFiles

_called: Any = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_inside: Any = {**_called, "no_cpython_wrapper": True}
part = numba.njit(**_inside)
vector_part = numba.njit(**_inside, fastmath={"reassoc", "contract", "nsz"})


def entry(function: Callable[..., Any]) -> Any:
    """A kernel that Python calls, compiled at its first call for each kind of arguments unless it is kept.

    What C would need to call it is left out.
    """
    compiled: Any = numba.njit(**_called)(function)
    compiled._cache = CompiledFiles(function)  # where `cache=True` puts numba's own, which goes stale
    return compiled
