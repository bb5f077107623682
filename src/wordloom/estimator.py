"""TextEstimator: what scikit-learn's estimators on texts share. Parameters, and the way to a `TextModel`."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator, ValuesView
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator
from sklearn.exceptions import DataConversionWarning

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.estimator_callbacks import fit_task, set_callbacks
from wordloom.fit import FitInput, fit
from wordloom.fit.update import changed_since, learned_on
from wordloom.labels import one_column
from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.loop.history import History
from wordloom.origin import Columns
from wordloom.settings import Settings, unknown_names, values_of
from wordloom.streamed_texts import StreamedTexts
from wordloom.targets import as_indicators, checked_targets
from wordloom.text_model import TextModel


class TextEstimator(BaseEstimator, Settings):  # type: ignore[misc]
    """The parameters, and training.

    Attributes
    ----------
    model_ : TextModel, what was learned; it can be saved and used without scikit-learn
    history_ : History, what training measured after each epoch
    """

    model_: TextModel
    history_: History

    # Settings are frozen; scikit-learn's set_params and fit assign attributes.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    if not TYPE_CHECKING:  # checkers see the names and types of Settings

        @functools.wraps(Settings.__init__)
        def __init__(self, *args: Any, **settings: Any) -> None:
            if unknown := unknown_names(settings):
                own = type(self).__name__
                raise TypeError(
                    " ".join(f"{own} has no parameter {name!r}. {unknown[name]}" for name in unknown)
                )
            super().__init__(*args, **settings)

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name. Raises UsageError for unknown ones, with near names."""
        if unknown := unknown_names(params):
            own = type(self).__name__
            said = [f"Invalid parameter {name!r} for {own}. {near}" for name, near in unknown.items()]
            raise UsageError(" ".join(said))
        super().set_params(**params)
        return self

    def set_callbacks(self, *callbacks: Any) -> Self:
        """Set callbacks of scikit-learn (1.9 or newer), `sklearn.callback.ProgressBar` for example.

        For those of wordloom, which are told what was measured, see `callbacks` of `fit`.
        """
        set_callbacks(self, callbacks)
        return self

    def _learn(
        self, given: tuple[Any, Any], target: str, extra: FitInput, validation: Any = None, on: bool = False
    ) -> Self:
        """Learn from `given`, X and y, and from what else is given to `fit`.

        target : what y is, of `wordloom.targets.TARGETS`, or AUTO
        on : whether the model there is learns on, in the place of a new one

        Raises KeyboardInterrupt at the end if Ctrl-C ended the training; what was learned is kept.
        """
        X, y = given[0], to_go_through_twice(given[1])
        corpus = self._corpus(X, y, target)
        extra = replace(extra, validation=_validation_corpus(validation, corpus.target))
        settings = Settings(**values_of(self))
        own = list(extra.callbacks)
        CallbackList(own)  # an error before anything is learned
        with fit_task(self, X, y, {"sample_weight": extra.sample_weight}) as tasks:
            interruption = _Interruption()
            told = [interruption, *own, *tasks]
            with _progress(self.verbose) as shown:
                whole = replace(extra, callbacks=[*told, *shown], keep_interrupted=True)
                if on:
                    changes = changed_since(self.model_, settings)
                    self.model_ = learned_on(self.model_, corpus, whole, **changes)
                else:
                    self.model_ = fit(corpus, settings, whole)
            self._remember(corpus, y, on)
            self.history_ = self.model_.history
            if interruption.happened:
                raise KeyboardInterrupt
        return self

    def _corpus(self, X: Any, y: Any, target: str) -> Corpus:
        """The texts with their labels. DataError if there are none."""
        if y is None:
            raise DataError(
                f"y: {type(self).__name__} requires y to be passed, but the target y is None. Give a label "
                "for each text."
            )
        labels, target = checked_targets(y, target, "y")
        return Corpus(X, labels, "X", _columns_of(X, y), target=target)

    def _remember(self, corpus: Corpus, y: Any, on: bool) -> None:
        """Set the attributes that follow from the labels; `on` says whether there were some before."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _validation_corpus(validation: Any, target: str) -> Corpus | None:
    """The texts and labels to validate on; UsageError for what is not both."""
    if validation is None:
        return None
    if not (isinstance(validation, tuple | list) and len(validation) == 2):
        raise UsageError("validation must be two things, texts and their labels: validation=(X, y).")
    X, y = validation
    labels, _ = checked_targets(to_go_through_twice(y), target, "validation labels")
    return Corpus(X, labels, "validation", target=target)


def _columns_of(X: Any, y: Any) -> Columns | None:
    """The names of columns of a data frame, which the model remembers; streamed texts have a file's name."""
    if isinstance(X, StreamedTexts):
        return None
    text, label = getattr(X, "name", None), getattr(y, "name", None)
    return Columns((text,), label if isinstance(label, str) else None) if isinstance(text, str) else None


def to_go_through_twice(y: Any) -> Any:
    """The labels as something with rows: views of a dict and iterators as a list, one column as that, rows of
    0 and 1 as an indicator matrix.

    Warns of a table of one column, in scikit-learn's words.
    """
    if isinstance(y, Iterator | ValuesView):
        y = list(y)
    y = as_indicators(y)
    column = one_column(y)
    if column is not y:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
            "(n_samples,), for example using ravel().",
            DataConversionWarning,
            stacklevel=3,
        )
    return column


class _Interruption(Callback):
    """Whether one of the trainings was interrupted."""

    happened = False

    def on_train_end(self, logs: Logs) -> None:
        self.happened |= self.history is not None and self.history.stopped == "interrupted"


@contextlib.contextmanager
def _progress(verbose: int) -> Iterator[list[Callback]]:
    if not verbose:
        yield []
        return
    from wordloom.training.progress import Progress

    with Progress() as progress:
        yield [progress]
