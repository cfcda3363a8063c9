"""One expectation at one point: its noise, its plan, and what is done with the verdict."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Any

from numerics import guards
from numerics.evidence import Design, Judgement, Verdict
from numerics.streams import Stream
from numerics.suite import plan as plans
from numerics.suite.record import Finding, Record, ambient
from numerics.suite.refutation import refutation
from numerics.suite.texts import text_of
from numerics.witness import Draws, checked, of_callable
from theory.errors import CollapseError


class Expectation:
    """One expectation at one point: its noise, its plan, and what is done with the verdict."""

    def __init__(
        self,
        kind: str,
        samplers: tuple[Any, ...],
        claim: tuple[Any, ...],
        statement: str,
        at: Mapping[str, Any] | None,
        label: str | None,
        epsilon: float,
        budget: int | None,
        design: Design | None,
    ) -> None:
        outer = ambient()
        self.record = outer or Record("expectation", plans.current())
        self.plan = self.record.plan
        self.at = dict(at or {})
        self.statement = statement
        self.text = "\n".join([self.record.name, kind, label or "", *map(text_of, claim)])
        self.samplers = samplers
        self.subject = label or f"{self.record.name.rsplit('::', 1)[-1]}: {statement}"
        self.design = design or Design(
            epsilon=epsilon, budget=self.plan.draws(budget), evaluations=self.plan.evaluations
        )

    def draws(self, which: int = 0) -> Draws:
        """The draws of a sampler, guarded the first time it is met in this test."""
        sampler = self.samplers[which]
        text = f"{self.text}\n{which}\n{text_of(sampler)}"
        draws = of_callable(sampler, self.subject, text, self.at, self.plan.salt)
        if self.record.once(("guarded", text)):
            guard(sampler, self.subject, text, self.at, self.plan)
        return draws

    def settle(self, judged: Callable[[], tuple[Judgement, tuple[float, ...]]]) -> Judgement:
        """Judge once, keep the finding, and raise if it is a refutation."""
        content = hashlib.sha256(
            "\n".join([self.text, *map(text_of, self.samplers)]).encode()
        ).hexdigest()
        point = tuple(sorted((name, text_of(value)) for name, value in self.at.items()))

        def findings() -> tuple[Finding, ...]:
            judgement, pooled = judged()
            return (Finding(self.subject, content, self.at, judgement, pooled),)

        try:
            found = self.record.judged(content, point, findings)
        except CollapseError as error:
            __tracebackhide__ = True
            raise error.with_traceback(None)  # noqa: B904  (the line says all; its cause is kept)
        if found is None:
            return _unjudged(self.design)
        judgement = found[0].judgement
        if judgement.verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED):
            __tracebackhide__ = True
            raise refutation(found[0], self.record.findings, self.statement, pinned=False)
        if judgement.verdict is Verdict.INCONCLUSIVE:
            self.record.doubt(f"{self.subject}: INCONCLUSIVE: {judgement.note}")
        return judgement


def guard(
    sampler: Callable[..., Any],
    name: str,
    text: str,
    at: Mapping[str, Any],
    plan: plans.Plan,
) -> None:
    """Test a sampler at one point: a function of its rng, independent replicates, one law."""
    guards.check_sampler(
        checked(sampler, name, at),
        name,
        lambda stage: Stream(plan.salt, text, at, stage),
        Design(evaluations=plan.evaluations),
    )


def _unjudged(design: Design) -> Judgement:
    return Judgement(
        verdict=Verdict.INCONCLUSIVE,
        coarse=False,
        mean=math.nan,
        epsilon=design.epsilon,
        smallest_epsilon=None,
        scale=math.nan,
        tolerance=math.nan,
        relative_tolerance=None,
        screen_draws=0,
        confirm_draws=0,
        planned_draws=0,
        routes=(),
        note="the test has spent its error budget",
    )
