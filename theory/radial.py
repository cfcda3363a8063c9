"""Second moment of the total variance in any dimension, with or without selection.

Kept points are ``y = r u`` with independent uniform directions, so the pool's scatter about its
mean, in the metric of the generating model, is an orthogonally invariant matrix Y with
``E Y_ij Y_kl = a d_ij d_kl + b (d_ik d_jl + d_il d_jk)``, and (E (Tr Sigma)^2, E Tr Sigma^2) moves
by ``[[a, 2b], [b, a + b]]``, whose eigenvectors (1, 1) and (2, -1) never change.
"""

from __future__ import annotations

import sympy as sp

from theory.family import Family
from theory.linearsystem import LinearSystem
from theory.selection import FourthNofN, FourthPopulation, KappaNofN, KappaPopulation, PairNofN
from theory.step import NoMomentError, divisor
from theory.symbols import N, alpha, k, sigma_0
from theory.vocabulary import Accumulate, KeepAll, Replace, TopFraction
from theory.workflow import dimension, pool_size, temperature

#: kappa, E r^4/(d(d+2)) and E r_i^2 r_j^2/d^2 of kept points, where they are constant.
KAPPA, FOURTH, PAIR = sp.symbols("kappa kappa_4 kappa_22", positive=True)


def radial_moments(family: Family) -> tuple[tuple[sp.Expr, ...], dict[sp.Symbol, sp.Expr]]:
    """(kappa, fourth, pair) of a kept point, and what the names among them mean."""
    d, size = dimension(family), family.sizes
    if family.selection is KeepAll:
        return (sp.Integer(1),) * 3, {}
    if family.selection is not TopFraction:
        raise NoMomentError("the kept points' directions are not uniform")
    if family.law == "population":
        kappa = KappaPopulation(alpha, d)
        return (KAPPA, FOURTH, KAPPA**2), {KAPPA: kappa, FOURTH: FourthPopulation(alpha, d)}
    exact = (KappaNofN(size, N, d), FourthNofN(size, N, d), PairNofN(size, N, d))
    if size.has(k):
        return exact, {}
    return (KAPPA, FOURTH, PAIR), dict(zip((KAPPA, FOURTH, PAIR), exact, strict=True))


def scatter_moments(
    size: sp.Expr, pull: sp.Expr, moments: tuple[sp.Expr, ...], heat: sp.Expr
) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """E Y = y I, a and b of ``Y = sum u u' - pull * ubar ubar'``, u the standardised kept points.

    ``pull`` is the batch size when the batch stands alone (scatter about its own mean), and less
    when a pool holds the mean back. With ``H = 1 - pull/size**2 11'`` only paired points survive:
    ``a = sum H_ii H_jj E u_i1^2 u_j2^2`` and ``b = sum H_ij^2 E u_i1^2 u_j2^2``.
    """
    kappa, fourth, pair = moments
    share = pull / size**2
    own, others = size * (1 - share) ** 2, size * (size - 1)
    mean = heat * kappa * size * (1 - share)
    a = heat**2 * (own * fourth + others * (1 - share) ** 2 * pair)
    b = heat**2 * (own * fourth + others * share**2 * pair)
    return mean, a, b


def _step(family: Family, index: sp.Expr, alone: bool, first: bool) -> tuple[sp.Expr, sp.Expr]:
    """(a + 2b, a - b) of one generation's factor."""
    size = family.sizes.subs(k, index)
    moments, _ = radial_moments(family)
    heat = temperature(family)
    if first and family.first_batch == "real":
        moments, heat = (sp.Integer(1),) * 3, sp.Integer(1)
    if alone:
        _, a, b = scatter_moments(size, size, moments, heat)
        below = divisor(size, family.fit)
    else:
        pool = pool_size(family, index - 1)
        mean, a, b = scatter_moments(size, size**2 / (pool + size), moments, heat)
        held = divisor(pool, family.fit)
        a = held**2 + 2 * held * mean + a
        below = divisor(pool + size, family.fit)
    return (
        sp.factor(sp.together((a + 2 * b) / below**2)),
        sp.factor(sp.together((a - b) / below**2)),
    )


def variance_squared_system(family: Family) -> LinearSystem:
    """The linear system of E (Tr Sigma)^2, for Replace and Accumulate.

    Raises
    ------
    NoMomentError
        For other workflows.
    """
    if family.workflow not in (Replace, Accumulate):
        raise NoMomentError("the second moment is derived for Replace and Accumulate alone")
    d = dimension(family)
    alone = family.workflow is Replace
    general = _step(family, k, alone, first=False)
    first = _step(family, sp.Integer(1), True, first=True)
    try:
        start = int(
            any(sp.cancel(g.subs(k, 1) - f) != 0 for g, f in zip(general, first, strict=True))
        )
    except (ZeroDivisionError, sp.PolynomialError):
        start = 1
    matrix, truth = _matrix(general), sp.Matrix([d**2, d])
    initial = (_matrix(first) * truth if start else truth).applyfunc(sp.factor)
    if d == 1:
        return LinearSystem(
            ("E[Sigma^2]",),
            sp.ImmutableDenseMatrix([[general[0]]]),
            sp.ImmutableDenseMatrix([[0]]),
            sp.ImmutableDenseMatrix([[first[0] if start else 1]]),
            start,
            sp.ImmutableDenseMatrix([[1]]),
            sp.Integer(0),
            sigma_0**4,
            sp.Integer(1),
        )
    return LinearSystem(
        ("E[(Tr Sigma)^2]", "E[Tr Sigma^2]"),
        sp.ImmutableDenseMatrix(matrix),
        sp.ImmutableDenseMatrix([[0], [0]]),
        sp.ImmutableDenseMatrix(initial),
        start,
        sp.ImmutableDenseMatrix([[1, 0]]),
        sp.Integer(0),
        sigma_0**4,
        d**2,
        sp.ImmutableDenseMatrix([[1, 2], [1, -1]]),
    )


def _matrix(eigenvalues: tuple[sp.Expr, sp.Expr]) -> sp.Matrix:
    large, small = eigenvalues
    b = (large - small) / 3
    a = large - 2 * b
    return sp.Matrix([[a, 2 * b], [b, a + b]]).applyfunc(lambda x: sp.factor(sp.together(x)))
