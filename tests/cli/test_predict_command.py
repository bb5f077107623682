"""`wordloom predict`: texts in, labels out; a table in, the same table with two columns more out."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest

from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.origin import Columns
from wordloom.settings import Settings


def test_one_text(run, model):
    result = run("predict", model, "a great film")
    label, probability = result.stdout.split()
    assert label == "pos"
    assert 0.5 < float(probability) <= 1


def test_several_texts_a_line_each_in_order(run, model):
    lines = run("predict", model, "great", "dull  and\npoor", "great").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["pos", "neg", "pos"]
    assert lines[1].endswith("  dull and poor")


def test_json_of_texts(answer, model):
    first, second = answer("predict", model, "great", "dull ☃")
    assert list(first) == ["text", "label", "probability", "probabilities"]
    assert (first["label"], second["text"], second["label"]) == ("pos", "dull ☃", "neg")
    assert list(first["probabilities"]) == ["neg", "pos"]
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert first["probability"] == first["probabilities"]["pos"]


@pytest.mark.parametrize("text", ["", "xyzzy", "!?"])
def test_a_text_without_known_words_is_answered_with_a_warning(run, model, text):
    result = run("predict", model, text)
    assert result.exit_code == 0
    assert result.stdout.split()[0] in ("neg", "pos")
    assert "warning: The model knows no word of" in result.stderr


def test_what_a_text_without_known_words_is_answered_by_is_told(run, reviews):
    assert run("train", "reviews.csv", "--out", "m", "--seed", "1", "--threads", "1").exit_code == 0
    said = run("predict", "m", "a great film", "the dull plot", "greaaat", "\u2603").stderr
    assert "no word of 'greaaat'; its answer goes by the characters of words" in said
    assert "no word of '\u2603'; its answer has nothing to go by" in said


def test_texts_below_the_threshold_are_unsure(run, answer, model):
    result = run("predict", model, "--threshold", "0.97", "great", "xyzzy", "dull")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["pos", "unsure", "neg"]
    assert "1 of 3 texts is unsure: the likeliest label has a probability below 0.97." in result.stderr
    sure, unsure = answer("predict", model, "--threshold", "0.97", "great", "xyzzy")
    assert (sure["label"], unsure["label"]) == ("pos", None)
    assert unsure["probability"] == max(unsure["probabilities"].values()) < 0.97


def test_a_label_with_just_the_probability_of_the_threshold_is_given(answer, model):
    (one,) = answer("predict", model, "great film")
    (same,) = answer("predict", model, "--threshold", repr(one["probability"]), "great film")
    assert same == one


def test_unsure_rows_of_a_table_have_no_label(run, answer, model, tmp_path):
    (tmp_path / "x.csv").write_text("text\ngreat\nxyzzy\ndull\n")
    result = run("predict", model, "--input", "x.csv", "--threshold", "0.97", "--output", "y.csv")
    assert result.stdout == "Wrote y.csv: 3 texts; neg 1, pos 1; unsure 1\n"
    assert "1 of 3 texts is unsure" in result.stderr
    assert [row[1] for row in csv.reader((tmp_path / "y.csv").open())] == ["label", "pos", "", "neg"]
    shown = run("predict", model, "--input", "x.csv", "--threshold", "0.97", "--json").stdout
    assert [json.loads(line)["label"] for line in shown.splitlines()] == ["pos", None, "neg"]
    report = answer("predict", model, "--input", "x.csv", "--threshold", "0.97", "--output", "z.jsonl")
    assert report == {"output": "z.jsonl", "n": 3, "labels": {"neg": 1, "pos": 1}, "unsure": 1, "empty": 0}
    written = (tmp_path / "z.jsonl").read_text().splitlines()
    assert [json.loads(line)["label"] for line in written] == ["pos", None, "neg"]


def test_without_a_threshold_nothing_is_said_of_unsure_texts(run, model):
    assert "unsure" not in run("predict", model, "xyzzy").output


def predicted(run, model, name, *options):
    result = run("predict", model, "--input", name, *options)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_a_cell_with_a_lone_carriage_return_stays_one_cell(run, model, tmp_path, name):
    (tmp_path / name).write_bytes(b'text\n"good\rfilm"\n"bad film"\n')
    predicted(run, model, name, "--output", f"out_{name}")
    written = (tmp_path / f"out_{name}").read_bytes()
    assert b'"good\rfilm"' in written
    delimiter = "\t" if name.endswith("tsv") else ","
    read = list(csv.reader(io.StringIO(written.decode(), newline=""), delimiter=delimiter))
    assert [row[0] for row in read] == ["text", "good\rfilm", "bad film"]


def test_a_csv_comes_back_with_two_columns_more(run, model, tmp_path):
    text = 'id;review\n1;great film\n2;"dull; ""so""\npoor"\n3;été lovely\n'
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    result = run("predict", model, "--input", "x.csv")
    rows = list(csv.reader(io.StringIO(result.stdout), delimiter=";"))
    assert rows[0] == ["id", "review", "label", "probability"]
    assert [row[:3] for row in rows[1:]] == [
        ["1", "great film", "pos"],
        ["2", 'dull; "so"\npoor', "neg"],
        ["3", "été lovely", "pos"],
    ]
    assert all(0.5 <= float(row[3]) <= 1 for row in rows[1:])


def test_columns_that_are_there_already_keep_their_names(run, model, tmp_path):
    (tmp_path / "x.csv").write_text("text,label,predicted_label\ngreat,x,y\n")
    header, row = predicted(run, model, "x.csv").splitlines()
    assert header == "text,label,predicted_label,predicted_predicted_label,probability"
    assert row.startswith("great,x,y,pos,")


def test_a_table_without_a_header_stays_without(run, model, tmp_path):
    (tmp_path / "x.tsv").write_text("1\tgreat film\n2\tdull film\n")
    lines = predicted(run, model, "x.tsv", "--text", "2").splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["1", "great film", "pos"], ["2", "dull film", "neg"]]


def test_json_lines_keep_their_values(run, model, tmp_path):
    (tmp_path / "x.jsonl").write_text(
        '{"n": 1, "text": "great", "tags": ["a"]}\n{"n": null, "text": "dull"}\n'
    )
    first, second = map(json.loads, predicted(run, model, "x.jsonl").splitlines())
    assert (first["n"], first["tags"], first["label"]) == (1, ["a"], "pos")
    assert (second["n"], second["label"]) == (None, "neg")
    assert list(first) == ["n", "text", "tags", "label", "probability"]


def test_an_array_stays_an_array(run, model, tmp_path):
    (tmp_path / "x.json").write_text('[{"text": "great"}, {"text": "dull"}]')
    assert [row["label"] for row in json.loads(predicted(run, model, "x.json"))] == ["pos", "neg"]


def test_json_values_in_a_csv(run, model, tmp_path):
    (tmp_path / "x.jsonl").write_text(
        '{"text": "great", "a": null, "b": [1, 2], "c": true, "d": 1.5}\n{"text": "dull"}\n'
    )
    run("predict", model, "--input", "x.jsonl", "--output", "y.csv")
    rows = list(csv.reader((tmp_path / "y.csv").open()))
    assert rows[1][:5] == ["great", "", "[1, 2]", "true", "1.5"]
    assert rows[2][:5] == ["dull", "", "", "", ""]


def test_plain_lines_from_standard_input_with_empty_ones_counted(run, model):
    result = run("predict", model, "--input", "-", stdin="great film\n\ndull\n")
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert [row[:2] for row in rows] == [
        ["text", "label"],
        ["great film", "pos"],
        ["", rows[2][1]],
        ["dull", "neg"],
    ]
    assert "warning: standard input: 1 of 3 texts is empty" in result.stderr


def test_json_of_a_table_is_one_object_a_line(run, model):
    result = run("predict", model, "--input", "-", "--json", stdin="great film\ndull\n")
    first, second = map(json.loads, result.stdout.splitlines())
    assert list(first) == ["text", "label", "probability", "probabilities"]
    assert (first["text"], first["label"], second["label"]) == ("great film", "pos", "neg")


def test_output_file_and_its_report(run, answer, model, tmp_path):
    (tmp_path / "x.csv").write_text("text\ngreat\ndull\nsuperb\n")
    result = run("predict", model, "--input", "x.csv", "--output", "y.tsv")
    assert result.stdout == "Wrote y.tsv: 3 texts; neg 1, pos 2\n"
    assert (tmp_path / "y.tsv").read_text().splitlines()[0] == "text\tlabel\tprobability"
    report = answer("predict", model, "--input", "x.csv", "--output", "z.csv.gz")
    assert report == {"output": "z.csv.gz", "n": 3, "labels": {"neg": 1, "pos": 2}, "empty": 0}
    assert gzip.decompress((tmp_path / "z.csv.gz").read_bytes()).count(b"\n") == 3


def test_a_table_may_replace_itself_and_an_error_leaves_it(run, fails, model, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("n,text\n1,great\n2,dull\n")
    assert "x.csv exists already" in fails(2, "predict", model, "--input", "x.csv", "--output", "x.csv")
    replaced = run("predict", model, "--input", "x.csv", "--output", "x.csv", "--overwrite")
    assert replaced.exit_code == 0
    before = file.read_text()
    assert before.startswith("n,text,label,probability\n1,great,pos,")
    (tmp_path / "bad.csv").write_text("n,text\n1,great\n2\n")
    bad = ("predict", model, "--input", "bad.csv", "--output", "x.csv", "--overwrite")
    assert "line 3" in fails(3, *bad)
    assert file.read_text() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "x.csv"]


def test_parquet_becomes_csv(run, model, tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    pyarrow.parquet.write_table(pa.table({"n": [1, 2], "text": ["great", "dull"]}), tmp_path / "x.parquet")
    lines = predicted(run, model, "x.parquet").splitlines()
    assert lines[0] == "n,text,label,probability"
    assert lines[1].startswith("1,great,pos,")


def test_half_a_surrogate_pair_does_not_end_the_work(run, model, tmp_path):
    (tmp_path / "x.jsonl").write_text('{"text": "great \\ud83d film"}\n')
    result = run("predict", model, "--input", "x.jsonl")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["text"] == "great \ud83d film"
    assert run("predict", model, "--input", "x.jsonl", "--output", "y.csv").exit_code == 0
    assert "\\ud83d" in (tmp_path / "y.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        ([], 2, "either texts or --input"),
        (["hi", "--input", "x.csv"], 2, "either texts or --input"),
        (["hi", "--output", "y.csv", "--text", "t"], 2, "--output, --text goes with --input"),
        (["--input", "none.csv"], 3, "no such file"),
        (["hi", "--threshold", "90"], 2, "a number from 0 to 1 (0.9 for 90 %), not 90.0"),
        (["--input", "x.csv", "--threshold", "-0.1"], 2, "threshold must be a probability"),
        (["hi", "--threshold", "nan"], 2, "not nan"),
        (["--input", "x.csv", "--text", "reviw"], 3, "Did you mean 'review'?"),
        (["--input", "x.csv", "--output", "y.xlsx"], 2, ".xlsx"),
        (["--input", "x.csv", "--output", "x.csv/y.csv"], 3, "cannot be written"),
        (["--input", "."], 3, "is a folder"),
    ],
)
def test_what_cannot_be(fails, model, tmp_path, arguments, code, part):
    (tmp_path / "x.csv").write_text("review,n\ngreat,1\n")
    assert part in fails(code, "predict", model, *arguments)


def test_missing_model(fails):
    assert "There is no model folder" in fails(3, "predict", "nowhere", "hi")
    assert "it has no config.json" in fails(3, "predict", ".", "hi")


MOODS = [["joy"], ["joy", "love"], ["anger"], []]
WORDS = ["glad", "glad dear", "furious", "table"]


@pytest.fixture
def models_of_other_targets(tmp_path):
    """Folders of a model of several labels and of one of grades."""
    folder = tmp_path
    settings = Settings(architecture="mean", dimensions=4, random_state=1, epochs=40, learning_rate=0.1)
    texts = [word for _ in range(5) for word in WORDS]
    fit(Corpus(texts, MOODS * 5, columns=Columns(("text",), "labels", (), ";")), settings).save(
        folder / "moods"
    )
    fit(Corpus(texts, [4, 5, 1, 3] * 5, target="graded"), settings).save(folder / "grades")
    return folder


def test_several_labels_and_grades_are_written_beside_the_texts(run, models_of_other_targets, tmp_path):
    (tmp_path / "x.csv").write_text("text\nglad dear\nfurious\ntable\n")
    for output in ("y.csv", "y.jsonl"):
        assert (
            run(
                "predict", models_of_other_targets / "moods", "--input", "x.csv", "--output", output
            ).exit_code
            == 0
        )
    rows = list(csv.DictReader((tmp_path / "y.csv").read_text().splitlines()))
    assert list(rows[0]) == ["text", "labels", "probabilities"]
    assert [row["labels"] for row in rows] == ["joy;love", "anger", ""]
    assert [len(row["probabilities"].split(";")) for row in rows[:2]] == [2, 1]
    written = [json.loads(line) for line in (tmp_path / "y.jsonl").read_text().splitlines()]
    assert [row["labels"] for row in written] == [["joy", "love"], ["anger"], []]
    assert min(written[0]["probabilities"]) >= 0.5
    result = run("predict", models_of_other_targets / "grades", "--input", "x.csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == ["text", "grade"]
    grades = [float(row["grade"]) for row in rows]
    assert 5 >= grades[0] > grades[2] > grades[1] >= 1


def test_a_report_counts_each_of_several_labels(answer, models_of_other_targets, tmp_path):
    (tmp_path / "x.csv").write_text("text\nglad dear\nfurious\ntable\n")
    read = ("--input", "x.csv", "--output", "y.csv", "--overwrite")
    found = answer("predict", models_of_other_targets / "moods", *read)
    assert (found["n"], found["labels"]) == (3, {"anger": 1, "joy": 1, "love": 1})
    assert answer("predict", models_of_other_targets / "grades", *read)["labels"] == {}
