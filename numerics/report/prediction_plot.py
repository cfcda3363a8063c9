"""Predicted means and bands drawn over recorded runs, a panel for each group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from numerics.prediction import Comparison
from numerics.report.figures import blank

NOMINAL = 0.9
# More runs than these make a panel unreadable; all of them enter the verdict.
SHOWN = 10


def plot_comparisons(comparisons: Sequence[Comparison], path: Path) -> None:
    """Draw recorded log Tr (dots) with each run's predicted mean (line) and 90 % band.

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
    columns = min(2, len(comparisons))
    rows = -(-len(comparisons) // columns)
    figure = blank(4.8 * columns, 3.4 * rows, path)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, each in zip(grid.flat, comparisons, strict=False):
        _panel(axes, each)
    for axes in list(grid.flat)[len(comparisons) :]:
        axes.set_visible(False)
    figure.savefig(path, dpi=150)


def _panel(axes: Any, comparison: Comparison) -> None:
    reach = float(special.ndtri((1 + NOMINAL) / 2))
    times = comparison.times
    unjudged = {t for t, _ in comparison.unjudged}
    judged = np.array([int(t) not in unjudged for t in times], dtype=bool)
    rows = zip(comparison.predicted, comparison.spread, comparison.recorded, strict=True)
    for place, (mean, spread, recorded) in enumerate(list(rows)[:SHOWN]):
        colour = f"C{place}"
        # Where nothing is judged no prediction is drawn either.
        line = np.where(judged, mean, np.nan)
        half = np.where(judged, reach * spread, np.nan)
        axes.fill_between(times, line - half, line + half, color=colour, alpha=0.12, linewidth=0)
        axes.plot(times, line, color=colour, linewidth=1)
        axes.plot(times, recorded, ".", color=colour, markersize=4)
    axes.set_xscale("log")
    axes.set_xlabel("generation t")
    axes.set_ylabel("log Tr Σ")
    axes.set_title(f"{comparison.name}: {comparison.outcome}", fontsize=10)
