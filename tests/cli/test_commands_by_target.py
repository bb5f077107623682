"""Every command on texts with several labels and with grades: it works, or says why it does not apply."""

from __future__ import annotations

import csv
import random

import pytest

from wordloom.text_model import TextModel

WORD_OF = {"music": "song", "plot": "story"}
SCALE = {"awful": 1, "fair": 3, "superb": 5}
FILLERS = ["the", "film", "was", "a"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """moods.csv and stars.csv: one word tells each label, and each grade."""
    folder, rng = tmp_path_factory.mktemp("tables"), random.Random(0)
    rows = {"moods": [("text", "labels")], "stars": [("text", "stars")]}
    for _ in range(220):
        labels = [label for label in WORD_OF if rng.random() < 0.5]
        words = [*(WORD_OF[label] for label in labels), *rng.sample(FILLERS, 3)]
        rows["moods"].append((" ".join(words), "|".join(labels)))
        word = rng.choice(list(SCALE))
        rows["stars"].append((" ".join([word, *rng.sample(FILLERS, 3)]), str(SCALE[word])))
    for name, lines in rows.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    return folder


READ = {"moods": ("--target", "multilabel"), "stars": ("--target", "graded")}
FAST = ("--architecture", "ngram", "--characters", "0", "--epochs", "6", "--seed", "1")


@pytest.fixture
def trained(run, tables):
    """A function that gives the table and the model of a name; trained once."""

    def of(name):
        table, model = tables / f"{name}.csv", tables / name
        if not model.exists():
            result = run("train", table, *READ[name], *FAST, "--out", model)
            assert result.exit_code == 0, result.output
        return table, model

    return of


def test_training_says_what_was_measured_on_texts_held_out(run, tables):
    more = (*FAST, "--test-split", "0.2", "--out")
    moods = run("train", tables / "moods.csv", *READ["moods"], *more, "m")
    assert "micro F1" in moods.output
    stars = run("train", tables / "stars.csv", *READ["stars"], *more, "s")
    assert "Spearman" in stars.output
    untested = run("train", tables / "moods.csv", *READ["moods"], *FAST, "--out", "u").output
    assert "Accuracy, of each label by itself," in " ".join(untested.split())
    untested = run("train", tables / "stars.csv", *READ["stars"], *FAST, "--out", "v").output
    assert "Log loss 0." in untested
    assert "Accuracy" not in untested


def test_evaluate_needs_no_options_for_what_the_model_knows(run, answer, trained):
    table, model = trained("moods")
    assert "micro F1 " in run("evaluate", model, table).stdout
    assert answer("evaluate", model, table)["micro_f1"] > 0.95
    table, model = trained("stars")
    assert "Spearman" in run("evaluate", model, table).stdout
    assert answer("evaluate", model, table)["spearman"] > 0.9


def test_predict_gives_labels_the_likeliest_or_those_above_a_threshold(run, answer, trained):
    _, model = trained("moods")
    assert run("predict", model, "the song").stdout.split()[0] == "music"
    both = run("predict", model, "the song", "--top", "2").stdout
    assert both.startswith("music, plot ")
    every = run("predict", model, "the song", "a", "--threshold", "0.001")
    assert every.stdout.splitlines()[0].startswith("music, plot ")
    none = run("predict", model, "the song", "a", "--threshold", "0.9999")
    assert none.stdout.splitlines()[0].startswith("no label")
    assert "2 of 2 texts have no label." in none.stderr
    (found,) = answer("predict", model, "the song")
    assert found["labels"] == ["music"]
    assert list(found["probabilities"]) == ["music", "plot"]


def test_predict_gives_grades(run, answer, trained, fails):
    _, model = trained("stars")
    low, high = (
        float(line.split()[0]) for line in run("predict", model, "awful", "superb").stdout.splitlines()
    )
    assert 1 <= low < 2 < 4 < high <= 5
    (found,) = answer("predict", model, "superb")
    assert list(found) == ["text", "grade"]
    for option in ("--top", "--threshold"):
        assert "goes with labels, and this is a model of grades" in fails(
            2, "predict", model, option, "1", "x"
        )


def test_inspect_tells_labels_and_the_scale(run, answer, trained):
    _, model = trained("moods")
    assert "2: music, plot (several for each text)" in run("inspect", model).stdout
    assert answer("inspect", model)["target"] == "multilabel"
    assert "song" in run("inspect", model, "--words", "2").stdout
    _, model = trained("stars")
    shown = run("inspect", model).stdout
    assert "from 1 to 5" in shown
    assert "labels " not in shown
    assert answer("inspect", model)["labels"] == [1.0, 5.0]


NO_CLASSES = {"moods": "these have several labels each", "stars": "these have a grade each"}


@pytest.mark.parametrize("name", NO_CLASSES)
@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("compare", "A comparison of models or settings"),
        ("tune", "A comparison of models or settings"),
        ("curve", "A curve of accuracy"),
    ],
)
def test_commands_for_one_label_each_say_so_and_name_the_way_out(fails, run, tables, command, what, name):
    said = " ".join(fails(2, command, tables / f"{name}.csv", *READ[name]).split())
    assert f"{what} is for texts with one label each; {NO_CLASSES[name]}." in said
    assert "--target single" in said
    assert run(command, tables / f"{name}.csv", *READ[name]).output.startswith("error: ")


