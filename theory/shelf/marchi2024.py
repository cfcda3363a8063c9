"""Marchi et al. (2024): heat death, temperature with real data; catalogue entry C5.

The abstract was seen. Population recursion (no sampling error): the next variance is a mixture of
the true one, with share f, and of the model's one, sampled at temperature T.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers, reals
from theory.shelf._notation import SCALE
from theory.symbols import f, sigma_0, t, temperature

REFERENCE = Reference(
    "Marchi et al.",
    2024,
    title="Heat death of generative models in closed-loop learning",
    note="abstract seen; Gaussian recursion derived",
)
level = sp.Symbol("level", positive=True)
odds = sp.Symbol("odds", positive=True)
_gain = (1 - f) * temperature
_fixed = f * sigma_0**2 / (1 - _gain)


def _next(variance: sp.Expr) -> sp.Expr:
    return f * sigma_0**2 + _gain * variance


def _solution(step: sp.Expr) -> sp.Expr:
    return _fixed + _gain**step * (sigma_0**2 - _fixed)


_mixture = f + _gain * level
_over = {
    f: reals(Fraction(1, 10), Fraction(9, 10)),
    temperature: reals(Fraction(1, 4), 2),
    sigma_0: SCALE,
}
_stable = (_gain <= Fraction(9, 10),)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="marchi2024.step",
        title="One generation at temperature T with real data",
        statement="A point that is real with probability f and else comes from the model at "
        "temperature T has second moment f sigma_0^2 + (1-f) T v about the common mean.",
        reference=REFERENCE,
        entry="C5",
        mean=_mixture,
        variance=3 * (f + (1 - f) * (temperature * level) ** 2) - _mixture**2,
        over={
            f: reals(0, 1),
            temperature: reals(Fraction(1, 4), 2),
            level: reals(Fraction(1, 10), 3),
        },
        null=level,
    ),
    Claim(
        id="marchi2024.fixed-point",
        title="Fixed point",
        statement="The recursion v' = f sigma_0^2 + (1-f) T v has the fixed point "
        "f sigma_0^2 / (1 - (1-f) T), positive if (1-f) T < 1.",
        reference=REFERENCE,
        entry="C5",
        holds=sp.Eq(_next(_fixed), _fixed, evaluate=False),
        over=_over,
        where=_stable,
    ),
    Claim(
        id="marchi2024.recursion",
        title="Solution of the recursion",
        statement="From v_0 = sigma_0^2 the recursion has v_t = v* + ((1-f) T)^t "
        "(sigma_0^2 - v*), v* the fixed point.",
        reference=REFERENCE,
        entry="C5",
        holds=(
            sp.Eq(_solution(sp.Integer(1)), _next(sigma_0**2), evaluate=False),
            sp.Eq(_solution(t + 1), _next(_solution(t)), evaluate=False),
        ),
        over={**_over, t: integers(0, 60)},
        where=_stable,
    ),
    Claim(
        id="marchi2024.heat-death",
        title="Odds under repeated temperature sampling",
        statement="Without real data repeated sampling at temperature T from a finite alphabet "
        "raises every odds ratio to the power T^-t.",
        reference=REFERENCE,
        entry="C5",
        holds=sp.Eq(
            (odds ** (temperature ** (-t))) ** (1 / temperature),
            odds ** (temperature ** (-t - 1)),
            evaluate=False,
        ),
        over={
            odds: reals(Fraction(1, 10), 10),
            temperature: reals(Fraction(1, 2), 2),
            t: integers(0, 6),
        },
    ),
)
