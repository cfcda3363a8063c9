"""The monitor: three answers about every metric of every loop, each with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.monitoring.finding import Finding, Report
from numerics.monitoring.laws import LawSet, law_sets
from numerics.monitoring.loop import LONGEST
from numerics.monitoring.loss import COUNTS_DELTA, Loss, from_counts, from_values
from numerics.monitoring.metrics import Metric, declared, guess
from numerics.monitoring.pooling import padded
from numerics.monitoring.resolving import needed
from numerics.monitoring.table import Record, Table, read_table
from numerics.monitoring.trend import NULLS
from numerics.monitoring.trend import trend as trend_of
from numerics.monitoring.window import FEWEST_FOR_LAWS, LEFT, falling, usable
from theory.errors import InvalidInput, RunsError

Array = NDArray[np.float64]
# Single runs whose own law sets are listed.
LISTED = 50


def _losses(
    metric: Metric, records: Sequence[Record], alpha: float, delta: float, unit: float
) -> dict[str, Loss]:
    if metric.bad != "down" or metric.scale == "logit":
        return {}
    found = {}
    for record in records:
        values = record.columns[metric.name]
        sd = record.columns.get(f"{metric.name}_sd")
        if metric.scale == "log":
            if values[0] <= 0:
                continue
            ratio, error = values / values[0], None if sd is None else sd / values[0]
        else:
            # A log: the loss is that of its exponential, per dimension for a log-determinant.
            ratio = np.exp(np.clip((values - values[0]) / unit, -700, 700))
            error = None if sd is None else ratio * sd / unit
        found[record.run] = from_values(record.generation, ratio, error, alpha, delta)
    return found


def _notes(metric: Metric, names: Sequence[str], cut: Sequence[str], longest: int) -> list[str]:
    notes = list(cut)
    low = metric.name.lower()
    if ("trace" in low or low.startswith("variance")) and not any(
        "logdet" in name.lower().replace("_", "") for name in names
    ):
        notes.append("log det shows a loss far earlier than the trace; record it if d > 1")
    if metric.scale == "logit":
        notes.append("counts of samples (NAME_count, NAME_n) give an exact answer on a weight")
    if longest > LONGEST:
        notes.append(f"the LOOP half of the evidence rests after generation {LONGEST}")
    return notes


def _finding(
    loop: str,
    metric: Metric,
    records: Sequence[Record],
    table: Table,
    level: float,
    alpha: float,
    options: Mapping[str, Any],
) -> Finding:
    sizes = {**{k: _constant(records, k) for k in ("n", "d")}, **options["at"]}
    unit = float(sizes["d"] or 1) if metric.is_log_det else 1.0
    kept = [usable(r.generation, r.columns[metric.name], metric, options["floor"]) for r in records]
    heights = [
        metric.heights(r.columns[metric.name][: k.length])
        for r, k in zip(records, kept, strict=True)
    ]
    grouped = table.grouped
    notes = [f"run {r.run}: {k.note}" for r, k in zip(records, kept, strict=True) if k.note]
    if len(notes) > 3:
        notes = [*notes[:3], f"and likewise {len(notes) - 3} more runs"]
    long = [i for i, h in enumerate(heights) if h.size >= 2]
    trend = None
    if long:
        trend = trend_of(
            metric,
            [records[i] for i in long],
            [heights[i] for i in long],
            options["null"],
            level,
            options["independent"],
            grouped,
            sizes["n"],
            sizes["d"],
        )
    law: LawSet | None = None
    singles: dict[str, tuple[str, ...]] = {}
    more: tuple[int | None, int | None] = (None, None)
    if metric.bad == "down" and metric.scale != "logit":
        # Laws are laws of the log of a diversity; neither a distance nor a weight has one.
        apart = grouped and len({record.group for record in records}) == len(records)
        part = heights
        if sizes["d"] or not metric.is_log_det:
            part = [falling(each, unit, FEWEST_FOR_LAWS) for each in heights]
        law, singles, more = _laws(records, part, options["independent"] or apart, unit)
        if law is not None and law.window[1] < max(r.generation[-1] for r in records):
            notes.append(f"laws are asked until {LEFT:.0%} is left, generation {law.window[1]}")
    if law is None and max(h.size for h in heights) < FEWEST_FOR_LAWS:
        notes.append(f"no law is asked of fewer than {FEWEST_FOR_LAWS} usable generations")
    return Finding(
        loop,
        metric.name,
        len(records),
        (int(min(r.generation[0] for r in records)), int(max(r.generation[-1] for r in records))),
        _losses(metric, records, alpha, options["delta"], unit),
        trend,
        law,
        more,
        singles,
        tuple(_notes(metric, table.names, notes, max(h.size for h in heights))),
        tuple(tuple(float(x) for x in h) for h in heights[:LISTED]),
    )


def _constant(records: Sequence[Record], name: str) -> float | None:
    column = records[0].columns.get(name)
    return None if column is None or np.ptp(column) else float(column[0])


def _laws(
    records: Sequence[Record], heights: Sequence[Array], independent: bool, unit: float
) -> tuple[LawSet | None, dict[str, tuple[str, ...]], tuple[int | None, int | None]]:
    """The set of all runs if they are independent or one, and the sets of single runs."""
    begins = np.array([int(record.generation[0]) for record in records])
    usable = [i for i, h in enumerate(heights) if h.size >= FEWEST_FOR_LAWS and np.ptp(h) > 0]
    singles: dict[str, tuple[str, ...]] = {}
    alone: LawSet | None = None
    for begin in np.unique(begins[usable[:LISTED]]):
        rows = [i for i in usable[:LISTED] if begins[i] == begin]
        block = padded([heights[i] for i in rows])
        time = begin + np.arange(block.shape[1])
        for i, found in zip(rows, law_sets(block[:, None], time, unit), strict=True):
            singles[records[i].run] = found.kept
            alone = found
    singles = {r.run: singles[r.run] for r in records if r.run in singles}
    law = alone if len(records) == 1 else None
    # Runs that are too short for a law of their own still count where all are pooled.
    if len(records) > 1 and independent and usable and np.ptp(begins) == 0:
        block = padded(heights)
        law = law_sets(block[None], begins[0] + np.arange(block.shape[1]), unit)[0]
    return law, singles, needed(law, unit) if law is not None else (None, None)


def _counted(
    name: str, loop: str, records: Sequence[Record], alpha: float, delta: float
) -> Finding:
    losses = {}
    for record in records:
        counts, totals = record.columns[f"{name}_count"], record.columns[f"{name}_n"]
        first = (
            record.reference.get(f"{name}_count", float(counts[0])),
            record.reference.get(f"{name}_n", float(totals[0])),
        )
        # Without a reference row the first generation is the reference, and is not judged.
        skip = 0 if f"{name}_count" in record.reference else 1
        if counts.size <= skip:
            continue
        losses[record.run] = from_counts(
            record.generation[skip:], counts[skip:], totals[skip:], first, alpha, delta
        )
    last = (int(records[0].generation[0]), int(max(r.generation[-1] for r in records)))
    return Finding(loop, name, len(records), last, losses, None, None, (None, None), {}, ())


def monitor(
    runs: Any,
    null: str = "loop",
    alpha: float = 0.01,
    delta: float = 0.25,
    independent: bool = False,
    *,
    metrics: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, str] | None = None,
    at: Mapping[str, float] | None = None,
    floor: float | None = None,
    name: str | None = None,
) -> Report:
    """Look for early signs of collapse in recorded generations.

    Parameters
    ----------
    runs
        A ``.csv`` or ``.parquet`` file, the bytes of a CSV file, or a pandas data frame: one row
        for each run and generation, see `numerics.monitoring.table.read_table`.
    null : str
        ``loop`` (calibrated), ``symmetric``, ``exchangeable`` or ``theory`` (each exact under its
        own assumption).
    alpha : float
        Bound on the probability that any TREND is ever false, all metrics and loops together; the
        same for all LOSS alarms together.
    delta : float
        What counts as a loss: below ``1 - delta`` of the start (counts: 0.1).
    independent : bool
        Whether runs share nothing, seeds included: evidence multiplies, and laws are pooled. A
        ``group`` or ``seed`` column says it more finely: runs of one share seeds.
    metrics
        Columns to judge: name to ``scale:bad``, as ``{"fid": "raw:up"}``; "" asks the name.
    columns, where
        Your names of the roles, and rows to keep.
    at
        Sizes ``n`` and ``d``, if they are no columns.
    floor : float, optional
        Values at most ten times this are the fit's ridge, not diversity, and end the record.
    name : str, optional
        What messages call the source.

    Raises
    ------
    InvalidInput, RunsError
        If an option is outside what is accepted or the table has a fault.

    Examples
    --------
    >>> rows = "".join(f"{t},{0.7 ** t}\\n" for t in range(15)).encode()
    >>> found = monitor(b"generation,variance\\n" + rows).findings[0]
    >>> found.trend.alarm, found.losses["1"].generation
    (8, 1)
    """
    if null not in NULLS:
        raise InvalidInput(f"no null {null!r}; accepted: {', '.join(NULLS)}")
    for word, number in (("alpha", alpha), ("delta", delta)):
        if not 0 < number < 1:
            raise InvalidInput(f"{word} = {number} is not accepted; accepted: 0 < {word} < 1")
    if floor is not None and not floor > 0:
        raise InvalidInput(f"floor = {floor} is not accepted; accepted: positive")
    asked = declared(metrics or {})

    def keep(column: str) -> bool:
        if column in ("n", "d") or column.endswith(("_count", "_n")):
            return True
        stem = column.removesuffix("_sd")
        if asked:
            return stem in {each.name for each in asked}
        return guess(stem) is not None

    table = read_table(runs, columns, where, [each.name for each in asked], name, keep)
    counted = [c[:-6] for c in table.names if c.endswith("_count") and f"{c[:-6]}_n" in table.names]
    chosen = asked or [
        metric
        for column in table.names
        if not column.endswith(("_sd", "_count", "_n")) and column not in ("n", "d")
        for metric in [guess(column)]
        if metric is not None
    ]
    if not chosen and not counted:
        raise RunsError(
            f"{table.source} has no column that is known to measure diversity (it has "
            f"{', '.join((*table.names, *table.ignored)) or 'no others'}); "
            "declare one with metric NAME=log:down"
        )
    loops = list(dict.fromkeys(record.loop for record in table.records))
    options = {
        "null": null,
        "delta": delta,
        "independent": independent,
        "at": dict(at or {}),
        "floor": floor,
    }
    level = math.log(max(len(chosen), 1) * len(loops) / alpha)
    each_run = alpha / (len(table.records) * max(len(chosen) + len(counted), 1))
    findings = []
    for loop in loops:
        records = [record for record in table.records if record.loop == loop]
        findings += [
            _finding(loop, metric, records, table, level, each_run, options) for metric in chosen
        ]
        findings += [
            _counted(stem, loop, records, each_run, min(delta, COUNTS_DELTA)) for stem in counted
        ]
    return Report(table.source, null, alpha, delta, independent, tuple(findings), table.ignored)
