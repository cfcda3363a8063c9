"""The determinant without selection: every step multiplies it by an independent factor.

With w the weight of the new batch (1 where it replaces, ``1/t`` where batches accumulate), a refit
of pooled batches by maximum likelihood gives ``Sigma' = Sigma^(1/2) A Sigma^(1/2)``,

    A = (1 - w) I + (w/n) W + (w (1 - w)/n) v v',

with W a standard Wishart matrix of n - 1 degrees of freedom and v standard normal, both independent
of Sigma (`theory.unselected`). So log det Sigma gains log det A, independent of all before.

Where w is 1 that is the logarithm of a product of chi-squares (`theory.flow.wishart`). Elsewhere
``A = m (I + X)``, m its mean and X a sum of independent ``b (y y' - I)`` with y standard normal, b
being w/n for n - 1 of them and w (1 - w)/n for one. With S_j the sum of the b^j over m^j,

    E Tr X^2 = S_2 d (d + 1),     E Tr X^3 = S_3 d (d^2 + 3 d + 4),
    E Tr X^4 = S_4 d (d^3 + 8 d^2 + 26 d + 25) + (S_2^2 - S_4) (2 d (d + 1)^2 + d^2 + 3 d),

by Wick's theorem. What follows of the series of log det (I + X) is, for many points and dimensions,
``d (d/n)^3 (w^5 - 5 w^6 / 6)``; it is added, and there the series is broken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.flow.wishart import log_det_moments
from theory.unselected import check_unselected
from theory.vocabulary import Replace, Workflow

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DetMoments:
    """The logarithm of det Sigma at generations 0..T, every array of shape (T + 1,).

    Attributes
    ----------
    mean, deviation
        Over runs. Exact where every batch replaces the last; else up to `left`. NaN after 0 where
        a batch has no more points than dimensions.
    left
        Size of the last order of the mean over ``(1 - d/n)^2``: what may have been left out.
    """

    mean: Floats
    deviation: Floats
    left: Floats


def det_moments(
    workflow: Workflow, covariance: ArrayLike, sample_size: int, generations: int
) -> DetMoments:
    """Mean and spread of log det under Replace or Accumulate when everything is kept.

    Parameters
    ----------
    workflow
        ``Replace()`` or ``Accumulate()``, without real points in the pool.
    covariance
        The true covariance, shape (d, d).
    sample_size
        Points in one batch, at least 2.
    generations
        The last generation T.

    Raises
    ------
    InvalidInput
        If the workflow is another, or the sample is too small.

    Examples
    --------
    >>> seen = det_moments(Replace(), [[1.0]], 10, 2)
    >>> seen.mean.round(4).tolist(), seen.deviation.round(4).tolist()
    ([0.0, -0.2206, -0.4411], [0.0, 0.4987, 0.7053])
    """
    check_unselected(workflow, sample_size)
    sigma = np.asarray(covariance, dtype=float)
    d, n = len(sigma), sample_size
    times = np.arange(1, generations + 1)
    weights = np.ones(generations) if isinstance(workflow, Replace) else 1 / times
    mean, variance, left = _series(weights, float(n), d)
    whole = weights == 1
    mean[whole], variance[whole] = log_det_moments(n, d)
    if n <= d:
        mean[:] = variance[:] = np.nan
    left[whole] = 0.0
    start = float(np.linalg.slogdet(sigma)[1])

    def summed(steps: Floats) -> Floats:
        return np.concatenate([[0.0], np.cumsum(steps)])

    return DetMoments(start + summed(mean), np.sqrt(summed(variance)), summed(left))


def _series(w: Floats, n: float, d: int) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of log det A for weights below 1, and what the mean may leave out."""
    m = 1 - w**2 / n
    s2, s3, s4 = (((n - 1) * (w / n) ** j + (w * (1 - w) / n) ** j) / m**j for j in (2, 3, 4))
    square, cube = s2 * d * (d + 1), s3 * d * (d**2 + 3 * d + 4)
    fourth = s4 * d * (d**3 + 8 * d**2 + 26 * d + 25)
    fourth = fourth + (s2**2 - s4) * (2 * d * (d + 1) ** 2 + d**2 + 3 * d)
    mean = d * np.log(m) - square / 2 + cube / 3 - fourth / 4
    # Var Tr X - Cov(Tr X, Tr X^2) + Var(Tr X^2) / 4 + 2 Cov(Tr X, Tr X^3) / 3, to second order.
    variance = 2 * d * s2 - 4 * d * (d + 1) * s3 + 5 * d * (d + 1) * s2**2
    last = d * (d / n) ** 3 * (w**5 - 5 * w**6 / 6)
    return mean + last, variance, np.abs(last) / (1 - min(d / n, 1 - 1 / n)) ** 2
