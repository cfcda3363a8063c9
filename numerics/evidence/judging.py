"""The judge: one claim about E X at one point, decided on draws that it asks for itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from numerics.evidence.blocks import Array, Block
from numerics.evidence.constants import judge_constant, judge_vacuous
from numerics.evidence.design import FIRST_LOOK, Design
from numerics.evidence.law import KolmogorovBand, kolmogorov_plan
from numerics.evidence.planning import plan, smallest_epsilon
from numerics.evidence.reading import CONFIRM, SCREEN, Sampler, estimate_effect, read
from numerics.evidence.rivals import NULL, Rival, RivalMeans, assemble_rivals
from numerics.evidence.routes import (
    ASYMPTOTIC,
    SPREAD,
    Accuser,
    LawVerification,
    VerifyingPair,
    accusers,
)
from numerics.evidence.statement import Statement
from numerics.evidence.verdict import Judgement, Verdict
from numerics.evidence.wording import guarantee_of, note_of
from theory.errors import InvalidInput


def judge(
    draws: Sampler,
    *,
    mean: float,
    variance: float | None = None,
    scale: float | None = None,
    slack: float = 0.0,
    relation: str = "=",
    bounds: tuple[float, float] | None = None,
    cdf: Callable[[Array], Array] | None = None,
    log_mellin: Callable[[float], float] | None = None,
    nonnegative: bool = False,
    law_claim: bool = False,
    asymptotic: bool = False,
    null: float | None = None,
    rivals: RivalMeans | None = None,
    bounds_may_decide: bool = False,
    design: Design | None = None,
) -> Judgement:
    """Judge the claim E X = mean (or <=, >=) about independent draws of X.

    Parameters
    ----------
    draws : callable
        ``draws(stage, start, count)`` returns the draws number ``start`` to ``start + count - 1``
        of the stream of that stage (``"screen"``, ``"confirm"``, ``"effect"``) as an array of shape
        ``(count,)``. It is called in order, on the schedule ``design.looks()`` cut into chunks of
        at most 65,536; the same call must return the same numbers.
    mean : float
        The claimed expectation m.
    variance : float, optional
        Variance of one draw under the claim, or a bound on it (for an inequality: over the null).
    scale : float, optional
        Scale s that epsilon is relative to; the root mean square sqrt(m^2 + v) if left out.
    slack : float
        Proved remainder r: the claim is |E X - m| <= r.
    relation : {"=", "<=", ">="}
        What E X is to the mean.
    bounds : (float, float), optional
        Numbers that X never leaves.
    cdf : callable, optional
        Vectorised distribution function of X, continuous.
    log_mellin : callable, optional
        s -> log E[X^s] for X > 0; ``inf`` where there is none.
    nonnegative : bool
        X is never negative.
    law_claim : bool
        The claim is about the law `cdf`: VERIFIED then means a Kolmogorov distance below epsilon.
    asymptotic : bool
        Allow the normal approximation to refute, labelled as such.
    null : float, optional
        The mean if nothing happens; inside the tolerance it makes VERIFIED coarse. So does 0, if
        nothing else is given, where the claimed mean is not 0.
    rivals : mapping of str to float or (float, float), optional
        Alternative means, or (mean, variance), judged on the same screen draws.
    bounds_may_decide : bool
        Answer where the bounds imply the claim or exclude it, which is refused as misuse otherwise:
        VERIFIED, after a first look that all draws keep to the bounds, or REFUTED.
    design : Design, optional
        Resolution, budget and error probabilities.

    Returns
    -------
    Judgement
        The verdict with its resolution, evidence, rivals and error probability.

    Raises
    ------
    InvalidInput
        If the claim is not testable as given, or the sampler returns something else than `count`
        finite numbers inside the declared bounds.

    Examples
    --------
    The one-step variance ratio at n = 10, and the same with n - 1 in place of n:

    >>> from numerics.streams import Stream
    >>> def draws(stage, start, count):
    ...     stream = Stream("c0ffee", "chi2(9)/10", {}, stage)
    ...     return stream.generator(start).chisquare(9, count) / 10
    >>> judgement = judge(draws, mean=0.9, variance=0.18, null=1.0, rivals={"n-1": 1 - 1 / 9})
    >>> judgement.label, judgement.draws, [rival.status for rival in judgement.rivals]
    ('VERIFIED', 88818, ['refuted', 'refuted'])
    >>> judge(draws, mean=1 - 1 / 9, variance=0.18).label
    'REFUTED'
    """
    statement = Statement(
        mean=float(mean),
        variance=None if variance is None else float(variance),
        declared_scale=None if scale is None else float(scale),
        slack=float(slack),
        relation=relation,
        bounds=None if bounds is None else (float(bounds[0]), float(bounds[1])),
        cdf=cdf,
        log_mellin=log_mellin,
        nonnegative=nonnegative,
        law_claim=law_claim,
        asymptotic=asymptotic,
    )
    design = design or Design()
    if statement.vacuous and not bounds_may_decide:
        raise InvalidInput(statement.vacuity)
    if statement.excluded and not bounds_may_decide:
        raise InvalidInput(f"mean={statement.mean!r} lies outside bounds={statement.bounds!r}")
    if statement.vacuous:
        return judge_vacuous(draws, statement, design)
    contenders = assemble_rivals(rivals, null, statement, design)
    if statement.is_constant:
        return judge_constant(draws, statement, design, contenders)
    return _Trial(draws, statement, design, contenders, null).run()


@dataclass
class _Trial:
    """One run of the procedure: looks, accusations, confirmation, verification."""

    draws: Sampler
    statement: Statement
    design: Design
    rivals: list[Rival]
    null: float | None

    def __post_init__(self) -> None:
        statement, design = self.statement, self.design
        v, m, s = statement.planning_variance, statement.mean, statement.scale
        self.verifier: VerifyingPair | LawVerification
        if statement.law_claim and statement.cdf is not None:
            self.planned = max(FIRST_LOOK, kolmogorov_plan(design.epsilon, design.L))
            # Bets that aim beyond the budget would reach nothing: they aim at what it can reach.
            self.aim = design.epsilon * max(1.0, math.sqrt(self.planned / design.budget))
            band = KolmogorovBand(statement.cdf, self.aim, design.L)
            self.verifier = LawVerification(band, design.epsilon)
        else:
            self.planned = plan(m, v, design, scale=s)
            reachable = smallest_epsilon(design.budget, m, v, design, scale=s)
            self.aim = max(design.epsilon, reachable)
            self.verifier = VerifyingPair(statement, self.aim, design.epsilon)
        self.charges = accusers(statement, self.aim)
        self.level = design.L + math.log(max(len(self.charges), 1))
        self.screened = self.confirmed_on = 0
        self.confirm_log_e: float | None = None

    def run(self) -> Judgement:
        """Take one look after the other until a verdict stops the run."""
        processes = {id(charge.process): charge.process for charge in self.charges}.values()
        for look in self.design.looks():
            for block in self._read(SCREEN, self.screened, look):
                for user in (*processes, self.verifier, *self.rivals):
                    user.add(block)
            self.screened = look
            for rival in self.rivals:
                rival.look()
            crossed = [charge for charge in self.charges if charge.log_e() >= self.level]
            if crossed:
                # A refuted variance withholds the verdict on the mean, so it goes first.
                first = max(crossed, key=lambda charge: (charge.route == SPREAD, charge.log_e()))
                return self._accuse(first)
            if self.verifier.look(self.design.L) and self._resolution() <= self.design.epsilon:
                return self._report(Verdict.VERIFIED, smallest=self._resolution())
        return self._report(Verdict.INCONCLUSIVE, smallest=self._coarser())

    def _read(self, stage: str, start: int, stop: int) -> Iterable[Block]:
        return read(self.draws, stage, start, stop, self.statement, self.design)

    def _resolution(self) -> float:
        return self.verifier.smallest_epsilon(self.design.L)

    def _accuse(self, charge: Accuser) -> Judgement:
        fresh = charge.confirming()
        for look in self.design.looks():
            for block in self._read(CONFIRM, self.confirmed_on, look):
                fresh.process.add(block)
            self.confirmed_on = look
            self.confirm_log_e = fresh.log_e()
            if self.confirm_log_e >= self.design.C:
                refuted = charge.route != SPREAD
                verdict = Verdict.REFUTED if refuted else Verdict.VARIANCE_REFUTED
                return self._report(verdict, charge=charge)
        return self._report(Verdict.INCONCLUSIVE, charge=charge)

    def _coarser(self) -> float | None:
        """Find the smallest resolution that the budget did reach, with the bets as they were."""
        pair, level = self.verifier, self.design.L
        if isinstance(pair, LawVerification):
            return self._resolution()
        if not pair.available:
            return None
        if pair.look(level):
            return self._resolution()
        if not self.design.look_back:
            return None
        guess = pair.guess_epsilon(level) - pair.epsilon
        for factor in (1.02, 1.3, 2, 5):
            # The draws are asked for again rather than kept: memory stays bounded.
            coarse = VerifyingPair(
                self.statement, pair.epsilon + factor * guess, self.design.epsilon, self.aim
            )
            for block in self._read(SCREEN, 0, self.screened):
                coarse.add(block)
            if coarse.look(level):
                return coarse.smallest_epsilon(level)
        return None

    def _report(
        self, verdict: Verdict, *, smallest: float | None = None, charge: Accuser | None = None
    ) -> Judgement:
        statement, design, m = self.statement, self.design, self.statement.mean
        law = statement.law_claim
        scale = 1.0 if law else statement.scale
        tolerance = design.epsilon if law else statement.tolerance(design.epsilon)
        refuted = verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED)
        verified = verdict is Verdict.VERIFIED
        asymptotic = charge is not None and charge.route == ASYMPTOTIC
        unconfirmed = charge.name if charge is not None and not refuted else None
        reports = tuple(rival.report() for rival in self.rivals)
        null_inside = any(r.name == NULL and r.inside_tolerance for r in reports)
        if self.null is None:
            null_inside = 0 < abs(m) <= tolerance
        return Judgement(
            verdict=verdict,
            coarse=verified and not law and null_inside,
            mean=m,
            epsilon=design.epsilon,
            smallest_epsilon=smallest,
            scale=scale,
            tolerance=tolerance,
            relative_tolerance=tolerance / abs(m) if m and not law else None,
            screen_draws=self.screened,
            confirm_draws=self.confirmed_on,
            planned_draws=self.planned,
            routes=tuple(dict.fromkeys(c.route for c in self.charges)),
            accused_by=None if charge is None else charge.name,
            log_e={c.name: c.log_e() for c in self.charges},
            confirm_log_e=self.confirm_log_e,
            unconfirmed=unconfirmed is not None,
            verified_by=self.verifier.route if verified else None,
            asymptotic=asymptotic and refuted,
            rivals=reports,
            effect=estimate_effect(self.draws, self.screened, statement, design)
            if refuted or (verified and statement.relation != "=")
            else None,
            of_laws=law,
            note=note_of(
                unconfirmed=unconfirmed,
                variance_refuted=verdict is Verdict.VARIANCE_REFUTED,
                unverifiable=verdict is Verdict.INCONCLUSIVE and not self.verifier.available,
                smallest_epsilon=smallest,
                design=design,
                planned=self.planned,
            ),
            guarantee=guarantee_of(
                verdict,
                design,
                asymptotic=asymptotic,
                needs_variance=self.verifier.needs_variance
                if verified
                else charge is not None and charge.route == "two moments",
                law=law,
            ),
        )
