"""The worker: what waits together is predicted together, and everybody gets their own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from wordloom.server import Limits
from wordloom.server.refusal import Refusal
from wordloom.server.worker import Worker


class Counting:
    """Predicts the length of each text; waits for `go` at its first call, and notes every call's texts."""

    def __init__(self):
        self.go, self.began = threading.Event(), threading.Event()
        self.calls = []

    def __call__(self, texts):
        self.calls.append(list(texts))
        self.began.set()
        assert self.go.wait(60)
        if "broken" in texts:
            raise ZeroDivisionError
        return [[float(len(text))] for text in texts]


def answered(requests, limits=None, after=None):
    """(what the requests got, the calls of the model), all of them waiting while the first is predicted."""

    async def run():
        predict = Counting()
        worker = Worker(predict, limits or Limits())
        first = asyncio.create_task(worker.predictions(["first"]))
        await asyncio.to_thread(predict.began.wait)
        tasks = [asyncio.create_task(worker.predictions(texts)) for texts in requests]
        await asyncio.sleep(0)
        if after is not None:
            await after(worker, tasks)
        predict.go.set()
        found = await asyncio.gather(first, *tasks, return_exceptions=True)
        worker.stop()
        return found[1:], predict.calls[1:]

    return asyncio.run(run())


def test_requests_that_wait_are_predicted_at_once_and_get_their_own():
    requests = [["a" * n, "b" * (n + 1)] for n in range(20)]
    found, calls = answered(requests)
    assert len(calls) == 1
    assert found == [[[float(n)], [float(n + 1)]] for n in range(20)]


def test_a_request_that_finds_the_worker_idle_is_predicted_alone():
    async def run():
        predict = Counting()
        predict.go.set()
        worker = Worker(predict, Limits())
        for text in ("one", "two"):
            await worker.predictions([text])
        worker.stop()
        return predict.calls

    assert asyncio.run(run()) == [["one"], ["two"]]


def test_no_more_than_the_limits_are_predicted_at_once():
    found, calls = answered([["a"]] * 10, Limits(batch_texts=4))
    assert list(map(len, calls)) == [4, 4, 2]
    _, calls = answered([["aaa"], ["b" * 50], ["c"], ["d"]], Limits(batch_characters=10))
    assert calls == [["aaa"], ["b" * 50], ["c", "d"]]
    assert found == [[[1.0]]] * 10


def test_a_request_that_fails_does_not_fail_the_others():
    found, _ = answered([["a"], ["broken"], ["bb"]])
    assert found[0] == [[1.0]]
    assert isinstance(found[1], ZeroDivisionError)
    assert found[2] == [[2.0]]


def test_a_request_whose_client_has_gone_is_not_predicted():
    async def leave(worker, tasks):
        tasks[0].cancel()
        await asyncio.sleep(0)

    _, calls = answered([["gone"], ["here"]], after=leave)
    assert calls == [["here"]]


def test_a_request_that_waited_too_long_is_refused():
    async def wait(worker, tasks):
        await asyncio.sleep(0.05)

    found, calls = answered([["a"]], Limits(seconds=0.01), wait)
    assert isinstance(found[0], Refusal)
    assert found[0].status == 503
    assert calls == []


def test_other_work_is_done_in_its_turn():
    async def run():
        worker = Worker(lambda texts: [[0.0]] * len(texts), Limits())
        with pytest.raises(ZeroDivisionError):
            await worker.run(lambda: 1 / 0)
        found = await asyncio.gather(
            worker.run(sum, [1, 2]), worker.predictions(["a"]), worker.run(max, 3, 4)
        )
        worker.stop()
        return found

    assert asyncio.run(run()) == [3, [[0.0]], 4]


def test_the_worker_ends_when_what_was_asked_is_done():
    async def stop(worker, tasks):
        worker._thread.join(0)
        worker._jobs.put(None)

    found, _ = answered([["a"], ["bb"]], after=stop)
    assert found == [[[1.0]], [[2.0]]]


def test_what_is_quick_is_predicted_by_the_loop_itself_with_what_came_in_the_same_round():
    threads = set()

    def predict(texts):
        threads.add(threading.current_thread())
        calls.append(list(texts))
        return [[float(len(text))] for text in texts]

    async def run():
        worker = Worker(predict, Limits(batch_texts=4), quick_characters=10)
        found = await asyncio.gather(*(worker.predictions([text]) for text in texts))
        worker.stop()
        return found

    calls, texts = [], ["a", "bb", "c" * 9, "d", "e" * 11, *"fghij"]
    assert asyncio.run(run()) == [[[float(len(text))]] for text in texts]
    assert calls.index(["a", "bb"]) < calls.index(["c" * 9, "d"])
    assert ["e" * 11] in calls
    assert list("fghi") in calls
    assert len(threads) == 2


def test_a_quick_request_that_fails_does_not_fail_the_others():
    async def run():
        predict = Counting()
        predict.go.set()
        worker = Worker(predict, Limits(), quick_characters=1_000)
        asked = (worker.predictions([text]) for text in ("a", "broken", "bb"))
        return await asyncio.gather(*asked, return_exceptions=True)

    first, broken, last = asyncio.run(run())
    assert (first, last) == ([[1.0]], [[2.0]])
    assert isinstance(broken, ZeroDivisionError)


def test_a_slow_model_is_left_to_the_thread():
    now = 0.0

    def predict(texts):
        nonlocal now
        now += 1.0
        return [[0.0]] * len(texts)

    worker = Worker(predict, Limits())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wordloom.server.worker.time.perf_counter", lambda: now)
        worker.measure()
    assert 0 < worker.quick_characters < 20
