"""Models other than the Gaussian, derived: one file each, and what they share.

`theory.models.quadratic` has the families whose variance is quadratic in the mean, `chain` finite
chains, `coincidence` moments of many frequencies, `replicate` the variance of one replicate.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from theory.evaluation import evaluate_float
from theory.family import Family
from theory.model import (
    Bernoulli,
    Categorical,
    Exponential,
    LinearRegression,
    Model,
    NegativeBinomial,
    Poisson,
)
from theory.models import (
    bernoulli,
    categorical,
    exponential,
    negative_binomial,
    poisson,
    regression,
)
from theory.models.answer import Answer, Rules
from theory.setting import Setting
from theory.step import NoMomentError

RULES: dict[type[Model], Rules] = {
    Bernoulli: bernoulli.rules,
    Categorical: categorical.rules,
    Poisson: poisson.rules,
    NegativeBinomial: negative_binomial.rules,
    Exponential: exponential.rules,
    LinearRegression: regression.rules,
}


@lru_cache(maxsize=512)
def answer(family: Family, quantity: str) -> Answer:
    """The derived step of a quantity of a family whose model is not the Gaussian.

    Raises
    ------
    theory.step.NoMomentError
        If the step does not close.
    """
    rules = RULES.get(type(family.trained))
    if rules is None:
        raise NoMomentError(f"nothing is derived for the model {family.trained.name}")
    return rules(family, quantity)


def variance(
    family: Family, quantity: str, values: Mapping[str, Any], setting: Setting, generation: int
) -> float | None:
    """Variance of one replicate after so many generations; None where nothing is derived."""
    try:
        found = answer(family, quantity)
    except NoMomentError:
        return None
    return found.variance(values, setting, generation)


def bounds(family: Family, quantity: str, values: Mapping[str, Any]) -> tuple[float, float] | None:
    """Between which values every replicate lies; None where nothing is known."""
    try:
        found = answer(family, quantity).bounds
    except NoMomentError:
        return None
    if found is None:
        return None
    low, high = (evaluate_float(bound, values) for bound in found)
    return low, high


__all__ = ["RULES", "Answer", "answer", "bounds", "variance"]
