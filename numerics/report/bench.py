"""The Wasserstein benchmark as tables, as plain values, as rows and as a figure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from numerics.wasserstein.bench.advice import Advice
from numerics.wasserstein.bench.runner import Record
from numerics.wasserstein.bench.scores import Cell, Standing, front
from theory.errors import InvalidInput

_FORMAT = 1
_HEADINGS = (
    "estimator",
    "RMSE",
    "95 %",
    "bias",
    "controlled",
    "time",
)


def _seconds(value: float) -> str:
    """A duration with two digits.

    Examples
    --------
    >>> _seconds(0.00024), _seconds(3.14)
    ('0.24 ms', '3.1 s')
    """
    if not math.isfinite(value):
        return "-"
    return f"{value * 1e3:.2g} ms" if value < 0.1 else f"{value:.2g} s"


def cell_tables(found: Sequence[Cell]) -> list[Table]:
    """One table for each family, dimension and size; the most accurate estimator first.

    Errors are relative to W2^2; ``controlled`` is the bias after the control variate.
    """
    groups: dict[tuple[str, int, int], list[Cell]] = {}
    for cell in found:
        groups.setdefault((cell.family, cell.dimension, cell.sample_size), []).append(cell)
    made = []
    for (family, dimension, size), group in groups.items():
        table = _table(
            f"{family}, d = {dimension}, n = {size}: {group[0].members} truths, "
            f"{max(cell.replicates for cell in group)} pairs of samples"
        )
        noted = any(cell.failures or cell.warned for cell in group)
        for name in (*_HEADINGS, *(("failed/warned",) if noted else ())):
            table.add_column(name, justify="left" if name == "estimator" else "right", no_wrap=True)
        for cell in sorted(group, key=lambda each: (math.isnan(each.rmse), each.rmse)):
            table.add_row(
                cell.estimator,
                f"{cell.rmse:.2g}",
                f"{cell.rmse_low:.2g}-{cell.rmse_high:.2g}",
                f"{cell.bias:+.2f}±{cell.bias_half:.2f}",
                f"{cell.controlled:+.3f}±{cell.controlled_half:.3f}",
                _seconds(cell.seconds),
                *((f"{cell.failures}/{cell.warned}",) if noted else ()),
            )
        made.append(table)
    return made


def front_table(standings: Sequence[Standing]) -> Table:
    """Accuracy against time over families; a star marks what nothing beats in both."""
    table = _table("Over families: * nothing is both more accurate and faster")
    for name in ("d", "n", "estimator", "median RMSE", "worst", "time", ""):
        table.add_column(name, justify="left" if name in ("estimator", "") else "right")
    place: tuple[int, int] | None = None
    for each in standings:
        here = each.dimension, each.sample_size
        shown = ("", "") if here == place else tuple(map(str, here))
        place = here
        table.add_row(
            *shown,
            each.estimator,
            f"{each.median_rmse:.3g}",
            f"{each.worst_rmse:.3g}",
            _seconds(each.seconds),
            "*" if each.best else "",
        )
    return table


def _table(title: str) -> Table:
    return Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")


def advice_lines(advice: Advice, source: str) -> list[str]:
    """A recommendation in words, and what it rests on."""
    best = advice.chosen
    lines = [
        f"{best.estimator}: relative RMSE {best.median_rmse:.2g} (median over {best.families} "
        f"families of truths; worst {best.worst_rmse:.2g}), about {_seconds(advice.seconds)} a call"
    ]
    for other, time in advice.others[:4]:
        lines.append(
            f"  {other.estimator}: {other.median_rmse:.2g} (worst {other.worst_rmse:.2g}), "
            f"{_seconds(time)}"
        )
    lines.append(
        f"Based on {source}: errors measured at n = {advice.sample_size}, d = {advice.dimension}"
        + ("; the question lies outside the grid, so this extrapolates." if advice.outside else ".")
    )
    return lines


def document(records: Sequence[Record], found: Sequence[Cell], salt: str) -> dict[str, Any]:
    """Plain values: the scores, and what they were made of."""
    replicates = max(len(record.values) for record in records)
    return {
        "format": _FORMAT,
        "salt": salt,
        "replicates": replicates,
        "cells": [_plain(asdict(cell)) for cell in found],
        "front": [_plain(asdict(each)) for each in front(found)],
    }


def read_cells(place: Path) -> list[Cell]:
    """Scores of a document that was written.

    Raises
    ------
    InvalidInput
        If it cannot be read, or is no such document.
    """
    try:
        held = json.loads(place.read_text())
        found = [
            Cell(**{word: _back(word, value) for word, value in cell.items()})
            for cell in held["cells"]
        ]
        if held["format"] != _FORMAT:
            raise ValueError(f"format {held['format']}")
        return found
    except OSError as error:
        raise InvalidInput(f"cannot read {place}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput(f"{place} holds no scores of `collapse bench --json`") from None


def rows(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One row for each call, for a table of runs."""
    made = []
    for record in records:
        for i, value in enumerate(record.values):
            made.append(
                {
                    **asdict(record.unit),
                    "replicate": i,
                    "squared_w2": record.squared_w2,
                    "estimate": math.nan if value is None else value,
                    "control": record.controls[i],
                    "lower_bound": record.lower_bounds[i],
                    "seconds": record.seconds[i],
                    "converged": record.converged[i],
                    "warnings": record.warned[i],
                }
            )
    return made


def plot(standings: Sequence[Standing], place: Path) -> None:
    """Draw relative RMSE against time, a panel for each dimension and size.

    Raises
    ------
    InvalidInput
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput("plotting needs matplotlib; install collapse-theory[plot]") from None
    places = sorted({(each.dimension, each.sample_size) for each in standings})
    names = sorted({each.estimator for each in standings})
    columns = min(3, len(places))
    lines = math.ceil(len(places) / columns)
    figure = Figure(figsize=(4.2 * columns, 3.4 * lines), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False)
    for axis, (dimension, size) in zip(axes.flat, places, strict=False):
        here = [
            each
            for each in standings
            if (each.dimension, each.sample_size) == (dimension, size)
            and math.isfinite(each.median_rmse)
        ]
        for each in here:
            colour = f"C{names.index(each.estimator) % 10}"
            mark = "ov^s"[names.index(each.estimator) // 10 % 4]
            axis.plot(each.seconds, each.median_rmse, mark, color=colour, label=each.estimator)
        best = sorted((each.seconds, each.median_rmse) for each in here if each.best)
        if best:
            axis.plot(*zip(*best, strict=True), "-", color="0.6", zorder=0)
        axis.set(xscale="log", yscale="log", title=f"d = {dimension}, n = {size}")
        axis.set(xlabel="seconds a call", ylabel="relative RMSE")
    for axis in axes.flat[len(places) :]:
        axis.set_visible(False)
    handles: dict[str, Any] = {}
    for axis in axes.flat[: len(places)]:
        handles.update(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside right upper", fontsize="small")
    figure.savefig(place)


def _plain(cell: dict[str, Any]) -> dict[str, Any]:
    """JSON has no infinity and no NaN."""
    return {
        word: None if isinstance(value, float) and not math.isfinite(value) else value
        for word, value in cell.items()
    }


def _back(word: str, value: Any) -> Any:
    if value is None and word != "covered":
        return math.inf if word.endswith("_half") else math.nan
    return value
