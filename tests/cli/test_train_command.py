"""`wordloom train`: what it reads, scores, saves and says."""

from __future__ import annotations

import re

import pytest

from wordloom import TextModel

QUICK = ("--dimensions", "4", "--epochs", "3", "--batch-size", "8", "--threads", "1", "--seed", "3")


@pytest.fixture
def table(tmp_path):
    def write(name, text, encoding="utf-8"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        return name

    return write


def test_json_keys_and_a_model_that_predicts(answer, reviews, tmp_path):
    document = answer("train", "reviews.csv", "--out", "m", "--test-split", "0.2", "--baselines", *QUICK)
    assert list(document) == [
        *("model", "bytes", "data", "seed", "settings", "training", "test", "baselines"),
    ]
    assert document["data"]["train"] == {
        "name": "reviews.csv",
        "texts": 48,
        "target": "single",
        "classes": {"neg": 24, "pos": 24},
    }
    assert document["data"]["test"]["texts"] == 12
    assert document["data"]["test"]["name"] == "reviews.csv (held out)"
    assert document["seed"] == 3
    assert document["settings"]["dimensions"] == 4
    assert document["training"]["epochs"] == 3
    assert document["training"]["trained_on"] == 48
    assert document["training"]["validation"] is None
    assert document["test"]["n"] == 12
    assert [baseline["name"] for baseline in document["baselines"]] == [
        "majority",
        "TF-IDF + logistic regression",
    ]
    assert document["baselines"][0]["accuracy"] == 0.5
    model = TextModel.load(tmp_path / "m")
    assert model.labels == ("neg", "pos")
    assert model.record["scores"]["test"] == document["test"]
    assert document["bytes"] == sum(file.stat().st_size for file in (tmp_path / "m").iterdir())


def test_text_output(run, reviews):
    result = run("train", "reviews.csv", "--out", "m", "--test-split", "0.25", *QUICK)
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stdout.split())  # lines end where the terminal does
    assert "Read reviews.csv (train): 44 texts; neg 22, pos 22" in shown
    assert "text from the column 'review', labels from 'sentiment' (guessed)" in shown
    assert "Test on 16 texts of reviews.csv (held out)" in shown
    assert "95 % interval" in shown
    assert "most frequent label for all 50.0 %" in shown
    assert "macro F1 33.3 %" in shown
    assert 'wordloom predict m "a text of yours"' in shown
    assert "seed 3" in shown
    assert result.stderr.count("epoch") >= 3


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--optimize", "--optimise"])
def test_what_macro_f1_gains_is_said_in_a_line(run, tmp_path, option):
    rare = [i % 10 == 0 for i in range(600)]
    odd = [i % 40 > 0 if is_rare else i % 7 == 1 for i, is_rare in enumerate(rare)]
    lines = [
        f"{'odd' if o else 'even'} film,{'rare' if r else 'usual'}" for o, r in zip(odd, rare, strict=True)
    ]
    (tmp_path / "x.csv").write_text("\n".join(["text,label", *lines]))
    training = ("train", "x.csv", "--validation-split", "0.4", "--epochs", "3", "--seed", "1")
    result = run(*training, "--architecture", "ngram", option, "macro-f1", "--out", "m", "--no-progress")
    assert result.exit_code == 0, result.output
    before, after = TextModel.load(tmp_path / "m").record["optimized"]["macro_f1"]
    assert after > before
    said = f"for macro F1: {100 * after:.1f} % in the place of {100 * before:.1f} % on the 240 texts held out"
    assert said in " ".join(result.stdout.split())


def test_no_progress_and_no_seed(run, reviews):
    result = run("train", "reviews.csv", "--out", "m", "--epochs", "1", "--no-progress")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "seed " in result.stdout


def test_without_test_texts_nothing_is_called_a_score(run, reviews):
    result = run("train", "reviews.csv", "--out", "m", "--validation-split", "0.4", *QUICK)
    assert "This is no test score" in " ".join(result.stdout.split())
    assert "--test-split" in result.stdout
    assert "Test on" not in result.stdout


def test_a_model_within_a_size_says_what_is_left_out(run, answer, reviews):
    options = ("--architecture", "ngram", "--out", "m", "--epochs", "2", "--test-split", "0.2", "--seed", "3")
    shown = " ".join(run("train", "reviews.csv", "--max-size", "9K", *options).stdout.split())
    assert re.search(
        r"To keep within 9\.0 kB, \d+ of \d+ words and \d+ of \d+ n-grams stay; left out:", shown
    )
    assert "weights beyond 8 bits, counts of words" in shown
    found = answer("inspect", "m")
    assert found["bytes"] <= 9000
    assert found["record"]["size"]["limit"] == 9000
    assert found["most_frequent"][0]["count"] is None
    assert answer("evaluate", "m", "reviews.csv")["n"] == 60
    shown = run("train", "reviews.csv", "--max-size", "40MB", *options, "--overwrite").stdout
    assert "The model is smaller than 40.0 MB as it is; nothing was left out." in shown


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("5K", "max_size is 5,000 bytes, but a model of these texts takes at least"),
        ("2X", "is no size; write for example 500M or 2G"),
        ("0.5", "max_size must be a whole number"),
    ],
)
def test_sizes_that_cannot_be(run, reviews, given, says):
    result = run("train", "reviews.csv", "--architecture", "ngram", "--out", "m", "--max-size", given)
    assert result.exit_code
    assert says in " ".join(result.output.split())


