"""Bertrand et al. (2024): stability of training on a mixture; catalogue entry C6.

Recalled. Each fit sees real and generated points in proportion 1 to `ratio` (the paper's lambda),
and matches moments, as maximum likelihood does in an exponential family. Derived: the distance from
the truth shrinks by ratio/(1+ratio) at every ratio, so that the paper's condition is sufficient
and not necessary.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.symbols import t

REFERENCE = Reference(
    "Bertrand et al.",
    2024,
    title="On the stability of iterative retraining of generative models on their own data",
    arxiv="2310.00429",
    note="condition recalled; exact rate for exponential families derived",
)
ratio = sp.Symbol("ratio", positive=True)
real = sp.Symbol("real", integer=True, positive=True)
start = sp.Symbol("start", positive=True)

_gain = ratio / (1 + ratio)
_size = real * (1 + ratio)
_gap = (start - 1) * _gain**t
# Poisson laws of mean 1: the conditional variance of a fit is [1 + ratio mu]/(1+ratio)/size.
_noise = (
    (1 - _gain ** (2 * t)) / (1 - _gain**2) + (start - 1) * _gain**t * (1 - _gain**t) / (1 - _gain)
) / _size
_over = {
    real: integers(1, 20),
    ratio: integers(1, 6),
    start: reals(Fraction(1, 10), 4),
    t: integers(1, 8),
}
_seen = ((start - 1) ** 2 >= Fraction(1, 4), t <= 2 * ratio)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="bertrand2024.mixture-return",
        title="Real data bring a wrong model back",
        statement="For a Poisson law of mean 1 fitted from a wrong start mu_0, "
        "E mu_t - 1 = (lambda/(1+lambda))^t (mu_0 - 1), for any numbers of points.",
        reference=REFERENCE,
        entry="C6",
        mean=_gap,
        variance=_noise,
        over=_over,
        where=_seen,
        null=start - 1,
        rivals={"1/(1+lambda)": (start - 1) / (1 + ratio) ** t},
    ),
    Claim(
        id="bertrand2024.mixture-stable",
        title="Stable at every proportion",
        statement="lambda/(1+lambda) < 1 for every lambda: the truth is a stable fixed point.",
        reference=REFERENCE,
        entry="C6",
        holds=sp.Lt(_gain, 1, evaluate=False),
        over={ratio: reals(0, 100, open_low=True)},
    ),
    Claim(
        id="bertrand2024.mixture-necessary",
        title="The sufficient condition as a necessary one",
        statement="If lambda is not below 1/2 the distance from the truth does not shrink.",
        reference=REFERENCE,
        entry="C6",
        holds=sp.Ge(_gain, 1, evaluate=False),
        over={ratio: reals(Fraction(1, 2), 10)},
        known_false="lambda (1 + L eps/alpha) < 1/2 is sufficient, not necessary: the factor is "
        "lambda/(1+lambda) < 1",
    ),
)
