"""Several labels a text, and grades: what holds for every architecture that learns them."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from wordloom.architectures import ARCHITECTURES
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.readers import stream_corpus
from wordloom.settings import Settings
from wordloom.text_model import TextModel

OWN_SETTINGS = {
    "ngram": {"characters": 0, "epochs": 12},
    "mean": {"dimensions": 8, "learning_rate": 0.05, "epochs": 12},
    "max": {"dimensions": 8, "learning_rate": 0.05, "epochs": 12},
    "pooled": {"dimensions": 8, "learning_rate": 0.05, "epochs": 12},
    "flatten": {"dimensions": 8, "learning_rate": 0.05, "epochs": 12, "maxlen": 6},
    "documents": {"dimensions": 16, "epochs": 40},
}
FILLERS = ["the", "film", "was", "a", "plot"]
WORD_OF = {"music": "song", "plot": "story", "stars": "actor"}
SCALE = {"awful": 1.0, "poor": 2.0, "fair": 3.0, "good": 4.0, "superb": 5.0}


def learners(target):
    return [name for name, row in ARCHITECTURES.items() if target in row.targets]


every_learner = pytest.mark.parametrize("architecture", OWN_SETTINGS)


def settings(architecture="ngram", **changes):
    own = {"architecture": architecture, "random_state": 2, "threads": 1}
    return Settings(**(own | OWN_SETTINGS[architecture] | changes))


def topics(n=240, seed=0):
    """Texts with any of three labels, each told by a word of its own; an eighth of them has none."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        inside = [label for label in WORD_OF if rng.random() < 0.5]
        words = [*(WORD_OF[label] for label in inside), *rng.choice(FILLERS, 3)]
        texts.append(" ".join(rng.permutation(words)))
        labels.append(tuple(inside))
    return Corpus(texts, labels, "topics", target="multilabel")


def stars(n=240, seed=0):
    """Texts of which one word tells the grade."""
    rng = np.random.default_rng(seed)
    words = rng.choice(list(SCALE), n)
    texts = [" ".join(rng.permutation([word, *rng.choice(FILLERS, 3)])) for word in words]
    return Corpus(texts, [SCALE[word] for word in words], "stars", target="graded")


CORPORA = {"multilabel": topics, "graded": stars}
every_target = pytest.mark.parametrize("target", CORPORA)
TEXTS = ["a song", "the story of the actor", "superb", "poor plot", "", "unheard of"]


@pytest.fixture(scope="module")
def models():
    """A model of each architecture and target, fitted when it is asked for."""
    fitted: dict[tuple[str, str], TextModel] = {}

    def model(architecture, target):
        key = architecture, target
        if key not in fitted:
            fitted[key] = fit(CORPORA[target](), settings(architecture))
        return fitted[key]

    return model


def outcome(model, texts):
    """What a model says of texts: grades, or probabilities."""
    if model.target == "graded":
        return np.array(model.predict(texts))
    return model.predict_proba(texts)


def logit(model, text):
    return model.network.logits(model.network.prepared(model.encode([text])), 1)[0]


def test_these_are_all_that_learn_several_labels_and_grades() -> None:
    assert set(learners("multilabel")) == set(learners("graded")) == set(OWN_SETTINGS)


@every_target
@pytest.mark.parametrize("architecture", [n for n, row in ARCHITECTURES.items() if row.needs_keras])
def test_networks_of_keras_name_those_that_learn_this(architecture, target) -> None:
    others = ", ".join(learners(target))
    with pytest.raises(UsageError, match=f"'{architecture}' learns one label .* by {others} "):
        fit(CORPORA[target](10), Settings(architecture=architecture))


@pytest.mark.slow
@every_learner
def test_labels_are_found_in_new_texts(architecture, models) -> None:
    model, test = models(architecture, "multilabel"), topics(80, seed=1)
    assert model.labels == ("music", "plot", "stars")
    scores = model.evaluate(test.texts, test.labels)
    assert scores.micro_f1 > (0.8 if architecture == "documents" else 0.95), "vectors know nothing of labels"
    found = zip(model.predict(test.texts), test.labels, strict=True)
    assert scores.subset_accuracy == np.mean([one == other for one, other in found])