@pytest.mark.parametrize(("name", "measured"), [("moods", {"loss", "binary_accuracy"}), ("stars", {"loss"})])
def test_the_progress_names_measures_that_mean_something(run, tables, name, measured):
    result = run("train", tables / f"{name}.csv", *READ[name], *FAST, "--validation-split", "0", "--out", "p")
    line = next(line for line in result.output.splitlines() if line.startswith("epoch 1/"))
    assert set(line.split()[2:-2:2]) == measured


@pytest.mark.parametrize("name", ["moods", pytest.param("stars", marks=pytest.mark.exhaustive)])
def test_texts_without_labels_that_auto_does_not_learn_from_are_told_of(run, tables, name, tmp_path):
    (tmp_path / "more.txt").write_text("the film was a song\n" * 5)
    result = run("train", tables / f"{name}.csv", *READ[name], "--unlabelled", "more.txt", "--out", "q")
    said = " ".join(result.output.split())
    assert "the 5 texts without labels are not used" in said
    assert "'documents', which learns from texts without labels as well, is not tried beside it" in said


@pytest.mark.parametrize("name", NO_CLASSES)
def test_a_report_has_the_score_that_evaluate_gives(answer, run, trained, name, tmp_path):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    table, model = trained(name)
    scores = answer("evaluate", model, table)
    wanted = (
        f"mean error {scores['mae']:.3f}" if name == "stars" else f"micro F1 {100 * scores['micro_f1']:.1f} %"
    )
    result = run("report", model, table, "--out", "report.html", "--baselines", "--trained-on", table)
    assert result.exit_code == 0, result.output
    assert wanted in result.stdout
    assert "TF-IDF" in (tmp_path / "report.html").read_text(encoding="utf-8")


PICTURES = {"moods": ["reliability", "by-length"], "stars": ["predicted", "errors", "by-length"]}


@pytest.mark.parametrize("name", NO_CLASSES)
def test_pictures_of_answers_are_those_that_fit_the_target(answer, fails, trained, name):
    pytest.importorskip("matplotlib")
    table, model = trained(name)
    other = "confusion" if name == "stars" else "errors"
    said = " ".join(fails(3, "plot", model, "--kind", other, "--data", table, "--out", "x.svg").split())
    assert f"no picture '{other}'" in said
    assert said.endswith(", ".join(map(repr, PICTURES[name])) + ".")
    drawn = answer("plot", model, "--kind", "all", "--data", table, "--out", "all")
    kinds = ["history", *PICTURES[name], "lengths"]
    assert [file.rsplit("/")[-1] for file in drawn["files"]] == [f"{kind}.png" for kind in kinds]
    assert set(drawn["left_out"]) == {"words"}


