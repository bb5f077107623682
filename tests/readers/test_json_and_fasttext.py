"""JSON Lines, JSON arrays and fastText lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wordloom.errors import DataError, UsageError
from wordloom.readers import open_table, open_texts, read_corpus, stream_corpus


def written(tmp_path: Path, name: str, content: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8"))
    return path


def test_json_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.jsonl", '{"review": "fine\\u2028film", "stars": 5}\r\n\n{"stars": 1, "review": ""}\n'
    )
    dataset = read_corpus(path)
    assert dataset.train.texts == ["fine\u2028film", ""]
    assert dataset.train.labels == [5, 1]
    assert all(type(label) is int for label in dataset.train.labels)


def test_a_json_array_and_json_lines_in_a_json_file(tmp_path: Path) -> None:
    rows = [{"text": "a", "label": "x"}, {"text": "b", "label": "y"}]
    for content in (json.dumps(rows), json.dumps(rows, indent=2), "\n".join(map(json.dumps, rows))):
        dataset = read_corpus(written(tmp_path, "a.json", content))
        assert (dataset.train.texts, dataset.train.labels) == (["a", "b"], ["x", "y"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a", "label": }', r"line 2: is not valid JSON: .* at column \d+"),
        ('["a", "x"]', r"line 2: an object with named values expected, found an array"),
        ('{"text": "a"}', r"line 2: the label is missing"),
        ('{"text": "a", "label": null}', r"line 2: the label is missing"),
        ('{"text": "a", "label": {"x": 1}}', r"line 2: holds .* as its label; a label or a list"),
        ('{"text": "a", "label": ["x", null]}', r"line 2: the label is missing"),
        ('{"text": "a", "label": ["x", ""]}', r"line 2: one of the labels is empty"),
        ('{"text": "a", "label": ["x", 1]}', r"line 2: holds labels of two kinds"),
        ('{"text": "a", "label": 0.5}', r"line 2.*a string or a whole number"),
        (
            '{"text": "a", "label": 3}',
            r"line 2: the label 3 is a whole number, the labels before it are strings",
        ),
        ('{"text": null, "label": "x"}', r"line 2: the text is missing"),
        ('{"text": 5, "label": "x"}', r"line 2: the column 'text' holds 5, which is not a text"),
        ('{"txt": "a", "label": "x"}', r"line 2: has no column 'text'. Did you mean 'txt'\?"),
        ("[" * 100_000, r"line 2: is n"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_corpus(written(tmp_path, "a.jsonl", '{"text": "a", "label": "x"}\n' + line + "\n"))


def test_json_that_is_no_array(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"an array of objects expected, found an object"):
        read_corpus(written(tmp_path, "a.json", '{\n"version": 1\n}'))
    with pytest.raises(DataError, match=r"holds no rows"):
        read_corpus(written(tmp_path, "a.json", '{\n"data": []\n}'))
    with pytest.raises(DataError, match=r"item 1: an object"):
        read_corpus(written(tmp_path, "a.json", '["a"]'))
    with pytest.raises(DataError, match=r"a.json: is not valid JSON"):
        read_corpus(written(tmp_path, "a.json", '[{"text": '))
    with pytest.raises(DataError, match=r"holds no rows"):
        read_corpus(written(tmp_path, "a.json", "[]"))


@pytest.mark.parametrize(
    ("line", "text", "label"),
    [
        ("__label__pos a fine film", "a fine film", "pos"),
        ("a fine __label__pos film", "a fine film", "pos"),
        ("a fine film\t__label__pos", "a fine film", "pos"),
        ("__label__pos", "", "pos"),
        ("__label__très-bon  deux  espaces", "deux  espaces", "très-bon"),
        ("__label__a not__label__b is text", "not__label__b is text", "a"),
        ("__label__a non-breaking\u00a0__label__b", "non-breaking\u00a0__label__b", "a"),
    ],
)
def test_fasttext_lines(tmp_path: Path, line: str, text: str, label: str) -> None:
    dataset = read_corpus(written(tmp_path, "train.txt", line + "\n"))
    assert (dataset.train.texts, dataset.train.labels) == ([text], [label])


def test_fasttext_lines_without_a_label_are_left_out_and_counted(tmp_path: Path) -> None:
    dataset = read_corpus(written(tmp_path, "a.txt", "__label__a one\n\nno label\n__label__b two\r\nnone\n"))
    assert dataset.train.texts == ["one", "two"]
    assert any("2 of 4 rows have no label; left out" in note for note in dataset.notes)


def test_fasttext_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 2: 2 labels \(a, b\), and target='single'"):
        read_corpus(written(tmp_path, "a.txt", "__label__a x\n__label__a __label__b y\n"), target="single")
    with pytest.raises(DataError, match=r"line 1: __label__ has no name"):
        read_corpus(written(tmp_path, "a.txt", "__label__ x\n"))
    with pytest.raises(DataError, match=r"no line has a label"):
        read_corpus(written(tmp_path, "a.txt", "x\ny\n"), format="fasttext")


@pytest.mark.parametrize("deep", [200, 900, 100_000])
@pytest.mark.parametrize(("name", "frame"), [("a.jsonl", "%s\n"), ("a.json", "[%s]")])
@pytest.mark.parametrize("key", ["text", "label", "other"])
def test_deeply_nested_json_is_an_error(tmp_path: Path, deep: int, name: str, frame: str, key: str) -> None:
    row = {"text": '"a"', "label": '"b"', key: "[" * deep + "]" * deep}
    (tmp_path / name).write_text(frame % ("{" + ", ".join(f'"{k}": {v}' for k, v in row.items()) + "}"))
    with pytest.raises(DataError, match=r"a.json.*is nested (too deeply|more than 100 levels deep)"):
        read_corpus(tmp_path / name)


@pytest.mark.parametrize(("name", "frame"), [("a.jsonl", "%s\n"), ("a.json", "[%s]")])
def test_a_label_of_5000_digits_is_an_error(tmp_path: Path, name: str, frame: str) -> None:
    (tmp_path / name).write_text(frame % ('{"text": "a", "label": ' + "7" * 5_000 + "}"))
    with pytest.raises(DataError, match=r"a.json.*holds a number that cannot be read") as caught:
        read_corpus(tmp_path / name)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("prefix", ["__class__", "#", "label:", "(+"])
@pytest.mark.parametrize("name", ["a.txt", "a.ft", "a"])
def test_another_label_prefix(tmp_path: Path, prefix: str, name: str) -> None:
    path = written(tmp_path, name, f"{prefix}pos a fine film\nnot for me {prefix}neg\n__label__x is text\n")
    dataset = read_corpus(path, label_prefix=prefix)
    assert dataset.train.texts == ["a fine film", "not for me"]
    assert dataset.train.labels == ["pos", "neg"]
    assert list(stream_corpus(path, label_prefix=prefix).train.texts) == dataset.train.texts
    with open_texts(path, label_prefix=prefix) as texts:
        assert list(texts) == ["a fine film", "not for me", "__label__x is text"]
    with open_table(path, label_prefix=prefix) as table:
        assert [row["text"] for row in table][:2] == dataset.train.texts


def test_a_label_prefix_where_it_has_no_meaning(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "text,label\na,b\n")
    with pytest.raises(UsageError, match=r"goes with a file of fastText's lines"):
        read_corpus(path, label_prefix="#", format="csv")
    with pytest.raises(UsageError, match=r"goes with a file of fastText's lines"):
        read_corpus(["a"], ["b"], label_prefix="#")
    with pytest.raises(DataError, match=r"no line has a label.*begins with #.*--label-prefix"):
        read_corpus(path, label_prefix="#")
    for prefix in ("", "a b"):
        with pytest.raises(UsageError, match="label_prefix must be the beginning of a word"):
            read_corpus(path, label_prefix=prefix)
