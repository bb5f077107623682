"""Pictures: each function takes data and returns matplotlib Axes; `save` writes them to a file.

Nothing needs a display and nothing touches matplotlib's global state (pyplot, rcParams). matplotlib is
imported when the first picture is drawn; without it, `MissingExtraError` says how to install it.
"""

from __future__ import annotations

from wordloom.plots.accuracy_by_length import length_accuracy
from wordloom.plots.against_time import accuracy_against_time
from wordloom.plots.confusion import confusion_matrix
from wordloom.plots.curves import accuracy_curve, history, loss_curve
from wordloom.plots.figure import save
from wordloom.plots.grades import grade_errors, length_errors, predicted_grades
from wordloom.plots.inline_svg import inline_svg
from wordloom.plots.label_curves import label_curve
from wordloom.plots.lengths import length_histogram
from wordloom.plots.published import reproduction
from wordloom.plots.reliability_curves import accuracy_coverage, reliability
from wordloom.plots.word_maps import word_map

__all__ = [
    "accuracy_against_time",
    "accuracy_coverage",
    "accuracy_curve",
    "confusion_matrix",
    "grade_errors",
    "history",
    "inline_svg",
    "label_curve",
    "length_accuracy",
    "length_errors",
    "length_histogram",
    "loss_curve",
    "predicted_grades",
    "reliability",
    "reproduction",
    "save",
    "word_map",
]
