"""Gerstgrasser et al. (2024): linear regression, replaced or accumulated; catalogue entries E1, E2.

Formulas recalled, as in Dohmatob et al. (2024) for the replaced data. Inputs are standard normal in
d dimensions, noise has variance 1, every fit is least squares on n (replace) or k n (accumulate)
points, answers come from the last fit; the test error is |w_t - w_0|^2. The formula printed for
accumulated data holds if the inputs are used again.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.family import Family
from theory.model import LinearRegression
from theory.symbols import d, k, n, t
from theory.vocabulary import Accumulate, Replace

REFERENCE = Reference(
    "Gerstgrasser et al.",
    2024,
    title="Is model collapse inevitable? Breaking the curse of recursion",
    arxiv="2404.01413",
    note="formula recalled",
)
FRESH = Reference(
    "Gerstgrasser et al.",
    2024,
    arxiv="2404.01413",
    note="setting of the paper with fresh inputs; exact form derived",
)
_INPUTS, _AGAIN = LinearRegression(noise=1), LinearRegression(noise=1, design="fixed")
_FRESH = Family(workflow=Replace, model=_INPUTS)
_SAME = Family(workflow=Replace, model=_AGAIN)
_POOLED = Family(workflow=Accumulate, model=_INPUTS)
_POOLED_SAME = Family(workflow=Accumulate, model=_AGAIN)

_one = d / (n - d - 1)
_squares = sp.harmonic(t, 2)

_replaced = t * _one
_accumulated = _squares * _one
_fresh = sp.Sum(d / (k * (k * n - d - 1)), (k, 1, t))


def _closed(step: sp.Expr) -> sp.Expr:
    x = (d + 1) / n
    ends = sp.digamma(step + 1 - x) - sp.digamma(1 - x) - sp.digamma(step + 1)
    return d / (d + 1) * (ends - sp.EulerGamma)


_over = {d: integers(1, 3), n: integers(12, 60), t: integers(1, 4)}
_later = {d: integers(1, 3), n: integers(12, 40), t: integers(2, 5)}
_loose = {d: integers(2, 3), n: integers(12, 18), t: integers(3, 5)}
_light = (n >= d + 10,)
"""Keeps fourth moments of the error finite and moderate; the means ask for n > d + 1 alone."""

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="gerstgrasser2024.replace",
        title="Regression: replaced data, fresh inputs",
        statement="With fresh inputs in every generation the test error after t fits is "
        "t sigma^2 d/(n-d-1): it grows linearly.",
        reference=REFERENCE,
        entry="E1",
        family=_FRESH,
        quantity="test_error",
        equals=_replaced,
        over=_over,
        where=_light,
        null=sp.Integer(0),
        rivals={"known covariance": t * d / n, "d for d+1": t * d / (n - d)},
    ),
    Claim(
        id="gerstgrasser2024.replace-same-inputs",
        title="Regression: replaced data, the same inputs",
        statement="With the same inputs in every generation the test error after t fits is "
        "t sigma^2 d/(n-d-1) too.",
        reference=REFERENCE,
        entry="E1",
        family=_SAME,
        quantity="test_error",
        equals=_replaced,
        over=_over,
        where=_light,
        null=sp.Integer(0),
        rivals={"known covariance": t * d / n, "d for d+1": t * d / (n - d)},
    ),
    Claim(
        id="gerstgrasser2024.accumulate-same-inputs",
        title="Regression: accumulated data, the same inputs",
        statement="With the same inputs in every generation and all answers kept the test error "
        "after t fits is sigma^2 d/(n-d-1) times sum_{k<=t} 1/k^2.",
        reference=REFERENCE,
        entry="E2",
        family=_POOLED_SAME,
        quantity="test_error",
        equals=_accumulated,
        over=_over,
        where=_light,
        null=sp.Integer(0),
        rivals={"replaced": _replaced, "pi^2/6": sp.pi**2 / 6 * _one},
    ),
    Claim(
        id="gerstgrasser2024.accumulate-bound",
        title="Regression: accumulated data stay bounded",
        statement="With the same inputs and all answers kept the test error stays below "
        "(pi^2/6) sigma^2 d/(n-d-1) for every t.",
        reference=REFERENCE,
        entry="E2",
        family=_POOLED_SAME,
        quantity="test_error",
        equals=sp.pi**2 / 6 * _one,
        relation="<=",
        over={**_over, t: integers(2, 4)},
        where=_light,
        rivals={"one fit": _one},
    ),
    Claim(
        id="gerstgrasser2024.accumulate-fresh",
        title="Regression: accumulated data, fresh inputs",
        statement="With fresh inputs and all data kept the test error after t fits is "
        "sigma^2 sum_{k<=t} d/(k(kn-d-1)).",
        reference=FRESH,
        entry="E2",
        family=_POOLED,
        quantity="test_error",
        equals=_fresh,
        over=_over,
        where=_light,
        null=sp.Integer(0),
    ),
    Claim(
        id="gerstgrasser2024.accumulate-fresh-bound",
        title="Regression: the printed formula bounds fresh inputs",
        statement="With fresh inputs and all data kept the test error is at most "
        "sigma^2 d/(n-d-1) times sum_{k<=t} 1/k^2.",
        reference=FRESH,
        entry="E2",
        family=_POOLED,
        quantity="test_error",
        equals=_accumulated,
        relation="<=",
        over=_later,
        where=_light,
    ),
    Claim(
        id="gerstgrasser2024.accumulate-fresh-equality",
        title="Regression: the printed formula with fresh inputs",
        statement="With fresh inputs and all data kept the test error is equal to "
        "sigma^2 d/(n-d-1) times sum_{k<=t} 1/k^2.",
        reference=FRESH,
        entry="E2",
        family=_POOLED,
        quantity="test_error",
        equals=_accumulated,
        over=_loose,
        where=_light,
        known_false="an upper bound only: pooled inputs are better conditioned than those of one "
        "batch, the error is sigma^2 sum d/(k(kn-d-1))",
    ),
    Claim(
        id="gerstgrasser2024.accumulate-fresh-closed",
        title="Regression: closed form with fresh inputs",
        statement="sum_{k<=t} d/(k(kn-d-1)) = S(t) = (d/(d+1)) [psi(t+1-x) - psi(1-x) - psi(t+1) - "
        "gamma] with x = (d+1)/n: S(0) = 0, and S(t) - S(t-1) is the last term. So the error tends "
        "to (d/(d+1)) (-psi(1-x) - gamma), since psi(t+1-x) - psi(t+1) tends to 0.",
        reference=FRESH,
        entry="E2",
        holds=(
            sp.Eq(_closed(sp.Integer(0)), 0, evaluate=False),
            sp.Eq(_closed(k) - _closed(k - 1), d / (k * (k * n - d - 1)), evaluate=False),
        ),
        over={d: integers(1, 6), n: integers(8, 60), k: integers(1, 60)},
    ),
)
