"""The Poisson model: the fitted mean, and whether it is left at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy as sp
from mpmath import mp

from theory.family import Family
from theory.linearsystem import LinearSystem
from theory.models.answer import Answer, setting_of
from theory.models.chain import indicator, number
from theory.models.fitted import answer, exact
from theory.models.meanstep import Variance
from theory.step import NoMomentError
from theory.symbols import k
from theory.vocabulary import Accumulate, AccumulateSubsample, FixedReal

_WHY = (
    "one generation composes the Laplace transform of the mean with n (1 - exp(-s/n)), whose "
    "iterates have no closed form"
)


def law(model: Any) -> tuple[sp.Expr, Variance]:
    """Mean and variance are the rate."""
    rate = exact(model.rate)
    return rate, Variance(rate, sp.Integer(1), sp.Integer(0))


@dataclass(frozen=True)
class Branching:
    """P(the fitted mean is positive), by iterating the Laplace transform of a fit.

    With m generated points in a fit on n, ``E exp(-s mean) = exp(-m (1 - exp(-s/n)) last mean)``
    times what real points give; that the mean is 0 is the limit ``s -> oo``.
    """

    family: Family

    def equations(self) -> tuple[sp.Basic, ...]:
        """The exponent of one generation, counted backwards from the last."""
        s, size = sp.Function("s"), self.family.sizes
        return (sp.Eq(s(k), size * (1 - sp.exp(-s(k - 1) / size)), evaluate=False),)

    def run(self, values: Mapping[str, Any], generation: int, digits: int) -> Any:
        """The probability after so many fits."""
        setting = setting_of(self.family, values)
        with mp.workdps(digits + 10):
            if generation == 0:
                return mp.mpf(1)
            rate = number(setting.model.rate)  # type: ignore[attr-defined]
            kept = self.family.workflow is FixedReal
            exponent, added = mp.inf, mp.mpf(0)
            for step in range(generation, 0, -1):
                size, real = setting.size(step), setting.real_size(step)
                drawn = -mp.expm1(-exponent / size)
                # Real points must all be 0; those that stay are so once and for all.
                added += 0 if kept and step < generation else real * drawn
                exponent = (size - real) * drawn
            return -mp.expm1(-(added + exponent) * rate)


def _pooled(family: Family) -> LinearSystem:
    """A pool is positive from its first positive point on."""
    one = sp.ImmutableDenseMatrix([[1]])
    first = family.sizes.subs(k, 1)
    alive = 1 - sp.exp(-first * exact(family.trained.rate))  # type: ignore[attr-defined]
    return LinearSystem(
        states=("P(mean > 0)",),
        matrix=one,
        vector=sp.ImmutableDenseMatrix([[0]]),
        initial=sp.ImmutableDenseMatrix([[alive]]),
        start=1,
        output=one,
        offset=sp.Integer(0),
        factor=sp.Integer(1),
        at_zero=sp.Integer(1),
    )


def rules(family: Family, quantity: str) -> Answer:
    """The step of a quantity of a refitted Poisson law."""
    if quantity != "survival":
        return answer(family, quantity, law)
    bounds = (sp.Integer(0), sp.Integer(1))
    if family.workflow is AccumulateSubsample:
        raise NoMomentError("whether the points that a fit sees of the pool are all 0")
    if family.workflow is Accumulate:
        return Answer(_pooled(family), variance=_pooled_variance, bounds=bounds)
    system = Branching(family)
    return Answer(system, _WHY, partial(indicator, system), bounds=bounds)


def _pooled_variance(values: Mapping[str, Any], setting: Any, generation: int) -> float:
    gone = float(sp.exp(-setting.size(1) * exact(setting.model.rate))) if generation else 0.0
    return gone * (1 - gone)
