"""E-processes that are exact under their null: symmetric, exchangeable, no faster than Replace.

All are vectorised over runs: arrays have the shape (runs, generations). Each process is a mixture
over bets and over the generation at which the decline begins; what has not begun yet counts 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from numerics.evidence.blocks import log_mean_exp
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
    runs, steps = log_factors.shape
    running = np.full(runs, np.log(_FROM_THE_START))
    resting = np.log(1 - _FROM_THE_START)
    found = np.empty((runs, steps))
    for t in range(steps):
        if t:
            begins = np.log((1 - _FROM_THE_START) / (t * (t + 1)))
            running = np.logaddexp(running, begins)
            resting = np.log((1 - _FROM_THE_START) / (t + 1))
        running = running + log_factors[:, t]
        found[:, t] = np.logaddexp(running, resting)
    return found


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
    increments = np.diff(heights, axis=1)
    sizes = np.abs(increments)
    scale = _running_scale(sizes) if sizes.shape[1] else sizes
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(scale > 0, np.minimum(sizes / scale, 3.0), 1.0)
    sign = np.sign(increments)
    parts = np.array([log_start_mixture(np.log1p(-sign * np.tanh(bet * relative))) for bet in BETS])
    return _padded(np.logaddexp.reduce(parts, axis=0) - np.log(len(BETS)))


def log_exchangeable(heights: Array) -> Array:
    """Log evidence against generations that are exchangeable: bets on low sequential ranks.

    Exact if generations do not feed each other; never valid in a loop. Under the null sequential
    ranks are independent and uniform; a tie counts as the mean over its ranks.

    Examples
    --------
    >>> bool(np.exp(log_exchangeable(-np.arange(12.0)[None]))[0, -1] > 100)
    True
    """
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
    parts = np.array([log_start_mixture(each) for each in logs])
    return _padded(np.logaddexp.reduce(parts, axis=0) - np.log(len(kinds)))


def log_faster_than_replace(log_det: Array, sample_size: int, dimension: int) -> Array:
    """Log evidence against "log det falls no faster than Replace on `sample_size` samples".

    Under Replace with the maximum-likelihood fit the determinant is multiplied by a product of
    ``chi2_{n-j} / n``, j = 1..d (Bartlett), so ``R**-s / E R**-s`` is a conditional e-value.

    Raises
    ------
    RunsError
        If ``n <= d + 1``: the moments needed do not exist.
    """
    n, d = sample_size, dimension
    freedom = n - np.arange(1, d + 1)
    largest = freedom.min() / 2
    if not largest > 0.5:
        raise RunsError(f"the theory null needs n > d + 1, not n = {n}, d = {d}")
    steps = np.diff(log_det, axis=1)
    parts = []
    for s in (0.02 * largest, 0.1 * largest, 0.3 * largest, 0.6 * largest):
        moment = float(np.sum(s * np.log(n / 2) + gammaln(freedom / 2 - s) - gammaln(freedom / 2)))
        parts.append(log_start_mixture(-s * steps - moment))
    return _padded(np.logaddexp.reduce(np.array(parts), axis=0) - np.log(len(parts)))


def _padded(steps: Array) -> Array:
    """Evidence one at the first generation, before anything was seen."""
    return np.concatenate([np.zeros((steps.shape[0], 1)), steps], axis=1)


def pooled(logs: list[Array], multiply: bool) -> Array:
    """Join log e-processes of several runs: a product if independent, else their mean.

    A run that has ended keeps its last value.

    Parameters
    ----------
    logs : list of arrays of shape (generations,)
    multiply : bool
        Whether the runs are independent.

    Examples
    --------
    >>> pooled([np.zeros(2), np.log([1.0, 3.0, 9.0])], False).round(3).tolist()
    [0.0, 0.693, 1.609]
    """
    longest = max(each.size for each in logs)
    level = np.array([np.pad(each, (0, longest - each.size), mode="edge") for each in logs])
    if multiply:
        return np.asarray(level.sum(axis=0))
    weights = np.full(len(level), 1 / len(level))
    return np.array([log_mean_exp(column, weights) for column in level.T])
