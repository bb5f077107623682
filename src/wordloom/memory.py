"""Memory: how much there is, how much of it processes use, and which files must not be read whole."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from pathlib import Path

from wordloom.errors import DataError

_LIMITS_OF_CONTAINERS = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)
"""Control groups of Linux, second and first version."""
_STATUS = Path("/proc/self/status")


def bytes_of_memory() -> int:
    """Bytes of memory that the machine or the container has; a very large number where that is unknown."""
    found = [1 << 62]
    with contextlib.suppress(AttributeError, ValueError, OSError):  # Windows
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for file in _LIMITS_OF_CONTAINERS:
        with contextlib.suppress(ValueError, OSError):  # it says "max" where there is no limit
            found.append(int(Path(file).read_text()))
    return min(found)


def check_fits(path: str | os.PathLike[str], most_bytes: int | None = None) -> None:
    """DataError for what must not be read whole: a device, a pipe, or a file larger than memory.

    `most_bytes` is a lower limit, for files that never have more. Raises OSError for a file that is missing.
    """
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise DataError(
            f"{os.fspath(path)} is not an ordinary file but {_kind(found.st_mode)}, which may have no end."
        )
    most = min(most_bytes or 1 << 62, bytes_of_memory())
    if found.st_size > most:
        raise DataError(
            f"{os.fspath(path)} has {found.st_size:,} bytes; at most {most:,} can be read as one piece."
        )


def _kind(mode: int) -> str:
    kinds = {
        stat.S_ISFIFO: "a pipe",
        stat.S_ISSOCK: "a socket",
        stat.S_ISDIR: "a folder",
    }
    return next((name for is_one, name in kinds.items() if is_one(mode)), "a device")


def peak_memory() -> int | None:
    """The most bytes that this process has had in memory; None where the system does not say.

    On Linux this is `VmHWM`: `ru_maxrss` of a process starts at what its parent used.
    """
    if _STATUS.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())):
        return int(found[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def memory_of(pid: int) -> int | None:
    """Bytes that another process has in memory now; None if it has ended or the system does not say."""
    import subprocess

    try:
        if _STATUS.exists():
            found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
            return int(found[1]) * 1024 if found else None
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
        return int(shown.stdout) * 1024
    except (OSError, ValueError):
        return None
