"""stream_corpus: the texts of a file without reading it whole; what it gives is what read_corpus gives."""

from __future__ import annotations

import gzip
import io

import pytest

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.readers import read_corpus, stream_corpus

CSV = 'text,label\n"a, ""b""\nc",y\n,n\n été 你好 ,y\nbad,n\n   ,n\n'
FORMATS = {
    "x.csv": CSV,
    "x.tsv": "1\tgood film\n0\tbad film\n1\t\n",
    "x.jsonl": '{"text": "good", "label": 1}\n\n{"text": "bad", "label": 0}\n',
    "x.txt": "__label__a good\nnothing\n__label__b bad\n\n__label__a fine\n",
}

PARTS = ("test", "train", "test")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("compressed", [False, True])
def test_the_same_texts_labels_and_notes_as_read_whole(written, name, compressed):
    content = FORMATS[name].encode()
    path = written(name + ".gz" * compressed, gzip.compress(content) if compressed else content)
    whole, streamed = read_corpus(path), stream_corpus(path)
    assert (streamed.train.streamed, whole.train.streamed) == (True, False)
    for _ in range(2):  # it can be gone through again
        assert list(streamed.train.texts) == whole.train.texts
    assert streamed.train.labels == whole.train.labels
    assert (streamed.notes, streamed.name, streamed.test) == (whole.notes, whole.name, None)
    assert len(streamed.train) == len(streamed.train.texts) == len(whole.train)
    assert streamed.train.fingerprint() == whole.train.fingerprint()


def test_columns_are_named_as_for_read_corpus(written):
    path = written("x.csv", "id,body,stars\n1,good,5\n2,bad,1\n")
    streamed = stream_corpus(path, text="body", label="stars").train
    assert (list(streamed.texts), streamed.labels) == (["good", "bad"], [5, 1])
    with pytest.raises(DataError, match="no column 'bod'"):
        stream_corpus(path, text="bod")


def test_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"text": ["a", "b", ""], "label": [1, 0, 1]})
    parquet.write_table(table, tmp_path / "x.parquet")
    whole, streamed = (read(tmp_path / "x.parquet") for read in (read_corpus, stream_corpus))
    assert (list(streamed.train.texts), streamed.train.labels) == (whole.train.texts, whole.train.labels)


def test_parts_of_it_are_streams_too(written):
    path = written("x.csv", "text,label\n" + "".join(f"text {i},{i % 2}\n" for i in range(40)))
    whole, streamed = read_corpus(path).train, stream_corpus(path).train
    for a, b in zip(whole.split(0.3, seed=1), streamed.split(0.3, seed=1), strict=True):
        assert b.streamed
        assert (list(b.texts), b.labels) == (a.texts, a.labels)
        assert b.fingerprint() == a.fingerprint()
        assert list(b.subset([1, 3]).texts) == a.subset([1, 3]).texts


def test_several_files_are_one_corpus(written):
    paths = [
        written(f"{n}.csv", f"text,label,split\na {n},y,train\nb {n},n,{part}\n")
        for n, part in enumerate(PARTS)
    ]
    streamed = stream_corpus(paths)
    assert list(streamed.train.texts) == ["a 0", "a 1", "b 1", "a 2"]
    assert (list(streamed.test.texts), streamed.test.labels) == (["b 0", "b 2"], ["n", "n"])
    assert streamed.train.place(2) == f"{paths[1]}, line 3"
    assert streamed.name == f"{paths[0]} and 2 more"
    loaded = streamed.train.in_memory()
    assert loaded.fingerprint() == streamed.train.fingerprint()
    assert list(streamed.train.subset([0, 3]).texts) == ["a 0", "a 2"]
    with pytest.raises(UsageError, match="no file to read"):
        stream_corpus([])


def test_single_texts_are_not_there(written):
    texts = stream_corpus(written("x.csv", CSV)).train.texts
    for wrong in (lambda: texts[0], lambda: texts.subset([2, 1])):
        with pytest.raises(UsageError, match=r"only be gone through in its order.*without --stream"):
            wrong()


BAD_ROWS = {
    "wide.csv": "text,label\na,y\nb,n,c\n",
    "label.csv": "text,label\na,y\nb,\n",
    "quote.csv": 'text,label\na,y\n"b,n\n',
    "kind.jsonl": '{"text": "a", "label": 1}\n{"text": "b", "label": "n"}\n',
    "json.jsonl": '{"text": "a", "label": 1}\n{"text": \n',
    "two.txt": "__label__a x\n__label__a __label__ y\n",
    "list.jsonl": '{"text": "a", "label": ["x"]}\n{"text": "b", "label": ["x", null]}\n',
    "none.ft": "no label here\n",
    "bytes.csv": b"text,label\na,y\n\xff\xfe,n\n",
    "rows.csv": "text,label\n",
    "empty.csv": "",
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_rows_are_the_same_errors(written, name):
    path = written(name, BAD_ROWS[name])
    messages = []
    for read in (read_corpus, stream_corpus):
        with pytest.raises(DataError) as error:
            read(path)
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_labels_alike_are_warned_of(written):
    with pytest.warns(WordloomWarning, match="differ only by case"):
        stream_corpus(written("x.csv", "text,label\na,Good\nb,good\n"))


def test_what_cannot_be_streamed_says_so(written, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"text,label\na,y\n")))
    (tmp_path / "folder").mkdir()
    array = written("x.json", '[{"text": "a", "label": "y"}]')
    for source in ("-", tmp_path / "folder", array):
        with pytest.raises(DataError, match=r"CSV, TSV, .*JSON Lines or Parquet.*leave out --stream"):
            stream_corpus(source)
    with pytest.raises(UsageError, match="'imdb' is read whole"):
        stream_corpus("imdb")
    with pytest.raises(DataError, match="no such file"):
        stream_corpus(tmp_path / "missing.csv")


@pytest.mark.parametrize("content", [CSV + "more,y\n", "text,label\na,y\n"])
def test_a_file_that_changes_is_noticed(written, content):
    streamed = stream_corpus(written("x.csv", CSV)).train
    written("x.csv", content)
    with pytest.raises(DataError, match="it has changed while it was read"):
        list(streamed.texts)
