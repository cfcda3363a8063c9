"""One plot: simulated runs, with what theory says of them laid over as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics.report.figures import blank
from numerics.report.files import write_whole
from numerics.trajectories import Trajectories
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
    at: ArrayLike | None = None,
    band: tuple[ArrayLike, ArrayLike] | None = None,
    label: str = "closed form",
) -> Path:
    """Draw mean and 5-95 % band of the replicates, theory through them, and save the figure.

    Parameters
    ----------
    trajectories
        What `numerics.simulate` returned.
    quantity
        One of the recorded quantities.
    path
        Where to save it; the suffix chooses the format (png, pdf, svg). The file is whole or
        absent.
    theory
        What theory says, one value for each generation `at`.
    at
        Generations of `theory`; the recorded ones if left out.
    band
        Ends of the predicted band, like `theory`.
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
    times = np.asarray(trajectories.at if at is None else at)
    lines = [] if theory is None else [theory, *(band or ())]
    curves = [np.asarray(line, dtype=float) for line in lines]
    for curve in curves:
        if curve.shape != times.shape:
            raise InvalidInput(
                f"theory has shape {curve.shape}; accepted: one value for each of the "
                f"{times.size} generations"
            )
    figure = blank(6.4, 4.0, path)
    _draw(figure.add_subplot(), trajectories, quantity, times, curves, label)
    target = Path(path)
    kind = target.suffix.lstrip(".")
    write_whole(target, lambda file: figure.savefig(file, format=kind, dpi=150))
    return target


def _draw(
    axes: Any,
    trajectories: Trajectories,
    quantity: str,
    times: Array,
    curves: Sequence[Array],
    label: str,
) -> None:
    values = trajectories.values[quantity]
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
    for place, curve in enumerate(curves):
        drawn = np.where(np.isfinite(curve), curve, np.nan)
        first = place == 0
        named = label if first else ("predicted 90 % band" if place == 1 else None)
        style = {"linestyle": "--", "linewidth": 1.2} if first else {"linestyle": ":"}
        axes.plot(times, drawn, color="black", label=named, **style)
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


def _spans_decades(shown: Sequence[Array]) -> bool:
    """Whether a logarithmic axis is sensible: all positive, over a factor of 20 or more."""
    values = np.concatenate(shown)
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and values.max() >= 20 * values.min())
