"""LAW: the laws that the likelihood of the increments does not exclude.

Increments are Gaussian with a law's mean and a noise that is constant or decays like ``t**-1/2`` or
``1/t``, plus measurement noise; the scale is estimated. A law is kept if twice its loss of log
likelihood against the best is at most 8. All records of one call have the same generations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from numerics.monitoring.shapes import FREE_SIZE, LAWS, Shape, shapes

Array = NDArray[np.float64]
KEPT = 8.0
GRIDDED = ("plateau", "logarithmic")
INTERVAL = 3.841  # chi-squared, one degree of freedom, 95 per cent
LONGEST = 300
DISAGREE = 3.0
NOISES: tuple[tuple[float, float], ...] = (
    *((0.0, r) for r in (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4)),
    *((p, r) for p in (0.5, 1.0) for r in (0.0, 1e-4, 1e-3, 1e-2, 0.1, 1.0)),
)


@dataclass(frozen=True)
class Law:
    """One law on one set of records.

    Attributes
    ----------
    name : str
    kept : bool
        Whether the likelihood does not exclude it.
    deficit : float
        Twice the loss of log likelihood against the best law.
    coefficient : float or None
        Apparent rate (geometric), exponent (power) or depth (plateau) over the window.
    interval : (float, float) or None
        Its 95 per cent profile interval.
    half : (float, float)
        95 per cent interval of the generation at which half is gone; infinite is never.
    halves_agree : bool
        Whether both halves of the record have the same coefficient; projections need it.
    """

    name: str
    kept: bool
    deficit: float
    coefficient: float | None
    interval: tuple[float, float] | None
    half: tuple[float, float]
    halves_agree: bool


@dataclass(frozen=True)
class Fit:
    """A shape and a noise with their best coefficient: where likelihood gaps start from."""

    shape: Shape
    noise: tuple[float, float]
    coefficient: float
    variance: float


@dataclass(frozen=True)
class LawSet:
    """Every law with its fate, over the window of generations that was used."""

    laws: tuple[Law, ...]
    window: tuple[int, int]
    runs: int
    best: Fit

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the surviving laws."""
        return tuple(law.name for law in self.laws if law.kept)

    @property
    def half(self) -> tuple[float, float] | None:
        """Union of the survivors' intervals; None if some survivor's halves disagree."""
        kept = [law for law in self.laws if law.kept]
        if not all(law.halves_agree for law in kept):
            return None
        return min(law.half[0] for law in kept), max(law.half[1] for law in kept)


