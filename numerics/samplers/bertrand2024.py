"""Samplers of ``theory.shelf.bertrand2024``: standard deviations of unbiased fits."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch, variance_chain


def std_decay(rng: np.random.Generator, size: int, *, n: int, t: int) -> Array:
    """sigma_t / sigma_0 after t unbiased fits."""
    return np.exp(variance_chain(rng, size, n, t, n - 1) / 2)


def std_loss(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """1 - sigma_1 of one unbiased fit of raw points, plus the control variate (R - 1) / 2."""
    ratio = batch(rng, size, n)[1] / (n - 1)
    return 1 - np.sqrt(ratio) + (ratio - 1) / 2


def std_kept(rng: np.random.Generator, size: int, *, n: int) -> Array:
    """sigma_1 of one unbiased fit of raw points, minus the control variate (R - 1) / 2."""
    return 1 - std_loss(rng, size, n=n)


SAMPLERS: dict[str, Sampler] = {
    "bertrand2024.std-decay": std_decay,
    "bertrand2024.std-loss": std_loss,
    "bertrand2024.std-order": std_kept,
}
