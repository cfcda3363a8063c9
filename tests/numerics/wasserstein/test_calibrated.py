"""One-sided derivatives of exact squared W2 against finite differences of it."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.streams import Stream
from numerics.wasserstein.calibrated import calibrated_gradient
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.registry import find
from theory.errors import InvalidInput


def pair(n: int, m: int) -> tuple[Array, Array]:
    generator = Stream("c0ffee", "calibrated", {"n": n, "m": m}).generator()
    return generator.standard_normal((n, 2)), generator.standard_normal((m, 2)) * 1.5 + 0.4


def slope(x: Array, y: Array, point: int, step: float) -> float:
    """Difference quotient of exact W2^2 when mass `step` moves onto one point from the others."""
    masses = np.full(len(x), 1 / len(x) - step / (len(x) - 1))
    masses[point] = 1 / len(x) + step
    moved = find("exact")(x, y, weights_x=masses).value
    return float((moved - find("exact")(x, y).value) / step)


def agrees(x: Array, y: Array, lower: Array, upper: Array) -> bool:
    step = 1e-5
    return all(
        abs(slope(x, y, i, step) - upper[i]) < 1e-6 and abs(slope(x, y, i, -step) - lower[i]) < 1e-6
        for i in range(len(x))
    )


@pytest.mark.parametrize(("n", "m"), [(12, 12), (12, 7), (9, 18)])
def test_both_sides_are_the_difference_quotients(n: int, m: int) -> None:
    x, y = pair(n, m)
    found = calibrated_gradient(x, y)
    assert found.lower is not None
    assert found.upper is not None
    assert agrees(x, y, found.lower, found.upper)
    # One vertex of the dual is no answer where the two sides differ; the sides swapped neither.
    if n == m:
        one = calibrated_gradient(x, y, report_interval=False).score
        assert not agrees(x, y, one, one)
        assert not agrees(x, y, found.upper, found.lower)


def test_the_interval_closes_where_the_dual_is_unique_and_only_there() -> None:
    unique = calibrated_gradient(*pair(12, 7))
    assert unique.lower is not None
    assert unique.upper is not None
    np.testing.assert_allclose(unique.lower, unique.upper, atol=1e-9)
    loose = calibrated_gradient(*pair(12, 12))
    assert loose.lower is not None
    assert loose.upper is not None
    assert (loose.upper - loose.lower).min() > 1e-3


def test_the_order_of_the_points_moves_no_interval() -> None:
    x, y = pair(12, 12)
    turned = calibrated_gradient(x[::-1], y)
    straight = calibrated_gradient(x, y)
    assert turned.upper is not None
    assert straight.upper is not None
    np.testing.assert_allclose(turned.upper[::-1], straight.upper, atol=1e-9)


@pytest.mark.parametrize("name", ["ties", "one far"])
def test_rounding_does_not_grow(name: str) -> None:
    """Ties, whose masses the solver rounds, and a point whose cost drowns the digits of others."""
    generator = Stream("c0ffee", f"calibrated {name}").generator()
    if name == "ties":
        x, y = generator.integers(0, 3, (200, 2)), generator.integers(0, 3, (150, 2)) + 1
        points, allowed = (0, 7, 199), 1e-5
    else:
        x, y = generator.standard_normal((60, 2)), generator.standard_normal((60, 2))
        x[0] = 1e7
        points, allowed = (0,), 1e-6 * 2e14
    found = calibrated_gradient(x, y)
    assert found.lower is not None
    assert found.upper is not None
    # A cycle of lengths just below 0 made both sides thousands of times too large here.
    assert (found.lower <= found.upper + 1e-9 * abs(found.upper)).all()
    for i in points:
        assert abs(slope(x, y, i, 1e-5) - found.upper[i]) < allowed
        assert abs(slope(x, y, i, -1e-5) - found.lower[i]) < allowed


def test_one_point_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least 2"):
        calibrated_gradient([1.0], [1.0, 2.0])
