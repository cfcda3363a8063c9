"""Decruyenaere et al. (2024): tests on synthetic data; catalogue entry F1.

The factor sqrt(1 + m/n) is recalled. A normal law is fitted on n real points, m points are drawn
from the fit, and a test of the true mean is made as if they were real. With known variance the
formulas are exact; with an estimated one and Student's quantiles the corrected test is too large.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.shelf._student import SyntheticTestSize
from theory.symbols import n

REFERENCE = Reference(
    "Decruyenaere et al.",
    2024,
    title="The real deal behind the artificial appeal: inferential utility of tabular synthetic "
    "data",
    note="factor sqrt(1 + m/n) recalled; finite-sample sizes derived",
)
synthetic = sp.Symbol("synthetic", integer=True, positive=True)
critical = sp.Symbol("critical", positive=True)
level = sp.Symbol("level", positive=True)

_widening = sp.sqrt(1 + synthetic / n)
_nominal = sp.erfc(critical / sp.sqrt(2))
_naive = sp.erfc(critical / (sp.sqrt(2) * _widening))
_size = SyntheticTestSize(n, synthetic, level, _widening)
_naive_size = SyntheticTestSize(n, synthetic, level, 1)

_over = {
    n: integers(1, 200),
    synthetic: integers(1, 400),
    critical: reals(Fraction(6, 5), Fraction(5, 2)),
}
_levels = reals(Fraction(1, 20), Fraction(1, 5))
_small = {n: integers(3, 8), synthetic: integers(3, 8), level: _levels}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="decruyenaere2024.naive",
        title="Naive test: type-1 error",
        statement="With known variance a two-sided test on m synthetic points rejects the true "
        "mean with probability 2 Phi(-z / sqrt(1 + m/n)).",
        reference=REFERENCE,
        entry="F1",
        mean=_naive,
        variance=_naive * (1 - _naive),
        bounds=(0, 1),
        over=_over,
        where=(synthetic <= 8 * n, 4 * synthetic >= n),
        null=_nominal,
        rivals={"twice the variance": sp.erfc(critical / 2)},
    ),
    Claim(
        id="decruyenaere2024.corrected",
        title="Corrected test: type-1 error",
        statement="With known variance and a standard error multiplied by sqrt(1 + m/n) the test "
        "has its nominal size 2 Phi(-z).",
        reference=REFERENCE,
        entry="F1",
        mean=_nominal,
        variance=_nominal * (1 - _nominal),
        bounds=(0, 1),
        over=_over,
        where=(synthetic <= 8 * n, 4 * synthetic >= n),
        rivals={"not corrected": _naive},
    ),
    Claim(
        id="decruyenaere2024.student-size",
        title="Corrected t test: exact size",
        statement="With estimated variances and Student's quantiles the corrected test has the "
        "size of one integral over the fitted deviation; .078 for .05 at n = m = 5.",
        reference=REFERENCE,
        entry="F1",
        mean=_size,
        variance=_size * (1 - _size),
        bounds=(0, 1),
        over=_small,
        null=level,
    ),
    Claim(
        id="decruyenaere2024.student-naive",
        title="Naive t test: exact size",
        statement="With estimated variances and Student's quantiles the naive test has the size "
        "of one integral over the fitted deviation; .162 for .05 at n = m = 5.",
        reference=REFERENCE,
        entry="F1",
        mean=_naive_size,
        variance=_naive_size * (1 - _naive_size),
        bounds=(0, 1),
        over=_small,
        null=level,
    ),
    Claim(
        id="decruyenaere2024.student-corrected",
        title="Corrected t test: nominal size",
        statement="With estimated variances and Student's quantiles the corrected test has its "
        "nominal size at every n.",
        reference=REFERENCE,
        entry="F1",
        mean=level,
        variance=level * (1 - level),
        bounds=(0, 1),
        over={n: integers(5, 8), synthetic: integers(5, 8), level: _levels},
        known_false="asymptotic: the fitted deviation varies and is in the numerator too; .078 for "
        ".05 at n = m = 5",
    ),
)
