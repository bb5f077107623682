"""What all tests share: where the real data is, and compiled kernels that are never stale."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

KERNELS = Path(__file__).parent.parent / "src" / "wordloom" / "kernels"


def pytest_configure(config):
    """Forget compiled kernels if any kernel's source changed.

    numba notices a change of a function's own file only, not of the files of the functions it calls.
    """
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(KERNELS.glob("*.py")))).hexdigest()
    note = KERNELS / "__pycache__" / "kernels.sha256"
    if not note.exists() or note.read_text() != digest:
        for cached in note.parent.glob("*.nb?"):
            cached.unlink(missing_ok=True)
        note.parent.mkdir(exist_ok=True)
        note.write_text(digest)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real data sets; tests that need it are skipped without it."""
    folder = os.environ.get("WORDLOOM_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the real data sets: set WORDLOOM_DATA to their folder")
    return Path(folder)
