"""TextRegressor: the scikit-learn estimator for grades. What it learns is a `TextModel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from wordloom.estimator import TextEstimator
from wordloom.fit import FitInput
from wordloom.loop.callback import Callback
from wordloom.targets import GRADED


class TextRegressor(RegressorMixin, TextEstimator):  # type: ignore[misc]
    """Learns grades of texts: stars, quality scores, any numbers on a scale.

    The parameters are those of `TextClassifier`. Predictions lie between the lowest and the highest grade of
    the training texts: what is learned is the mean grade of such texts.

    Attributes
    ----------
    model_ : TextModel, what was learned; it can be saved and used without scikit-learn
    history_ : History, what training measured after each epoch
    """

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
        """Learn from N texts and their grades, finite numbers.

        The other parameters, and what is raised, are those of `TextClassifier.fit`.
        """
        extra = FitInput(sample_weight, unlabelled=unlabelled, callbacks=list(callbacks or ()))
        return self._learn((X, y), GRADED, extra, validation)

    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, callbacks: Sequence[Callback] | None = None
    ) -> Self:
        """Learn on from N more texts and their grades; the first call is a `fit`.

        The scale stays that of the first texts. What is raised is as in `TextClassifier.partial_fit`.
        """
        extra = FitInput(sample_weight, callbacks=list(callbacks or ()))
        return self._learn((X, y), GRADED, extra, on=hasattr(self, "model_"))

    def predict(self, X: Any) -> NDArray[np.float64]:
        """float64 (N,): the grade of each text."""
        check_is_fitted(self)
        return np.array(self.model_.predict(X, self.threads), dtype=np.float64)
