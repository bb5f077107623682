"""The ways in which one JSON document holds a table, and values inside objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas
import pytest

from wordloom.errors import DataError
from wordloom.readers import open_table, open_texts, read_corpus, stream_corpus

ROWS = [
    {"text": "good film", "label": "pos"},
    {"text": "bad film", "label": "neg"},
    {"text": "", "label": "neg"},
]
FRAME = pandas.DataFrame(ROWS)
DOCUMENTS: dict[str, Any] = {
    "array": ROWS,
    **{
        orient: json.loads(FRAME.to_json(orient=orient))
        for orient in ("columns", "index", "records", "split", "table")
    },
    "named rows": json.loads(FRAME.set_axis(["a", "b", "c"]).to_json(orient="index")),
    "named rows in columns": json.loads(FRAME.set_axis(["a", "b", "c"]).to_json()),
    "lists": {"text": [row["text"] for row in ROWS], "label": [row["label"] for row in ROWS]},
    "data": {"data": ROWS},
    "data with more": {"version": "1.0", "tags": ["x"], "examples": ROWS},
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["a.json", "a.json.txt", "unnamed"])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_way_of_pandas_and_of_data_inside_an_object(
    tmp_path: Path, document: str, name: str, indent: int | None
) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(DOCUMENTS[document], indent=indent))
    corpus = read_corpus(path).train
    assert corpus.texts == ["good film", "bad film", ""]
    assert corpus.labels == ["pos", "neg", "neg"]


@pytest.mark.parametrize("document", ["columns", "index", "lists", "data"])
def test_a_document_on_one_long_line(tmp_path: Path, document: str) -> None:
    rows = [{"text": f"a film of number {number}", "label": number % 2} for number in range(5_000)]
    frame = pandas.DataFrame(rows)
    made = {
        "columns": frame.to_json(),
        "index": frame.to_json(orient="index"),
        "lists": json.dumps({"text": list(frame["text"]), "label": frame["label"].tolist()}),
        "data": json.dumps({"data": rows}),
    }
    path = tmp_path / "a.json"
    path.write_text(made[document])
    assert read_corpus(path).train.texts == [row["text"] for row in rows]


def test_what_pandas_writes_by_default_is_predicted_on_and_learned_from(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(FRAME.to_json())
    with open_table(path) as table:
        assert list(table) == ROWS
    with open_texts(path) as texts:
        assert list(texts) == [row["text"] for row in ROWS]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "unnamed"])
def test_objects_on_lines_stay_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for rows in (ROWS, ROWS[:1], [{"tags": ["x"], **row} for row in ROWS], [{"tags": [{"x": 1}], **ROWS[0]}]):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        assert read_corpus(path).train.texts == [row["text"] for row in rows]


@pytest.mark.parametrize(
    "document", [{"train": ROWS, "test": ROWS}, {"a": [1], "b": [1, 2]}, {"a": {}}, {}, 5, "x"]
)
def test_a_document_that_is_no_table(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document, indent=1))
    with pytest.raises(DataError, match=r"a.json"):
        read_corpus(path)


NESTED = [
    {
        "id": number,
        "data": {"text": row["text"], "turns": [{"by": "a"}, {"by": row["label"]}]},
        "meta": {"class": row["label"]},
    }
    for number, row in enumerate(ROWS)
]


@pytest.mark.parametrize("as_lines", [True, False])
@pytest.mark.parametrize("label", ["meta.class", "data.turns.1.by"])
def test_columns_inside_objects_are_named_by_their_path(tmp_path: Path, as_lines: bool, label: str) -> None:
    path = tmp_path / ("a.jsonl" if as_lines else "a.json")
    path.write_text("\n".join(map(json.dumps, NESTED)) if as_lines else json.dumps(NESTED))
    corpus = read_corpus(path, text="data.text", label=label).train
    assert corpus.texts == [row["text"] for row in ROWS]
    assert corpus.labels == [row["label"] for row in ROWS]
    with open_table(path, text="data.text") as table:
        assert [row["data.text"] for row in table] == corpus.texts


def test_a_path_that_leads_nowhere_is_an_error_of_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, [*NESTED, {"id": 3, "data": {}, "meta": {"class": "pos"}}])))
    with pytest.raises(DataError, match=r"line 4: has no column 'data.text'"):
        read_corpus(path, text="data.text", label="meta.class")
    with pytest.raises(DataError, match=r"there is no column 'data.txt'"):
        read_corpus(path, text="data.txt", label="meta.class")


def test_paths_are_found_in_streamed_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, NESTED)))
    corpus = stream_corpus(path, text="data.text", label="meta.class").train
    assert list(corpus.texts) == [row["text"] for row in ROWS]
    assert corpus.labels == [row["label"] for row in ROWS]


def test_a_name_with_a_dot_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"data.text": "outer", "data": {"text": "inner"}, "label": "a"}))
    assert read_corpus(path, text="data.text", label="label").train.texts == ["outer"]
