"""What one selection rule makes of a Gaussian: mean and covariance of a kept point, any rule.

The front door to the numbers of one selection step; coordinates are raw ones, the true mean is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput
from theory.selection.best import BestMean, BestVariance
from theory.selection.fast import kappa_n_of_N, kappa_population
from theory.selection.quadratic import kept_products, kept_weighted
from theory.selection.tail import TailIntensity, TailVariance
from theory.vocabulary import (
    BestOf,
    ExponentialTilt,
    KeepAll,
    Selection,
    SoftVerifier,
    TopFraction,
    UpperTail,
)

Floats = NDArray[np.float64]

# Nodes of the Gauss rule for the mass up to the (n+1)-th nearest of N.
NODES = 40


@dataclass(frozen=True)
class KeptLaw:
    """Mean (d,) and covariance (d, d) of one kept point."""

    mean: Floats
    covariance: Floats


def kept_law(
    rule: Selection, mean: ArrayLike, covariance: ArrayLike, *, kept: int | None = None
) -> KeptLaw:
    """Mean and covariance of one point that a rule keeps of a Gaussian model.

    Under the n-of-N law kept points are dependent; this is the law of any one of them.

    Parameters
    ----------
    rule
        An instance such as ``TopFraction(kept_fraction=0.1, target=(3.0,))``.
    mean, covariance
        Of the model, shapes (d,) and (d, d), relative to the true mean.
    kept
        Points kept of the candidates; needed by the n-of-N law.

    Raises
    ------
    InvalidInput
        If shapes do not match, or the covariance is not positive definite.

    Examples
    --------
    >>> law = kept_law(TopFraction(kept_fraction=0.25, target=(4.0,)), [0.0], [[1.0]])
    >>> law.mean.round(6).tolist(), law.covariance.round(6).tolist()
    ([1.271106], [[0.241637]])
    >>> kept_law(SoftVerifier(strength=1, target=(1.0,)), [0.0], [[1.0]]).mean.tolist()
    [0.5]
    """
    centre, spread = np.atleast_1d(np.asarray(mean, float)), np.asarray(covariance, float)
    dimension = len(centre)
    if spread.shape != (dimension, dimension):
        raise InvalidInput(f"covariance has shape {spread.shape}, the mean {centre.shape}")
    try:
        root = np.linalg.cholesky(spread)
    except np.linalg.LinAlgError:
        raise InvalidInput("covariance must be positive definite") from None
    if isinstance(rule, KeepAll):
        return KeptLaw(centre, spread)
    if isinstance(rule, TopFraction):
        return _nearest(rule, centre, spread, root, kept)
    if isinstance(rule, SoftVerifier):
        target = centre if rule.target is None else np.array(rule.point(dimension))
        return _soft(float(rule.strength), target, centre, spread)
    axis = spread[0] / root[0, 0]  # what the score says of every coordinate
    shift, share = _score(rule, root[0, 0])
    return KeptLaw(centre + shift * axis, spread - (1 - share) * np.outer(axis, axis))


def _score(rule: Selection, deviation: float) -> tuple[float, float]:
    """Mean and variance of the kept score, in deviations of the model."""
    if isinstance(rule, UpperTail):
        alpha = _exact(rule.kept_fraction)
        return float(TailIntensity(alpha)), float(TailVariance(alpha))
    if isinstance(rule, BestOf):
        return float(BestMean(rule.candidates)), float(BestVariance(rule.candidates))
    if isinstance(rule, ExponentialTilt):
        return float(rule.strength) * deviation, 1.0
    raise InvalidInput(f"no moments of the selection rule {rule.name}")


def _exact(value: Any) -> Any:
    import sympy as sp

    return sp.Float(value, 30) if isinstance(value, float) else sp.Rational(value)


def _soft(strength: float, target: Floats, mean: Floats, spread: Floats) -> KeptLaw:
    """The product of two Gaussians: precisions add."""
    pull = np.linalg.solve(np.eye(len(mean)) + strength * spread, spread)
    return KeptLaw(mean + strength * pull @ (target - mean), (pull + pull.T) / 2)


def _nearest(
    rule: TopFraction, mean: Floats, spread: Floats, root: Floats, kept: int | None
) -> KeptLaw:
    dimension = len(mean)
    if rule.law == "n-of-N" and kept is None:
        raise InvalidInput("the n-of-N law needs kept, the number of points kept")
    if rule.law == "population" and float(rule.kept_fraction or 1) == 1:
        return KeptLaw(mean, spread)
    if rule.law == "n-of-N" and rule.pool(int(kept or 1)) == kept:
        return KeptLaw(mean, spread)
    offset = np.zeros(dimension) if rule.target is None else rule.point(dimension) - mean
    place: Floats = np.asarray(np.linalg.solve(root, offset), dtype=np.float64)
    if rule.metric == "model":
        return _ball(rule, mean, spread, root, place, kept)
    half = root if rule.metric == "identity" else np.linalg.solve(_metric_root(rule), root)
    weights, axes = np.linalg.eigh(half.T @ half)
    turned = axes.T @ place

    def moments(alpha: float) -> tuple[Floats, Floats]:
        one = kept_weighted(alpha, weights, turned)
        return one.mean, np.diag(one.second) + kept_products(alpha, weights, turned)

    first, second = _averaged(rule, moments, kept)
    inner = second - np.outer(first, first)
    map_back = root @ axes
    return KeptLaw(mean + map_back @ first, map_back @ inner @ map_back.T)


def _metric_root(rule: TopFraction) -> Floats:
    try:
        return np.asarray(np.linalg.cholesky(np.asarray(rule.metric, dtype=float)))
    except np.linalg.LinAlgError:
        raise InvalidInput("metric must be positive definite") from None


def _ball(
    rule: TopFraction, mean: Floats, spread: Floats, root: Floats, place: Floats, kept: int | None
) -> KeptLaw:
    """In the model's own metric all but the axis to the target is alike."""
    dimension, delta = len(mean), float(np.linalg.norm(place))
    if delta == 0:
        if rule.law == "population":
            return KeptLaw(
                mean, spread * kappa_population(float(rule.kept_fraction or 1), dimension)
            )
        count = int(kept or 1)
        return KeptLaw(mean, spread * kappa_n_of_N(count, rule.pool(count) or count, dimension))
    axis = place / delta
    places = np.zeros(dimension)
    places[0] = delta

    def moments(alpha: float) -> tuple[Floats, Floats]:
        one = kept_weighted(alpha, np.ones(dimension), places)
        return one.mean[:1], np.array([one.second[0], one.second[-1]])

    first, second = _averaged(rule, moments, kept)
    along, across = second[0] - first[0] ** 2, second[1]
    inner = across * np.eye(dimension) + (along - across) * np.outer(axis, axis)
    return KeptLaw(mean + first[0] * root @ axis, root @ inner @ root.T)


