"""From residuals of recorded runs to a verdict: what is bounded, and with which certainty.

At each generation shown, the weighted mean over independent runs of the log ratio of recorded to
predicted is asymptotically normal with mean 0, and its standard error follows from the predicted
spreads, which are part of the prediction. Runs that start differently are predicted unequally well:
the weights are the inverse of predicted variance plus squared allowance, and do not look at what
was recorded; a run that cannot be predicted that far has none. The generations of one run correlate
strongly, and so do trace, mean and determinant; by the inequality of Sidak (1967) the largest of
any jointly normal |z| stays below the bound of independent ones with at least the level asked for,
whatever their correlations. So one bound is simultaneous over all generations and all recorded
columns of a group and errs on the safe side, and no spread is estimated from a handful of runs.

The prediction itself is cut off after 1/n. Two forms of it that agree up to there differ by what
both leave out; where there is one form only, the square of its correction stands in, the next term
were the series geometric. The larger of the two, the largest up to the generation, is the
`allowance`: an estimate, for replaced runs held against raw simulation in the tests, and no proved
bound. Only what lies beyond allowance and noise refutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.cells import Cell
from numerics.prediction.curves import Curves
from numerics.prediction.scatter import Scatter

Floats = NDArray[np.float64]

FEWEST = 3


def symbol(label: str) -> str:
    """What is judged of a column: its logarithm.

    Examples
    --------
    >>> symbol("Tr"), symbol("log_det")
    ('log Tr', 'log_det')
    """
    return label if label.startswith("log_") else f"log {label}"


class Outcome(StrEnum):
    """What the runs say of the prediction."""

    AGREES = "AGREES"
    REFUTED = "REFUTED"
    CANNOT_TELL = "CANNOT TELL"


@dataclass(frozen=True)
class Column:
    """One recorded column of a group beside its prediction.

    Attributes
    ----------
    label
        What is recorded; all numbers are of its logarithm.
    outcome, reason
        The verdict on this column, and what it rests on in a sentence.
    cells
        The generations judged.
    unjudged
        Generations left out, with the reason.
    coverage, coverage_interval
        Share of runs and cells in nominal 90 % bands; 95 % bootstrap interval over whole runs.
    curves
        What is predicted, at the generations `Comparison.times`.
    recorded
        Logarithms of what is recorded there, shape (runs, T).
    """

    label: str
    outcome: Outcome
    reason: str
    cells: tuple[Cell, ...]
    unjudged: tuple[tuple[int, str], ...]
    coverage: float
    coverage_interval: tuple[float, float]
    curves: Curves
    recorded: Floats

    @property
    def resolution(self) -> float:
        """Smallest shift that would be revealed at any one of the cells; infinite without cells."""
        return max((cell.resolution for cell in self.cells), default=np.inf)

    def beyond(self, bound: float) -> bool:
        """Whether some |z| lies beyond the bound, be it within the prediction's own error."""
        return any(abs(cell.z) > bound for cell in self.cells)

    def to_json(self) -> dict[str, Any]:
        """The column as plain values, without the curves of the plot."""
        return {
            "verdict": str(self.outcome),
            "reason": self.reason,
            "resolution": self.resolution if self.cells else None,
            "coverage": self.coverage if self.cells else None,
            "coverage_interval": list(self.coverage_interval) if self.cells else None,
            "cells": [asdict(cell) for cell in self.cells],
            "unjudged": [{"generation": t, "reason": why} for t, why in self.unjudged],
        }


@dataclass(frozen=True)
class Comparison:
    """One group of recorded runs beside its prediction.

    Attributes
    ----------
    name, runs
        The group, and the names of its runs.
    level, bound
        Simultaneous level, and the bound for ``|z|`` that has it over the cells of all columns.
    trace, mean_error, log_det
        The trace; the squared distance of the mean from the true mean, and the logarithm of the
        determinant, if they are recorded.
    scatter
        Observed over predicted variance of the noise of the trace; None where there are too few
        runs or successive generations.
    notes
        What the runs record at generation 0, where it is not the start of the setting.
    times
        Generations shown, (T,).
    """

    name: str
    runs: tuple[str, ...]
    level: float
    bound: float
    trace: Column
    mean_error: Column | None
    log_det: Column | None
    scatter: Scatter | None
    notes: tuple[str, ...]
    times: NDArray[np.int64]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The trace, and what is recorded beside it."""
        found = (self.trace, self.mean_error, self.log_det)
        return tuple(each for each in found if each is not None)

    @property
    def outcome(self) -> Outcome:
        """REFUTED if a column is. Else what the trace says, unless another column lies beyond the
        noise, within its own error: of one too blunt to tell, or not judged, its verdict says so.
        """
        if any(each.outcome is Outcome.REFUTED for each in self.columns):
            return Outcome.REFUTED
        doubt = any(each.beyond(self.bound) for each in self.columns[1:])
        return Outcome.CANNOT_TELL if doubt else self.trace.outcome

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain values, without the curves of the plot."""
        return {
            "group": self.name,
            "runs": list(self.runs),
            "verdict": str(self.outcome),
            "level": self.level,
            "bound": self.bound if any(each.cells for each in self.columns) else None,
            "trace": self.trace.to_json(),
            "mean_error": None if self.mean_error is None else self.mean_error.to_json(),
            "log_det": None if self.log_det is None else self.log_det.to_json(),
            "scatter": None if self.scatter is None else asdict(self.scatter),
            "notes": list(self.notes),
        }


def judge(
    cells: Sequence[Cell],
    runs: int,
    bound: float,
    coarsest: float,
    label: str,
    moved: Scatter | None = None,
) -> tuple[Outcome, str]:
    """The verdict over the cells of one column, and what it rests on.

    Parameters
    ----------
    cells
        What was compared.
    runs
        Number of runs.
    bound
        Simultaneous bound for ``|z|``.
    coarsest
        Resolution, in the logarithm, beyond which agreement says nothing.
    label
        What the logarithm is of.
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
            f"nothing excludes the prediction, but the smallest shift in {symbol(label)} that "
            f"would have been seen is {finest:.2g} (--resolution {coarsest:g})",
        )
    finest, widest = min(c.resolution for c in sharp), max(c.resolution for c in sharp)
    times = ", ".join(str(cell.generation) for cell in sharp)
    place = "" if len(sharp) == len(cells) else f"; at the other generations than t = {times} "
    blind = f"{place}shifts beyond {coarsest:g} could pass" if place else ""
    return (
        Outcome.AGREES,
        f"every |z| below {bound:.3g}; a shift in {symbol(label)} of {finest:.2g} at the sharpest "
        f"cell, of {widest:.2g} at the bluntest, would be seen in 90 % of experiments{blind}",
    )
