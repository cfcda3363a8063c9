"""What is compared at one generation of a group: means over runs, and coverage of their bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from numerics.streams import Stream

Floats = NDArray[np.float64]

NOMINAL = 0.9
POWER = 0.9
RESAMPLES = 4000


@dataclass(frozen=True)
class Cell:
    """One generation of one group.

    Attributes
    ----------
    generation
        Number of fits made.
    predicted
        Weighted mean over the runs of what is predicted, as a logarithm.
    log_ratio, standard_error, z
        Weighted mean over the runs of log recorded - log predicted; its predicted error; their
        ratio.
    allowance
        What the prediction may be off by itself.
    resolution
        Smallest shift of the logarithm that the bound would reveal here in 90 % of experiments.
    spread
        Root mean square, over the runs, of the distance from the mean log ratio in predicted
        standard deviations: near 1 if the bands are right. None for one run.
    covered
        Share of the runs in their nominal 90 % bands.
    """

    generation: int
    predicted: float
    log_ratio: float
    standard_error: float
    z: float
    allowance: float
    resolution: float
    spread: float | None
    covered: float


def simultaneous_bound(level: float, cells: int) -> float:
    """Sidak's two-sided bound for `cells` jointly normal numbers, whatever their correlations.

    Examples
    --------
    >>> round(simultaneous_bound(0.99, 1), 3), round(simultaneous_bound(0.99, 10), 3)
    (2.576, 3.289)
    """
    return float(-special.ndtri(-np.expm1(np.log(level) / cells) / 2))


def make_cells(
    times: NDArray[np.int64],
    residual: Floats,
    spread: Floats,
    predicted: Floats,
    allowance: Floats,
    bound: float,
) -> tuple[Cell, ...]:
    """The cells of one group.

    Parameters
    ----------
    times
        Generations judged, shape (cells,).
    residual, spread, predicted, allowance
        Log ratios of recorded to predicted (`numerics.prediction.curves`), the predicted standard
        deviation of one run, the predicted mean, and what it may be off by itself; shape (runs,
        cells). NaN where a run is not predicted.
    bound
        See `simultaneous_bound`.
    """
    known = np.isfinite(residual)
    runs = known.sum(axis=0)
    spread = np.where(known, spread, 1.0)
    residual, predicted, allowance = (
        np.where(known, each, 0.0) for each in (residual, predicted, allowance)
    )
    weight = known / (spread**2 + allowance**2)
    weight /= weight.sum(axis=0)
    mean = (weight * residual).sum(axis=0)
    error = np.sqrt((weight**2 * spread**2).sum(axis=0))
    own = (weight * allowance).sum(axis=0)
    inside = known & (np.abs(residual) <= special.ndtri((1 + NOMINAL) / 2) * spread)
    apart = (known * ((residual - mean) / spread) ** 2).sum(axis=0)
    ratio = np.sqrt(apart / np.maximum(runs - 1, 1))
    return tuple(
        Cell(
            generation=int(t),
            predicted=float(weight[:, i] @ predicted[:, i]),
            log_ratio=float(mean[i]),
            standard_error=float(error[i]),
            z=float(mean[i] / error[i]),
            allowance=float(own[i]),
            resolution=float(own[i] + (bound + special.ndtri(POWER)) * error[i]),
            spread=float(ratio[i]) if runs[i] > 1 else None,
            covered=float(inside[:, i].sum() / runs[i]),
        )
        for i, t in enumerate(times)
    )


def coverage(residual: Floats, spread: Floats, name: str) -> tuple[float, tuple[float, float]]:
    """Share of runs and cells in nominal 90 % bands, with a bootstrap interval over whole runs.

    The cells of one run correlate, so runs are resampled whole; 95 %, percentiles. A named stream
    makes it the same at every call.
    """
    if not residual.size:
        return np.nan, (np.nan, np.nan)
    with np.errstate(invalid="ignore"):
        inside = np.abs(residual) <= special.ndtri((1 + NOMINAL) / 2) * spread
    known = np.isfinite(residual)
    some = known.any(axis=1)
    shares = (inside & known)[some].sum(axis=1) / known[some].sum(axis=1)
    rng = Stream("c0ffee", "coverage of predicted bands", {"group": name}).generator()
    again = shares[rng.integers(len(shares), size=(RESAMPLES, len(shares)))].mean(axis=1)
    low, high = np.quantile(again, [0.025, 0.975])
    return float(shares.mean()), (float(low), float(high))
