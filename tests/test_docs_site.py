"""The documentation site builds without a warning: no link leads nowhere, no docstring is malformed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A function that builds the site with a builder of Sphinx, where every warning is an error."""
    for package in ("sphinx", "furo", "myst_parser"):
        if importlib.util.find_spec(package) is None:
            pytest.skip("needs the extra: pip install 'wordloom[docs]'")
    folder = tmp_path_factory.mktemp("site")
    for part in ("docs", "benchmarks", "examples"):  # the build writes beside its pages
        ignored = shutil.ignore_patterns("_build", "copied", "__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    shutil.copy(ROOT / "CHANGELOG.md", folder)

    def run(builder, *options):
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", builder, *options]
        built = subprocess.run(
            [*command, "docs", builder], cwd=folder, capture_output=True, text=True, check=False
        )
        assert built.returncode == 0, built.stderr
        return folder / builder

    return run


@pytest.fixture(scope="module")
def site(build):
    return build("html")


def test_no_link_of_a_page_leads_nowhere(build):
    """Of all pages but the reference, which takes most of the time: it stands in the whole site."""
    build("dummy", "-D", "exclude_patterns=_build,api/*", "-D", "suppress_warnings=ref.python,toc.excluded")


@pytest.mark.exhaustive
def test_every_page_is_there_and_reached(site):
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")}
    assert pages <= {page.stem for page in site.glob("*.html")}
    front = (site / "index.html").read_text(encoding="utf-8")
    assert [page for page in sorted(pages - {"index"}) if f'href="{page}.html"' not in front] == []


@pytest.mark.exhaustive
def test_the_reference_has_the_public_names(site):
    import wordloom

    reference = "".join(page.read_text(encoding="utf-8") for page in (site / "api").glob("*.html"))
    assert [name for name in wordloom.__all__ if f'id="wordloom.{name}"' not in reference] == []


@pytest.mark.exhaustive
def test_pages_from_elsewhere_in_the_repository_are_linked(site):
    page = (site / "few_labels.html").read_text(encoding="utf-8")
    assert 'href="copied/measurements.html"' in page
    measured = (site / "copied" / "measurements.html").read_text(encoding="utf-8")
    assert "_images/accuracy-against-time.png" in measured
