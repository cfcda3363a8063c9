"""A lower confidence bound on squared W2 from potentials read at points they were not fitted to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.wasserstein.dual import Dual
from numerics.wasserstein.estimate import Array

FOLDS = 5
# Standard normal quantile at 95 %.
_ONE_SIDED = 1.6448536269514722


def folds(size: int, number: int = FOLDS) -> list[npt.NDArray[np.bool_]]:
    """Masks of the held-out points of each fold: every ``number``-th point.

    Fixed positions: points that are exchangeable need no shuffle, and the answer stays a function
    of the data alone.

    Examples
    --------
    >>> folds(5, 2)[1]
    array([False,  True, False,  True, False])
    """
    return [np.arange(size) % number == fold for fold in range(number)]


def read(
    fit: Callable[[Array, Array], Dual[Any]], x: Array, y: Array, number: int = FOLDS
) -> tuple[Array, Array]:
    """Potentials of the fits without a fold at that fold's points, of shapes (n,) and (m,)."""
    first, second = np.empty(len(x)), np.empty(len(y))
    for a, b in zip(folds(len(x), number), folds(len(y), number), strict=True):
        fitted = fit(x[~a], y[~b])
        first[a], second[b] = fitted.first(x[a]), fitted.second(y[b])
    return first, second


def lower_bound(first: Array, second: Array, number: int = FOLDS) -> float:
    """One-sided 95 % confidence bound on the squared W2.

    Each pair of potentials is feasible and is read at points that took no part in its choice, so
    that the expectation is at most the squared W2 however poor the fit.

    Parameters
    ----------
    first, second
        What `read` returns.
    number
        How many folds there were.

    Returns
    -------
    float
        Mean of the potentials less 1.645 standard errors; it may be negative.

    Examples
    --------
    >>> lower_bound(np.full(10, 2.0), np.full(20, 1.0))
    3.0
    """
    n, m = len(first), len(second)
    level, noise_f, noise_g = 0.0, 0.0, 0.0
    for a, b in zip(folds(n, number), folds(m, number), strict=True):
        f, g = first[a], second[b]
        level += (f.mean() + g.mean()) / number
        # A constant of a fold cancels between f and g, so the spread is read within folds.
        noise_f += float(((f - f.mean()) ** 2).sum()) / (n - number)
        noise_g += float(((g - g.mean()) ** 2).sum()) / (m - number)
    return float(level - _ONE_SIDED * np.sqrt(noise_f / n + noise_g / m))
