"""What the labels of texts are, by name; what each means stands in `targets`. Imports nothing heavy."""

from __future__ import annotations

SINGLE, MULTILABEL, GRADED = "single", "multilabel", "graded"
TARGETS = (SINGLE, MULTILABEL, GRADED)
SEPARATOR = "|"
"""What stands between the labels of a text where nothing else is said."""
AUTO = "auto"
"""In the place of one of `TARGETS`: what the labels look like; grades are never guessed."""
