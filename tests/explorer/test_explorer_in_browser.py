"""The explorer in a real browser: typing, words, map, texts, suspects, keyboard, colors, phone.

The fixture fails on any request to another place, on errors on the console and on exceptions.
"""

from __future__ import annotations

import csv
import re

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="needs Playwright").expect
SCRIPT = "<script>alert(1)</script>"
LABELS = (SCRIPT, "fine & <b>well</b>")

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def opened(browser_page, explorer):
    page = browser_page(explorer[0])
    page.wait_for_selector("body[data-ready]")
    return page


def tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def test_a_typed_text_gets_probabilities_and_highlighted_words(opened):
    opened.locator("#typed").fill(f"a superb plot {SCRIPT}")
    opened.locator("#explained mark.for", has_text="superb").wait_for()
    assert opened.locator("#answer tr").first.inner_text().startswith(LABELS[1])
    opened.locator("#typed").fill("dull and poor")
    opened.locator("#explained mark.for", has_text="dull").wait_for()
    assert opened.locator("#answer tr").first.inner_text().startswith(LABELS[0])
    assert opened.locator("main script").count() == 0


def test_words_that_change_the_answer_and_near_texts_are_shown(opened):
    opened.locator("#typed").fill("a superb plot")
    opened.get_by_role("button", name="What would change it?").click()
    opened.locator("#more-of-text bdi", has_text="superb").first.wait_for()
    assert opened.locator("#more-of-text bdi").all_inner_texts() == ["superb", LABELS[0], LABELS[1]]
    opened.get_by_role("button", name="Nearest texts").click()
    opened.locator("#more-of-text li").first.wait_for()
    assert "superb" in opened.locator("#more-of-text").inner_text()


def test_words_are_asked_of_several_tables_side_by_side_and_what_moved_is_named(opened):
    tab(opened, "Words")
    opened.locator("#asked").fill("superb")
    opened.locator("#asked").press("Enter")
    opened.locator("#found table").nth(1).wait_for()
    assert opened.locator("#found caption").all_inner_texts() == ["model", "other <b>"]
    opened.locator("#found button").first.click()
    assert opened.locator("#asked").input_value() != "superb"
    for kind, words in (("analogy", "dull poor superb"), ("odd", "superb, great, dull")):
        opened.locator("#kind").select_option(kind)
        opened.locator("#asked").fill(words)
        opened.get_by_role("button", name="Find", exact=True).click()
        says = {"analogy": "Best answers", "odd": "odd one"}[kind]
        expect(opened.locator("#words-say")).to_contain_text(says)
    assert opened.locator("#found table").first.locator("tr").count() == 3
    opened.get_by_role("button", name="Compare").click()
    opened.locator("#moved tbody tr").first.wait_for()
    opened.locator("#asked").fill("nosuchword")
    opened.locator("#kind").select_option("nearest")
    opened.locator("#asked").press("Enter")
    opened.locator("#found .note", has_text="nosuchword").first.wait_for()


