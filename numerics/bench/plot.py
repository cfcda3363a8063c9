"""The accuracy-time front as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numerics.bench.scores import Overall
from numerics.report.files import write_whole
from theory.errors import InvalidInput


def plot_front(lines: Sequence[Overall], path: Path) -> None:
    """Draw median relative RMSE against time, one panel for each (d, n).

    Parameters
    ----------
    lines
        From `scores.overall`.
    path
        Where the picture goes; its suffix names the format.

    Raises
    ------
    InvalidInput
        If matplotlib is not installed, does not write such a format, or nothing was measured.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput("--plot needs matplotlib; install collapse-theory[plot]") from None
    dimensions = sorted({line.dimension for line in lines})
    sizes = sorted({line.n for line in lines})
    if not lines:
        raise InvalidInput("nothing was measured, so there is nothing to plot")
    figure: Any = Figure(figsize=(3.6 * len(sizes), 3.0 * len(dimensions)), layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    formats = canvas.get_supported_filetypes()
    if path.suffix.lstrip(".") not in formats:
        raise InvalidInput(f"{path.name} is none of .{', .'.join(sorted(formats))}")
    panels = figure.subplots(len(dimensions), len(sizes), squeeze=False)
    for row, dimension in enumerate(dimensions):
        for column, n in enumerate(sizes):
            axes = panels[row][column]
            cell = [line for line in lines if (line.dimension, line.n) == (dimension, n)]
            axes.set_title(f"d = {dimension}, n = {n}", fontsize=9)
            axes.set_xscale("log")
            axes.set_yscale("log")
            for line in cell:
                colour = "tab:red" if line.on_front else "tab:grey"
                axes.plot(line.seconds, line.median_rmse, "o", color=colour, markersize=4)
                axes.annotate(
                    line.estimator,
                    (line.seconds, line.median_rmse),
                    fontsize=6,
                    xytext=(3, 3),
                    textcoords="offset points",
                )
            axes.set_xlabel("seconds", fontsize=8)
            axes.set_ylabel("relative RMSE", fontsize=8)
    write_whole(path, lambda file: figure.savefig(file, dpi=150))
