"""relabeller_of: a file written again with other labels, everything else as it was, byte for byte."""

from __future__ import annotations

import gzip
import json

import pytest

from wordloom.errors import DataError
from wordloom.readers import ReadOptions, read_corpus, relabeller_of


def rewritten(
    tmp_path, name: str, content: bytes, changes: dict[int, object], packed=False, **options
) -> bytes:
    """The file with other labels for the texts of these rows (None: without them)."""
    path, target = tmp_path / name, tmp_path / "new"
    path.write_bytes(content)
    corpus = read_corpus(path, **options).train
    edits = {int(corpus.places.number[row]): label for row, label in changes.items()}
    relabeller = relabeller_of(path, ReadOptions(**options))
    relabeller.write(edits, target, packed)
    expected = [changes.get(row, label) for row, label in enumerate(corpus.labels)]
    again = tmp_path / f"again{path.suffix}"
    again.write_bytes(gzip.decompress(target.read_bytes()) if packed else target.read_bytes())
    back = read_corpus(again, **options).train
    assert list(back.labels) == [label for label in expected if label is not None]
    assert back.texts == [text for row, text in enumerate(corpus.texts) if changes.get(row, "") is not None]
    return again.read_bytes()


CSV = (
    b'id,text,label,note\r\n1,"a, ""fine""\r\nfilm",pos,x\r\n\r\n'
    b'2,plain text,neg,"y ""z"""\r\n3,third text,"pos",\r\n'
)


def test_csv_keeps_quotes_line_ends_blank_lines_and_other_columns(tmp_path):
    assert rewritten(tmp_path, "a.csv", CSV, {}) == CSV
    found = rewritten(tmp_path, "a.csv", CSV, {0: "neg", 2: "neg"})
    assert found == CSV.replace(b'film",pos', b'film",neg').replace(b'"pos"', b'"neg"')
    found = rewritten(tmp_path, "a.csv", CSV, {1: None})
    assert found == CSV.replace(b'2,plain text,neg,"y ""z"""\r\n', b"")


def test_a_label_that_needs_quotes_gets_them(tmp_path):
    found = rewritten(tmp_path, "a.csv", CSV, {1: 'a, "b"\nc'})
    assert b'2,plain text,"a, ""b""\nc","y ""z"""\r\n' in found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("semicolon.csv", "text;label\nein guter, Film;pos\nschlecht;neg\nganz gut;pos\n"),
        ("declared.csv", "sep=;\ntext;label\nein guter Film;pos\nschlecht;neg\nganz gut;pos\n"),
        ("escaped.csv", 'text,label\n"he said \\"no\\" twice",pos\nbad,neg\n"so \\"good\\"",pos\n'),
        ("plain.tsv", 'text\tlabel\na "fine film\tpos\nbad\tneg\ngood " too\tpos\n'),
        ("noend.csv", "text,label\na fine film,pos\nbad film,neg\ngood film,pos"),
        ("mark.csv", "\ufefftext,label\na fine film,pos\nbad film,neg\ngood film,pos\n"),
        ("nohead.csv", "a fine film,pos\nbad film,neg\ngood film,pos\nall bad,neg\n"),
    ],
)
def test_tables_of_every_make_keep_their_form(tmp_path, name, content):
    content = content.encode()
    assert rewritten(tmp_path, name, content, {}) == content
    changed = rewritten(tmp_path, name, content, {0: "neg"})
    assert changed == content.replace(b"pos", b"neg", 1)
    assert len(rewritten(tmp_path, name, content, {0: None, 1: "pos"})) < len(content)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-be"])
def test_other_encodings_stay(tmp_path, encoding):
    content = "text,label\nd\xe9j\xe0 vu,pos\nno film,neg\ngood film,pos\n".encode(encoding)
    assert rewritten(tmp_path, "a.csv", content, {}, encoding=encoding) == content
    changed = rewritten(tmp_path, "a.csv", content, {1: "pos"}, encoding=encoding)
    assert changed.decode(encoding) == content.decode(encoding).replace("neg", "pos")


def test_a_label_that_the_encoding_lacks_is_refused(tmp_path):
    content = "text,label\nd\xe9j\xe0 vu,pos\nno,neg\n".encode("latin-1")
    with pytest.raises(DataError, match="cannot be written in iso8859-1"):
        rewritten(tmp_path, "a.csv", content, {1: "\u4e00"}, encoding="latin-1")


def test_json_lines_keep_blanks_order_and_other_values(tmp_path):
    content = b'{ "text" : "a film",  "label":"pos", "n": 1.10 }\n\n'
    content += b'{"label": "neg", "text": "\\u00e9", "x": [1, {"label": 2}]}\n'
    assert rewritten(tmp_path, "a.jsonl", content, {}) == content
    changed = rewritten(tmp_path, "a.jsonl", content, {0: 'n"eu', 1: "pos"})
    assert changed == content.replace(b'"pos"', b'"n\\"eu"', 1).replace(b'"neg"', b'"pos"')
    assert rewritten(tmp_path, "a.jsonl", content, {0: None}) == content[content.index(b"\n") + 1 :]


