"""The hot loops: each compiled module stands beside its plain twin with the same names and signatures.

`token_kernels` and `pooled_kernels` pick between the two by the size of the work alone, so the same data
always runs the same code. Tiny inputs take the plain twin: nothing is compiled or loaded for a ten-sentence
example or a single prediction. `WORDLOOM_KERNELS=plain` or `=compiled` forces one of them.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType

# Loading the compiled token kernels costs about as much as the plain ones take for this many bytes,
# and loading the compiled network kernels as the plain ones take for this many (ids x epochs).
_BYTES_WORTH_COMPILING = 4_000_000
_VISITS_WORTH_COMPILING = 2_000_000


def token_kernels(n_bytes: int) -> ModuleType:
    """`kernels.tokens` or `kernels.tokens_compiled`, for texts of `n_bytes` bytes."""
    return _pick("tokens", n_bytes >= _BYTES_WORTH_COMPILING)


def pooled_kernels(visits: int) -> ModuleType:
    """`kernels.pooled` or `kernels.pooled_compiled`; `visits` is ids times epochs."""
    return _pick("pooled", visits >= _VISITS_WORTH_COMPILING)


def _pick(name: str, compiled: bool) -> ModuleType:
    forced = os.environ.get("WORDLOOM_KERNELS", "")
    if forced in ("plain", "compiled"):
        compiled = forced == "compiled"
    return importlib.import_module(f"wordloom.kernels.{name}{'_compiled' if compiled else ''}")
