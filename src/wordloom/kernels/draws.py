"""Random draws that depend on what they are for, never on who asks first.

A draw is a hash of (seed, epoch, document, unit), so any thread, in any order, on any backend, gets the same
number. The mixing steps are the finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np

_SEED_STEP = np.uint64(0x9E3779B97F4A7C15)
_EPOCH_STEP = np.uint64(0xD1B54A32D192ED03)
_DOCUMENT_STEP = np.uint64(0xABC98388FB8FAC03)
_UNIT_STEP = np.uint64(0x8CB92BA72F3D8DD7)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_A, _B, _C, _KEPT_BITS = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_SCALE = 1.0 / (1 << 53)


def uniform(seed: Any, epoch: Any, document: Any, unit: Any) -> Any:
    """Numbers in [0, 1), float64; each argument is uint64, a scalar in compiled code or arrays in NumPy.

    Plain Python code must pass at least one array (NumPy warns when scalars overflow, which is wanted here).
    """
    x = seed * _SEED_STEP + epoch * _EPOCH_STEP + document * _DOCUMENT_STEP + unit * _UNIT_STEP
    x = (x ^ (x >> _A)) * _FIRST
    x = (x ^ (x >> _B)) * _SECOND
    x = x ^ (x >> _C)
    return (x >> _KEPT_BITS) * _SCALE


def bits(seed: Any, epoch: Any, document: Any, unit: Any) -> Any:
    """64 random bits, uint64; what `uniform` makes a number of."""
    x = seed * _SEED_STEP + epoch * _EPOCH_STEP + document * _DOCUMENT_STEP + unit * _UNIT_STEP
    x = (x ^ (x >> _A)) * _FIRST
    x = (x ^ (x >> _B)) * _SECOND
    return x ^ (x >> _C)
