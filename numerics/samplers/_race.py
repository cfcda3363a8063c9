"""Two silos on the line, and who is nearer to their world: random selection or a barycentre."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array

PER_KEPT = 4


def distances(
    rng: np.random.Generator, size: int, n: int, t: int, temperature: float, gap: float
) -> tuple[Array, Array]:
    """Squared W2 to the world over its variance after t generations, random and Scheme II.

    The silos are N(gap, 1) and N(-gap, 1), the world is normal with their mixture's moments, and
    their barycentre N(0, 1). A real batch of n raw points stays in the pool; each generation fits a
    normal to the whole pool, draws 4n candidates at the temperature and keeps n of them: the first,
    or those of the lowest optimal dual to the barycentre. Both rules see the same noise.

    Returns
    -------
    pair of arrays, shape (size,)
    """
    world, heat = np.sqrt(1 + float(gap) ** 2), np.sqrt(float(temperature))
    real = world * rng.standard_normal((size, n))
    pools = [[real.sum(axis=1), (real**2).sum(axis=1)] for _ in range(2)]
    for k in range(1, t + 1):
        noise = rng.standard_normal((size, PER_KEPT * n))
        for rule, pool in enumerate(pools):
            mean, deviation = _fit(pool, k * n)
            points = mean[:, None] + heat * deviation[:, None] * noise
            kept = points[:, :n] if rule == 0 else _nearest_by_dual(points, n)
            pool[0] += kept.sum(axis=1)
            pool[1] += (kept**2).sum(axis=1)
    made = []
    for pool in pools:
        mean, deviation = _fit(pool, (t + 1) * n)
        made.append((mean**2 + (deviation - world) ** 2) / world**2)
    return made[0], made[1]


def _fit(pool: list[Array], count: int) -> tuple[Array, Array]:
    mean = pool[0] / count
    return mean, np.sqrt(np.maximum(pool[1] / count - mean**2, 0.0))


def _nearest_by_dual(points: Array, n: int) -> Array:
    """The n points of each row with the lowest dual from the row's own normal law to N(0, 1)."""
    mean = points.mean(axis=1, keepdims=True)
    scores = (1 - 1 / points.std(axis=1, keepdims=True)) * (points - mean) ** 2
    scores += 2 * (points - mean) * mean
    return np.asarray(
        np.take_along_axis(points, np.argpartition(scores, n - 1, axis=1)[:, :n], axis=1)
    )
