"""Characters that nobody sees and that change how what follows is shown; and texts without them."""

from __future__ import annotations

import re

# What moves the cursor, starts a command to a terminal or ends a line: control characters but for tab and
# line feed (C0, delete, C1) and the separators of lines and paragraphs; and what turns the direction of
# writing of all that follows (bidirectional embeddings, overrides and isolates).
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """A text with every character that would control a terminal as its escape: ESC is shown as `\\x1b`."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def in_a_line(text: str) -> str:
    """A text in a line of its own, whatever it holds."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")
