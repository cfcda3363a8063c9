"""Plots of theory over simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from numerics.simulation import Trajectories
from theory.errors import InvalidInput
from theory.vocabulary import QUANTITIES

BAND = (5, 95)


def plot_trajectories(
    trajectories: Trajectories,
    quantity: str,
    path: Path,
    theory: tuple[list[int], list[float]] | None = None,
) -> None:
    """Draw the mean over the replicates, their 5 to 95 % band, and the derived curve over them.

    Parameters
    ----------
    trajectories, quantity
        What was simulated.
    path
        Where the picture goes; its suffix names the format (.png, .pdf, .svg).
    theory
        Generations and the derived values there, if there is a closed form.

    Raises
    ------
    InvalidInput
        If matplotlib is not installed, or does not write such a format.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput("--plot needs matplotlib; install collapse-theory[plot]") from None
    # No pyplot: it would look for a display.
    figure: Any = Figure(figsize=(6.4, 4.0), layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    formats = canvas.get_supported_filetypes()
    if path.suffix.lstrip(".") not in formats:
        raise InvalidInput(f"{path.name} is none of .{', .'.join(sorted(formats))}")
    axes = figure.add_subplot()
    values = trajectories.values[quantity]
    low, high = np.percentile(values, BAND, axis=0)
    at = trajectories.at
    axes.fill_between(at, low, high, alpha=0.25, linewidth=0, label="5 to 95 % of the runs")
    axes.plot(at, values.mean(axis=0), label=f"mean of {trajectories.replicates} runs")
    if theory is not None:
        axes.plot(*theory, color="black", linestyle="--", label="derived expectation")
    axes.set_xlabel("generation t")
    axes.set_ylabel(QUANTITIES[quantity])
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
