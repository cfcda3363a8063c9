"""Angelopoulos, Duchi and Zrnic (2023): prediction-powered estimates; catalogue entry F4.

The tuned estimator is recalled. n pairs (Y, X) and N further proxies X are drawn, of correlation
rho; sigma_Y = sigma_X = 1 (lambda scales with sigma_Y/sigma_X). The mean of Y is estimated by
Ybar - lambda (Xbar_n - Xbar_N).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.symbols import n

REFERENCE = Reference(
    "Angelopoulos, Duchi and Zrnic",
    2023,
    title="PPI++: efficient prediction-powered inference",
    arxiv="2311.01453",
    note="recalled",
)
extra = sp.Symbol("extra", integer=True, positive=True)
rho = sp.Symbol("rho", real=True)
weight = sp.Symbol("weight", real=True)

_best = rho * extra / (n + extra)
_least = (1 - rho**2 * extra / (n + extra)) / n


def _risk(value: sp.Expr) -> sp.Expr:
    return 1 / n + value**2 * (1 / n + 1 / extra) - 2 * value * rho / n


_gain = rho**2 * extra / (n * (n + extra))
_over = {
    n: integers(1, 60),
    extra: integers(1, 400),
    rho: reals(Fraction(-9, 10), Fraction(9, 10)),
}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="angelopoulos2023.risk",
        title="Control variate: error at any weight",
        statement="E (estimate - mu)^2 = 1/n + lambda^2 (1/n + 1/N) - 2 lambda rho/n.",
        reference=REFERENCE,
        entry="F4",
        mean=_risk(weight),
        variance=2 * _risk(weight) ** 2,
        over={**_over, weight: reals(Fraction(-3, 2), Fraction(3, 2))},
        where=(extra <= 8 * n, n <= 8 * extra),
        rivals={"proxies known": 1 / n + weight**2 / n - 2 * weight * rho / n},
    ),
    Claim(
        id="angelopoulos2023.gain",
        title="Control variate: what the best weight gains",
        statement="At lambda* = rho N/(n+N) the squared error falls by "
        "(1/n) rho^2 N/(n+N) on average.",
        reference=REFERENCE,
        entry="F4",
        mean=_gain,
        variance=2 / n**2 - 2 * _least**2,
        over=_over,
        where=(extra <= 8 * n, n <= 8 * extra, rho**2 >= Fraction(1, 10)),
        null=sp.Integer(0),
        rivals={"unlimited proxies": rho**2 / n},
    ),
    Claim(
        id="angelopoulos2023.best-weight",
        title="Control variate: the best weight",
        statement="V(lambda) = V* + (lambda - lambda*)^2 (1/n + 1/N) with lambda* = rho N/(n+N) "
        "and V* = (1/n)(1 - rho^2 N/(n+N)).",
        reference=REFERENCE,
        entry="F4",
        holds=sp.Eq(
            _risk(weight), _least + (weight - _best) ** 2 * (1 / n + 1 / extra), evaluate=False
        ),
        over={**_over, weight: reals(-2, 2)},
    ),
    Claim(
        id="angelopoulos2023.plain-weight",
        title="Control variate: weight 1 never hurts",
        statement="At lambda = 1 the error is at most 1/n.",
        reference=REFERENCE,
        entry="F4",
        holds=sp.Le(_risk(sp.Integer(1)), 1 / n, evaluate=False),
        over=_over,
        known_false="it hurts if rho < (1 + n/N)/2: the proxies' own noise is added",
    ),
)
