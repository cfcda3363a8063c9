"""Whether runs scatter as predicted: the noise that each generation adds.

How far apart runs lie at one generation says little with ten of them, and the generations of a run
repeat each other. The noise that is new in each does not, and a wrong sample size shows there. Its
variance follows from the predicted covariance over time of twenty successive generations: whitened
by that, a run's residuals are independent standard normal numbers, plus what the mean of runs is
off by. That changes slowly; so a parabola in log t is taken out of every run, and a wrong mean,
which is judged elsewhere, does not pass for noise. Residuals are from the population law, which is
smooth and knows no sample size; but from the corrected mean where a verifier's choice replaces
everything, as the population law of that is soon far away.

Only the first twenty generations count, and of a run no more than those before its noise departs
from the first order in 1/n: on the way to a far target early and late runs part, and what each
generation adds is no longer what the expansion says (`linear_until`). What else is not linear adds
noise, and is allowed for: `benchmarks/scatter.py` finds ratios of raw simulations from 0.92 up to
1.25 (n = 50) and 1.14 (100). The error of the ratio is the larger one of that of independent normal
numbers and of what the runs themselves show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

LENGTH = 20
TAKEN = 3  # numbers of a parabola
# In the logarithm of the ratio: what noise may be lacking; and in excess, with n times the second.
LACKING, EXCESS = 0.1, 20.0
FEWEST = 3
POWER = 0.9


@dataclass(frozen=True)
class Scatter:
    """Observed over predicted variance of the noise.

    Attributes
    ----------
    ratio
        Observed over predicted.
    interval
        Where the ratio of the truth to the prediction lies, at the level of the group, allowance
        included.
    seen
        The factor, up or down, that would be seen in 90 % of experiments.
    generations
        First and last that count.
    """

    ratio: float
    interval: tuple[float, float]
    seen: float
    generations: tuple[int, int]

    @property
    def refutes(self) -> bool:
        """Whether the prediction lies outside."""
        return not self.interval[0] <= 1 <= self.interval[1]


def chained(recorded: Times) -> Times:
    """The first successive generations of those recorded, twenty at most.

    Examples
    --------
    >>> chained(np.array([1, 2, 3, 5, 6])).tolist()
    [1, 2, 3]
    """
    breaks = np.flatnonzero(np.diff(recorded) != 1)
    return recorded[: (breaks[0] + 1 if breaks.size else recorded.size)][:LENGTH]


def linear_until(covariance: Floats, variance: Floats, size: int) -> NDArray[np.intp]:
    """How many generations the noise of each run is that of the first order.

    Parameters
    ----------
    covariance
        As in `scatter`, to first order.
    variance
        Variance over runs where the law of the run is carried further; (runs, generations).
    size
        Points in one batch, as claimed.

    Notes
    -----
    Where runs part the variance grows, and just before, where those ahead and those behind are both
    seen to bend, it falls. Half of what excess is allowed for may it grow, and fall by a quarter;
    the generation before it does more is left out, too.

    Examples
    --------
    >>> covariance = np.tile(np.eye(4), (2, 1, 1))
    >>> linear_until(covariance, np.array([[1, 1.1, 1.3, 1], [1, 1, 1, 1]]), 100).tolist()
    [1, 4]
    """
    excess = LACKING + EXCESS / size
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.log(variance / np.diagonal(covariance, axis1=1, axis2=2))
    fine = (away < excess / 2) & (away > -excess / 4)
    until = np.cumprod(fine, axis=1).sum(axis=1)
    return np.asarray(np.where(until < fine.shape[1], np.maximum(until - 1, 0), until))


def scatter(
    residual: Floats,
    covariance: Floats,
    times: Times,
    size: int,
    level: float,
    lengths: NDArray[np.intp] | None = None,
) -> Scatter | None:
    """The scatter of some runs; None with too few of them, or of their generations.

    Parameters
    ----------
    residual
        Recorded log Tr less what it is seen about, shape (runs, generations).
    covariance
        Predicted covariance over the generations, shape (runs, generations, generations); NaN
        from where on a run is not predicted.
    times
        The generations.
    size
        Points in one batch, as claimed.
    level
        Level of the interval.
    lengths
        How many generations of each run count; None: all.

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> walks = rng.standard_normal((10, 20)).cumsum(axis=1)
    >>> times = np.arange(1, 21)
    >>> covariance = np.tile(np.minimum.outer(times, times), (10, 1, 1))
    >>> scatter(walks, covariance, times, 200, 0.99).refutes
    False
    >>> scatter(walks, 2 * covariance, times, 200, 0.99).refutes
    True
    """
    known = np.isfinite(residual) & np.isfinite(np.diagonal(covariance, axis1=1, axis2=2))
    ends = np.cumprod(known, axis=1).sum(axis=1)
    ends = ends if lengths is None else np.minimum(ends, lengths)
    found = [
        _new(residual[ends == end, :end], covariance[ends == end, :end, :end], times[:end])
        for end in np.unique(ends)
    ]
    squares = np.concatenate(found)
    free = np.repeat(np.unique(ends) - TAKEN, [each.size for each in found])
    total = int(free.sum())
    if squares.size < FEWEST or not squares.any():
        return None
    # The error that runs show: a run counts once, by what it has beyond the common ratio.
    ratio = float(squares.sum()) / total
    apart = squares - ratio * free
    alone = float(np.sqrt(2 / total))
    shown = np.sqrt((apart**2).sum() * squares.size / (squares.size - 1)) / total / ratio
    error = max(float(shown), alone)
    reach = float(special.ndtri((1 + level) / 2))
    excess = LACKING + EXCESS / size
    return Scatter(
        ratio,
        (
            float(ratio * np.exp(-excess - reach * error)),
            float(ratio * np.exp(LACKING + reach * error)),
        ),
        float(np.exp(excess + (reach + float(special.ndtri(POWER))) * alone)),
        (int(times[0]), int(times[int(ends.max()) - 1])),
    )


def _new(residual: Floats, covariance: Floats, times: Times) -> Floats:
    """Sums of the squares of the new noise of runs, a parabola in log t taken out; none of a run
    whose covariance is not known, and of no run if one is not positive definite."""
    usable = np.isfinite(residual).all(axis=1) & np.isfinite(covariance).all(axis=(1, 2))
    if times.size <= TAKEN or not usable.any():
        return np.zeros(0)
    try:
        root = np.linalg.cholesky(covariance[usable])
    except np.linalg.LinAlgError:
        return np.zeros(0)
    place = np.log(times / times[-1])
    trend = np.stack([np.ones_like(place), place, place**2], axis=1)
    white = np.linalg.solve(root, residual[usable][:, :, None])
    basis = np.linalg.qr(np.linalg.solve(root, np.tile(trend, (len(root), 1, 1))))[0]
    new = white - basis @ (np.swapaxes(basis, 1, 2) @ white)
    return np.asarray((new[:, :, 0] ** 2).sum(axis=1))
