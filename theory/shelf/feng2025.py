"""Feng et al. (2025): a verifier of labels helps up to a threshold; catalogue entry D21.

The threshold is recalled. A label is wrong with probability p; the verifier keeps a correct one
with probability `keep_correct` and a wrong one with `keep_wrong`.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import reals
from theory.selection import selected_error

REFERENCE = Reference(
    "Feng et al.",
    2025,
    title="Beyond model collapse: scaling up with synthesized data requires verification",
    arxiv="2406.07515",
    note="threshold recalled",
)
p = sp.Symbol("p", positive=True)
keep_correct = sp.Symbol("keep_correct", positive=True)
keep_wrong = sp.Symbol("keep_wrong", positive=True)
margin = sp.Symbol("margin", positive=True)

_error = selected_error(p, keep_correct, keep_wrong)
_over = {
    p: reals(Fraction(1, 5), Fraction(4, 5)),
    keep_correct: reals(Fraction(1, 2), 1),
    keep_wrong: reals(Fraction(1, 10), Fraction(2, 5)),
}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="feng2025.selected-error",
        title="Error rate of the kept labels",
        statement="Of the kept labels a share p psi/(p psi + (1-p) phi) is wrong, phi and psi the "
        "probabilities of keeping a correct and a wrong one.",
        reference=REFERENCE,
        entry="D21",
        mean=_error,
        variance=_error * (1 - _error),
        bounds=(0, 1),
        over=_over,
        null=p,
    ),
    Claim(
        id="feng2025.direction",
        title="What a linear classifier learns from the kept labels",
        statement="With points at margin m from the boundary and unit noise, the mean of label "
        "times point is (1 - 2 p') m, p' the error rate of the kept labels.",
        reference=REFERENCE,
        entry="D21",
        mean=(1 - 2 * _error) * margin,
        variance=1 + margin**2 - ((1 - 2 * _error) * margin) ** 2,
        over={**_over, margin: reals(Fraction(1, 2), 2)},
        null=(1 - 2 * p) * margin,
    ),
    Claim(
        id="feng2025.threshold",
        title="Threshold of verification",
        statement="The classifier points the right way exactly if p < phi/(phi + psi): 1 - 2 p' = "
        "(phi + psi) (phi/(phi + psi) - p)/(p psi + (1-p) phi).",
        reference=REFERENCE,
        entry="D21",
        holds=sp.Eq(
            1 - 2 * _error,
            (keep_correct + keep_wrong)
            * (keep_correct / (keep_correct + keep_wrong) - p)
            / (p * keep_wrong + (1 - p) * keep_correct),
            evaluate=False,
        ),
        over=_over,
    ),
)
