"""The step of one generation, derived from the definition of pool, fit and selection.

A pool is a list of groups; each group has a size, a mean and a scatter (sum of squares about its
own mean). The fit sees the pool's mean and the pool's scatter; both are polynomials in the state
and in the noise of the groups, so the expectation of any monomial of the state is linear in
monomials of the previous state: `close` finds them all, starting from those the quantity needs.

Units: one direction, true mean 0, true variance 1. By rotation equivariance E Sigma_t and the
covariance of mu_t are multiples of the true covariance in any dimension, under either law of
selection (kept points have independent uniform directions given their radii).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import sympy as sp

from theory.symbols import f, n_r

#: Model mean and standard deviation (for a pool: the pool's), frozen real mean and scatter.
MU, SD, REAL_MEAN, REAL_SCATTER = sp.symbols("mu sigma rbar S_r")
#: Batch: (mean - mu)/sigma and scatter/sigma^2; fresh real: the same, with the truth for model.
Z, W, Z_REAL, W_REAL = sp.symbols("z w z_r w_r")
#: Subsample: (mean - pool mean) and variance, over the pool's standard deviation and variance.
DELTA, SHARE = sp.symbols("delta u")

STATE = (MU, SD, REAL_MEAN, REAL_SCATTER)
Monomial = tuple[int, ...]
Moment = Callable[[Monomial], sp.Expr]


class NoMomentError(Exception):
    """A moment of the noise that has no closed form here: the step does not close."""


@dataclass(frozen=True)
class Group:
    """Points that the pool holds: their number, their mean, and their scatter about it."""

    size: sp.Expr
    mean: sp.Expr
    scatter: sp.Expr


@dataclass(frozen=True)
class Noise:
    """Independent noise: its symbols, and the expectation of each monomial in them."""

    symbols: tuple[sp.Symbol, ...]
    moment: Moment


@dataclass(frozen=True)
class Step:
    """What one generation does: the new mean, the new variance, and the noise in them."""

    mean: sp.Expr
    variance: sp.Expr
    noise: tuple[Noise, ...]
    frozen: Moment = field(default=lambda powers: sp.Integer(1))


def pooled(groups: Sequence[Group]) -> Group:
    """The pool of `groups`: sizes add, means are weighted, scatter adds within and between.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> one, none = sp.Integer(1), sp.Integer(0)
    >>> pool = pooled([Group(one, x, none), Group(one, y, none)])
    >>> sp.expand(pool.scatter - (x - y)**2 / 2)
    0
    """
    size = sum((group.size for group in groups), sp.Integer(0))
    mean = sum((group.size * group.mean for group in groups), sp.Integer(0)) / size
    scatter = sum(
        (group.scatter + group.size * (group.mean - mean) ** 2 for group in groups), sp.Integer(0)
    )
    return Group(size, mean, scatter)


def divisor(size: sp.Expr, fit: str) -> sp.Expr:
    """What the fit divides the scatter by: the number of points, or one less."""
    return size if fit == "mle" else size - 1


def gaussian_batch(size: sp.Expr, q: sp.Expr) -> Moment:
    """Moments of (z, w): z normal with variance q/size, w = q chi2 with size - 1, independent."""

    def moment(powers: Monomial) -> sp.Expr:
        a, c = powers
        if a % 2:
            return sp.Integer(0)
        chi = [(size - 1 + 2 * i) * q for i in range(c)]
        return reduce(sp.Mul, chi, sp.factorial2(a - 1) * (q / size) ** (a // 2))

    return moment


def selected_batch(size: sp.Expr, q: sp.Expr) -> Moment:
    """Moments of (z, w) where only the kept variance q is known: up to the second moments.

    Kept points have independent directions, so the mean has variance q/size and the scatter has
    expectation q (size - 1), whether or not the radii are independent.
    """

    def moment(powers: Monomial) -> sp.Expr:
        a, c = powers
        if a % 2:
            return sp.Integer(0)
        known = {(0, 0): sp.Integer(1), (2, 0): q / size, (0, 1): q * (size - 1)}
        if (a, c) not in known:
            raise NoMomentError("moments of a selected batch beyond the second")
        return known[a, c]

    return moment


def subsample(size: sp.Expr, pool: sp.Expr, fit: str) -> Moment:
    """Moments of a fit on `size` points drawn without replacement from `pool` points."""

    def moment(powers: Monomial) -> sp.Expr:
        a, c = powers
        if a % 2:
            return sp.Integer(0)
        spread = (pool - size) / (size * (pool - 1))
        share = (size - 1) * pool / (divisor(size, fit) * (pool - 1))
        known = {(0, 0): sp.Integer(1), (2, 0): spread, (0, 1): share}
        if (a, c) not in known:
            raise NoMomentError("moments of a subsample of the pool beyond the second")
        return known[a, c]

    return moment


def _fitted(groups: Sequence[Group], fit: str) -> tuple[sp.Expr, sp.Expr]:
    pool = pooled(groups)
    return pool.mean, pool.scatter / divisor(pool.size, fit)


def _batch(size: sp.Expr) -> Group:
    return Group(size, MU + SD * Z, SD**2 * W)


def replace_step(size: sp.Expr, fit: str, batch: Moment) -> Step:
    """Replace: one fresh batch of the previous model."""
    return Step(*_fitted([_batch(size)], fit), (Noise((Z, W), batch),))


def accumulate_step(size: sp.Expr, pool: sp.Expr, fit: str, batch: Moment) -> Step:
    """Accumulate: the frozen pool, which the model was fitted on, and a fresh batch."""
    frozen = Group(pool, MU, divisor(pool, fit) * SD**2)
    return Step(*_fitted([frozen, _batch(size)], fit), (Noise((Z, W), batch),))


def subsample_step(
    size: sp.Expr, pool: sp.Expr, previous: sp.Expr, fit: str, batch: Moment
) -> Step:
    """AccumulateSubsample: the state is the pool's own mean and variance (divided by its size).

    The previous model was fitted on `previous` points of the pool, so it is the pool's mean and
    variance with the noise of that draw.
    """
    frozen = Group(pool, MU, pool * SD**2)
    # SD**2 * SHARE is the model's variance; z is even in every expectation, so SD**2 * SHARE * z^2
    # stands for the square of the batch's displacement.
    root = sp.Symbol("root_share")
    fresh = Group(size, MU + SD * DELTA + SD * root * Z, SD**2 * SHARE * W)
    mean, variance = _fitted([frozen, fresh], "mle")
    mean, variance = sp.expand(mean), sp.expand(variance)

    def moment(powers: Monomial) -> sp.Expr:
        a, c, half = powers
        return sp.Integer(0) if half % 2 else draw((a, c + half // 2))

    draw = subsample(previous, pool, fit)
    return Step(mean, variance, (Noise((DELTA, SHARE, root), moment), Noise((Z, W), batch)))


def fresh_real_step(size: sp.Expr, fit: str, batch: Callable[[sp.Expr], Moment]) -> Step:
    """FreshReal: a fresh share `f` of real points, and a batch of the previous model."""
    real, made = f * size, (1 - f) * size
    groups = [Group(real, Z_REAL, W_REAL), _batch(made)]
    noise = (
        Noise((Z_REAL, W_REAL), gaussian_batch(real, sp.Integer(1))),
        Noise((Z, W), batch(made)),
    )
    return Step(*_fitted(groups, fit), noise)


def fixed_real_step(size: sp.Expr, fit: str, batch: Callable[[sp.Expr], Moment]) -> Step:
    """FixedReal: the same `n_r` real points every time, and a batch of the previous model."""
    made = size - n_r
    groups = [Group(n_r, REAL_MEAN, REAL_SCATTER), _batch(made)]
    noise = (Noise((Z, W), batch(made)),)
    return Step(*_fitted(groups, fit), noise, gaussian_batch(n_r, sp.Integer(1)))


@dataclass(frozen=True)
class Closure:
    """Monomials (powers of mu, sigma, frozen mean, frozen scatter) and their linear step."""

    monomials: tuple[Monomial, ...]
    matrix: sp.ImmutableDenseMatrix
    vector: sp.ImmutableDenseMatrix
    initial: sp.ImmutableDenseMatrix


def is_constant(monomial: Monomial) -> bool:
    """Whether the monomial holds frozen quantities alone."""
    return monomial[0] == 0 and monomial[1] == 0


def image(step: Step, monomial: Monomial) -> dict[Monomial, sp.Expr]:
    """Expectation of a monomial of the new state, given the old state."""
    noise = [symbol for source in step.noise for symbol in source.symbols]
    a, b, frozen_mean, frozen_scatter = monomial
    if b % 2:
        raise NoMomentError("an odd power of the standard deviation")
    gens = (*STATE, *noise)
    poly = sp.Poly(sp.expand(step.mean), *gens) ** a * sp.Poly(sp.expand(step.variance), *gens) ** (
        b // 2
    )
    found: dict[Monomial, sp.Expr] = {}
    for powers, coefficient in poly.terms():
        weight, place = coefficient, len(STATE)
        for source in step.noise:
            width = len(source.symbols)
            weight = weight * source.moment(powers[place : place + width])
            place += width
            if weight == 0:
                break
        if weight != 0:
            mu, sd, real, scatter = powers[: len(STATE)]
            key = (mu, sd, real + frozen_mean, scatter + frozen_scatter)
            found[key] = found.get(key, sp.Integer(0)) + weight
    cancelled = {key: sp.cancel(sp.together(value)) for key, value in found.items()}
    return {key: value for key, value in cancelled.items() if value != 0}


def close(
    step: Step,
    wanted: Sequence[Monomial],
    reduce_coefficient: Callable[[sp.Expr], sp.Expr] = lambda x: x,
    expected: Callable[[Step, Monomial], dict[Monomial, sp.Expr]] = image,
) -> Closure:
    """All monomials that the wanted ones depend on, with their linear step.

    `expected` gives the expectation of a monomial of the new state; by default the noise is
    independent of the old one.
    """
    order: list[Monomial] = list(dict.fromkeys(wanted))
    rows: list[dict[Monomial, sp.Expr]] = []
    for monomial in order:
        row = expected(step, monomial)
        rows.append(row)
        order += [m for m in row if not is_constant(m) and m not in order]
    pairs = sorted(zip(order, rows, strict=True), key=lambda pair: pair[0], reverse=True)
    order, rows = [monomial for monomial, _ in pairs], [row for _, row in pairs]
    size = len(order)
    matrix, vector = sp.zeros(size, size), sp.zeros(size, 1)
    for i, row in enumerate(rows):
        for monomial, value in row.items():
            coefficient = reduce_coefficient(value)
            if is_constant(monomial):
                vector[i] += coefficient * step.frozen(monomial[2:])
            else:
                matrix[i, order.index(monomial)] = coefficient
    vector = vector.applyfunc(lambda x: sp.factor(sp.together(x)))
    start = [step.frozen(m[2:]) if m[0] == 0 else sp.Integer(0) for m in order]
    return Closure(
        tuple(order),
        sp.ImmutableDenseMatrix(matrix.applyfunc(sp.factor)),
        sp.ImmutableDenseMatrix(vector),
        sp.ImmutableDenseMatrix(size, 1, start),
    )
