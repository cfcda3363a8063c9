"""Moments on the line without selection: quantities that independent factors multiply.

One generation of Replace or Accumulate multiplies the variance by a factor and shifts the mean;
`theory.products` carries their joint moments on.
"""

from __future__ import annotations

import math

from theory import products
from theory.products import Polynomial
from theory.setting import Setting
from theory.vocabulary import Accumulate

_HALF = 0.5
QUANTITIES: dict[str, Polynomial] = {
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


def line_variance(setting: Setting, quantity: str, generations: int) -> float | None:
    """Variance of a quantity of `QUANTITIES`, sigma_0 = 1; None where a moment is not finite."""
    laws = (_factor(setting, step) for step in range(1, generations + 1))
    return products.variance(QUANTITIES[quantity], laws)


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
