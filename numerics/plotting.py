"""One plot: simulated runs, and a closed form as a line that is handed in as numbers.

Matplotlib is imported where it is used; nothing else in the package needs it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics.simulation import Trajectories
from numerics.triangular import Array
from theory.errors import InvalidInput
from theory.model import GAUSSIAN, check_quantity

BAND = (0.05, 0.95)


def plot_runs(
    trajectories: Trajectories,
    quantity: str,
    path: str | Path,
    theory: ArrayLike | None = None,
    *,
    label: str = "closed form",
) -> Path:
    """Draw mean, 5-95 % band of the replicates, and the closed form, and save the figure.

    Parameters
    ----------
    trajectories
        What `numerics.simulate` returned.
    quantity
        One of the recorded quantities.
    path
        Where to save it; the suffix chooses the format (png, pdf, svg). The file is whole or
        absent: it is written under another name first.
    theory
        Values of the closed form at the recorded generations, if there is one.
    label
        What the legend calls it.

    Returns
    -------
    Path
        Where it was saved.

    Raises
    ------
    InvalidInput
        If the quantity was not recorded, `theory` has the wrong length, Matplotlib is missing or
        cannot write the format, or the place does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from numerics.simulation import simulate
    >>> from theory.setting import Setting
    >>> runs = simulate(Setting(sample_size=10), 5, replicates=100, salt="c0ffee")
    >>> plot_runs(runs, "variance", Path(tempfile.mkdtemp()) / "runs.png").name
    'runs.png'
    """
    if check_quantity(trajectories.setting.model, quantity) not in trajectories.values:
        raise InvalidInput(
            f"{quantity} was not recorded; recorded: {', '.join(trajectories.values)}"
        )
    values = trajectories.values[quantity]
    line = None if theory is None else np.asarray(theory, dtype=float)
    if line is not None and line.shape != (len(trajectories.at),):
        raise InvalidInput(
            f"theory has shape {line.shape}; accepted: one value for each of the "
            f"{len(trajectories.at)} recorded generations"
        )
    figure = _figure(trajectories, quantity, values, line, label)
    return _save(figure, Path(path))


def _figure(
    trajectories: Trajectories, quantity: str, values: Array, theory: Array | None, label: str
) -> Any:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput("plots need Matplotlib; install collapse-theory[plot]") from None
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    at = np.asarray(trajectories.at)
    # Infinite values (a singular model) are facts, but no picture: they leave a gap.
    finite = np.where(np.isfinite(values), values, np.nan)
    known = np.isfinite(finite).any(axis=0)
    mean, low, high = (np.full(len(at), np.nan) for _ in range(3))
    mean[known] = np.nanmean(finite[:, known], axis=0)
    low[known], high[known] = np.nanquantile(finite[:, known], BAND, axis=0)
    axes.fill_between(at, low, high, alpha=0.25, linewidth=0, label="5-95 % of the replicates")
    axes.plot(at, mean, marker="o", markersize=3, linewidth=1.2, label="mean of the replicates")
    shown = [mean, low, high]
    if theory is not None:
        drawn = np.where(np.isfinite(theory), theory, np.nan)
        axes.plot(at, drawn, linestyle="--", color="black", linewidth=1.2, label=label)
        shown.append(drawn)
    if _spans_decades(shown):
        axes.set_yscale("log")
    axes.set_xlabel("generation t (number of fits)")
    axes.set_ylabel(quantity.replace("_", " "))
    setting = trajectories.setting
    kind = f"{setting.workflow.name}, {setting.selection.name}, {setting.fit}"
    if setting.model != GAUSSIAN:
        kind = f"{setting.model.name}, {setting.workflow.name}"
    axes.set_title(
        f"{kind}: {setting.model.quantities[quantity]}\n"
        f"{trajectories.replicates} replicates, salt {trajectories.salt}",
        fontsize=9,
    )
    axes.legend(frameon=False, fontsize=8)
    return figure


def _spans_decades(shown: Sequence[Array]) -> bool:
    """Whether a logarithmic axis is sensible: all positive, over a factor of 20 or more."""
    values = np.concatenate(shown)
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and values.max() >= 20 * values.min())


def _save(figure: Any, path: Path) -> Path:
    if not path.parent.is_dir():
        raise InvalidInput(f"no folder {path.parent} to save {path.name} in")
    accepted = sorted(figure.canvas.get_supported_filetypes())
    kind = path.suffix.lstrip(".").lower()
    if kind not in accepted:
        raise InvalidInput(f"{path.name} is no picture; accepted: {', '.join(accepted)}")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        figure.savefig(temporary, format=kind, dpi=150)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
