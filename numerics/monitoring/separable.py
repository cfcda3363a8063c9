"""Whether Replace can be told from a random walk before half of the diversity is gone."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import digamma, polygamma


def replace_delay(n: int, d: int, level: float, runs: int = 1) -> tuple[float, float]:
    """The best possible delay of an alarm on Replace, and the generation at which half is gone.

    In each generation the log determinant of a maximum-likelihood fit moves by a sum of logs of
    ``chi2_{n-j} / n``, j = 1..d. With their mean drift and variance, evidence for the drift against
    a random walk of that variance grows by ``drift**2 / (2 variance)`` a generation and run.

    Parameters
    ----------
    n, d : int
        Sample size and dimension, n > d.
    level : float
        Log evidence of an alarm.
    runs : int
        Independent runs.

    Examples
    --------
    >>> [round(x) for x in replace_delay(100, 1, np.log(100))]
    [461, 34]
    """
    half = (n - np.arange(1, d + 1)) / 2
    drift = float((math.log(n / 2) - digamma(half)).sum())
    variance = float(polygamma(1, half).sum())
    return 2 * level * variance / drift**2 / runs, d * math.log(2) / drift


def inseparable(n: float | None, d: float | None, level: float, runs: int) -> str | None:
    """A note where half is gone before the best possible alarm; None where it is not."""
    if n is None or d is None or d < 1 or n <= d:
        return None
    delay, half = replace_delay(int(n), int(d), level, runs)
    if delay <= half:
        return None
    return (
        f"Replace with n={n:g}, d={d:g} is not separable from a random walk before half is gone: "
        f"half goes by generation {half:.0f}, the best possible TREND takes {delay:.0f}; LOSS tells"
    )
