"""Suresh et al. (2025): rate of Gaussian collapse; catalogue entry A13.

Theorem 3 was seen in the authors' notebook (standard deviation of unbiased fits). It is Markov's
inequality on E sigma_t: true, and loose by a factor 2 in the rate, which is measured here.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.shelf._notation import c_n, half, trigamma
from theory.symbols import n, t

REFERENCE = Reference(
    "Suresh et al.",
    2025,
    title="Rate of model collapse in recursive training",
    arxiv="2412.17646",
    locator="Theorem 3",
    note="seen in the authors' notebook",
)
level = sp.Symbol("level", positive=True)
_bound = sp.exp(-t / (4 * n - 1))
_exact = sp.uppergamma(half, half * level**2) / sp.gamma(half)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="suresh2025.tail-bound",
        title="Tail bound for the standard deviation",
        statement="With unbiased fits P(sigma_t > eps) <= (sigma_0/eps) exp(-t/(4n-1)).",
        reference=REFERENCE,
        entry="A13",
        mean=_bound / level,
        variance=_bound / level * (1 - _bound / level),
        bounds=(0, 1),
        relation="<=",
        over={n: integers(2, 6), t: integers(14, 60), level: reals(Fraction(3, 10), 1)},
        where=(t >= 2 * (4 * n - 1),),
    ),
    Claim(
        id="suresh2025.mean-bound",
        title="The inequality behind the tail bound",
        statement="With unbiased fits E sigma_t <= sigma_0 exp(-t/(4n-1)), because "
        "-log c_n >= 1/(4n-1).",
        reference=REFERENCE,
        entry="A13",
        mean=_bound,
        variance=1 - c_n() ** (2 * t),
        relation="<=",
        over={n: integers(2, 40), t: integers(1, 12)},
        where=(t <= 3 * n,),
        rivals={"the typical rate": sp.exp(-t / (2 * n - 1))},
    ),
    Claim(
        id="suresh2025.typical-rate",
        title="Looseness: the typical rate is twice the bound's",
        statement="With unbiased fits -E log(sigma_{t+1}/sigma_t) >= 2/(4n-1): sigma_t typically "
        "falls at least twice as fast as the tail bound says.",
        reference=REFERENCE,
        entry="A13",
        mean=2 / (4 * n - 1),
        variance=(trigamma(half) - 1 / half) / 4,
        relation=">=",
        over={n: integers(2, 40)},
        control="folklore.unbiased-ratio",
        rivals={"four times": 4 / (4 * n - 1)},
    ),
    Claim(
        id="suresh2025.tail-exact",
        title="Looseness: the exact probability after one fit",
        statement="After one unbiased fit P(sigma_1 > eps) is the chi-square tail "
        "Gamma((n-1)/2, (n-1) eps^2/2) / Gamma((n-1)/2), with sigma_0 = 1.",
        reference=REFERENCE,
        entry="A13",
        mean=_exact,
        variance=_exact * (1 - _exact),
        bounds=(0, 1),
        over={n: integers(2, 20), level: reals(Fraction(1, 2), Fraction(5, 4))},
        rivals={"the bound": _bound.subs(t, 1) / level},
    ),
)
