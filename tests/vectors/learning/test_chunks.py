"""Learning that is interrupted and goes on from a checkpoint: the same bits as in one go."""

from __future__ import annotations

import dataclasses
import errno
import threading
import time

import numpy as np
import pytest

from products import product
from wordloom.errors import DataError, UsageError
from wordloom.loop.callback import Callback
from wordloom.vectors.learning import (
    LearningSettings,
    SkipGramSettings,
    chunks,
    learn_document_vectors,
    learn_word_vectors,
    word_learning,
)
from wordloom.vectors.learning.chunks import Checkpoint, LearningState

KINDS = [["good", "great", "fine", "naïve"], ["bad", "awful", "poor", "dull"]]
TEXTS = [" ".join(np.random.default_rng(n).choice(KINDS[n % 2], 14)) for n in range(60)]
WORDS = SkipGramSettings(dimensions=6, epochs=4, window=3, subsample=1.0)
DOCUMENTS = LearningSettings(dimensions=6, epochs=4, min_documents=2, contexts=6, targets=4, subsample=1e-2)


def learn_words(callback=None, checkpoint=None, **changed):
    settings = dataclasses.replace(WORDS, **changed)
    return learn_word_vectors(TEXTS, settings, [callback or Callback()], checkpoint=checkpoint).vectors


def learn_documents(callback=None, checkpoint=None, **changed):
    settings = dataclasses.replace(DOCUMENTS, **changed)
    return learn_document_vectors(
        TEXTS, settings, [callback or Callback()], checkpoint=checkpoint
    ).ngrams.vectors


def learn_subwords(callback=None, checkpoint=None, **changed):
    return learn_words(callback, checkpoint, longest_subword=4, buckets=300, **changed)


class Interrupting(Callback):
    """Ctrl-C after so many reports."""

    def __init__(self, reports):
        self.left, self.done, self.ended = reports, None, None

    def on_train_begin(self, logs):
        self.done = self.params["initial_epoch"] + self.params["initial_step"] / max(self.params["steps"], 1)

    def on_train_batch_end(self, batch, logs):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def on_train_end(self, logs):
        self.ended = self.params["initial_epoch"] + len(self.history), self.history.stopped == "interrupted"


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch):
    monkeypatch.setattr(word_learning, "_WORDS_OF_A_CHUNK", 200)


@product(
    lambda learn, kernels: (kernels == "plain") == (learn == "subwords"),
    learn={"words": learn_words, "subwords": learn_subwords, "documents": learn_documents},
    kernels=["plain", "compiled"],
)
def test_the_same_bits_as_in_one_go(tmp_path, learn, kernels, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    expected, file = learn(), tmp_path / "state"
    for reports in (2, 1, 4, 5, 1):
        callback = Interrupting(reports)
        partial = learn(callback, file)
        assert callback.ended[1], "interrupted"
        assert partial.tobytes() != expected.tobytes()
    assert callback.done > 0.5
    last = Interrupting(0)
    assert learn(last, file).tobytes() == expected.tobytes()
    assert last.ended == (4, False)


@pytest.mark.parametrize("learn", [learn_words, learn_documents])
def test_a_finished_checkpoint_gives_the_result_at_once(tmp_path, learn):
    expected = learn(checkpoint=tmp_path / "state")
    callback = Interrupting(1)
    assert learn(callback, tmp_path / "state").tobytes() == expected.tobytes()
    assert (callback.left, callback.done, callback.ended) == (1, 4, (4, False))


def test_the_checkpoint_is_written_after_each_epoch_and_now_and_then(tmp_path, monkeypatch):
    places = []
    monkeypatch.setattr(Checkpoint, "save", lambda self, state: places.append((state.epoch, state.chunk)))
    learn_words(checkpoint=tmp_path / "state")
    assert places == [(1, 0), (2, 0), (3, 0), (4, 0)]
    places.clear()
    monkeypatch.setattr(chunks, "_SECONDS_BETWEEN_SAVES", 0.0)
    learn_words(checkpoint=tmp_path / "state", epochs=1)
    assert places == [(0, n) for n in range(1, 6)] + [(1, 0)]


def test_ctrl_c_waits_for_the_chunk_that_is_being_learned(tmp_path, monkeypatch):
    """The exception comes while another thread learns; tables and place must still belong together."""
    expected, file = learn_words(), tmp_path / "state"
    learn, began = word_learning._WordLearning.learn, threading.Event()

    def slow(self, epoch, chunk):
        began.set()
        time.sleep(0.05)
        return learn(self, epoch, chunk)

    class Interrupted(chunks.ThreadPoolExecutor):
        def submit(self, *args):
            super().submit(*args)
            assert began.wait(600)
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(word_learning._WordLearning, "learn", slow)
        patched.setattr(chunks, "ThreadPoolExecutor", Interrupted)
        learn_words(checkpoint=file)
    callback = Interrupting(0)
    assert learn_words(callback, file).tobytes() == expected.tobytes()
    assert callback.done > 0, "the chunk was learned, and is not learned again"


def test_a_checkpoint_of_other_learning(tmp_path):
    file = tmp_path / "state"
    learn_words(checkpoint=file)
    with pytest.raises(UsageError, match=r"state: .* \(window 3 there, 4 now\)"):
        learn_words(checkpoint=file, window=4)
    with pytest.raises(UsageError, match="objective words there, documents now"):
        learn_documents(checkpoint=file)
    with pytest.raises(UsageError, match="other texts"):
        learn_word_vectors(TEXTS[1:], WORDS, checkpoint=file)


def test_a_damaged_checkpoint(tmp_path):
    file = tmp_path / "state"
    learn_words(checkpoint=file)
    whole = file.read_bytes()
    for damaged in (
        whole[:-10],
        b"",
        b"no checkpoint at all",
        whole.replace(b'\\"stretch\\"', b'\\"stretcH\\"'),
    ):
        file.write_bytes(damaged)
        with pytest.raises(DataError, match="remove this one to begin anew"):
            learn_words(checkpoint=file)
    file.write_bytes(whole.replace(b'\\"version\\": 1', b'\\"version\\": 2'))
    with pytest.raises(DataError, match="another wordloom"):
        learn_words(checkpoint=file)


def test_a_kill_while_writing_leaves_the_state_before(tmp_path, monkeypatch):
    file = tmp_path / "state"
    kept = Checkpoint(file, {"a": 1})
    tables = [np.full((3, 2), value, dtype=np.float32) for value in (1, 2)]
    kept.save(LearningState(1, 2, 3, *tables))
    monkeypatch.setattr("os.replace", lambda *names: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(DataError, match="state: the checkpoint cannot be written: full"):
        kept.save(LearningState(2, 2, 3, *tables))
    state = kept.load()
    assert (state.epoch, state.chunk, state.steps) == (1, 2, 3)
    np.testing.assert_array_equal(state.outputs, tables[1])
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_checkpoint_that_finds_no_room_is_named_and_the_one_before_stays(tmp_path, monkeypatch):
    file = tmp_path / "state"
    learn_words(Interrupting(2), file)
    before = file.read_bytes()

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device", "state.partial")

    monkeypatch.setattr(chunks, "write_tensors", full)
    with pytest.raises(DataError, match=r"state: the checkpoint cannot be written: No space left on device"):
        learn_words(checkpoint=file)
    assert file.read_bytes() == before
