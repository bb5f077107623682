"""The most influential words of a model trained on texts in which two words decide."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.fit import fit
from wordloom.influential_words import influential_words, leaning_changes, words_of_labels
from wordloom.settings import Settings
from wordloom.vectors import WordVectors

SETTINGS = Settings(dimensions=4, epochs=60, batch_size=8, random_state=0, threads=1)


def trained(classes: dict[str, str]):
    fillers = ["film", "plot", "scene", "actor", "long"]
    rng = np.random.default_rng(0)
    labels = [label for label in classes for _ in range(30)]
    texts = [" ".join([*rng.permutation(fillers)[:3], classes[label]]) for label in labels]
    return fit(Corpus(texts, labels), SETTINGS)


def test_deciding_words_come_first_and_lean_to_their_class():
    found = influential_words(trained({"bad": "awful", "good": "superb"}), 4)
    assert set(found.words[:2]) == {"awful", "superb"}
    leaning = dict(zip(found.words, found.leaning, strict=True))
    assert leaning["awful"] < 0 < leaning["superb"]
    assert len(found.words) == 4


def test_three_classes_have_no_leaning():
    found = influential_words(trained({"bad": "awful", "fair": "decent", "good": "superb"}), 3)
    assert set(found.words) == {"awful", "decent", "superb"}
    assert found.leaning is None


def test_each_label_has_the_words_that_speak_for_it():
    found = words_of_labels(trained({"bad": "awful", "fair": "decent", "good": "superb"}), 4)
    assert {label: words[0].word for label, words in found.items()} == {
        "bad": "awful",
        "fair": "decent",
        "good": "superb",
    }
    for words in found.values():
        evidence = [one.evidence for one in words]
        assert evidence == sorted(evidence, reverse=True)
        assert min(evidence) > 0
        assert words[0].texts == 30
    with pytest.raises(UsageError, match="1 or more"):
        words_of_labels(trained({"bad": "awful", "good": "superb"}), 0)


def test_only_frequent_words_are_considered():
    model = trained({"bad": "awful", "good": "superb"})
    assert set(influential_words(model, 100, among=3).words) == set(model.vocabulary.words[:3])


def test_no_words_wanted_is_an_error():
    with pytest.raises(UsageError, match="1 or more"):
        influential_words(trained({"bad": "awful", "good": "superb"}), 0)


def test_words_whose_leaning_changed():
    """Two deciding words change places before training, so to say."""
    model = trained({"bad": "awful", "good": "superb"})
    learned = model.vectors()
    swapped = {"awful": "superb", "superb": "awful"}
    rows = [learned[swapped.get(word, word)] for word in learned.words]
    before = WordVectors([*learned.words[:-1], "elsewhere"], np.array([*rows[:-1], rows[0]]))
    found = leaning_changes(model, before, n=3)
    assert {(change.word, change.label) for change in found[:2]} == {("awful", "bad"), ("superb", "good")}
    for change in found[:2]:
        assert change.before < 0 < change.after
    assert found[2].before == pytest.approx(found[2].after)
    assert learned.words[-1] not in {change.word for change in leaning_changes(model, before)}


def test_the_leaning_before_and_after_are_those_of_influential_words():
    model = trained({"bad": "awful", "fair": "decent", "good": "superb"})
    before = WordVectors(model.vectors().words, np.zeros_like(model.vectors().vectors))
    changes = {change.word: change for change in leaning_changes(model, before)}
    assert changes["decent"].label == "fair"
    assert changes["decent"].before == pytest.approx(0, abs=1e-6)


def test_leanings_that_cannot_be_compared():
    model = trained({"bad": "awful", "good": "superb"})
    with pytest.raises(UsageError, match="1 or more"):
        leaning_changes(model, model.vectors(), 0)
    with pytest.raises(DataError, match="none of the model's frequent words"):
        leaning_changes(model, WordVectors(["x"], [[1.0]]))
    with pytest.raises(DataError, match="vectors of 1 numbers, the model's have 4"):
        leaning_changes(model, WordVectors(["awful"], [[1.0]]))


OF_PHRASES = {"no": ["not good", "not bad"], "yes": ["very good", "very bad"], "so": ["so good", "so bad"]}


@pytest.fixture(scope="module", params=[2, 3])
def of_phrases(request):
    """An n-gram model with characters of two or three labels, each told by the first word of two."""
    phrases = dict(list(OF_PHRASES.items())[: request.param])
    texts, labels = zip(*[(text, label) for label in phrases for text in phrases[label] * 10], strict=True)
    settings = Settings(architecture="ngram", characters=3, random_state=0)
    return fit(Corpus(list(texts), list(labels)), settings)


def test_words_and_ngrams_of_each_label_say_what_their_weights_say(of_phrases):
    found = words_of_labels(of_phrases, 5)
    assert list(found) == list(of_phrases.labels)
    words = {label: {one.word: one for one in found[label]} for label in found}
    assert words["no"]["not"].kind == "word"
    assert words["no"]["not"].texts == 20
    assert words["no"]["not good"].kind == "n-gram"
    assert {"not", "very", "so"} & words["yes"].keys() == {"very"}
    for label, ones in found.items():
        evidence = [one.evidence for one in ones]
        assert evidence == sorted(evidence, reverse=True)
        assert min(evidence) > 0
        column = of_phrases.labels.index(label)
        weights = of_phrases.network.weights[of_phrases.vocabulary.word_index["not"] - 2]
        of_not = weights[0] * (column - 0.5) if len(weights) == 1 else weights[column] - weights.mean()
        if label == "no":
            assert words["no"]["not"].evidence == pytest.approx(of_not, abs=1e-6)


def test_ngrams_of_characters_of_each_label_are_asked_for(of_phrases):
    found = words_of_labels(of_phrases, 50, kinds=["characters"])
    assert {one.kind for ones in found.values() for one in ones} == {"characters"}
    assert "<no" in {one.word for one in found["no"]}
    assert "<ve" in {one.word for one in found["yes"]}


def test_vectors_of_documents_have_ngrams_for_each_label():
    texts = ["not good at all", "very good film"] * 30
    settings = Settings(architecture="documents", dimensions=4, epochs=3, random_state=0)
    found = words_of_labels(fit(Corpus(texts, ["no", "yes"] * 30), settings), 4)
    assert {"not", "not good", "at", "all"} & {one.word for one in found["no"]}
    assert {"n-gram", "word"} == {one.kind for ones in found.values() for one in ones}


def test_an_unknown_kind_of_words_is_refused(of_phrases):
    with pytest.raises(
        UsageError, match="The kinds of words are word, n-gram, characters; there is no lemma"
    ):
        words_of_labels(of_phrases, kinds=["word", "lemma"])