def test_a_map_is_searched_moved_by_keys_and_selected_from_by_lasso(opened):
    tab(opened, "Map")
    plot = opened.locator("#plot[data-ready]")
    plot.wait_for()
    words = int(opened.locator("#map-says").inner_text().split(" ")[0])
    opened.locator("#map-query").fill("superb")
    expect(opened.locator("#map-says")).to_have_text("1 word found")
    plot.focus()
    for key in ("+", "ArrowLeft", "-", "ArrowRight"):
        opened.keyboard.press(key)
    opened.get_by_role("button", name="Whole map").click()
    opened.get_by_role("button", name="Lasso").click()
    opened.wait_for_timeout(300)  # for the map to be drawn whole: a lasso catches what has been drawn
    box = plot.bounding_box()
    left, top, right, bottom = (
        box["x"] + 3,
        box["y"] + 3,
        box["x"] + box["width"] - 3,
        box["y"] + box["height"] - 3,
    )
    opened.mouse.move(left, top)
    opened.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top + 5)):
        opened.mouse.move(x, y, steps=3)
    opened.mouse.up()
    opened.locator("#selected span").first.wait_for()
    assert opened.locator("#selected span").count() == words
    with opened.expect_download() as download:
        opened.locator("#save-selection").click()
    with open(download.value.path(), encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["word", "label", "evidence"]
    assert len(rows) == words + 1
    opened.locator("#theme").click()
    opened.locator("#map-color").select_option("none")


def test_texts_are_filtered_searched_and_opened_with_their_explanation(opened):
    tab(opened, "Texts")
    expect(opened.locator("#texts-say")).to_have_text("120 of 120 texts")
    assert opened.locator("#text-list li").count() == 50
    opened.get_by_role("button", name="Show more").click()
    opened.locator("#text-list li").nth(99).wait_for()
    opened.locator("[name=show]").select_option("errors")
    expect(opened.locator("#texts-say")).to_have_text(re.compile("^4 of"))
    opened.locator("#text-list button.open").first.press("Enter")
    opened.locator("#text-list .detail mark").first.wait_for()
    assert opened.locator("#text-list .open").first.get_attribute("aria-expanded") == "true"
    opened.locator("[name=show]").select_option("all")
    expect(opened.locator("#texts-say")).to_have_text("120 of 120 texts")
    opened.locator("[name=search]").fill("SUPERB")
    expect(opened.locator("#texts-say")).not_to_have_text(re.compile("^120"))
    assert all("superb" in line for line in opened.locator("#text-list .line").all_inner_texts())
    assert "\u202e" not in opened.locator("#text-list").inner_text()
    opened.locator("[name=least_sure]").fill("100")
    expect(opened.locator("#texts-say")).to_have_text(re.compile("^0 of"))


def test_suspects_are_decided_in_place_and_saved_as_corrections(opened, explorer, source):
    from wordloom.checks.corrections import corrected, read_corrections

    tab(opened, "Suspects")
    opened.get_by_role("button", name="Find suspects").click()
    opened.locator("#suspect-list li").first.wait_for()
    decide = opened.locator("#suspect-list li").nth(0).get_by_role("group")
    decide.locator("[data-action^='change to']").click()
    opened.locator("#suspect-list li").nth(1).locator("[data-action=drop]").click()
    opened.locator("#suspect-list li").nth(2).locator("[data-action=keep]").click()
    opened.get_by_role("button", name="Save corrections").click()
    expect(opened.locator("#suspects-say")).to_have_text(re.compile("^Saved 3"))
    found = read_corrections(explorer[1], source)
    assert (found.relabelled, found.dropped, found.kept) == (1, 1, 1)
    assert len(corrected(source, found).train) == 119


def test_tabs_are_reached_by_arrow_keys_and_colors_turn_around(opened):
    opened.locator("#tab-text").focus()
    opened.keyboard.press("ArrowRight")
    assert opened.locator("#words").is_visible()
    opened.keyboard.press("End")
    assert opened.locator("#suspects").is_visible()
    assert opened.locator("#tab-suspects").get_attribute("aria-selected") == "true"
    before = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    opened.locator("#theme").click()
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_it_fits_on_a_phone_in_dark_colors(browser_page, explorer):
    page = browser_page(explorer[0], color_scheme="dark", **PHONE)
    page.wait_for_selector("body[data-ready]")
    for name in ("Text", "Words", "Texts", "Suspects", "Map"):
        tab(page, name)
        page.wait_for_timeout(50)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 27)"


def test_a_text_that_is_too_long_is_refused_on_the_page_and_the_next_one_answered(opened):
    opened.locator("#typed").evaluate(
        """element => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "dull ".repeat(2_000_000));
          const event = new ClipboardEvent("paste", { clipboardData, cancelable: true });
          if (element.dispatchEvent(event)) throw new Error("pasted");
        }"""
    )
    expect(opened.locator("#problem")).to_contain_text("10,000,000 characters")
    opened.locator("#typed").fill("superb")
    opened.locator("#explained mark").first.wait_for()
    assert opened.locator("#problem").is_hidden()
