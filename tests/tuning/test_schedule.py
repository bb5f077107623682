"""Which settings are tried on how many texts: starting points, draws, successive halving."""

from __future__ import annotations

import math

import pytest

from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.settings import Settings
from wordloom.tuning.schedule import schedule, shares_for
from wordloom.tuning.space import FAMILIES, Between, changes, space_for

PLAIN = Corpus(["a < b", "c"] * 20, ["x", "y"] * 20)
MARKED = Corpus(["a<br />b", "c"] * 20, ["x", "y"] * 20)


def trials(space, texts, n, losses=lambda trial: trial.number):
    """The first n trials, each answered with a loss."""
    found, going = [], schedule(space, texts, seed=1)
    trial = next(going)
    for _ in range(n):
        found.append(trial)
        trial = going.send(losses(trial))
    return found


def test_starting_points_come_first_on_all_texts():
    first = trials(space_for(PLAIN, {}), 100_000, len(FAMILIES))
    assert [trial.settings.architecture for trial in first] == [
        family.start["architecture"] for family in FAMILIES.values()
    ]
    assert {trial.share for trial in first} == {1.0}
    assert [trial.number for trial in first] == list(range(1, len(FAMILIES) + 1))


def test_rungs():
    assert shares_for(2000) == (1.0,)
    assert shares_for(4000) == (1 / 3, 1.0)
    assert shares_for(10**7) == pytest.approx((1 / 9, 1 / 3, 1.0))


def test_the_best_third_goes_on():
    space, start = space_for(PLAIN, {}), len(FAMILIES)
    seen = trials(space, 100_000, start + 13 + 1, lambda trial: -trial.number)[start:]
    assert [round(1 / trial.share) for trial in seen] == [9] * 9 + [3] * 3 + [1, 9]
    assert [trial.settings for trial in seen[9:12]] == [seen[8].settings, seen[7].settings, seen[6].settings]
    assert seen[12].settings is seen[11].settings
    assert changes(seen[13].settings) == changes(space.candidate(9, 1))


def test_a_trial_that_failed_does_not_go_on():
    start = len(FAMILIES)
    seen = trials(
        space_for(PLAIN, {}), 4000, start + 4, lambda t: math.inf if t.number == start + 1 else t.number
    )[start:]
    assert seen[3].settings is seen[1].settings


def test_draws_depend_on_seed_and_number_alone():
    space, again = space_for(PLAIN, {}), space_for(PLAIN, {})
    assert [changes(space.candidate(i, 5)) for i in range(20)] == [
        changes(again.candidate(i, 5)) for i in range(20)
    ]
    assert changes(space.candidate(0, 5)) != changes(space.candidate(0, 6))
    drawn = [space.candidate(i, 0) for i in range(200)]
    assert {settings.architecture for settings in drawn} == {
        f.start["architecture"] for f in FAMILIES.values()
    }
    assert all(settings.checked() for settings in drawn)
    assert len({str(changes(settings)) for settings in drawn}) > 190


def test_numbers_have_two_digits():
    import numpy as np

    rng = np.random.default_rng(0)
    values = [Between(0.001, 0.1).draw(rng) for _ in range(200)]
    assert all(0.001 <= value <= 0.1 and value == float(f"{value:.1e}") for value in values)
    assert min(values) < 0.002
    assert max(values) > 0.05


def test_markup_is_a_choice_only_where_there_is_some():
    plain, marked = (
        [space.candidate(i, 0) for i in range(50)] for space in map(space_for, (PLAIN, MARKED), ({}, {}))
    )
    assert not any(settings.strip_html is True for settings in plain)
    assert {settings.strip_html for settings in marked} == {False, True}


def test_fixed_settings_stay():
    space = space_for(PLAIN, {"architecture": "mean", "dimensions": 7})
    (start,) = space.starting_points()
    drawn = [start, *(space.candidate(i, 0) for i in range(20))]
    assert {(settings.architecture, settings.dimensions) for settings in drawn} == {("mean", 7)}
    with pytest.raises(UsageError, match="dimensions must be"):
        space_for(PLAIN, {"dimensions": 0})
    with pytest.raises(UsageError, match="Did you mean 'dimensions'"):
        space_for(PLAIN, {"dimension": 3})


def test_the_ways_to_pool_side_by_side_are_drawn_for_pooled_alone():
    drawn = [space_for(PLAIN, {}).candidate(i, 0) for i in range(200)]
    usual = Settings().pooling
    assert {each.pooling for each in drawn if each.architecture == "pooled"} == {"mean+max+min", "mean+max"}
    assert {each.pooling for each in drawn if each.architecture != "pooled"} == {usual}


def test_changes():
    assert changes(Settings(random_state=3, threads=2, verbose=1, epochs=4)) == {"epochs": 4}
