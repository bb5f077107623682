"""TextClassifier: the scikit-learn estimator. Parameters and `fit` only; what it learns is a `TextModel`."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator, Sequence, ValuesView
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.estimator_callbacks import fit_task, set_callbacks
from wordloom.fit import FitInput, fit
from wordloom.labels import Label, checked_labels, label_key, one_column
from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.origin import Columns
from wordloom.settings import Settings, unknown_names, values_of
from wordloom.streamed_texts import StreamedTexts
from wordloom.text_model import TextModel


class TextClassifier(ClassifierMixin, BaseEstimator, Settings):  # type: ignore[misc]
    """Learns word vectors together with a classifier, from raw texts.

    The parameters are the fields of `wordloom.settings.Settings`, all keyword-only; `docs/settings.md`
    describes them. It obeys scikit-learn's contract: clone, pipelines, grid search, cross-validation.

    Attributes
    ----------
    model_ : TextModel, what was learned; it can be saved and used without scikit-learn
    classes_ : (C,), the labels in sorted order, in their own type
    history_ : History, what training measured after each epoch
    """

    model_: TextModel
    classes_: NDArray[Any]

    # Settings are frozen; scikit-learn's set_params and fit assign attributes.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    if not TYPE_CHECKING:  # checkers see the names and types of Settings

        @functools.wraps(Settings.__init__)
        def __init__(self, *args: Any, **settings: Any) -> None:
            if unknown := unknown_names(settings):
                raise TypeError(
                    " ".join(f"TextClassifier has no parameter {name!r}. {unknown[name]}" for name in unknown)
                )
            super().__init__(*args, **settings)

    def set_params(self, **params: Any) -> TextClassifier:
        """Set parameters by name. Raises UsageError for unknown ones, with near names."""
        if unknown := unknown_names(params):
            said = [
                f"Invalid parameter {name!r} for TextClassifier. {near}" for name, near in unknown.items()
            ]
            raise UsageError(" ".join(said))
        super().set_params(**params)
        return self

    def set_callbacks(self, *callbacks: Any) -> TextClassifier:
        """Set callbacks of scikit-learn (1.9 or newer), `sklearn.callback.ProgressBar` for example.

        For those of wordloom, which are told what was measured, see `callbacks` of `fit`.
        """
        set_callbacks(self, callbacks)
        return self

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        unlabelled: Sequence[str] | None = None,
        validation: tuple[Any, Any] | None = None,
        callbacks: Sequence[Callback] | None = None,
    ) -> TextClassifier:
        """Learn from N texts and their labels.

        Parameters
        ----------
        X : N strings (list, array, data-frame column), or those of `wordloom.stream_corpus`
        y : N labels, strings or whole numbers
        sample_weight : (N,), how much each text counts in the loss; a text of weight 0 is left out,
            exactly as if it had not been given
        unlabelled : texts without labels to learn from as well (architecture "documents")
        validation : (texts, labels) to validate on, in the place of a share of the N; never learned from
        callbacks : `wordloom.Callback` objects, told how training goes; they may end it

        Raises
        ------
        UsageError, DataError (both are ValueError) : parameters or data that cannot be used
        KeyboardInterrupt : Ctrl-C in training. The best so far is kept, so the classifier can be used, and
            the interruption goes on, so that no search or cross-validation takes it for a result
        Exception : whatever a callback raises
        """
        if y is None:
            raise DataError(
                "y: TextClassifier requires y to be passed, but the target y is None. Give a label for each "
                "text."
            )
        y = _to_go_through_twice(y)
        corpus = Corpus(X, checked_labels(y, "y"), "X", _columns_of(X, y))
        settings = Settings(**values_of(self))
        extra = FitInput(
            sample_weight=sample_weight,
            unlabelled=unlabelled,
            validation=_validation_corpus(validation),
            keep_interrupted=True,
        )
        own = list(callbacks or ())
        CallbackList(own)  # an error before anything is learned
        with fit_task(self, X, y, {"sample_weight": sample_weight}) as tasks:
            interruption = _Interruption()
            told = [interruption, *own, *tasks]
            with _progress(self.verbose) as shown:
                self.model_ = fit(corpus, settings, replace(extra, callbacks=[*told, *shown]))
            self.classes_ = _in_own_type(self.model_.labels, corpus.labels, y)
            self.history_ = self.model_.history
            if interruption.happened:
                raise KeyboardInterrupt
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """float64 (N, C): the probability of each class, columns in the order of `classes_`."""
        check_is_fitted(self)
        return self.model_.predict_proba(X, self.threads)

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """float64 (N, C): the logarithm of `predict_proba`, of 1e-300 where that is 0."""
        return np.asarray(np.log(np.maximum(self.predict_proba(X), 1e-300)))

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Log-odds of the second class (N,) for two classes, log-probabilities (N, C) for more."""
        log_probabilities = self.predict_log_proba(X)
        if log_probabilities.shape[1] == 2:
            return np.asarray(log_probabilities[:, 1] - log_probabilities[:, 0])
        return log_probabilities

    def predict(self, X: Any) -> NDArray[Any]:
        """(N,): the likeliest label of each text, in the type of the labels given to `fit`."""
        likeliest = self.predict_proba(X).argmax(axis=1)  # first: it says so if nothing is fitted yet
        return np.asarray(self.classes_[likeliest])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of N texts whose label is found; `sample_weight`, if given, says how much each counts.

        Labels are the same as in training: 1 and "1" are one, and a NUL at the end of one, which NumPy drops,
        counts. A label that was not learned is never right.
        """
        likeliest = self.predict_proba(X).argmax(axis=1)
        labels = checked_labels(_to_go_through_twice(y), "y")
        check_consistent_length(likeliest, labels, sample_weight)
        keys = list(map(label_key, self.model_.labels))
        right = [keys[row] == label_key(label) for row, label in zip(likeliest, labels, strict=True)]
        return float(np.average(right, weights=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _validation_corpus(validation: Any) -> Corpus | None:
    if validation is None:
        return None
    if not (isinstance(validation, tuple | list) and len(validation) == 2):
        raise UsageError("validation must be two things, texts and their labels: validation=(X, y).")
    X, y = validation
    return Corpus(X, checked_labels(_to_go_through_twice(y), "validation labels"), "validation")


def _columns_of(X: Any, y: Any) -> Columns | None:
    """The names of columns of a data frame, which the model remembers; streamed texts have a file's name."""
    if isinstance(X, StreamedTexts):
        return None
    text, label = getattr(X, "name", None), getattr(y, "name", None)
    return Columns((text,), label if isinstance(label, str) else None) if isinstance(text, str) else None


