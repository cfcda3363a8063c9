"""Models other than the Gaussian, one file each: draw points, summarise them, fit a pool.

`numerics.models.training` runs every workflow on them.
"""

from __future__ import annotations

from numerics.models.bernoulli import BernoulliLaw
from numerics.models.categorical import CategoricalLaw
from numerics.models.exponential import ExponentialLaw
from numerics.models.law import Law
from numerics.models.negative_binomial import NegativeBinomialLaw
from numerics.models.poisson import PoissonLaw
from numerics.models.regression import RegressionLaw
from theory.errors import InvalidInput
from theory.model import (
    Bernoulli,
    Categorical,
    Exponential,
    LinearRegression,
    Model,
    NegativeBinomial,
    Poisson,
)
from theory.setting import Setting

LAWS: dict[type[Model], type[Law]] = {
    Bernoulli: BernoulliLaw,
    Categorical: CategoricalLaw,
    Poisson: PoissonLaw,
    NegativeBinomial: NegativeBinomialLaw,
    Exponential: ExponentialLaw,
    LinearRegression: RegressionLaw,
}


def law_of(setting: Setting) -> Law:
    """How a setting's model is drawn.

    Raises
    ------
    InvalidInput
        If nobody draws this model.

    Examples
    --------
    >>> law_of(Setting(model=Poisson(2))).truth(3).tolist()
    [2.0, 2.0, 2.0]
    """
    kind = LAWS.get(type(setting.model))
    if kind is None:
        raise InvalidInput(f"no simulation of the model {setting.model.name}")
    return kind(setting)
