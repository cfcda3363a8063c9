"""Moments of one selection step towards a fixed target, named.

The nearest points to a target are kept, in the model's own metric; the target lies ``delta``
deviations from the model's mean. With y the kept point seen from the target, the axis pointing from
the target to the mean, and ``M_j`` the j-th `TargetMoment`,

    E y = delta M_1 on the axis,   E y_axis^2 = M_1 + delta^2 M_2,   E y_across^2 = M_1,
    E y_axis^3 = 3 delta M_2 + delta^3 M_3,   E y_axis^4 = 3 M_2 + 6 delta^2 M_3 + delta^4 M_4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import InvalidInput
from theory.named import integer_argument
from theory.selection import offcentre
from theory.selection.functions import (
    FourthNofN,
    FourthPopulation,
    KappaNofN,
    KappaPopulation,
    RadialMoment,
    _counts,
    _share,
)

_SOURCE = "truncated non-central chi-square (Poisson mixture of central ones); Tallis (1963)"


def _order(j: Any) -> int:
    order = integer_argument("order", j, 0)
    if order >= offcentre.ORDERS:
        raise InvalidInput(f"order = {order} is not in 0..{offcentre.ORDERS - 1}")
    return order


class TargetMoment(RadialMoment):
    r"""``P(ncx2_{d+2j} <= q)/alpha`` with ``P(ncx2_d <= q) = alpha``, non-centrality ``delta^2``.

    Arguments (j, alpha, d, delta): population law, a ball of mass alpha around the target.

    Examples
    --------
    >>> TargetMoment(1, sp.Rational(1, 4), 1, 4).evalf(15)
    0.682223427316700
    >>> TargetMoment(1, sp.Symbol("alpha"), 3, 0)
    KappaPopulation(alpha, 3)
    """

    nargs = 4
    _symbol = "m"

    @classmethod
    def eval(cls, j: Any, alpha: Any, d: Any, delta: Any) -> Any:
        if j == 0 or alpha == 1:
            return sp.S.One
        if delta == 0 and j in (1, 2):
            return (KappaPopulation if j == 1 else FourthPopulation)(alpha, d)
        return None

    @staticmethod
    def numeric(j: Any, alpha: Any, d: Any, delta: Any) -> Any:
        order = _order(j)
        share, dimension = _share(alpha, d)
        if share == 1:
            return mp.mpf(1)
        return +(offcentre.off_truncated(share, dimension, delta).masses[order] / share)

    def definition(self) -> sp.Basic:
        j, alpha, d, delta = self.args
        mass = sp.Function("F")
        q = sp.Function("q")(d, delta**2, alpha)
        return sp.Eq(self, mass(d + 2 * j, delta**2, q) / alpha, evaluate=False)

    @classmethod
    def source(cls) -> str:
        return _SOURCE


class TargetMomentNofN(RadialMoment):
    r"""The same when the nearest n of N candidates are kept: its mean over ``U ~ Beta(n+1, N-n)``.

    Arguments (j, n, N, d, delta).

    Examples
    --------
    >>> TargetMomentNofN(1, 5, 20, 2, 0)
    KappaNofN(5, 20, 2)
    """

    nargs = 5
    _symbol = "m"

    @classmethod
    def eval(cls, j: Any, n: Any, N: Any, d: Any, delta: Any) -> Any:
        if j == 0 or n == N:
            return sp.S.One
        if delta == 0 and j in (1, 2):
            return (KappaNofN if j == 1 else FourthNofN)(n, N, d)
        return None

    @staticmethod
    def numeric(j: Any, n: Any, N: Any, d: Any, delta: Any) -> Any:
        order = _order(j)
        kept, candidates, dimension = _counts(n, N, d)
        if kept == candidates:
            return mp.mpf(1)
        return +offcentre.off_averages(kept, candidates, dimension, mp.mpf(delta), mp.prec + 5)[
            order
        ]

    def definition(self) -> sp.Basic:
        j, n, N, d, delta = self.args
        u = sp.Symbol("U", positive=True)
        weight = u**n * (1 - u) ** (N - n - 1) / sp.beta(n + 1, N - n)
        value = sp.Integral(TargetMoment(j, u, d, delta) * weight, (u, 0, 1))
        return sp.Eq(self, value, evaluate=False)

    @classmethod
    def source(cls) -> str:
        return f"{_SOURCE}; order statistics"


def seen_from_target(m: Any, delta: Any) -> tuple[Any, Any, Any, Any]:
    """E y, E y^2, E y^3, E y^4 of a kept point along the axis, from ``m(j)``, j = 1..4.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> seen_from_target(lambda j: 1, x)[1]  # nothing is dropped
    x**2 + 1
    """
    return (
        delta * m(1),
        m(1) + delta**2 * m(2),
        3 * delta * m(2) + delta**3 * m(3),
        3 * m(2) + 6 * delta**2 * m(3) + delta**4 * m(4),
    )
