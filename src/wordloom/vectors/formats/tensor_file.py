"""Named arrays in one safetensors file, written without a second copy in memory.

The package's own writer does not say when the disk is full, and would leave a file that is cut off.
Format: https://huggingface.co/docs/safetensors (a length, a JSON header, then the numbers, little-endian)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.atomic import replacing_file

_NAMES = {"<i8": "I64", "<i4": "I32", "<f4": "F32", "|u1": "U8"}


def write_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    """Write arrays of int64, int32, float32 or uint8; the same ones give the same bytes.

    The file appears whole or not at all. Raises OSError if it cannot be written.
    """
    arrays = {name: _little_endian(array) for name, array in tensors.items()}
    # wide numbers first, so that all begin at a multiple of their size
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    end = 0
    for name in order:
        array = arrays[name]
        begin, end = end, end + array.nbytes
        dtype = _NAMES[array.dtype.str]
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with replacing_file(path) as temporary, open(temporary, "wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        for name in order:
            stream.write(arrays[name].reshape(-1).data)


def _little_endian(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
