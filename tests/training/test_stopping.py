"""When training stops, and which weights are kept: epochs, patience, Ctrl-C."""

from __future__ import annotations

import signal
from dataclasses import replace

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.fit import FitInput, fit
from wordloom.loop.callback import Callback
from wordloom.settings import Settings
from wordloom.training.networks import MOST_EPOCHS, STEPS_WITHOUT_VALIDATION
from wordloom.training.validation import validation_rows

SEED = 3


def noise(n=240, seed=0):
    """Texts whose labels have nothing to do with them: what is learned makes the validation loss rise."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice([f"w{i}" for i in range(60)], 6)) for _ in range(n)]
    return Corpus(texts, [str(label) for label in rng.integers(0, 3, n)])


def settings(**changes):
    base = {"dimensions": 8, "learning_rate": 0.02, "validation_split": 0.2, "random_state": SEED}
    base["calibrate"] = False  # the loss of an epoch is that of its weights
    return Settings(**(base | changes))


class Recorder(Callback):
    """Remembers its events, and may raise KeyboardInterrupt or stop training at one of them."""

    def __init__(self, interrupt_at=None, by_signal=False, stop_at=None):
        self.events, self.rows = [], []
        self._interrupt_at, self._by_signal, self._stop_at = interrupt_at, by_signal, stop_at

    def on_train_begin(self, logs):
        self.begun_with = dict(self.params)
        self._note("train begin")

    def on_epoch_begin(self, epoch, logs):
        self._epoch = epoch
        self._note("epoch begin", epoch)

    def on_train_batch_end(self, batch, logs):
        assert set(logs) == {"loss", "accuracy"}
        self._note("batch end", self._epoch, batch)

    def on_epoch_end(self, epoch, logs):
        self.rows.append(logs)
        self._note("epoch end", epoch)

    def on_train_end(self, logs):
        self._note("train end")

    def _note(self, *event):
        self.events.append(event)
        if event == self._stop_at:
            self.stop_training = True
        if event == self._interrupt_at:
            if self._by_signal:
                signal.raise_signal(signal.SIGINT)
            raise KeyboardInterrupt


def validation_loss(model, corpus, held_out):
    probabilities = model.predict_proba([corpus.texts[i] for i in held_out])
    targets = [model.labels.index(corpus.labels[i]) for i in held_out]
    return -np.log(probabilities[np.arange(len(held_out)), targets]).mean()


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["mean", "max", "pooled", "flatten"])
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_early_stopping_keeps_the_weights_of_the_best_epoch(monkeypatch, architecture, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = noise()
    model = fit(corpus, settings(architecture=architecture, patience=3))
    history, losses = model.history, model.history.history["val_loss"]
    assert history.stopped == "early"
    assert history.best_epoch == 1 + int(np.argmin(losses))
    assert len(history) == history.best_epoch + 3 < MOST_EPOCHS  # Keras' patience
    _, held_out = validation_rows(corpus.labels, 0.2, "stratified", SEED)
    assert validation_loss(model, corpus, held_out) == pytest.approx(min(losses), abs=1e-6)
    assert min(losses) < losses[-1]


@pytest.mark.parametrize("patience", [0, 1])
def test_the_least_patience_stops_at_the_first_worse_epoch(patience):
    history = fit(noise(), settings(patience=patience)).history
    losses = history.history["val_loss"]
    assert history.stopped == "early"
    assert all(np.diff(losses[:-1]) < 0)
    assert losses[-1] >= losses[-2]
    assert history.best_epoch == len(history) - 1


def test_without_patience_all_epochs_are_made_and_the_best_is_kept_still():
    corpus = noise()
    model = fit(corpus, settings(patience=None, epochs=25))
    losses = model.history.history["val_loss"]
    assert len(losses) == 25
    assert model.history.stopped == "epochs"
    assert model.history.best_epoch == 1 + int(np.argmin(losses)) < 25
    _, held_out = validation_rows(corpus.labels, 0.2, "stratified", SEED)
    assert validation_loss(model, corpus, held_out) == pytest.approx(min(losses), abs=1e-6)


@pytest.mark.parametrize("epochs", [1, 2, 7])
def test_as_many_epochs_as_asked_for_without_validation(epochs):
    model = fit(noise(), settings(epochs=epochs, validation_split=0))
    assert len(model.history) == epochs == model.history.best_epoch
    assert model.history.stopped == "epochs"
    assert set(model.history.history) == {"loss", "accuracy"}
    assert len(model.history.seconds) == epochs


@pytest.mark.slow
def test_without_a_number_of_epochs_and_validation_there_are_about_so_many_steps():
    corpus = noise(100)
    for batch_size in (10, 32):
        history = fit(corpus, settings(validation_split=0, batch_size=batch_size)).history
        steps = -(-100 // batch_size)
        assert len(history) == min(-(-STEPS_WITHOUT_VALIDATION // steps), MOST_EPOCHS)


def test_more_epochs_continue_where_fewer_stopped():
    few, many = (fit(noise(), settings(epochs=n, validation_split=0)).history.history for n in (3, 6))
    assert many["loss"][:3] == few["loss"]


def test_the_events_are_told_in_order():
    told = Recorder()
    chosen = settings(epochs=3, patience=None, batch_size=8)
    model = fit(noise(), chosen, FitInput(callbacks=[told], keep_interrupted=True))
    assert told.begun_with["epochs"] == 3
    assert told.begun_with["documents"] == 192
    assert told.begun_with["steps"] == 24
    assert told.events[0] == ("train begin",)
    assert told.events[-1] == ("train end",)
    for epoch in range(3):
        first, last = (told.events.index((name, epoch)) for name in ("epoch begin", "epoch end"))
        assert {event[:2] for event in told.events[first + 1 : last]} == {("batch end", epoch)}
        batches = [event[2] for event in told.events[first + 1 : last]]
        assert batches == sorted(batches)
        assert batches[-1] == 23
        assert 2 <= len(batches) <= 20
    assert told.history is model.history
    assert [row["val_loss"] for row in told.rows] == model.history.history["val_loss"]


ALL = {
    "ngram": ({}, 1, 3),
    "mean": ({"dimensions": 4}, 1, 3),
    "max": ({"dimensions": 4}, 1, 3),
    "flatten": ({"dimensions": 4}, 1, 3),
    "documents": ({"dimensions": 4, "min_count": 2}, 2, 4),
}


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ALL)
def test_every_architecture_tells_of_its_epochs(architecture):
    own, trainings, epochs = ALL[architecture]

    class Names(Callback):
        def __init__(self):
            self.names = []

        def on_train_begin(self, logs):
            assert logs == {}
            assert self.params["epochs"] >= 1
            self.names.append("train begin")

        def on_epoch_begin(self, epoch, logs):
            self.names.append("epoch begin")

        def on_train_batch_end(self, batch, logs):
            assert 0 <= batch < self.params["steps"]
            assert np.isfinite(logs["loss"])
            if self.names[-1] != "batch end":
                self.names.append("batch end")

        def on_epoch_end(self, epoch, logs):
            assert self.history.last == logs
            self.names.append("epoch end")

        def on_train_end(self, logs):
            assert logs == self.history.last
            self.names.append("train end")

    names = Names()
    fit(
        noise(),
        Settings(architecture=architecture, epochs=3, random_state=SEED, **own),
        FitInput(callbacks=[names]),
    )
    assert names.names.count("epoch end") == epochs
    assert names.names.count("train end") == trainings
    one_epoch = ["epoch begin", "batch end", "epoch end"]
    if trainings == 1:
        assert names.names == ["train begin", *one_epoch * 3, "train end"]
    else:  # the vectors, then the classifier
        vectors = ["train begin", *one_epoch * 3, "train end"]
        assert names.names == [*vectors, "train begin", *one_epoch, "train end"]


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["ngram", "mean"])
@pytest.mark.parametrize("validation_split", [0, 0.2])
def test_a_callback_that_stops_training_ends_it_after_the_epoch(architecture, validation_split):
    told = Recorder(stop_at=("epoch end", 1))
    own = {"dimensions": 4} if architecture == "mean" else {"characters": 0}
    chosen = Settings(
        architecture=architecture, epochs=9, random_state=SEED, validation_split=validation_split, **own
    )
    model = fit(noise(), chosen, FitInput(callbacks=[Callback(), told]))
    assert model.history.stopped == "callback"
    assert len(model.history) == 2
    assert told.events[-1] == ("train end",)
    whole = fit(noise(), replace(chosen, epochs=2))
    np.testing.assert_array_equal(model.predict_proba(["w1 w2"]), whole.predict_proba(["w1 w2"]))


def test_a_callback_that_stops_training_in_an_epoch_ends_the_epoch_there():
    told = Recorder(stop_at=("batch end", 1, 11))
    model = fit(noise(), settings(epochs=9, batch_size=8, patience=None), FitInput(callbacks=[told]))
    assert told.events[-3:] == [("batch end", 1, 11), ("epoch end", 1), ("train end",)]
    assert len(model.history) == 2
    assert np.isfinite(model.history.history["val_loss"]).all()


def test_a_callback_that_stopped_one_training_does_not_stop_the_next():
    told = Recorder(stop_at=("epoch end", 0))
    fit(noise(), settings(epochs=3), FitInput(callbacks=[told]))
    told._stop_at = None
    assert len(fit(noise(), settings(epochs=3, patience=None), FitInput(callbacks=[told])).history) == 3


def test_what_is_no_list_of_callbacks_is_refused_before_training():
    for wrong in (Callback(), [Callback], ["callback"], [print]):
        with pytest.raises(UsageError, match=r"callbacks must be a list of wordloom\.Callback"):
            fit(noise(), settings(epochs=1), FitInput(callbacks=wrong))


@pytest.mark.parametrize("by_signal", [False, True])
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_ctrl_c_keeps_the_best_so_far(monkeypatch, kernels, by_signal):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = noise()
    told = Recorder(interrupt_at=("epoch end", 2), by_signal=by_signal)
    model = fit(
        corpus,
        settings(epochs=50, patience=None, threads=2),
        FitInput(callbacks=[told], keep_interrupted=True),
    )
    assert model.history.stopped == "interrupted"
    losses = model.history.history["val_loss"]
    assert len(losses) == 3
    assert model.history.best_epoch == 1 + int(np.argmin(losses))
    assert told.events[-1] == ("train end",)
    _, held_out = validation_rows(corpus.labels, 0.2, "stratified", SEED)
    assert validation_loss(model, corpus, held_out) == pytest.approx(min(losses), abs=1e-6)
    whole = fit(corpus, settings(epochs=3, patience=None))
    np.testing.assert_array_equal(model.predict_proba(corpus.texts), whole.predict_proba(corpus.texts))


def test_ctrl_c_in_the_middle_of_an_epoch_keeps_the_epochs_before():
    corpus = noise()
    told = Recorder(interrupt_at=("batch end", 2, 2))
    model = fit(
        corpus, settings(epochs=50, validation_split=0), FitInput(callbacks=[told], keep_interrupted=True)
    )
    assert model.history.stopped == "interrupted"
    assert model.history.best_epoch == len(model.history) == 2
    whole = fit(corpus, settings(epochs=2, validation_split=0))
    np.testing.assert_array_equal(model.network.parameters.embedding, whole.network.parameters.embedding)


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_ctrl_c_before_the_first_epoch_is_done_keeps_what_was_learned_until_then(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = noise()
    told = Recorder(interrupt_at=("batch end", 0, 2))
    model = fit(corpus, settings(epochs=50), FitInput(callbacks=[told], keep_interrupted=True))
    assert model.history.stopped == "interrupted"
    assert len(model.history) == 0
    assert model.history.best_epoch == 0
    untrained = fit(corpus, settings(epochs=1, learning_rate=0.0))
    moved = model.network.parameters.embedding != untrained.network.parameters.embedding
    assert moved.any()
    assert np.isfinite(model.predict_proba(["w1 w2", ""])).all()


def test_an_interrupted_model_can_be_saved_and_loaded(tmp_path):
    told = Recorder(interrupt_at=("batch end", 0, 2))
    model = fit(noise(), settings(epochs=50), FitInput(callbacks=[told], keep_interrupted=True))
    model.save(tmp_path / "model")
    loaded = type(model).load(tmp_path / "model")
    assert loaded.history == model.history


def test_a_second_ctrl_c_is_not_held_back():
    with pytest.raises(KeyboardInterrupt):
        fit(
            noise(),
            settings(epochs=2),
            FitInput(callbacks=[Recorder(interrupt_at=("train end",))], keep_interrupted=True),
        )


def test_any_other_error_of_a_callback_reaches_the_caller():
    class Broken(Callback):
        def on_epoch_end(self, epoch, logs):
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fit(noise(), settings(epochs=2), FitInput(callbacks=[Broken()]))
