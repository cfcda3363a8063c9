"""Predicted means and bands drawn over recorded runs, a panel for each group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from numerics.prediction import Column, Comparison
from numerics.report.figures import blank

NOMINAL = 0.9
# More runs than these make a panel unreadable; all of them enter the verdict.
SHOWN = 10
SYMBOLS = {"Tr": "log Tr Σ", "mean_error": "log |μ - true mean|²", "log_det": "log det Σ"}
DEEPEST = 10.0


def plot_comparisons(comparisons: Sequence[Comparison], path: Path) -> None:
    """Draw what is recorded (dots) with each run's predicted mean (line) and 90 % band.

    Parameters
    ----------
    comparisons
        What `predict_runs` returned.
    path
        Where the picture goes; its suffix names the format (.png, .pdf, .svg).

    Raises
    ------
    InvalidInput
        If matplotlib is not installed, or does not write such a format.
    """
    panels = [(each, column) for each in comparisons for column in each.columns]
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure = blank(4.8 * columns, 3.4 * rows, path)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, (each, column) in zip(grid.flat, panels, strict=False):
        _panel(axes, each, column)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    figure.savefig(path, dpi=150)


def _panel(axes: Any, comparison: Comparison, column: Column) -> None:
    reach = float(special.ndtri((1 + NOMINAL) / 2))
    times = comparison.times
    unjudged = {t for t, _ in column.unjudged}
    judged = np.array([int(t) not in unjudged for t in times], dtype=bool)
    rows = zip(column.curves.mean, *column.curves.band(reach), column.recorded, strict=True)
    for place, (mean, low, high, recorded) in enumerate(list(rows)[:SHOWN]):
        colour = f"C{place}"
        # Where nothing is judged no prediction is drawn either.
        line, low, high = (np.where(judged, each, np.nan) for each in (mean, low, high))
        # The logarithm of a distance of 0 lies below every picture.
        low = np.maximum(low, line - DEEPEST)
        axes.fill_between(times, low, high, color=colour, alpha=0.12, linewidth=0)
        axes.plot(times, line, color=colour, linewidth=1)
        axes.plot(times, recorded, ".", color=colour, markersize=4)
    axes.set_xscale("log")
    axes.set_xlabel("generation t")
    axes.set_ylabel(SYMBOLS.get(column.label, column.label))
    axes.set_title(f"{comparison.name}: {column.outcome}", fontsize=10)
