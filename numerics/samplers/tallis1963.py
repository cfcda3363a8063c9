"""Samplers of ``theory.shelf.tallis1963``: points kept within a ball, by rejection."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler
from numerics.samplers._selected import within


def kappa(rng: np.random.Generator, size: int, *, alpha: float, d: int) -> Array:
    """|x|^2 / d of one kept point."""
    return within(rng, size, alpha, d) / d


def kappa_line(rng: np.random.Generator, size: int, *, alpha: float) -> Array:
    """The same on the line."""
    return kappa(rng, size, alpha=alpha, d=1)


def kappa_plane(rng: np.random.Generator, size: int, *, alpha: float) -> Array:
    """The same in the plane."""
    return kappa(rng, size, alpha=alpha, d=2)


SAMPLERS: dict[str, Sampler] = {
    "tallis1963.kappa": kappa,
    "tallis1963.kappa-line": kappa_line,
    "tallis1963.kappa-plane": kappa_plane,
}
