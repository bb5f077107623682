"""A model that learns on from further texts."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit import fit
from wordloom.fit.update import update
from wordloom.settings import Settings
from wordloom.text_model import TextModel
from wordloom.vectors import WordVectors

WORD_OF = {"good": "lovely", "bad": "awful", "music": "song"}
FILLERS = ["the", "film", "was", "a", "plot", "by", "them"]


def texts_of(labels, seed=0):
    rng = random.Random(seed)
    return [" ".join([*rng.sample(FILLERS, 4), WORD_OF[label]]) for label in labels]


def learned(labels=("good", "bad"), target="single", grades=False, **settings):
    names = list(labels) * 40
    texts = texts_of(names)
    if target == "multilabel":
        names = [(name,) for name in names]
    if target == "graded":
        names = [float(name == "good") for name in names]
    corpus = Corpus(texts, names, "reviews", target=target)
    own = {"architecture": "ngram", "epochs": 8, "random_state": 1, "threads": 1, **settings}
    return fit(corpus, Settings(**own))


POOLED = {"dimensions": 8, "learning_rate": 0.05, "epochs": 20}
MODELS = {
    "words": {"characters": 0},
    "characters": {"characters": 3},
    "mean": {"architecture": "mean", **POOLED},
    "max, hidden": {"architecture": "max", "hidden": 6, **POOLED},
    "mean + max + min": {"architecture": "pooled", **POOLED},
    "flatten": {"architecture": "flatten", **POOLED},
}


@pytest.fixture(scope="module", params=MODELS.values(), ids=MODELS)
def model(request):
    return learned(**request.param)


NEW = ["music", "good", "bad"] * 15


@pytest.mark.slow
def test_a_new_label_is_learned_and_the_old_ones_are_kept(model):
    updated = update(model, texts_of(NEW, 5), NEW)
    assert updated.labels == ("bad", "good", "music")
    asked = ["good", "bad", "music"] * 5
    assert updated.predict(texts_of(asked, 9)) == asked
    assert "song" in updated.vocabulary.word_index
    assert updated.network.n_ids > model.network.n_ids


def test_the_model_itself_stays_as_it_is(model):
    before = model.predict_proba(texts_of(["good", "bad"], 9))
    update(model, texts_of(NEW, 5), NEW)
    assert np.array_equal(model.predict_proba(texts_of(["good", "bad"], 9)), before)


def test_the_same_bits_for_any_number_of_threads(model):
    one, two = (update(model, texts_of(NEW, 5), NEW, threads=threads) for threads in (1, 2))
    for name, array in one.network.arrays().items():
        assert np.array_equal(array, two.network.arrays()[name]), name


def test_the_record_of_an_older_model_has_none_where_settings_were_left_open(model):
    names = ("dimensions", "ngrams", "min_documents", "dropout", "maxlen", "filters", "learning_rate")
    settings = dict(model.record["settings"])
    settings |= {name: None for name in names if settings[name] == "auto"}
    older = replace(model, record={**model.record, "settings": settings})
    one, two = (update(each, texts_of(NEW, 5), NEW) for each in (older, model))
    for name, array in one.network.arrays().items():
        assert np.array_equal(array, two.network.arrays()[name]), name


@pytest.mark.slow
def test_an_updated_model_is_saved_and_learns_on_again(model, tmp_path):
    updated = update(model, texts_of(NEW, 5), NEW)
    updated.save(tmp_path / "model")
    loaded = TextModel.load(tmp_path / "model")
    asked = texts_of(NEW, 9)
    assert np.array_equal(loaded.predict_proba(asked), updated.predict_proba(asked))
    again = update(loaded, texts_of(NEW, 6), NEW)
    assert again.predict(asked) == NEW
    assert [entry["texts"] for entry in again.record["updates"]] == [45, 45]


def test_the_record_says_what_a_model_has_learned_from(model):
    updated = update(model, texts_of(NEW, 5), NEW)
    (entry,) = updated.record["updates"]
    assert entry["base"] == {"fingerprint": model.record["data"]["fingerprint"], "texts": 80}
    assert entry["new_labels"] == ["music"]
    assert updated.record["data"]["classes"] == {"bad": 55, "good": 55, "music": 15}
    assert updated.record["data"]["texts"] == 125
    assert updated.vocabulary.n_documents == 125


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_label_that_the_new_texts_lack_is_not_forgotten(name):
    before = learned(["good", "bad", "music"], **MODELS[name])
    names = ["music", "good"] * 20
    updated = update(before, texts_of(names, 5), names)
    assert updated.predict(texts_of(["bad"] * 100, 9)).count("bad") >= 80


def of_many_labels(first, last, n=4, **settings):
    """A model of many labels, its texts and their labels."""
    rng = random.Random(first)
    names = [f"topic{number}" for number in range(first, last)] * n
    texts = [" ".join([*rng.sample(FILLERS, 3), f"own{name}"]) for name in names]
    own = {"architecture": "ngram", "epochs": 2, "random_state": 1, "threads": 1, "characters": 0, **settings}
    return fit(Corpus(texts, names, "topics"), Settings(**own)), texts, names


def counted(model):
    """(n-gram, label) -> texts."""
    network, words = model.network, ["<start>", *model.vocabulary.words]
    rows = [(word,) for word in words]
    for first, last in network.pairs.tolist():
        rows.append((*rows[first], words[last]))
    table = network.counts.of_rows(np.arange(len(rows)))
    return {(rows[row], model.labels[at]): table[row, at] for row, at in zip(*np.nonzero(table), strict=True)}


def test_a_model_of_many_labels_counts_as_if_it_had_learned_from_all_texts_at_once(tmp_path):
    model, texts, names = of_many_labels(0, 30)
    _, more, new_names = of_many_labels(5, 31)
    model.save(tmp_path / "model")
    updated = update(TextModel.load(tmp_path / "model"), more, new_names)
    whole = fit(Corpus([*texts, *more], [*names, *new_names], "all"), Settings(**model.record["settings"]))
    assert counted(updated) == counted(whole)
    assert counted(updated)[("owntopic30",), "topic30"] == 4


def test_counts_are_left_out_where_they_would_take_much():
    assert learned().network.counts is None
    assert of_many_labels(0, 30, max_size=40_000)[0].network.counts is None
    assert of_many_labels(0, 30)[0].network.counts is not None


@pytest.mark.parametrize("name", ["words", "characters"])
def test_a_new_label_is_not_taken_for_one_that_the_new_texts_lack(name):
    names = ["music", "good"] * 20
    updated = update(learned(**MODELS[name]), texts_of(names, 5), names)
    assert updated.predict(texts_of(["bad"] * 100, 9)).count("bad") >= 80


def test_n_grams_of_new_words_come_in():
    before = learned()
    assert update(before, texts_of(NEW, 5), NEW).network.shape.n_ngrams > before.network.shape.n_ngrams


def test_new_labels_alone_are_warned_of(model):
    with pytest.warns(WordloomWarning, match="Add some texts with the old labels"):
        update(model, texts_of(["music"] * 30, 5), ["music"] * 30)


every_kind = pytest.mark.parametrize("settings", [{}, {"architecture": "pooled", **POOLED}], ids=str)


@every_kind
def test_several_labels_learn_on_with_a_new_one(settings):
    before = learned(target="multilabel", **settings)
    updated = update(before, texts_of(NEW, 5), [[name] for name in NEW], epochs=20)
    assert updated.labels == ("bad", "good", "music")
    likeliest = updated.predict_proba(texts_of(NEW, 9)).argmax(axis=1)
    assert [updated.labels[place] for place in likeliest] == NEW


@every_kind
def test_grades_learn_on_and_keep_their_scale(settings):
    before = learned(target="graded", **settings)
    names = ["music", "bad"] * 30
    updated = update(before, texts_of(names, 5), [float(name == "music") for name in names])
    assert updated.labels == before.labels
    asked = texts_of(["music"], 9)
    assert updated.predict(asked)[0] > before.predict(asked)[0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ngrams": 3}, "learns on with the settings of its training, .*: leave out ngrams,"),
        ({"architecture": "mean"}, "train a new model"),
    ],
)
def test_other_settings_are_refused_with_what_may_change(model, wrong, message):
    with pytest.raises(UsageError, match=message):
        update(model, texts_of(NEW), NEW, **wrong)


def test_a_measure_that_is_not_for_the_target_is_refused():
    with pytest.raises(
        UsageError, match=r"optimize='macro-f1' \(--optimize\) is not for grades; leave it out\."
    ):
        update(learned(target="graded"), texts_of(["good", "bad"]), [1.0, 0.0], optimize="macro-f1")


def test_another_kind_of_target_is_refused():
    with pytest.raises(DataError, match="list of labels"):
        update(learned(target="multilabel"), texts_of(NEW), NEW)


def test_labels_that_are_no_numbers_beside_numbers_are_refused():
    numbers = fit(
        Corpus(texts_of(["good", "bad"] * 20), [1, 0] * 20, "reviews"),
        Settings(architecture="ngram", epochs=2, random_state=1),
    )
    with pytest.raises(DataError, match="whole numbers"):
        update(numbers, texts_of(NEW), NEW)


TABLE = WordVectors([*WORD_OF.values(), *FILLERS], np.eye(10, dtype=np.float32), name="table")


@pytest.mark.slow
@pytest.mark.parametrize("weights", ["none", "sif"])
def test_an_output_layer_that_was_solved_for_is_solved_for_again_and_its_vectors_stay(weights):
    before = learned(architecture="mean", vectors=TABLE, trainable=False, word_weights=weights, epochs="auto")
    assert before.record["settings"]["optimizer"] == "convex"
    names = ["good", "bad", "music"] * 20
    updated = update(before, [f"{text} unheard" for text in texts_of(names, 5)], names)
    assert updated.predict(texts_of(NEW, 9)) == NEW
    np.testing.assert_array_equal(updated.network.embedding, before.network.embedding)
    assert "unheard" not in updated.vocabulary.word_index


def test_new_words_start_as_words_that_the_pretrained_table_lacks():
    table = WordVectors(["lovely", "awful"], np.eye(2, 3, dtype=np.float32), name="table")
    before = learned(architecture="mean", vectors=table, epochs=3)
    updated = update(before, texts_of(NEW, 5), NEW, learning_rate=0.0)
    assert not updated.network.embedding[updated.vocabulary.word_index["song"]].any()
    np.testing.assert_array_equal(updated.network.embedding[: before.network.n_ids], before.network.embedding)


def test_no_texts_are_refused(model):
    with pytest.raises(DataError, match="no texts"):
        update(model, [], [])


def test_models_that_do_not_learn_on_say_which_do():
    pooled = learned(architecture="documents", epochs=1, dimensions=4)
    with pytest.raises(UsageError, match="'documents' does not learn on; those of mean, max"):
        update(pooled, texts_of(NEW), NEW)


def test_a_model_without_settings_says_to_train_it_anew(model):
    bare = model.with_record(settings=None)
    with pytest.raises(UsageError, match="does not say with which settings"):
        update(bare, texts_of(NEW), NEW)


def test_a_size_limited_model_names_the_way_out():
    with pytest.raises(UsageError, match="trained without max_size"):
        update(learned(max_size=20_000), texts_of(NEW), NEW)


def test_a_limit_of_words_holds_for_new_ones_too():
    model = learned(num_words=13, characters=0)
    more = [f"{text} newly newly{number % 2}" for number, text in enumerate(texts_of(NEW, 5))]
    with pytest.warns(WordloomWarning, match=r"\d of 4 new words stay unknown: .* room for 13 words"):
        updated = update(model, more, NEW)
    assert len(updated.vocabulary.words) <= 12
    limit = learned(num_words=5, characters=0)
    with pytest.warns(WordloomWarning, match="stay unknown"):
        assert update(limit, more, NEW).vocabulary.words == limit.vocabulary.words
