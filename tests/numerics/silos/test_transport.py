"""Scores and maps of transport against closed forms and one-sided derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.silos.local import gaussian_scores, summary
from numerics.silos.transport import barycentre, bures, dual_scores, gaussian_map, solve, squared_w2
from numerics.streams import Stream
from theory.errors import CollapseError
from theory.silos.transport import Law
from theory.silos.transport import squared_w2 as derived

STREAM = Stream("c0ffee", "silos: transport")


def value(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    import ot

    cost = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    return float(ot.emd2(weights, np.full(len(y), 1 / len(y)), cost, numItermax=10**7))


def test_scores_are_derivatives_in_the_mass() -> None:
    """Central differences of the distance where mass moves to a point from all others."""
    rng = STREAM.generator()
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((17, 3)) + 0.5
    scores = dual_scores(x, y)
    step = 1e-6
    for i in range(5):
        away = np.full(20, -step / 19)
        away[i] = step
        up, down = (value(np.full(20, 0.05) + sign * away, x, y) for sign in (1, -1))
        assert (up - down) / (2 * step) == pytest.approx(scores[i], rel=1e-4)
        assert (up - down) / (2 * step) != pytest.approx(scores[i + 1], rel=1e-2)


def test_far_points_cancel_nothing() -> None:
    rng = STREAM.generator(1)
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((17, 3))
    assert dual_scores(x + 1e6, y + 1e6) == pytest.approx(dual_scores(x, y), abs=1e-6)


def test_gaussian_duals_are_those_of_many_points() -> None:
    rng = STREAM.generator(2)
    x, y = rng.standard_normal((800, 2)), rng.standard_normal((797, 2)) * [2.0, 0.5] + 1
    closed, exact = gaussian_scores(x, summary(y)), dual_scores(x, y)
    assert np.corrcoef(closed, exact)[0, 1] > 0.98
    other = gaussian_scores(x, summary(y[:, ::-1]))
    assert np.corrcoef(other, exact)[0, 1] < 0.9


def test_the_two_wings_agree_on_gaussian_distances() -> None:
    rng = STREAM.generator(3)
    for _ in range(5):
        roots = rng.standard_normal((2, 4, 4))
        one, two = roots @ roots.transpose(0, 2, 1)
        mean = rng.standard_normal(4)
        here = squared_w2(mean, one, np.zeros(4), two)
        there = derived(Law(mean, one), Law(np.zeros(4), two))
        assert here == pytest.approx(there, rel=1e-8)
        assert here != pytest.approx(bures(one, two), rel=1e-3)


def test_the_barycentre_has_the_mean_map_of_itself() -> None:
    rng = STREAM.generator(4)
    roots = rng.standard_normal((3, 4, 4)) * 0.3 + np.eye(4)
    covariances, weights = roots @ roots.transpose(0, 2, 1), np.array([0.5, 0.3, 0.2])
    centre = barycentre(covariances, weights)
    maps = sum(w * gaussian_map(centre, each) for w, each in zip(weights, covariances, strict=True))
    assert np.abs(maps - np.eye(4)).max() < 1e-10
    mean = np.tensordot(weights, covariances, axes=1)
    planted = sum(
        w * gaussian_map(mean, each) for w, each in zip(weights, covariances, strict=True)
    )
    assert np.abs(planted - np.eye(4)).max() > 1e-3


def test_a_distance_that_is_no_number_is_an_error() -> None:
    with pytest.raises(CollapseError, match="NaN or Inf"):
        solve(np.full((3, 2), np.nan), np.zeros((2, 2)))
