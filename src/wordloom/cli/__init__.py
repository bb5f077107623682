"""The command line: parse, call the library, print. One file a command in `commands`.

This module and `program` import nothing heavy; a command's module is imported when the command is used, and
the library when it runs.
"""

from __future__ import annotations

from wordloom.cli.program import main

__all__ = ["main"]
