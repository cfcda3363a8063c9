"""What the two witnesses come to: one verdict, what it rests on, and a counterexample."""

from __future__ import annotations

from collections.abc import Sequence

from numerics.evidence import Verdict
from numerics.points import Point, key
from numerics.result import (
    ALGEBRA,
    END_TO_END,
    STEP,
    Counterexample,
    PointResult,
    Simulation,
)
from theory.claim import Claim
from theory.comparison import AlgebraicEvidence


def common_verdict(results: Sequence[PointResult]) -> Verdict:
    """The verdict over all points: the worst one."""
    verdicts = {result.judgement.verdict for result in results}
    for verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return verdict
    return Verdict.VERIFIED


def _gap(result: PointResult) -> float:
    effect = result.judgement.effect
    return 0.0 if effect is None else abs(effect.mean - result.mean) / result.judgement.scale


def counterexample(
    algebra: AlgebraicEvidence, simulation: Simulation | None, smallest: Point | None
) -> Counterexample | None:
    """Where the claim fails, by simulation if it was refuted there, else by algebra."""
    if simulation is not None and smallest is not None:
        refuted = [p for p in simulation.points if p.judgement.verdict is Verdict.REFUTED]
        shown = next(p for p in refuted if key(p.at) == key(smallest))
        effect = shown.judgement.effect
        return Counterexample(
            at=smallest,
            by="simulation",
            claimed=shown.mean,
            measured=None if effect is None else effect.mean,
            standard_error=None if effect is None else effect.standard_error,
            worst=max(refuted, key=_gap).at,
        )
    if algebra.counterexample is not None:
        return Counterexample(at=algebra.counterexample, by="algebra")
    return None


def overall(claim: Claim, algebra: AlgebraicEvidence, simulation: Simulation | None) -> Verdict:
    """The verdict of both witnesses; see `numerics.result.Evidence`.

    They contradict each other only where they speak of one thing: a certificate is proved beside
    what is simulated, and of an exponent the remainder is left to simulation.
    """
    simulated = None if simulation is None else simulation.verdict
    if (
        simulated is Verdict.REFUTED
        and algebra.verdict == "PROVED"
        and claim.certificate is None
        and claim.form != "trend"
    ):
        return Verdict.CONFLICT
    if claim.certificate is not None and algebra.verdict == "PROVED":
        return simulated or Verdict.INCONCLUSIVE
    if claim.certificate is not None and simulated is Verdict.VERIFIED:
        simulated = Verdict.INCONCLUSIVE
    if simulated is Verdict.REFUTED or algebra.verdict == "REFUTED":
        return Verdict.REFUTED
    if simulated in (Verdict.VARIANCE_REFUTED, Verdict.VERIFIED):
        assert simulated is not None
        return simulated
    return Verdict.PROVED if algebra.verdict == "PROVED" else Verdict.INCONCLUSIVE


def basis(algebra: AlgebraicEvidence, simulation: Simulation | None, verdict: Verdict) -> str:
    """What the verdict rests on, in words."""
    if simulation is None or (
        simulation.verdict is Verdict.INCONCLUSIVE and algebra.verdict != "SILENT"
    ):
        return ALGEBRA
    if verdict is Verdict.REFUTED and simulation.verdict is not Verdict.REFUTED:
        return ALGEBRA
    stepped = any(point.basis == STEP for point in simulation.points)
    ended = any(point.basis == END_TO_END for point in simulation.points)
    if not stepped:
        return END_TO_END
    return f"{END_TO_END}; {STEP}" if ended else STEP
