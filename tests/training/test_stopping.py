"""When training stops, and which weights are kept: epochs, patience, Ctrl-C."""

from __future__ import annotations

import signal

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings
from wordloom.training.loop import MOST_EPOCHS, STEPS_WITHOUT_VALIDATION, Silence
from wordloom.training.validation import validation_rows

SEED = 3


def noise(n=240, seed=0):
    """Texts whose labels have nothing to do with them: what is learnt makes the validation loss rise."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice([f"w{i}" for i in range(60)], 6)) for _ in range(n)]
    return Corpus(texts, [str(label) for label in rng.integers(0, 3, n)])


def settings(**changes):
    base = {"dimensions": 8, "learning_rate": 0.02, "validation_split": 0.2, "random_state": SEED}
    return Settings(**(base | changes))


class Heard(Silence):
    """Remembers what it heard, and may raise KeyboardInterrupt at some point."""

    def __init__(self, interrupt_at=None, kind="finished_epoch", by_signal=False):
        self.calls, self.rows, self.history = [], [], None
        self._at, self._kind, self._by_signal = interrupt_at, kind, by_signal

    def started(self, epochs, documents):
        self.calls.append(("started", epochs, documents))

    def progressed(self, epoch, documents, loss, accuracy):
        self.calls.append(("progressed", epoch, documents))
        self._interrupt("progressed", (epoch, documents))

    def finished_epoch(self, epoch, row):
        self.calls.append(("finished_epoch", epoch))
        self.rows.append(row)
        self._interrupt("finished_epoch", epoch)

    def finished(self, history):
        self.calls.append(("finished",))
        self.history = history
        self._interrupt("finished", None)

    def _interrupt(self, kind, at):
        if kind == self._kind and at == self._at and kind != "finished":
            if self._by_signal:
                signal.raise_signal(signal.SIGINT)
            raise KeyboardInterrupt
        if kind == "finished" == self._kind:
            raise KeyboardInterrupt


def validation_loss(model, corpus, held_out):
    probabilities = model.predict_proba([corpus.texts[i] for i in held_out])
    targets = [model.labels.index(corpus.labels[i]) for i in held_out]
    return -np.log(probabilities[np.arange(len(held_out)), targets]).mean()


@pytest.mark.parametrize("architecture", ["mean", "max", "flatten"])
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


def test_without_a_number_of_epochs_and_validation_there_are_about_so_many_steps():
    corpus = noise(100)
    for batch_size in (10, 32):
        history = fit(corpus, settings(validation_split=0, batch_size=batch_size)).history
        steps = -(-100 // batch_size)
        assert len(history) == min(-(-STEPS_WITHOUT_VALIDATION // steps), MOST_EPOCHS)


def test_more_epochs_continue_where_fewer_stopped():
    few, many = (fit(noise(), settings(epochs=n, validation_split=0)).history.history for n in (3, 6))
    assert many["loss"][:3] == few["loss"]


def test_the_listener_hears_everything_in_order():
    heard = Heard()
    model = fit(
        noise(),
        settings(epochs=3, patience=None, batch_size=8),
        FitInput(listener=heard, keep_interrupted=True),
    )
    kinds = [call[0] for call in heard.calls]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert heard.calls[0] == ("started", 3, 192)
    assert [call[1] for call in heard.calls if call[0] == "finished_epoch"] == [1, 2, 3]
    for epoch in (1, 2, 3):
        seen = [call[2] for call in heard.calls if call[:2] == ("progressed", epoch)]
        assert seen == sorted(seen)
        assert seen[-1] == 192
        assert 2 <= len(seen) <= 20
    assert heard.history is model.history
    assert [row["val_loss"] for row in heard.rows] == model.history.history["val_loss"]


@pytest.mark.parametrize("by_signal", [False, True])
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_ctrl_c_keeps_the_best_so_far(monkeypatch, kernels, by_signal):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = noise()
    heard = Heard(interrupt_at=3, by_signal=by_signal)
    model = fit(
        corpus, settings(epochs=50, patience=None, threads=2), FitInput(listener=heard, keep_interrupted=True)
    )
    assert model.history.stopped == "interrupted"
    losses = model.history.history["val_loss"]
    assert len(losses) == 3
    assert model.history.best_epoch == 1 + int(np.argmin(losses))
    assert heard.calls[-1] == ("finished",)
    _, held_out = validation_rows(corpus.labels, 0.2, "stratified", SEED)
    assert validation_loss(model, corpus, held_out) == pytest.approx(min(losses), abs=1e-6)
    whole = fit(corpus, settings(epochs=3, patience=None))
    np.testing.assert_array_equal(model.predict_proba(corpus.texts), whole.predict_proba(corpus.texts))


def test_ctrl_c_in_the_middle_of_an_epoch_keeps_the_epochs_before():
    corpus = noise()
    heard = Heard(interrupt_at=(3, 96), kind="progressed")
    model = fit(
        corpus, settings(epochs=50, validation_split=0), FitInput(listener=heard, keep_interrupted=True)
    )
    assert model.history.stopped == "interrupted"
    assert model.history.best_epoch == len(model.history) == 2
    whole = fit(corpus, settings(epochs=2, validation_split=0))
    np.testing.assert_array_equal(model.network.parameters.embedding, whole.network.parameters.embedding)


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_ctrl_c_before_the_first_epoch_is_done_keeps_what_was_learnt_until_then(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = noise()
    heard = Heard(interrupt_at=(1, 96), kind="progressed")
    model = fit(corpus, settings(epochs=50), FitInput(listener=heard, keep_interrupted=True))
    assert model.history.stopped == "interrupted"
    assert len(model.history) == 0
    assert model.history.best_epoch == 0
    untrained = fit(corpus, settings(epochs=1, learning_rate=0.0))
    moved = model.network.parameters.embedding != untrained.network.parameters.embedding
    assert moved.any()
    assert np.isfinite(model.predict_proba(["w1 w2", ""])).all()


def test_an_interrupted_model_can_be_saved_and_loaded(tmp_path):
    heard = Heard(interrupt_at=(1, 96), kind="progressed")
    model = fit(noise(), settings(epochs=50), FitInput(listener=heard, keep_interrupted=True))
    model.save(tmp_path / "model")
    loaded = type(model).load(tmp_path / "model")
    assert loaded.history == model.history


def test_a_second_ctrl_c_is_not_held_back():
    with pytest.raises(KeyboardInterrupt):
        fit(noise(), settings(epochs=2), FitInput(listener=Heard(kind="finished"), keep_interrupted=True))


def test_any_other_error_of_a_listener_goes_on():
    class Broken(Silence):
        def finished_epoch(self, epoch, row):
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fit(noise(), settings(epochs=2), FitInput(listener=Broken()))
