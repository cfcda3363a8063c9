"""Variance of one replicate of a quantity after t generations, for judging simulations.

Exact recursions, evaluated in floats: on the line without selection (`theory.linemoments`), under
Replace in any dimension (`theory.invariantmoments`), of points kept by a score; elsewhere the
derived second moment, or the fourth-order closure of the step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

from theory import models
from theory.derivation import derive
from theory.derived import NoClosedForm
from theory.domain import Number
from theory.family import Family
from theory.invariantmoments import invariant_variance
from theory.linearsystem import LinearSystem
from theory.linemoments import QUANTITIES, line_variance
from theory.recursion import run
from theory.selection import BestFourth, BestVariance, TailFourth, TailVariance
from theory.setting import Setting
from theory.step import NoMomentError
from theory.vocabulary import (
    Accumulate,
    BestOf,
    FixedReal,
    FreshReal,
    KeepAll,
    Replace,
    TopFraction,
    UpperTail,
)
from theory.workflow import linear_system, untilted

_UNIT = {"variance": 4, "variance_squared": 8, "squared_drift": 4, "squared_w2": 4}


def variance_at(family: Family, quantity: str, values: Mapping[str, Number]) -> float | None:
    """Variance of one replicate of the quantity after ``values["t"]`` generations.

    Parameters
    ----------
    family, quantity
        As for `theory.derive`.
    values
        Numbers by letter, ``t`` among them.

    Returns
    -------
    float or None
        None where it is infinite or not derived.

    Raises
    ------
    InvalidInput
        If a value is missing or outside its domain.

    Examples
    --------
    >>> round(variance_at(Family(), "variance", {"n": 2, "t": 1}), 12)
    0.5
    """
    family = untilted(family, quantity)
    setting = family.at(values)
    generations = int(values["t"])
    if generations == 0:
        return 0.0
    if not family.is_gaussian:
        return models.variance(family, quantity, values, setting, generations)
    scale = float(setting.sigma_0) ** _UNIT.get(quantity, 0)
    if setting.dimension == 1 and isinstance(setting.selection, KeepAll):
        if isinstance(setting.workflow, Replace | Accumulate) and quantity in QUANTITIES:
            return _scaled(line_variance(setting, quantity, generations), scale)
        if isinstance(setting.workflow, FreshReal | FixedReal) and quantity == "squared_drift":
            return _closure(family, values)
    if isinstance(setting.selection, UpperTail | BestOf):
        return _scored(setting, quantity, generations, scale)
    if not isinstance(setting.selection, KeepAll | TopFraction):
        return None
    if isinstance(setting.workflow, Replace):
        found = invariant_variance(setting, quantity, generations)
        if found is not None:
            return _scaled(found, scale)
    if quantity == "variance":
        return _derived(family, values)
    return None


def bounds_of(
    family: Family, quantity: str, values: Mapping[str, Number]
) -> tuple[float, float] | None:
    """Between which values every replicate lies; None where it may be of any size."""
    if family.is_gaussian:
        return None
    return models.bounds(family, quantity, values)


def second_moment(family: Family, quantity: str, values: Mapping[str, Number]) -> float | None:
    """E of the square of the quantity, where its variance and its mean are known."""
    spread = variance_at(family, quantity, values)
    if spread is None:
        return None
    mean = float(derive(family, quantity).evaluate(**_letters(family, values)))
    return spread + mean**2


def _letters(family: Family, values: Mapping[str, Number]) -> dict[str, Any]:
    return {name: values[name] for name in (*family.letters, "t", "sigma_0") if name in values}


def _scaled(value: float | None, scale: float) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return max(value, 0.0) * scale


def _derived(family: Family, values: Mapping[str, Number]) -> float | None:
    """From the derived second moment, with digits to spare for the difference."""
    letters = _letters(family, values)
    second, mean = derive(family, "variance_squared"), derive(family, "variance")
    if isinstance(second, NoClosedForm) and second.system is None:
        return None
    with mpmath.workdps(40):
        return max(
            float(second.evaluate(digits=35, **letters) - mean.evaluate(digits=35, **letters) ** 2),
            0.0,
        )


def _closure(family: Family, values: Mapping[str, Number]) -> float | None:
    """Fourth-order closure of the step, for the squared drift."""
    letters = {"sigma_0": 1, **_letters(family, values)}
    generation = int(letters.pop("t"))
    system = _fourth_order(family)
    if system is None:
        return None
    with mpmath.workdps(40):
        second = run(system, letters, generation, 30)
        mean = derive(family, "squared_drift").recursion(**letters, t=generation)
        return max(float(second - mean**2), 0.0)


def _scored(setting: Setting, quantity: str, generations: int, scale: float) -> float | None:
    """Replace in one dimension, independent points kept by a score: a product of free factors."""
    line = setting.dimension == 1 and isinstance(setting.workflow, Replace)
    if quantity != "variance" or not line:
        return None
    mean = second = 1.0
    for step in range(1, generations + 1):
        n, rule = setting.size(step), setting.selection
        if step == 1 and setting.first_batch == "real":
            heat, kept, fourth = 1.0, 1.0, 3.0
        elif isinstance(rule, UpperTail):
            heat, share = float(setting.temperature), sp.Rational(str(rule.kept_fraction))
            kept, fourth = (float(m(share).evalf(20)) for m in (TailVariance, TailFourth))
        else:
            heat, number = float(setting.temperature), getattr(rule, "candidates", 1)
            kept, fourth = (float(m(number).evalf(20)) for m in (BestVariance, BestFourth))
        below = n - (setting.fit == "unbiased")
        share_of = heat * (n - 1) / below
        if n < 2:
            return 0.0
        spread = fourth / n - kept**2 * (n - 3) / (n * (n - 1))
        mean *= share_of * kept
        second *= share_of**2 * (spread + kept**2)
    return _scaled(second - mean**2, scale)


@lru_cache(maxsize=64)
def _fourth_order(family: Family) -> LinearSystem | None:
    unit = sp.Symbol("sigma_0", positive=True) ** 4
    try:
        return linear_system(family, ((4, 0, 0, 0),), (sp.Integer(1),), unit)
    except NoMomentError:
        return None
