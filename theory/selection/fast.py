"""The selection moments on floats and arrays, accurate to about 1e-13."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from theory.errors import InvalidInput
from theory.named import integer_argument

Floats = NDArray[np.float64]


def kappa_population(alpha: ArrayLike, d: ArrayLike) -> Any:
    """Variance of a kept point over the model's variance, population law (Tallis 1963).

    Parameters
    ----------
    alpha
        Kept fraction in (0, 1]; a float or an array.
    d
        Dimension, an integer >= 1; broadcast against `alpha`.

    Raises
    ------
    InvalidInput
        If an argument lies outside.

    Examples
    --------
    >>> round(kappa_population(0.5, 2), 12)
    0.30685281944
    """
    share, a, x = _radius(alpha, d)
    with np.errstate(invalid="ignore", divide="ignore"):
        small = special.gammainc(a + 1, x) / share
        result = np.where(share < 0.5, small, 1 - _rest(share, a, x))
    return _unwrap(np.where(share == 1, 1.0, result))


def one_minus_kappa_population(alpha: ArrayLike, d: ArrayLike) -> Any:
    """One minus `kappa_population`, without cancellation: the exponent of accumulation.

    Examples
    --------
    >>> round(one_minus_kappa_population(1 - 1e-6, 2) * 1e5, 10)
    1.3815524375
    """
    share, a, x = _radius(alpha, d)
    with np.errstate(invalid="ignore", divide="ignore"):
        result = _rest(share, a, x)
    return _unwrap(np.where(share == 1, 0.0, result))


def kappa_n_of_N(n: ArrayLike, N: ArrayLike, d: ArrayLike) -> Any:
    """Variance of a kept point over the model's variance, nearest `n` of `N` candidates.

    Parameters
    ----------
    n, N, d
        Kept points, candidates, dimension: integers or arrays of integers, broadcast.

    Raises
    ------
    InvalidInput
        If an argument is no positive integer, or n > N.

    Examples
    --------
    >>> round(kappa_n_of_N(5, 20, 2), 12)
    0.16152170667
    """
    return _finite(n, N, d, 1)


def one_minus_kappa_n_of_N(n: ArrayLike, N: ArrayLike, d: ArrayLike) -> Any:
    """One minus `kappa_n_of_N`, without cancellation.

    Examples
    --------
    >>> round(one_minus_kappa_n_of_N(5, 20, 2), 12)
    0.83847829333
    """
    return _finite(n, N, d, 0)


def _unwrap(values: Any) -> Any:
    return float(values) if np.ndim(values) == 0 else values


def _radius(alpha: ArrayLike, d: ArrayLike) -> tuple[Floats, Floats, Floats]:
    share, dimension = np.broadcast_arrays(
        np.asarray(alpha, dtype=float), np.asarray(d, dtype=float)
    )
    if not np.all((share > 0) & (share <= 1)):
        raise InvalidInput(f"kept_fraction must lie in (0, 1], not {alpha}")
    if not np.all((dimension >= 1) & (dimension == np.floor(dimension))):
        raise InvalidInput(f"dimension must be an integer >= 1, not {d}")
    a = dimension / 2
    # The side that is small is the side that the quantile knows precisely.
    x = np.where(share < 0.5, special.gammaincinv(a, share), special.gammainccinv(a, 1 - share))
    return share, a, x


def _density(a: Floats, x: Floats) -> Floats:
    """x**a exp(-x) / Gamma(a+1) without the cancellation of its logarithms at large a."""
    gap = x / a - 1
    with np.errstate(divide="ignore"):  # x = 0 has density 0
        return np.asarray(np.exp(-a * (gap - np.log1p(gap)) - _stirling(a)))


def _stirling(a: Floats) -> Floats:
    """log Gamma(a+1) - a log a + a."""
    return np.asarray(special.gammaln(a + 1) - (a * np.log(a) - a))


def _rest(share: Floats, a: Floats, x: Floats) -> Floats:
    return _density(a, x) / share


def _finite(n: ArrayLike, N: ArrayLike, d: ArrayLike, which: int) -> Any:
    kept, candidates, dimension = np.broadcast_arrays(n, N, d)
    result = np.empty(kept.shape)
    for index in np.ndindex(kept.shape):
        counts = (
            integer_argument("n", kept[index], 1),
            integer_argument("N", candidates[index], 1),
            integer_argument("dimension", dimension[index], 1),
        )
        if counts[0] > counts[1]:
            raise InvalidInput(f"n of N needs n <= N, not n = {counts[0]}, N = {counts[1]}")
        result[index] = float(which) if counts[0] == counts[1] else _averages(*counts)[which]
    return _unwrap(result)


@lru_cache(maxsize=4096)
def _averages(n: int, N: int, d: int) -> tuple[float, float]:
    """E (1 - kappa(U)) and E kappa(U), U ~ Beta(n + 1, N - n), by the trapezoidal rule in log x.

    The sum is divided by the sum of its own weights: rounding in the weights, which grows with
    N, then only enters times the small spread of kappa(U).
    """
    a = d / 2
    u = (n + 1) / (N + 1)
    x = float(special.gammaincinv(a, u))
    centre = np.array([a]), np.array([x])
    slope = a * float(_density(*centre)[0])
    width = min(math.sqrt(u * (1 - u) / (N + 2)) / slope, 1.0)
    left = max(14 * width, 44 / (a * (n + 1)))
    step = 0.3 * width
    y = step * np.arange(-math.ceil(left / step), math.ceil(14 * width / step) + 40)
    nodes = x * np.exp(y)
    order = np.full_like(nodes, a)
    inside, outside = special.gammainc(a, nodes), special.gammaincc(a, nodes)
    density = _density(order, nodes)
    keep = (inside > 0) & (outside > 0) & (density > 0)
    inside, outside, density, nodes = (v[keep] for v in (inside, outside, density, nodes))
    log_weight = (
        n * np.log(inside) + (N - n - 1) * np.log(np.maximum(outside, 1e-300)) + np.log(density)
    )
    weight = np.exp(log_weight - log_weight.max())
    total = weight.sum()
    rest = float(weight @ (density / inside) / total)
    kappa = float(weight @ (special.gammainc(a + 1, nodes) / inside) / total)
    return rest, kappa
