"""Confidence intervals for a mean from a fixed number of draws, at a stated level.

With a bound v on the variance the interval inverts Catoni's test (2012): e^phi(u) <= 1 + u + u^2/2
makes P(sum phi(b (x - m)) > N b^2 v/2 + level) <= e^-level at the true mean m, for every law and
every N. Without one it is the normal interval, whose error probability is only approximate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from numerics.evidence.blocks import Array, log_product
from numerics.evidence.catoni import influence
from theory.errors import InvalidInput

NEWTON_STEPS = 20


@dataclass(frozen=True)
class Interval:
    """The numbers between two ends.

    Examples
    --------
    >>> Interval(-1.0, 3.0).times(2.0), Interval(-1.0, 3.0).size
    (Interval(low=-2.0, high=6.0), Interval(low=0.0, high=3.0))
    """

    low: float
    high: float

    def times(self, factor: float) -> Interval:
        """Multiply by a factor >= 0."""
        return Interval(factor * self.low, factor * self.high)

    @property
    def size(self) -> Interval:
        """What the absolute value may be."""
        least = max(self.low, -self.high, 0.0)
        return Interval(least, max(-self.low, self.high))

    def __str__(self) -> str:
        return f"[{self.low:.4g}, {self.high:.4g}]"


def mean_interval(draws: Array, level: float, variance: float | None = None) -> Interval:
    """Return an interval that misses the mean, on each side, with probability at most e^-level.

    Parameters
    ----------
    draws : array of shape (N,)
        Independent draws of one law; N was not chosen by looking at them.
    level : float
        Minus the log of the error probability of each side.
    variance : float, optional
        Bound v > 0 on the variance of a draw. Without it the error probability is that of the
        normal approximation.

    Returns
    -------
    Interval

    Raises
    ------
    InvalidInput
        If the level or the variance is not positive and finite, or there are fewer than 2 draws.

    Examples
    --------
    >>> draws = np.tile([-1.0, 1.0], 5_000)
    >>> print(mean_interval(draws, 7.0, 1.0), mean_interval(draws, 7.0))
    [-0.03748, 0.03748] [-0.03118, 0.03118]
    """
    if not (math.isfinite(level) and level > 0):
        raise InvalidInput(f"level = {level} is not accepted; accepted: positive and finite")
    if draws.size < 2:
        raise InvalidInput(f"{draws.size} draws are not accepted; accepted: 2 or more")
    if variance is None:
        width = float(-special.ndtri_exp(-level) * draws.std(ddof=1) / math.sqrt(draws.size))
        return Interval(float(draws.mean()) - width, float(draws.mean()) + width)
    if not (math.isfinite(variance) and variance > 0):
        raise InvalidInput(f"variance = {variance} is not accepted; accepted: positive and finite")
    return Interval(
        _lower_end(draws, level, variance),
        -_lower_end(-draws, level, variance),
    )


def _influences(u: Array) -> float:
    """Return the sum of the influences of all u, several times faster than one by one."""
    # 1 + |u| + u^2/2 = ((1 + |u|)^2 + 1)/2; what counts with the other sign is divided by.
    with np.errstate(over="ignore", invalid="ignore"):
        factors = np.abs(u)
        factors += 1
        factors *= factors
        factors += 1
        factors /= 2
        np.divide(1, factors, out=factors, where=u < 0)
        total = log_product(factors)
    return total if math.isfinite(total) else float(influence(u).sum())


def _lower_end(draws: Array, level: float, variance: float) -> float:
    """The largest centre found that is rejected, and with it every one below."""
    bet = math.sqrt(2 * level / (draws.size * variance))
    threshold = draws.size * bet**2 * variance / 2 + level
    width = threshold / (draws.size * bet)

    def excess(centre: float) -> float:
        return _influences(bet * (draws - centre)) - threshold

    # The sum falls in the centre with slope at least -N bet: near the root, nearly that.
    centre = float(np.median(draws)) - width
    for _ in range(NEWTON_STEPS):
        step = excess(centre) / (draws.size * bet)
        centre += step
        if abs(step) < 1e-3 * width:
            break
    out = 1e-3 * width
    while excess(centre) < 0:
        centre -= out
        out *= 2
    return centre
