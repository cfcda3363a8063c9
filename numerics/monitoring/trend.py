"""TREND: the evidence of all runs of a loop against what healthy means."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from numerics.monitoring.finding import Trend
from numerics.monitoring.loop import log_trend
from numerics.monitoring.metrics import Metric
from numerics.monitoring.signs import (
    log_exchangeable,
    log_faster_than_replace,
    log_symmetric,
    pooled,
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


def _evidence(null: str, heights: Array, n: float | None, d: float | None) -> Array:
    if null == "exchangeable":
        return log_exchangeable(heights)
    if null == "theory":
        if n is None or d is None:
            raise RunsError("the theory null needs n and d: columns of the table, or --at n=.,d=.")
        return log_faster_than_replace(heights, int(n), int(d))
    symmetric = log_symmetric(heights)
    return symmetric if null == "symmetric" else log_trend(heights, symmetric)


def _panels(heights: Sequence[Array]) -> list[NDArray[np.int64]]:
    """Runs of equal length, so that many are handled at once."""
    lengths = np.array([each.size for each in heights])
    return [np.flatnonzero(lengths == length) for length in np.unique(lengths)]


def _combined(
    records: Sequence[Record],
    heights: Sequence[Array],
    evidence: Callable[[Array], Array],
    independent: bool,
    grouped: bool,
) -> Array:
    logs: list[Array] = [np.zeros(0)] * len(heights)
    for rows in _panels(heights):
        for row, each in zip(rows, evidence(np.array([heights[i] for i in rows])), strict=True):
            logs[row] = each
    if not grouped:
        return pooled(logs, independent)
    groups = dict.fromkeys(record.group for record in records)
    means = [
        pooled([x for x, r in zip(logs, records, strict=True) if r.group == group], False)
        for group in groups
    ]
    return pooled(means, True)


def _delay(heights: Sequence[Array], level: float) -> float | None:
    steps = np.concatenate([np.diff(each) for each in heights])
    spread = float(np.var(steps))
    drift = float(steps.mean())
    if drift >= 0 or spread <= 0:
        return None
    return max(2 * level * spread / (drift**2 * len(heights)), 1.0)


def _earliest(null: str, runs: int, level: float, n: float | None, d: float | None) -> int | None:
    """Feed the evidence with the steadiest fall there can be."""
    if null == "theory":
        return 1
    ideal = -np.arange(61.0)[None]
    path = _evidence(null, ideal, n, d)[0] * runs
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
    if null == "theory" and not metric.is_log_det:
        return None
    path = _combined(
        records, heights, lambda block: _evidence(null, block, n, d), independent, grouped
    )
    hits = np.flatnonzero(path >= level)
    begin = int(min(record.generation[0] for record in records))
    label, assumption = NULLS[null]
    multiplied = len({r.group for r in records}) if grouped else len(records) * independent or 1
    return Trend(
        null,
        label,
        assumption,
        begin + int(hits[0]) if hits.size else None,
        float(path.max()),
        level,
        tuple(float(x) for x in path),
        _earliest(null, multiplied, level, n, d),
        _delay(heights, level),
    )
