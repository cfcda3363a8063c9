"""Wasserstein distances and barycentres, derived for this catalogue: entries G2, G4, G5, G7, G8.

On the line W2^2 is that of the quantiles, so that covariances that commute are dealt with axis by
axis: what is stated for variances a^2 and b^2 holds for each common eigenvector. The general
matrix identities are checked as properties of ``theory.wasserstein``.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim
from theory.domain import integers, reals
from theory.shelf._notation import DERIVED, b_n
from theory.symbols import n

a, b, m, v = sp.symbols("a b m v", positive=True)
share = sp.Symbol("share", positive=True)

_scale = reals(Fraction(1, 10), 4)
_pair = {a: _scale, b: _scale, share: reals(Fraction(1, 20), Fraction(19, 20))}
_between = (1 - share) * a + share * b
# The deviation of a maximum-likelihood fit to n standard points: its first and third moments.
_first = b_n()
_second = (n - 1) / n
_third = (2 / n) ** sp.Rational(3, 2) * sp.gamma((n + 2) / 2) / sp.gamma((n - 1) / 2)
_fourth = (n - 1) * (n + 1) / n**2
_gap = _second - 2 * _first + 1
FIT_DISTANCE_VARIANCE = 2 / n**2 + _fourth - 4 * _third + 6 * _second - 4 * _first + 1 - _gap**2

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.sample-distance",
        title="W2 between a sample and its law",
        statement="E W2^2(P_n, U(0, 1)) = 1/(6n) for n points of the uniform law.",
        reference=DERIVED,
        entry="G7",
        mean=1 / (6 * n),
        variance=(4 * n - 3) / (180 * n**3),
        over={n: integers(1, 60)},
        null=sp.Integer(0),
        rivals={"two samples": 1 / (3 * (n + 1))},
    ),
    Claim(
        id="derived.sample-distance-pair",
        title="W2 between two samples of one law",
        statement="E W2^2(P_n, P'_n) = 1/(3(n+1)) for two samples of n points of the uniform law: "
        "the bias of exact transport between equal laws.",
        reference=DERIVED,
        entry="G7",
        mean=1 / (3 * (n + 1)),
        # Fitted to exact values at n = 1..12, from the fourth moments of uniform order statistics;
        # beyond those it rests on the check of the variance.
        variance=(4 * n**2 + 8 * n + 9) / (45 * n * (n + 1) ** 2 * (n + 2)),
        over={n: integers(1, 40)},
        null=sp.Integer(0),
        rivals={"one sample": 1 / (6 * n)},
    ),
    Claim(
        id="derived.sample-distance-normal",
        title="W2 between two normal points and their law",
        statement="E W2^2(P_2, N(0, 1)) = 2 - 2 sqrt(2)/pi.",
        reference=DERIVED,
        entry="G7",
        mean=2 - 2 * sp.sqrt(2) / sp.pi,
        variance=1 + 4 / sp.pi * (1 - 2 / sp.pi) - 2 * sp.sqrt(2) / sp.pi,
        over={},
        rivals={"parametric": 2 - 2 / sp.sqrt(sp.pi)},
    ),
    Claim(
        id="derived.fit-distance",
        title="W2 between a fit and its law",
        statement="E W2^2 from N(0, 1) to the maximum-likelihood fit on n of its points is "
        "2(1 - b_n), b_n the mean of the fitted deviation.",
        reference=DERIVED,
        entry="G8",
        mean=2 - 2 * _first,
        variance=FIT_DISTANCE_VARIANCE,
        over={n: integers(2, 60)},
        null=sp.Integer(0),
        rivals={"3/(2n)": sp.Rational(3, 2) / n},
    ),
    Claim(
        id="derived.barycentre-variance",
        title="A barycentre lacks the Frechet variance",
        statement="The variance of a pooled pair of laws is that of their barycentre plus their "
        "Frechet variance, on every common axis.",
        reference=DERIVED,
        entry="G2",
        holds=sp.Eq(
            (1 - share) * a**2 + share * b**2 + share * (1 - share) * m**2,
            _between**2
            + (1 - share) * (a - _between) ** 2
            + share * (b - _between) ** 2
            + share * (1 - share) * m**2,
            evaluate=False,
        ),
        over={**_pair, m: _scale},
    ),
    Claim(
        id="derived.barycentre-commuting",
        title="Commuting covariances need one step",
        statement="From any v, one fixed-point step on a common axis arrives at the barycentre's "
        "variance ((1 - share) a + share b)^2.",
        reference=DERIVED,
        entry="G4",
        holds=sp.Eq(
            ((1 - share) * sp.sqrt(v * a**2) + share * sp.sqrt(v * b**2)) ** 2 / v,
            _between**2,
            evaluate=False,
        ),
        over={**_pair, v: _scale},
    ),
    Claim(
        id="derived.geodesic",
        title="Variance along the geodesic",
        statement="Along the geodesic the variance is (1-s) a^2 + s b^2 - s(1-s) W2^2, on every "
        "common axis.",
        reference=DERIVED,
        entry="G5",
        holds=sp.Eq(
            _between**2,
            (1 - share) * a**2 + share * b**2 - share * (1 - share) * (a - b) ** 2,
            evaluate=False,
        ),
        over=_pair,
    ),
)
