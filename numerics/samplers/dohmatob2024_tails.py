"""Samplers of ``theory.shelf.dohmatob2024_tails``: what a sample of a power law has not seen."""

from __future__ import annotations

import numpy as np
from scipy.special import zeta

from numerics.samplers._raw import Array, Sampler

# Beyond this a symbol's probability is below 1e-18 for every exponent in use: its error is lost in
# rounding, and the number fits a float.
FARTHEST = 1e15


def _unseen(points: Array, beta: float) -> Array:
    """Probability, under p_i = i^-beta / zeta(beta), of what is not among the points of a row."""
    points.sort(axis=1)
    known = points**-beta
    known[:, 1:][points[:, 1:] == points[:, :-1]] = 0
    return np.asarray(1 - known.sum(axis=1) / zeta(beta))


def cut_tail(rng: np.random.Generator, size: int, *, n: int, beta: float, cut: int) -> Array:
    """Test error after n points of the first `cut` symbols."""
    weights = np.cumsum(np.arange(1, cut + 1) ** -float(beta))
    drawn = np.searchsorted(weights / weights[-1], rng.random((size, n)), side="right")
    return _unseen(np.minimum(drawn, cut - 1) + 1.0, float(beta))


def scaling_law(rng: np.random.Generator, size: int, *, n: int, beta: float) -> Array:
    """Test error after n points of the whole law."""
    return _unseen(np.minimum(rng.zipf(float(beta), (size, n)), FARTHEST), float(beta))


def missed(rng: np.random.Generator, size: int, *, n: int, beta: float) -> Array:
    """Probability that n points miss a fresh symbol of the whole law, a mean over 32 of them."""
    fresh = np.minimum(rng.zipf(float(beta), (32, size)), FARTHEST)
    odds = fresh ** -float(beta) / zeta(float(beta))
    return np.asarray(np.exp(n * np.log1p(-odds)).mean(axis=0))


SAMPLERS: dict[str, Sampler] = {
    "dohmatob2024.cut-tail": cut_tail,
    "dohmatob2024.scaling-law": scaling_law,
    "dohmatob2024.scaling-exponent": missed,
}
