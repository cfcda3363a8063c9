"""Healthy loops whose noise changes its size: predictive densities that follow it.

The Gaussian models of LOOP know one scale. A loop whose volatility wanders, or whose steps have
heavy tails, would be told from them by its scale alone, and any drift that happens to fit the few
largest steps would get the credit. So the null holds predictive densities too: each value given
its past is Student t around the last value, or around a mixture of it and the mean so far, with a
scale that follows recent residuals. Each is a density of the whole record up to level and scale:
it starts with the Gaussian walk's marginal likelihood of the first three values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]
BEGIN = 3
# Scales come from square roots of residuals, so that one Cauchy step does not set them.
POWER = 0.5
LEAST = 1e-6


@dataclass(frozen=True)
class Predictive:
    """How the next value is foreseen.

    Attributes
    ----------
    pull : float
        Coefficient on the last value; the rest is on the mean so far. 1 is a walk.
    memory : float
        Weight of a residual, relative to the next one, in the scale.
    freedom : float
        Degrees of freedom of the Student t law.
    """

    pull: float
    memory: float
    freedom: float


# Walks with light and heavy tails, noise around a level, and two AR(1) in between.
PREDICTIVES = (
    Predictive(1.0, 0.9, 4.0),
    Predictive(1.0, 0.8, 4.0),
    Predictive(1.0, 0.97, 1.5),
    Predictive(0.0, 0.95, 4.0),
    Predictive(0.5, 0.9, 4.0),
    Predictive(0.8, 0.9, 4.0),
)


def constants(length: int) -> Array:
    """Log of what a Gaussian marginal likelihood has besides its covariance and residuals.

    With level and scale integrated out against the right Haar measure, t values have the density
    ``Gamma((t-1)/2) pi**(-(t-1)/2)`` times powers of determinant and residual sum, up to a factor
    that is common to all t.
    """
    half = np.maximum(np.arange(length), 0.5) / 2
    return np.asarray(gammaln(half) - half * np.log(np.pi))


def _student(freedom: float) -> tuple[float, float]:
    """Log of the normalising constant, and the mean of ``|T|**POWER``, of a Student t law."""
    nu, p = freedom, POWER
    ratio = float(gammaln((nu + 1) / 2) - gammaln(nu / 2))
    moment = 0.5 * p * np.log(nu) - 0.5 * np.log(np.pi)
    moment += gammaln((p + 1) / 2) + gammaln((nu - p) / 2) - gammaln(nu / 2)
    return ratio - 0.5 * np.log(nu * np.pi), float(np.exp(moment))


def log_predictive(heights: Array, model: Predictive, begin: Array) -> Array:
    """Log density of each beginning of the records, less `constants`.

    Parameters
    ----------
    heights : array of shape (runs, generations)
    model : Predictive
    begin : array of shape (runs, generations)
        The same of a Gaussian model, which serves for the first three values.
    """
    runs, length = heights.shape
    centre = heights[:, :-1]
    if model.pull < 1:
        mean = np.cumsum(centre, axis=1) / np.arange(1, length)
        centre = mean + model.pull * (centre - mean)
    residual = heights[:, 1:] - centre
    sizes = np.abs(residual) ** POWER
    scale = np.empty_like(residual)
    total, weight = np.zeros(runs), 0.0
    constant, moment = _student(model.freedom)
    for t in range(length - 1):
        scale[:, t] = total / (weight or 1.0)
        total = model.memory * total + sizes[:, t]
        weight = model.memory * weight + 1
    scale = np.maximum((scale / moment) ** (1 / POWER), LEAST)
    z = residual / scale
    logs = constant - 0.5 * (model.freedom + 1) * np.log1p(z * z / model.freedom) - np.log(scale)
    found = begin.copy()
    later = logs[:, BEGIN - 1 :] - np.diff(constants(length))[BEGIN - 1 :]
    found[:, BEGIN:] = begin[:, BEGIN - 1 : BEGIN] + np.cumsum(later, axis=1)
    return found
