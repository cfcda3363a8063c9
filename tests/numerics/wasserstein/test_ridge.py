"""The cross-fitted ridge dual: feasible potentials, honest folds, a gain where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from numerics.streams import Stream
from numerics.wasserstein import ridge_fit
from numerics.wasserstein.dual import Dual, quadratic
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.held_out import folds, lower_bound
from numerics.wasserstein.registry import find
from numerics.wasserstein.ridge import CrossFit, cross_fit, value
from numerics.wasserstein.ridge_fit import SemiDual, ridge
from numerics.wasserstein.ridge_potential import RidgePotential


def normal(size: int, d: int, name: str) -> Array:
    return Stream("c0ffee", f"ridge {name}", {"d": d}).generator().standard_normal((size, d))


def bend(x: Array) -> Array:
    """A separable Brenier map, far from linear."""
    return np.asarray(0.3 * x + 1.5 * np.tanh(3 * x))


@cache
def fitted() -> tuple[Array, Array, CrossFit]:
    x, y = normal(240, 3, "x"), bend(normal(240, 3, "y"))
    return x, y, cross_fit(x, y)


def excess(dual: Dual[RidgePotential], x: Array, y: Array) -> float:
    """How far f(x) + g(y) rises above the cost anywhere."""
    total = dual.first(x)[:, None] + dual.second(y)[None, :]
    return float((total - cdist(x, y, "sqeuclidean")).max())


def test_the_potentials_are_feasible_at_points_they_never_met() -> None:
    dual = fitted()[2].full
    x, y = 2 * normal(300, 3, "far x"), 2 * normal(300, 3, "far y")
    assert excess(dual, x, y) < 1e-9
    # The twin: a conjugate of another potential is no conjugate.
    wrong = replace(dual.potential, weights=dual.potential.weights / 2)
    other = replace(dual, potential=wrong)
    first, second = (other, dual) if not dual.swapped else (dual, other)
    total = first.first(x)[:, None] + second.second(y)[None, :]
    assert (total - cdist(x, y, "sqeuclidean")).max() > 1e-3


def test_the_conjugate_is_met_from_a_poor_start() -> None:
    phi = fitted()[2].full.potential
    z = normal(50, 3, "z") * 4
    v = phi.gradient(z)
    found = phi.conjugate_points(v)
    np.testing.assert_allclose(found.argmax, z, atol=1e-6)
    far = replace(found, argmax=z + 100.0)
    np.testing.assert_allclose(phi.conjugate_points(v, far).argmax, z, atol=1e-6)


def test_the_gradient_of_the_objective_is_its_difference_quotient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ridge_fit, "_NEAR", 1e-10)
    problem = SemiDual(normal(60, 2, "gx"), bend(normal(60, 2, "gy")), 0.01)
    at = problem.flat + 0.01 * normal(1, len(problem.flat), "nudge")[0]
    slope = problem.objective(at)[1]
    for seed in ("a", "b", "c"):
        way = normal(1, len(at), seed)[0]
        rise = problem.objective(at + 1e-5 * way)[0] - problem.objective(at - 1e-5 * way)[0]
        assert abs(rise / 2e-5 - slope @ way) < 1e-3 * np.abs(slope @ way) + 1e-4


def leaks(read: Callable[[Array, Array], Array]) -> bool:
    """Whether a point of the first fold moves what is read at another point of that fold."""
    x, y = normal(60, 2, "null x"), bend(normal(60, 2, "null y"))
    moved = x.copy()
    moved[0] += 5.0
    return bool(read(x, y)[5] != read(moved, y)[5])


def test_held_out_points_do_not_leak_into_the_fit() -> None:
    assert not leaks(lambda x, y: cross_fit(x, y).first)
    # The twin: the fit to all points is read at points that it has met.
    assert leaks(lambda x, y: ridge(x, y).first(x))


def test_the_folds_are_a_partition() -> None:
    assert (np.sum(folds(23), axis=0) == 1).all()


def test_the_gain_is_the_non_gaussian_part() -> None:
    x, y, fit = fitted()
    draws = normal(10**6, 1, "truth")
    truth = 3 * float(np.mean((draws - bend(draws)) ** 2))
    found = find("ridge-dual")(x, y)
    plain = find("gaussian-jackknife")(x, y)
    assert abs(found.value / truth - 1) < 0.15
    assert abs(plain.value / truth - 1) > 0.15
    assert found.lower_bound is not None
    assert found.lower_bound < truth
    assert fit.outside > 0


def test_a_gain_that_held_out_points_deny_counts_for_nothing() -> None:
    x, y = normal(200, 4, "plain x"), 1.5 * normal(200, 4, "plain y")
    fit = cross_fit(x, y)
    assert fit.outside < 0 < fit.inside
    assert fit.gain == 0
    assert find("ridge-dual")(x, y).value == pytest.approx(find("gaussian-jackknife")(x, y).value)
    # The twin: the same in-sample gain counts in full where the held-out points agree.
    assert replace(fit, outside=fit.inside / 2).trust == 1
    assert fitted()[2].trust == 1


def test_the_bound_uses_what_was_held_out() -> None:
    x, y, fit = fitted()
    level = float(np.mean(fit.first) + np.mean(fit.second))
    assert lower_bound(fit.first, fit.second) < level < value(fit.full, x, y)
    assert value(fit.full, x, y) > value(quadratic(x, y), x, y)


def test_the_same_samples_give_the_same_number() -> None:
    x, y = normal(60, 2, "same x"), bend(normal(60, 2, "same y"))
    assert find("ridge-dual")(x, y).value == find("ridge-dual")(x, y).value
