"""What three axes miss of the way of a mean, against offsets led by random covariances."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from numerics.streams import Stream
from theory.flow.arrival import behind


@functools.cache
def led(way: float, spread: float) -> float:
    """E log of an offset led by random symmetric matrices of a semicircle's spectrum."""
    rng = Stream("arrival", "an offset and a covariance", {"way": way, "b": spread}).generator()
    size, count, parts = 700, 6, 8
    found = []
    for _ in range(count):
        entries = rng.standard_normal((size, size)) * spread / np.sqrt(2 * size)
        step = -way / parts * (np.eye(size) + entries + entries.T)
        first = rng.standard_normal((size, 32))
        later = first
        for _ in range(parts):
            term = later
            for power in range(1, 15):
                term = step @ term / power
                later = later + term
        found.append(np.log(np.square(later).sum(axis=0) / np.square(first).sum(axis=0)).mean() / 2)
    return float(np.mean(found))


def three_axes(way: float, spread: float) -> float:
    """The same where the third axis has the mean variance: Toda's flow, cut off."""

    def flow(_: float, y: NDArray[np.float64]) -> list[float]:
        along, joint, _log = y
        return [-2 * joint**2, joint * (along - 1), -along]

    path = solve_ivp(flow, (0, way), [1.0, spread, 0.0], rtol=1e-10, atol=1e-12)
    return float(path.y[2, -1])


@pytest.mark.parametrize(("way", "spread"), [(2.0, 0.4), (4.0, 0.4), (4.0, 0.6)])
def test_what_is_behind_is_what_random_covariances_leave(way: float, spread: float) -> None:
    seen = led(way, spread) - three_axes(way, spread)
    # Matrices of 700 rows are no semicircle yet: over many draws of 1000 they lie .002 to .008 off.
    assert float(behind(way, spread**2, 1)) == pytest.approx(seen, abs=0.02)


def test_half_the_way_is_seen_to_be_wrong() -> None:
    seen = led(4.0, 0.6) - three_axes(4.0, 0.6)
    assert abs(float(behind(2.0, 0.6**2, 1)) - seen) > 0.1


def test_nothing_is_behind_at_first() -> None:
    assert behind([-1.0, 0.0, 0.01], 30, 100).max() < 1e-9
    assert (np.diff(behind(np.linspace(0, 8, 50), 30, 100)) >= 0).all()