def test_json_labels_keep_their_type(tmp_path):
    content = b'{"text": "a b", "label": 0}\n{"text": "c d", "label": 1}\n'
    assert rewritten(tmp_path, "a.jsonl", content, {0: 1}) == content.replace(b"0", b"1")
    content = b'{"text": "a b", "label": true}\n{"text": "c d", "label": false}\n'
    assert rewritten(tmp_path, "a.jsonl", content, {0: 0}) == content.replace(b"true", b"false")


def test_a_label_at_the_end_of_a_path_is_found(tmp_path):
    content = b'{"text": "a b", "meta": {"label": "x"}}\n{"text": "c d", "meta": {"label": "y"}}\n'
    changed = rewritten(tmp_path, "a.jsonl", content, {0: "y"}, label="meta.label", text="text")
    assert json.loads(changed.splitlines()[0]) == {"text": "a b", "meta": {"label": "y"}}
    assert changed.splitlines()[1] == content.splitlines()[1]


@pytest.mark.parametrize("dropped", [[0], [1], [2], [0, 1], [1, 2], [0, 2]])
def test_a_json_array_without_some_items_is_still_one(tmp_path, dropped):
    items = [{"text": f"text {number}", "label": "ab"[number % 2]} for number in range(3)]
    content = json.dumps(items, indent=2).encode() + b"\n"
    found = rewritten(tmp_path, "a.json", content, dict.fromkeys(dropped))
    assert json.loads(found) == [item for number, item in enumerate(items) if number not in dropped]
    assert rewritten(tmp_path, "a.json", content, {0: "b"}) == content.replace(b'"a"', b'"b"', 1)


def test_json_of_columns_becomes_an_array_of_objects(tmp_path):
    content = json.dumps({"text": ["a b", "c d", "e f"], "label": ["x", "y", "x"]}).encode()
    found = rewritten(tmp_path, "a.json", content, {0: "y", 1: None})
    assert json.loads(found) == [{"text": "a b", "label": "y"}, {"text": "e f", "label": "x"}]


def test_lines_of_fasttext_and_questions_change_in_their_label_alone(tmp_path):
    content = b"__label__pos a  fine film\nno label here\nbad film __label__neg\n"
    changed = rewritten(tmp_path, "a.txt", content, {0: "neg", 1: "pos"})
    assert changed == b"__label__neg a  fine film\nno label here\nbad film __label__pos\n"
    content = b"NUM:dist How far is it ?\nLOC:city Where is it ?\nNUM:count How many ?\n"
    changed = rewritten(tmp_path, "q.label", content, {0: "LOC", 1: None})
    assert changed == b"LOC:dist How far is it ?\nNUM:count How many ?\n"
    changed = rewritten(tmp_path, "q.label", content, {0: "LOC:city"}, label="fine")
    assert changed == content.replace(b"NUM:dist", b"LOC:city")


@pytest.mark.parametrize(
    ("name", "content", "label"),
    [
        ("a.txt", b"__label__pos a fine film\n__label__neg bad\n", "two words"),
        ("q.label", b"NUM:dist How far ?\nLOC:city Where ?\n", "lower"),
        ("plain.tsv", b'label\ttext\npos\t"fine film\nneg\tbad\npos\tgood " too\n', "tab\there"),
    ],
)
def test_a_label_that_the_format_cannot_hold_is_refused(tmp_path, name, content, label):
    with pytest.raises(DataError, match=r"line [12]: the label .* cannot be written"):
        rewritten(tmp_path, name, content, {0: label})


def test_a_packed_file_is_read_and_written(tmp_path):
    content = gzip.compress(b"text,label\na fine film,pos\nbad film,neg\ngood film,pos\n")
    (tmp_path / "a.csv.gz").write_bytes(content)
    relabeller_of(tmp_path / "a.csv.gz").write({2: "neg"}, tmp_path / "b.gz", packed=True)
    assert gzip.decompress((tmp_path / "b.gz").read_bytes()).startswith(b"text,label\na fine film,neg\n")


def test_parquet_keeps_types_columns_and_what_the_schema_says(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    import pyarrow.parquet as parquet

    names = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["neg", "pos"]}}}}
    table = pyarrow.table(
        {
            "text": ["a b", "c d", "e f"],
            "label": pyarrow.array([0, 1, 0], pyarrow.int8()),
            "n": [1.5, 2, None],
        }
    ).replace_schema_metadata({"huggingface": json.dumps(names)})
    parquet.write_table(table, tmp_path / "a.parquet")
    relabeller_of(tmp_path / "a.parquet").write({0: "pos", 1: None}, tmp_path / "b.parquet")
    found = parquet.read_table(tmp_path / "b.parquet")
    assert found.schema.equals(table.schema, check_metadata=True)
    assert found.to_pydict() == {"text": ["a b", "e f"], "label": [1, 0], "n": [1.5, None]}
    with pytest.raises(DataError, match="named classes"):
        relabeller_of(tmp_path / "a.parquet").write({0: "new"}, tmp_path / "c.parquet")


def test_a_file_that_has_changed_since_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\na fine film,pos\nbad film,neg\n")
    with pytest.raises(DataError, match="has changed"):
        relabeller_of(tmp_path / "a.csv").write({9: "neg"}, tmp_path / "b.csv")


def test_folders_and_data_sets_are_not_written_again(tmp_path):
    for label in ("neg", "pos"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.txt").write_text("some text")
    assert relabeller_of(tmp_path) is None
    assert relabeller_of("demo") is None
