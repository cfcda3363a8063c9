"""Exponents in the sample size, derived for this catalogue: entries A3 and G8.

Remainders: log x - psi(x) lies between 1/(2 x) and that plus 1/(12 x^2), from the enveloping series
of psi. And (Gamma(y + 1)/Gamma(y + 1/2))^2 lies between y + 1/4 and that plus 1/(32 y): divided by
either it is monotone in steps of 1, by a rational inequality, and tends to 1.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim
from theory.shelf._notation import DERIVED, half, trigamma
from theory.shelf.derived_wasserstein import FIT_DISTANCE_VARIANCE
from theory.symbols import n

# n^1 times E W2^2 = 2 (1 - b_n), with b_n^2 between 1 - 3/(2n) and that plus 1/(8 n (n - 2)).
_largest = 2 / (1 + sp.sqrt(1 - 3 / (2 * n)))
_smallest = 1 - 1 / (12 * (n - 2))

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="derived.collapse-rate-exponent",
        title="The time to collapse grows like n",
        statement="One unbiased fit loses -E log(sigma_1^2/sigma_0^2) of log sigma^2, which falls "
        "like 1/n: the number of generations to collapse grows like n.",
        reference=DERIVED,
        entry="A3",
        exponent=sp.Integer(1),
        along=(n, (16, 64, 256)),
        slack=sp.log(n / (n - 1) * (1 + 1 / (3 * (n - 1)))),
        variance=trigamma(half) - 1 / half,
        control="folklore.unbiased-ratio",
        over={},
        rivals={"like the deviation of a fit": sp.Rational(1, 2)},
    ),
    Claim(
        id="derived.fit-distance-exponent",
        title="The distance of a fit falls like 1/n",
        statement="E W2^2 from N(0, 1) to the maximum-likelihood fit on n of its points falls like "
        "1/n, without the log log n of the sample itself.",
        reference=DERIVED,
        entry="G8",
        exponent=sp.Integer(1),
        along=(n, (16, 64, 256)),
        slack=sp.log(_largest / _smallest),
        variance=FIT_DISTANCE_VARIANCE,
        over={},
        rivals={"W2 itself": sp.Rational(1, 2)},
    ),
)
