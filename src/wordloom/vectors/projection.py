"""Principal components: the plane that shows the most of a cloud of vectors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError, UsageError

_ROWS_AT_A_TIME = 8192


def project(vectors: npt.ArrayLike, n_components: int = 2) -> npt.NDArray[np.float64]:
    """Coordinates of the rows on their first principal components.

    Eigenvectors of the D x D covariance (Pearson, "On lines and planes of closest fit to systems of
    points in space", 1901; Hotelling, 1933). An eigenvector's sign is free: each is turned so that its
    entry of largest size is positive, so the same rows always give the same picture.

    Parameters
    ----------
    vectors : (V, D)
    n_components : 1 to D

    Returns
    -------
    float64 (V, n_components), centered; the columns' variances fall. A direction in which the rows do
    not differ at all gives zeros.
    """
    rows = np.asarray(vectors)
    if rows.ndim != 2 or len(rows) == 0:
        raise DataError(f"A projection needs at least one vector, shape (V, D); found {rows.shape}.")
    if not 1 <= n_components <= rows.shape[1]:
        raise UsageError(f"n_components must be between 1 and {rows.shape[1]}, not {n_components}.")
    mean = rows.mean(axis=0, dtype=np.float64)
    axes = _axes(rows, mean, n_components)
    points = np.empty((len(rows), n_components))
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        points[start : start + _ROWS_AT_A_TIME] = (rows[start : start + _ROWS_AT_A_TIME] - mean) @ axes
    return points


def variance_shares(vectors: npt.ArrayLike, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The share of the variance of (V, D) vectors that each column of their projection (V, n) shows, (n,).

    0 for vectors that do not differ.
    """
    total = float(np.var(np.asarray(vectors, dtype=np.float64), axis=0).sum())
    shown = np.var(np.asarray(points, dtype=np.float64), axis=0)
    return np.asarray(shown / total if total else np.zeros(len(shown)))


def _axes(
    rows: npt.NDArray[np.floating], mean: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    """The first `count` principal axes, (D, count), as columns; zeros where there is no variance."""
    scatter = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        centered = rows[start : start + _ROWS_AT_A_TIME] - mean
        scatter += centered.T @ centered
    sizes, directions = np.linalg.eigh(scatter)
    sizes, directions = sizes[::-1][:count], directions[:, ::-1][:, :count]
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(count)])
    # Below this a direction holds nothing but the rounding of the sums and of the mean.
    eps = float(np.finfo(np.float64).eps)
    noise = len(rows) * (8 * eps * np.linalg.norm(mean)) ** 2 + rows.shape[1] * eps * np.trace(scatter)
    present = sizes > noise
    return np.asarray(directions * np.where(present, signs, 0.0))
