"""Contenders really trained, in processes of their own, on a few short texts."""

from __future__ import annotations

import random

import pytest

from messages import Messages
from wordloom.comparison import (
    ComparisonPlan,
    Contender,
    chosen_peers,
    chosen_settings,
    compare,
    known_settings,
    settings_contender,
)
from wordloom.comparison.comparison_report import explanation
from wordloom.comparison.contenders.characters_svm import words_and_characters
from wordloom.comparison.forecast import about
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.memory import peak_memory
from wordloom.settings import Settings

OURS = Settings(architecture="mean", dimensions=4, epochs=15, learning_rate=0.05, batch_size=8)
WORDS = {"good": ["great", "superb"], "bad": ["awful", "dull"], "so-so": ["fair", "middling"]}


def texts(n: int, seed: int = 0) -> Corpus:
    rng = random.Random(seed)
    labels = [list(WORDS)[i % 3] for i in range(n)]
    rows = [f"the film was {rng.choice(WORDS[label])} é\ud800\n {i % 4}" for i, label in enumerate(labels)]
    return Corpus(rows, labels, name="tiny")


@pytest.fixture(autouse=True)
def plain_kernels(monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")


def test_ours_beside_scikit_learn_on_a_test_part():
    messages = Messages()
    contenders = [settings_contender("ours", OURS), *chosen_peers(["tfidf-lr", "tfidf-svm", "nb-svm"])]
    plan = ComparisonPlan(seeds=2, first_seed=3, threads=1)
    found = compare(Dataset(texts(60), texts(30, 1), "tiny"), contenders, plan, [messages])
    assert [entry.contender.name for entry in found.entries] == ["ours", "tfidf-lr", "tfidf-svm", "nb-svm"]
    assert found.seeds == (3, 4)
    for entry in found.entries:
        seeds = [3] if entry.contender.one_seed else [3, 4]
        assert entry.predictions.shape == (len(seeds), 30)
        assert entry.accuracy == 1.0
        assert [run.seed for run in entry.runs] == seeds
        assert entry.size > 100
        assert entry.memory is None or entry.memory > 10_000_000
        assert (entry.first_seconds is not None) == entry.contender.is_ours
    announced, duration, *rest = messages.lines
    assert announced == (
        "Will train ours, tfidf-lr, tfidf-svm, nb-svm: 6 trainings and tests, each on 60 and 30 texts."
    )
    assert duration.startswith("It takes about 10 seconds, and what ours will take")
    assert len(rest) == 6 + 4  # one for each seed, one for each contender
    assert "tfidf-lr, nb-svm: with the first seed only" in " ".join(explanation(found))
    assert rest[0].startswith("ours, seed 3: accuracy 100.00% in ")
    assert rest[2].startswith("ours is done: accuracy 100.00 ± 0.00 %, ")
    assert rest[2].endswith(" (1 of 4)")


def test_folds_and_a_contender_that_fails_and_one_that_is_not_there():
    broken = Contender("broken", "breaks", "tfidf_lr", {"nonsense": 1})
    absent = Contender("absent", "is not here", "tfidf_lr", {}, ("no-such-thing",), ("no_such_thing",))
    messages = Messages()
    contenders = [broken, absent, *chosen_peers(["tfidf-lr"])]
    found = compare(Dataset(texts(30)), contenders, ComparisonPlan(folds=3), [messages])
    (entry,) = found.entries
    assert entry.predictions.shape == (1, 30)
    assert len(entry.runs) == 3
    assert messages.lines[-2].startswith("tfidf-lr, seed 0, 3 folds: accuracy")
    assert messages.lines[-1].startswith("tfidf-lr is done: accuracy")
    assert "nonsense" in found.failed[0].reason
    assert found.not_installed == (absent,)
    assert absent.install == "pip install no-such-thing"


def test_errors_of_ours_reach_the_user_in_their_words():
    with pytest.raises(DataError, match=r"data: none of the contenders could be run. wide: .*needs a maxlen"):
        compare(Dataset(texts(30)), [settings_contender("wide", Settings(mask_padding=False))])


@pytest.mark.usefixtures("workers_here")
@pytest.mark.parametrize("kind", ["tuned-lr", "characters-svm", "complement-nb"])
def test_what_people_use_for_topics_and_short_texts(kind):
    """A class with one text and a class without any in training do not end them."""
    rare = Corpus(["a rare one 日本", *texts(60).texts], ["rare", *texts(60).labels], name="tiny")
    found = compare(Dataset(rare, texts(30, 1)), chosen_peers([kind]), ComparisonPlan(seeds=2, threads=1))
    (entry,) = found.entries
    assert entry.accuracy == 1.0
    assert len(entry.runs) == 1


def test_words_and_characters_are_those_of_both_vectorizers():
    features = words_and_characters().fit(["ab cd", "ab ab"]).get_feature_names_out().tolist()
    assert [name for name in features if name.startswith("words__")] == [
        *("words__ab", "words__ab ab", "words__ab cd", "words__cd")
    ]
    assert "characters__ ab " in features
    assert not any("b c" in name for name in features if name.startswith("characters__"))


@pytest.mark.usefixtures("workers_here")
@pytest.mark.parametrize("kind", ["fasttext", "keras-flatten"])
def test_peers_that_are_installed(kind):
    (peer,) = chosen_peers([kind])
    if peer.missing:
        pytest.skip(f"needs {', '.join(peer.missing)}: {peer.install}")
    found = compare(Dataset(texts(60), texts(30, 1)), [peer], ComparisonPlan(seeds=1, threads=1))
    assert found.entries[0].predictions.shape == (1, 30)
    assert set(found.entries[0].predictions.ravel()) <= {0, 1, 2}


def test_names():
    assert [each.name for each in chosen_settings(["mean", "flatten", "mean"])] == ["mean", "flatten"]
    assert chosen_peers(["none"]) == []
    assert len(chosen_peers(["all"])) == 10
    with pytest.raises(UsageError, match=r"no peer 'tfidf-svn'\. Did you mean 'tfidf-svm'"):
        chosen_peers(["tfidf-svn"])
    with pytest.raises(UsageError, match=r"no set of settings 'maen'\. Did you mean 'mean'"):
        chosen_settings(["maen"])
    assert all(each.is_ours for each in known_settings().values())


def test_settings_that_another_process_cannot_have():
    with pytest.raises(UsageError, match="own tokenizer"):
        settings_contender("own", Settings(tokenizer=str.split))
    assert settings_contender("x", Settings(epochs=3, random_state=5, threads=2)).options == {"epochs": 3}


@pytest.mark.parametrize("contenders", [[], chosen_peers(["tfidf-lr"]) * 2])
def test_nothing_or_twice_the_same(contenders):
    with pytest.raises(UsageError, match=r"nothing to compare|Two contenders are named 'tfidf-lr'"):
        compare(Dataset(texts(30)), contenders)


def test_no_seeds():
    with pytest.raises(UsageError, match="1 or more, not 0"):
        compare(Dataset(texts(30)), chosen_peers(["tfidf-lr"]), ComparisonPlan(seeds=0))


def test_peak_memory_grows_with_use():
    before = peak_memory()
    block = bytearray(80_000_000)
    block[::4096] = b"x" * len(block[::4096])
    after = peak_memory()
    assert before is None or after > before + 50_000_000 or after > 150_000_000


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "5 seconds"), (42, "40 seconds"), (89, "90 seconds"), (200, "3 minutes"), (9000, "2.5 hours")],
)
def test_times_are_said_as_people_say_them(seconds, said):
    assert about(seconds) == said
