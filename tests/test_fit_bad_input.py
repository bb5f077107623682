"""Bad input and corner sizes with the n-gram model: it works or says clearly what is wrong."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from wordloom import TextClassifier
from wordloom.corpus import Corpus
from wordloom.errors import DataError, WordloomWarning
from wordloom.evaluation.on_corpus import score_on
from wordloom.fit import fit
from wordloom.settings import Settings


def fitted(texts, labels, **changes):
    settings = {"architecture": "ngram", "random_state": 3} | changes
    return fit(Corpus(texts, labels, name="given"), Settings(**settings))


REFUSED = {
    "no texts": ([], [], "given: there are no texts to train on"),
    "one text": (["good"], ["a"], "all 1 texts have the label 'a'; a classifier needs texts of two classes"),
    "one class": (["good", "bad"], ["a", "a"], "all 2 texts have the label 'a'"),
    "all texts empty": ([""] * 20, ["a", "b"] * 10, "empty vocabulary: 0 different words in 20 texts"),
    "a label is NaN": (["x", "y", "z"], ["a", "b", float("nan")], "row 2: the label is missing"),
    "a label is None": (["x", "y", "z"], ["a", None, "b"], "row 1: the label is missing"),
}


@pytest.mark.parametrize(("texts", "labels", "says"), REFUSED.values(), ids=REFUSED)
def test_refused_with_the_reason(texts, labels, says):
    with pytest.raises(DataError, match=says):
        fitted(texts, labels)


def test_labels_of_numbers_with_a_gap():
    with pytest.raises(DataError, match="row 1: the label is missing"):
        TextClassifier().fit(["x", "y", "z"], np.array([0.0, np.nan, 1.0]))


def test_two_texts():
    with pytest.warns(WordloomWarning, match=r"2 class\(es\) with one text only"):
        model = fitted(["good film", "bad film"], ["pos", "neg"])
    assert model.predict(["good", "bad"]) == ["pos", "neg"]
    assert np.isfinite(model.predict_proba(["", "never seen"])).all()


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_all_texts_alike_get_the_shares_of_the_labels(share):
    labels = ["a"] * round(share * 400) + ["b"] * round((1 - share) * 400)
    model = fitted(["the same text"] * 400, labels)
    np.testing.assert_allclose(model.predict_proba(["the same text", "", "other"])[:, 0], share, atol=0.03)


@pytest.mark.parametrize("length", [100_000, pytest.param(1_000_000, marks=pytest.mark.exhaustive)])
def test_a_text_of_very_many_words(length):
    rng = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(5000)])
    long = " ".join(words[rng.integers(0, 5000, length)])
    texts, labels = [long] + ["good film", "bad film"] * 50, ["pos"] + ["pos", "neg"] * 50
    model = fitted(texts, labels, epochs=2)
    probabilities = model.predict_proba([long, "good film", "bad film", long])
    assert np.isfinite(probabilities).all()
    assert probabilities[0].tolist() == probabilities[3].tolist()
    assert model.predict(["good film", "bad film"]) == ["pos", "neg"]
    with pytest.raises(DataError, match=rf"{length:,} words; explaining .* at most 20,000. Explain a part"):
        model.explain(long, method="leave-one-out")
    assert model.explain(long).method == "exact", "which has no limit"


def of_many_classes(n, classes, seed):
    """Three of ten words name the class."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    texts = [" ".join([*(f"w{i}" for i in rng.integers(0, 200, 7)), *[f"about{c}"] * 3]) for c in labels]
    return Corpus(texts, [f"c{c:04}" for c in labels], name="many classes")


@pytest.mark.filterwarnings("ignore:.*labels leave room:wordloom.errors.WordloomWarning")
def test_a_thousand_classes():
    model = fit(
        of_many_classes(3000, 1000, 0),
        Settings(architecture="ngram", random_state=0, ngrams=1, epochs=12, validation_split=0.0),
    )
    scores = score_on(model, of_many_classes(1000, 1000, 1))
    assert len(model.labels) == 1000
    assert scores.macro_f1 > 0.9
    np.testing.assert_allclose(model.predict_proba(["about7", ""]).sum(axis=1), 1)


