"""Evidence shared by many points: one relative effect, the same everywhere.

A claim that is off by 0.3 % at every point shows at none of them. Under the hypothesis that the
mean is off by delta scales everywhere, the best bet at a point is lambda = delta s/v; for each
delta of a fixed grid, and each direction, the product over points of the e-values with that bet is
an e-value again, however the points were chosen, because each has noise of its own. The pooled
e-value is their average. Half of the evidence is the average over points, divided by the fixed
number of points that might have been judged, for a bug at one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from numerics.evidence import Judgement, Sampler, judge
from numerics.evidence.betting import BettingProcess
from numerics.evidence.blocks import Array, Block, EvidenceProcess, blocks, log_mean_exp
from numerics.evidence.catoni import CatoniProcess
from numerics.evidence.reading import SCREEN
from numerics.evidence.statement import Statement

EFFECTS: tuple[float, ...] = (0.001, 0.002, 0.004, 0.008)
"""The grid of relative effects, in scales of the claim."""

SIDES = (1, -1)
COUNT = len(EFFECTS) * len(SIDES)

# Routes whose evidence is approximate, or about something else than the mean.
_APART = ("variance", "asymptotic")

_STATEMENT = (
    "mean",
    "variance",
    "slack",
    "relation",
    "bounds",
    "cdf",
    "log_mellin",
    "nonnegative",
    "law_claim",
    "asymptotic",
)


class _Shared:
    """Bets on one shared effect and direction at one point; silent where no route admits them."""

    def __init__(self, statement: Statement) -> None:
        self._processes: list[tuple[int, EvidenceProcess]] = []
        v, s = statement.variance, statement.scale
        if statement.law_claim or not s:
            return
        bets = np.array(EFFECTS) * s / statement.planning_variance
        for side in statement.sides:
            centre = statement.mean + side * statement.slack
            process: EvidenceProcess
            if v is not None:
                if not v or statement.is_constant:
                    return
                process = CatoniProcess(centre, v, np.minimum(bets, 2 / math.sqrt(v)))
            elif statement.bounds is not None:
                bound = statement.bounds[0 if side > 0 else 1]
                process = BettingProcess(centre, side, bound, bets)
            else:
                continue
            self._processes.append((side, process))

    def add(self, block: Block) -> None:
        for _, process in self._processes:
            process.add(block)

    def logs(self) -> tuple[float, ...]:
        """Log evidence of every (side, effect)."""
        found = {side: np.zeros(len(EFFECTS)) for side in SIDES}
        for side, process in self._processes:
            if isinstance(process, CatoniProcess):
                penalty = np.log1p(process.bets**2 * process.variance / 2)
                found[side] = side * process.sums - process.count * penalty
            elif isinstance(process, BettingProcess):
                found[side] = process.sums
        return tuple(float(x) for side in SIDES for x in found[side])


def pooling_judge(
    into: list[tuple[float, ...]],
) -> Callable[..., Judgement]:
    """A `judge` that also bets on the shared effects, on the same draws.

    Parameters
    ----------
    into
        Takes the log evidence of every shared effect, once for each judgement.
    """

    def judged(draws: Sampler, **asked: Any) -> Judgement:
        words = {word: asked[word] for word in _STATEMENT if word in asked}
        statement = Statement(declared_scale=asked.get("scale"), **words)
        shared = _Shared(statement)
        position = 0

        def tapped(stage: str, start: int, count: int) -> Array:
            nonlocal position
            drawn = draws(stage, start, count)
            # Draws that are read again for a coarser resolution count once.
            if stage == SCREEN and start == position:
                position += count
                for block in blocks(np.asarray(drawn, dtype=float)):
                    shared.add(block)
            return drawn

        judgement = judge(tapped, **asked)
        into.append(shared.logs())
        return judgement

    return judged


def point_evidence(judgement: Judgement) -> float:
    """Log of the e-value of one point: the average over its routes.

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> def draws(stage, start, count):
    ...     return Stream("c0ffee", "normal", {}, stage).generator(start).standard_normal(count)
    >>> point_evidence(judge(draws, mean=1.0, variance=1.0)) > 16
    True
    """
    logs = [x for name, x in judgement.log_e.items() if not name.startswith(_APART)]
    if not logs:
        return 0.0
    return log_mean_exp(np.array(logs), np.full(len(logs), 1 / len(logs)))


def average(logs: Iterable[float], evaluations: int) -> float:
    """Log of the sum of e-values over the number of evaluations that might have been made.

    Examples
    --------
    >>> round(average([math.log(50.0)], 100), 3)
    -0.693
    """
    listed = np.array(list(logs))
    if not listed.size:
        return -math.inf
    return log_mean_exp(listed, np.full(listed.size, 1 / evaluations))


def added(vectors: Iterable[Sequence[float]]) -> tuple[float, ...]:
    """Products of e-values, effect by effect, in logarithms."""
    total = np.zeros(COUNT)
    for vector in vectors:
        if vector:
            total += np.asarray(vector)
    return tuple(float(x) for x in total)


def pooled(totals: Sequence[float]) -> float:
    """Log of the pooled e-value: the average over effects and directions of the products."""
    return log_mean_exp(np.asarray(totals, dtype=float), np.full(COUNT, 1 / COUNT))


def half_and_half(average_log: float, pooled_log: float) -> float:
    """Log of half the one e-value and half the other."""
    return log_mean_exp(np.array([average_log, pooled_log]), np.array([0.5, 0.5]))


def likeliest(totals: Sequence[float]) -> float:
    """The signed relative effect with the most evidence."""
    best = int(np.argmax(np.asarray(totals)))
    return SIDES[best // len(EFFECTS)] * EFFECTS[best % len(EFFECTS)]