def thinned(generation: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of at most 300 generations, evenly spread: what the covariances can carry."""
    if generation.size <= LONGEST:
        return np.arange(generation.size)
    return np.unique(np.linspace(0, generation.size - 1, LONGEST).round().astype(np.int64))


def increments_covariance(generation: Array, power: float, ratio: float) -> Array:
    """Covariance of increments between recorded generations.

    The innovations have the variance ``t**(-2 power)`` in generation t, the measurement errors of
    the recorded values the variance `ratio`.
    """
    last = int(generation[-1])
    each = np.arange(1.0, last + 1) ** (-2 * power)
    total = np.concatenate([[0.0], np.cumsum(each)])
    found = np.diag(np.diff(total[generation.astype(int)])) + 1e-12 * np.eye(generation.size - 1)
    if ratio:
        k = generation.size - 1
        found = found + ratio * (2 * np.eye(k) - np.eye(k, k=1) - np.eye(k, k=-1))
    return np.asarray(found)


@dataclass
class _Grid:
    """Log likelihoods of all records for every shape and noise, with what they rest on."""

    log: Array  # (records, shapes, noises)
    coefficient: Array
    rss: Array
    information: Array  # (shapes, noises)


def _grid(steps: Array, generation: Array, forms: list[Shape], unit: float) -> _Grid:
    """`steps` has the shape (records, runs, increments); runs of a record share the law."""
    records, runs, size = steps.shape
    count = runs * size
    shape = (records, len(forms), len(NOISES))
    log, rss, coefficient = np.empty(shape), np.empty(shape), np.zeros(shape)
    information = np.zeros(shape[1:])
    means = np.array([np.diff(form.mean(generation, generation[0])) for form in forms])
    free = np.array([form.law in FREE_SIZE for form in forms])
    fixed = np.array([unit if form.law == "logarithmic" else 0.0 for form in forms])
    for j, (power, ratio) in enumerate(NOISES):
        lower = cholesky(increments_covariance(generation, power, ratio), lower=True)
        inverse = solve_triangular(lower, np.eye(size), lower=True)
        z = steps @ inverse.T
        v = means @ inverse.T
        mean = z.mean(axis=1)
        squares = (z * z).sum(axis=(1, 2))
        cross = mean @ v.T  # (records, forms)
        vv = (v * v).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            b = np.where(free, np.minimum(np.where(vv > 0, cross / vv, 0.0), 0.0), fixed)
        left = squares[:, None] - runs * (2 * b * cross - b * b * vv)
        rss[:, :, j] = np.maximum(left, 1e-300)
        coefficient[:, :, j] = b
        information[:, j] = runs * vv
        log[:, :, j] = -0.5 * count * np.log(rss[:, :, j] / count)
        log[:, :, j] -= runs * np.log(np.diag(lower)).sum()
    return _Grid(log, coefficient, rss, information)


def _halves_agree(steps: Array, generation: Array, fit: Fit) -> bool:
    """Whether both halves want the same coefficient of the law, at the noise that fits best."""
    if fit.shape.law not in FREE_SIZE or steps.shape[1] < 6:
        return True
    covariance = increments_covariance(generation, *fit.noise)
    mean = np.diff(fit.shape.mean(generation, generation[0]))
    middle = steps.shape[1] // 2
    found = []
    for part in (slice(None, middle), slice(middle, None)):
        inverse = np.linalg.inv(covariance[part, part])
        information = float(mean[part] @ inverse @ mean[part])
        if information <= 0:
            return True
        found.append(
            (float(steps.mean(axis=0)[part] @ inverse @ mean[part]) / information, information)
        )
    (first, i), (second, j) = found
    spread = math.sqrt(fit.variance / len(steps) * (1 / i + 1 / j))
    return abs(first - second) <= DISAGREE * spread


def law_sets(heights: Array, generation: NDArray[np.int64], unit: float = 1.0) -> list[LawSet]:
    """The surviving laws of each of several records.

    Parameters
    ----------
    heights : array of shape (records, runs, generations)
        Logs of diversities; runs of a record are independent and follow one law.
    generation : array of shape (generations,)
        At least five.
    unit : float
        What one halving is: log 2 times this (the dimension, for log-determinants).

    Examples
    --------
    >>> t = np.arange(80)
    >>> noise = 0.01 * np.cumsum(np.cos(t**1.7))
    >>> found = law_sets((-0.05 * t + noise)[None, None], t)[0]
    >>> found.kept, round(found.laws[0].coefficient, 2)
    (('geometric',), 0.05)
    """
    chosen = thinned(generation)
    time = generation[chosen].astype(float)
    steps = np.diff(heights[:, :, chosen], axis=2)
    forms = shapes(int(time[-1] - time[0]) + 1)
    grid = _grid(steps, time, forms, unit)
    return [_one(grid, i, steps[i], time, forms, unit) for i in range(len(heights))]


def _one(grid: _Grid, i: int, steps: Array, time: Array, forms: list[Shape], unit: float) -> LawSet:
    log, rss = grid.log[i], grid.rss[i]
    count = steps.size
    top = float(log.max())

    def fit(rows: list[int]) -> Fit:
        at = np.unravel_index(int(np.argmax(log[rows])), log[rows].shape)
        row, j = rows[int(at[0])], int(at[1])
        return Fit(
            forms[row], NOISES[j], float(grid.coefficient[i, row, j]), float(rss[row, j]) / count
        )

    found = []
    for name in LAWS:
        rows = [k for k, form in enumerate(forms) if form.law == name]
        best = float(log[rows].max())
        ends: list[float] = []
        halves: list[float] = []
        for k in rows:
            for j in np.flatnonzero(2 * (best - log[k]) <= INTERVAL):
                b = float(grid.coefficient[i, k, j])
                sides = [b]
                if name in FREE_SIZE and grid.information[k, j] > 0:
                    room = math.expm1((INTERVAL - 2 * (best - log[k, j])) / count)
                    width = math.sqrt(rss[k, j] * room / grid.information[k, j])
                    sides = [b - width, min(b + width, 0.0)]
                ends += sides
                halves += [forms[k].half(side, time[0], unit) for side in sides]
        if name in GRIDDED:
            # The truth lies between two shapes: the neighbours of those that fit bound it.
            near = {k for k in rows if 2 * (best - log[k].max()) <= INTERVAL}
            for k in {k + side for k in near for side in (-1, 1)} & (set(rows) - near):
                b = float(grid.coefficient[i, k, int(np.argmax(log[k]))])
                halves.append(forms[k].half(b, time[0], unit))
        own = fit(rows)
        sized = name in FREE_SIZE
        found.append(
            Law(
                name,
                2 * (top - best) <= KEPT,
                2 * (top - best),
                -own.coefficient if sized else None,
                (-max(ends), -min(ends)) if sized else None,
                (min(halves), max(halves)),
                _halves_agree(steps, time, own),
            )
        )
    return LawSet(
        tuple(found), (int(time[0]), int(time[-1])), len(steps), fit(list(range(len(forms))))
    )


def needed(found: LawSet, unit: float = 1.0) -> tuple[int | None, int | None]:
    """Runs, or generations, with which the survivors would be told apart, if the best is true.

    Twice the expected gap of log likelihoods must reach 16, twice the threshold. None where no
    hundredfold is enough, or nothing falls.
    """
    truth = found.best
    if len(found.kept) < 2 or truth.shape.law == "none" or truth.coefficient == 0:
        return None, None
    begin, end = found.window

    def gap(last: float) -> float:
        grid = np.unique(np.linspace(begin, last, min(int(last - begin) + 1, 200)).round())
        lower = cholesky(increments_covariance(grid, *truth.noise), lower=True)

        def white(form: Shape) -> Array:
            return np.asarray(solve_triangular(lower, np.diff(form.mean(grid, begin)), lower=True))

        mean = truth.coefficient * white(truth.shape)
        least = math.inf
        for form in shapes(end - begin + 1):
            if form.law == truth.shape.law or form.law not in found.kept:
                continue
            v = white(form)
            size = unit if form.law == "logarithmic" else 0.0
            if form.law in FREE_SIZE and v @ v > 0:
                size = min(float(mean @ v / (v @ v)), 0.0)
            least = min(least, float(((mean - size * v) ** 2).sum()))
        return least / truth.variance * found.runs

    now = gap(end)
    runs = math.ceil(2 * KEPT / now * found.runs) if now > 0 else None
    for factor in (1.5, 2, 3, 4, 6, 8, 12, 16, 25, 50, 100):
        last = begin + factor * (end - begin)
        if last <= 20_000 and gap(last) >= 2 * KEPT:
            return _within(runs, found.runs), round(last)
    return _within(runs, found.runs), None


def _within(runs: int | None, now: int) -> int | None:
    return runs if runs is not None and runs <= 100 * now else None
