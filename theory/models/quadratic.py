"""Exponential families fitted by their mean, where the variance is quadratic in the mean.

Bernoulli, Poisson, negative binomial and exponential laws are such families (Morris 1982). A point
of a law with mean m has the cumulants V(m), V V', V (V'^2 + V V''), ...: each is the derivative of
the last one times V. So the mean of a batch has conditional moments that are polynomials in the
model's mean, and the steps of `theory.step`, written for any pool, close on powers of the means.

The state is the model's mean less the true one: the pool's, where the fit sees a part of the pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from theory import step as steps
from theory.family import Family
from theory.recursion import LinearSystem
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
from theory.symbols import k, n_r, t
from theory.vocabulary import AccumulateSubsample, Replace
from theory.workflow import SIZE, batch_size, generation, pool_size, sized

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


def linear(
    family: Family, law: Variance, quantity: Polynomial, factor: sp.Expr, word: str
) -> LinearSystem:
    """The step that carries the expectation of a polynomial in the model's mean.

    Parameters
    ----------
    family, law
        What is asked about, and the variance of its law.
    quantity
        The polynomial, in units of `factor`.
    factor, word
        The unit, and the letter of the mean in the names of the states.

    Raises
    ------
    theory.step.NoMomentError
        If the expectations do not close.
    """
    return replace(_linear(family, law, tuple(sorted(quantity.items())), word), factor=factor)


@lru_cache(maxsize=256)
def _linear(
    family: Family, law: Variance, quantity: tuple[tuple[int, sp.Expr], ...], word: str
) -> LinearSystem:
    weights = {power: sp.expand(weight) for power, weight in quantity}
    offset = weights.get(0, sp.Integer(0))
    through = family.workflow is AccumulateSubsample
    wanted: dict[Monomial, sp.Expr] = {}
    for power, weight in weights.items():
        if power == 0 or weight == 0:
            continue
        for monomial, share in _seen(family, power).items() if through else [((power, 0, 0, 0), 1)]:
            wanted[monomial] = wanted.get(monomial, sp.Integer(0)) + weight * share
    step = local_step(family, law)
    closure = steps.close(step, list(wanted), lambda x: sized(family, x), image)
    start, initial = 0, sp.Matrix(closure.initial)
    if through:
        # The first batch meets no pool: the pool is the batch.
        start, initial = 1, _first(family, law, closure.monomials)
    output = [wanted.get(monomial, sp.Integer(0)) for monomial in closure.monomials]
    system = LinearSystem(
        states=tuple(f"E[{_name(monomial, word)}]" for monomial in closure.monomials),
        matrix=closure.matrix,
        vector=sp.ImmutableDenseMatrix(closure.vector.applyfunc(lambda x: sized(family, x))),
        initial=sp.ImmutableDenseMatrix(initial),
        start=start,
        output=sp.ImmutableDenseMatrix(1, len(output), output),
        offset=offset,
        factor=sp.Integer(1),
        at_zero=offset,
    )
    return centred(in_units(without_zeros(system), law.level), law, word)


def _first(family: Family, law: Variance, monomials: tuple[Monomial, ...]) -> sp.Matrix:
    alone = steps.replace_step(SIZE, "mle", lambda powers: sp.Integer(0))
    first = local_step(replace(family, workflow=Replace), law, alone)
    none = (0, 0, 0, 0)
    values = [image(first, monomial).get(none, sp.Integer(0)) for monomial in monomials]
    return sp.Matrix([sp.factor(sized(family, value, sp.Integer(1))) for value in values])


def _seen(family: Family, power: int) -> dict[Monomial, sp.Expr]:
    """A power of the fit's mean, in moments of the pool of which it sees a part."""
    if power > 2:
        raise steps.NoMomentError("moments of a subsample of the pool beyond the second")
    if power == 1:
        return {(1, 0, 0, 0): sp.Integer(1)}
    pool, size = pool_size(family, t), family.sizes.subs(k, t)
    spread = sp.factor(steps.subsample(size, pool, "mle")((2, 0)))
    return {(2, 0, 0, 0): sp.Integer(1), (0, 2, 0, 0): spread}


def without_zeros(system: LinearSystem) -> LinearSystem:
    """The system without the components that are 0 for ever."""
    size = system.dimension
    live = {i for i in range(size) if system.vector[i] != 0 or system.initial[i] != 0}
    while True:
        more = {
            i for i in range(size) if i not in live and any(system.matrix[i, j] != 0 for j in live)
        }
        if not more:
            break
        live |= more
    rows = sorted(live)
    if not rows:
        # Nothing moves: one component that stays what it is.
        one = sp.ImmutableDenseMatrix([[1]])
        zero = sp.ImmutableDenseMatrix([[0]])
        return replace(
            system,
            states=("1",),
            matrix=one,
            vector=zero,
            initial=one,
            output=sp.ImmutableDenseMatrix([[system.offset]]),
            offset=sp.Integer(0),
        )
    return replace(
        system,
        states=tuple(system.states[i] for i in rows),
        matrix=sp.ImmutableDenseMatrix(system.matrix.extract(rows, rows)),
        vector=sp.ImmutableDenseMatrix(system.vector.extract(rows, [0])),
        initial=sp.ImmutableDenseMatrix(system.initial.extract(rows, [0])),
        output=sp.ImmutableDenseMatrix(system.output.extract([0], rows)),
    )


def in_units(system: LinearSystem, level: sp.Expr) -> LinearSystem:
    """Second moments counted in units of the true law's variance."""
    if system.states == ("1",) or level == 0:
        return system
    return replace(
        system,
        states=tuple(f"{state}/V_0" for state in system.states),
        vector=system.vector.applyfunc(lambda x: sp.factor(sp.cancel(x / level))),
        initial=system.initial.applyfunc(lambda x: sp.factor(sp.cancel(x / level))),
        output=system.output.applyfunc(lambda x: sp.cancel(x * level)),
    )


def centred(system: LinearSystem, law: Variance, word: str) -> LinearSystem:
    """Under Replace and Accumulate: the expected variance of the model, which is a mere product.

    One component whose fixed point, the same in every generation, is where the variance is 0.
    """
    if system.dimension != 1 or system.vector[0] == 0 or law.bend == 0 or system.start:
        return system
    fixed = -1 / law.bend
    if sp.cancel((1 - system.matrix[0, 0]) * fixed - system.vector[0]) != 0:
        return system
    return replace(
        system,
        states=(f"E[V({word})]/V_0",),
        vector=sp.ImmutableDenseMatrix([[0]]),
        initial=sp.ImmutableDenseMatrix([[1]]),
        output=sp.ImmutableDenseMatrix([[sp.factor(-system.output[0] * fixed)]]),
        offset=sp.factor(sp.cancel(system.offset + system.output[0] * fixed)),
    )


def _name(monomial: Monomial, word: str) -> str:
    names = (f"({word} - {word}_0)", "S", "r", "S_r")
    powers = (monomial[0], sp.Integer(monomial[1]) / 2, *monomial[2:])
    parts = [
        name if power == 1 else f"{name}^{power}"
        for name, power in zip(names, powers, strict=True)
        if power
    ]
    return " ".join(parts)
