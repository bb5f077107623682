"""Every format that gensim reads or writes: the same words and the same bits on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.vectors import WordVectors, analogy, neighbors, similarity
from wordloom.vectors.evaluation import score_analogies, score_similarity

WORDS = ["</s>", "the", "don't", "a\u00a0b", "\u0085x", "日本語", *map(str, range(300))]


@pytest.fixture
def KeyedVectors():
    """gensim's class; the tests are skipped without it."""
    return pytest.importorskip("gensim.models.keyedvectors").KeyedVectors


@pytest.fixture
def table() -> WordVectors:
    bits = np.random.default_rng(4).integers(0, 2**32, size=4000, dtype=np.uint32).view(np.float32)
    numbers = np.concatenate([np.float32([0, -0.0, 1e-45, 3.4028235e38]), bits[np.isfinite(bits)]])
    return WordVectors(WORDS, numbers[: 9 * len(WORDS)].reshape(-1, 9))


def same(ours: WordVectors, theirs) -> bool:
    return (
        list(ours.words) == theirs.index_to_key
        and ours.vectors.tobytes() == theirs.vectors.astype(np.float32).tobytes()
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("v.txt", {"no_header": True}),
        ("v.vec", {}),
        ("v.bin", {"binary": True}),
        ("v.txt.gz", {"no_header": True}),
        ("v.vec.gz", {}),
        ("v.bin.gz", {"binary": True}),
    ],
)
def test_gensim_reads_what_we_write(KeyedVectors, name, options, table, tmp_path):
    if "txt" in name or "vec" in name:  # gensim splits lines of text at these characters
        table = table.subset(word for word in table.words if word.isascii() or word == "日本語")
    table.save(tmp_path / name)
    assert same(table, KeyedVectors.load_word2vec_format(str(tmp_path / name), **options))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("v.txt", {"write_header": False}),
        ("v.vec", {}),
        ("v.vec.gz", {}),
        ("v.bin", {"binary": True}),
        ("v.bin.gz", {"binary": True}),
    ],
)
def test_we_read_what_gensim_writes(KeyedVectors, name, options, table, tmp_path):
    theirs = KeyedVectors(table.dimensions)
    theirs.add_vectors(list(table.words), table.vectors)
    theirs.save_word2vec_format(str(tmp_path / name), **options)
    found = WordVectors.load(tmp_path / name)
    assert sorted(found.words) == sorted(table.words)
    assert all(found[word].tobytes() == table[word].tobytes() for word in table.words)


def test_answers_are_gensims(KeyedVectors):
    rng = np.random.default_rng(0)
    ours = WordVectors([f"w{i}" for i in range(500)], rng.normal(size=(500, 12)))
    theirs = KeyedVectors(12)
    theirs.add_vectors(list(ours.words), ours.vectors)
    for word in ("w3", "w499"):
        expected = theirs.most_similar(word, topn=8)
        found = neighbors(ours, word, n=8)
        assert [near.word for near in found] == [name for name, _ in expected]
        assert [1 - near.distance for near in found] == pytest.approx([s for _, s in expected], abs=1e-6)
    expected = theirs.most_similar(positive=["w1", "w2"], negative=["w3"], topn=5)
    assert [near.word for near in analogy(ours, "w3", "w1", "w2", n=5)] == [name for name, _ in expected]
    assert similarity(ours, "w1", "w2") == pytest.approx(theirs.similarity("w1", "w2"), abs=1e-6)


def test_scores_are_gensims(KeyedVectors, tmp_path):
    rng = np.random.default_rng(1)
    words = [f"w{i}" for i in range(40)]
    ours = WordVectors(words, rng.normal(size=(40, 5)))
    theirs = KeyedVectors(5)
    theirs.add_vectors(words, ours.vectors)
    pairs = tmp_path / "pairs.txt"
    rows = [(*rng.choice(45, 2, replace=False).tolist(), score) for score in rng.integers(0, 20, 60)]
    pairs.write_text("".join(f"w{a}\tw{b}\t{score}\n" for a, b, score in rows))
    pearson, spearman, unknown = theirs.evaluate_word_pairs(str(pairs))
    found = score_similarity(ours, pairs)
    assert found.pearson == pytest.approx(pearson[0], abs=1e-6)
    assert found.spearman == pytest.approx(spearman[0], abs=1e-6)
    assert 100 * found.unknown_share == pytest.approx(unknown)
    questions = tmp_path / "questions.txt"
    rows = [rng.choice(42, 4, replace=False).tolist() for _ in range(80)]
    questions.write_text(": one\n" + "".join(f"w{a} W{b} w{c} w{d}\n" for a, b, c, d in rows))
    accuracy, sections = theirs.evaluate_word_analogies(str(questions))
    scored = score_analogies(ours, questions)
    assert scored.accuracy == pytest.approx(accuracy)
    assert scored.sections[0].correct == len(sections[0]["correct"])
