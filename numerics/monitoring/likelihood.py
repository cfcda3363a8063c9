"""Log likelihoods of the increments of recorded heights, for every law's shape and every noise.

Increments are Gaussian with a law's mean and a noise that is constant or decays like ``t**-1/2`` or
``1/t``, plus measurement noise; the scale is estimated. Runs of a record may end at different
generations: a whitening matrix is triangular, so that a shorter run has its leading block.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from numerics.monitoring.shapes import FREE_SIZE, Shape

Array = NDArray[np.float64]
LONGEST = 300
# Standard errors between the coefficients of the two halves of a record.
DISAGREE = 3.0
# A plateau is told from a straight line only if it bends within the record.
BENDS = 3.0
NOISES: tuple[tuple[float, float], ...] = (
    *((0.0, r) for r in (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4)),
    *((p, r) for p in (0.5, 1.0) for r in (0.0, 1e-4, 1e-3, 1e-2, 0.1, 1.0)),
)


@dataclass(frozen=True)
class Fit:
    """A shape and a noise with their best coefficient: where likelihood gaps start from."""

    shape: Shape
    noise: tuple[float, float]
    coefficient: float
    variance: float


@dataclass(frozen=True)
class Grid:
    """Log likelihoods of all records for every shape and noise, with what they rest on.

    Attributes
    ----------
    log, coefficient, rss, information : arrays of shape (records, shapes, noises)
    count : array of shape (records,)
        Increments of all runs of the record.
    """

    log: Array
    coefficient: Array
    rss: Array
    information: Array
    count: NDArray[np.int64]


def thinned(generation: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of at most 300 generations, evenly spread: what the covariances can carry."""
    if generation.size <= LONGEST:
        return np.arange(generation.size)
    return np.unique(np.linspace(0, generation.size - 1, LONGEST).round().astype(np.int64))


def increments_covariance(generation: Array, power: float, ratio: float) -> Array:
    """Covariance of increments between recorded generations.

    The innovations have the variance ``t**(-2 power)`` in generation t, relative to that of the
    first step; the measurement errors of the recorded values the variance `ratio`.
    """
    since = (generation - generation[0]).astype(int)
    each = (generation[0] + np.arange(1.0, since[-1] + 1)) ** (-2 * power)
    # Relative to the first step, so that a record that begins late has a scale of its own.
    total = np.concatenate([[0.0], np.cumsum(each / each[0])])
    found = np.diag(np.diff(total[since])) + 1e-12 * np.eye(generation.size - 1)
    if ratio:
        k = generation.size - 1
        found = found + ratio * (2 * np.eye(k) - np.eye(k, k=1) - np.eye(k, k=-1))
    return np.asarray(found)


def lengths(steps: Array) -> NDArray[np.int64]:
    """Recorded increments of each run, of shape (records, runs); the rest are NaN."""
    return np.asarray(np.isfinite(steps).sum(axis=2))


def grid(steps: Array, generation: Array, forms: Sequence[Shape], unit: float) -> Grid:
    """All log likelihoods.

    Parameters
    ----------
    steps : array of shape (records, runs, increments)
        Runs of a record share the law; NaN after a run's end.
    generation : array of shape (increments + 1,)
    forms : sequence of Shape
    unit : float
        Size of the logarithmic law.
    """
    records, _, size = steps.shape
    alive = np.isfinite(steps)
    known = np.where(alive, steps, 0.0)
    at = alive.sum(axis=1).astype(np.float64)  # (records, increments): runs that are recorded
    count = alive.sum(axis=(1, 2))
    shape = (records, len(forms), len(NOISES))
    log, rss, coefficient = np.empty(shape), np.empty(shape), np.zeros(shape)
    information = np.empty(shape)
    means = np.array([np.diff(form.mean(generation, generation[0])) for form in forms])
    free = np.array([form.law in FREE_SIZE for form in forms])
    fixed = np.array([unit if form.law == "logarithmic" else 0.0 for form in forms])
    for j, (power, ratio) in enumerate(NOISES):
        lower = cholesky(increments_covariance(generation, power, ratio), lower=True)
        inverse = solve_triangular(lower, np.eye(size), lower=True)
        z = np.where(alive, known @ inverse.T, 0.0)
        v = means @ inverse.T
        squares = (z * z).sum(axis=(1, 2))
        cross = z.sum(axis=1) @ v.T
        vv = at @ (v * v).T
        with np.errstate(divide="ignore", invalid="ignore"):
            b = np.where(free, np.minimum(np.where(vv > 0, cross / vv, 0.0), 0.0), fixed)
        left = squares[:, None] - 2 * b * cross + b * b * vv
        rss[:, :, j] = np.maximum(left, 1e-300)
        coefficient[:, :, j] = b
        information[:, :, j] = vv
        log[:, :, j] = -0.5 * count[:, None] * np.log(rss[:, :, j] / count[:, None])
        log[:, :, j] -= (at @ np.log(np.diag(lower)))[:, None]
    # A plateau with a time beyond a third of its record is a straight line, whatever others need.
    spans = generation[lengths(steps).max(axis=1)] - generation[0] + 1
    for k, form in enumerate(forms):
        if form.law == "plateau":
            log[form.number > np.maximum(spans / BENDS, 2.0), k] = -np.inf
    return Grid(log, coefficient, rss, information, count)


def halves_agree(steps: Array, generation: Array, fit: Fit) -> bool:
    """Whether both halves want the same coefficient of the law, at the noise that fits best.

    Parameters
    ----------
    steps : array of shape (runs, increments)
        NaN after a run's end; all are cut in the middle of the longest.
    generation, fit
    """
    long = lengths(steps[None])[0]
    if fit.shape.law not in FREE_SIZE or long.max() < 6:
        return True
    covariance = increments_covariance(generation, *fit.noise)
    mean = np.diff(fit.shape.mean(generation, generation[0]))
    # One middle for all runs: a middle of their own would depend on when they end, and they may
    # end because they have fallen.
    middle = int(long.max()) // 2
    cross, information = np.zeros(2), np.zeros(2)
    for length in np.unique(long):
        runs = steps[long == length]
        for half, part in enumerate((slice(0, min(middle, length)), slice(middle, length))):
            if part.stop > part.start:
                weighted = np.linalg.solve(covariance[part, part], mean[part])
                cross[half] += float(runs[:, part].sum(axis=0) @ weighted)
                information[half] += len(runs) * float(mean[part] @ weighted)
    if np.any(information <= 0):
        return True
    first, second = cross / information
    spread = math.sqrt(fit.variance * float((1 / information).sum()))
    # A fall without any noise has halves that differ by rounding alone.
    return bool(abs(first - second) <= DISAGREE * spread + 1e-6 * abs(first + second))