@pytest.mark.slow
@every_learner
def test_grades_are_ranked_in_new_texts_and_stay_on_the_scale(architecture, models) -> None:
    model, test = models(architecture, "graded"), stars(80, seed=1)
    assert model.labels == (1.0, 5.0)
    scores = model.evaluate(test.texts, test.labels)
    assert scores.spearman > 0.9
    assert scores.mae < 0.6
    predicted = np.array(model.predict(test.texts))
    assert scores.mae == pytest.approx(np.abs(predicted - test.grades).mean())
    assert ((predicted >= 1) & (predicted <= 5)).all()


@pytest.mark.slow
@every_target
@every_learner
def test_saved_and_loaded_it_says_the_same_to_the_bit(architecture, target, models, tmp_path) -> None:
    model = models(architecture, target)
    model.save(tmp_path / "model")
    again = TextModel.load(tmp_path / "model")
    assert (again.target, again.labels, again.thresholds) == (target, model.labels, model.thresholds)
    assert outcome(again, TEXTS).tobytes() == outcome(model, TEXTS).tobytes()
    assert again.predict(TEXTS) == model.predict(TEXTS)


@every_target
@every_learner
def test_an_explanation_adds_up_to_the_logit(architecture, target, models) -> None:
    model = models(architecture, target)
    text = "superb song in the story"
    label = {"multilabel": "plot", "graded": None}[target]
    explained = model.explain(text, label)
    assert explained.logit == pytest.approx(logit(model, text)[1 if label else 0], abs=1e-5)
    total = explained.bias + sum(part.value for part in explained.contributions)
    assert total == pytest.approx(explained.logit, abs=1e-5)
    told = max(explained.words, key=lambda word: word.effect)
    assert told.word == {"multilabel": "story", "graded": "superb"}[target]


@pytest.mark.slow
@every_target
@pytest.mark.parametrize("architecture", ["ngram", "mean"])
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_the_same_seed_gives_the_same_bits_at_any_number_of_threads(
    architecture, target, kernels, monkeypatch
) -> None:
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = CORPORA[target](120)
    one, two, four = (fit(corpus, settings(architecture, epochs=3, threads=n)) for n in (1, 2, 4))
    for other in (two, four):
        assert outcome(other, TEXTS).tobytes() == outcome(one, TEXTS).tobytes()
        assert other.thresholds == one.thresholds
    seeded = fit(corpus, settings(architecture, epochs=3, random_state=9))
    assert outcome(seeded, TEXTS).tobytes() != outcome(one, TEXTS).tobytes()


@pytest.mark.slow
@every_target
def test_texts_that_stay_in_their_file_teach_the_same(target, tmp_path) -> None:
    corpus = CORPORA[target]()
    with (tmp_path / "texts.jsonl").open("w") as file:
        for text, label in zip(corpus.texts, corpus.labels, strict=True):
            file.write(json.dumps({"text": text, "label": label}) + "\n")
    streamed = stream_corpus(tmp_path / "texts.jsonl", target=target)
    one, other = (fit(each, settings(epochs=4)) for each in (corpus, streamed.train))
    assert outcome(one, TEXTS).tobytes() == outcome(other, TEXTS).tobytes()
    assert one.thresholds == other.thresholds


@pytest.mark.slow
@every_target
@pytest.mark.parametrize("changes", [{"max_size": 12_000}, {"characters": 3}])
def test_a_limited_size_and_characters_apply(target, changes, tmp_path) -> None:
    corpus = CORPORA[target]()
    model = fit(corpus, settings(**changes))
    model.save(tmp_path / "model")
    if "max_size" in changes:
        assert sum(file.stat().st_size for file in (tmp_path / "model").iterdir()) <= 12_000
    scores = TextModel.load(tmp_path / "model").evaluate(corpus.texts, corpus.labels)
    assert (scores.spearman if target == "graded" else scores.micro_f1) > 0.9


@every_target
def test_models_of_several_labels_and_of_grades_have_a_format_of_their_own(target, models, tmp_path) -> None:
    for name, model, number in (
        ("own", models("mean", target), 4),
        ("single", fit(Corpus(["good", "bad"] * 5, ["a", "b"] * 5), settings("mean", epochs=1)), 1),
    ):
        model.save(tmp_path / name)
        config = json.loads((tmp_path / name / "config.json").read_text())
        assert config["format"] == number
        assert ("target" in config["network"]) == (number == 4)


