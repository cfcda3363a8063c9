"""The Bernoulli model: an event refitted by its frequency, Wright and Fisher's chain."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import sympy as sp

from theory.domain import Number
from theory.family import Family
from theory.model import Bernoulli
from theory.models import chain
from theory.models.answer import Answer
from theory.models.fitted import answer, exact
from theory.models.meanstep import Variance
from theory.setting import Setting

_NOT, _ALL = sp.Integer(0), sp.Integer(1)
_CHAIN = {
    "survival": chain.survival,
    "coexistence": chain.coexistence,
    "entropy": chain.entropy,
}
_LARGEST = {
    "variance": sp.Rational(1, 4),
    "entropy": sp.log(2),
}


def law(model: Any) -> tuple[sp.Expr, Variance]:
    """Mean p and variance p (1 - p)."""
    p = exact(model.probability)
    return p, Variance(sp.factor(p * (1 - p)), 1 - 2 * p, sp.Integer(-1))


def rules(family: Family, quantity: str) -> Answer:
    """The step of a quantity of a refitted event."""
    bounds = (_NOT, _LARGEST.get(quantity, _ALL))
    if quantity not in _CHAIN:
        return answer(family, quantity, law, bounds)
    system = chain.FiniteChain(family, _CHAIN[quantity], quantity, _starts)
    if quantity == "entropy":
        return Answer(system, chain.WHY, bounds=bounds)
    return Answer(system, chain.WHY, partial(chain.indicator, system), bounds=bounds)


def _starts(setting: Setting) -> dict[Number, int]:
    return {cast(Bernoulli, setting.model).probability: 1}
