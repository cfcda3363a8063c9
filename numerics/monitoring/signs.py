"""E-processes that are exact under their null: symmetric, exchangeable, no faster than Replace.

All are vectorised over runs: arrays have the shape (runs, generations). Each process is a mixture
over bets and over the generation at which the decline begins; what has not begun yet counts 1.
The factors under the mixture, of shape (bets, runs, steps), are at hand too: of independent runs
they may be multiplied before they are mixed, so that all runs bet alike and share one mixture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from theory.errors import RunsError

Array = NDArray[np.float64]
BETS = (0.3, 0.8, 2.0)
_FROM_THE_START = 0.5


def log_start_mixture(log_factors: Array) -> Array:
    """Log e-process of a decline that may begin at any generation.

    Half of the stake bets from the first generation on; the other half is spread over later
    beginnings ``s = 1, 2, ...`` with weights ``1/(2 s (s + 1))``, whose sum is one half.

    Parameters
    ----------
    log_factors : array of shape (runs, steps)
        Logs of conditional e-values.

    Returns
    -------
    array of shape (runs, steps)

    Examples
    --------
    >>> np.exp(log_start_mixture(np.log(np.full((1, 2), 2.0)))).round(6).tolist()
    [[1.5, 2.75]]
    """
    steps = np.arange(1, log_factors.shape[1])
    # Weight of beginning at each step, and what is left for later ones.
    begins = np.log(np.r_[_FROM_THE_START, (1 - _FROM_THE_START) / (steps * (steps + 1))])
    resting = np.log((1 - _FROM_THE_START) / np.r_[1, steps + 1])
    total = np.cumsum(log_factors, axis=1)
    before = total - log_factors
    running = total + np.logaddexp.accumulate(begins - before, axis=1)
    return np.asarray(np.logaddexp(running, resting))


def log_mixture(log_factors: Array) -> Array:
    """Log of the mean over bets of `log_start_mixture`; one at the first generation.

    Parameters
    ----------
    log_factors : array of shape (bets, runs, steps)

    Returns
    -------
    array of shape (runs, steps + 1)
    """
    parts = np.array([log_start_mixture(each) for each in log_factors])
    mixed = np.logaddexp.reduce(parts, axis=0) - np.log(len(parts))
    # Before anything was seen the evidence is one.
    return np.concatenate([np.zeros((mixed.shape[0], 1)), mixed], axis=1)


def _running_scale(sizes: Array) -> Array:
    """A typical size of the increments so far: a function of sizes alone, so that signs stay fair.

    The median is renewed at every generation up to 64, later when five per cent more are known.
    """
    runs, steps = sizes.shape
    found = np.empty((runs, steps))
    renewed = 0
    for t in range(steps):
        if t < 64 or t + 1 >= 1.05 * renewed:
            now = np.median(sizes[:, : t + 1], axis=1)
            renewed = t + 1
        found[:, t] = now
    return found


def symmetric_factors(heights: Array) -> Array:
    """Factors of `log_symmetric`, of shape (bets, runs, steps)."""
    increments = np.diff(heights, axis=1)
    sizes = np.abs(increments)
    scale = _running_scale(sizes) if sizes.shape[1] else sizes
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(scale > 0, np.minimum(sizes / scale, 3.0), 1.0)
    sign = np.sign(increments)
    return np.array([np.log1p(-sign * np.tanh(bet * relative)) for bet in BETS])


def log_symmetric(heights: Array) -> Array:
    """Log evidence against increments that are symmetric given the past, of any scale or tail.

    Parameters
    ----------
    heights : array of shape (runs, generations)

    Returns
    -------
    array of shape (runs, generations)
        Zero at the first generation. Given the past and the size of an increment both signs have
        probability one half under the null, so each factor ``1 - sign tanh(bet size)`` has mean 1.

    Examples
    --------
    >>> bool(np.exp(log_symmetric(-np.arange(12.0)[None]))[0, -1] > 200)
    True
    """
    return log_mixture(symmetric_factors(heights))


def exchangeable_factors(heights: Array) -> Array:
    """Factors of `log_exchangeable`, of shape (bets, runs, steps)."""
    runs, length = heights.shape
    kinds: tuple[str | float, ...] = ("half", "line", 0.5, 0.9)
    logs = np.zeros((len(kinds), runs, max(length - 1, 0)))
    for t in range(1, length):
        ranks = np.arange(1, t + 2)
        below = (heights[:, :t] < heights[:, t : t + 1]).sum(axis=1)
        upto = below + (heights[:, :t] == heights[:, t : t + 1]).sum(axis=1) + 1
        for row, kind in enumerate(kinds):
            if isinstance(kind, str):
                slope = 1.0 if kind == "line" else 0.5
                payoff = 1 + slope * (1 - 2 * (ranks - 0.5) / (t + 1))
            else:
                payoff = np.power(ranks.astype(np.float64), -kind)
                payoff = payoff / payoff.mean()
            total = np.concatenate([[0.0], np.cumsum(payoff)])
            logs[row, :, t - 1] = np.log((total[upto] - total[below]) / (upto - below))
    return logs


def log_exchangeable(heights: Array) -> Array:
    """Log evidence against generations that are exchangeable: bets on low sequential ranks.

    Exact if generations do not feed each other; never valid in a loop. Under the null sequential
    ranks are independent and uniform; a tie counts as the mean over its ranks.

    Examples
    --------
    >>> bool(np.exp(log_exchangeable(-np.arange(12.0)[None]))[0, -1] > 100)
    True
    """
    return log_mixture(exchangeable_factors(heights))


def faster_factors(log_det: Array, sample_size: int, dimension: int) -> Array:
    """Factors of `log_faster_than_replace`, of shape (bets, runs, steps)."""
    n, d = sample_size, dimension
    if d < 1:
        raise RunsError(f"the theory null needs a dimension of 1 or more, not d = {d}")
    freedom = n - np.arange(1, d + 1)
    largest = freedom.min() / 2
    if not largest > 0.5:
        raise RunsError(f"the theory null needs n > d + 1, not n = {n}, d = {d}")
    steps = np.diff(log_det, axis=1)
    factors = []
    for s in (0.02 * largest, 0.1 * largest, 0.3 * largest, 0.6 * largest):
        moment = float(np.sum(s * np.log(n / 2) + gammaln(freedom / 2 - s) - gammaln(freedom / 2)))
        factors.append(-s * steps - moment)
    return np.array(factors)


def log_faster_than_replace(log_det: Array, sample_size: int, dimension: int) -> Array:
    """Log evidence against "log det falls no faster than Replace on `sample_size` samples".

    Under Replace with the maximum-likelihood fit the determinant is multiplied by a product of
    ``chi2_{n-j} / n``, j = 1..d (Bartlett), so ``R**-s / E R**-s`` is a conditional e-value.

    Raises
    ------
    RunsError
        If ``n <= d + 1``: the moments needed do not exist.
    """
    return log_mixture(faster_factors(log_det, sample_size, dimension))
