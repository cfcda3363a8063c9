"""What is settled once for a claim before it is judged at points: algebra, moments, the sampler."""

from __future__ import annotations

from typing import Any

from threadpoolctl import ThreadpoolController

from numerics.evidence import Design, judge
from numerics.points import Point
from numerics.question import ask
from numerics.suite.moments import check_moments
from numerics.suite.plan import Plan
from numerics.suite.pooling import added, pooling_judge
from numerics.suite.record import Finding, Record
from numerics.witness import check_independence, content
from theory.claim import Claim
from theory.comparison import AlgebraicEvidence, compare

_controllers: list[ThreadpoolController] = []


def single_threaded() -> Any:
    """A context in which sums do not depend on how many cores a machine has."""
    if not _controllers:
        _controllers.append(ThreadpoolController())
    return _controllers[0].limit(limits=1)


class Subject:
    """A claim with what is known of it once and for all: its algebra, and the text of its noise.

    Parameters
    ----------
    claim
        In any form but the deterministic one.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.text = content(claim)
        self._algebra: AlgebraicEvidence | None = None

    @property
    def algebra(self) -> AlgebraicEvidence:
        """What algebra says of the claim."""
        if self._algebra is None:
            self._algebra = compare(self.claim)
        return self._algebra

    def prepare(self, record: Record, at: Point) -> None:
        """Check what does not depend on the point, once in a test.

        Raises
        ------
        ClaimError
            If a moment does not exist somewhere in the domain, or the sampler's replicates are
            dependent.
        """
        if self.claim.family is not None or not record.once(("prepared", self.text)):
            return
        check_moments(self.claim)
        plan = record.plan
        check_independence(self.claim, at, plan.salt, Design(evaluations=plan.evaluations))

    def judge(self, at: Point, plan: Plan, design: Design) -> tuple[Finding, ...]:
        """Judge the claim at a point; empty where simulation cannot answer."""
        pooled: list[tuple[float, ...]] = []
        watched = pooling_judge(pooled) if plan.pooled else judge
        proved = self.claim.form == "family" and self.algebra.verdict == "PROVED"
        with single_threaded():
            # Never `first`: how a point is simulated must not depend on the order of points.
            answers = ask(self.claim, at, plan.salt, design, proved=proved, judge=watched)
        logs = [*pooled, *[()] * (len(answers) - len(pooled))]
        return tuple(
            Finding(
                self.claim.id, self.text, answer.at, answer.judgement, added([log]), answer.basis
            )
            for answer, log in zip(answers, logs, strict=True)
        )