@every_target
@every_learner
def test_a_stream_of_texts_gives_labels_and_grades(architecture, target, models) -> None:
    model = models(architecture, target)
    found = list(model.predict_stream(iter(TEXTS)))
    said = model.predict(TEXTS)
    if target == "graded":
        assert [each.grade for each in found] == said
        assert [(each.label, each.labels, each.probabilities) for each in found] == [(None, (), {})] * 6
        assert all(math.isnan(each.probability) for each in found)
    else:
        assert [each.labels for each in found] == said
        assert {each.grade for each in found} == {None}
        rows = model.predict_proba(TEXTS)
        assert [each.probability for each in found] == rows.max(axis=1).tolist()
        assert found[0].top(2) == sorted(found[0].probabilities.items(), key=lambda item: -item[1])[:2]


def test_a_threshold_of_the_caller_stands_in_for_those_of_the_model(models) -> None:
    model = models("ngram", "multilabel")
    assert model.predict(TEXTS, threshold=0.0) == [model.labels] * len(TEXTS)
    rows = model.predict_proba(TEXTS) >= 0.9
    assert [len(each) for each in model.predict(TEXTS, threshold=0.9)] == rows.sum(axis=1).tolist()
    with pytest.raises(UsageError, match="threshold must be a probability"):
        model.predict(TEXTS, threshold=1.5)


def test_grades_have_no_threshold_and_no_probabilities(models) -> None:
    model = models("ngram", "graded")
    with pytest.raises(UsageError, match="threshold goes with labels, and this is a model of grades"):
        model.predict(TEXTS, threshold=0.5)
    with pytest.raises(UsageError, match="no probabilities of labels; predict gives the grades"):
        model.predict_proba(TEXTS)


def noisy(n=600, seed=3):
    """Topics of which a third of the rarest label's texts do not say so: some thresholds are better."""
    corpus, rng = topics(n, seed), np.random.default_rng(seed)
    texts = [text.replace("actor", "film") if rng.random() < 0.6 else text for text in corpus.texts]
    return Corpus(texts, corpus.labels, "noisy", target="multilabel")


@pytest.mark.slow
def test_thresholds_are_chosen_for_the_measure_that_is_named() -> None:
    corpus = noisy()
    found = {
        measure: fit(corpus, settings(epochs=3, optimize=measure, validation_split=0.4))
        for measure in ("auto", "micro-f1", "macro-f1", "accuracy")
    }
    assert found["accuracy"].thresholds == ()
    assert found["auto"].thresholds == found["micro-f1"].thresholds != ()
    for measure in ("micro-f1", "macro-f1"):
        assert len(found[measure].thresholds) == 3
        record = found[measure].record["optimized"]
        assert (record["measure"], record["thresholds"]) == (measure, list(found[measure].thresholds))
    scores = {name: model.evaluate(corpus.texts, corpus.labels) for name, model in found.items()}
    assert scores["micro-f1"].micro_f1 > scores["accuracy"].micro_f1
    assert scores["macro-f1"].macro_f1 > scores["accuracy"].macro_f1


@pytest.mark.slow
@every_target
def test_without_calibration_probabilities_stay_as_they_are(target) -> None:
    corpus = noisy() if target == "multilabel" else stars(600)
    on, off = (
        fit(corpus, settings(epochs=2, calibrate=calibrate, validation_split=0.4))
        for calibrate in (True, False)
    )
    assert "calibration" in on.record
    assert "calibration" not in off.record
    assert outcome(on, TEXTS).tobytes() != outcome(off, TEXTS).tobytes()


def test_a_measure_of_labels_is_none_of_grades() -> None:
    with pytest.raises(
        UsageError, match=r"optimize='macro-f1' \(--optimize\) is not for grades; leave it out\."
    ):
        fit(stars(20), settings(optimize="macro-f1"))
    with pytest.raises(UsageError, match=r"optimize='micro-f1' .* is not for texts with one label"):
        fit(Corpus(["a", "b"] * 5, ["x", "y"] * 5), settings(optimize="micro-f1"))


@every_target
def test_weights_of_classes_are_refused_with_the_way_out(target) -> None:
    with pytest.raises(UsageError, match=r"class_weight .* Leave it out; sample_weight says"):
        fit(CORPORA[target](20), settings(class_weight="balanced"))


