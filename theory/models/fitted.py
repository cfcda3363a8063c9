"""Quantities of a fitted mean: polynomials in it, for every family of `theory.models.quadratic`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sympy as sp

from theory.family import Family
from theory.model import Model
from theory.models import replicate
from theory.models.answer import Answer, Bounds
from theory.models.meanstep import Polynomial, Variance
from theory.models.quadratic import linear
from theory.setting import Setting
from theory.step import NoMomentError

_ONE = sp.Integer(1)
#: Mean and variance of a model's law, from its parameters.
Law = Callable[[Any], tuple[sp.Expr, Variance]]


def exact(parameter: Any) -> sp.Expr:
    """A parameter as an exact number or an expression in letters."""
    if isinstance(parameter, sp.Expr):
        return parameter
    return sp.Rational(str(parameter))


def answer(family: Family, quantity: str, law: Law, bounds: Bounds | None = None) -> Answer:
    """The step of ``mean``, ``variance`` or ``squared_drift``.

    Raises
    ------
    theory.step.NoMomentError
        For another quantity.
    """
    mean, spread = law(family.trained)
    wanted = polynomial(quantity, mean, spread)
    if wanted is None:
        raise NoMomentError(f"{quantity} is no polynomial in the fitted mean")
    unit = mean if quantity == "mean" else spread.level
    in_units = {power: sp.cancel(weight / unit) for power, weight in wanted.items()}
    return Answer(
        linear(family, spread, in_units, unit, "m"),
        variance=partial(_variance, law, quantity),
        bounds=bounds,
    )


def polynomial(quantity: str, mean: sp.Expr, spread: Variance) -> Polynomial | None:
    """A quantity as a polynomial in the fitted mean less the true one."""
    if quantity == "mean":
        return {0: mean, 1: _ONE}
    if quantity == "squared_drift":
        return {2: _ONE}
    if quantity == "variance":
        return spread.polynomial
    return None


def _variance(
    law: Callable[[Model], tuple[sp.Expr, Variance]],
    quantity: str,
    values: Mapping[str, Any],
    setting: Setting,
    generation: int,
) -> float | None:
    mean, spread = law(setting.model)
    found = polynomial(quantity, mean, spread)
    assert found is not None
    return replicate.variance(spread, {j: float(c) for j, c in found.items()}, setting, generation)
