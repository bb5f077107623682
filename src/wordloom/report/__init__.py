"""A report on a model and labelled texts: one HTML page that opens from disk and asks nothing of anybody.

It measures nothing of its own: scores, pictures and words are those of `evaluate`, `plot` and `inspect`. What
is here chooses which texts stand in the page, and lays it out.
"""

from __future__ import annotations

from wordloom.report.page import LARGEST_PAGE, Page, render
from wordloom.report.subject import Subject, check_extra

__all__ = ["LARGEST_PAGE", "Page", "Subject", "check_extra", "render"]
