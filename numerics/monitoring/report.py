"""The monitor: three answers about every metric of every loop, each with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from numerics.monitoring.finding import Report
from numerics.monitoring.judging import counted_out, judged
from numerics.monitoring.loss import COUNTS_DELTA
from numerics.monitoring.metrics import declared, guess
from numerics.monitoring.table import LATEST, read_table
from numerics.monitoring.trend import NULLS
from theory.errors import InvalidInput, RunsError


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
    if not isinstance(null, str) or null not in NULLS:
        raise InvalidInput(f"no null {null!r}; accepted: {', '.join(NULLS)}")
    for word, number in (("alpha", alpha), ("delta", delta)):
        if not isinstance(number, Real) or not 0 < number < 1:
            raise InvalidInput(f"{word} = {number} is not accepted; accepted: 0 < {word} < 1")
    if floor is not None and not (isinstance(floor, Real) and floor > 0):
        raise InvalidInput(f"floor = {floor} is not accepted; accepted: positive")
    given = {"metrics": metrics, "columns": columns, "where": where, "at": at}
    for word, each in given.items():
        if each is not None and not isinstance(each, Mapping):
            raise InvalidInput(f"{word} = {each!r} is not accepted; accepted: a dictionary")
    for word, size in (at or {}).items():
        if word not in ("n", "d") or not isinstance(size, Real) or not 1 <= size <= LATEST:
            raise InvalidInput(f"at has {word} = {size!r}; accepted: n and d from 1 to 2**53")
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
    alone = [c for c in table.names if c.endswith("_count") and c[:-6] not in counted]
    if alone:
        raise RunsError(f"{table.source}: {alone[0]} needs its totals, {alone[0][:-6]}_n")
    texts = [column for column in table.ignored if guess(column) is not None]
    if not chosen and not counted and texts:
        raise RunsError(f"{table.source}: column {texts[0]!r} holds no numbers (decimal points?)")
    if not chosen and not counted:
        raise RunsError(
            f"{table.source} has no column that is known to measure diversity (it has "
            f"{', '.join((*table.names, *table.ignored)) or 'no others'}); "
            "declare one: --metric NAME=log:down, or metrics={'NAME': 'log:down'}"
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
            judged(loop, metric, records, table, level, each_run, options) for metric in chosen
        ]
        findings += [
            counted_out(stem, loop, records, each_run, min(delta, COUNTS_DELTA)) for stem in counted
        ]
    return Report(table.source, null, alpha, delta, independent, tuple(findings), table.ignored)
