"""The plain words that go with a verdict: what it states, and what it does not."""

from __future__ import annotations

import math

from numerics.evidence.design import Design
from numerics.evidence.verdict import Verdict


def guarantee_of(
    verdict: Verdict, design: Design, *, asymptotic: bool, needs_variance: bool, law: bool
) -> str:
    """State what a verdict says and with which error probability, for the whole run."""
    if verdict is Verdict.VERIFIED:
        what = "Kolmogorov distance < tol" if law else "|E X - m| < tol"
        caveat = f", or Var X > v (1 + {design.epsilon:g})^2" if needs_variance else ""
        return (
            f"{what}{caveat}; P(any VERIFIED of the run is wrong) <= {design.error:.2g} "
            f"over {design.evaluations} evaluations"
        )
    if verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED):
        if asymptotic:
            return "ASYMPTOTIC: normal approximation, no guaranteed error probability"
        wrong = design.evaluations * math.exp(-design.L - design.C)
        subject = "the pair (mean, variance)" if needs_variance else "the claim"
        return f"accuses {subject}; P(any correct claim of the run is refuted) <= {wrong:.2g}"
    return "nothing is stated"


def note_of(
    *,
    unconfirmed: str | None,
    variance_refuted: bool,
    unverifiable: bool,
    smallest_epsilon: float | None,
    design: Design,
    planned: int,
) -> str:
    """Say what a verdict leaves open; empty if there is nothing to add."""
    if unconfirmed:
        return (
            f"the screen stream accused the claim ({unconfirmed}), "
            "fresh noise did not confirm it within the budget"
        )
    if variance_refuted:
        return "the claimed variance is too small, so nothing is said about the mean"
    if unverifiable:
        return (
            "nothing given can verify this mean: that takes a finite variance, its own or that of "
            "a law, or bounds="
        )
    if smallest_epsilon is None and not design.look_back:
        return "looked at briefly, while a counterexample was being shrunk"
    if smallest_epsilon is not None and smallest_epsilon > design.epsilon:
        return (
            f"reached {smallest_epsilon:.3g} instead of {design.epsilon:g}; "
            f"{planned} draws are planned for it, the budget is {design.budget}"
        )
    return ""
