"""How kernels are compiled: entries, which Python calls, and parts, which only other kernels call.

Entries are kept on disk between runs. Parts are built into their callers, so they are neither kept nor given
what Python would need to call them, which shortens the first run. Integer division and the like follow NumPy
(no exceptions). `vector_part` lets sums be reassociated so that loops become vector instructions; NaN and
infinities keep their meaning.
"""

from __future__ import annotations

from typing import Any

import numba

entry = numba.njit(cache=True, nogil=True, error_model="numpy")
_inside: Any = {"nogil": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
part = numba.njit(**_inside)
vector_part = numba.njit(**_inside, fastmath={"reassoc", "contract", "nsz"})
