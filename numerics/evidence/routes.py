"""Which e-processes a statement admits: those that may accuse it, and the pair that verifies it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.evidence.betting import LARGEST_SHARE, BettingProcess, SpreadProcess
from numerics.evidence.blocks import Array, Block, EvidenceProcess
from numerics.evidence.catoni import (
    VERIFICATION_WEIGHTS,
    CatoniProcess,
    default_bets,
    verification_bets,
)
from numerics.evidence.law import KolmogorovBand, MomentFunctionProcess, UniformityProcess
from numerics.evidence.mixture import NormalMixtureProcess
from numerics.evidence.statement import Statement

SIDES = {1: "above", -1: "below"}
SPREAD = "variance"
ASYMPTOTIC = "asymptotic"


@dataclass(frozen=True)
class Accuser:
    """One way to refute a statement: a route, its e-process and the direction."""

    route: str
    process: EvidenceProcess
    side: int = 0

    @property
    def name(self) -> str:
        """The route, and the direction where there is one."""
        return f"{self.route}, {SIDES[self.side]}" if self.side else self.route

    def log_e(self) -> float:
        """Log of the evidence."""
        return self.process.log_e(self.side or 1)

    def confirming(self) -> Accuser:
        """Return the same accusation, started afresh for the confirm stream.

        The screen chose route, direction and bets; all are constants for independent draws, so the
        confirmation shares its threshold with nobody.
        """
        return Accuser(self.route, self.process.sharpened(self.side or 1), self.side)


def betting_bets(near: float, room: float) -> Array:
    """Return bets around `near` (a gap over a variance) and large ones relative to the room."""
    large = np.array([1 / 2, 1 / 8, 1 / 64]) / room if room > 0 else np.array([])
    return np.concatenate([near * np.array([0.25, 0.5, 1, 2, 4, 16]), large])


def accusers(statement: Statement, epsilon: float) -> list[Accuser]:
    """Return every admissible accusation, the variance first.

    Examples
    --------
    >>> [accuser.name for accuser in accusers(Statement(mean=0.9, variance=0.18), 0.01)]
    ['variance', 'two moments, above', 'two moments, below']
    """
    found: list[Accuser] = []
    m, r, v, s = statement.mean, statement.slack, statement.variance, statement.scale
    near = 0.9 * epsilon * s / statement.planning_variance
    if v is not None:
        found.append(Accuser(SPREAD, SpreadProcess(v)))
        bets = default_bets(epsilon, s, v)
        shared = CatoniProcess(m, v, bets)
        for side in statement.sides:
            process = CatoniProcess(m + side * r, v, bets) if r else shared
            found.append(Accuser("two moments", process, side))
    if statement.bounds is not None:
        for side, bound in zip((1, -1), statement.bounds, strict=True):
            if side in statement.sides:
                centre = m + side * r
                bets = betting_bets(near, side * (centre - bound))
                betting = BettingProcess(centre, side, bound, bets, rounding=statement.rounding)
                found.append(Accuser("bounded", betting, side))
    elif statement.nonnegative and 1 in statement.sides:
        bets = betting_bets(near, m + r)
        found.append(Accuser("X >= 0", BettingProcess(m + r, 1, 0.0, bets), 1))
    if statement.cdf is not None:
        found.append(Accuser("law", UniformityProcess(statement.cdf)))
    if statement.log_mellin is not None:
        found.append(Accuser("moment function", MomentFunctionProcess(statement.log_mellin)))
    if statement.asymptotic:
        gaps = epsilon * s * np.array([1, 4, 16, 64])
        for side in statement.sides:
            mixture = NormalMixtureProcess(m + side * r, gaps)
            found.append(Accuser(ASYMPTOTIC, mixture, side))
    return found


@dataclass
class Half:
    """One of the two one-sided tests of a verification; it keeps its largest evidence (Ville)."""

    process: CatoniProcess | BettingProcess
    side: int
    peak: float = -math.inf

    def look(self) -> None:
        """Record the evidence at a look."""
        self.peak = max(self.peak, self.process.log_e(self.side))

    def reduction(self, level: float, tolerance: float) -> float:
        """Return by how much the tolerance could shrink with the evidence still at `level`."""
        low, high = 0.0, tolerance
        if self.process.log_e_shifted(self.side, 0.0) < level:
            return 0.0
        for _ in range(24):
            middle = (low + high) / 2
            reached = self.process.log_e_shifted(self.side, middle) >= level
            low, high = (middle, high) if reached else (low, middle)
        return low

    def shortfall(self, level: float) -> float:
        """Guess by how much the tolerance must grow for the evidence to reach `level`."""
        low, high = 0.0, abs(self.process.centre) + 1 / float(np.min(self.process.bets))
        for _ in range(60):
            middle = (low + high) / 2
            reached = self.process.log_e_shifted(self.side, -middle) >= level
            low, high = (low, middle) if reached else (middle, high)
        return high


class VerifyingPair:
    """Two one-sided tests: E X > m - tol and E X < m + tol (one of them for an inequality).

    Parameters
    ----------
    statement : Statement
        The claim.
    epsilon : float
        The resolution at which the nulls lie.
    inflation : float
        The variance is taken as v (1 + inflation)^2.
    bet_epsilon : float, optional
        The resolution that the bets aim at, fixed before drawing; `epsilon` if left out.
    """

    def __init__(
        self,
        statement: Statement,
        epsilon: float,
        inflation: float,
        bet_epsilon: float | None = None,
    ) -> None:
        self.statement, self.epsilon = statement, epsilon
        self.routes: list[str] = []
        self.halves: list[Half] = []
        self.aim = aim = epsilon if bet_epsilon is None else bet_epsilon
        wanted = {"=": (1, -1), "<=": (-1,), ">=": (1,)}[statement.relation]
        tolerance, v = statement.tolerance(epsilon), statement.variance
        near = verification_bets(aim, statement.scale, statement.planning_variance)
        for side in wanted:
            centre = statement.mean - side * tolerance
            process: CatoniProcess | BettingProcess
            if statement.bounds is not None:
                bound = statement.bounds[0 if side > 0 else 1]
                process = self._betting(centre, side, bound, near)
                self.routes.append("bounded")
            elif statement.nonnegative and side > 0:
                process = self._betting(centre, side, 0.0, near)
                self.routes.append("X >= 0")
            elif v is not None:
                inflated = v * (1 + inflation) ** 2
                bets = verification_bets(aim, statement.scale, inflated)
                process = CatoniProcess(centre, inflated, bets, VERIFICATION_WEIGHTS)
                self.routes.append("two moments")
            else:
                continue
            self.halves.append(Half(process, side))
        self.available = len(self.halves) == len(wanted)

    def _betting(self, centre: float, side: int, bound: float, near: Array) -> BettingProcess:
        # Capped by the room at the claimed mean, the widest there is: bets that depended on the
        # centre would not be fixed before the resolution is read off.
        room = side * (self.statement.mean - bound)
        bets = near * self._edge(side)
        bets = np.minimum(bets, LARGEST_SHARE / room) if room > 0 else bets
        return BettingProcess(centre, side, bound, bets, VERIFICATION_WEIGHTS)

    def _edge(self, side: int) -> float:
        """How much smaller a bet must be where the tolerance is not small beside the room.

        The best bet on a draw of 0 or 1 is the gap over the variance under the null, not over that
        under the claim; near 0 and 1 the two differ, and a bet that is too large never wins.
        """
        if self.statement.bounds is None:
            return 1.0
        low, high = self.statement.bounds
        claimed = self.statement.mean
        null = claimed - side * self.statement.tolerance(self.aim)
        here, there = ((x - low) * (high - x) for x in (claimed, null))
        return here / there if 0 < here < there else 1.0

    @property
    def route(self) -> str:
        """The routes of the halves."""
        return " and ".join(dict.fromkeys(self.routes))

    @property
    def needs_variance(self) -> bool:
        """Whether a half rests on the claimed variance."""
        return "two moments" in self.routes

    def add(self, block: Block) -> None:
        """Take a block of draws into account."""
        for half in self.halves:
            half.process.add(block)

    def look(self, level: float) -> bool:
        """Record a look; return whether both halves have reached `level` by now."""
        for half in self.halves:
            half.look()
        return self.available and all(half.peak >= level for half in self.halves)

    def smallest_epsilon(self, level: float) -> float:
        """Return the smallest resolution that the draws of a reached pair support."""
        tolerance = self.statement.tolerance(self.epsilon)
        shrink = min(half.reduction(level, tolerance) for half in self.halves)
        return max(self.epsilon - shrink / self.statement.scale, 0.0)

    def guess_epsilon(self, level: float) -> float:
        """Guess the resolution that the draws of an unreached pair support."""
        grow = max(half.shortfall(level) for half in self.halves)
        return self.epsilon + grow / self.statement.scale


@dataclass
class LawVerification:
    """The verification of a claim about a law, with the interface of the pair."""

    band: KolmogorovBand
    epsilon: float
    available: bool = True
    route: str = "law"
    needs_variance: bool = False

    def add(self, block: Block) -> None:
        """Take a block of draws into account."""
        self.band.add(block)

    def look(self, level: float) -> bool:
        """Return whether the distance is verified."""
        return self.band.distance_bound() <= self.epsilon

    def smallest_epsilon(self, level: float) -> float:
        """Return the smallest distance that is verified so far."""
        return self.band.distance_bound()
