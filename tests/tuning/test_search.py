"""Searches on a few short texts: the same every time, within their limits, keeping what they found."""

from __future__ import annotations

import random

import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.tuning import TuningCallback, TuningPlan, tune
from wordloom.tuning.search import WORKER, made

FIXED = {"architecture": "mean", "epochs": 3, "num_words": 100}


def texts(n: int = 90, seed: int = 0) -> Corpus:
    rng = random.Random(seed)
    return Corpus(
        [f"w{rng.randrange(20)} {'good' if i % 2 else 'bad'} \ud800" for i in range(n)],
        ["pos" if i % 2 else "neg" for i in range(n)],
        name="tiny",
    )


class Recorder(TuningCallback):
    """Remembers its events, and may interrupt."""

    def __init__(self, interrupt_at: int = 0) -> None:
        self.started_trials, self.results, self.left = [], [], []
        self.interrupt_at = interrupt_at

    def on_trial_begin(self, trial, seconds_left):
        self.started_trials.append(trial.number)
        self.left.append(seconds_left)
        if trial.number == self.interrupt_at:
            raise KeyboardInterrupt

    def on_trial_end(self, result, measure):
        self.results.append(result)


@pytest.fixture(autouse=True)
def plain_kernels(monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")


def figures(found):
    return [(r.trial.number, r.accuracy, r.log_loss, r.failed) for r in found.results]


def test_the_same_seed_and_number_of_trials_give_the_same():
    told = Recorder()
    first = tune(texts(), TuningPlan(trials=4, seed=2, threads=1, fixed=FIXED), [told])
    again = tune(texts(), TuningPlan(trials=4, seed=2, threads=1, fixed=FIXED))
    assert figures(first) == figures(again)
    assert first.stopped == "trials"
    assert told.started_trials == [1, 2, 3, 4]
    assert told.left == [None] * 4
    assert first.how == "5-fold cross-validation"
    assert first.best is first.ranked[0]
    assert first.best.accuracy == max(result.accuracy for result in first.results)
    assert first.settings.epochs == 3
    config = first.to_config()
    assert list(config) == ["measure", "scored_on", "stopped", "seconds", "best", "trials"]
    assert config["trials"][0]["settings"]["epochs"] == 3


def test_interrupted_searches_keep_what_they_found():
    found = tune(texts(), TuningPlan(trials=9, threads=1, fixed=FIXED), [Recorder(interrupt_at=3)])
    assert found.stopped == "interrupted"
    assert len(found.results) == 2
    with pytest.raises(KeyboardInterrupt):
        tune(texts(), TuningPlan(trials=9, fixed=FIXED), [Recorder(interrupt_at=1)])


def test_time_ends_a_search_also_within_a_trial():
    ticks = iter(range(1000))
    # A step of this clock is longer than any trial, so a slow machine changes nothing.
    plan = TuningPlan(seconds=4500, threads=1, fixed=FIXED, clock=lambda: 1000.0 * next(ticks))
    found = tune(texts(), plan, [told := Recorder()])
    assert found.stopped == "time"
    assert told.left == [3500, 2500, 1500, 500][: len(told.left)]
    with pytest.raises(DataError, match=r"no trial ended within 0.001 s. Give more time"):
        tune(texts(), TuningPlan(seconds=0.001, fixed=FIXED))


def test_time_is_kept_for_the_winner():
    left = []
    for trains_winner in (False, True):
        ticks = iter(range(1000))
        plan = TuningPlan(
            100_000,
            2,
            threads=1,
            trains_winner=trains_winner,
            fixed=FIXED,
            clock=lambda t=ticks: float(next(t)),
        )
        told = Recorder()
        tune(texts(), plan, [told])
        left.append(told.left[1])
    assert left[1] < left[0] == 99_998


def test_trials_that_fail_are_told_and_do_not_end_the_search():
    with pytest.raises(
        DataError, match=r"tiny: none of the 2 trials could be trained. The first: .*needs a maxlen"
    ):
        tune(texts(), TuningPlan(trials=2, fixed={**FIXED, "mask_padding": False}))


def test_memory_is_limited():
    plan = TuningPlan(trials=1, memory=20_000_000, fixed=FIXED)
    with pytest.raises(DataError, match="more memory than the 20,000,000 bytes"):
        tune(texts(3000), plan)


def test_a_worker_that_died_is_started_again(tmp_path):
    from wordloom.comparison.splits import material_of, write_material
    from wordloom.corpus import Dataset
    from wordloom.tuning.schedule import Trial
    from wordloom.tuning.space import space_for
    from wordloom.worker_process import WorkerProcess

    write_material(material_of(Dataset(texts()), 2, None, 0), tmp_path)
    trial = Trial(1, space_for(texts(), FIXED).starting_points()[0], 1.0)
    plan = TuningPlan(trials=2, threads=1)
    with WorkerProcess(WORKER, tmp_path) as worker:
        worker.start().kill()
        assert "its process was ended by signal" in made(trial, worker, plan).failed
        assert made(trial, worker, plan).accuracy > 0.4


def test_rare_classes_are_judged_by_macro_f1():
    corpus = texts(60)
    corpus = Corpus([*corpus.texts, "rare w1"], [*corpus.labels, "rare"], name="tiny")
    with pytest.warns(match="one text only"):
        pass_through(corpus)
    found = tune(corpus, TuningPlan(trials=1, threads=1, fixed=FIXED))
    assert found.measure == "macro_f1"


def pass_through(corpus):
    from wordloom.labels import warn_about_single_texts

    warn_about_single_texts(corpus.counts(), corpus.name)


@pytest.mark.parametrize("limits", [{}, {"trials": 0}, {"seconds": -1}, {"trials": 2, "memory": 0}])
def test_limits(limits):
    with pytest.raises(UsageError, match="limit"):
        tune(texts(), TuningPlan(**limits))
