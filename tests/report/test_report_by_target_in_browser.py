"""Reports on texts with several labels, and with grades, in a browser: cells, filters, rows, CSV, phone."""

from __future__ import annotations

import csv

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")


@pytest.fixture
def opened(browser_page, other_page, tmp_path):
    other_page.write(tmp_path / "report.html")
    return browser_page((tmp_path / "report.html").as_uri())


def rows(opened):
    return opened.locator("#text-table tr.row")


def saved(opened, button):
    with opened.expect_download() as download:
        button.click()
    with open(download.value.path(), encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_number_of_texts_opens_them_and_a_row_opens_with_its_words(opened):
    for button in opened.locator("button.cell-number").all()[:6]:
        count = int(button.inner_text())
        button.click()
        assert rows(opened).count() == min(count, 40)  # the first of them
        assert opened.locator("#cell").inner_text().endswith(str(count))
    rows(opened).first.locator("button").click()
    detail = opened.locator("tr.detail")
    assert detail.locator(".full mark").count() > 0
    assert detail.locator(".shares tr").count() > 0


def test_filters_sorting_and_csv_agree(opened, other_subject):
    graded = other_subject.corpus.target == "graded"
    everything = rows(opened).count()
    assert everything > 1
    opened.locator("#filter-true").select_option("0")
    assert 0 < rows(opened).count() <= everything
    lines = saved(opened, opened.locator("#save-texts"))
    assert len(lines) == rows(opened).count()
    for line in lines:
        row = int(line["where"].rpartition("row ")[2])
        label = other_subject.corpus.labels[row]
        assert line["text"] == other_subject.corpus.texts[row]
        if graded:
            assert float(line["grade"]) == label == 1
        else:
            assert line["labels"] == "|".join(label)
            assert other_subject.model.labels[0] in label
    opened.locator("#filter-true").select_option("")
    head = opened.locator("#text-table").get_by_role("button", name="Too high by" if graded else "Log loss")
    head.click()
    shown = [float(text) for text in opened.locator("#text-table tr.row td:nth-child(4)").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)


def test_every_table_can_be_saved(opened):
    opened.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for button in opened.locator("button.save").all():
        lines = saved(opened, button)
        assert all(None not in line and None not in line.values() for line in lines)


def test_the_words_of_each_of_several_labels_are_shown(opened, other_subject):
    if other_subject.corpus.target == "graded":
        pytest.skip("a grade has one explanation")
    opened.get_by_role("button", name="Least sure").click()
    for row in rows(opened).all():
        row.locator("button").click()
        choose = opened.locator("tr.detail .choose button")
        if choose.count() > 1:
            choose.nth(1).click()
            assert choose.nth(1).get_attribute("aria-pressed") == "true"
            assert opened.locator("tr.detail .legend bdi").inner_text() == choose.nth(1).inner_text()
            return
        row.locator("button").click()
    pytest.fail("no text has the words of two labels")


def test_it_fits_a_phone(browser_page, other_page, tmp_path):
    other_page.write(tmp_path / "report.html")
    opened = browser_page(
        (tmp_path / "report.html").as_uri(),
        viewport={"width": 390, "height": 800},
        is_mobile=True,
        has_touch=True,
    )
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    longest = "one set of labels for all, the best one here"
    opened.evaluate(f"document.querySelector('.chart tr:last-child th').textContent = '{longest}'")
    for chart in opened.locator(".card .chart").all():
        box, card = chart.bounding_box(), chart.locator("xpath=..").bounding_box()
        assert box["x"] + box["width"] <= card["x"] + card["width"]
    rows(opened).first.locator("button").tap()
    assert opened.locator("tr.detail .full").is_visible()
