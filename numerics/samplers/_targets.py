"""Points kept around a target off the mean: raw normal candidates, and the verifier's own rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy import optimize, stats

from numerics.samplers._raw import Array


def kept_of(
    draw: Callable[[int], Array], keep: Callable[[Array], Array], count: int, rate: float
) -> Array:
    """Draw candidates (m, d) until `count` of them are kept; `rate` is the share expected."""
    parts: list[Array] = []
    missing = count
    while missing > 0:
        points = draw(int(missing / rate * 1.05) + 64)
        parts.append(points[keep(points)][:missing])
        missing -= len(parts[-1])
    return np.concatenate(parts)


@lru_cache(maxsize=256)
def _threshold(share: float, d: int, away: float) -> float:
    """The squared distance from the target that a share of the candidates does not exceed."""
    # It is a non-central chi-square: the verifier's own rule.
    return float(stats.ncx2.ppf(share, d, away**2))


def near_target(rng: np.random.Generator, count: int, alpha: float, d: int, delta: float) -> Array:
    """Points (count, d) in the ball of mass `alpha` whose centre is at (delta, 0, ..., 0)."""
    share, away = float(alpha), float(delta)
    threshold = _threshold(share, d, away)

    def keep(points: Array) -> Array:
        distance = (points[:, 0] - away) ** 2
        if d > 1:
            distance += np.einsum("ij,ij->i", points[:, 1:], points[:, 1:])
        return np.asarray(distance <= threshold)

    return kept_of(lambda m: rng.standard_normal((m, d)), keep, count, share)


def towards(rng: np.random.Generator, count: int, alpha: float, delta: float) -> Array:
    """The same on the line: places (count,) counted towards the target."""
    return near_target(rng, count, alpha, 1, delta)[:, 0]


def in_ellipse(rng: np.random.Generator, count: int, alpha: float, ratio: float) -> Array:
    """Points (count, 2) with ``ratio x^2 + y^2`` among the smallest share `alpha`."""
    share, wide = float(alpha), float(ratio)
    angle = (np.arange(2000) + 0.5) * np.pi / 2000
    width = wide * np.cos(angle) ** 2 + np.sin(angle) ** 2
    # Given its direction the squared length of a point is twice an exponential variable.
    threshold = optimize.brentq(
        lambda q: -np.expm1(-q / (2 * width)).mean() - share, 0.0, 200.0 * wide, xtol=1e-13
    )
    return kept_of(
        lambda m: rng.standard_normal((m, 2)),
        lambda x: np.asarray(wide * x[:, 0] ** 2 + x[:, 1] ** 2 <= threshold),
        count,
        share,
    )
