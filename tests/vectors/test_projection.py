"""Principal components against their defining properties."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.vectors import project


def test_line_by_hand():
    # Points on the line through (3, 4)/5: coordinates are the distances along it, from the mean.
    points = project(np.outer([0.0, 5.0, 10.0], [0.6, 0.8]), n_components=2)
    assert points[:, 0] == pytest.approx([-5, 0, 5])
    assert points[:, 1].tolist() == [0, 0, 0]


def test_sign_follows_the_largest_entry():
    assert project(np.outer([0.0, 1.0, 2.0], [0.6, -0.8]), 1)[:, 0] == pytest.approx([1, 0, -1])


def test_centered_uncorrelated_falling_and_as_good_as_svd():
    rng = np.random.default_rng(2)
    cloud = (rng.normal(size=(500, 20)) * np.linspace(3, 1, 20)).astype(np.float32)
    points = project(cloud, 5)
    assert np.abs(points.mean(axis=0)).max() < 1e-9
    covariance = points.T @ points
    variances = np.diag(covariance)
    assert np.abs(covariance - np.diag(variances)).max() < 1e-6
    assert (np.diff(variances) < 0).all()
    sizes = np.linalg.svd(cloud - cloud.mean(axis=0), compute_uv=False)
    assert np.sqrt(variances) == pytest.approx(sizes[:5], rel=1e-5)


def test_all_components_keep_distances():
    cloud = np.random.default_rng(1).normal(size=(30, 4))
    points = project(cloud, 4)
    assert np.linalg.norm(points[3] - points[17]) == pytest.approx(np.linalg.norm(cloud[3] - cloud[17]))


def test_same_rows_same_picture_whatever_their_order():
    cloud = np.random.default_rng(1).normal(size=(30, 4))
    assert project(cloud[::-1])[::-1] == pytest.approx(project(cloud))


def test_one_row_and_equal_rows_are_at_the_origin():
    assert project([[1.0, 2.0, 3.0]]).tolist() == [[0, 0]]
    assert project(np.full((9, 3), 0.1)).tolist() == [[0, 0]] * 9


def test_bad_shapes():
    with pytest.raises(DataError, match="at least one vector"):
        project(np.zeros((0, 3)))
    with pytest.raises(UsageError, match="between 1 and 3"):
        project(np.zeros((4, 3)), 4)
