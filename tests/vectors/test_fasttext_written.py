"""Tables with subwords as fastText models: we, gensim and fastText read back the same vectors."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.vectors import SubwordVectors, WordVectors
from wordloom.vectors.formats import convert, format_of, write
from wordloom.vectors.subwords import SubwordRule, Subwords

WORDS = ["the", "café", "日本", "running", "a", "x" * 300, "</s>", "nan nan"]
OTHERS = ["cafés", "runner", "日", "theatre", "y" * 200]


def make_table(words=WORDS, rule=SubwordRule(3, 6, 200), dimensions=5) -> SubwordVectors:  # noqa: B008
    rows = np.random.default_rng(3).normal(size=(len(words) + rule.buckets, dimensions)).astype(np.float32)
    return SubwordVectors.composed(words, rows, rule, "made")


def same(one: WordVectors, other: WordVectors) -> None:
    assert one.words == other.words
    assert one.vectors.tobytes() == other.vectors.tobytes()
    for word in OTHERS:
        assert one[word].tobytes() == other[word].tobytes()


@pytest.mark.parametrize("rule", [SubwordRule(3, 6, 200), SubwordRule(1, 2, 7), SubwordRule(3, 3, 1)])
def test_a_table_with_subwords_reads_back_bit_by_bit(rule, tmp_path):
    table = make_table(rule=rule)
    done = table.save(tmp_path / "t.bin")
    assert (done.format, done.rows, done.dimensions, done.subwords_left_out) == ("fasttext", 8, 5, False)
    back = WordVectors.load(tmp_path / "t.bin")
    assert isinstance(back, SubwordVectors)
    assert back.subwords.rule == rule
    same(back, table)
    back.save(tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == (tmp_path / "t.bin").read_bytes()


def test_a_part_of_a_model_is_a_model(tmp_path):
    """Words that were chosen or skipped keep the subwords, and each word its own row."""
    table = make_table()
    table.save(tmp_path / "t.bin")
    part = WordVectors.load(tmp_path / "t.bin", words=["running", "日本"])
    part.save(tmp_path / "part.bin")
    back = WordVectors.load(tmp_path / "part.bin")
    assert back.words == ("日本", "running")
    for word in ("日本", "running", *OTHERS):
        assert back[word].tobytes() == table[word].tobytes()
    broken = make_table(["the", "a\0b", "running"])
    with pytest.raises(DataError, match=r"cannot hold a word, the first is 'a\\x00b'"):
        broken.save(tmp_path / "b.bin")
    with pytest.raises(UsageError, match="leave such words out"):
        write(broken, tmp_path / "b.bin", on_unwritable="escape")
    with pytest.warns(WordloomWarning, match="left out"):
        write(broken, tmp_path / "b.bin", on_unwritable="skip")
    same(WordVectors.load(tmp_path / "b.bin"), broken.keeping(["the", "running"]))


@pytest.mark.parametrize("name", ["t.txt", "t.vec", "t.safetensors", "folder"])
def test_other_formats_hold_the_words_and_say_so(name, tmp_path):
    table = make_table(WORDS[:4])
    make = make_table(WORDS[:4]).save(tmp_path / "t.bin")
    for done in (table.save(tmp_path / name), convert(make.path, tmp_path / name)):
        assert done.subwords_left_out
        back = WordVectors.load(tmp_path / name)
        assert type(back) is WordVectors
        assert back.vectors.tobytes() == table.vectors.tobytes()


def test_what_the_ending_bin_means(tmp_path):
    """fastText's model for a table with subwords, word2vec's form for others, unless the format is named."""
    assert [format_of("t.bin", None, with_subwords) for with_subwords in (True, False)] == [
        "fasttext",
        "word2vec-binary",
    ]
    assert make_table(WORDS[:3]).save(tmp_path / "w.bin", "word2vec-binary").subwords_left_out
    make_table().save(tmp_path / "t.bin")
    assert convert(tmp_path / "t.bin", tmp_path / "u.bin").format == "fasttext"
    same(WordVectors.load(tmp_path / "u.bin"), make_table())
    assert convert(tmp_path / "w.bin", tmp_path / "v.bin").format == "word2vec-binary"
    with pytest.raises(UsageError, match=r"leave out \.gz"):
        make_table().save(tmp_path / "t.bin.gz")


def test_rows_that_do_not_fit_are_refused():
    table = WordVectors(["a", "b"], np.eye(2))
    rows = np.zeros((4, 2), dtype=np.float32)
    for wrong in (Subwords(SubwordRule(3, 6, 5), rows, rows[:2]), Subwords(SubwordRule(3, 6, 4), rows, rows)):
        with pytest.raises(DataError, match="vectors of the shape"):
            SubwordVectors.of(table, wrong)


def test_gensim_reads_the_same_vectors(tmp_path):
    fasttext = pytest.importorskip("gensim.models.fasttext", reason="gensim is not installed")
    table = make_table([word for word in WORDS if word != "</s>"])  # whose n-grams gensim counts
    table.save(tmp_path / "t.bin")
    vectors, model = (
        fasttext.load_facebook_vectors(str(tmp_path / "t.bin")),
        fasttext.load_facebook_model(str(tmp_path / "t.bin")),
    )
    for theirs in (vectors, model.wv):
        assert tuple(theirs.index_to_key) == table.words
        np.testing.assert_array_equal(theirs.vectors_vocab, table.subwords.own)
        np.testing.assert_array_equal(theirs.vectors_ngrams, table.subwords.rows)
        for word in (*table.words, *OTHERS):
            np.testing.assert_allclose(theirs[word], table[word], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("with_subwords", [True, False])
def test_fasttext_reads_the_same_bits(with_subwords, tmp_path):
    fasttext = pytest.importorskip("fasttext", reason="fasttext is not installed")
    table = make_table()
    if not with_subwords:
        table = WordVectors(table.words, table.vectors)
    table.save(tmp_path / "t.bin", "fasttext")
    theirs = fasttext.load_model(str(tmp_path / "t.bin"))
    assert theirs.get_words() == list(table.words)
    assert theirs.get_dimension() == table.dimensions
    for word in (*table.words, *(OTHERS if with_subwords else ())):
        assert theirs.get_word_vector(word).tobytes() == table[word].tobytes()
