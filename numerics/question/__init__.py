"""From a claim at one point of its domain to a question for the judge."""

from __future__ import annotations

from numerics import witness
from numerics.evidence import Design, judge
from numerics.evidence.twosample import compare_laws
from numerics.points import Point
from numerics.question.family import Judge, of_family
from numerics.question.trend import of_trend
from numerics.question.values import asked, claimed_variance, implied_variance, value
from numerics.result import PointResult
from theory.claim import Claim
from theory.errors import ClaimError, InvalidInput

__all__ = ["ask"]


def _sampler(
    claim: Claim, at: Point, salt: str, design: Design, judge: Judge
) -> tuple[PointResult, ...]:
    mean = value(claim, claim.mean, at)
    variance = claimed_variance(claim, at)
    if variance is None and claim.bounds is None:
        variance = implied_variance(claim, at)
    judgement = judge(
        witness.of_sampler(claim, at, salt),
        mean=mean,
        variance=variance,
        bounds_may_decide=True,
        design=design,
        **asked(claim, at),
    )
    return (PointResult(at, mean, judgement, "sampler"),)


def ask(
    claim: Claim,
    at: Point,
    salt: str,
    design: Design,
    *,
    proved: bool,
    first: bool = False,
    judge: Judge = judge,
) -> tuple[PointResult, ...]:
    """Judge a claim at one point.

    Parameters
    ----------
    claim
        In any form but the deterministic one.
    at
        A point of its domain.
    salt, design
        The noise and the plan.
    proved
        Whether algebra has proved the claim; only then may the one-generation step stand in for
        a horizon that no simulation can reach.
    first
        Whether to simulate raw samples whatever they cost.
    judge
        What judges the draws: `numerics.evidence.judge`, or something that watches it.

    Returns
    -------
    tuple of PointResult
        Empty if simulation cannot answer: the variance of a replicate is not known.

    Raises
    ------
    ClaimError
        If a claim of a sampler gives nothing that bounds a replicate, or its parts contradict each
        other; the line names the claim.
    """
    if claim.form == "pair":
        judgement = compare_laws(*witness.of_pair(claim, at, salt), design)
        return (PointResult(at, 0.0, judgement, "two samplers"),)
    if claim.form == "trend":
        return of_trend(claim, at, salt, design)
    if claim.form == "sampler":
        if all(x is None for x in (claim.variance, claim.bounds, claim.cdf, claim.log_mellin)):
            raise ClaimError(
                f"{claim.id}: nothing bounds a replicate, so no number of draws tells its mean; "
                "give variance= (an upper bound will do), bounds=, cdf= or log_mellin="
            )
        try:
            return _sampler(claim, at, salt, design, judge)
        except InvalidInput as error:
            if claim.id in str(error):
                raise
            place = ", ".join(f"{name}={x}" for name, x in at.items())
            raise ClaimError(f"{claim.id}: {error}{place and f' (at {place})'}") from error
    return of_family(claim, at, salt, design, judge, proved=proved, first=first)
