"""The figure of the four settings: theory drawn through the bands of a raw simulation.

    python benchmarks/four_settings.py docs/figures/four-settings.png

The simulation draws every candidate and knows no formula; the lines are predicted without it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from numerics.report.files import write_whole
from numerics.simulation import simulate
from theory.foretold import foretell
from theory.setting import Setting
from theory.vocabulary import Accumulate, KeepAll, Replace, Selection, TopFraction, Workflow

DIMENSION, SIZE, KEPT, DISTANCE, REPLICATES = 10, 100, 0.1, 4.0, 100
PANELS: tuple[tuple[str, Workflow, bool, int], ...] = (
    ("Replace", Replace(), False, 100),
    ("Accumulate", Accumulate(), False, 100),
    ("Replace + Select", Replace(), True, 10),
    ("Accumulate + Select", Accumulate(), True, 100),
)


def panel(axes: Any, name: str, workflow: Workflow, selects: bool, last: int) -> None:
    """One setting: simulated band and mean, predicted band and mean."""
    target = (DISTANCE, *[0.0] * (DIMENSION - 1))
    selection: Selection = KeepAll()
    if selects:
        selection = TopFraction(kept_fraction=KEPT, law="n-of-N", target=target, metric="identity")
    setting = Setting(workflow=workflow, sample_size=SIZE, dimension=DIMENSION, selection=selection)
    made = simulate(setting, last, REPLICATES, salt="c0ffee", method="raw")
    logs = np.log(made.values["variance"])
    low, high = np.quantile(logs, [0.05, 0.95], axis=0)
    times = np.arange(last + 1)
    found = foretell(setting, "log_variance", times.tolist())
    assert found is not None
    mean, low_end, high_end = found.mean, found.low, found.high
    assert low_end is not None
    assert high_end is not None
    axes.fill_between(times, low, high, alpha=0.3, linewidth=0, label="simulated, 5-95 %")
    axes.plot(times, logs.mean(axis=0), color="C0", linewidth=2, label="simulated mean")
    axes.plot(times, mean, color="black", linewidth=1, linestyle="--", label="predicted mean")
    for ends, label in ((low_end, None), (high_end, "predicted 90 % band")):
        axes.plot(times, ends, color="black", linewidth=0.7, linestyle=":", label=label)
    error = logs[:, -1].std(ddof=1) / np.sqrt(REPLICATES)
    inside = ((logs >= low_end) & (logs <= high_end))[:, 1:].mean()
    print(
        f"{name}: at t = {last} simulated - predicted = {logs[:, -1].mean() - mean[-1]:+.4f} "
        f"(standard error {error:.4f}); coverage {inside:.3f}"
    )
    axes.set_title(name, fontsize=10)
    axes.set_xlabel("generation t")
    axes.set_ylabel("log Tr Σ")


def draw(path: Path) -> None:
    """Draw the four panels and save them."""
    figure: Any = Figure(figsize=(9, 6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, each in zip(figure.subplots(2, 2).flat, PANELS, strict=True):
        panel(axes, *each)
    figure.axes[0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    write_whole(sys.argv[1], draw)
