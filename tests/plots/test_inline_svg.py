"""Pictures inside a page: one element, names of their own, nothing that a policy forbids, any letters."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom import plots
from wordloom.errors import DataError
from wordloom.evaluation.by_length import LengthGroup

pytest.importorskip("matplotlib")

HISTORY = {"loss": [0.6, 0.4], "accuracy": [0.7, 0.8], "val_loss": [0.5, 0.4], "val_accuracy": [0.7, 0.8]}


def element(picture, prefix="p", description="a picture"):
    text = plots.inline_svg(picture, prefix, description)
    return text, ET.fromstring(text)


def test_two_pictures_share_no_id_and_every_reference_leads_into_its_own():
    found = {}
    for prefix in ("one", "two"):
        text, root = element(plots.history(HISTORY), prefix)
        ids = {node.get("id") for node in root.iter() if node.get("id")}
        wanted = {node.get("href")[1:] for node in root.iter() if (node.get("href") or "").startswith("#")}
        wanted |= set(re.findall(r"url\(#(.+?)\)", text))
        assert wanted <= ids
        assert wanted
        found[prefix] = ids
    assert not found["one"] & found["two"]


def test_it_has_no_styles_links_or_names_of_its_own():
    points = [[0.0, 1.0], [1.0, 0.0], [0.5, 0.2]]
    text, root = element(plots.word_map(["a", "b", "c"], points, [0.2, -1.0, 1.0], ("no", "yes")))
    assert root.tag == "svg"
    assert root.get("viewBox")
    assert root.get("width") is None
    assert not [
        node for node in root.iter() if "style" in node.attrib or node.tag in ("style", "metadata", "a")
    ]
    assert "xmlns" not in text
    assert "<!--" not in text
    addresses = [node.get("href") for node in root.iter() if node.get("href")]
    assert all(address.startswith(("#", "data:image/png;base64,")) for address in addresses)


@settings(max_examples=8)
@given(st.text(max_size=12), st.text(max_size=12))
def test_any_words_and_descriptions_are_letters_not_markup(word, description):
    name = f"<b>{word}"
    text, root = element(plots.word_map([name, "other"], [[0.0, 1.0], [1.0, 0.0]]), "p", description)
    assert not list(root.iter("b"))
    assert "<b>" not in text


def test_the_same_picture_is_the_same_text():
    assert element(plots.history(HISTORY))[0] == element(plots.history(HISTORY))[0]


def test_accuracy_by_length_names_its_groups_and_the_whole():
    ax = plots.length_accuracy([LengthGroup(1, 5, 10, 9), LengthGroup(6, 6, 10, 5)])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1\u20135", "6"]
    assert "70.0 %" in ax.get_title(loc="left")
    with pytest.raises(DataError, match="no texts"):
        plots.length_accuracy([])
