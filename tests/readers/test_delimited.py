"""CSV and TSV: columns, header, quotes, separators, and the line that an error names."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.corpus import Dataset
from wordloom.errors import DataError
from wordloom.readers import open_table, open_texts, read_corpus
from wordloom.readers.delimited import Dialect

Read = Callable[..., Dataset]


@pytest.fixture
def table(tmp_path: Path) -> Read:
    def read(content: str | bytes, name: str = "table.csv", **options: str) -> Dataset:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_corpus(path, **options)

    return read


def pairs(dataset: Dataset) -> list[tuple[str, str | int]]:
    return list(zip(dataset.train.texts, dataset.train.labels, strict=True))


def test_habitual_names_whatever_their_order_and_case(table: Read) -> None:
    dataset = table("id,Sentiment,Review\n7,pos,fine film\n8,neg,dull\n")
    assert pairs(dataset) == [("fine film", "pos"), ("dull", "neg")]
    assert dataset.test is None
    assert any("'Review'" in note and "'Sentiment'" in note for note in dataset.notes)


def test_text_and_label_need_no_note(table: Read) -> None:
    assert table("text,label\na,1\n").notes == ()


def test_named_columns(table: Read) -> None:
    content = "text,first,second\nx,a,b\ny,c,d\n"
    assert pairs(table(content, text="second", label="first")) == [("b", "a"), ("d", "c")]


def test_a_misspelled_column_is_guessed_at(table: Read) -> None:
    content = "review,sentiment\na,b\n"
    with pytest.raises(DataError, match=r"no column 'reveiw' .*Did you mean 'review'\?"):
        table(content, text="reveiw")
    with pytest.raises(DataError, match=r"no column 'Sentimnet' .*--label.* Did you mean 'sentiment'\?"):
        table(content, label="Sentimnet")
    with pytest.raises(DataError, match=r"cannot hold both"):
        table(content, text="review", label="review")


def test_columns_that_cannot_be_guessed(table: Read) -> None:
    with pytest.raises(DataError, match=r"which column holds the labels\? There are: 'text', 'b', 'c'"):
        table("text,b,c\n1,2,3\n")
    with pytest.raises(DataError, match=r"which column holds the labels\? There is: 'text'"):
        table("text\nfine\n")


def test_labels_that_are_all_numbers_are_numbers_and_others_stay_as_written(table: Read) -> None:
    assert table("text,label\na,1\nb,2.0\nc,-3\n").train.labels == [1, 2, -3]
    assert table("text,label\na,1\nb,01\nc,1.5\n").train.labels == ["1", "01", "1.5"]


def test_two_nameless_columns_the_longer_one_is_the_text(table: Read) -> None:
    dataset = table("pos,a very good film\nneg,a very bad film\n")
    assert pairs(dataset) == [("a very good film", "pos"), ("a very bad film", "neg")]
    assert any("first line is taken as data" in note for note in dataset.notes)


def test_a_header_is_known_by_labels_that_come_again_below(table: Read) -> None:
    rows = "good one,yes\nbad one,no\nfine one,yes\npoor one,no\n"
    assert len(table("remark,verdict\n" + rows).train) == 4
    assert len(table(rows).train) == 4
    numbers = "good one,5\nbad one,1\nfine one,4\npoor one,2\n"
    assert table("remark,points\n" + numbers).train.labels == [5, 1, 4, 2]
    assert len(table(numbers).train) == 4


def test_a_habitual_name_that_is_also_a_label_is_no_header(table: Read) -> None:
    dataset = table("what is it,question\nit is,statement\nis it so,question\n")
    assert dataset.train.labels == ["question", "statement", "question"]


def test_columns_without_names_are_numbered_from_one(table: Read) -> None:
    content = "3,Title one,First text\n4,Title two,Second text\n"
    assert pairs(table(content, text="3", label="1")) == [("First text", 3), ("Second text", 4)]
    with pytest.raises(DataError, match=r"There are: '1', '2', '3'"):
        table(content)


def test_quotes_commas_and_line_ends_inside_a_field(table: Read) -> None:
    dataset = table('text,label\r\n"a, ""b""\nc",x\r\n"d\r\ne",y\r\n')
    assert pairs(dataset) == [('a, "b"\nc', "x"), ("d\r\ne", "y")]


def test_escaped_quotes(table: Read) -> None:
    dataset = table('text,label\n"he said \\"no\\", twice",x\nplain,y\n')
    assert pairs(dataset) == [('he said "no", twice', "x"), ("plain", "y")]


def test_quotes_are_letters_in_a_tsv_that_does_not_use_them(table: Read) -> None:
    content = 'sentence\tlabel\n"unbalanced quote\t1\nnext row\t0\n" another\t1\n'
    dataset = table(content, "table.tsv")
    assert pairs(dataset) == [('"unbalanced quote', 1), ("next row", 0), ('" another', 1)]


def test_quotes_of_a_tsv_that_uses_them(table: Read) -> None:
    dataset = table('text\tlabel\n"two\nlines ""x"""\ta\n', "table.tsv")
    assert pairs(dataset) == [('two\nlines "x"', "a")]


