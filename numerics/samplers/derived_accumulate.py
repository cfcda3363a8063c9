"""Samplers of ``theory.shelf.derived_accumulate``: raw batches that join a pool."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler, batch, pooled_ratio


def accumulate_log_step(rng: np.random.Generator, size: int, *, n: int, k: int) -> Array:
    """log R_k when n raw points join a pool of n (k-1)."""
    mean, scatter, _ = batch(rng, size, n)
    return np.log(pooled_ratio(n * (k - 1), n, mean, scatter))


def accumulate_schedule_loss(
    rng: np.random.Generator, size: int, *, pooled: int, fresh: int
) -> Array:
    """1 - R when a batch joins a pool, plus its share times the control (mean square - 1)."""
    mean, scatter, mean_square = batch(rng, size, fresh)
    share = fresh / (pooled + fresh)
    return 1 - pooled_ratio(pooled, fresh, mean, scatter) + share * (mean_square - 1)


SAMPLERS: dict[str, Sampler] = {
    "derived.accumulate-log-step": accumulate_log_step,
    "derived.accumulate-schedule-loss": accumulate_schedule_loss,
}
