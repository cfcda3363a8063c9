"""A claim about what happens along a ladder: an exponent, or an order, at one point."""

from __future__ import annotations

import math
from typing import Any

from numerics import witness
from numerics.evidence import Design
from numerics.evidence.reading import Sampler
from numerics.evidence.trend import Trend, judge_trend
from numerics.points import Point
from numerics.question.values import optional, value
from numerics.result import END_TO_END, PointResult
from theory.claim import Claim
from theory.moments import variance_at
from theory.rivals import rivals


def of_trend(claim: Claim, at: Point, salt: str, design: Design) -> tuple[PointResult, ...]:
    """Judge the ladder at one point; empty if the variance of a replicate is not known."""
    asked = trend_of(claim, at)
    if asked is None:
        return ()
    judgement = judge_trend(rungs_of(claim, at, salt), asked, design)
    method = "ladder" if claim.family is None else "ladder of generations"
    return (PointResult(at, asked.power, judgement, method, END_TO_END),)


def rungs_of(claim: Claim, at: Point, salt: str) -> dict[int, Sampler]:
    """Replicates at every rung."""
    assert claim.along is not None
    symbol, ladder = claim.along
    if claim.family is None:
        return {n: witness.of_sampler(claim, {**at, symbol.name: n}, salt) for n in ladder}
    return {
        n: witness.of_family(claim, {**at, symbol.name: n}, salt, generation=n, method="auto")
        for n in ladder
    }


def trend_of(claim: Claim, at: Point, power: Any = None) -> Trend | None:
    """What the claim says at a point, or a rival of it with another power."""
    assert claim.along is not None
    symbol, ladder = claim.along
    places = {n: {**at, symbol.name: n} for n in ladder}
    bounds: dict[int, float] = {}
    for n, place in places.items():
        found = _variance(claim, place)
        if found is None or not math.isfinite(found):
            return None
        bounds[n] = found
    claimed = value(claim, claim.expectation if power is None else power, at)
    others = {} if power is not None else {r.name: r.expression for r in rivals(claim)}
    told = {name: value(claim, other, at) for name, other in others.items()}
    scale = optional(claim, claim.scale, at)
    if claim.exponent is not None:
        slack = {n: optional(claim, claim.slack, place) or 0.0 for n, place in places.items()}
        return Trend(claimed, bounds, scale or claimed, slack, rivals=told)
    limit = value(claim, claim.mean if claim.family is None else claim.equals, at)
    lowest = ladder[0]
    size = float(lowest) ** claimed * math.hypot(limit, math.sqrt(bounds[lowest]))
    return Trend(claimed, bounds, scale or size, limit=limit, rivals=told)


def _variance(claim: Claim, place: Point) -> float | None:
    if claim.family is None:
        return value(claim, claim.variance, place)
    assert claim.quantity is not None
    return variance_at(claim.family, claim.quantity, {"sigma_0": 1, **place})
