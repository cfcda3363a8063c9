"""What the next fit sees: the linear step of a family's expectations, built from its groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from theory import step as steps
from theory.errors import InvalidInput
from theory.family import Family
from theory.linearsystem import LinearSystem
from theory.selection import BestVariance, KappaNofN, KappaPopulation, TailVariance
from theory.step import Closure, Moment, Monomial, Step
from theory.symbols import BY_NAME, N, alpha, f, k, kappa, n_r, sigma_0, t
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    BestOf,
    ExponentialTilt,
    FixedReal,
    FreshReal,
    KeepAll,
    Replace,
    SoftVerifier,
    TopFraction,
    UpperTail,
)

#: Points of the batch, of the pool before it, and of the fit before it.
SIZE, POOL, PREVIOUS = sp.symbols("size pool previous", positive=True)
#: Quantities that the model's covariance has without its mean.
OF_THE_COVARIANCE = ("variance", "variance_squared", "log_variance", "log_det")
_INDEX = sp.Symbol("j", integer=True, positive=True)


@dataclass(frozen=True)
class Kept:
    """Variance of a kept point over the model's, with the definition of what stays named."""

    q: sp.Expr
    first: sp.Expr
    definitions: tuple[tuple[sp.Symbol, sp.Expr], ...]


def dimension(family: Family) -> sp.Expr:
    """The family's dimension as a SymPy expression."""
    return sp.sympify(family.dimension)


def temperature(family: Family) -> sp.Expr:
    """The family's temperature as an exact SymPy number or its symbol."""
    value = family.temperature
    if isinstance(value, sp.Symbol):
        return value
    return sp.Rational(str(value)) if isinstance(value, float) else sp.Rational(Fraction(value))


def batch_size(family: Family, size: sp.Expr) -> sp.Expr:
    """Generated points kept in a fit of `size` points."""
    if family.workflow is FreshReal:
        return (1 - f) * size
    return size - n_r if family.workflow is FixedReal else size


def kept(family: Family) -> Kept:
    """The kept batch's variance over the model's, in any generation and in the first."""
    heat = temperature(family)
    real = family.first_batch == "real"
    if family.selection is KeepAll:
        return Kept(heat, sp.Integer(1) if real else heat, ())
    d = dimension(family)
    if family.selection in (UpperTail, BestOf):
        return _scored(family, heat, real)
    if family.selection in (SoftVerifier, ExponentialTilt):
        raise steps.NoMomentError(
            f"what {family.selection.name} keeps depends on how large the model is"
        )
    if family.selection is not TopFraction:
        raise InvalidInput(f"nothing is derived for the selection rule {family.selection.name}")
    if family.law == "population":
        value: sp.Expr = KappaPopulation(alpha, d)
    else:
        value = KappaNofN(batch_size(family, family.sizes), N, d)
    if value.has(k):
        q = heat * value
        return Kept(q, sp.Integer(1) if real else q.subs(k, 1), ())
    return Kept(heat * kappa, sp.Integer(1) if real else heat * kappa, ((kappa, value),))


def untilted(family: Family, quantity: str) -> Family:
    """The family without its exponential tilt, where the quantity cannot see one; else as it is.

    Weights exp(b x) on N(mu, S) give N(mu + b S e_1, S): the covariance stays, and where each
    generation replaces the last no fit sees two means.

    Examples
    --------
    >>> tilted = Family(selection=ExponentialTilt)
    >>> untilted(tilted, "log_det").selection.name, untilted(tilted, "squared_drift") is tilted
    ('keep-all', True)
    """
    blind = quantity in OF_THE_COVARIANCE and family.workflow is Replace
    if family.selection is ExponentialTilt and blind:
        return replace(family, selection=KeepAll)
    return family


def _scored(family: Family, heat: sp.Expr, real: bool) -> Kept:
    """A score moves the mean: only under Replace does the variance not see it."""
    if family.workflow is not Replace or dimension(family) != 1:
        raise steps.NoMomentError(
            "selection by a score displaces the mean along one axis; the step closes for Replace "
            "in one dimension alone"
        )
    value = TailVariance(alpha) if family.selection is UpperTail else BestVariance(N)
    return Kept(heat * kappa, sp.Integer(1) if real else heat * kappa, ((kappa, value),))


def pool_size(family: Family, generations: sp.Expr) -> sp.Expr:
    """Points pooled after so many generations."""
    sizes = family.sizes
    if not sizes.has(k):
        return sizes * generations
    total = sp.Sum(sizes.subs(k, _INDEX), (_INDEX, 1, generations))
    return sp.factor(total.doit()) if sizes.is_polynomial(k) else total


def batch_moment(family: Family, q: sp.Expr) -> Callable[[sp.Expr], Moment]:
    """Moments of a generated batch, as a function of its size."""
    law = steps.gaussian_batch if family.selection is KeepAll else steps.selected_batch
    return lambda size: law(size, q)


def generation(family: Family, q: sp.Expr) -> Step:
    """The step of a generation ``k >= 2``, in the symbols `size`, `pool` and `previous`."""
    batch = batch_moment(family, q)
    if family.workflow is Replace:
        return steps.replace_step(SIZE, family.fit, batch(SIZE))
    if family.workflow is Accumulate:
        return steps.accumulate_step(SIZE, POOL, family.fit, batch(SIZE))
    if family.workflow is AccumulateSubsample:
        return steps.subsample_step(SIZE, POOL, PREVIOUS, family.fit, batch(SIZE))
    if family.workflow is FreshReal:
        return steps.fresh_real_step(SIZE, family.fit, batch)
    return steps.fixed_real_step(SIZE, family.fit, batch)


