"""The lower bound of ica-gain: feasible potentials, exact conjugates, and what breaks both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from numerics.streams import Stream
from numerics.wasserstein.dual import Dual, quadratic
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.held_out import lower_bound, read
from numerics.wasserstein.ica_dual import AxisPotential, ica_potentials
from numerics.wasserstein.line_map import LineMap, Ordered, drawn_map, fit_line
from numerics.wasserstein.registry import find


def normal(size: int, d: int, name: str, replicate: int = 0) -> Array:
    stream = Stream("c0ffee", f"ica dual {name}", {"d": d})
    return stream.generator(replicate).standard_normal((size, d))


def bend(x: Array) -> Array:
    """A separable Brenier map, far from linear."""
    return np.asarray(0.3 * x + 1.5 * np.tanh(3 * x))


def shares(points: Array) -> Array:
    return Ordered.of(points).share_means()


def above_the_cost(dual: Dual[AxisPotential], x: Array, y: Array) -> float:
    """How far f(x) + g(y) rises above the cost anywhere."""
    total = dual.first(x)[:, None] + dual.second(y)[None, :]
    return float((total - cdist(x, y, "sqeuclidean")).max())


def test_the_conjugate_on_the_line_is_the_largest_difference() -> None:
    found = fit_line(normal(200, 1, "p")[:, 0], bend(normal(150, 1, "q")[:, 0]))
    t, s = np.linspace(-40, 40, 160_001), np.linspace(-6, 6, 25)
    brute = (s[:, None] * t - found.integral(t)).max(axis=1)
    np.testing.assert_allclose(found.conjugate(s), brute, atol=1e-6)
    # The twin: the conjugate of a neighbour.
    other = replace(found, images=found.images * 1.2)
    assert np.abs(other.conjugate(s) - brute).max() > 0.1


def test_the_loss_from_running_sums_is_the_mean_over_the_points() -> None:
    p, q = normal(90, 1, "loss p")[:, 0], np.round(normal(70, 1, "loss q")[:, 0], 1)
    found = fit_line(normal(50, 1, "loss a")[:, 0], bend(normal(50, 1, "loss b")[:, 0]))
    p[:4], q[:2] = found.knots[[0, 3, 7, -1]], found.images[[0, 5]]
    ordered = Ordered.of(p), Ordered.of(q)
    plain = found.integral(p).mean() + found.conjugate(q).mean()
    assert found.loss(*ordered) == pytest.approx(plain, abs=1e-12)
    # The twin: points and sums that do not belong together.
    wrong = replace(ordered[0], values=ordered[0].values + 1)
    assert abs(found.loss(wrong, ordered[1]) - plain) > 1e-2


@pytest.mark.parametrize("drawn", [1.0, 0.5, 0.05])
def test_slopes_stay_between_the_drawing_and_its_inverse(drawn: float) -> None:
    p, q = normal(60, 1, "p")[:, 0], np.repeat(normal(6, 1, "ties")[:, 0], 10)
    found = drawn_map(shares(p), shares(q), drawn)
    slopes = np.diff(found.images) / np.diff(found.knots)
    assert drawn * (1 - 1e-9) <= slopes.min() <= slopes.max() <= (1 + 1e-9) / drawn
    if drawn < 1:
        # The twin: not drawn, the map of tied points leaves the range.
        bare = np.diff(shares(q)) / np.diff(shares(p))
        assert bare.min() < drawn


def test_points_that_coincide_get_the_map_of_slope_one() -> None:
    found = fit_line(np.zeros(30), np.full(30, 2.0))
    np.testing.assert_allclose(np.diff(found.images), np.diff(found.knots))


def test_the_potentials_are_feasible_at_points_they_never_met() -> None:
    x, y = normal(200, 3, "x"), bend(normal(160, 3, "y")) @ np.linalg.qr(normal(3, 3, "turn"))[0]
    dual = ica_potentials(x, y)
    far_x, far_y = 3 * normal(300, 3, "far x"), 3 * normal(300, 3, "far y")
    assert above_the_cost(dual, far_x, far_y) < 1e-9
    # The twin: one axis with the inverse of another map.

    class Wrong(LineMap):
        def conjugate(self, s: Array) -> Array:
            flat = LineMap(self.images, self.images)
            return np.asarray(flat.integral(s) + self.knots[0] * self.images[0])

    first, *rest = dual.potential.maps
    maps = (Wrong(first.knots, first.images), *rest)
    wrong = replace(dual, potential=replace(dual.potential, maps=maps))
    assert above_the_cost(wrong, far_x, far_y) > 1e-2


def test_the_bound_covers_and_breaks_where_points_are_met_again() -> None:
    """Gaussian laws, where the potentials can be optimal: the hardest case to cover."""
    truth, d, n, replicates = 6 * 0.25, 6, 40, 40
    held = met = 0
    for replicate in range(replicates):
        x, y = normal(n, d, "cover x", replicate), 1.5 * normal(n, d, "cover y", replicate)
        held += lower_bound(*read(ica_potentials, x, y)) <= truth
        fit = ica_potentials(x, y)
        met += lower_bound(fit.first(x), fit.second(y)) <= truth
    # At a coverage of 95 %, fewer than 34 of 40 have the probability .003.
    assert held >= 34
    # The twin: potentials read at the points that they were fitted to.
    assert met < 34


def test_held_out_points_do_not_leak_into_the_fit() -> None:
    x, y = normal(60, 2, "leak x"), bend(normal(60, 2, "leak y"))
    moved = x.copy()
    moved[0] += 5.0
    before, after = (read(ica_potentials, each, y)[0][5] for each in (x, moved))
    assert before == after
    # The twin: the fit to all points.
    assert ica_potentials(x, y).first(x)[5] != ica_potentials(moved, y).first(x)[5]


def test_the_bound_rises_above_that_of_gelbrich_where_the_map_bends() -> None:
    d = 5
    x, y = normal(500, d, "up x"), bend(normal(500, d, "up y"))
    draws = normal(10**6, 1, "truth")[:, 0]
    image = bend(draws)
    truth = d * float(np.mean((draws - image) ** 2))
    gelbrich = d * float((1 - image.std()) ** 2)
    found = find("ica-gain")(x, y)
    assert found.lower_bound is not None
    assert gelbrich < found.lower_bound < truth
    # The twin: the Gaussian potentials, read in the same way, stay below.
    assert lower_bound(*read(quadratic, x, y)) < gelbrich


def test_the_bound_scales_and_is_never_negative() -> None:
    x, y = normal(100, 2, "scale x"), bend(normal(100, 2, "scale y"))
    near, far = find("ica-gain")(x, y), find("ica-gain")(1e3 * x + 7, 1e3 * y + 7)
    assert near.lower_bound is not None
    assert far.lower_bound == pytest.approx(1e6 * near.lower_bound, rel=1e-9)
    assert find("ica-gain")(x, normal(100, 2, "same law")).lower_bound == 0.0
