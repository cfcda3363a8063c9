"""LOOP: evidence for a drift against the family that healthy loops belong to, AR(1) with noise.

A loop with a fraction f of real data is an AR(1) process around its level with coefficient about
``(1 - f)(1 - f - 1/n)``; Replace without bias is a random walk, and Accumulate a random walk whose
noise decays. Each model is a Gaussian covariance up to level and scale, which are integrated out
(right Haar measure), so that the ratio of two marginal likelihoods is an e-process under either.
The null also holds predictive densities of loops whose scale wanders (`wandering`). The evidence
is a mixture of drifts and of one lasting drop (`drop`) over the *largest* null likelihood. It is
calibrated, not exact: other noise than that is measured, see the documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.special import ndtr

from numerics.monitoring.drop import log_drop
from numerics.monitoring.wandering import PREDICTIVES, log_predictive

Array = NDArray[np.float64]
# Generations after which LOOP rests: its cost grows with the square, and by then signs suffice.
LONGEST = 400
CHUNK = 2000
DROP_STAKE = 1 / 6
# A value of the first generation that is known exactly would make the covariance singular.
JITTER = 1e-6
WALK = ("start", 1.0, 0.0)
NULLS: tuple[tuple[str, float, float], ...] = (
    ("stationary", 0.0, 0.0),
    *(("stationary", p, r) for p in (0.3, 0.6, 0.8, 0.9, 0.95, 0.98) for r in (0.0, 3.0)),
    *(("start", p, r) for p in (0.6, 0.9, 0.97) for r in (0.0, 3.0)),
    *(("start", 1.0, r) for r in (0.0, 0.3, 1.0, 3.0, 10.0, 100.0)),
    *(("decay", p, r) for p in (0.5, 1.0) for r in (0.0, 0.1, 1.0)),
)
DRIFTS: tuple[tuple[str, float, float, int, float], ...] = (
    *(("start", 1.0, 0.0, s, g) for s in (0, 20, 60) for g in (0.3, 1.0)),
    ("start", 1.0, 3.0, 0, 0.3),
    *(("stationary", 0.0, 0.0, s, g) for s in (0, 20) for g in (0.03, 0.3)),
    *(("decay", p, 0.0, 0, g) for p in (0.5, 1.0) for g in (0.5, 2.0)),
)


def covariance(kind: str, number: float, ratio: float, length: int) -> Array:
    """Covariance of a model at generations 0 to ``length - 1``, innovation variance 1.

    Parameters
    ----------
    kind : str
        ``stationary`` or ``start``: AR(1) with coefficient `number`, from its law or from its
        level; ``decay``: a random walk with the noise ``t**-number`` in generation t.
    number, ratio : float
        See `kind`; `ratio` is the variance of the measurement noise.
    """
    t = np.arange(length)
    if kind == "stationary":
        base = number ** np.abs(t[:, None] - t[None, :]) / (1 - number**2)
    elif kind == "start" and number < 1:
        apart, both = np.abs(t[:, None] - t[None, :]), t[:, None] + t[None, :]
        base = (number**apart - number**both) / (1 - number**2)
    else:
        steps = np.ones(length) if kind == "start" else np.maximum(t, 1.0) ** (-2 * number)
        steps[0] = 0.0
        base = np.minimum.outer(np.cumsum(steps), np.cumsum(steps))
    return np.asarray(base + (ratio + JITTER) * np.eye(length))


def direction(kind: str, number: float, begin: int, length: int) -> Array:
    """The drift that grows by one noise unit in each generation after `begin`."""
    t = np.arange(length, dtype=float)
    if kind == "decay":
        steps = np.maximum(t, 1.0) ** -number
        steps[0] = 0.0
        return np.cumsum(steps)
    return np.maximum(t - begin, 0.0)


@lru_cache(maxsize=128)
def _whitener(kind: str, number: float, ratio: float, length: int) -> tuple[Array, Array]:
    """The inverse of the Cholesky factor, and log determinants of all leading blocks."""
    lower = cholesky(covariance(kind, number, ratio, length), lower=True)
    inverse = solve_triangular(lower, np.eye(length), lower=True)
    return np.asarray(inverse), np.asarray(2 * np.cumsum(np.log(np.diag(lower))))


def _parts(
    heights: Array, model: tuple[str, float, float]
) -> tuple[Array, Array, Array, Array, Array]:
    """Whitened data and level, their prefix products, and the residual sums of squares."""
    inverse, log_det = _whitener(*model, heights.shape[1])
    z = heights @ inverse.T
    u = inverse.sum(axis=1)
    uu = np.cumsum(u * u)
    zu = np.cumsum(z * u, axis=1)
    rss = np.cumsum(z * z, axis=1) - zu * zu / uu
    return z, u, zu, log_det + np.log(uu), np.maximum(rss, 1e-12)


def _alternatives(heights: Array) -> Iterator[Array]:
    """Log marginal likelihoods of models that drift downwards by an unknown amount."""
    length = heights.shape[1]
    count = np.arange(1, length + 1)
    freedom = np.maximum(count - 1.0, 1.0)
    for kind, number, ratio, begin, spread in DRIFTS:
        if begin >= length - 3:
            continue
        z, u, zu, log_scale, rss = _parts(heights, (kind, number, ratio))
        v = _whitener(kind, number, ratio, length)[0] @ direction(kind, number, begin, length)
        uu, uv = np.cumsum(u * u), np.cumsum(u * v)
        a = np.cumsum(z * v, axis=1) - zu * uv / uu
        b = np.maximum(np.cumsum(v * v) - uv * uv / uu, 0.0)
        grown = 1 + spread**2 * b
        left = np.maximum(rss - spread**2 * a * a / grown, 1e-12)
        mean = spread**2 * a / grown
        width = np.sqrt(spread**2 / grown * left / freedom)
        # The prior is half a normal: only falls are bet on.
        falling = np.log(np.maximum(2 * _student_below(freedom, -mean / width), 1e-300))
        yield falling - 0.5 * (log_scale + np.log(grown) + freedom * np.log(left))


def _student_below(freedom: Array, score: Array) -> Array:
    """P(T <= score) for Student's law, by a normal one: ten times as fast as the exact one.

    Wallace, Ann. Math. Statist. 30 (1959) 1121: for positive scores and three or more degrees of
    freedom the logarithm is off by 0.001 at most.
    """
    z = np.sqrt(freedom * np.log1p(score * score / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return np.asarray(ndtr(np.copysign(z, score)))


def log_null(heights: Array) -> Array:
    """Largest log marginal likelihood of the null's models, for every beginning of the records.

    Parameters
    ----------
    heights : array of shape (runs, generations)

    Returns
    -------
    array of shape (runs, generations)
        Less what depends on the number of generations alone.
    """
    freedom = np.maximum(np.arange(1, heights.shape[1] + 1) - 1.0, 1.0)
    best = np.full(heights.shape, -np.inf)
    for model in NULLS:
        _, _, _, log_scale, rss = _parts(heights, model)
        log = -0.5 * (log_scale + freedom * np.log(rss))
        np.maximum(best, log, out=best)
        if model == WALK:
            walk = log
    for foreseen in PREDICTIVES:
        np.maximum(best, log_predictive(heights, foreseen, walk), out=best)
    return best


def _chunk(heights: Array, drops: bool) -> Array:
    best = log_null(heights)
    # The weight of a drift that begins later than the record is long stays unspent.
    total = np.full(heights.shape, -np.inf)
    for each in _alternatives(heights):
        total = np.logaddexp(total, each)
    found = total - np.log(len(DRIFTS)) - best + np.log(1 - DROP_STAKE)
    if drops:
        found = np.logaddexp(found, log_drop(heights, best) + np.log(DROP_STAKE))
    found[:, :3] = 0.0
    return found


def log_loop(heights: Array, drops: bool = True) -> Array:
    """Log evidence for a downward drift, or one lasting drop, against the AR(1) family.

    Parameters
    ----------
    heights : array of shape (runs, generations)
    drops : bool
        Whether a single drop counts; its stake is not given to the drifts otherwise.

    Returns
    -------
    array of shape (runs, generations)
        Calibrated log evidence; constant after generation 400.

    Examples
    --------
    >>> wave = np.cos(np.arange(60.0) ** 1.5)
    >>> falling = log_loop((wave / 3 - np.arange(60.0))[None])
    >>> bool(falling[0, -1] > 10), bool(log_loop(wave[None]).max() < 3)
    (True, True)
    """
    used = heights[:, :LONGEST]
    used = used - used[:, :1]
    size = np.sqrt((used * used).mean(axis=1, keepdims=True))
    used = np.divide(used, size, out=np.zeros_like(used), where=size > 0)
    parts = [_chunk(used[i : i + CHUNK], drops) for i in range(0, len(used), CHUNK)]
    found = np.concatenate(parts)
    # A record that never moves says nothing about drift.
    found[size[:, 0] == 0] = 0.0
    extra = heights.shape[1] - found.shape[1]
    return np.pad(found, ((0, 0), (0, extra)), mode="edge") if extra else found


def log_trend(heights: Array, symmetric: Array, drops: bool = True) -> Array:
    """Log of half the symmetric and half the LOOP evidence; arrays (runs, generations)."""
    return np.asarray(np.logaddexp(symmetric, log_loop(heights, drops)) - np.log(2))
