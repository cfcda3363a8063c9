"""Moments by a quadratic score: the closed cases, other algebra, and planted faults."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from theory.errors import CollapseError, InvalidInput
from theory.selection.quadratic import kept_weighted
from theory.silos.landmarks import contraction_inside, expansion_outside
from theory.silos.quadric import kept_by_score

Array = NDArray[np.float64]


@pytest.mark.parametrize("distance", [0.0, 3.0, 8.0])
@pytest.mark.parametrize("alpha", [0.05, 0.25, 0.9])
def test_positive_forms_agree_with_the_ellipsoid(distance: float, alpha: float) -> None:
    """The contour integral of `theory.selection` is another route to the same moments."""
    w = np.linspace(0.5, 2.0, 10)
    place = np.full(10, distance / np.sqrt(10))
    other = kept_weighted(alpha, w, place)
    found = kept_by_score(alpha, np.diag(w), -2 * w * place)
    assert np.allclose(found.mean, other.mean, atol=1e-10)
    assert np.allclose(np.diag(found.second), other.second, atol=1e-10)
    wrong = kept_by_score(alpha, np.diag(w), -2 * w * (place + 0.01))
    assert np.abs(wrong.mean - other.mean).max() > 1e-4


@pytest.mark.parametrize("dimension", [2, 4, 10, 40])
def test_isotropic_scores_are_balls_and_their_outsides(dimension: int) -> None:
    eye, none = np.eye(dimension), np.zeros(dimension)
    inside = np.diag(kept_by_score(0.25, eye, none).second)
    outside = np.diag(kept_by_score(0.25, -eye, none).second)
    assert np.allclose(inside, contraction_inside(0.25, dimension), atol=1e-6)
    assert np.allclose(outside, expansion_outside(0.25, dimension), atol=1e-6)
    assert not np.allclose(inside, contraction_inside(0.26, dimension), atol=1e-3)


def test_the_kept_and_the_rest_make_the_whole() -> None:
    """Any signature: lowest quarter of a score and lowest three quarters of its negative."""
    rng = np.random.default_rng(5)
    form = rng.standard_normal((6, 6))
    form = form + form.T
    linear = rng.standard_normal(6)
    low = kept_by_score(0.25, form, linear)
    high = kept_by_score(0.75, -form, -linear)
    assert np.allclose(0.25 * low.mean + 0.75 * high.mean, 0, atol=1e-9)
    assert np.allclose(0.25 * low.second + 0.75 * high.second, np.eye(6), atol=1e-9)
    assert low.threshold == pytest.approx(-high.threshold, abs=1e-8)


def test_a_score_by_one_direction_is_the_truncated_normal() -> None:
    from scipy import stats

    found = kept_by_score(0.25, np.zeros((3, 3)), np.array([2.0, 0.0, 0.0]))
    intensity = stats.norm.pdf(stats.norm.isf(0.25)) / 0.25
    assert found.mean == pytest.approx([-intensity, 0, 0], abs=1e-9)
    assert np.diag(found.second)[1:] == pytest.approx([1.0, 1.0], abs=1e-9)


def test_rotations_turn_the_moments() -> None:
    rng = np.random.default_rng(6)
    turn, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    form, linear = np.diag([1.0, -2.0, 0.5, 3.0, -1.0]), np.arange(5.0)
    one = kept_by_score(0.3, form, linear)
    two = kept_by_score(0.3, turn @ form @ turn.T, turn @ linear)
    assert np.allclose(two.mean, turn @ one.mean, atol=1e-10)
    assert np.allclose(two.second, turn @ one.second @ turn.T, atol=1e-10)


def test_what_cannot_be_inverted_is_refused() -> None:
    with pytest.raises(CollapseError, match="one axis decides alone"):
        kept_by_score(0.25, np.array([[1.0]]), np.zeros(1))
    with pytest.raises(InvalidInput, match="constant"):
        kept_by_score(0.25, np.zeros((2, 2)), np.zeros(2))
    with pytest.raises(InvalidInput, match="kept_fraction = 1"):
        kept_by_score(1, np.eye(2), np.zeros(2))
    with pytest.raises(InvalidInput, match="NaN"):
        kept_by_score(0.5, np.full((2, 2), np.nan), np.zeros(2))
    with pytest.raises(InvalidInput, match="shape"):
        kept_by_score(0.5, np.eye(3), np.zeros(2))
