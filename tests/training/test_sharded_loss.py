"""The loss in shards: its gradient, and bits that depend on the documents alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from wordloom.executors import InProcess, Outcome
from wordloom.executors.job import answered, request_of
from wordloom.kernels.linear import Examples
from wordloom.loop.callback import CallbackList
from wordloom.models.output import Output
from wordloom.targets import GRADED, MULTILABEL
from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.ordered_jobs import OrderedJobs
from wordloom.text.on_disk.part_jobs import Workplace
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.sequences import offsets_of
from wordloom.training import sharded_loss
from wordloom.training.sharded_loss import ShardedLoss, TreeSum, shard_bounds

ROWS = 12
OUTPUTS = [Output(2), Output(3), Output(3, MULTILABEL), Output(2, GRADED)]
outputs = pytest.mark.parametrize("output", OUTPUTS, ids=str)


class LastFirst(InProcess):
    """Does the last job first, each made of the plain values that a worker would get."""

    def next(self):
        job = self._jobs.pop()
        return Outcome(job, json.loads(json.dumps(answered(json.loads(json.dumps(request_of(job)))))))


def documents(output, n=40):
    """Some are empty; one holds every row."""
    rng = np.random.default_rng(5)
    held = [np.sort(rng.choice(ROWS, rng.integers(0, 6), replace=False)) for _ in range(n - 1)]
    held.append(np.arange(ROWS))
    targets = rng.integers(0, output.n_classes, n).astype(np.int32)
    if output.independent:
        targets = rng.random((n, output.n_logits)).astype(np.float32)
    offsets = offsets_of(np.array([len(rows) for rows in held]))
    scales = rng.random(n).astype(np.float32) + np.float32(0.5)
    return Examples(
        np.concatenate(held).astype(np.int32), offsets, targets, np.ones(n, dtype=np.float32), scales
    )


def counts(n=40):
    return {"all": np.random.default_rng(6).integers(0, 3, n).astype(np.float64)}


def loss_of(output, executor=None, threads=1, **store):
    place = Workplace(
        ArrayStore(Scratch(), **(store or {"in_memory": True})), threads, texts_at_once=10, letters_at_once=10
    )
    jobs = OrderedJobs(executor or InProcess(), CallbackList())
    return ShardedLoss(documents(output), counts(), output, ROWS, place, jobs)


def somewhere(output):
    return np.random.default_rng(7).normal(size=(ROWS + 1) * output.n_logits)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(sharded_loss, "ROWS_OF_A_SHARD", 17)


@pytest.mark.slow
@outputs
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_the_gradient_is_that_of_the_loss(monkeypatch, output, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    loss, at = loss_of(output), somewhere(output)
    assert len(loss) > 4
    found = np.empty_like(at)
    for i in range(len(at)):
        step = np.zeros_like(at)
        step[i] = 1e-5
        found[i] = (loss.at(at + step, "all").loss - loss.at(at - step, "all").loss) / 2e-5
    np.testing.assert_allclose(loss.at(at, "all").gradient, found, atol=1e-7)


@outputs
def test_the_loss_is_that_of_every_document_by_what_it_counts(output):
    ex, at = documents(output), somewhere(output)
    weights, bias = at.reshape(ROWS + 1, -1)[:-1], at.reshape(ROWS + 1, -1)[-1]
    logits = np.array(
        [
            weights[ex.rows[ex.offsets[i] : ex.offsets[i + 1]]].sum(axis=0) * float(ex.scales[i]) + bias
            for i in range(len(ex.scales))
        ]
    )
    losses, _ = output.losses_and_slopes(logits, ex.targets)
    found = loss_of(output).at(at, "all")
    assert found.loss == pytest.approx(float(counts()["all"] @ losses), rel=1e-12)
    assert found.right == pytest.approx(output.right(logits, ex.targets)[counts()["all"] > 0].sum())


@pytest.mark.slow
@outputs
def test_the_bits_depend_neither_on_threads_nor_on_who_does_the_jobs_in_which_order(output, tmp_path):
    at = somewhere(output)
    one = loss_of(output).at(at, "all")
    others = {
        "three threads": loss_of(output, threads=3),
        "files without names": loss_of(output, folder=None),
        "others, the last shard first": loss_of(output, LastFirst(), folder=str(tmp_path)),
    }
    for name, loss in others.items():
        for _ in range(2):
            found = loss.at(at, "all")
        assert found.loss == one.loss, name
        assert found.gradient.tobytes() == one.gradient.tobytes(), name
    assert not [path for path in tmp_path.iterdir() if "gradient" in path.name or "at-" in path.name]


def test_shards_cover_all_documents_and_hold_about_equal_rows():
    offsets = offsets_of(np.random.default_rng(0).integers(0, 9, 300))
    bounds = shard_bounds(offsets)
    assert (bounds[0], bounds[-1]) == (0, 300)
    assert np.all(np.diff(bounds) > 0)
    assert len(bounds) - 1 == sharded_loss.MOST_SHARDS  # 1,200 rows or so, 17 a shard
    held = np.diff(offsets[bounds])
    assert held.max() - held.min() <= 2 * 9


@pytest.mark.parametrize("lengths", [[0], [0, 0, 0], [5], [100, 0, 0], [0, 0, 100]], ids=str)
def test_few_documents_are_shards_too(lengths):
    bounds = shard_bounds(offsets_of(np.array(lengths)))
    assert bounds[0] == 0
    assert bounds[-1] == len(lengths)
    assert np.all(np.diff(bounds) > 0)


@pytest.mark.parametrize(
    ("count", "by_hand"),
    [
        (1, lambda a: a[0]),
        (3, lambda a: (a[0] + a[1]) + a[2]),
        (4, lambda a: (a[0] + a[1]) + (a[2] + a[3])),
        (6, lambda a: ((a[0] + a[1]) + (a[2] + a[3])) + (a[4] + a[5])),
        (7, lambda a: ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + a[6])),
    ],
)
def test_sums_are_added_in_a_binary_tree(count, by_hand):
    rng = np.random.default_rng(count)
    arrays = [rng.normal(size=(50, 1)) * 10.0 ** rng.integers(-8, 8, (50, 1)) for _ in range(count)]
    whole, named = TreeSum(), TreeSum()
    for array in arrays:
        whole.add(array.copy())
        named.add_at(np.arange(2, 52), array, 60)
    assert whole.total().tobytes() == by_hand(arrays).tobytes()
    assert named.total()[2:52].tobytes() == by_hand(arrays).tobytes()
    assert not named.total()[:2].any()
    if count > 3:
        assert whole.total().tobytes() != sum(arrays).tobytes()