def first_generation(family: Family, q: sp.Expr) -> Step:
    """The step of generation 1: the pool is empty, and the true law generates."""
    batch = batch_moment(family, q)
    if family.workflow in (Replace, Accumulate):
        return steps.replace_step(SIZE, family.fit, batch(SIZE))
    if family.workflow is AccumulateSubsample:
        return steps.replace_step(SIZE, "mle", batch(SIZE))
    return generation(family, q)


def sized(family: Family, expression: sp.Expr, index: sp.Expr = k) -> sp.Expr:
    """Put the family's sizes for `size`, `pool` (before the batch) and `previous`."""
    if not expression.has(SIZE, POOL, PREVIOUS):
        return expression
    values = {
        SIZE: family.sizes.subs(k, index),
        PREVIOUS: family.sizes.subs(k, index - 1),
    }
    if expression.has(POOL):
        values[POOL] = pool_size(family, index - 1)
    return sp.factor(expression.subs(values))


def linear_system(
    family: Family,
    wanted: tuple[Monomial, ...],
    weights: tuple[sp.Expr, ...],
    factor: sp.Expr,
) -> LinearSystem:
    """The linear system that carries ``sum weights * E monomial``.

    Raises
    ------
    theory.step.NoMomentError
        If the expectations do not close.
    """
    rate = kept(family)
    closure = steps.close(generation(family, rate.q), wanted, lambda x: sized(family, x))
    vector = closure.vector.applyfunc(lambda x: sized(family, x))
    start, initial = _start(family, rate.first, closure, vector)
    output = [sp.Integer(0)] * len(closure.monomials)
    for monomial, weight in zip(wanted, weights, strict=True):
        output[closure.monomials.index(monomial)] += weight
    at_zero = sum((w for m, w in zip(wanted, weights, strict=True) if m[0] == 0), sp.Integer(0))
    if family.workflow is AccumulateSubsample:
        output = _through_subsample(family, closure.monomials, output)
    return LinearSystem(
        states=tuple(f"E[{_word(m)}]" for m in closure.monomials),
        matrix=closure.matrix,
        vector=sp.ImmutableDenseMatrix(vector),
        initial=initial,
        start=start,
        output=sp.ImmutableDenseMatrix(1, len(output), output),
        offset=sp.Integer(0),
        factor=factor,
        at_zero=at_zero,
    )


def _start(
    family: Family, first_q: sp.Expr, closure: Closure, vector: sp.Matrix
) -> tuple[int, sp.ImmutableDenseMatrix]:
    """Where the recursion starts: at 0 if the general step also holds in generation 1."""
    truth = closure.initial
    first = first_generation(family, first_q)
    after: list[sp.Expr] = []
    for monomial in closure.monomials:
        value = sp.Integer(0)
        for powers, weight in steps.image(first, monomial).items():
            start = first.frozen(powers[2:]) if powers[0] == 0 else sp.Integer(0)
            value += sized(family, weight, sp.Integer(1)) * start
        after.append(sp.factor(sp.together(sized(family, value, sp.Integer(1)))))
    try:
        general = (closure.matrix.subs(k, 1) * truth + vector.subs(k, 1)).applyfunc(sp.cancel)
        same = all(sp.cancel(x - y) == 0 for x, y in zip(general, after, strict=True))
    except (ZeroDivisionError, sp.PolynomialError):
        same = False
    if same:
        return 0, truth
    return 1, sp.ImmutableDenseMatrix(len(after), 1, after)


def _through_subsample(
    family: Family, monomials: tuple[Monomial, ...], output: list[sp.Expr]
) -> list[sp.Expr]:
    """From the fit's moments to the pool's: the fit sees `size` of the pool's points."""
    pool, size = pool_size(family, t), family.sizes.subs(k, t)
    moment = steps.subsample(size, pool, family.fit)
    mean, spread = (
        monomials.index((2, 0, 0, 0)) if (2, 0, 0, 0) in monomials else None,
        (monomials.index((0, 2, 0, 0))),
    )
    result = [sp.Integer(0)] * len(output)
    result[spread] = output[spread] * moment((0, 1))
    if mean is not None:
        result[mean] = output[mean]
        result[spread] += output[mean] * moment((2, 0))
    result[spread] = sp.factor(sp.together(result[spread]))
    return result


def _word(monomial: Monomial) -> str:
    names = ("mu", "Sigma", "rbar", "S_r")
    powers = (monomial[0], sp.Integer(monomial[1]) / 2, *monomial[2:])
    parts = [
        name if power == 1 else f"{name}^{power}"
        for name, power in zip(names, powers, strict=True)
        if power
    ]
    return " ".join(parts)


def moments_of(family: Family, quantity: str) -> LinearSystem:
    """The system of a quantity that is polynomial in mean and variance.

    ``variance`` and ``squared_drift`` in any dimension; ``variance_squared`` in one dimension
    without selection (`theory.radial` has the others).
    """
    one, d = sp.Integer(1), dimension(family)
    if quantity != "variance" and family.selection in (UpperTail, BestOf):
        raise steps.NoMomentError("a score displaces the mean by a multiple of the deviation")
    if quantity == "variance":
        return linear_system(family, ((0, 2, 0, 0),), (one,), d * sigma_0**2)
    if quantity == "squared_drift":
        return linear_system(family, ((2, 0, 0, 0),), (one,), d * sigma_0**2)
    if quantity == "variance_squared" and d == 1:
        return linear_system(family, ((0, 4, 0, 0),), (one,), sigma_0**4)
    raise steps.NoMomentError(f"{quantity} is not polynomial in one direction")


__all__ = ["BY_NAME", "TopFraction", "generation", "kept", "linear_system", "moments_of"]
