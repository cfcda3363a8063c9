"""The spread of the trace without selection: two exact moments, whatever the spectrum.

With ``w`` the weight of the new batch (1 where it replaces, ``1/t`` where batches accumulate), a
refit of pooled batches by maximum likelihood gives

    Sigma' = (1 - w) Sigma + (w/n) W + (w (1 - w)/n) V,

with W and V independent Wishart matrices of scale Sigma and n - 1 and 1 degrees of freedom: the
scatter of the batch, and its mean around the pool's. As ``E W^2 = p (p + 1) Sigma^2 + p Tr(Sigma)
Sigma`` and ``Var Tr W = 2 p Tr Sigma^2`` for p degrees of freedom, ``E (Tr Sigma)^2`` and
``E Tr Sigma^2`` close on each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput
from theory.vocabulary import Accumulate, Replace, Workflow

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TraceMoments:
    """The trace of the covariance at generations 0..T, every array of shape (T + 1,).

    Attributes
    ----------
    log_mean
        Logarithm of ``E Tr Sigma_t``; exact.
    squared_variation
        ``Var(Tr Sigma_t) / (E Tr Sigma_t)^2``; exact.
    step_variation
        ``Var(Tr Sigma_t) / (E Tr Sigma_t)^2`` given ``Sigma_{t-1}``, both in the mean over it; 0 at
        generation 0.
    """

    log_mean: Floats
    squared_variation: Floats
    step_variation: Floats

    @property
    def log_trace(self) -> Floats:
        """Mean of the logarithm, if the trace is log-normal with these two moments."""
        return np.asarray(self.log_mean - 0.5 * np.log1p(self.squared_variation))

    @property
    def log_trace_sd(self) -> Floats:
        """Standard deviation of the logarithm, likewise."""
        return np.asarray(np.sqrt(np.log1p(self.squared_variation)))


def check_unselected(workflow: Workflow, sample_size: int) -> None:
    """Refuse a workflow or a sample size of which nothing is derived here."""
    if not isinstance(workflow, Replace | Accumulate):
        raise InvalidInput(
            f"workflow {workflow.name} has no spread without selection; accepted: replace, "
            "accumulate"
        )
    if sample_size < 2:
        raise InvalidInput(f"sample_size = {sample_size} is not an integer of at least 2")


def trace_moments(
    workflow: Workflow, covariance: ArrayLike, sample_size: int, generations: int
) -> TraceMoments:
    """Mean and spread of the trace under Replace or Accumulate when everything is kept.

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

    Notes
    -----
    Derived above; a ridge is not part of it.

    Examples
    --------
    >>> seen = trace_moments(Replace(), [[1.0]], 10, 2)
    >>> [round(float(x), 6) for x in np.exp(seen.log_mean)]
    [1.0, 0.9, 0.81]
    >>> round(float(seen.squared_variation[1] * 0.9**2), 6)  # 2 (n - 1) / n^2
    0.18
    """
    check_unselected(workflow, sample_size)
    sigma = np.asarray(covariance, dtype=float)
    n = float(sample_size)
    log_mean, ratio = float(np.log(np.trace(sigma))), 1.0
    alone = float(np.sum(sigma * sigma) / np.trace(sigma) ** 2)
    logs, spread, steps = [log_mean], [0.0], [0.0]
    for t in range(1, generations + 1):
        w = 1.0 if isinstance(workflow, Replace) else 1 / t
        growth = 1 - w + w * (n - 1) / n + w * (1 - w) / n
        noise = (w / n) ** 2 * (n - 1) + (w * (1 - w) / n) ** 2
        steps.append(2 * noise / growth**2 * alone / ratio)
        # Both moments over the squared mean, so that neither overflows nor vanishes.
        ratio, alone = (
            ratio + 2 * noise / growth**2 * alone,
            alone + noise / growth**2 * (alone + ratio),
        )
        log_mean += float(np.log(growth))
        logs.append(log_mean)
        spread.append(ratio - 1)
    return TraceMoments(np.array(logs), np.array(spread), np.array(steps))