@every_target
def test_texts_of_weight_zero_teach_nothing(target) -> None:
    corpus = CORPORA[target](120)
    weights = np.where(np.arange(120) < 80, 1.0, 0.0)
    weighed = fit(corpus, settings(epochs=3), FitInput(sample_weight=weights))
    left = fit(corpus.subset(list(range(80))), settings(epochs=3))
    assert outcome(weighed, TEXTS).tobytes() == outcome(left, TEXTS).tobytes()


def test_a_label_of_which_no_text_counts_is_told_and_grades_and_combinations_are_no_labels(recwarn) -> None:
    def left_out(corpus, labels):
        weights = np.array([0.0 if each in labels else 1.0 for each in corpus.labels])
        model = fit(corpus, settings(epochs=1), FitInput(sample_weight=weights))
        return model, [str(each.message) for each in recwarn.list if "sample_weight" in str(each.message)]

    assert left_out(stars(60), [3.0])[1] == []
    assert left_out(topics(60), [("music", "plot")])[1] == []
    having = [each for each in set(topics(60).labels) if "music" in each]
    model, (said,) = left_out(topics(60), having)
    assert "every text with the label 'music' has the sample_weight 0" in said
    assert model.labels == ("plot", "stars")


@pytest.mark.slow
@every_learner
@pytest.mark.filterwarnings("ignore::wordloom.errors.WordloomWarning")
def test_a_label_in_every_text_and_one_in_a_single_text_are_learned_with_the_others(architecture) -> None:
    corpus = topics(60)
    labels = [("all", *each, *(["rare"] if row == 7 else [])) for row, each in enumerate(corpus.labels)]
    model = fit(Corpus(corpus.texts, labels, target="multilabel"), settings(architecture, epochs=2))
    assert model.labels == ("all", "music", "plot", "rare", "stars")
    probabilities = model.predict_proba(corpus.texts)
    assert np.isfinite(probabilities).all()
    assert probabilities[:, 0].mean() > probabilities[:, 3].mean()


def test_a_label_in_a_single_text_is_told() -> None:
    corpus = topics(60)
    labels = [(*each, *(["rare"] if row == 7 else [])) for row, each in enumerate(corpus.labels)]
    with pytest.warns(WordloomWarning, match="'rare'"):
        fit(Corpus(corpus.texts, labels, target="multilabel"), settings(epochs=1))


@pytest.mark.slow
@every_learner
def test_a_single_label_is_there_or_not(architecture, tmp_path) -> None:
    corpus = topics(200)
    only = Corpus(corpus.texts, [tuple(set(each) & {"music"}) for each in corpus.labels], target="multilabel")
    model = fit(only, settings(architecture))
    model.save(tmp_path / "model")
    again = TextModel.load(tmp_path / "model")
    assert again.labels == ("music",)
    assert again.predict_proba(TEXTS).shape == (6, 1)
    song, plot = again.predict_proba(["the song was", "the plot was"])[:, 0]
    assert song > plot
    if architecture != "documents":  # a few words tell little of a vector of a document
        assert again.predict(["the song was", "the plot was"]) == [("music",), ()]


def test_texts_from_which_nothing_can_be_learned_are_refused() -> None:
    def fails(labels, target, says):
        with pytest.raises(DataError, match=says):
            fit(Corpus(["one", "two", "three"][: len(labels)], labels, "t", target=target), settings())

    fails([(), (), ()], "multilabel", "t: none of the 3 texts has a label to learn")
    fails([("a",)] * 3, "multilabel", r"t: every text has the same labels \('a'\)")
    fails([], "multilabel", "t: there are no texts to train on")
    fails([2.0] * 3, "graded", "t: all 3 texts have the grade 2, so there is nothing to learn")
    fails([-1e308, 1e308], "graded", r"t: grades from -1e\+308 to 1e\+308 are too far apart")
    fails([1.0, math.inf, 2.0], "graded", "row 1: a grade must be a finite number, found inf")
    fails([1.0, math.nan, 2.0], "graded", "row 1: the grade is missing")


@every_target
@pytest.mark.parametrize("architecture", ["ngram", "mean"])
def test_texts_given_for_validation_are_scored_after_each_epoch(architecture, target) -> None:
    validation = CORPORA[target](60, seed=5)
    model = fit(CORPORA[target](), settings(architecture, epochs=3), FitInput(validation=validation))
    history = model.history.history
    assert len(history["val_loss"]) == 3
    assert history["val_loss"][-1] < history["val_loss"][0]


