"""Plots of theory over simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numerics.report.figures import blank
from numerics.simulation import Trajectories

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
    figure = blank(6.4, 4.0, path)
    axes = figure.add_subplot()
    values = trajectories.values[quantity]
    low, high = np.percentile(values, BAND, axis=0)
    at = trajectories.at
    axes.fill_between(at, low, high, alpha=0.25, linewidth=0, label="5 to 95 % of the runs")
    axes.plot(at, values.mean(axis=0), label=f"mean of {trajectories.replicates} runs")
    if theory is not None:
        axes.plot(*theory, color="black", linestyle="--", label="derived expectation")
    axes.set_xlabel("generation t")
    axes.set_ylabel(trajectories.setting.model.quantities[quantity])
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
