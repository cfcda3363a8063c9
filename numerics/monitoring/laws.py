"""LAW: the laws that the likelihood of the increments does not exclude.

A law is kept if twice its loss of log likelihood against the best is at most 8.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from numerics.monitoring.likelihood import NOISES, Fit, Grid, grid, halves_agree, thinned
from numerics.monitoring.shapes import FREE_SIZE, LAWS, Shape, shapes

Array = NDArray[np.float64]
KEPT = 8.0
GRIDDED = ("plateau", "logarithmic")
INTERVAL = 0.05


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


def law_sets(heights: Array, generation: NDArray[np.int64], unit: float = 1.0) -> list[LawSet]:
    """The surviving laws of each of several records.

    Parameters
    ----------
    heights : array of shape (records, runs, generations)
        Logs of diversities; runs of a record are independent and follow one law. NaN after the
        end of a run.
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
    found = grid(steps, time, forms, unit)
    return [_one(found, i, steps[i], time, forms, unit) for i in range(len(heights))]


def _limit(count: int) -> float:
    """Twice the loss of log likelihood at the ends of a 95 per cent interval.

    That of a mean with known covariance up to scale: ``count log(1 + t**2 / (count - 1))``, with t
    the quantile of Student's law.
    """
    t = float(stdtrit(count - 1, 1 - INTERVAL / 2))
    return count * math.log1p(t * t / (count - 1))


def _one(grid: Grid, i: int, steps: Array, time: Array, forms: list[Shape], unit: float) -> LawSet:
    log, rss = grid.log[i], grid.rss[i]
    count = int(grid.count[i])
    top = float(log.max())
    limit = _limit(count)

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
            for j in np.flatnonzero(2 * (best - log[k]) <= limit):
                b = float(grid.coefficient[i, k, j])
                sides = [b]
                if name in FREE_SIZE and grid.information[i, k, j] > 0:
                    room = math.expm1((limit - 2 * (best - log[k, j])) / count)
                    width = math.sqrt(rss[k, j] * room / grid.information[i, k, j])
                    sides = [b - width, min(b + width, 0.0)]
                ends += sides
                halves += [forms[k].half(side, time[0], unit) for side in sides]
        if name in GRIDDED:
            # The truth lies between two shapes: the neighbours of those that fit bound it.
            near = {k for k in rows if 2 * (best - log[k].max()) <= limit}
            for k in {k + side for k in near for side in (-1, 1)} & (set(rows) - near):
                if np.isneginf(log[k]).all():
                    continue
                b = float(grid.coefficient[i, k, int(np.argmax(log[k]))])
                halves.append(forms[k].half(b, time[0], unit))
        own = fit(rows)
        sized = name in FREE_SIZE
        found.append(
            Law(
                name,
                2 * (top - best) <= KEPT,
                2 * (top - best),
                0.0 - own.coefficient if sized else None,
                (0.0 - max(ends), 0.0 - min(ends)) if sized else None,
                (min(halves), max(halves)),
                halves_agree(steps, time, own),
            )
        )
    last = int(time[np.isfinite(steps).sum(axis=1).max()])
    return LawSet(tuple(found), (int(time[0]), last), len(steps), fit(list(range(len(forms)))))
