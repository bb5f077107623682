"""Named arrays in one safetensors file: written without a second copy in memory, read with types checked.

The package's own writer does not say when the disk is full, and would leave a file that is cut off; its
NumPy reader knows neither bfloat16 nor 8-bit floats.
Format: https://huggingface.co/docs/safetensors (a length, a JSON header, then the numbers, little-endian)
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.atomic import replacing_file
from wordloom.errors import DataError

_NAMES = {"<i8": "I64", "<i4": "I32", "<f4": "F32", "|u1": "U8"}
_DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",  # the upper half of a float32
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
}
_PLAIN, _MOST_DIMENSIONS = ("F32", "I64", "I32", "I8", "U8", "U16", "U32"), 8
FLOATS = ("F64", "F32", "F16", "BF16", "I8")
"""Types of numbers that `TensorFile.floats` turns into float32."""


class TensorFile:
    """An open safetensors file whose header is valid; see `reading_tensors`.

    names : of the tensors
    metadata : strings by name
    """

    def __init__(self, path: Path, container: Any) -> None:
        self.path, self._container = path, container
        self.names: frozenset[str] = frozenset(container.keys())
        self.metadata: Mapping[str, str] = container.metadata() or {}

    def check(self, name: str, dtypes: Collection[str], dimensions: int) -> tuple[int, ...]:
        """The shape of a tensor; nothing is loaded.

        Raises DataError if there is none of this name, of one of these types, with so many dimensions.
        """
        if name not in self.names:
            there = ", ".join(sorted(self.names)[:20]) or "none"
            raise DataError(f"{self.path}: the tensor {name!r} is missing; there are {there:.300}.")
        part = self._container.get_slice(name)
        dtype, shape = str(part.get_dtype()), tuple(part.get_shape())
        if dtype not in dtypes or len(shape) != dimensions:
            raise DataError(
                f"{self.path}: the tensor {name!r} should be {' or '.join(dtypes)} with {dimensions} "
                f"dimensions, found {dtype} of the shape {shape}."
            )
        if max(shape, default=0) >= 1 << 40:  # only beside a 0, which makes any shape a file of no bytes
            raise DataError(f"{self.path}: the tensor {name!r} has the shape {shape}; the file is damaged.")
        return shape

    def load(self, name: str, dtypes: Collection[str], dimensions: int) -> NDArray[Any]:
        """A tensor of one of these types with so many dimensions. Raises DataError as `check` does."""
        self.check(name, dtypes, dimensions)
        return np.asarray(self._container.get_tensor(name))

    def floats(self, name: str, dimensions: int) -> NDArray[np.float32]:
        """A tensor of any of the types `FLOATS` as float32; whole numbers as they are."""
        self.check(name, FLOATS, dimensions)
        if self._container.get_slice(name).get_dtype() == "BF16":
            upper = self.mapped(name)
            return (upper.astype(np.uint32) << np.uint32(16)).view(np.float32)
        with np.errstate(over="ignore"):
            return np.asarray(self._container.get_tensor(name)).astype(np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All tensors by name. Raises DataError, before any is loaded, for one of a type that is not read."""
        for name in self.names:
            dtype, shape = (
                getattr(self._container.get_slice(name), of)() for of in ("get_dtype", "get_shape")
            )
            if dtype not in _PLAIN or len(shape) > _MOST_DIMENSIONS:
                raise DataError(
                    f"{self.path}: the tensor {name!r:.60} is {dtype} of the shape {shape!s:.80}; "
                    f"{', '.join(_PLAIN)} of at most {_MOST_DIMENSIONS} dimensions are read."
                )
            self.check(name, _PLAIN, len(shape))
        return {name: np.asarray(self._container.get_tensor(name)) for name in self.names}

    def mapped(self, name: str) -> NDArray[Any]:
        """A tensor that `check` has found valid, left in the file; bfloat16 as its 16 bits."""
        with open(self.path, "rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            entry = json.loads(stream.read(length))[name]
        dtype, shape = _DTYPES[entry["dtype"]], tuple(entry["shape"])
        if 0 in shape:
            return np.empty(shape, dtype=dtype)
        start = 8 + length + entry["data_offsets"][0]
        return np.asarray(np.memmap(self.path, dtype=dtype, mode="r", offset=start, shape=shape))

    def record(self, key: str) -> dict[str, Any] | None:
        """The JSON object in the metadata under a key, None if there is none; DataError if it is damaged."""
        if key not in self.metadata:
            return None
        try:
            found = json.loads(self.metadata[key])
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise DataError(f"{self.path}: the metadata under {key!r} are damaged.")
        return found


def begins_tensors(data: bytes) -> bool:
    """Whether a file begins as safetensors does: an 8-byte length of less than 100 MB, then JSON."""
    return len(data) > 8 and data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= 100_000_000


@contextlib.contextmanager
def reading_tensors(path: Path) -> Iterator[TensorFile]:
    """Open a safetensors file. Raises DataError if it is cut off or its header is not valid."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as container:
            yield TensorFile(path, container)
    except SafetensorError as error:
        raise DataError(f"{path}: not a whole safetensors file ({error}). Save or fetch it again.") from None


def checked_version(path: Path, record: Mapping[str, Any], version: int) -> None:
    """Raise DataError unless a record is of this version of its format, or of an older one."""
    found = record.get("version", version)
    if type(found) is not int or found < 1:
        raise DataError(f"{path}: {found!r:.60} is no version of the format; the metadata are damaged.")
    if found > version:
        raise DataError(
            f"{path}: written by a newer wordloom (version {found} of the format, this one reads "
            f"{version}). Update wordloom."
        )


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
