"""Rival means, judged on the draws of the claim they compete with."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from numerics.evidence.blocks import Block
from numerics.evidence.catoni import CatoniProcess
from numerics.evidence.design import Design
from numerics.evidence.planning import draws_to_refute
from numerics.evidence.statement import Statement
from numerics.evidence.verdict import RivalReport
from theory.errors import InvalidInput

LOG_2 = math.log(2)
NULL = "null"
RivalMeans = Mapping[str, float | tuple[float, float]]


class Rival:
    """One rival mean: two-sided evidence against it, its bets sized by the known gap.

    Parameters
    ----------
    name : str
        Its name.
    mean, variance : float
        Its moments; `variance` is a bound.
    statement : Statement
        The claim it competes with.
    design : Design
        Budget and thresholds.
    """

    def __init__(
        self, name: str, mean: float, variance: float, statement: Statement, design: Design
    ) -> None:
        if not (math.isfinite(mean) and 0 <= variance < math.inf):
            raise InvalidInput(
                f"rival {name!r} has mean {mean!r} and variance {variance!r}; accepted: finite ones"
            )
        self.name, self.mean, self.level = name, mean, design.L + LOG_2
        gap = abs(mean - statement.mean)
        self.gap = gap / statement.scale if statement.scale else gap
        self.inside = gap <= statement.tolerance(design.epsilon)
        # A variance below float64 rounding would ask for infinite bets.
        variance = max(variance, (1e-12 * max(abs(mean), statement.scale)) ** 2, 1e-300)
        self.planned = draws_to_refute(gap, variance, design) if gap else 10**18
        self.visible = self.planned <= design.budget
        self.refuted = False
        self.draws = 0
        bets = np.minimum(gap / variance * np.array([0.5, 1, 2]), 2 / math.sqrt(variance))
        self._process = CatoniProcess(mean, variance, bets, (0.25, 0.5, 0.25))

    def add(self, block: Block) -> None:
        """Take a block into account while the rival stands and the budget can see its gap."""
        if self.visible and not self.refuted:
            self._process.add(block)
            self.draws = self._process.count

    def look(self) -> None:
        """Decide at a look."""
        if self.visible and not self.refuted:
            evidence = max(self._process.log_e(1), self._process.log_e(-1))
            self.refuted = evidence >= self.level

    def report(self) -> RivalReport:
        """Return what was found."""
        return RivalReport(
            self.name,
            self.mean,
            self.gap,
            self.inside,
            self.refuted,
            self.visible,
            self.draws,
            self.planned,
        )


def assemble_rivals(
    rivals: RivalMeans | None, null: float | None, statement: Statement, design: Design
) -> list[Rival]:
    """Return the rivals, the null first; their variance is the claim's unless they bring one."""
    moments: dict[str, float | tuple[float, float]] = {} if null is None else {NULL: null}
    moments.update(rivals or {})
    found = []
    for name, value in moments.items():
        mean, variance = value if isinstance(value, tuple) else (value, statement.planning_variance)
        found.append(Rival(name, float(mean), float(variance), statement, design))
    return found
