"""One generation of a fitted mean, where a batch's moments depend on the model's mean.

A point of a law with mean m and variance V(m), quadratic in m, has the cumulants V, V V',
V (V'^2 + V V''), ...: each is the derivative of the last one times V (Morris 1982). So the mean of
a batch has conditional moments that are polynomials in the model's mean, and the steps of
`theory.step`, written for any pool, close on powers of the means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from theory import step as steps
from theory.family import Family
from theory.step import (
    DELTA,
    MU,
    SD,
    SHARE,
    STATE,
    W_REAL,
    Z_REAL,
    Moment,
    Monomial,
    Noise,
    Step,
    W,
    Z,
)
from theory.symbols import n_r
from theory.workflow import SIZE, batch_size, generation

_ROOT = sp.Symbol("root_share")
_X = sp.Symbol("x")
#: Coefficients of a polynomial in the model's mean less the true one, by power.
Polynomial = Mapping[int, sp.Expr]


@dataclass(frozen=True)
class Variance:
    """Variance of a law whose mean lies x from the true one: ``level + slope x + bend x^2``."""

    level: sp.Expr
    slope: sp.Expr
    bend: sp.Expr

    def at(self, x: sp.Expr) -> sp.Expr:
        """The variance there."""
        return self.level + self.slope * x + self.bend * x**2

    @property
    def polynomial(self) -> Polynomial:
        """The variance as a quantity."""
        return {0: self.level, 1: self.slope, 2: self.bend}

    def cumulant(self, order: int, x: sp.Expr) -> sp.Expr:
        """Cumulant of a point whose law has its mean at `x`, from the second on.

        Examples
        --------
        >>> rate = sp.Symbol("rate")
        >>> poisson = Variance(rate, sp.Integer(1), sp.Integer(0))
        >>> sp.expand(poisson.cumulant(4, sp.Integer(0)))
        rate
        """
        found = self.at(_X)
        for _ in range(order - 2):
            found = sp.expand(self.at(_X) * sp.diff(found, _X))
        return found.subs(_X, x)


def batch_moments(law: Variance, centre: sp.Expr, size: sp.Expr) -> Moment:
    """Moments of (z, w): the batch's mean less the model's, and its scatter.

    Polynomials in `centre`, the model's mean less the true one.
    """

    def moment(powers: Monomial) -> sp.Expr:
        a, c = powers
        if (a, c) == (0, 1):
            return (size - 1) * law.at(centre)
        if c or a > 4:
            raise steps.NoMomentError("moments of a batch beyond the fourth of its mean")
        if a < 2:
            return sp.Integer(1 - a)
        second = law.cumulant(2, centre) / size
        if a == 2:
            return second
        if a == 3:
            return law.cumulant(3, centre) / size**2
        return law.cumulant(4, centre) / size**3 + 3 * second**2

    return moment


def local_step(family: Family, law: Variance, step: Step | None = None) -> Step:
    """The workflow's own step with such batches in it; the innermost noise comes first."""
    step = generation(family, sp.Integer(1)) if step is None else step
    nested = any(DELTA in noise.symbols for noise in step.noise)
    centre = MU + SD * DELTA if nested else MU
    mean, variance = _absolute(step.mean), _absolute(step.variance)
    noise = [Noise((Z, W), batch_moments(law, centre, batch_size(family, SIZE)))]
    for source in step.noise:
        if DELTA in source.symbols:
            noise.append(source)
        elif Z_REAL in source.symbols:
            real = sp.cancel(SIZE - batch_size(family, SIZE))
            noise.append(Noise((Z_REAL, W_REAL), batch_moments(law, sp.Integer(0), real)))
    return Step(mean, variance, tuple(noise), batch_moments(law, sp.Integer(0), n_r))


def _absolute(expression: sp.Expr) -> sp.Expr:
    """A part of the Gaussian's step with the batch's noise itself, not in units of the model."""
    total = sp.Integer(0)
    for powers, weight in sp.Poly(sp.expand(expression), SD, _ROOT, SHARE, Z, W).terms():
        sd, root, share, a, c = powers
        nested = 1 if root or share else 0
        total += (
            weight
            * SD ** (sd - a - 2 * c)
            * _ROOT ** (root - a * nested)
            * SHARE ** (share - c * nested)
            * Z**a
            * W**c
        )
    return total


def image(step: Step, monomial: Monomial) -> dict[Monomial, sp.Expr]:
    """Expectation of a monomial of the new state, where noise depends on the old state."""
    a, b, frozen_mean, frozen_scatter = monomial
    value = sp.expand(step.mean**a * step.variance ** (b // 2))
    for source in step.noise:
        if value.has(*source.symbols):
            terms = sp.Poly(value, *source.symbols).terms()
            value = sp.expand(sp.Add(*(weight * source.moment(powers) for powers, weight in terms)))
    found: dict[Monomial, sp.Expr] = {}
    for (mu, sd, real, scatter), weight in sp.Poly(value, *STATE).terms():
        coefficient = sp.cancel(sp.together(weight))
        if coefficient != 0:
            found[mu, sd, real + frozen_mean, scatter + frozen_scatter] = coefficient
    return found