def test_the_same_seed_gives_the_same_model(run, reviews, tmp_path):
    for name in ("a", "b"):
        assert run("train", "reviews.csv", "--out", name, *QUICK).exit_code == 0
    first, second = ((tmp_path / name / "weights.safetensors").read_bytes() for name in ("a", "b"))
    assert first == second


def test_separate_test_texts_with_labels_of_another_type(answer, table):
    """A CSV file has "0" and "1", JSON has 0 and 1."""
    lines = "".join(f'{{"text": "{"good" if i % 2 else "bad"} film", "label": {i % 2}}}\n' for i in range(20))
    table("train.jsonl", lines)
    table("test.csv", "text,label\ngood,1\nbad,0\nbad film,0\n")
    longer = [*QUICK]
    longer[longer.index("--epochs") + 1] = "60"
    document = answer("train", "train.jsonl", "--test", "test.csv", "--baselines", "--out", "m", *longer)
    assert document["test"]["labels"] == [0, 1]
    assert document["test"]["accuracy"] == 1.0
    assert document["baselines"][1]["accuracy"] == 1.0


def test_the_sources_own_test_part_is_used(answer, tmp_path):
    for part in ("train", "test"):
        rows = "".join(f"{word} film,{label}\n" for word, label in [("good", "y"), ("bad", "n")] * 5)
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / f"{part}.csv").write_text("text,label\n" + rows)
    assert answer("train", "data", "--out", "m", *QUICK)["test"]["n"] == 10


def test_standard_input(answer):
    text = "__label__y good film\n__label__n bad film\n" * 10
    assert answer("train", "-", "--out", "m", *QUICK, stdin=text)["data"]["train"]["texts"] == 20


def test_empty_texts_are_counted(run, table):
    table("x.csv", "text,label\n" + "good,y\nbad,n\n" * 5 + ",y\n")
    result = run("train", "x.csv", "--out", "m", *QUICK)
    assert "1 of 11 texts is empty" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["missing.csv"], 3, ["missing.csv", "no such file"]),
        (["reviews.csv", "--text", "revew"], 3, ["'revew'", "Did you mean 'review'?"]),
        (["reviews.csv", "--label", "stars"], 3, ["'stars'", "--label"]),
        (["reviews.csv", "--format", "xlsx"], 2, ["'xlsx'"]),
        (["reviews.csv", "--encoding", "latin-99"], 2, ["latin-99"]),
        (["reviews.csv", "--epochs", "0"], 2, ["epochs must be"]),
        (["reviews.csv", "--optimizer", "adamm"], 2, ["adamm", "See: wordloom train --help"]),
        (["reviews.csv", "--test-split", "1.5"], 2, ["--test-split"]),
        (["reviews.csv", "--test", "reviews.csv", "--test-split", "0.2"], 2, ["do not go together"]),
        (["demo", "--test-split", "0.2"], 2, ["own test part"]),
        (["imdb"], 3, ["not on this machine", "wordloom data imdb"]),
    ],
)
def test_what_cannot_be(fails, reviews, arguments, code, parts):
    message = fails(code, "train", *arguments, "--out", "m")
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("text,label\nfine,a\nbad,a\n", "utf-8", ["all 2 texts have the label 'a'"]),
        ("text,label\nfoo,a\nné,b\n", "latin-1", ["line 3", "--encoding latin-1"]),
        ("", "utf-8", ["is empty"]),
        ("text,label\n1,a nice film\n0,a very bad film\n1,an ok film\n", "utf-8", ["swapped"]),
        ('text,label\n" ",a\n" ",b\n', "utf-8", ["empty vocabulary"]),
    ],
)
def test_bad_data(fails, table, text, encoding, parts):
    message = fails(3, "train", table("x.csv", text, encoding), "--out", "m")
    assert all(part in message for part in parts), message


def test_a_test_label_that_training_lacks_is_found_before_training(fails, reviews, table, tmp_path):
    table("test.csv", "text,label\nfine,poss\n")
    message = fails(3, "train", "reviews.csv", "--test", "test.csv", "--out", "m")
    assert "test.csv, line 2: the model has no label 'poss'" in message
    assert "Did you mean 'pos'?" in message
    assert not (tmp_path / "m").exists()


SPLIT = "text,label,split\n" + "great film,pos,train\ndull plot,neg,train\n" * 6


