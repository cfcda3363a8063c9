"""The cube root of a squared distance of means, which is nearly normal.

A squared distance starts as a weighted sum of squares of normals, whose cube root is nearly normal
(Wilson and Hilferty, Proc. Natl. Acad. Sci. 17 (1931) 684), and ends, where the mean has been led
away, as that of one normal far from 0, of which every power is. In between the best power lies
between 1/3 and 1/2 (Sankaran, Biometrika 46 (1959) 235). Its moments are those of the gamma law of
the same mean and deviation; what another law of these two would say differs in the third order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

POWER = 1 / 3
# Shape from which on an asymptotic series is nearer than rounding.
LARGE = 100.0


def cube_root(mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of the cube root of a gamma variable.

    Parameters
    ----------
    mean, deviation
        Of the variable, at least 0; of one shape.

    Examples
    --------
    >>> root, spread = cube_root(np.array([5.0]), np.sqrt([10.0]))  # chi-square, 5 degrees
    >>> root.round(4), spread.round(4)
    (array([1.6345]), array([0.3589]))
    """
    some = mean > 0
    square = np.where(some, (deviation / np.where(some, mean, 1.0)) ** 2, 0.0)
    log = _log_moment(square, POWER)
    root = np.cbrt(np.maximum(mean, 0.0)) * np.exp(log)
    return root, root * np.sqrt(np.expm1(_log_moment(square, 2 * POWER) - 2 * log))


def _log_moment(square: Floats, power: float) -> Floats:
    """Logarithm of ``E X^power`` for a gamma variable of mean 1 and variance `square`."""
    small = square < 1 / LARGE
    shape = 1 / np.where(small, 1.0, square)
    exact = special.gammaln(shape + power) - special.gammaln(shape) - power * np.log(shape)
    # Tricomi and Erdelyi, Pacific J. Math. 1 (1951) 133: terms in 1/shape to the third.
    a = power * (power - 1)
    series = square * a / 2 * (1 - square * ((2 * power - 1) / 6 - square * a / 6))
    return np.asarray(np.where(small, series, exact))
