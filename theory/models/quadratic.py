"""Expectations of polynomials in a fitted mean, for families whose variance is quadratic in it.

Bernoulli, Poisson, negative binomial and exponential laws are such families (Morris 1982). The
state is the model's mean less the true one: the pool's, where the fit sees a part of the pool.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import sympy as sp

from theory import step as steps
from theory.family import Family
from theory.linearsystem import LinearSystem
from theory.models.meanstep import Polynomial, Variance, image, local_step
from theory.step import Monomial
from theory.symbols import k, t
from theory.vocabulary import AccumulateSubsample, Replace
from theory.workflow import SIZE, pool_size, sized


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
