"""Variance of one replicate of a quantity after t generations, for judging simulations.

Three exact recursions, evaluated in floats:

* one dimension without selection (Replace, Accumulate): ``E mu^a sigma^b (log sigma^2)^c`` moves by
  ``E z^j R^(b/2) (log R)^i``, the joint moments of the mean's shift and the variance's factor;
* Replace in any dimension: Tr Sigma, Tr Sigma^2, |mu|^2, mu' Sigma mu and log det Sigma, by the
  moments of an orthogonally invariant scatter;
* elsewhere the derived second moment, or the fourth-order closure of the step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from scipy import special

from theory import models, products
from theory.derivation import NoClosedForm, derive
from theory.domain import Number
from theory.family import Family
from theory.products import Polynomial
from theory.recursion import LinearSystem, run
from theory.selection import (
    BestFourth,
    BestVariance,
    FourthNofN,
    FourthPopulation,
    KappaNofN,
    KappaPopulation,
    PairNofN,
    TailFourth,
    TailVariance,
)
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
from theory.workflow import linear_system

_HALF = 0.5
_LINE: dict[str, Polynomial] = {
    "variance": {(0, 2, 0): 1.0},
    "variance_squared": {(0, 4, 0): 1.0},
    "squared_drift": {(2, 0, 0): 1.0},
    "log_variance": {(0, 0, 1): 1.0},
    "log_det": {(0, 0, 1): 1.0},
    "squared_w2": {(2, 0, 0): 1.0, (0, 2, 0): 1.0, (0, 1, 0): -2.0, (0, 0, 0): 1.0},
    "kl_model_to_start": {
        (0, 2, 0): _HALF,
        (2, 0, 0): _HALF,
        (0, 0, 1): -_HALF,
        (0, 0, 0): -_HALF,
    },
    "kl_start_to_model": {
        (0, -2, 0): _HALF,
        (2, -2, 0): _HALF,
        (0, 0, 1): _HALF,
        (0, 0, 0): -_HALF,
    },
}
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
    setting = family.at(values)
    generations = int(values["t"])
    if generations == 0:
        return 0.0
    if not family.is_gaussian:
        return models.variance(family, quantity, values, setting, generations)
    scale = float(setting.sigma_0) ** _UNIT.get(quantity, 0)
    if setting.dimension == 1 and isinstance(setting.selection, KeepAll):
        if isinstance(setting.workflow, Replace | Accumulate) and quantity in _LINE:
            return _scaled(_line(setting, _LINE[quantity], generations), scale)
        if isinstance(setting.workflow, FreshReal | FixedReal) and quantity == "squared_drift":
            return _closure(family, values)
    if isinstance(setting.selection, UpperTail | BestOf):
        return _scored(setting, quantity, generations, scale)
    if not isinstance(setting.selection, KeepAll | TopFraction):
        return None
    if isinstance(setting.workflow, Replace):
        found = _invariant(setting, quantity, generations)
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


# --- one dimension, no selection -------------------------------------------------------------


def _line(setting: Setting, quantity: Polynomial, generations: int) -> float | None:
    laws = (_factor(setting, step) for step in range(1, generations + 1))
    return products.variance(quantity, laws)


def _factor(setting: Setting, step: int) -> products.Factor:
    """The variance's factor and the mean's shift of generation `step`."""
    size = setting.size(step)
    heat = 1.0 if step == 1 and setting.first_batch == "real" else float(setting.temperature)
    pool = 0
    if isinstance(setting.workflow, Accumulate):
        pool = sum(setting.size(j) for j in range(1, step))
    total = pool + size
    less = 0 if setting.fit == "mle" else 1
    return products.Factor(
        held=(pool - less) / (total - less) if pool else 0.0,
        scatter=heat / (total - less),
        degrees=size - 1,
        # The pool's mean lies pool/total of the way from the batch's.
        shift=heat * pool / (total * (total - less)),
        unit=size / total * math.sqrt(heat / size),
    )


# --- Replace in any dimension ----------------------------------------------------------------

_MIXED: dict[str, dict[str, float]] = {
    "variance": {"T": 1.0},
    "squared_drift": {"M": 1.0},
    "log_det": {"L": 1.0},
    "kl_model_to_start": {"T": _HALF, "M": _HALF, "L": -_HALF},
}


def _invariant(setting: Setting, quantity: str, generations: int) -> float | None:
    """Variance of a combination of Tr Sigma (T), |mu|^2 (M) and log det Sigma (L)."""
    if quantity not in _MIXED:
        return None
    selects = not isinstance(setting.selection, KeepAll)
    logs = "L" in _MIXED[quantity]
    if logs and selects:
        return None
    d = float(setting.dimension)
    x = dict.fromkeys(("M", "MM", "MT", "H", "L", "LL", "ML", "TL"), 0.0)
    x |= {"T": d, "TT": d * d, "S": d}
    for step in range(1, generations + 1):
        size = setting.size(step)
        if logs and size <= setting.dimension:
            return None
        x = _next(x, _batch(setting, step), size, size - (setting.fit == "unbiased"), setting)
    weights = _MIXED[quantity]
    mean = sum(w * x[name] for name, w in weights.items())
    second = sum(
        wa * wb * x["".join(sorted(a + b, key="MTL".index))]
        for a, wa in weights.items()
        for b, wb in weights.items()
    )
    return second - mean**2


def _batch(setting: Setting, step: int) -> tuple[float, float, float]:
    """kappa, fourth and pair moments of a kept point, the temperature included."""
    heat = float(setting.temperature)
    if step == 1 and setting.first_batch == "real":
        return 1.0, 1.0, 1.0
    selection = setting.selection
    if isinstance(selection, KeepAll):
        return heat, heat**2, heat**2
    law = getattr(selection, "law", None)
    if law == "population":
        alpha = sp.Rational(str(getattr(selection, "kept_fraction", 1)))
        kappa = float(KappaPopulation(alpha, setting.dimension).evalf(20))
        fourth = float(FourthPopulation(alpha, setting.dimension).evalf(20))
        return heat * kappa, heat**2 * fourth, heat**2 * kappa**2
    arguments = setting.batch_size(step), setting.candidates(step), setting.dimension
    kappa, fourth, pair = (
        float(moment(*arguments).evalf(20)) for moment in (KappaNofN, FourthNofN, PairNofN)
    )
    return heat * kappa, heat**2 * fourth, heat**2 * pair


def _next(
    x: Mapping[str, float],
    moments: tuple[float, float, float],
    n: int,
    below: float,
    setting: Setting,
) -> dict[str, float]:
    """One generation: mu' = mu + Sigma^(1/2) ubar, Sigma' = Sigma^(1/2) W Sigma^(1/2) / D."""
    q, fourth, pair = moments
    own = n * fourth + n * (n - 1) * pair  # n^4 E ubar_1^2 ubar_2^2
    g, p = q / n, own / n**4
    rho = q * (n - 1) / below
    a = (1 - 1 / n) ** 2 * own / below**2
    b = ((1 - 1 / n) ** 2 * n * fourth + (n - 1) / n * pair) / below**2
    # E ubar_i ubar_j W_kl = across d_ij d_kl + along (d_ik d_jl + d_il d_jk)
    across, along = (own / n**2 - own / n**3) / below, (fourth / n - own / n**3) / below
    d = setting.dimension
    degrees = np.arange(n - d, n) / 2
    level = width = 0.0
    if n > d:
        level = float(np.sum(special.digamma(degrees))) + d * math.log(2 * q / below)
        width = float(np.sum(special.polygamma(1, degrees)))
    tilt = rho * (level + 2 / (n - 1)) if n > 1 else 0.0
    T, TT, S, M = x["T"], x["TT"], x["S"], x["M"]
    return {
        "T": rho * T,
        "TT": a * TT + 2 * b * S,
        "S": b * TT + (a + b) * S,
        "M": M + g * T,
        "MM": x["MM"] + 2 * g * x["MT"] + 4 * g * x["H"] + p * (TT + 2 * S),
        "MT": rho * x["MT"] + across * TT + 2 * along * S,
        "H": rho * x["H"] + (across + along) * S + along * TT,
        "L": x["L"] + level,
        "LL": x["LL"] + 2 * level * x["L"] + width + level**2,
        "ML": x["ML"] + g * x["TL"] + level * (M + g * T),
        "TL": rho * x["TL"] + tilt * T,
    }
