"""Planted faults: rivals of a claim, judged on the claim's own draws.

A verdict is worth what it would have caught. Each rival (``theory.rivals``) is tried at the point
where its planned gap is largest, refuted there or not, and shrunk to a smallest point.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from numerics.evidence import Design, Verdict, draws_to_refute, judge
from numerics.evidence.trend import judge_trend
from numerics.points import Point, as_json, hunt, key
from numerics.question.family import cost
from numerics.question.trend import rungs_of, trend_of
from numerics.question.values import value
from numerics.result import Simulation, finite
from numerics.rivalry.own import Bench, Moments
from numerics.strategies import points as points_of
from theory.claim import Claim
from theory.comparison import compare
from theory.errors import CollapseError
from theory.pointsets import drawable
from theory.rivals import Rival, rivals

# A rival is promised to fall where its gap exceeds this many epsilon; below, it may.
PROMISED = 3.0
SHRINK_EVALUATIONS = 24
LARGEST_COST = 200_000_000


@dataclass(frozen=True)
class RivalResult:
    """What became of a planted fault.

    `gap` is the largest planned distance from the claim, in the claim's scales, and `at` the
    point where it is; `needed` the draws that are planned to show it there.
    """

    name: str
    expression: str
    why: str
    at: Point | None
    gap: float
    needed: int
    refuted: bool
    promised: bool
    smallest: Point | None = None
    by: str = "simulation"

    @property
    def status(self) -> str:
        """``refuted`` (or ``refuted by algebra``, where simulation cannot judge the claim),
        ``not refuted``, ``too small a gap``, or ``no gap`` in the whole domain."""
        if self.refuted:
            return "refuted" if self.by == "simulation" else f"refuted by {self.by}"
        if self.gap == 0:
            return "no gap"
        return "not refuted" if self.promised else "too small a gap"

    def to_json(self) -> dict[str, Any]:
        """The result as plain values."""
        return {
            "name": self.name,
            "expression": self.expression,
            "status": self.status,
            "gap": finite(self.gap),
            "draws_needed": self.needed,
            "at": None if self.at is None else as_json(self.at),
            "smallest": None if self.smallest is None else as_json(self.smallest),
        }


def _corners(claim: Claim) -> Iterator[Point]:
    ends = []
    for name, domain in claim.over.items():
        pair = [end for end in (domain.low, domain.high) if math.isfinite(end)]
        ends.append([(name, end) for end in dict.fromkeys(pair)])
    for corner in itertools.product(*ends):
        point = dict(corner)
        if claim.admits(point):
            yield point


def _gap(claim: Claim, rival: Rival, at: Point, own: Moments) -> float:
    try:
        return abs(value(claim, rival.expression, at) - own.mean) / own.scale
    except CollapseError:  # a rival may have a pole where the claim has none
        return 0.0


def _affordable(claim: Claim, at: Point, needed: int) -> bool:
    if claim.family is None:
        return True
    horizon = int(at["t"])
    setting = claim.family.at(at)
    raw = setting.selection.name != "keep-all"
    return (cost(setting, horizon, needed) if raw else horizon * needed) <= LARGEST_COST


def _refuted(bench: Bench, rival: Rival, at: Point, own: Moments, plan: Design) -> bool:
    """Whether the claim's own draws refute the rival at a point."""
    claim = bench.claim
    judgement = judge(
        bench.draws(at),
        mean=value(claim, rival.expression, at),
        variance=own.variance,
        scale=own.scale,
        relation=claim.relation,
        design=plan,
    )
    return judgement.verdict is Verdict.REFUTED


