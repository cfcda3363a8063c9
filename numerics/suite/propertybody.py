"""What the test of a claim does at a point that Hypothesis chose: judge, aim, raise, report."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import note, target
from hypothesis.control import currently_in_test_context

from numerics.evidence import Design, Verdict
from numerics.points import Point, key
from numerics.shrinking import candidate_design
from numerics.suite import plan as plans
from numerics.suite.prelude import Subject
from numerics.suite.record import Finding, Record, ambient
from numerics.suite.refutation import ClaimRefuted, accused, place, refutation
from theory.claim import Claim
from theory.comparison import AlgebraicEvidence, compare
from theory.domain import Number
from theory.errors import ClaimError, CollapseError

# `target` takes finite numbers.
LARGEST_LOG_E = 1e6


def _by_algebra(claim: Claim, said: AlgebraicEvidence) -> ClaimRefuted:
    where = "" if said.counterexample is None else f" at {place(said.counterexample)}"
    return ClaimRefuted(
        f"{claim.id} is REFUTED by algebra{where}: {claim.statement}; {said.reason}"
    )


class Algebra:
    """The test of a claim that only algebra can decide."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    def test(self, at: Point) -> None:
        __tracebackhide__ = True
        said = compare(self.claim)
        if said.verdict == "REFUTED":
            raise _by_algebra(self.claim, said)
        record = ambient() or Record(self.claim.id, plans.current())
        if said.verdict == "PROVED":
            record.algebra.append((self.claim.id, "PROVED"))
        else:
            record.algebra.append((self.claim.id, str(Verdict.INCONCLUSIVE)))
            record.unknown(f"algebra is silent: {said.reason}")


class Property:
    """The test of a claim at points that Hypothesis chooses."""

    def __init__(
        self,
        claim: Claim,
        body: Callable[..., Any] | None,
        epsilon: float,
        budget: int | None,
        points: int | None,
        cap: int,
        design: Design | None,
    ) -> None:
        self.subject = Subject(claim)
        self.body, self.epsilon, self.budget, self.cap = body, epsilon, budget, cap
        self.points, self.design = points, design
        # The test that Hypothesis made of us: it knows how many examples are pinned.
        self.visible: Any = None
        self._own: Record | None = None

    def _record(self) -> Record:
        """The plugin's record of the running test, or one of our own for each plan."""
        outer = ambient()
        if outer is not None:
            return outer
        if self._own is None or self._own.plan is not plans.current():
            self._own = Record(self.subject.claim.id, plans.current(), self.cap)
        return self._own

    def _design(self, plan: plans.Plan) -> Design:
        return self.design or Design(
            epsilon=self.epsilon, budget=plan.draws(self.budget), evaluations=plan.evaluations
        )

    def _enough(self, at: Point, record: Record) -> bool:
        """Whether a new point is one too many; never while a refutation is being shrunk."""
        if self.points is None or record.knows(self.subject.text, key(at)):
            return False
        pinned = getattr(self.visible, "hypothesis_explicit_examples", ())
        limit = self.points + len(pinned)
        return self.subject.text not in record.smallest and record.count(self.subject.text) >= limit

    def _judge(self, at: Point, record: Record) -> tuple[Finding, ...]:
        self.subject.prepare(record, at)
        design = self._design(record.plan)
        fallen = accused([each for each in record.findings if each.content == self.subject.text])
        if fallen:
            design = candidate_design(design, fallen[0].judgement.screen_draws)
        return self.subject.judge(at, record.plan, design)

    def test(self, at: dict[str, Number]) -> None:
        """Judge one point; raise if it is refuted."""
        __tracebackhide__ = True
        claim = self.subject.claim
        at = {name: domain.validate(name, at[name]) for name, domain in claim.over.items()}
        if not claim.admits(at):
            raise ClaimError(f"{claim.id}: {place(at)} lies outside the claim's domain")
        record = self._record()
        algebraic = claim.family is not None or claim.certificate is not None
        if algebraic and self.subject.algebra.verdict == "REFUTED":
            raise _by_algebra(claim, self.subject.algebra)
        if claim.certificate is not None and self.subject.algebra.verdict == "SILENT":
            record.unknown(f"the certificate is not proved: {self.subject.algebra.reason}")
        if self._enough(at, record):
            return
        try:
            found = record.judged(self.subject.text, key(at), lambda: self._judge(at, record))
        except CollapseError as error:
            raise error.with_traceback(None)  # noqa: B904  (the line says all; its cause is kept)
        if found is None:
            return
        if not found:
            record.unknown(f"nothing bounds a replicate's variance at {place(at)}")
            return
        self._aim(found)
        fallen = accused(found)
        if fallen:
            smallest = replace(fallen[0], at=at)
            record.smallest[self.subject.text] = smallest
            raise refutation(smallest, record.findings, claim.statement, pinned=True)
        for each in found:
            shrinking = self.subject.text in record.smallest
            if each.judgement.verdict is Verdict.INCONCLUSIVE and not shrinking:
                record.doubt(f"{claim.id}: INCONCLUSIVE at {place(at)}: {each.judgement.note}")
        if self.body is not None:
            names = inspect.signature(self.body).parameters
            values = {**at, "judgement": found[0].judgement}
            self.body(**{name: values[name] for name in names if name in values})

    def _aim(self, found: tuple[Finding, ...]) -> None:
        """Tell Hypothesis how close to a refutation the point came."""
        if not currently_in_test_context():
            return
        logs = [
            x
            for each in found
            for name, x in each.judgement.log_e.items()
            if abs(x) < LARGEST_LOG_E
        ]
        target(max(logs, default=0.0), label="log E")
        for each in found:
            judged = each.judgement
            note(f"{each.subject} at {place(each.at)}: {judged.label}, {judged.draws} draws")
