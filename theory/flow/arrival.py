"""How far the mean of an accumulated run has yet to go, beyond the three axes that are carried.

Near its target the offset c of a mean is led along ``-A c``, A the covariance in units of its mean
variance: over a way of length ``L = log(|c_0| / |c|)`` it becomes ``exp(-L A) c_0``, and comes to
lie where A is narrow. Seen from the offset A is a Jacobi matrix, which follows Toda's flow:
``a_1' = -2 b_1^2``, ``b_1' = b_1 (a_1 - a_2)`` and so on. The closure (`theory.flow.law`) knows a_1
and b_1 (the variance along the offset's axis and its covariance M with the rest), and takes the
rest to have no direction, ``a_2 = 1``. Then ``(a_1 - 1)^2 + 2 b_1^2`` is kept and

    a_1 - 1 = -sqrt(2) b tanh(sqrt(2) b L),    its integral  -log cosh(sqrt(2) b L).

Where A has the spectrum of n points in many dimensions all its b are about ``b = sqrt(d / n)`` and
its law is a semicircle of radius 2b. The offset's measure is that law tilted by ``exp(-2 L x)``,

    a_1 - 1 = -2 b I_2(4 b L) / I_1(4 b L),    its integral  -log(I_1(4 b L) / (2 b L)) / 2.

The two agree up to L^4; their difference is what runs are behind the closure by, in the logarithm
of what is left. Pools have narrower spectra than single batches: for them it is rather too much.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


def behind(way: ArrayLike, dimension: ArrayLike, sample_size: ArrayLike) -> Floats:
    """Logarithm of what is left of the way over what three axes leave of it.

    Parameters
    ----------
    way
        Logarithm of the whole way over what is left of it; less than 0 counts as 0.
    dimension, sample_size
        d and n; ``d / n`` is the variance of the spectrum of a batch, in units of its mean.

    Returns
    -------
    ndarray
        Of the common shape, at least 0. No unit.

    Examples
    --------
    >>> behind([0, 1, 4], 30, 100).round(4).tolist()
    [0.0, 0.0008, 0.2109]
    """
    spread = np.sqrt(np.asarray(dimension, dtype=np.float64) / np.asarray(sample_size))
    z = 4 * spread * np.maximum(np.asarray(way, dtype=np.float64), 1e-3)
    whole = (np.log(2 * special.ive(1, z) / z) + z) / 2
    half = z / np.sqrt(8)
    three = np.logaddexp(half, -half) - np.log(2)
    return np.asarray(np.maximum(whole - three, 0.0))