Moments = Callable[[float], tuple[Floats, Floats]]


def _averaged(rule: TopFraction, moments: Moments, kept: int | None) -> tuple[Floats, Floats]:
    """At the kept fraction, or over the mass U ~ Beta(n+1, N-n) that the n kept share."""
    if rule.law == "population":
        return moments(float(rule.kept_fraction or 1))
    count = int(kept or 1)
    total = rule.pool(count) or count
    first: Any = 0.0
    second: Any = 0.0
    for share, weight in zip(*beta_nodes(count + 1, total - count), strict=True):
        one, two = moments(share)
        first, second = first + weight * one, second + weight * two
    return first, second


def beta_nodes(a: int, b: int, count: int = NODES) -> tuple[Floats, Floats]:
    """Nodes and weights of the Gauss rule for the law Beta(a, b).

    Eigenvalues of the Jacobi matrix (Golub and Welsch 1969); the weights sum to one by
    construction, so nothing overflows however large a and b.

    Examples
    --------
    >>> nodes, weights = beta_nodes(6, 15)
    >>> round(float(weights @ nodes), 12), round(6 / 21, 12)
    (0.285714285714, 0.285714285714)
    """
    p, q = b - 1.0, a - 1.0  # Jacobi's exponents at 1 and at -1
    k = np.arange(count, dtype=float)
    total = 2 * k + p + q
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (q - p) * (q + p) / (total * (total + 2))
    middle[0] = (q - p) / (p + q + 2)
    j = k[1:]
    s = 2 * j + p + q
    with np.errstate(invalid="ignore", divide="ignore"):
        square = 4 * j * (j + p) * (j + q) * (j + p + q) / (s**2 * (s + 1) * (s - 1))
    square[0] = 4 * (1 + p) * (1 + q) / ((2 + p + q) ** 2 * (3 + p + q))
    matrix = np.diag(middle) + np.diag(np.sqrt(square), 1) + np.diag(np.sqrt(square), -1)
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((1 + values) / 2), np.asarray(vectors[0] ** 2)