def test_semicolons(table: Read) -> None:
    assert pairs(table("text;label\ngut, sehr gut;ja\nschlecht;nein\n")) == [
        ("gut, sehr gut", "ja"),
        ("schlecht", "nein"),
    ]


def test_byte_order_mark_and_crlf(table: Read) -> None:
    assert pairs(table(b"\xef\xbb\xbftext,label\r\nfine,pos\r\n")) == [("fine", "pos")]


def test_odd_line_separators_stay_inside_texts(table: Read) -> None:
    dataset = table("text,label\na\u0085b\u2028c,x\n")
    assert pairs(dataset) == [("a\u0085b\u2028c", "x")]


def test_a_missing_label_is_named_by_its_line(table: Read) -> None:
    with pytest.raises(DataError, match=r"table.csv, line 4: the label is missing \(column 'label'\)"):
        table('text,label\n"two\nlines",a\nb, \n')


def test_rows_of_another_width_are_named_by_their_line(table: Read) -> None:
    with pytest.raises(DataError, match=r"table.csv, line 5: 3 fields, but the header names 2"):
        table('text,label\n"two\nlines",a\n\nno, quotes,b\n')
    with pytest.raises(DataError, match=r"line 3: 1 fields"):
        table("text,label\na,b\nc\n")


def test_a_quote_that_never_closes(table: Read) -> None:
    with pytest.raises(DataError, match=r"table.csv, lines 3 to 5: unexpected end of data"):
        table('text,label\na,x\n"b,x\nc,y\nd,x\n')


def test_a_lone_carriage_return(table: Read) -> None:
    assert table('text,label\r\na,x\r\nb\rc,y\r\n"d\re\r\nf",z\r').train.texts == ["a", "b\rc", "d\re\r\nf"]
    with pytest.raises(DataError, match=r"end in carriage returns alone"):
        table("text,label\ra,x\rb,y\r")


def test_two_columns_of_one_name(table: Read) -> None:
    with pytest.raises(DataError, match=r"two columns are named 'text'"):
        table("text,text,label\na,b,c\n", text="text")


@pytest.mark.parametrize("content", ["", "\n\n", "text,label\n"])
def test_a_table_without_rows(table: Read, content: str) -> None:
    with pytest.raises(DataError, match=r"table.csv: (is empty|holds no rows)"):
        table(content)


def test_empty_texts_are_kept_in_order_and_counted(table: Read) -> None:
    dataset = table("text,label\na,x\n,y\n  ,x\nb,y\n")
    assert dataset.train.texts == ["a", "", "  ", "b"]
    assert any("2 of 4 texts are empty" in note for note in dataset.notes)


@pytest.mark.slow
def test_a_field_of_ten_megabytes(table: Read) -> None:
    text = "long word, " * 1_000_000
    assert table(f'text,label\n"{text}",x\nshort,y\n').train.texts[0] == text


