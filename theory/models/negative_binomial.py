"""The negative binomial model of known shape: the fitted mean."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.family import Family
from theory.models.answer import Answer
from theory.models.fitted import answer, exact
from theory.models.meanstep import Variance


def law(model: Any) -> tuple[sp.Expr, Variance]:
    """Mean m and variance m + m^2/shape."""
    rate, shape = exact(model.rate), exact(model.shape)
    return rate, Variance(sp.factor(rate + rate**2 / shape), 1 + 2 * rate / shape, 1 / shape)


def rules(family: Family, quantity: str) -> Answer:
    """The step of a quantity of a refitted negative binomial law."""
    return answer(family, quantity, law)
