"""`wordloom report`: where the page goes, what it says, and what it refuses."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def without_pictures(monkeypatch):
    """Pictures are most of the work; the tests of the page have them."""
    from wordloom.report import page
    from wordloom.report.figures import DRAWN, Figure

    none = Figure("", "", "none")
    monkeypatch.setattr(page, "figures_of", lambda subject: dict.fromkeys(DRAWN[subject.model.target], none))


def test_the_page_is_written_and_its_score_said(run, model, reviews, tmp_path):
    result = run("report", model, "reviews.csv", "--out", "pages/report.html")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Wrote pages/report.html (")
    assert "accuracy 100.0 %  (95 % interval 94.0 to 100.0 %) on 60 texts" in result.stdout
    page = (tmp_path / "pages" / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "tiny-model" in page
    assert "reviews.csv, line " in page


def test_json_has_the_scores_that_evaluate_gives(answer, model, reviews):
    scores = answer("evaluate", model, "reviews.csv")
    found = answer("report", model, "reviews.csv", "--out", "r.html")
    assert found["file"] == "r.html"
    assert found["bytes"] <= 3_000_000
    assert found["left_out"] == []
    assert {name: found[name] for name in ("accuracy", "confusion", "calibration")} == {
        name: scores[name] for name in ("accuracy", "confusion", "calibration")
    }


def test_a_page_that_is_there_is_not_replaced_unasked(run, fails, model, reviews, tmp_path):
    (tmp_path / "r.html").write_text("mine")
    assert "--overwrite" in fails(2, "report", model, "reviews.csv", "--out", "r.html")
    assert (tmp_path / "r.html").read_text() == "mine"
    assert run("report", model, "reviews.csv", "--out", "r.html", "--overwrite").exit_code == 0
    assert (tmp_path / "r.html").read_text() != "mine"


@pytest.mark.slow
def test_other_labels_are_counted_as_wrong_or_left_out_and_none_known_is_an_error(
    run, answer, fails, model, tmp_path
):
    (tmp_path / "x.csv").write_text("text,label\ngreat film,pos\nawful film,neg\ngreat plot,<b>new</b>\n")
    result = run("report", model, "x.csv", "--out", "r.html")
    assert "x.csv, line 4: the model has no label '<b>new</b>'" in result.stderr
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "labels that the model lacks" in page
    assert "<b>new" not in page
    skipped = answer("report", model, "x.csv", "--unknown-labels", "skip", "--out", "s.html")
    assert skipped["n"] == 2
    (tmp_path / "y.csv").write_text("text,label\ngreat film,a\nawful film,b\n")
    assert "the model has no label 'a'" in fails(3, "report", model, "y.csv", "--out", "t.html")
    assert not (tmp_path / "t.html").exists()


def test_baselines_need_the_training_texts(run, fails, model, reviews, tmp_path):
    assert "--trained-on" in fails(2, "report", model, "reviews.csv", "--baselines", "--out", "r.html")
    told = ("--baselines", "--trained-on", "reviews.csv", "--out", "r.html")
    assert run("report", model, "reviews.csv", *told).exit_code == 0
    assert "TF-IDF + logistic regression" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_missing_extra_is_named_before_anything_is_read(fails, model, monkeypatch):
    from wordloom.report import subject

    monkeypatch.setattr(subject.importlib.util, "find_spec", lambda name: None)
    message = fails(1, "report", model, "no-such.csv", "--out", "r.html")
    assert "pip install 'wordloom[report]'" in message


def test_the_page_of_a_table_with_hostile_cells_holds_them_as_data(run, model, tmp_path):
    rows = [{"text": "great </script><script>alert(1)</script> \u202e film", "label": "pos"}] * 3
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"text": "awful", "label": "neg"}])))
    assert run("report", model, "x.jsonl", "--out", "r.html").exit_code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert page.count("</script>") == 2