def test_labels_of_another_kind_than_the_models_are_refused(fails, trained):
    _, model = trained("moods")
    table, _ = trained("stars")
    said = fails(2, "evaluate", model, table, "--target", "graded")
    assert "This model is for texts with several labels each; these have a grade each" in " ".join(
        said.split()
    )


def test_other_architectures_are_named_where_one_does_not_apply(fails, tables):
    given = (tables / "moods.csv", *READ["moods"], "--architecture", "lstm", "--out", "m")
    assert "are learned by mean, max, pooled, flatten, ngram, documents" in " ".join(
        fails(2, "train", *given).split()
    )


def test_a_saved_model_says_what_python_says(run, trained):
    _, model = trained("stars")
    shown = float(run("predict", model, "the superb film").stdout.split()[0])
    assert shown == pytest.approx(TextModel.load(model).predict(["the superb film"])[0], abs=0.01)


def test_top_holds_in_json_as_well(answer, trained):
    _, model = trained("moods")
    (found,) = answer("predict", model, "--top", "2", "the song")
    assert found["labels"] == list(found["probabilities"]) == ["music", "plot"]
    (found,) = answer("predict", model, "--top", "1", "story")
    assert list(found["probabilities"]) == ["plot"]


def test_texts_with_none_of_the_models_labels_are_refused(fails, run, trained, tmp_path):
    _, model = trained("moods")
    (tmp_path / "others.csv").write_text("text,labels\na song,anger|joy\na story,joy\n")
    said = fails(3, "evaluate", model, "others.csv")
    assert "the model has none of the labels of these texts, such as 'anger'" in said
    assert "'music', 'plot'" in said
    (tmp_path / "some.csv").write_text("text,labels\na song,music|joy\na story,plot\n")
    warned = run("evaluate", model, "some.csv").stderr
    assert "the model does not have the label 'joy', which 1 of 2 texts have. They count as missed." in warned


def test_what_was_measured_in_training_has_a_name_that_means_something(run, trained):
    shown = {name: run("inspect", trained(name)[1]).stdout for name in READ}
    assert "binary accuracy" in shown["moods"]
    assert "accuracy" not in shown["stars"].partition("Training")[2]


def test_the_curves_of_a_model_of_grades_are_of_its_loss_alone(trained):
    pytest.importorskip("matplotlib")
    from wordloom.plots.of_models import history_of

    assert "Loss" in history_of(TextModel.load(trained("stars")[1])).get_ylabel()
    assert [ax.get_ylabel() for ax in history_of(TextModel.load(trained("moods")[1]))] == [
        "Accuracy of each label (%)",
        "Loss (nats per label)",
    ]


def test_what_a_model_needs_is_said_of_texts_of_another_kind(fails, trained):
    table, model = trained("stars")
    said = fails(2, "train", table, "--from", model, "--target", "single", "--out", "m")
    assert "This model is for texts with a grade each" in said
    assert "--target graded" in said


def test_a_threshold_for_grades_is_refused_before_a_table_begins(run, trained):
    table, model = trained("stars")
    result = run("predict", model, "--input", table, "--threshold", "0.5")
    assert (result.exit_code, result.stdout) == (2, "")


def test_texts_of_a_single_grade_are_told_of(run, trained, tmp_path):
    _, model = trained("stars")
    (tmp_path / "same.csv").write_text("text,stars\nsuperb,5\nawful,5\n")
    shown = run("evaluate", model, "same.csv").stdout
    assert "The texts do not differ in grade, so correlations say nothing of them." in shown


def test_a_table_without_any_label_is_told_of(run, tmp_path):
    (tmp_path / "none.csv").write_text("text,labels\na,\nb,\n")
    assert "2 texts; no labels" in run("data", "none.csv", "--target", "multilabel").stdout
