"""Where the mean wanders without selection: two exact moments, and the law that has them.

The new mean is ``mu + w e`` with w the weight of the new batch (1 where it replaces, ``1/t`` where
batches accumulate) and e of covariance ``Sigma / n``; a refit of pooled batches makes of Sigma

    Sigma' = (1 - w) Sigma + (w/n) W + w (1 - w) e e',

W a Wishart matrix of scale Sigma and n - 1 degrees of freedom (`theory.unselected`). So with D the
squared distance of the mean m from where it started, ``E D^2``, ``E D Tr Sigma``, ``E m' Sigma m``,
``E (Tr Sigma)^2`` and ``E Tr Sigma^2`` close on each other: odd powers of e vanish, and ``E |e|^4 =
((Tr Sigma)^2 + 2 Tr Sigma^2) / n^2``.

Given the covariances of the steps, D is a sum of squares of normals whose variances are, in the
mean, in the proportions of the spectrum of Sigma. Taken as such a sum times a log-normal factor
that lifts its variance to the exact one, it has the moments of its cube root in closed form but for
one integral.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from theory.flow.cuberoot import POWER, cube_root
from theory.unselected import check_unselected
from theory.vocabulary import Replace, Workflow

Floats = NDArray[np.float64]

# Logarithms of the argument of a Laplace transform; beyond, what is left has a closed form.
PLACES = np.linspace(-110.0, 120.0, 1841)


@dataclass(frozen=True)
class DistanceMoments:
    """The squared distance D of the mean from the true mean at generations 0..T.

    Every array has shape (T + 1,).

    Attributes
    ----------
    mean, deviation
        Of D; exact.
    root, root_sd
        Mean and standard deviation of its cube root.
    root_apart
        How far the mean of the cube root would lie were the factor a gamma variable.
    """

    mean: Floats
    deviation: Floats
    root: Floats
    root_sd: Floats
    root_apart: Floats


def distance_moments(
    workflow: Workflow, covariance: ArrayLike, sample_size: int, generations: int
) -> DistanceMoments:
    """Mean and spread of the squared distance of the mean when everything is kept.

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
    >>> seen = distance_moments(Replace(), [[1.0]], 10, 2)
    >>> seen.mean.round(6).tolist(), seen.deviation[1].round(6)  # 1/n, sqrt(2)/n
    ([0.0, 0.1, 0.19], np.float64(0.141421))
    """
    check_unselected(workflow, sample_size)
    sigma = np.asarray(covariance, dtype=float)
    n, scale = float(sample_size), float(np.trace(sigma))
    # In units of the trace: E Tr, E (Tr)^2, E Tr of the square; E D, E D^2, E D Tr, E m' Sigma m.
    spectrum = np.linalg.eigvalsh(sigma) / scale
    trace, both, square = 1.0, 1.0, float((spectrum**2).sum())
    first, second, tied, along = 0.0, 0.0, 0.0, 0.0
    means, squares = [0.0], [0.0]
    for t in range(1, generations + 1):
        w = 1.0 if isinstance(workflow, Replace) else 1 / t
        growth = 1 - w + w * (n - 1) / n + w * (1 - w) / n
        alone = 1 - w + w * (n - 1) / n
        fourth = (both + 2 * square) / n**2
        first, second, tied, along = (
            first + w**2 * trace / n,
            second + 2 * w**2 * tied / n + 4 * w**2 * along / n + w**4 * fourth,
            growth * tied + w**2 * (alone * both / n + w * (1 - w) * fourth),
            growth * along + w**2 * (alone * square / n + w * (1 - w) * fourth),
        )
        noise = (w / n) ** 2 * (n - 1) + (w * (1 - w) / n) ** 2
        both, square = (
            growth**2 * both + 2 * noise * square,
            growth**2 * square + noise * (square + both),
        )
        trace *= growth
        means.append(first)
        squares.append(second)
    mean = np.array(means)
    spread = np.maximum(np.array(squares) - mean**2, 0.0)
    root = (np.cbrt(scale) * each for each in _root(mean, spread, spectrum))
    return DistanceMoments(scale * mean, scale * np.sqrt(spread), *root)


def _root(mean: Floats, variance: Floats, spectrum: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean and deviation of the cube root; how far a gamma factor would take the mean."""
    ratio = variance / np.where(mean > 0, mean, 1.0) ** 2
    own = 2 * float((spectrum**2).sum())
    lift = np.maximum((1 + ratio) / (1 + own), 1.0)
    once, twice = (_sum_moment(spectrum, power) for power in (POWER, 2 * POWER))
    # E G^h = lift^(h (h - 1) / 2) for a log-normal G of mean 1: the same for h = 1/3 and 2/3.
    factor = lift ** (POWER * (POWER - 1) / 2)
    level = np.cbrt(mean) * once
    spread = np.sqrt(np.maximum(np.cbrt(mean) ** 2 * twice * factor - (level * factor) ** 2, 0.0))
    other = cube_root(np.ones_like(lift), np.sqrt(lift - 1))[0]
    return level * factor, spread, level * np.abs(factor - other)


def _sum_moment(spectrum: Floats, power: float) -> float:
    """``E Q^power`` of ``Q = sum of spectrum_i z_i^2`` over normal z, 0 < power < 1, from its
    Laplace transform L: the integral of ``(1 - L(p)) p^(-1-power)`` over Gamma(1 - power) / power.

    In log p the integrand is analytic and falls off at both ends: the trapezoidal rule is exact up
    to rounding.
    """
    p = np.exp(PLACES)
    logs = -0.5 * np.log1p(2 * p[:, None] * np.maximum(spectrum, 0.0)).sum(axis=1)
    value = -np.expm1(logs) * np.exp(-power * PLACES)
    step = float(PLACES[1] - PLACES[0])
    beyond = np.exp(-power * PLACES[-1]) * (1 / power - step / 2)
    total = step * value.sum() + beyond
    return float(total * power / special.gamma(1 - power))
