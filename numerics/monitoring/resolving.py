"""With how many runs or generations the surviving laws would be told apart."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from numerics.monitoring.laws import KEPT, LawSet
from numerics.monitoring.likelihood import increments_covariance
from numerics.monitoring.shapes import FREE_SIZE, Shape, shapes

Array = NDArray[np.float64]


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
