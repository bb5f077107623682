"""How Sphinx builds the documentation site from these pages: `make docs`.

The pages are plain Markdown that reads as well in the repository. Pages that lie elsewhere in it (the record
of measurements, the examples, the changelog) are copied beside them for the build, and links follow.
"""

import os
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

import wordloom

ROOT, HERE = Path(__file__).parent.parent, Path(__file__).parent
COPIES = {
    "benchmarks/results.md": "copied/measurements.md",
    "benchmarks/texts.md": "copied/texts.md",
    "examples/README.md": "copied/examples.md",
    "CHANGELOG.md": "copied/changelog.md",
}
"""Page of the repository -> where the site has it."""

LINK = re.compile(r"(!?\[)([^\]]*)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)")

project = "wordloom"
author = "The wordloom maintainers"
version = release = wordloom.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"wordloom {release}"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["tables.css"]

myst_heading_anchors = 3
myst_enable_extensions = ["fieldlist"]
suppress_warnings = ["ref.python"]  # several classes have an attribute `words`
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say more: types, shapes and units
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_attr_annotations = False
default_role = "code"


def copy_pages(app: Sphinx) -> None:
    """Lay the pages from elsewhere, and the pictures they show, into the build."""
    shutil.rmtree(HERE / "copied", ignore_errors=True)
    (HERE / "copied").mkdir()
    for source, copy in COPIES.items():
        shutil.copy(ROOT / source, HERE / copy)
    shutil.copytree(ROOT / "examples" / "pictures", HERE / "copied" / "pictures")


def lead_links(app: Sphinx, page: str, source: list[str]) -> None:
    """Let links to files of the repository lead to their pages here; other files are named, not linked."""
    at = next((original for original, copy in COPIES.items() if copy == f"{page}.md"), f"docs/{page}.md")

    def linked(match: re.Match[str]) -> str:
        opening, text, path, anchor = match.groups(default="")
        file = os.path.normpath(os.path.join(os.path.dirname(at), path))
        if file.startswith("examples/pictures/"):
            file = file.replace("examples/", "docs/copied/")
        found = COPIES.get(file, file.removeprefix("docs/") if file.startswith("docs/") else None)
        if found is None:
            return f"`{file}`" if text.strip("`") == path else f"{text} (`{file}`)"
        return f"{opening}{text}]({os.path.relpath(found, os.path.dirname(page) or '.')}{anchor})"

    source[0] = LINK.sub(linked, source[0])


ENTRY = re.compile(r"(\w[\w, *`()]*) : (\S.*)")
HEADED = ("Parameters", "Attributes", "Raises", "Returns")


def entries_on_lines_of_their_own(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Give napoleon `name` and its description on two lines; the docstrings write `name : description`."""
    found, headed = [], False
    for number, line in enumerate(lines):
        if line in HEADED and lines[number + 1 : number + 2] == ["-" * len(line)]:
            headed = True
        entry = ENTRY.fullmatch(line)
        if entry is not None and not headed and found and not found[-1]:
            found += ["Parameters", "----------"]
            headed = True
        if entry is not None and headed:
            found += [entry[1], f"    {entry[2]}"]
        else:
            found.append(line)
    lines[:] = found


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-docstring", entries_on_lines_of_their_own, priority=400)  # before napoleon
    app.connect("builder-inited", copy_pages)
    app.connect("source-read", lead_links)
