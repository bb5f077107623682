"""How much memory a process uses, and this one has used at most."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory() -> int | None:
    """Bytes in memory at most so far, children not counted; None where the system does not say.

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
    """Bytes in memory of another process now; None if it is over or the system does not say."""
    try:
        if _STATUS.exists():
            found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
            return int(found[1]) * 1024 if found else None
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
        return int(shown.stdout) * 1024
    except (OSError, ValueError):
        return None
