"""The log determinant of a fitted covariance: its law for one Gaussian batch, exactly.

The determinant of a Wishart matrix of scale I and p degrees of freedom is a product of independent
chi-squares of p, p - 1, ..., p - d + 1 degrees (Bartlett 1933; Muirhead 1982, theorem 3.2.15), so
that mean and variance of its logarithm are sums of digamma and trigamma functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


def log_det_moments(size: int, dimension: int) -> tuple[float, float]:
    """Mean and variance of log det of the covariance fitted to a standard normal batch.

    The fit is by maximum likelihood (divisor `size`); with no more points than dimensions its
    determinant is 0, and both are NaN.

    Examples
    --------
    >>> mean, variance = log_det_moments(100, 10)
    >>> round(mean, 4), round(variance, 4)
    (-0.6766, 0.2141)
    """
    if size <= dimension:
        return np.nan, np.nan
    half = (size - np.arange(1, dimension + 1)) / 2
    mean = (special.digamma(half) + np.log(2 / size)).sum()
    return float(mean), float(special.polygamma(1, half).sum())


def beyond(size: float, dimension: int) -> tuple[float, float]:
    """What the mean has beyond the second order in the noise of a batch, the variance beyond the
    first.

    Examples
    --------
    >>> [round(x, 4) for x in beyond(100, 10)]
    [-0.0266, 0.0141]
    """
    if not np.isfinite(size):
        return 0.0, 0.0
    mean, variance = log_det_moments(int(size), dimension)
    second = -dimension / size - dimension * (dimension + 1) / (2 * size)
    return mean - second, variance - 2 * dimension / size


def shape_moments(uneven: Floats, dimension: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of log det W - d log(Tr W / d) for Wishart matrices of scale I.

    The shape of such a matrix is independent of its trace, so that both are differences.

    Parameters
    ----------
    uneven
        One over the degrees of freedom: the mean square of an entry off the diagonal, in units of
        the mean of the diagonal; (rows,).
    dimension
        d; (rows,). Where there are no more degrees than dimensions, NaN.

    Examples
    --------
    >>> [each.round(4).tolist() for each in shape_moments(np.array([0.01]), np.array([10.0]))]
    [[-0.5601], [0.0116]]
    """
    mean, variance = np.zeros((2, uneven.size))
    for i, (each, d) in enumerate(zip(uneven, dimension.astype(int), strict=True)):
        if d < 2 or each <= 0:
            continue
        degrees = 1 / each
        if degrees <= d - 1:
            mean[i] = variance[i] = np.nan
            continue
        half, whole = (degrees - np.arange(d)) / 2, d * degrees / 2
        mean[i] = special.digamma(half).sum() + d * np.log(d) - d * special.digamma(whole)
        variance[i] = special.polygamma(1, half).sum() - d**2 * special.polygamma(1, whole)
    return mean, variance
