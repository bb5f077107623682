"""TextClassifier: the scikit-learn estimator. What it learns is a `TextModel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.estimator import TextEstimator, to_go_through_twice
from wordloom.fit import FitInput
from wordloom.labels import Label, checked_labels, label_key
from wordloom.loop.callback import Callback
from wordloom.prediction import Decisions
from wordloom.targets import AUTO, MULTILABEL, checked_targets, labels_in


class TextClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]
    """Learns word vectors together with a classifier, from raw texts.

    The parameters are the fields of `wordloom.settings.Settings`, all keyword-only; `docs/settings.md`
    describes them. It obeys scikit-learn's contract: clone, pipelines, grid search, cross-validation. Texts
    may have several labels: y is an indicator matrix then, or a list of labels for each text.

    Attributes
    ----------
    model_ : TextModel, what was learned; it can be saved and used without scikit-learn
    classes_ : (C,), the labels in sorted order, in their own type
    history_ : History, what training measured after each epoch
    indicators_ : bool, of texts with several labels: whether y was an indicator matrix
    """

    classes_: NDArray[Any]
    indicators_: bool

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        unlabelled: Sequence[str] | None = None,
        validation: tuple[Any, Any] | None = None,
        callbacks: Sequence[Callback] | None = None,
    ) -> Self:
        """Learn from N texts and their labels.

        Parameters
        ----------
        X : N strings (list, array, data-frame column), or those of `wordloom.stream_corpus`
        y : N labels, strings or whole numbers; of several labels N lists of them, or (N, C) of 0 and 1
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
        extra = FitInput(sample_weight, unlabelled=unlabelled, callbacks=list(callbacks or ()))
        return self._learn((X, y), AUTO, extra, validation)

    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Any = None,
        sample_weight: Any = None,
        *,
        callbacks: Sequence[Callback] | None = None,
    ) -> Self:
        """Learn on from N more texts and their labels, new ones among them; the first call is a `fit`.

        The texts of earlier calls are not needed. Each call trains until it is done, so give it hundreds of
        texts, all that there are since the last one, and not a few at a time. What `wordloom.update` says
        holds.

        Parameters
        ----------
        X, y, sample_weight, callbacks : as in `fit`; an indicator matrix has the columns of the first one
        classes : all labels that may come, as scikit-learn's users give them. They need not be given; if they
            are, labels that are not among them are refused

        Raises
        ------
        UsageError : an architecture that does not learn on, or other settings than those of the first call
        DataError : labels of another kind than before, or not among `classes`
        """
        on = hasattr(self, "model_")
        y = to_go_through_twice(y)
        _refuse_others(y, classes)
        if on and self.model_.target == MULTILABEL:
            self._refuse_another_kind(y)
        extra = FitInput(sample_weight, callbacks=list(callbacks or ()))
        return self._learn((X, y), self.model_.target if on else AUTO, extra, on=on)

    def _refuse_another_kind(self, y: Any) -> None:
        """DataError for an indicator matrix where there was none before, the reverse, and other columns."""
        if _is_matrix(y) != self.indicators_:
            raise DataError(
                f"y: {'an indicator matrix' if self.indicators_ else 'a list of labels for each text'} was "
                "given to the first fit; give the same kind to learn on."
            )
        self._refuse_other_columns(y)

    def _refuse_other_columns(self, y: Any) -> None:
        """DataError for an indicator matrix of other columns than the first one, or of columns without names
        where the labels have names."""
        if not _is_matrix(y):
            return
        if not self.indicators_ and not hasattr(y, "columns"):
            raise DataError(
                "y: a list of labels for each text was given to the first fit, and the columns of this "
                "indicator matrix have no names; give lists of labels."
            )
        if self.indicators_ and list(getattr(y, "columns", range(y.shape[1]))) != self.classes_.tolist():
            raise DataError(
                f"y: the indicator matrix should have the {len(self.classes_):,} columns of the first fit. "
                "For new labels give lists of labels from the first fit on."
            )

    def _remember(self, corpus: Corpus, y: Any, on: bool) -> None:
        if corpus.target == MULTILABEL:
            self.indicators_ = _is_matrix(y)
            known = range(y.shape[1]) if self.indicators_ else self.model_.labels
            self.classes_ = _array_of(list(getattr(y, "columns", known)))
            return
        found = sorted(set(corpus.labels)) if on else self.model_.labels
        own = _in_own_type(found, corpus.labels, y)
        if on:
            values = dict(zip(map(label_key, found), own.tolist(), strict=True))
            values |= {label_key(_plain(value)): value for value in self.classes_.tolist()}
            own = _array_of([values[label_key(label)] for label in self.model_.labels])
        self.classes_ = own

    def _of_columns(self, values: NDArray[Any]) -> NDArray[Any]:
        """(N, C) for the columns of the y that was fitted, from those that the model knows, which are sorted:
        a column without a text has 0."""
        if self.model_.target != MULTILABEL:
            return values
        at = {label_key(_plain(name)): place for place, name in enumerate(self.classes_.tolist())}
        found = np.zeros((len(values), len(self.classes_)), dtype=values.dtype)
        found[:, [at[label_key(label)] for label in self.model_.labels]] = values
        return found

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """float64 (N, C): the probability of each class, columns in the order of `classes_`.

        Of several labels each has a probability of its own, so that rows do not add up to 1.
        """
        check_is_fitted(self)
        return self._of_columns(self.model_.predict_proba(X, self.threads))

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """float64 (N, C): the logarithm of `predict_proba`, of 1e-300 where that is 0."""
        return np.asarray(np.log(np.maximum(self.predict_proba(X), 1e-300)))

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Log-odds of the second class (N,) for two classes, log-probabilities (N, C) for more.

        Of several labels the log-odds of each, (N, C).
        """
        log_probabilities = self.predict_log_proba(X)
        if self.model_.target == MULTILABEL:
            others = np.log(np.maximum(1 - np.exp(log_probabilities), 1e-300))
            return np.asarray(log_probabilities - others)
        if log_probabilities.shape[1] == 2:
            return np.asarray(log_probabilities[:, 1] - log_probabilities[:, 0])
        return log_probabilities

    def predict(self, X: Any) -> Any:
        """(N,): the likeliest label of each text, in the type of the labels given to `fit`.

        Of several labels an indicator matrix, int (N, C), if `fit` was given one; else N tuples of labels.
        """
        check_is_fitted(self)
        if self.model_.target == MULTILABEL:
            if not self.indicators_:
                return self.model_.predict(X, self.threads)
            given = Decisions.of(self.model_, None).given(self.model_.predict_proba(X, self.threads))
            return self._of_columns(given.astype(np.int64))
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of N texts whose label is found; `sample_weight`, if given, says how much each counts.

        Labels are the same as in training: 1 and "1" are one, and a NUL at the end of one, which NumPy drops,
        counts. A label that was not learned is never right. Of several labels all must be found and no other.
        """
        check_is_fitted(self)
        y = to_go_through_twice(y)
        if self.model_.target == MULTILABEL:
            self._refuse_other_columns(y)
            true, _ = checked_targets(y, MULTILABEL, "y")
            given: Sequence[Any] = self.model_.predict(X, self.threads)
            check_consistent_length(given, true, sample_weight)
            right = [_keys(one) == _keys(other) for one, other in zip(given, true, strict=True)]
            return float(np.average(right, weights=sample_weight))
        likeliest = self.predict_proba(X).argmax(axis=1)
        labels = checked_labels(y, "y")
        check_consistent_length(likeliest, labels, sample_weight)
        keys = list(map(label_key, self.model_.labels))
        right = [keys[row] == label_key(label) for row, label in zip(likeliest, labels, strict=True)]
        return float(np.average(right, weights=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _refuse_others(y: Any, classes: Any) -> None:
    """DataError for a label that is not among the classes, where these are given."""
    if classes is None or _is_matrix(y):
        return
    known = {label_key(_plain(label)) for label in classes}
    labels = labels_in(checked_targets(y, AUTO, "y")[0])
    if others := [label for label in labels if label_key(label) not in known]:
        raise DataError(f"y: the label {others[0]!r} is not among classes. Name all labels there, or none.")


def _is_matrix(y: Any) -> bool:
    return len(getattr(y, "shape", ())) == 2


def _keys(labels: Sequence[Label]) -> set[str]:
    return set(map(label_key, labels))


def _plain(name: Any) -> Label:
    return name if isinstance(name, int) else str(name)


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
