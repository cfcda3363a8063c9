"""The exponential model: the fitted mean, its powers and its logarithm.

Under Replace and Accumulate a fit multiplies the mean by ``(P + G)/(P + n)``: P points are in the
pool and G, the sum of n standard exponentials, is half a chi-square with 2n degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sympy as sp

from theory import products
from theory.family import Family
from theory.linearsystem import LinearSystem, assemble, begin, join
from theory.models.answer import Answer
from theory.models.fitted import answer, exact
from theory.models.meanstep import Variance
from theory.models.quadratic import linear
from theory.setting import Setting
from theory.special import ExpectedLog, ExpectedPower
from theory.step import NoMomentError
from theory.symbols import k
from theory.vocabulary import Accumulate, Replace
from theory.workflow import pool_size

_ZERO, _ONE = sp.Integer(0), sp.Integer(1)
#: The quantities by powers of (0, mean, 2 log mean) in units of the true mean.
_POLYNOMIALS: dict[str, products.Polynomial] = {
    "variance_squared": {(0, 4, 0): 1.0},
    "log_variance": {(0, 0, 1): 1.0},
    "kl_model_to_start": {(0, 1, 0): 1.0, (0, 0, 1): -0.5, (0, 0, 0): -1.0},
    "kl_start_to_model": {(0, -1, 0): 1.0, (0, 0, 1): 0.5, (0, 0, 0): -1.0},
}


def law(model: Any) -> tuple[sp.Expr, Variance]:
    """Mean m and variance m^2."""
    scale = exact(model.scale)
    return scale, Variance(scale**2, 2 * scale, _ONE)


def rules(family: Family, quantity: str) -> Answer:
    """The step of a quantity of a refitted exponential law."""
    scale, spread = law(family.trained)
    if quantity == "squared_w2":
        # Quantile functions are the means times -log(1 - u), whose square integrates to 2.
        found = answer(family, "squared_drift", law)
        system = linear(family, spread, {2: 2 / scale**2}, scale**2, "m")
        return Answer(system, variance=partial(_quadruple, found.variance))
    if quantity not in _POLYNOMIALS:
        return answer(family, quantity, law)
    if family.workflow not in (Replace, Accumulate):
        raise NoMomentError("the fit adds other points to the batch: no free factor moves the mean")
    if quantity == "variance_squared":
        return Answer(_power(family, 4, scale**4), variance=partial(_product, quantity, 8))
    spreads = partial(_product, quantity, 0)
    logs = _logarithm(family)
    if quantity == "log_variance":
        level = 2 * sp.log(scale)
        return Answer(_carrying(logs, 2, level), variance=spreads)
    if quantity == "kl_model_to_start":
        # E mean stays: KL = mean - 1 - log mean in units of the truth.
        return Answer(_carrying(logs, -1, _ZERO), variance=spreads)
    inverse = _power(family, -1, _ONE)
    whole = join([inverse, logs], [_ONE, _ONE], -_ONE, _ONE)
    return Answer(whole, variance=spreads, condition=family.sizes.subs(k, 1) > 1)


def _steps(family: Family, of: Callable[..., Any]) -> tuple[Any, Any]:
    """A moment of the factor in any generation, and in the first."""
    size = family.sizes
    first = of(_ZERO, size.subs(k, 1))
    if family.workflow is Replace:
        return of(_ZERO, size), first
    return of(pool_size(family, k - 1), size), first


def _factor(pool: sp.Expr, size: sp.Expr) -> tuple[sp.Expr, ...]:
    total = sp.factor(pool + size)
    return sp.factor(pool / total), 1 / (2 * total), 2 * size, _ZERO


def _single(name: str, matrix: Any, add: Any, start: int, initial: Any, zero: Any) -> LinearSystem:
    return assemble(
        (name,),
        sp.Matrix([matrix]),
        sp.Matrix([add]),
        start,
        sp.Matrix([initial]),
        [1],
        offset=_ZERO,
        factor=_ONE,
        at_zero=zero,
    )


def _logarithm(family: Family) -> LinearSystem:
    gain, first = _steps(family, lambda pool, size: ExpectedLog(*_factor(pool, size)))
    start = begin(gain, first)
    return _single("E[log m/m_0]", 1, gain, start, first if start else 0, _ZERO)


def _power(family: Family, power: int, unit: sp.Expr) -> LinearSystem:
    def moment(pool: sp.Expr, size: sp.Expr) -> sp.Expr:
        if power < 0:
            total = pool + size
            return total / (size - 1) if pool == 0 else ExpectedPower(power, *_factor(pool, size))
        # E G^j = size (size + 1) ... (size + j - 1)
        terms = (
            sp.binomial(power, j) * pool ** (power - j) * sp.rf(size, j) for j in range(power + 1)
        )
        return sp.factor(sp.expand_func(sp.Add(*terms)) / (pool + size) ** power)

    ratio, first = _steps(family, moment)
    start = begin(ratio, first)
    found = _single(f"E[(m/m_0)^{power}]", ratio, 0, start, first if start else 1, _ONE)
    return _carrying(found, _ONE, _ZERO, unit)


def _carrying(system: LinearSystem, weight: Any, offset: Any, unit: Any = _ONE) -> LinearSystem:
    return assemble(
        system.states,
        sp.Matrix(system.matrix),
        sp.Matrix(system.vector),
        system.start,
        sp.Matrix(system.initial),
        [weight],
        offset=offset,
        factor=unit,
        at_zero=weight * system.at_zero + offset,
    )


def _quadruple(
    variance: Callable[..., float | None],
    values: Mapping[str, Any],
    setting: Setting,
    generation: int,
) -> float | None:
    found = variance(values, setting, generation)
    return None if found is None else 4 * found


def _product(
    quantity: str, unit: int, values: Mapping[str, Any], setting: Setting, generation: int
) -> float | None:
    """Variance of a replicate that free factors multiply."""
    pooled = isinstance(setting.workflow, Accumulate)

    def laws() -> Any:
        pool = 0
        for step in range(1, generation + 1):
            size = setting.size(step)
            total = pool + size
            yield _Squared(held=pool / total, scatter=1 / (2 * total), degrees=2 * size)
            pool += size if pooled else 0

    found = products.variance(_POLYNOMIALS[quantity], laws())
    scale = float(setting.model.scale) ** unit  # type: ignore[attr-defined]
    return None if found is None else max(found, 0.0) * scale


class _Squared(products.Factor):
    """The mean's own factor, whose square is what the variance gets."""

    def moment(self, j: int, b: int, i: int) -> float:
        return 2**i * super().moment(j, 2 * b, i)
