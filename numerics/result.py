"""What a check returns: evidence, as values. A refuted claim is a result, not an exception."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numerics.evidence import Judgement, Verdict
from numerics.points import Point, as_json
from theory.claim import Claim
from theory.comparison import AlgebraicEvidence

END_TO_END = "end to end"
STEP = "step verified, horizon proved"
ALGEBRA = "algebra"
RECORDED = "recorded runs"
NOTHING = "-"
# Quantile of the normal law for an interval at 95 %.
NORMAL = 1.959964


def finite(value: float | None, digits: int = 10) -> float | None:
    """A float as JSON can hold it: rounded to `digits` significant digits, None if not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


@dataclass(frozen=True)
class PointResult:
    """A claim judged at one point of its domain.

    `method` tells how the replicates were made (``"raw"``, ``"statistics"``, ``"sampler"``), and
    `basis` whether the whole horizon was simulated or the one-generation step.
    """

    at: Point
    mean: float
    judgement: Judgement
    method: str
    basis: str = END_TO_END

    @property
    def looseness(self) -> float | None:
        """Claimed bound over measured mean, above 1 for a loose bound; None for an equality."""
        effect = self.judgement.effect
        if effect is None or self.judgement.verdict is not Verdict.VERIFIED or not effect.mean:
            return None
        return self.mean / effect.mean

    @property
    def looseness_interval(self) -> tuple[float, float] | None:
        """A 95 % interval for `looseness`, by the normal law of the mean of many fresh draws.

        None for an equality, and where the mean is not told from 0.
        """
        effect, loose = self.judgement.effect, self.looseness
        if effect is None or loose is None:
            return None
        ends = [effect.mean + side * NORMAL * effect.standard_error for side in (1, -1)]
        if ends[0] * ends[1] <= 0:
            return None
        low, high = sorted(self.mean / end for end in ends)
        return low, high

    def to_json(self) -> dict[str, Any]:
        """The point as plain values."""
        judged = self.judgement
        return {
            "at": as_json(self.at),
            "verdict": str(judged.verdict),
            "coarse": judged.coarse,
            "basis": self.basis,
            "method": self.method,
            "route": judged.verified_by or judged.accused_by,
            "mean": finite(self.mean),
            "epsilon": finite(judged.epsilon),
            "smallest_epsilon": finite(judged.smallest_epsilon),
            "scale": finite(judged.scale),
            "tolerance": finite(judged.tolerance),
            "tolerance_over_mean": finite(judged.relative_tolerance),
            "rivals_inside": list(judged.rivals_inside),
            "measured": None if judged.effect is None else finite(judged.effect.mean),
            "draws": judged.draws,
            **({} if self.looseness is None else {"looseness": self._loose()}),
        }

    def _loose(self) -> dict[str, float | None]:
        low, high = self.looseness_interval or (None, None)
        return {"estimate": finite(self.looseness), "low": finite(low), "high": finite(high)}


@dataclass(frozen=True)
class Simulation:
    """What simulation says of a claim: the points it was judged at, and their common verdict."""

    verdict: Verdict
    points: tuple[PointResult, ...]
    epsilon: float

    @property
    def draws(self) -> int:
        """Replicates drawn in all."""
        return sum(point.judgement.draws for point in self.points)

    @property
    def coarse(self) -> bool:
        """Whether at some point the null lies inside the tolerance."""
        return any(point.judgement.coarse for point in self.points)

    @property
    def widest(self) -> PointResult:
        """The point with the largest tolerance: what VERIFIED means at the least."""
        return max(self.points, key=lambda point: point.judgement.tolerance)

    @property
    def smallest_epsilon(self) -> float | None:
        """The smallest epsilon that was reached at every point; None where one reached none."""
        reached = [point.judgement.smallest_epsilon for point in self.points]
        return None if None in reached else max(x for x in reached if x is not None)

    def to_json(self) -> dict[str, Any]:
        """The simulation as plain values."""
        return {
            "verdict": str(self.verdict),
            "coarse": self.coarse,
            "epsilon": finite(self.epsilon),
            "smallest_epsilon": finite(self.smallest_epsilon),
            "scale": finite(self.widest.judgement.scale),
            "tolerance": finite(self.widest.judgement.tolerance),
            "draws": self.draws,
            "points": [point.to_json() for point in self.points],
        }


@dataclass(frozen=True)
class Counterexample:
    """A point where the claim fails, and by how much."""

    at: Point
    by: str
    claimed: float | None = None
    measured: float | None = None
    standard_error: float | None = None
    worst: Point | None = None

    def to_json(self) -> dict[str, Any]:
        """The counterexample as plain values."""
        return {
            "at": as_json(self.at),
            "by": self.by,
            "claimed": finite(self.claimed),
            "measured": finite(self.measured),
            "standard_error": finite(self.standard_error),
            "worst": None if self.worst is None else as_json(self.worst),
        }


@dataclass(frozen=True)
class Evidence:
    """The verdict on a claim, and everything it rests on.

    `verdict` is REFUTED if either witness refutes, else VERIFIED if the simulation verified it,
    else PROVED if only algebra could answer, else INCONCLUSIVE; CONFLICT if algebra proves what
    simulation refutes, which is a failure of this project. NOT JUDGED, in a table of many claims,
    is one whose sampler or formulas are at fault; `fault` says how in one line.
    """

    claim: Claim
    verdict: Verdict
    basis: str
    algebra: AlgebraicEvidence | None
    simulation: Simulation | None
    counterexample: Counterexample | None = None
    rivals: tuple[Any, ...] = field(default=())
    fault: str | None = None

    @property
    def expected(self) -> Verdict:
        """What is known of the claim: REFUTED if it is known to be false."""
        if self.claim.known_false is not None:
            return Verdict.REFUTED
        return (
            Verdict.PROVED if self.claim.form == "holds" or self.claim.limit else Verdict.VERIFIED
        )

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the expected one; PROVED does for VERIFIED."""
        if self.expected is Verdict.REFUTED:
            return self.verdict is Verdict.REFUTED
        return self.verdict in (Verdict.VERIFIED, Verdict.PROVED)

    def to_json(self) -> dict[str, Any]:
        """The evidence in the stable format of the command line."""
        algebra = self.algebra
        return {
            "id": self.claim.id,
            "verdict": str(self.verdict),
            "expected": str(self.expected),
            "as_expected": self.as_expected,
            "basis": self.basis,
            "algebra": None
            if algebra is None
            else {
                "verdict": str(algebra.verdict),
                "reason": algebra.reason,
                "counterexample": None
                if algebra.counterexample is None
                else as_json(algebra.counterexample),
            },
            "simulation": None if self.simulation is None else self.simulation.to_json(),
            "counterexample": None
            if self.counterexample is None
            else self.counterexample.to_json(),
            **({"rivals": [rival.to_json() for rival in self.rivals]} if self.rivals else {}),
            **({} if self.fault is None else {"fault": self.fault}),
        }


def summary(results: list[Evidence]) -> dict[str, int]:
    """Counts by verdict; they partition the claims.

    Parameters
    ----------
    results
        One evidence a claim.
    """
    counts: dict[str, int] = {str(verdict): 0 for verdict in Verdict}
    for each in results:
        counts[str(each.verdict)] += 1
    return counts


def document(salt: str, results: list[Evidence]) -> Mapping[str, Any]:
    """The whole table as plain values: no times, no job counts, so one salt gives one text."""
    return {
        "salt": salt,
        "claims": [each.to_json() for each in results],
        "summary": summary(results),
    }
