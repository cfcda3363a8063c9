"""LOSS: this run is below (1 - delta) of its start; only measurement error is assumed.

Counts: a binomial e-process against "the mass never fell below (1 - delta) of the reference's",
whose own uncertainty is a Clopper-Pearson bound that takes half of the error. Values with a stated
standard deviation: a Gaussian bound, its error split over the generations. Values alone: printed as
observed, without an error probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import beta, norm

from numerics.monitoring.signs import log_start_mixture
from theory.errors import RunsError

Array = NDArray[np.float64]
# Alternatives: what is left of the mass under the null.
LEFT = (0.97, 0.9, 0.75, 0.5, 0.25, 0.05)
COUNTS_DELTA = 0.1


@dataclass(frozen=True)
class Loss:
    """Whether a run has lost diversity since its start.

    Attributes
    ----------
    basis : str
        ``counts``, ``sd`` or ``observed``.
    delta : float
        The fraction that counts as lost.
    alpha : float or None
        Error probability of the alarm; None for what was merely observed.
    generation : int or None
        First generation at which the loss is shown (or observed).
    left : float
        What is left at the last generation, as a fraction of the start.
    """

    basis: str
    delta: float
    alpha: float | None
    generation: int | None
    left: float


def from_counts(
    generation: NDArray[np.int64],
    counts: Array,
    totals: Array,
    reference: tuple[float, float],
    alpha: float,
    delta: float = COUNTS_DELTA,
) -> Loss:
    """Judge counts of a region (a tail, a mode) among samples of each generation.

    Parameters
    ----------
    generation, counts, totals : arrays of shape (generations,)
        How many of `totals` fresh samples fell into the region.
    reference : (float, float)
        The same of the reference data.
    alpha, delta : float
        Error probability; fraction that counts as lost.

    Raises
    ------
    RunsError
        If a count is no integer from 0 to its total.

    Examples
    --------
    >>> from_counts(np.arange(4), np.full(4, 30.0), np.full(4, 1000.0), (500, 5000), .01).generation
    0
    """
    for k, m in ((counts, totals), (np.array(reference[:1]), np.array(reference[1:]))):
        bad = np.flatnonzero((k < 0) | (k > m) | (k != np.round(k)) | (m != np.round(m)) | (m < 1))
        if bad.size:
            raise RunsError(
                "counts must be integers from 0 to their total, totals 1 or more, "
                f"not {k[bad[0]]:g} of {m[bad[0]]:g}"
            )
    hits, size = reference
    low = float(beta.ppf(alpha / 2, hits, size - hits + 1)) if hits else 0.0
    null = (1 - delta) * low
    if null <= 0:
        return Loss("counts", delta, alpha, None, float("nan"))
    parts = []
    for left in LEFT:
        other = left * null
        logs = xlogy(counts, left) + (totals - counts) * (np.log1p(-other) - np.log1p(-null))
        parts.append(log_start_mixture(logs[None])[0])
    log_e = np.logaddexp.reduce(np.array(parts), axis=0) - np.log(len(LEFT))
    alarm = np.flatnonzero(log_e >= np.log(2 / alpha))
    left_now = counts[-1] / totals[-1] * size / hits
    return Loss(
        "counts", delta, alpha, int(generation[alarm[0]]) if alarm.size else None, float(left_now)
    )


def from_values(
    generation: NDArray[np.int64],
    ratio: Array,
    sd: Array | None,
    alpha: float,
    delta: float,
) -> Loss:
    """Judge values as fractions of the first one.

    Parameters
    ----------
    generation, ratio : arrays of shape (generations,)
        `ratio` is the value over the first value.
    sd : array of shape (generations,) or None
        Standard deviations of the measurement errors, in units of the first value. Generation i
        spends ``alpha / (i (i + 1))`` of the error.
    alpha, delta : float
        Error probability; fraction that counts as lost.

    Examples
    --------
    >>> values = np.array([1.0, 0.9, 0.6, 0.5])
    >>> from_values(np.arange(4), values, None, .01, .25).generation
    2
    >>> from_values(np.arange(4), values, np.full(4, 0.05), .01, .25).generation
    3
    """
    edge = 1 - delta
    if sd is None:
        below = np.flatnonzero(ratio < edge)
        basis = "observed"
    else:
        if np.any(sd < 0):
            raise RunsError(f"a standard deviation is negative: {sd.min():g}")
        i = np.arange(1, ratio.size)
        quantile = norm.isf(alpha / (i * (i + 1)))
        spread = np.sqrt(sd[1:] ** 2 + (edge * sd[0]) ** 2)
        below = 1 + np.flatnonzero(ratio[1:] + quantile * spread < edge)
        basis = "sd"
    first = int(generation[below[0]]) if below.size else None
    return Loss(basis, delta, None if sd is None else alpha, first, float(ratio[-1]))
