"""Ferbach et al. (2024): curation by preference raises the reward; catalogue entry D19.

The limit of infinitely many candidates was read in a summary; the bound for finitely many is
recalled. Here the reward has two values, 0 and `gain`, the higher with probability p.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.selection import PreferredShift
from theory.symbols import N, b

REFERENCE = Reference(
    "Ferbach et al.",
    2024,
    title="Self-consuming generative models with curated data provably optimize human preferences",
    arxiv="2407.09499",
    note="summary read; finite-K bound recalled",
)
p = sp.Symbol("p", positive=True)
gain = sp.Symbol("gain", positive=True)

_j = sp.Symbol("j", integer=True, nonnegative=True)
_up = sp.exp(gain)


def _mean(power: int) -> sp.Expr:
    """E exp(power r)."""
    return 1 - p + p * sp.exp(power * gain)


_spread = _mean(2) - _mean(1) ** 2
_tilted = _mean(2) / _mean(1)
_weight = sp.binomial(N, _j) * p**_j * (1 - p) ** (N - _j)
_winner = sp.Sum(_weight * _j * _up / (_j * _up + N - _j), (_j, 0, N))
_pair = p * (p + 2 * (1 - p) / (1 + sp.exp(-gain)))
_shift = PreferredShift(b)
_over = {p: reals(Fraction(1, 10), Fraction(9, 10)), gain: reals(Fraction(1, 4), 2)}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="ferbach2024.tilt",
        title="Infinitely many candidates: the reward's rise",
        statement="Curation by infinitely many candidates tilts the law by e^r, and E e^r rises by "
        "Var(e^r)/E e^r.",
        reference=REFERENCE,
        entry="D19",
        mean=_mean(1) + _spread / _mean(1),
        variance=_mean(3) / _mean(1) - _tilted**2,
        bounds=(1, _up),
        over=_over,
        null=_mean(1),
    ),
    Claim(
        id="ferbach2024.identity",
        title="The rise is an identity",
        statement="E e^(2r)/E e^r = E e^r + Var(e^r)/E e^r.",
        reference=REFERENCE,
        entry="D19",
        holds=sp.Eq(_tilted, _mean(1) + _spread / _mean(1), evaluate=False),
        over=_over,
    ),
    Claim(
        id="ferbach2024.lower-bound",
        title="N candidates: the reward rises at least so much",
        statement="Curation by N candidates raises E e^r by at least ((N-1)/N) Var(e^r)/e^(max r).",
        reference=REFERENCE,
        entry="D19",
        mean=_mean(1) + (N - 1) / N * _spread / _up,
        variance=_winner * (1 - _winner) * (_up - 1) ** 2,
        bounds=(1, _up),
        relation=">=",
        over={N: integers(2, 6), **_over},
        rivals={"the largest reward": _up},
    ),
    Claim(
        id="ferbach2024.pair",
        title="Two candidates: share of the better value",
        statement="After curation by pairs the better value has probability p (p + 2 (1-p)/(1 + "
        "e^-gain)).",
        reference=REFERENCE,
        entry="D19",
        mean=_pair,
        variance=_pair * (1 - _pair),
        bounds=(0, 1),
        over=_over,
        null=p,
    ),
    Claim(
        id="ferbach2024.gaussian-pair",
        title="Two candidates: shift of a normal law",
        statement="With reward b x, curation by pairs moves the mean of a standard normal law by "
        "s = E (D/2) tanh(b D/2), D ~ N(0, 2), and leaves the variance 1 - s^2.",
        reference=REFERENCE,
        entry="D19",
        mean=_shift,
        variance=1 - _shift**2,
        over={b: reals(Fraction(1, 4), 4)},
        null=sp.Integer(0),
    ),
)
