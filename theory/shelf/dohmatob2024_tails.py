"""Dohmatob et al. (2024), tales of tails: a learner who has seen the head alone; entry E10.

Formulas recalled (Hutter's learner: what was seen is known). Symbols i = 1, 2, ... have p_i
proportional to i^-beta, beta > 1; the learner sees n points, and errs on what is not among them.
With its tail cut the data hold the first `cut` symbols alone, q_i = p_i / sum_{j<=cut} p_j.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.symbols import n

REFERENCE = Reference(
    "Dohmatob et al.",
    2024,
    title="A tale of tails: model collapse as a change of scaling laws",
    arxiv="2402.07043",
    note="recalled; variance and remainder derived",
)
beta = sp.Symbol("beta", positive=True)
cut = sp.Symbol("cut", integer=True, positive=True)
i = sp.Symbol("i", integer=True, positive=True)
j = sp.Symbol("j", integer=True, positive=True)

_whole = sp.zeta(beta)
_head = sp.harmonic(cut, beta)
_missing = 1 - _head / _whole
"""Probability of the symbols that the cut removes."""


def _p(index: sp.Symbol) -> sp.Expr:
    return index**-beta / _whole


def _q(index: sp.Symbol) -> sp.Expr:
    return index**-beta / _head


_unseen = sp.Sum(_p(i) * (1 - _q(i)) ** n, (i, 1, cut))
_error = _missing + _unseen
# Two symbols are both unseen with probability (1 - q_i - q_j)^n, one with (1 - q_i)^n.
_pairs = sp.Sum(
    sp.Sum(2 * _p(i) * _p(j) * (1 - _q(i) - _q(j)) ** n, (j, 1, i - 1)), (i, 2, cut)
) + sp.Sum(_p(i) ** 2 * (1 - _q(i)) ** n, (i, 1, cut))
_variance = _pairs - _unseen**2

_scale = _whole ** (-1 / beta) / beta
_law = _scale * sp.gamma(1 - 1 / beta) * n ** (1 / beta - 1)
# Sum against integral of p exp(-n p) and of n p^2 exp(-n p) p, both unimodal in i: each sum is
# within its largest term of the integral; and exp(-np) - (1-p)^n lies in [0, n p^2 exp(-np)].
_remainder = (
    sp.exp(-1) / n + _scale * sp.gamma(3 - 1 / beta) * n ** (1 / beta - 2) + 27 * sp.exp(-3) / n**2
)
_share = _remainder / _law

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="dohmatob2024.cut-tail",
        title="Test error after the tail is cut",
        statement="The expected test error is sum_{i<=k} p_i (1-q_i)^n + sum_{i>k} p_i: the second "
        "term stays however many points are seen.",
        reference=REFERENCE,
        entry="E10",
        mean=_error,
        variance=_variance,
        over={
            n: integers(2, 50),
            beta: reals(Fraction(5, 4), 3),
            cut: integers(2, 16),
        },
        null=_missing,
        rivals={"no cut of the data": _missing + sp.Sum(_p(i) * (1 - _p(i)) ** n, (i, 1, cut))},
    ),
    Claim(
        id="dohmatob2024.scaling-law",
        title="Scaling law of the test error",
        statement="With the tail whole the expected test error is "
        "zeta(beta)^(-1/beta) Gamma(1 - 1/beta)/beta n^(-(1 - 1/beta)), up to a proved remainder "
        "of order 1/n.",
        reference=REFERENCE,
        entry="E10",
        mean=_law,
        bounds=(0, 1),
        slack=_remainder,
        over={n: integers(40, 120), beta: reals(Fraction(3, 2), Fraction(5, 2))},
        null=sp.Integer(0),
        rivals={"n^(-1)": _law * n ** (-1 / beta), "without the zeta": _law * _whole ** (1 / beta)},
    ),
    Claim(
        id="dohmatob2024.scaling-exponent",
        title="Exponent of the test error",
        statement="With the tail whole the expected test error falls like n^-(1 - 1/beta).",
        reference=REFERENCE,
        entry="E10",
        exponent=1 - 1 / beta,
        along=(n, (64, 1024, 16384)),
        # n^psi times the error is the constant of the law within _share of it at either rung.
        slack=sp.log((1 + _share) / (1 - _share)),
        # (1 - p)^n of 32 fresh symbols, which lies in [0, 1]: its square is no larger in the mean.
        variance=(_law + _remainder) / 32,
        scale=sp.Integer(1),
        over={beta: reals(Fraction(7, 5), Fraction(8, 5))},
        rivals={"1/beta": 1 / beta},
    ),
)
