"""Training that starts from pretrained word vectors."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import TextClassifier, WordVectors
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings, frozen_epochs

GOOD, BAD = ["fine", "good", "lovely"], ["bad", "awful", "dull"]


def corpus(n: int = 60) -> Corpus:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice((GOOD, BAD)[i % 2], 3)) + " film" for i in range(n)]
    return Corpus(texts, [("pos", "neg")[i % 2] for i in range(n)])


def table(words: tuple[str, ...] = (*GOOD, *BAD)) -> WordVectors:
    return WordVectors(words, np.random.default_rng(1).normal(size=(len(words), 6)), name="table")


def fitted(**settings):
    defaults = {"vectors": table(), "random_state": 0, "validation_split": 0.0, "epochs": 3}
    return fit(corpus(), Settings(**(defaults | settings)))


@pytest.mark.parametrize("architecture", ["mean", "max", "pooled", "flatten"])
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_frozen_vectors_come_out_as_they_went_in(monkeypatch, architecture, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    model = fitted(architecture=architecture, trainable=False, hidden=4)
    learned, given = model.vectors(), table()
    assert learned.dimensions == 6
    for word in GOOD + BAD:
        np.testing.assert_array_equal(learned[word], given[word])
    assert not learned["film"].any()  # not in the table
    assert model.history.history["loss"][-1] < model.history.history["loss"][0]


def test_trainable_vectors_move_and_a_pull_holds_them_back():
    moved = [
        np.linalg.norm(fitted(pull_back=pull, learning_rate=0.05).vectors()["good"] - table()["good"])
        for pull in (0.0, 1.0)
    ]
    assert 0 < moved[1] < moved[0]


def test_vectors_that_are_set_free_after_some_epochs():
    given = table()
    for epochs, free in ((2, False), (3, True)):
        model = fitted(trainable="after 2 epochs", epochs=epochs)
        assert (model.vectors()["good"] != given["good"]).any() == free


@pytest.mark.parametrize(
    ("trainable", "epochs"),
    [(True, 0), ("yes", 0), (False, np.inf), ("no", np.inf), ("after 1 epoch", 1), ("after 12 epochs", 12)],
)
def test_for_how_many_epochs_vectors_stand_still(trainable, epochs):
    assert frozen_epochs(trainable) == epochs


def test_wrong_settings_are_named():
    with pytest.raises(UsageError, match=r"trainable must be True, False or 'after N epochs', not 'later'"):
        Settings(trainable="later").checked()
    with pytest.raises(UsageError, match="unknown_vectors must be one of"):
        Settings(unknown_vectors="guess").checked()


def test_a_file_is_read_and_named_in_the_record(tmp_path):
    table().save(tmp_path / "table.txt")
    model = fitted(vectors=tmp_path / "table.txt", trainable=False)
    np.testing.assert_array_equal(model.vectors()["bad"], table()["bad"])
    found = model.record["vectors"]
    assert found["words"] == 7
    assert found["words_known"] == 6
    assert found["running_words_known"] == pytest.approx(0.75)  # "film" is one word of four
    assert model.record["settings"]["vectors"] == "table.txt"
    model.save(tmp_path / "model")
    assert type(model).load(tmp_path / "model").record["vectors"] == found


def test_unknown_words_start_at_random_with_the_tables_moments():
    words = [f"w{i}" for i in range(400)]
    known = WordVectors(words[:200], np.random.default_rng(0).normal(3.0, 0.5, (200, 4)))
    texts = [" ".join(words[i : i + 20]) for i in range(0, 400, 10)]
    given = Corpus(texts, ["a", "b"] * 20)
    settings = Settings(
        vectors=known, unknown_vectors="random", trainable=False, epochs=1, validation_split=0, random_state=0
    )
    learned = fit(given, settings).vectors()
    drawn = np.stack([learned[word] for word in words[200:]])
    assert drawn.mean() == pytest.approx(3.0, abs=0.1)
    assert drawn.std() == pytest.approx(0.5, abs=0.05)


def test_a_table_without_any_of_the_words_is_refused():
    with pytest.raises(DataError, match=r"table: none of the 7 words of the texts has a vector"):
        fitted(vectors=table(("GUT", "SCHLECHT")))


def test_words_can_be_chosen_from_other_texts():
    small = Corpus(["good film", "bad film"] * 10, ["pos", "neg"] * 10)
    settings = Settings(epochs=1, random_state=0)
    model = fit(small, settings, FitInput(vocabulary_texts=["lovely " * 3, "good bad", "bad"]))
    assert list(model.vocabulary.words) == ["lovely", "bad", "good"]


def test_the_estimator_takes_vectors():
    data = corpus()
    classifier = TextClassifier(
        vectors=table(), trainable=False, random_state=0, learning_rate=0.05, epochs=60
    )
    assert classifier.fit(data.texts, data.labels).score(data.texts, data.labels) == 1.0


def test_vectors_that_would_play_no_part_are_refused():
    with pytest.raises(
        UsageError, match=r"vectors=.* has no effect with .* 'ngram'; it is for all but ngram"
    ):
        fitted(architecture="ngram")


def test_vectors_at_random_that_do_not_learn_are_told():
    with pytest.warns(WordloomWarning, match="stay as they are drawn, at random"):
        fitted(vectors=None, trainable=False, architecture="mean")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"architecture": "mean"}, "vectors are given"),
        ({"architecture": "auto"}, "vectors are given"),
        ({"architecture": "mean", "vectors": None}, "'mean' learns from labelled texts"),
        ({"architecture": "ngram", "vectors": None}, "'ngram' learns from labelled texts"),
    ],
)
def test_texts_without_labels_that_would_play_no_part_are_told(settings, why):
    given = Settings(**{"vectors": table(), "epochs": 1, "random_state": 0} | settings)
    with pytest.warns(WordloomWarning, match=f"the 2 texts without labels are not used: .*{why}"):
        fit(corpus(), given, FitInput(unlabelled=["a film", "another"]))
