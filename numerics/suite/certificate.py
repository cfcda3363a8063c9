"""`certify`: what verified points say about the whole domain of a claim.

If more than a share 1 - p of a domain were not verifiable, k independent points drawn from it would
all be verified with probability below p^k: 299 points that are all VERIFIED leave at most 1 % of
the domain, at 95 % confidence. With f points that are not, the bound of Clopper and Pearson.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy import stats

from numerics import witness
from numerics.evidence import Design, Verdict
from numerics.points import Point, as_json
from numerics.streams import Stream
from numerics.suite import plan as plans
from numerics.suite.prelude import Subject
from numerics.suite.randompoints import random_points
from numerics.suite.record import Finding, Record
from numerics.suite.refutation import accused
from theory.claim import Claim
from theory.comparison import compare
from theory.domain import Number
from theory.errors import ClaimError, InvalidInput

#: Points that one certificate may ask for; each is judged with up to `budget` draws.
MOST_POINTS = 100_000

Measure = Callable[[np.random.Generator], Mapping[str, Any]]


@dataclass(frozen=True)
class Certificate:
    """What was found at independent points of a domain, and what follows for all of it.

    Attributes
    ----------
    claim : str
        Its id.
    verdict : Verdict
        VERIFIED if the share that was asked for is certified; REFUTED if any point was refuted (the
        search then stops); VARIANCE REFUTED likewise; else INCONCLUSIVE.
    share, confidence : float
        What was asked for.
    measure : str
        What the share is a share of: ``"uniform"``, ``"log-uniform"``, or the name of the measure.
    points, verified : int
        Points judged, and how many of them are VERIFIED.
    certified : float
        Largest share that the points certify at this confidence; 0 if one was refuted.
    epsilon : float
        The resolution of every VERIFIED.
    draws : int
        Replicates drawn in all.
    failures : tuple
        The findings that are not VERIFIED.
    error : float
        Probability that any VERIFIED among them is wrong; it comes on top of 1 - confidence.
    """

    claim: str
    verdict: Verdict
    share: float
    confidence: float
    measure: str
    points: int
    verified: int
    certified: float
    epsilon: float
    draws: int
    failures: tuple[Finding, ...]
    error: float

    def __str__(self) -> str:
        head = f"{self.claim}: {self.verified} of {self.points} points VERIFIED at {self.epsilon:g}"
        if self.verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED):
            where = ", ".join(f"{name} = {x}" for name, x in self.failures[-1].at.items())
            return f"{head}; {self.verdict} at {where}"
        return (
            f"{head}: at least {self.certified:.2%} of the domain ({self.measure}) with confidence "
            f"{self.confidence:g}, beside an error probability of {self.error:.2g}"
        )

    def to_json(self) -> dict[str, Any]:
        """The certificate as plain values."""
        return {
            "id": self.claim,
            "verdict": str(self.verdict),
            "share": self.share,
            "confidence": self.confidence,
            "measure": self.measure,
            "points": self.points,
            "verified": self.verified,
            "certified": round(self.certified, 10),
            "epsilon": self.epsilon,
            "draws": self.draws,
            "failures": [
                {"at": as_json(each.at), "verdict": str(each.judgement.verdict)}
                for each in self.failures
            ],
            "error": self.error,
        }


def points_needed(share: float, confidence: float) -> int:
    """Points that must all be verified to certify a share.

    Examples
    --------
    >>> points_needed(0.99, 0.95)
    299
    """
    if not (0 < share < 1 and 0 < confidence < 1):
        raise InvalidInput(
            f"share={share!r}, confidence={confidence!r} are not accepted; accepted: (0, 1)"
        )
    return math.ceil(math.log(1 - confidence) / math.log(share))


def certified_share(verified: int, points: int, confidence: float) -> float:
    """Lower confidence bound for a share (Clopper and Pearson 1934).

    Examples
    --------
    >>> certified_share(299, 299, 0.95) >= 0.99, round(certified_share(297, 299, 0.95), 4)
    (True, 0.9791)
    """
    if verified == 0:
        return 0.0
    return float(stats.beta.ppf(1 - confidence, verified, points - verified + 1))


def _measured(claim: Claim, measure: Measure, rng: Any) -> Iterator[dict[str, Number]]:
    while True:
        drawn = dict(measure(rng))
        at = {name: each.validate(name, drawn.get(name)) for name, each in claim.over.items()}
        if not claim.admits(at):
            raise ClaimError(f"{claim.id}: measure drew {drawn}, which the claim does not cover")
        yield at


def _judge(
    claim: Claim, text: str, at: Point, plan: plans.Plan, design: Design
) -> tuple[Finding, ...]:
    witness.learn(claim, text)
    return Subject(claim).judge(at, plan, design)


def certify(
    claim: Claim,
    share: float = 0.99,
    confidence: float = 0.95,
    *,
    measure: Measure | str = "uniform",
    salt: str | None = None,
    epsilon: float = 0.01,
    budget: int = 4_000_000,
    jobs: int | None = None,
    design: Design | None = None,
) -> Certificate:
    """Certify that a claim holds within epsilon on a share of its domain.

    Parameters
    ----------
    claim
        In its family or sampler form.
    share, confidence
        299 points for the default: all VERIFIED says 99 % of the domain with confidence 95 %.
    measure
        ``"uniform"``; ``"log-uniform"``, which gives every power of ten the same weight; or
        ``measure(rng)``, which returns a random point as a mapping.
    salt
        Names the points and the noise; fresh by default.
    epsilon, budget, design
        As in `verify`.
    jobs
        Processes; the certificate does not depend on it. By default the plugin's, or 1.

    Returns
    -------
    Certificate
        It stops at the first refuted point.

    Raises
    ------
    InvalidInput
        If there is nothing to draw from: no domain, or an unbounded one without a measure of its
        own.

    Examples
    --------
    >>> import sympy as sp
    >>> from theory import integers
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> claim = Claim("mine.step", "E s^2 = 1 - 1/n", {n: integers(2, 200)}, mean=1 - 1/n,
    ...               variance=2*(n - 1)/n**2,
    ...               draw=lambda rng, size, n: rng.chisquare(n - 1, size) / n)
    >>> certificate = certify(claim, share=0.8, epsilon=0.1, salt="c0ffee")
    >>> certificate.verdict.value, certificate.points
    ('VERIFIED', 14)
    """
    if claim.form == "holds" or claim.limit is not None:
        raise InvalidInput(f"{claim.id} is decided by algebra; certify draws points of simulation")
    if claim.certificate is not None and compare(claim).verdict != "PROVED":
        raise InvalidInput(f"{claim.id}: its certificate is not proved; check the claim first")
    if not claim.over:
        raise InvalidInput(f"{claim.id} has no domain to certify")
    count = points_needed(share, confidence)
    if count > MOST_POINTS:
        raise InvalidInput(
            f"share={share!r}, confidence={confidence!r} need {count} points, all verified; "
            f"accepted: at most {MOST_POINTS}"
        )
    asked = plans.current()
    plan = plans.Plan(salt or asked.salt, jobs=asked.jobs if jobs is None else jobs)
    design = design or Design(
        epsilon=epsilon, budget=budget, evaluations=max(plan.evaluations, 2 * count)
    )
    subject = Subject(claim)
    # Points come from the salt and the claim, so that nobody chooses them.
    rng = Stream(plan.salt, subject.text, {}, "certify").generator()
    if isinstance(measure, str):
        source = random_points(claim, rng, measure)
    else:
        source = _measured(claim, measure, rng)
    points = [next(source) for _ in range(count)]
    subject.prepare(Record(claim.id, plan), points[0])
    findings: list[tuple[Finding, ...]] = []
    with Parallel(n_jobs=plan.jobs) as parallel:
        step = 8 * max(1, abs(plan.jobs))
        for start in range(0, count, step):
            chosen = points[start : start + step]
            work = (delayed(_judge)(claim, subject.text, at, plan, design) for at in chosen)
            batch = list(parallel(work))
            stop = next((i for i, each in enumerate(batch) if accused(each)), None)
            findings += batch if stop is None else batch[: stop + 1]
            if stop is not None:
                break
    return _certificate(claim, findings, share, confidence, measure, design)


def _certificate(
    claim: Claim,
    findings: list[tuple[Finding, ...]],
    share: float,
    confidence: float,
    measure: Measure | str,
    design: Design,
) -> Certificate:
    good = [
        bool(each) and all(f.judgement.verdict is Verdict.VERIFIED for f in each)
        for each in findings
    ]
    failures = tuple(
        f for each in findings for f in each if f.judgement.verdict is not Verdict.VERIFIED
    )
    refuted = accused(failures)
    certified = 0.0 if refuted else certified_share(sum(good), len(good), confidence)
    verdict = Verdict.VERIFIED if all(good) else Verdict.INCONCLUSIVE
    if refuted:
        verdict = refuted[-1].judgement.verdict
    return Certificate(
        claim=claim.id,
        verdict=verdict,
        share=share,
        confidence=confidence,
        measure=measure if isinstance(measure, str) else getattr(measure, "__name__", "given"),
        points=len(findings),
        verified=sum(good),
        certified=certified,
        epsilon=design.epsilon,
        draws=sum(f.judgement.draws for each in findings for f in each),
        failures=failures,
        error=design.error,
    )
