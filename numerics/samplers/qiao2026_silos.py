"""Samplers of ``theory.shelf.qiao2026_silos``: two silos on the line, and functions of points."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler
from numerics.samplers.derived_silos import gain


def _pair(rng: np.random.Generator, size: int, n: int, shift: float) -> tuple[Array, Array]:
    """Two samples of n points each, the second moved and stretched, both sorted."""
    x, y = np.sort(rng.standard_normal((2, size, n)), axis=2)
    return x, (1 + float(shift) / 2) * y + float(shift)


def _between(x: Array, y: Array) -> tuple[Array, Array]:
    """W1 and W2 of sorted samples: quantile against quantile."""
    apart = np.abs(x - y)
    return apart.mean(axis=1), np.sqrt((apart**2).mean(axis=1))


def expectations(rng: np.random.Generator, size: int, *, n: int, shift: float) -> Array:
    """|E_P f - E_Q f| over W1 for f the distance to a random place: of Lipschitz constant 1."""
    x, y = _pair(rng, size, n, shift)
    place = rng.standard_normal((size, 1))
    apart = np.abs(x - place).mean(axis=1) - np.abs(y - place).mean(axis=1)
    return np.asarray(np.minimum(np.abs(apart) / _between(x, y)[0], 2))


def distances(rng: np.random.Generator, size: int, *, n: int, shift: float) -> Array:
    """W1 over W2 of two samples."""
    one, two = _between(*_pair(rng, size, n, shift))
    return np.asarray(np.minimum(one / two, 2))


SAMPLERS: dict[str, Sampler] = {
    "qiao2026.expectation-gap": expectations,
    "qiao2026.w1-below-w2": distances,
    "qiao2026.proxies-help": gain,
}
