"""`python -m wordloom` is the command `wordloom`."""

from __future__ import annotations

from wordloom.cli import main

main()