def test_words_and_ngrams_share_the_room_that_very_many_classes_leave(monkeypatch):
    from wordloom.fit import ngram

    monkeypatch.setattr(ngram, "_MOST_WEIGHTS", 40_000)
    settings = Settings(architecture="ngram", random_state=0, epochs=2, characters=0)
    with pytest.warns(WordloomWarning) as told:
        model = fit(of_many_classes(500, 100, 0), settings)
    assert any("100 labels leave room for the weights of 197 words" in str(each.message) for each in told)
    assert any("room for 202 n-grams" in str(each.message) for each in told)
    assert model.network.weights.size <= 40_000


def imbalanced(n, seed, one_of=50):
    """Random words, and one that tells in texts of the rare label and in as many of the other."""
    rng = np.random.default_rng(seed)
    rare = np.arange(n) % one_of == 0
    texts = []
    for is_rare in rare:
        words = [f"w{i}" for i in rng.integers(0, 300, 8)]
        texts.append(" ".join([*words, "decisive"] if is_rare or rng.random() < 1 / one_of else words))
    return Corpus(texts, ["rare" if is_rare else "usual" for is_rare in rare], name="imbalanced")


def test_a_rare_label_is_answered_if_classes_are_balanced():
    train, test = imbalanced(6000, 0), imbalanced(6000, 1)
    settings = {"architecture": "ngram", "random_state": 0, "ngrams": 1, "characters": 0}
    plain, balanced = (fit(train, Settings(class_weight=w, **settings)) for w in (None, "balanced"))
    found = {name: score_on(model, test) for name, model in (("plain", plain), ("balanced", balanced))}
    assert found["plain"].recall[0] < 0.1
    assert found["balanced"].recall[0] > 0.6
    assert found["balanced"].macro_f1 > found["plain"].macro_f1
    assert found["balanced"].rare == [("rare", 120)]
    assert len(balanced.record["calibration"]["shift"]) == 1
    assert "shift" not in plain.record["calibration"]


def test_one_text_of_a_thousand_is_too_few_to_shift_by():
    model = fit(
        imbalanced(3000, 0, one_of=1000),
        Settings(architecture="ngram", random_state=0, class_weight="balanced"),
    )
    assert "shift" not in model.record["calibration"]
    assert np.isfinite(model.predict_proba(["decisive", "w1 w2", ""])).all()


MEASURED = """
    import json, os, resource
    os.environ["WORDLOOM_KERNELS"] = "compiled"
    import numpy as np
    from wordloom.text.ngrams import NgramSelection, count_ngrams
    from wordloom.text.sequences import Ragged

    def peak():
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def counted(ids, words):
        documents = Ragged(ids, np.arange(0, len(ids) + 1, 200))
        counts = np.bincount(ids - 2, minlength=words)
        return count_ngrams(documents, counts, 2, NgramSelection(4, 1, 1000), 2)

    few = np.arange(4000, dtype=np.int32) % 50 + 2
    counted(few, 50)  # what is compiled and loaded is not counted
    ids = np.random.default_rng(0).integers(2, 100_002, 4_000_000).astype(np.int32)
    before = peak()
    found, rows = counted(ids, 100_000)
    print(json.dumps([(peak() - before) / len(ids), sum(found.dropped), len(found.pairs)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory in kilobytes, as Linux gives it")
def test_counting_stays_within_memory_however_many_ngrams_there_are():
    """Nearly every pair of words occurs once: 4 million n-grams are counted to keep 1,000."""
    assert resource.RUSAGE_SELF == 0
    command = [sys.executable, "-c", textwrap.dedent(MEASURED)]
    bytes_a_word, dropped, kept = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert kept == 1000
    assert dropped > 3_900_000
    assert bytes_a_word < 80


def test_numbers_of_texts_in_the_place_of_labels():
    with pytest.warns(WordloomWarning, match=r"are these labels, or the texts' numbers\? .*--label NAME"):
        fitted([f"a b {i}" for i in range(12)], [str(i) for i in range(12)])
