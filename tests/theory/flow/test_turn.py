"""A turn of the axis is a rotation: what does not depend on axes does not change."""

from __future__ import annotations

import numpy as np

from theory.flow.plane import Tilted
from theory.flow.turn import fitted, shares


def model(angle: float) -> tuple[Tilted, np.ndarray]:
    """A model and its own moments as a pool, seen along an axis turned by `angle`."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, s], [-s, c]])
    sigma = turn @ np.array([[3.0, 0.8], [0.8, 1.0]]) @ turn.T
    gap, aside = turn @ np.array([2.0, -0.5])
    one = np.ones((1, 1))
    m = Tilted(
        gap * one,
        aside * one,
        sigma[0, 0] * one,
        sigma[0, 1] * one,
        sigma[1, 1] * one,
        0.5 * one,
        2 * one,
        0 * one,
    )
    pool = np.array([0.0, 0.0, sigma[0, 0], sigma[0, 1], sigma[1, 1], 0.5])
    return m, pool[None, None]


def test_the_coordinates_do_not_depend_on_the_axis_given() -> None:
    # Three turns, each to first order, leave some 1e-4 of a turn of .3.
    seen = [fitted(*model(angle), np.zeros((1, 1, 3)), np.zeros(1))[0] for angle in (0, 0.2, -0.3)]
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-3)
    np.testing.assert_allclose(seen[2], seen[0], atol=1e-3)
    # The twin: another model has other coordinates.
    m, pool = model(0.0)
    pool[..., 3] = 0.4
    assert np.abs(fitted(m, pool, np.zeros((1, 1, 3)), np.zeros(1))[0] - seen[0]).max() > 0.05


def test_the_trace_and_the_distance_are_kept() -> None:
    x = fitted(*model(0.1), np.zeros((1, 1, 3)), np.zeros(1))[0][0, 0]
    along, beside, across = np.exp(x[1:4])
    gap, rho = np.sinh(x[0]) * np.sqrt(along), x[4] ** 1.5
    v, w = shares(gap, along, beside)
    trace = along + beside + (w * rho) ** 2 * beside + 2 * across
    np.testing.assert_allclose(trace, 3.0 + 1.0 + 2 * 0.5, atol=1e-3)
    np.testing.assert_allclose(
        np.hypot(gap, v * rho * np.sqrt(beside)), np.hypot(2, 0.5), rtol=1e-3
    )
