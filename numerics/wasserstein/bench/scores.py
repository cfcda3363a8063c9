"""Scores of a benchmark: bias, error and time of an estimator, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from numerics.wasserstein.bench.runner import Record
from theory.errors import InvalidInput

_LEVEL = 0.95


@dataclass(frozen=True)
class Cell:
    """One estimator on one family at one dimension and size; errors are relative to W2^2.

    Attributes
    ----------
    estimator, family, dimension, sample_size
        Which cell.
    members, replicates
        Truths, and replicates of all of them that gave a value.
    bias, bias_half
        Mean relative error, and half of its 95 % interval: over replicates, within truths.
    controlled, controlled_half
        The same after subtracting the exact zero-mean control variate, coefficient 1: the same
        expectation, less noise.
    rmse, worst_rmse
        Root mean square relative error over truths and replicates, and that of the worst truth.
    rmse_low, rmse_high
        95 % interval of `rmse`, from the spread of squared errors within truths.
    seconds
        Median processor time of a call on one thread.
    failures, unconverged, warned
        Calls without a value, calls that said they had not converged, calls that warned.
    covered
        Share of the calls with a lower bound whose bound is not above the truth, or None.
    """

    estimator: str
    family: str
    dimension: int
    sample_size: int
    members: int
    replicates: int
    bias: float
    bias_half: float
    controlled: float
    controlled_half: float
    rmse: float
    rmse_low: float
    rmse_high: float
    worst_rmse: float
    seconds: float
    failures: int
    unconverged: int
    warned: int
    covered: float | None


def cells(records: Sequence[Record]) -> list[Cell]:
    """Score records, in the order in which their cells first appear.

    Raises
    ------
    InvalidInput
        If no record is given.
    """
    if not records:
        raise InvalidInput("no unit was run: no estimator accepts these sizes and dimensions")
    groups: dict[tuple[str, str, int, int], list[Record]] = {}
    for record in records:
        unit = record.unit
        key = (unit.estimator, unit.family, unit.dimension, unit.sample_size)
        groups.setdefault(key, []).append(record)
    return [_cell(key, group) for key, group in groups.items()]


def _cell(key: tuple[str, str, int, int], group: Sequence[Record]) -> Cell:
    errors, calmed = [], []
    for record in group:
        kept = [i for i, value in enumerate(record.values) if value is not None]
        error = np.array([record.values[i] for i in kept], dtype=float) / record.squared_w2 - 1
        errors.append(error)
        controls = np.array([record.controls[i] for i in kept], dtype=float)
        calmed.append(error - controls / record.squared_w2)
    some = [each for each in errors if len(each)]
    squares = [each**2 for each in some]
    mean_square, square_half = _mean(squares)
    bounds = [
        bound <= record.squared_w2
        for record in group
        for bound in record.lower_bounds
        if bound is not None
    ]
    count = sum(len(each) for each in errors)
    return Cell(
        *key,
        len(group),
        count,
        *_mean(errors),
        *_mean(calmed),
        math.sqrt(mean_square),
        math.sqrt(max(mean_square - square_half, 0.0)),
        math.sqrt(mean_square + square_half),
        max((math.sqrt(float(each.mean())) for each in squares), default=math.nan),
        float(np.median([second for record in group for second in record.seconds])),
        sum(len(record.values) for record in group) - count,
        sum(not each for record in group for each in record.converged),
        sum(each > 0 for record in group for each in record.warned),
        float(np.mean(bounds)) if bounds else None,
    )


def _mean(parts: Sequence[np.ndarray]) -> tuple[float, float]:
    """Mean over truths of means over replicates, and half of its interval.

    The truths are the ones that were chosen, not a sample of others: only noise within counts.
    """
    some = [each for each in parts if len(each)]
    if not some:
        return math.nan, math.nan
    mean = float(np.mean([each.mean() for each in some]))
    freedom = sum(len(each) - 1 for each in some)
    if not freedom:
        return mean, math.inf
    variance = (
        sum(float(each.var(ddof=1)) / len(each) for each in some if len(each) > 1) / len(some) ** 2
    )
    return mean, float(stats.t.ppf((1 + _LEVEL) / 2, freedom)) * math.sqrt(variance)


@dataclass(frozen=True)
class Standing:
    """An estimator at one dimension and size, over families.

    Attributes
    ----------
    estimator, dimension, sample_size
        Which.
    median_rmse, worst_rmse
        Median over families of the relative RMSE, and the largest.
    seconds
        Median over families of the median time.
    families
        How many it rests on.
    best
        Whether no other one is both at least as accurate and at least as fast.
    """

    estimator: str
    dimension: int
    sample_size: int
    median_rmse: float
    worst_rmse: float
    seconds: float
    families: int
    best: bool


def front(found: Sequence[Cell]) -> list[Standing]:
    """The standing of every estimator at every dimension and size, the most accurate first."""
    groups: dict[tuple[int, int], dict[str, list[Cell]]] = {}
    for cell in found:
        place = groups.setdefault((cell.dimension, cell.sample_size), {})
        place.setdefault(cell.estimator, []).append(cell)
    standings = []
    for (dimension, size), table in sorted(groups.items()):
        rows = []
        for name, group in table.items():
            # One that fails on a family has no standing on it: count it as infinitely wrong.
            rmse = [cell.rmse if math.isfinite(cell.rmse) else math.inf for cell in group]
            time = float(np.median([cell.seconds for cell in group]))
            rows.append((float(np.median(rmse)), max(rmse), time, len(group), name))
        rows.sort(key=lambda row: (row[0], row[2], row[4]))
        fastest = math.inf
        for median, worst, time, count, name in rows:
            best = time < fastest and math.isfinite(median)
            fastest = min(fastest, time)
            standings.append(Standing(name, dimension, size, median, worst, time, count, best))
    return standings
