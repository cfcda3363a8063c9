"""TREND: the evidence of all runs of a loop against what healthy means.

Independent runs are joined in two ways, half of the stake on each: the product of their evidence,
which is strong when one run falls and the others do not; and evidence of all runs betting alike,
which is strong when all fall a little. For the second the factors of all runs are multiplied before
they are mixed over bets and beginnings, and LOOP reads the mean path.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from numerics.monitoring.finding import Trend
from numerics.monitoring.loop import log_loop, log_trend
from numerics.monitoring.metrics import Metric
from numerics.monitoring.pooling import mean_path, panels, pooled
from numerics.monitoring.signs import (
    exchangeable_factors,
    faster_factors,
    log_mixture,
    symmetric_factors,
)
from numerics.monitoring.table import Record
from theory.errors import RunsError

Array = NDArray[np.float64]
NULLS = {
    "loop": ("calibrated", "healthy loops are AR(1) or have increments symmetric given the past"),
    "symmetric": ("exact", "increments are symmetric given the past"),
    "exchangeable": ("exact", "generations do not feed each other and are exchangeable"),
    "theory": ("exact", "log det falls no faster than Replace with n samples in dimension d"),
}
# Runs beyond which it is not asked again whether a drop alone raised the alarm.
ASKED_AGAIN = 50


def _bets(null: str, n: float | None, d: float | None) -> Callable[[Array], Array]:
    """Heights (runs, generations) to log factors (bets, runs, steps) of the null's signs."""
    if null == "exchangeable":
        return exchangeable_factors
    if null == "theory":
        if n is None or d is None:
            raise RunsError("the theory null needs n and d: columns of the table, or --at n=.,d=.")
        size, dimension = int(n), int(d)
        return lambda heights: faster_factors(heights, size, dimension)
    return symmetric_factors


def _padded(parts: list[Array], length: int) -> Array:
    """Sum over panels; a run that has ended bets no more."""
    total = np.zeros((parts[0].shape[0], 1, length))
    for part in parts:
        total[:, :, : part.shape[2]] += part
    return total


def joined(
    null: str,
    heights: Sequence[Array],
    groups: Sequence[str] | None,
    bets: Callable[[Array], Array],
    drops: bool = True,
) -> Array:
    """Log evidence of runs at each generation; runs of one group are averaged, groups multiplied.

    Parameters
    ----------
    null : str
    heights : sequence of arrays of shape (generations,)
    groups : sequence of str, or None
        None: all runs are averaged.
    bets
        See `_bets`.
    drops : bool
        Whether LOOP counts a single drop.
    """
    alone = groups is not None and len(set(groups)) == len(groups) > 1
    logs: list[Array] = [np.zeros(0)] * len(heights)
    shared = []
    for rows in panels(heights):
        block = np.array([heights[i] for i in rows])
        factors = bets(block)
        found = log_mixture(factors)
        if null == "loop":
            found = log_trend(block, found, drops)
        for row, each in zip(rows, found, strict=True):
            logs[row] = each
        if alone:
            shared.append(factors.sum(axis=1, keepdims=True))
    if groups is None:
        return pooled(logs, False)
    members: dict[str, list[Array]] = {}
    for group, each in zip(groups, logs, strict=True):
        members.setdefault(group, []).append(each)
    product = pooled([pooled(runs, False) for runs in members.values()], True)
    if not alone:
        return product
    mean = mean_path(heights)
    return _half(product, _alike(null, _padded(shared, mean.size - 1), mean, drops))


def _alike(null: str, factors: Array, mean: Array, drops: bool = True) -> Array:
    """Evidence of runs that bet alike, from summed factors (bets, 1, steps) and the mean path."""
    found = log_mixture(factors)[0]
    return _half(found, log_loop(mean[None], drops)[0]) if null == "loop" else found


def _half(first: Array, second: Array) -> Array:
    return np.asarray(np.logaddexp(first, second) - np.log(2))


def _delay(heights: Sequence[Array], runs: int, level: float) -> float | None:
    steps = np.concatenate([np.diff(each) for each in heights])
    spread = float(np.var(steps))
    drift = float(steps.mean())
    if drift >= 0 or spread <= 0:
        return None
    return max(2 * level * spread / (drift**2 * runs), 1.0)


def _earliest(null: str, runs: int, level: float, bets: Callable[[Array], Array]) -> int | None:
    """Feed the evidence with the steadiest fall there can be, in `runs` independent runs."""
    if null == "theory":
        return 1
    ideal = -np.arange(61.0)
    path = joined(null, [ideal], None, bets) * runs
    if runs > 1:
        path = _half(path, _alike(null, bets(ideal[None]) * runs, ideal))
    hits = np.flatnonzero(path >= level)
    return int(hits[0]) if hits.size else None


def trend(
    metric: Metric,
    records: Sequence[Record],
    heights: Sequence[Array],
    null: str,
    level: float,
    independent: bool,
    grouped: bool,
    n: float | None,
    d: float | None,
) -> Trend | None:
    """Judge the heights of one metric of one loop; None where the null does not speak of it.

    Parameters
    ----------
    metric, records
    heights : sequence of arrays of shape (generations,)
        At least two values each.
    null : str
    level : float
        Log evidence at which the alarm is raised.
    independent, grouped : bool
        Whether runs share nothing; whether the table's groups say so more finely.
    n, d : float or None
        Sizes, for the theory null.
    """
    if null == "theory" and not metric.is_log_det:
        return None
    bets = _bets(null, n, d)
    groups: list[str] | None = None
    if grouped:
        groups = [record.group for record in records]
    elif independent:
        groups = [str(i) for i in range(len(records))]
    path = joined(null, heights, groups, bets)
    hits = np.flatnonzero(path >= level)
    single = False
    if null == "loop" and hits.size and len(records) <= ASKED_AGAIN:
        without = joined(null, heights, groups, bets, drops=False)
        single = not bool(np.any(without[: hits[0] + 1] >= level - np.log(2)))
    begin = int(min(record.generation[0] for record in records))
    label, assumption = NULLS[null]
    apart = len(set(groups or ["all"]))
    return Trend(
        null,
        label,
        assumption,
        begin + int(hits[0]) if hits.size else None,
        float(path.max()),
        level,
        tuple(float(x) for x in path),
        _earliest(null, apart, level, bets),
        _delay(heights, apart, level),
        single,
    )