@pytest.mark.parametrize(
    ("rows", "labels", "options"),
    [
        ("great film,pos,test\na song,music,test\n", "'neg', 'pos'", ()),
        ("great film,2,test\na song,music,test\n", "'1', '2'", ()),
        ("great film,pos,test\na song,music|neg,test\n", "'music'", ("--target", "multilabel")),
    ],
)
def test_a_label_of_test_texts_alone_is_told_once_and_counts_as_wrong(run, table, rows, labels, options):
    text = SPLIT.replace("pos", "2").replace("neg", "1") if ",2," in rows else SPLIT
    result = run("train", table("x.csv", text + rows), "--out", "m", *options, *QUICK)
    assert result.exit_code == 0, result.output
    told = [line for line in result.stderr.splitlines() if "music" in line]
    assert len(told) == 1
    assert labels in told[0]


def test_a_label_of_test_texts_alone_lowers_the_score(answer, table):
    rows = "great film,pos,test\na song,music,test\n"
    document = answer("train", table("x.csv", SPLIT + rows), "--out", "m", "--baselines", *QUICK)
    assert document["test"]["unknown_labels"] == 1
    assert document["test"]["accuracy"] <= 0.5
    assert all(each["accuracy"] <= 0.5 for each in document["baselines"])


def test_a_place_where_no_model_can_go_is_refused_before_anything_is_read(fails, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").touch()
    assert "not a wordloom model" in fails(2, "train", "missing.csv", "--out", "photos")
    assert "current folder" in fails(2, "train", "missing.csv", "--out", ".")


def test_labels_that_look_alike_are_warned_about(run, table):
    table("x.csv", "text,label\n" + "good,Yes\nfine,yes\nbad,no\n" * 5)
    result = run("train", "x.csv", "--out", "m", *QUICK)
    assert result.exit_code == 0
    assert result.stderr.count("warning: ") == 1
    assert "'Yes'" in result.stderr


def test_rare_labels_are_told_with_the_way_out(run, tmp_path):
    rows = ["great film,pos"] * 18 + ["dull plot,neg"] * 3
    for name in ("x.csv", "test.csv"):
        (tmp_path / name).write_text("text,label\n" + "\n".join(rows) + "\n")
    options = ("--test", "test.csv", "--epochs", "1", "--no-progress", "--threads", "1", "--overwrite")
    shown = run("train", "x.csv", "--out", "m", *options).stdout
    assert "The label 'neg' has 3 of the 21 texts" in shown
    assert "--class-weight balanced" in shown
    shown = run("train", "x.csv", "--out", "m", *options, "--class-weight", "balanced").stdout
    assert "The label 'neg' has 3 of the 21 texts" in shown
    assert "--class-weight balanced" not in shown
    shown = run("train", "x.csv", "--out", "m", *options, "--labels-per-class", "3").stdout
    assert "The label 'neg' has 3 of the 21 texts" in shown
    assert "--class-weight balanced" not in shown  # there is nothing to balance


def test_validation_texts_are_used_told_and_remembered(run, answer, reviews, tmp_path, table):
    table("dev.csv", "text,label\ngood film,pos\nbad film,neg\n")
    for architecture in ("ngram", "mean"):
        command = ["train", "reviews.csv", "--validation", "dev.csv", "--architecture", architecture]
        own = ["--epochs", "3", "--seed", "3", "--out", "m", "--overwrite"]
        document = answer(*command, *own)
        assert document["training"]["trained_on"] == 60
        assert document["training"]["validation"]["texts"] == 2
        said = " ".join(run(*command, *own).stdout.split())
        assert "Read dev.csv: 2 texts to validate on; neg 1, pos 1" in said
        assert "on the 2 texts of dev.csv, given for validation" in said
        assert TextModel.load(tmp_path / "m").record["data"]["validation"] == "dev.csv"


def test_texts_to_validate_on_that_say_little_are_told_of(run, reviews, table):
    first = reviews.read_text(encoding="utf-8").splitlines()[1].rpartition(",")[0]
    table("dev.csv", f"review,sentiment\n{first},pos\ngreat,pos\n")
    result = run("train", "reviews.csv", "--validation", "dev.csv", "--out", "m", *QUICK)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("all 2 texts to validate on have the label 'pos'") == 1
    assert "1 of 2 texts to validate on occur in training as well" in " ".join(result.stdout.split())


@pytest.mark.parametrize("option", [("--validation-split", "0.1"), ("--validation-mode", "tail")])
def test_validation_texts_and_a_share_to_hold_out_do_not_go_together(fails, reviews, table, option):
    table("dev.csv", "text,label\ngood film,pos\nbad film,neg\n")
    message = fails(2, "train", "reviews.csv", "--validation", "dev.csv", *option, "--out", "m")
    assert f"{option[0]} says what to hold out" in message


def test_a_label_of_validation_texts_that_training_lacks_is_found_out_before_training(fails, reviews, table):
    table("dev.csv", "text,label\ngood film,great\n")
    message = fails(3, "train", "reviews.csv", "--validation", "dev.csv", "--out", "m")
    assert "great" in message