def _to_go_through_twice(y: Any) -> Any:
    """The labels as something with rows: views of a dict and iterators as a list, one column as that.

    Warns of a table of one column, in scikit-learn's words.
    """
    if isinstance(y, Iterator | ValuesView):
        return list(y)
    column = one_column(y)
    if column is not y:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
            "(n_samples,), for example using ravel().",
            DataConversionWarning,
            stacklevel=3,
        )
    return column


def _in_own_type(classes: Sequence[Label], labels: Sequence[Label], y: Any) -> NDArray[Any]:
    """The classes as `y` has them (booleans, NumPy's types), where `labels` are plain strings or integers."""
    first = dict(zip(reversed(labels), range(len(labels) - 1, -1, -1), strict=True))
    rows = [first[label] for label in classes]
    if hasattr(y, "__array__"):  # columns of data frames too
        return np.asarray(np.asarray(y)[rows])
    return _array_of([y[row] for row in rows])


def _array_of(values: list[Any]) -> NDArray[Any]:
    """The values as an array; of objects where NumPy loses something: a NUL at the end, large integers."""
    array = np.asarray(values)
    whole = all(isinstance(value, int | np.integer) for value in values)
    if array.tolist() == values and not (whole and array.dtype.kind == "f"):
        return array
    kept = np.empty(len(values), dtype=object)
    kept[:] = values
    return kept


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
