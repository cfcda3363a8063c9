"""The linear regression model: least squares on labels of the last fit.

Inputs are standard normal. A fit on the inputs X, with G = X'X, moves the coefficients' error by
``G^-1 X'e``; E tr G^-1 = d/(n - d - 1) for n > d + 1 (inverse Wishart). What a part S of the points
does is a matrix ``B = G^(-1/2) S G^(-1/2)`` independent of G, a sum over rows of a uniform
orthonormal frame: rows are exchangeable, and one row is a part of a uniform unit vector, from which
the moments of B follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from theory.family import Family
from theory.linearsystem import LinearSystem, assemble
from theory.models.answer import Answer
from theory.models.fitted import exact
from theory.setting import Setting
from theory.step import NoMomentError
from theory.symbols import k
from theory.vocabulary import Accumulate, AccumulateSubsample, FixedReal, FreshReal
from theory.workflow import batch_size, dimension, pool_size

_ONE = sp.Integer(1)


def inverse_trace(points: Any, d: Any) -> Any:
    """E tr G^-1 of so many inputs in d dimensions."""
    return d / (points - d - 1)


def fourth(points: Any, d: Any) -> Any:
    """E (tr G^-1)^2 + 2 tr G^-2: the fourth moment of one fit's error.

    That error is, over the noise's variance, a chi-square of d over an independent one of
    ``points - d + 1`` degrees of freedom.
    """
    return d * (d + 2) / ((points - d - 1) * (points - d - 3))


def kept(made: Any, points: Any, d: Any) -> Any:
    """E |G^-1 S x|^2/|x|^2, S the share of `made` points among `points`.

    ``tr(G B G^-1 B)/d``, over pairs of rows h of the frame: E h h' M h h' = (2 M + tr M)/(n (n+2)),
    all rows together give M, and E tr G tr G^-1 = (n d - 2) d/(n - d - 1), since G's size is
    independent of its shape.

    Examples
    --------
    >>> n, d = sp.symbols("n d")
    >>> sp.simplify(kept(n, n, d)), sp.simplify(kept(n - 1, n, 1) - (n**2 - 1)/(n*(n + 2)))
    (1, 0)
    """
    traces = (points * d - 2) * inverse_trace(points, d)
    same = (2 * d + traces) / (points * (points + 2))
    other = (d - points * same) / (points * (points - 1))
    return (made * same + made * (made - 1) * other) / d


def rules(family: Family, quantity: str) -> Answer:
    """The step of the squared error of the coefficients; on standard inputs the test error too."""
    d, sizes = dimension(family), family.sizes
    noise = exact(family.trained.noise) ** 2  # type: ignore[attr-defined]
    fixed = family.trained.design == "fixed"  # type: ignore[attr-defined]
    workflow = family.workflow
    ratio = _ONE
    if workflow is AccumulateSubsample:
        raise NoMomentError("fits share points of the pool, so their inputs depend on each other")
    if workflow is FixedReal:
        raise NoMomentError(
            "the same real inputs enter every fit, so that what one generation keeps of an error "
            "depends on what the last one kept"
        )
    if workflow is Accumulate and fixed:
        # Equal inputs in every batch: the mean of the batches' own fits.
        add = inverse_trace(sizes, d) / k**2
    elif workflow is Accumulate:
        # Of the pool's tr G^-1 every point has an equal share.
        pool = pool_size(family, k)
        add = sizes / pool * inverse_trace(pool, d)
    else:
        add = inverse_trace(sizes, d)
    if workflow is FreshReal:
        ratio = sp.factor(kept(batch_size(family, sizes), sizes, d))
    system = _system(ratio, sp.factor(add), noise)
    return Answer(system, variance=_variance, condition=sizes.subs(k, 1) > d + 1)


def _system(ratio: sp.Expr, add: sp.Expr, unit: sp.Expr) -> LinearSystem:
    zero = sp.Integer(0)
    return assemble(
        ("E[|w - w_0|^2]",),
        sp.Matrix([ratio]),
        sp.Matrix([add]),
        0,
        sp.Matrix([0]),
        [1],
        offset=zero,
        factor=unit,
        at_zero=zero,
    )


def _variance(values: Mapping[str, Any], setting: Setting, generation: int) -> float | None:
    d, unit = float(setting.dimension), float(setting.model.noise) ** 4  # type: ignore[attr-defined]
    sizes = [setting.size(step) for step in range(1, generation + 1)]
    if min(sizes) <= d + 3 or isinstance(setting.workflow, FreshReal):
        return None
    pooled = isinstance(setting.workflow, Accumulate)
    if setting.model.design == "fixed":  # type: ignore[attr-defined]
        weight = sum(1 / step**2 for step in range(1, generation + 1)) if pooled else generation
        one = fourth(sizes[0], d) - inverse_trace(sizes[0], d) ** 2
        return float(weight**2 * one) * unit
    mean = second = 0.0
    points: list[int] = []
    for size in sizes:
        points.append((points[-1] if pooled and points else 0) + size)
        total = points[-1]
        one = size / total * inverse_trace(total, d)
        own = size * (size + 2) / (total * (total + 2)) * fourth(total, d)
        if pooled:
            crossed = sum(
                size_of / before * size / (total - before) * _across(before, total, d)
                for size_of, before in zip(sizes, points[:-1], strict=False)
            )
            second += own + 2 * crossed
        else:
            # Fresh noise is independent of the error before it, and turns about freely.
            second += own + (2 + 4 / d) * mean * one
        mean += one
    return max(float(second - mean**2), 0.0) * unit


def _across(before: int, total: int, d: float) -> float:
    """E tr P tr Q + 2 tr P Q: P the inverse of an earlier G, Q = G^-1 (G - earlier G) G^-1.

    Both are made of one B, independent of the whole G: ``P = G^(-1/2) B^-1 G^(-1/2)`` and ``Q =
    G^(-1/2) (I - B) G^(-1/2)``. Invariance leaves one factor for all G, read off ``G = I``; what it
    needs of B follows from E P and from E tr P tr(earlier G), B^-1 and B being jointly invariant.
    """
    inverse = (total - d - 1) / (before - d - 1)
    whole = (total * d - 2) * inverse_trace(total, d)
    part = (before * d - 2) * inverse_trace(before, d)
    # u tr M tr G + 2 v d = part with E tr M tr G = whole, and u + v (d + 1) = 1. On the line both
    # are one equation, and u + 2 v alone is asked for.
    v = 0.0 if d == 1 else (part - whole) / (2 * d - (d + 1) * whole)
    u = 1 - v * (d + 1)
    traces = d * d * inverse - (u * d * d + 2 * v * d)
    return (traces + 2 * (d * inverse - d)) / (d * d + 2 * d) * fourth(total, d)