def hunt_rivals(
    claim: Claim, simulation: Simulation | None, salt: str, design: Design, seed_value: int
) -> tuple[RivalResult, ...]:
    """Try every rival of a claim at the point where its planned gap is largest.

    Parameters
    ----------
    claim
        A claim in its family or sampler form.
    simulation
        What was simulated; its points are candidates, beside the corners of the domain.
    salt, design
        The noise and the plan; rivals are judged on the claim's own draws.
    seed_value
        Seed of Hypothesis' choices while a refuted rival is shrunk.
    """
    if not rivals(claim):
        return ()
    if claim.form == "trend":
        visited = [] if simulation is None else [point.at for point in simulation.points]
        return tuple(_along(claim, rival, visited, salt, design) for rival in rivals(claim))
    visited = [] if simulation is None else [point.at for point in simulation.points]
    bench = Bench(claim, salt)
    own: dict[tuple[tuple[str, str], ...], tuple[Point, Moments]] = {}
    for candidate in (*visited, *_corners(claim)):
        moments = bench.moments(candidate)
        if moments is not None:
            own[key(candidate)] = (candidate, moments)
    if not own:
        return tuple(_by_algebra(claim, rival) for rival in rivals(claim))
    results = []
    for rival in rivals(claim):
        gap, needed = 0.0, 0
        at: Point | None = None
        for point, moments in own.values():
            here = _gap(claim, rival, point, moments)
            if here <= gap:
                continue
            draws = draws_to_refute(here * moments.scale, moments.variance, design)
            if _affordable(claim, point, draws):
                gap, at, needed = here, point, draws
        promised = gap > PROMISED * design.epsilon
        result = RivalResult(
            rival.name, str(rival.expression), rival.why, at, gap, needed, False, promised
        )
        if at is not None and promised and _refuted(bench, rival, at, own[key(at)][1], design):
            smallest = _shrunk(bench, rival, at, design, seed_value)
            result = replace(result, refuted=True, smallest=smallest)
        results.append(result)
    return tuple(results)


def _along(
    claim: Claim, rival: Rival, visited: list[Point], salt: str, design: Design
) -> RivalResult:
    """A rival exponent or order, tried on the claim's own ladder wherever that was climbed."""
    widest, at, gap, needed, promised = None, None, 0.0, 0, claim.order is not None
    for point in visited:
        own, planted = trend_of(claim, point), trend_of(claim, point, rival.expression)
        if own is None or planted is None:
            continue
        here = abs(planted.power - own.power) / own.scale
        if here > gap:
            widest, gap = point, here
        promised = promised or here * own.scale > own.tolerance(design.epsilon)
        found = judge_trend(rungs_of(claim, point, salt), planted, design)
        needed = max(needed, found.screen_draws)
        if found.verdict is Verdict.REFUTED:
            at = point
            break
    return RivalResult(
        rival.name, str(rival.expression), rival.why, widest if at is None else at, gap, needed,
        at is not None, promised and widest is not None, at,
    )  # fmt: skip


def _by_algebra(claim: Claim, rival: Rival) -> RivalResult:
    """The rival in the place of a claim that no simulation can judge."""
    evidence = compare(claim.with_expectation(rival.expression, rival.name))
    refuted = evidence.verdict == "REFUTED"
    return RivalResult(
        name=rival.name,
        expression=str(rival.expression),
        why=rival.why,
        at=evidence.counterexample,
        gap=math.nan,
        needed=0,
        refuted=refuted,
        promised=True,
        smallest=evidence.counterexample,
        by="algebra",
    )


def _shrunk(bench: Bench, rival: Rival, at: Point, design: Design, seed_value: int) -> Point:
    """The smallest point that Hypothesis finds where the rival is refuted."""
    claim = bench.claim

    def refuted(point: Point) -> bool:
        moments = bench.moments(point)
        if moments is None:
            return False
        gap = _gap(claim, rival, point, moments)
        if gap <= PROMISED * design.epsilon:
            return False  # would cost more draws than it is worth
        draws = draws_to_refute(gap * moments.scale, moments.variance, design)
        if not _affordable(claim, point, draws):
            return False
        return _refuted(bench, rival, point, moments, design)

    if not claim.over:
        return at
    found = hunt(
        points_of(drawable(claim), claim.where),
        refuted,
        points=SHRINK_EVALUATIONS // 2,
        seed_value=seed_value,
        evaluations=SHRINK_EVALUATIONS,
    )
    return at if found.smallest is None else found.smallest
