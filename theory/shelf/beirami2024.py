"""Beirami et al. (2024): Kullback-Leibler divergence of best of N; catalogue entry D15.

Recalled: the formula is an upper bound for discrete laws; that it is exact for continuous ones
follows from the probability integral transform.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.symbols import N, t

REFERENCE = Reference(
    "Beirami et al.",
    2024,
    title="Theoretical guarantees on the best-of-n alignment policy",
    arxiv="2401.01879",
    note="recalled, not read",
)
p = sp.Symbol("p", positive=True)

_rounds = N**t
_bound = sp.log(N) - (N - 1) / N
_best = 1 - (1 - p) ** N
_high, _low = sp.log(_best / p), (N - 1) * sp.log(1 - p)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="beirami2024.divergence",
        title="Divergence of best of N",
        statement="For a continuous score KL(best of N || one) = log N - (N-1)/N.",
        reference=REFERENCE,
        entry="D15",
        mean=_bound,
        variance=((N - 1) / N) ** 2,
        over={N: integers(2, 40)},
        null=sp.Integer(0),
        rivals={"log N": sp.log(N)},
    ),
    Claim(
        id="beirami2024.rounds",
        title="Divergence of best of N in rounds",
        statement="t rounds of best of N without a refit are best of N^t: KL = t log N - "
        "(N^t - 1)/N^t.",
        reference=REFERENCE,
        entry="D15",
        mean=t * sp.log(N) - (_rounds - 1) / _rounds,
        variance=((_rounds - 1) / _rounds) ** 2,
        over={N: integers(2, 4), t: integers(1, 3)},
        null=sp.Integer(0),
    ),
    Claim(
        id="beirami2024.rounds-law",
        title="Best of N in rounds, its law",
        statement="t rounds of best of N without a refit have the law of best of N^t.",
        reference=REFERENCE,
        entry="D15",
        same_law=True,
        over={N: integers(2, 4), t: integers(1, 3)},
    ),
    Claim(
        id="beirami2024.discrete",
        title="Divergence of best of N, two values",
        statement="For a score with two values, the higher with probability p, KL(best of N || "
        "one) <= log N - (N-1)/N.",
        reference=REFERENCE,
        entry="D15",
        mean=_bound,
        variance=_best * (1 - _best) * (_high - _low) ** 2,
        relation="<=",
        over={N: integers(2, 12), p: reals(Fraction(1, 10), Fraction(9, 10))},
        rivals={"nothing": -sp.Integer(2)},
    ),
)
