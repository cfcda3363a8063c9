"""The categorical model: a law on symbols refitted by their frequencies.

A symbol's count is that of an event, so that a sum over the symbols of a function of their
frequencies has the expectation of Bernoulli models: the moments of `theory.models.quadratic`, or
finite chains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import sympy as sp

from theory.family import Family
from theory.model import Categorical
from theory.models import chain, coincidence
from theory.models.answer import Answer
from theory.models.fitted import exact
from theory.models.meanstep import Variance
from theory.models.quadratic import linear
from theory.setting import Setting

_NONE = sp.Integer(0)
_CHAIN = {"entropy": chain.surprise, "surviving_symbols": chain.survival}


def diversity(model: Any) -> sp.Expr:
    """Chance that two symbols of the true law differ."""
    if model.probabilities is not None:
        return sp.factor(1 - sp.Add(*(exact(p) ** 2 for p in model.probabilities)))
    symbols, zipf = exact(model.symbols), exact(model.zipf)
    if zipf == 0:
        return 1 - 1 / symbols
    return 1 - sp.harmonic(symbols, 2 * zipf) / sp.harmonic(symbols, zipf) ** 2


def number_of(model: Any) -> sp.Expr:
    """Number of symbols."""
    return exact(model.symbols if model.probabilities is None else len(model.probabilities))


def rules(family: Family, quantity: str) -> Answer:
    """The step of a quantity of a refitted categorical law."""
    model = family.trained
    count = number_of(model)
    if quantity in _CHAIN:
        system = chain.FiniteChain(family, _CHAIN[quantity], quantity, _starts)
        largest = sp.log(count) if quantity == "entropy" else count
        return Answer(system, chain.WHY, bounds=(_NONE, largest))
    # Frequencies keep their expectation, so that the slopes 1 - 2p drop out of the sum.
    level = diversity(model)
    unit = level if level != 0 else sp.Integer(1)
    law = Variance(level, _NONE, sp.Integer(-1))
    drift = quantity == "squared_drift"
    wanted = {2: 1 / unit} if drift else {0: level / unit, 2: -1 / unit}
    return Answer(
        linear(family, law, wanted, unit, "p"),
        variance=partial(_variance, quantity),
        bounds=(_NONE, sp.Integer(2) if drift else 1 - 1 / count),
    )


def _starts(setting: Setting) -> Mapping[Any, int]:
    assert isinstance(setting.model, Categorical)
    return Counter(setting.model.law)


def _variance(
    quantity: str, values: Mapping[str, Any], setting: Setting, generation: int
) -> float | None:
    return coincidence.variance(quantity, setting, generation)
