"""From residuals of recorded runs to one verdict: what is bounded, and with which certainty.

At each generation shown, the weighted mean over independent runs of ``log recorded - log
predicted`` is asymptotically normal with mean 0, and its standard error follows from the predicted
spreads, which are part of the prediction. Runs that start differently are predicted unequally well:
the weights are the inverse of predicted variance plus squared allowance, and do not look at what
was recorded; a run that cannot be predicted that far has none. The generations of one run correlate
strongly; by the inequality of Sidak (1967) the largest of any jointly normal |z| stays below the
bound of independent ones with at least the level asked for, whatever their correlations. So the
bound is simultaneous and errs on the safe side, and no spread is estimated from a handful of runs.

The prediction itself is cut off after 1/n. Two forms of it that agree up to there differ by what
both leave out; where there is one form only, the square of its correction stands in, the next term
were the series geometric. The larger of the two, the largest up to the generation, is the
`allowance`: an estimate, for replaced runs held against raw simulation in the tests, and no proved
bound. Only what lies beyond allowance and noise refutes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from numerics.prediction.scatter import Scatter
from numerics.streams import Stream

Floats = NDArray[np.float64]

NOMINAL = 0.9
POWER = 0.9
FEWEST = 3
RESAMPLES = 4000


class Outcome(StrEnum):
    """What the runs say of the prediction."""

    AGREES = "AGREES"
    REFUTED = "REFUTED"
    CANNOT_TELL = "CANNOT TELL"


@dataclass(frozen=True)
class Cell:
    """One generation of one group.

    Attributes
    ----------
    generation
        Number of fits made.
    predicted
        Weighted mean over the runs of the predicted E log Tr.
    log_ratio, standard_error, z
        Weighted mean over the runs of log recorded - log predicted; its predicted error; their
        ratio.
    allowance
        What the prediction may be off by itself.
    resolution
        Smallest shift of E log Tr that the bound would reveal here in 90 % of experiments.
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


@dataclass(frozen=True)
class Comparison:
    """One group of recorded runs beside its prediction.

    Attributes
    ----------
    name, runs
        The group, and the names of its runs.
    outcome, reason
        The verdict, and what it rests on in a sentence.
    level, bound
        Simultaneous level, and the bound for ``|z|`` that has it over the cells.
    cells
        The generations judged.
    unjudged
        Generations left out, with the reason.
    coverage, coverage_interval
        Share of runs and cells in nominal 90 % bands; 95 % bootstrap interval over whole runs.
    scatter
        Observed over predicted variance of the noise; None where there are too few runs or
        successive generations.
    times, predicted, spread, recorded
        For a plot: generations (T,), and per run, shape (runs, T), E log Tr, its standard
        deviation and the recorded log Tr (NaN where none is).
    """

    name: str
    runs: tuple[str, ...]
    outcome: Outcome
    reason: str
    level: float
    bound: float
    cells: tuple[Cell, ...]
    unjudged: tuple[tuple[int, str], ...]
    coverage: float
    coverage_interval: tuple[float, float]
    scatter: Scatter | None
    notes: tuple[str, ...]
    times: NDArray[np.int64]
    predicted: Floats
    spread: Floats
    recorded: Floats

    @property
    def resolution(self) -> float:
        """Smallest shift that would be revealed at any one of the cells; infinite without cells."""
        return max((cell.resolution for cell in self.cells), default=np.inf)

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain values, without the curves of the plot."""
        return {
            "group": self.name,
            "runs": list(self.runs),
            "verdict": str(self.outcome),
            "reason": self.reason,
            "level": self.level,
            "bound": self.bound if self.cells else None,
            "resolution": self.resolution if self.cells else None,
            "coverage": self.coverage if self.cells else None,
            "coverage_interval": list(self.coverage_interval) if self.cells else None,
            "scatter": None if self.scatter is None else asdict(self.scatter),
            "cells": [asdict(cell) for cell in self.cells],
            "unjudged": [{"generation": t, "reason": why} for t, why in self.unjudged],
            "notes": list(self.notes),
        }


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
        ``log recorded - log predicted``, the predicted standard deviation of one run, the
        predicted mean, and what it may be off by itself; shape (runs, cells). NaN where a run is
        not predicted.
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


def judge(
    cells: tuple[Cell, ...],
    runs: int,
    bound: float,
    coarsest: float,
    moved: Scatter | None = None,
) -> tuple[Outcome, str]:
    """The verdict over the cells of one group, and what it rests on.

    Parameters
    ----------
    cells
        What was compared.
    runs
        Number of runs.
    bound
        Simultaneous bound for ``|z|``.
    coarsest
        Resolution, in log Tr, beyond which agreement says nothing.
    moved
        The scatter of the runs.
    """
    if not cells:
        return Outcome.CANNOT_TELL, "no generation can be judged"
    if runs < FEWEST:
        return (
            Outcome.CANNOT_TELL,
            f"{runs} run{'s' if runs > 1 else ''}; the mean of fewer than {FEWEST} is not near "
            "enough to normal",
        )
    beyond = [
        cell for cell in cells if abs(cell.log_ratio) > cell.allowance + bound * cell.standard_error
    ]
    if beyond:
        worst = max(beyond, key=lambda cell: abs(cell.z))
        return (
            Outcome.REFUTED,
            f"at t = {worst.generation} the mean log ratio {worst.log_ratio:+.3g} lies beyond "
            f"{worst.allowance:.2g} (own error) + {bound:.3g} standard errors of "
            f"{worst.standard_error:.2g}",
        )
    if moved is not None and moved.refutes:
        low, high = moved.interval
        return (
            Outcome.REFUTED,
            f"the noise of the runs has {moved.ratio:.3g} times the variance predicted, and the "
            f"truth is between {low:.2g} and {high:.2g} times it",
        )
    over = [cell for cell in cells if abs(cell.z) > bound]
    if over:
        return (
            Outcome.CANNOT_TELL,
            f"z = {over[0].z:.3g} at t = {over[0].generation} is beyond {bound:.3g}, but within "
            "what the expansion may be off by itself",
        )
    sharp = [cell for cell in cells if cell.resolution <= coarsest]
    if not sharp:
        finest = min(cell.resolution for cell in cells)
        return (
            Outcome.CANNOT_TELL,
            f"nothing excludes the prediction, but the smallest shift in log Tr that would have "
            f"been seen is {finest:.2g} (--resolution {coarsest:g})",
        )
    finest, widest = min(c.resolution for c in sharp), max(c.resolution for c in sharp)
    times = ", ".join(str(cell.generation) for cell in sharp)
    place = "" if len(sharp) == len(cells) else f"; at the other generations than t = {times} "
    blind = f"{place}shifts beyond {coarsest:g} could pass" if place else ""
    return (
        Outcome.AGREES,
        f"every |z| below {bound:.3g}; a shift in log Tr of {finest:.2g} at the sharpest cell, of "
        f"{widest:.2g} at the bluntest, would be seen in 90 % of experiments{blind}",
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
