"""Powers of a weighted sum of squares of normal scores, E Q^a for any a > 0.

Radial maps under a Gaussian law that is not round have moments of this kind.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln

from numerics.wasserstein.estimate import Array

# log t, for the trapezoidal rule; the integrand falls at least like t^(1/2) and t^-1.
_LOGS = np.arange(-90.0, 60.0, 0.02)


def power_mean(weights: Array, degrees: Array, power: float) -> float:
    """E Q^a with Q the sum of weights_j times chi-squared of degrees_j, all independent.

    ``Gamma(b) E Q^(k-b) = integral of t^(b-1) E Q^k exp(-tQ)`` with k an integer and b between 1/2
    and 3/2. Under the tilt by exp(-tQ), Q is of the same kind with weights w / (1 + 2tw), so that
    its moments follow from its cumulants ``2^(j-1) (j-1)! sum degrees w^j``.

    Examples
    --------
    >>> round(power_mean(np.array([2.0]), np.array([3.0]), 2.0), 9)
    60.0
    """
    top = math.ceil(power + 0.5)
    rest = top - power
    t = np.exp(_LOGS)[:, None]
    tilted = weights / (1 + 2 * t * weights)
    log_mass = -0.5 * np.log1p(2 * t * weights) @ degrees
    cumulants = [
        2.0 ** (j - 1) * math.factorial(j - 1) * tilted**j @ degrees for j in range(1, top + 1)
    ]
    moments = [np.ones(len(t))]
    for k in range(1, top + 1):
        terms = [
            math.comb(k - 1, j - 1) * cumulants[j - 1] * moments[k - j] for j in range(1, k + 1)
        ]
        moments.append(np.sum(terms, axis=0))
    weight = np.exp(rest * _LOGS - gammaln(rest) + log_mass)
    return float(weight @ moments[top] * (_LOGS[1] - _LOGS[0]))
