"""Settings as Markdown: the tables of `docs/settings.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """A heading and a table for each group of settings, from the rows of `wordloom.settings.describe`."""
    parts = []
    for group in dict.fromkeys(row["group"] for row in rows):
        lines = [_line(row) for row in rows if row["group"] == group]
        head = ["| setting | default | applies to | what it is for |", "| --- | --- | --- | --- |"]
        parts.append("\n".join([f"## {group.capitalize()}", "", *head, *lines]))
    return "\n\n".join(parts) + "\n"


def _line(row: Mapping[str, Any]) -> str:
    about = row["about"].replace("&", "&amp;").replace("|", "\\|")
    choices = ", ".join(f"`{choice}`" for choice in row["choices"])
    what = f"{about}{f' ({choices})' if choices else ''}"
    return f"| `{row['name']}` | `{row['default']}` | {row['scope']} | {what} |"
