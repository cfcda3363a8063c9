"""What is found about one metric of one loop: its losses, its trend, its laws, and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.monitoring.finding import Finding
from numerics.monitoring.laws import LawSet, law_sets
from numerics.monitoring.loop import LONGEST
from numerics.monitoring.loss import Loss, from_counts, from_values
from numerics.monitoring.metrics import Metric
from numerics.monitoring.pooling import padded
from numerics.monitoring.resolving import needed
from numerics.monitoring.separable import inseparable
from numerics.monitoring.table import Record, Table
from numerics.monitoring.trend import trend as trend_of
from numerics.monitoring.window import FEWEST_FOR_LAWS, LEFT, falling, usable
from theory.errors import RunsError

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


def judged(
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
    notes = _few([f"run {r.run}: {k.note}" for r, k in zip(records, kept, strict=True) if k.note])
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
        alone = grouped and len({record.group for record in records}) == len(records)
        part = heights
        if sizes["d"] or not metric.is_log_det:
            part = [falling(each, unit, FEWEST_FOR_LAWS) for each in heights]
        law, singles, more = _laws(records, part, options["independent"] or alone, unit)
        begins = {int(record.generation[0]) for record in records}
        if law is None and singles and (options["independent"] or alone) and len(begins) > 1:
            notes.append("runs that begin at different generations have no law together")
        if law is not None and law.window[1] < max(r.generation[-1] for r in records):
            notes.append(f"laws are asked until {LEFT:.0%} is left, generation {law.window[1]}")
    apart = len({r.group for r in records}) if grouped else len(records) * options["independent"]
    if metric.is_log_det or (metric.scale == "log" and sizes["d"] == 1):
        told = inseparable(sizes["n"], sizes["d"], level, max(apart, 1))
        notes += [told] if told else []
    if not long:
        notes.append("no trend is asked of a single usable generation")
    elif all(np.ptp(h) == 0 for h in heights):
        notes.append("it never moves, so that no law is asked")
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
        # Where runs end because they have fallen, slow ones are left: stop while most are there.
        ends = np.array([h.size for h in heights])
        fallen = ends < [record.generation.size for record in records]
        limit = int(np.median(ends)) if fallen.any() else int(ends.max())
        block = padded([h[:limit] for h in heights])
        law = law_sets(block[None], begins[0] + np.arange(block.shape[1]), unit)[0]
    return law, singles, needed(law, unit) if law is not None else (None, None)


def counted_out(
    name: str, loop: str, records: Sequence[Record], alpha: float, delta: float
) -> Finding:
    losses, notes = {}, []
    for record in records:
        counts, totals = record.columns[f"{name}_count"], record.columns[f"{name}_n"]
        known = all(f"{name}_{end}" in record.reference for end in ("count", "n"))
        first = (float(counts[0]), float(totals[0]))
        if known:
            first = (record.reference[f"{name}_count"], record.reference[f"{name}_n"])
        # Without a reference row the first generation is the reference, and is not judged.
        skip = 0 if known else 1
        if not known:
            notes.append(f"run {record.run}: no reference row; its first generation stands for it")
        if counts.size <= skip:
            continue
        try:
            losses[record.run] = from_counts(
                record.generation[skip:], counts[skip:], totals[skip:], first, alpha, delta
            )
        except RunsError as error:
            raise RunsError(f"{name}_count, {name}_n of run {record.run}: {error}") from None
        if not first[0]:
            notes.append(f"run {record.run}: the reference has none of it, so no loss can be shown")
    last = (int(records[0].generation[0]), int(max(r.generation[-1] for r in records)))
    return Finding(
        loop, name, len(records), last, losses, None, None, (None, None), {}, tuple(_few(notes))
    )


def _few(notes: Sequence[str]) -> list[str]:
    """The first three notes on runs, and how many more there are."""
    return [*notes[:3], *[f"and likewise {len(notes) - 3} more runs"] * (len(notes) > 3)]
