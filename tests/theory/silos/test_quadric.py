"""Moments by a quadratic score: the closed cases, other algebra, and planted faults."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

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
    wrong = kept_by_score(alpha, np.diag(w), -2 * w * (place + 0.1))
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


LINES = [(1.0, 0.0), (-1.0, 0.0), (0.0, 2.0), (1.0, 3.0), (1.0, -3.0), (-1.0, 3.0), (-1e-9, -1.0)]


@pytest.mark.parametrize(("a", "b"), LINES)
@pytest.mark.parametrize("alpha", [0.01, 0.25, 0.9])
def test_one_dimension_has_a_closed_form(alpha: float, a: float, b: float) -> None:
    """Against the score itself, added up over a fine grid of normal quantiles."""
    z = special.ndtri((np.arange(2_000_000) + 0.5) / 2_000_000)
    found = kept_by_score(alpha, np.array([[a]]), np.array([b]))
    kept = z[a * z * z + b * z <= found.threshold]
    assert len(kept) / len(z) == pytest.approx(alpha, abs=1e-5)
    assert found.mean[0] == pytest.approx(kept.mean(), abs=2e-4)
    assert found.second[0, 0] == pytest.approx(np.mean(kept**2), abs=1e-3)
    wrong = kept_by_score(alpha, np.array([[-a]]), np.array([-b]))
    assert abs(wrong.second[0, 0] - np.mean(kept**2)) + abs(wrong.mean[0] - kept.mean()) > 0.1


def test_an_axis_that_decides_alone_leaves_the_others_whole() -> None:
    """In any axes, and with the kappas of the ball and of its outside."""
    turn, _ = np.linalg.qr(np.random.default_rng(7).standard_normal((3, 3)))
    line = kept_by_score(0.25, np.array([[1.0]]), np.zeros(1))
    found = kept_by_score(0.25, np.diag([0.0, 1.0, 0.0]), np.zeros(3))
    assert np.diag(found.second) == pytest.approx([1.0, line.second[0, 0], 1.0], abs=1e-12)
    turned = kept_by_score(0.25, turn @ np.diag([0.0, 1.0, 0.0]) @ turn.T, np.zeros(3))
    assert np.allclose(turned.second, turn @ found.second @ turn.T, atol=1e-7)
    assert line.second[0, 0] == pytest.approx(contraction_inside(0.25, 1), abs=1e-12)
    beyond = kept_by_score(0.25, np.array([[-1.0]]), np.zeros(1))
    assert beyond.second[0, 0] == pytest.approx(expansion_outside(0.25, 1), abs=1e-12)


def test_what_cannot_be_inverted_is_refused() -> None:
    with pytest.raises(CollapseError, match="one axis decides nearly alone"):
        kept_by_score(0.25, np.diag([1.0, 1e-9]), np.zeros(2))
    with pytest.raises(InvalidInput, match="constant"):
        kept_by_score(0.25, np.zeros((2, 2)), np.zeros(2))
    with pytest.raises(InvalidInput, match="kept_fraction = 1"):
        kept_by_score(1, np.eye(2), np.zeros(2))
    with pytest.raises(InvalidInput, match="NaN"):
        kept_by_score(0.5, np.full((2, 2), np.nan), np.zeros(2))
    with pytest.raises(InvalidInput, match="shape"):
        kept_by_score(0.5, np.eye(3), np.zeros(2))