def test_bad_bytes_name_the_row(table: Read) -> None:
    content = b"text,label\nfine,a\ncaf\xe9,b\n"
    with pytest.raises(DataError, match=r"table.csv, line 3: the byte 0xe9 at offset 21"):
        table(content)
    assert table(content, encoding="latin-1").train.texts == ["fine", "café"]


def test_compressed(table: Read) -> None:
    assert len(table(gzip.compress(b"text,label\na,b\n"), "table.csv.gz").train) == 1


def test_a_bad_row_after_the_sample_is_found(table: Read) -> None:
    rows = "".join(f"text {number},{number % 2}\n" for number in range(3000))
    with pytest.raises(DataError, match=r"line 3002: 3 fields"):
        table("text,label\n" + rows + "a,b,c\n")
    assert len(table("text,label\n" + rows).train) == 3000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))), min_size=1
    )
)
def test_what_the_csv_module_writes_comes_back(rows: list[tuple[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([[text, "x"] for (text,) in rows])
    lines = [line + "\n" for line in written.getvalue().split("\n")[:-1]]
    assert [fields for _, fields in Dialect().records(lines)] == [[text, "x"] for (text,) in rows]


def test_lines_of_records_are_where_they_begin() -> None:
    lines = ["a,b\n", "\n", '"c\n', 'd",e\n', "f,g\n"]
    assert [line for line, _ in Dialect().records(lines)] == [1, 3, 5]


def test_only_what_nobody_named_is_called_guessed(table: Read) -> None:
    rows = "id,review,mood\n1,fine film,good\n2,dull film,bad\n"
    (note,) = table(rows, label="mood").notes
    assert note.endswith("text from the column 'review', labels from 'mood' (the text column is guessed).")
    assert table(rows, text="review", label="mood").notes == ()


@pytest.mark.parametrize("columns", [5_000, 100_000])
@pytest.mark.parametrize("options", [{}, {"text": "colum"}, {"label": "zzz"}])
def test_a_table_of_very_many_columns_has_a_short_message(
    tmp_path: Path, columns: int, options: dict[str, str]
) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"column{i}" for i in range(columns)) + "\n" + ",".join("1" * columns) + "\n")
    with pytest.raises(DataError) as caught:
        read_corpus(path, **options)
    assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize("name", ["table.csv", "table.txt", "table"])
@pytest.mark.parametrize("first", ["sep=;\n", "sep=;\r\n", '"sep=;"\n', "SEP=;\n", "\ufeffsep=;\n"])
def test_the_separator_that_excel_declares_is_no_class(table: Read, name: str, first: str) -> None:
    content = first + "label;text\npos;good film, really\nneg;bad film\npos;great fun\nneg;awful, dull\n"
    assert pairs(table(content, name=name)) == [
        ("good film, really", "pos"),
        ("bad film", "neg"),
        ("great fun", "pos"),
        ("awful, dull", "neg"),
    ]


def test_lines_are_counted_with_the_declared_separator(table: Read) -> None:
    with pytest.raises(DataError, match=r"line 4: 3 fields"):
        table("sep=|\nlabel|text\npos|a\nneg|b|c\n")


def test_a_class_that_begins_with_sep_is_a_class(table: Read) -> None:
    assert pairs(table("label,text\nsep=x,one\nsep=,two\n"))[0] == ("one", "sep=x")


@pytest.mark.parametrize("name", ["table.csv", "table.txt", "table"])
def test_columns_separated_by_bars(table: Read, name: str) -> None:
    content = "id|text|label\n1|good, really; yes|pos\n2|bad|neg\n"
    assert pairs(table(content, name=name)) == [("good, really; yes", "pos"), ("bad", "neg")]


def test_the_separator_is_the_one_that_all_rows_have(table: Read) -> None:
    content = "id|text, in full|label\n1|good; yes|pos\n2|bad|neg\n"
    assert pairs(table(content, text="text, in full", label="label")) == [
        ("good; yes", "pos"),
        ("bad", "neg"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "text,label,,\na,pos,,\nb,neg,,\n",
        "text,label,,\na,pos\nb,neg\n",
        "text,label\na,pos,,\nb,neg,\n",
        "text,label, \na,pos,\nb,neg,\n",
        "text,label,,\na,pos,note,\nb,neg,,\n",
        ",text,label\n0,a,pos\n1,b,neg\n",
        ",,text,label\n0,0,a,pos\n1,1,b,neg\n",
    ],
)
def test_columns_without_a_name(table: Read, content: str) -> None:
    assert pairs(table(content)) == [("a", "pos"), ("b", "neg")]


def test_what_stands_in_a_column_without_a_name_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label,,\na,pos,note,\nb,neg,,\n")
    with open_table(path) as rows:
        assert [row["3"] for row in rows] == ["note", ""]
    path.write_text("text,label,,\n" + "a,pos,,\n" * 100 + "b,neg,late,\n")
    with pytest.raises(DataError, match=r"line 102: 3 fields, but the header names 2 columns"):
        read_corpus(path)


def test_a_repeated_irrelevant_name_gets_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,notes,label,notes,notes\na,1,pos,2,3\nb,4,neg,5,6\n")
    assert read_corpus(path).train.texts == ["a", "b"]
    with open_table(path) as rows:
        assert rows.columns == ["text", "notes", "label", "notes.1", "notes.2"]
        assert list(next(iter(rows)).values()) == ["a", "1", "pos", "2", "3"]


@pytest.mark.parametrize(
    "content", ["text,label,text\na,b,c\n", "x,x\na,b\n", "id,label,label,text\n1,a,b,c\n"]
)
def test_a_repeated_name_of_texts_or_labels_is_an_error(table: Read, content: str) -> None:
    with pytest.raises(DataError, match=r"line 1: two columns are named '(text|x|label)'"):
        table(content, **({"text": "x"} if content.startswith("x") else {}))


def test_a_repeated_habitual_name_is_irrelevant_where_others_are_named(table: Read) -> None:
    content = "description,tag,title,title\na,pos,x,y\nb,neg,z,w\n"
    assert pairs(table(content, text="description", label="tag")) == [("a", "pos"), ("b", "neg")]


NEWS = """\
"3","Shares rise","Stocks, ""at last"", rose\\"
"4","A comet","It was seen"
"3","Oil","Prices fell"
"1","Talks",""
"""


@pytest.mark.parametrize("name", ["train.csv", "train"])
def test_a_table_of_class_title_and_description_needs_no_header(table: Read, name: str) -> None:
    dataset = table(NEWS, name=name)
    assert pairs(dataset) == [
        ('Shares rise Stocks, "at last", rose\\', 3),
        ("A comet It was seen", 4),
        ("Oil Prices fell", 3),
        ("Talks", 1),
    ]
    assert any("the first column holds numbers of classes" in note for note in dataset.notes)
    assert any("'2' and '3', labels from '1'" in note for note in dataset.notes)


def test_columns_of_such_a_table_can_be_named(table: Read) -> None:
    assert pairs(table(NEWS, text="2", label="1"))[0] == ("Shares rise", 3)
    assert pairs(table(NEWS, text="3,2", label="1"))[1] == ("It was seen A comet", 4)


@pytest.mark.parametrize(
    "content",
    [
        "1,a b,c d\n2,e f,g h\n3,i j,k l\n4,m n,o p\n",  # the first column numbers the rows
        "1,a b,5\n2,e f,6\n1,i j,7\n1,m n,8\n",
        "1,a b,c d\n1,e f,g h\n",
        "x,a b,c d\ny,e f,g h\nx,i j,k l\ny,m n,o p\n",
    ],
)
def test_other_tables_without_header_need_names(table: Read, content: str) -> None:
    with pytest.raises(DataError, match=r"which column holds the texts"):
        table(content)


def test_texts_of_such_a_table_are_learned_from(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text(NEWS)
    with open_texts(path) as texts:
        assert list(texts)[1:] == ["A comet It was seen", "Oil Prices fell", "Talks"]
