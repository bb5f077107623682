"""The report in a real browser, opened from disk: lists, filters, cells, rows, CSV, colors, keyboard, phone.

The fixture fails on any request to another place, on errors on the console and on exceptions.
"""

from __future__ import annotations

import csv

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

PHONE = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def file(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    page.write(path)
    return path.as_uri()


@pytest.fixture
def opened(browser_page, file):
    return browser_page(file)


def rows(opened):
    return opened.locator("#text-table tr.row")


def column(opened, number):
    return opened.locator(f"#text-table tr.row td:nth-child({number})").all_inner_texts()


def saved(opened, button):
    with opened.expect_download() as download:
        button.click()
    with open(download.value.path(), encoding="utf-8", newline="") as stream:
        return download.value.suggested_filename, list(csv.reader(stream))


def test_it_opens_from_disk_with_the_answers_on_the_first_screen(opened, subject):
    assert opened.title().startswith("model<script>")
    for question in ("How good is it?", "How sure is it?", "What is wrong?", "Which rows to look at?"):
        box = opened.get_by_role("heading", name=question).bounding_box()
        assert box["y"] < 800
    assert f"{100 * subject.scores.accuracy:.1f}" in opened.locator(".big").first.inner_text()
    assert rows(opened).count() > 0
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_columns_sort_down_and_up(opened):
    head = opened.locator("#text-table").get_by_role("button", name="Words")
    head.click()
    words = list(map(int, column(opened, 6)))
    assert words == sorted(words, reverse=True)
    assert len(set(words)) > 1
    head.click()
    assert list(map(int, column(opened, 6))) == sorted(words)
    assert opened.locator("#text-table th[aria-sort=ascending]").inner_text().startswith("Words")


def test_lists_and_filters_narrow_what_is_shown(opened, subject):
    everything = rows(opened).count()
    opened.locator("#query").fill("superb")
    assert 0 < rows(opened).count() < everything
    assert all("superb" in text for text in column(opened, 7))
    opened.locator("#query").fill("")
    opened.locator("#filter-guess").select_option("2")
    assert set(column(opened, 3)) == {"fine"}
    opened.get_by_role("button", name="Least sure").click()
    assert opened.locator("#filter-guess").input_value() == ""
    assert opened.locator("#says").inner_text() == "100 texts"


def test_a_click_on_a_cell_shows_its_texts(opened, subject):
    cell = opened.locator("button.cell.wrong").first
    count = int(cell.inner_text())
    name = cell.get_attribute("aria-label")
    cell.click()
    assert rows(opened).count() == count
    given, guess = set(column(opened, 2)), set(column(opened, 3))
    assert len(given) == len(guess) == 1
    assert name == f"{count} texts: {given.pop()}, predicted {guess.pop()}"
    assert opened.evaluate("document.activeElement.id") == "texts-title"
    opened.get_by_role("button", name="Worst errors").click()
    assert opened.locator("#cell").is_hidden()


def test_a_row_opens_and_closes_with_the_keyboard(opened):
    button = rows(opened).first.locator("button")
    button.focus()
    opened.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    detail = opened.locator("tr.detail")
    assert "given label" in detail.inner_text()
    assert detail.locator(".full").is_visible()
    opened.keyboard.press("Space")
    assert detail.count() == 0


def test_hostile_texts_and_labels_are_shown_as_they_are(opened):
    opened.locator("#query").fill("</script>")
    rows(opened).first.locator("button").click()
    text = opened.locator("tr.detail .full").inner_text()
    assert "</script>" in text
    opened.locator("#query").fill("\u202e")
    shown = column(opened, 7)
    assert shown
    assert all("\\u202edesrever\\u202c" in text for text in shown)
    assert "<script>alert(1)</script>" in opened.locator(".confusion thead").inner_text()


def test_the_list_of_texts_is_saved_as_csv_as_it_is_filtered(opened, corpus):
    opened.get_by_role("button", name="Suspect labels").click()
    name, (head, *lines) = saved(opened, opened.locator("#save-texts"))
    assert name == "texts-suspects.csv"
    assert head[:3] == ["where", "label", "predicted"]
    assert len(lines) == rows(opened).count()
    for line in lines:
        row = int(line[0].rpartition("row ")[2])
        found = dict(zip(head, line, strict=True))
        assert found["text"] == corpus.texts[row]  # override characters and all
        assert found["label"] == corpus.labels[row]
        assert 0 < float(found["probability"]) <= 1


def test_every_table_can_be_saved_as_csv(opened, subject):
    opened.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    files = dict(saved(opened, button) for button in opened.locator("button.save").all())
    assert sorted(files) == [
        f"{name}.csv"
        for name in (
            "accuracy-by-length",
            "confusion",
            "labels",
            "record",
            "unknown-words",
            "words-of-labels",
        )
    ]
    head, *lines = files["labels.csv"]
    assert head == ["label", "precision", "recall", "f1", "texts"]
    assert [float(line[3]) for line in lines] == pytest.approx(subject.scores.f1.tolist(), abs=1e-5)
    confusion = [list(map(int, line[1:])) for line in files["confusion.csv"][1:]]
    assert confusion == subject.scores.confusion.tolist()
    assert files["words-of-labels.csv"][0][:2] == ["label", "word"]
    assert {line[0] for line in files["words-of-labels.csv"][1:]} == set(subject.model.labels)


def test_colors_follow_the_system_and_the_button(browser_page, file):
    paper = "getComputedStyle(document.body).backgroundColor"
    dark, light = browser_page(file, color_scheme="dark"), browser_page(file, color_scheme="light")
    assert dark.evaluate(paper) != light.evaluate(paper)
    expected = light.evaluate(paper)
    dark.get_by_role("button", name="Switch to light colors").click()
    assert dark.evaluate(paper) == expected
    dark.reload()
    assert dark.evaluate(paper) == expected


def test_it_fits_a_phone(browser_page, file):
    opened = browser_page(file, **PHONE)
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    rows(opened).first.locator("button").tap()
    assert opened.locator("tr.detail .full").is_visible()
    box = opened.locator("tr.detail .full").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_the_fixture_notices_requests_and_errors(chromium, tmp_path):
    """What it is for: a page that asks outside, throws or complains would fail its test."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<img src='http://127.0.0.1:9/x.png'><script>console.error('no'); throw Error('oh')</script>"
    )
    seen = []
    opened = chromium.new_page()
    opened.on("request", lambda one: seen.append(one.url))
    opened.on("console", lambda one: seen.append(one.text))
    opened.on("pageerror", lambda one: seen.append(str(one)))
    opened.goto(bad.as_uri())
    opened.close()
    assert {"http://127.0.0.1:9/x.png", "no", "oh"} <= {text.removeprefix("Error: ") for text in seen}