def test_what_is_given_for_validation_must_be_of_the_same_kind() -> None:
    unknown = Corpus(["one"], [("joy",)], "validation", target="multilabel")
    with pytest.raises(DataError, match="'joy'"):
        fit(topics(60), settings(), FitInput(validation=unknown))
    with pytest.raises(UsageError, match="several labels"):
        fit(topics(60), settings(), FitInput(validation=stars(5)))
    with pytest.raises(UsageError, match="a grade each; these have several"):
        fit(stars(60), settings(), FitInput(validation=topics(5)))


def test_grades_for_validation_may_be_beyond_the_scale() -> None:
    beyond = Corpus(["superb", "awful"], [9.0, -3.0], "validation", target="graded")
    model = fit(stars(60), settings(epochs=1), FitInput(validation=beyond))
    assert math.isfinite(model.history.history["val_loss"][0])


def test_scores_are_of_the_kind_of_the_model(models) -> None:
    several, graded = models("ngram", "multilabel"), models("ngram", "graded")
    with pytest.raises(DataError, match="a list of labels expected"):
        several.evaluate(["a song"], ["music"])
    with pytest.raises(DataError, match="a grade must be a finite number, found 'music'"):
        graded.evaluate(["a song"], ["music"])
    with pytest.raises(DataError, match="'joy'"):
        several.evaluate(["a song"], [["joy"]])
    with pytest.warns(WordloomWarning, match="the label 'joy'.* count as missed"):
        scores = several.evaluate(["a song"], [["joy", "music"]], unknown_labels="wrong")
    assert (scores.micro_precision, scores.micro_recall) == (1.0, 0.5)
    with pytest.raises(UsageError, match="unknown_labels must be one of error, wrong, skip, not 'skp'"):
        several.evaluate(["a song"], [["joy", "music"]], unknown_labels="skp")


@pytest.fixture
def damaged(models, tmp_path):
    """A function that loads a model after a change of its config."""

    def load(target, change):
        from wordloom import storage

        models("mean", target).save(tmp_path / "model")
        stored = storage.load(tmp_path / "model")
        config = json.loads(json.dumps(dict(stored.config)))
        change(config)
        changed = storage.StoredModel(config, stored.words, dict(stored.arrays), 4)
        storage.save(changed, tmp_path / "changed")
        return TextModel.load(tmp_path / "changed")

    return load


@pytest.mark.parametrize(
    ("target", "entry", "value", "says"),
    [
        ("multilabel", "thresholds", [0.5, 1.5, 0.5], "a threshold is no probability, from 0 to 1"),
        ("multilabel", "thresholds", [0.5, -0.1, 0.5], "a threshold is no probability, from 0 to 1"),
        ("multilabel", "thresholds", [0.5], "1 thresholds for 3 labels"),
        ("multilabel", "thresholds", [0.5, "x", 0.5], "thresholds"),
        ("multilabel", "labels", ["music", "plot"], "as many different labels"),
        ("graded", "thresholds", [0.5, 0.5], "2 thresholds for 2 labels"),
        ("graded", "labels", [5.0, 1.0], "the lowest and the highest grade"),
        ("graded", "labels", [1.0], "as many different labels"),
        ("graded", "labels", ["a", "b"], "labels.0"),
        ("graded", "labels", [], "as many different labels"),
    ],
)
def test_a_damaged_config_is_refused(target, entry, value, says, damaged) -> None:
    with pytest.raises(DataError, match=f"do not fit: .*{re.escape(says)}"):
        damaged(target, lambda config: config.update({entry: value}))


@pytest.mark.parametrize("kind", ["nonsense", "graded", 3])
def test_another_kind_of_target_in_a_damaged_config_is_refused(kind, damaged) -> None:
    with pytest.raises(DataError):
        damaged("multilabel", lambda config: config["network"].update(target=kind))


@every_target
def test_a_model_that_learned_nothing_is_told(target) -> None:
    """Labels and grades that have nothing to do with the texts."""
    rng = np.random.default_rng(0)
    texts = [f"the film was number{rng.integers(0, 3)}" for _ in range(300)]
    drawn = CORPORA[target](300, seed=4).labels
    with pytest.warns(WordloomWarning, match=r"says no more of a text than the (mean|frequency)"):
        fit(Corpus(texts, drawn, "drawn", target=target), settings("mean", epochs=1, learning_rate=1e-6))
