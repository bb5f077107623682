"""What packs bytes as users' files are packed, one function for each kind."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from collections.abc import Callable

import pytest


def zipped(data: bytes, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", "")
        for name in names or ("folder/data.csv",):
            archive.writestr(name, data)
    return file.getvalue()


def zstd(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression.zstd import compress
    else:
        zstandard = pytest.importorskip("zstandard", reason="zstd is an extra before Python 3.14")
        compress = zstandard.ZstdCompressor().compress
    return bytes(compress(data))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "zip": zipped,
}
