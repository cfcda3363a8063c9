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
    with np.errstate(invalid="ignore"):
        small = special.gammainc(a + 1, x) / share
        result = np.where(share < 0.5, small, 1 - _rest(share, a, x))
    return _unwrap(np.where(share == 1, 1.0, result))


def one_minus_kappa_population(alpha: ArrayLike, d: ArrayLike) -> Any:
    """One minus `kappa_population`, without cancellation: the exponent of accumulation.

    Examples
    --------
    >>> round(one_minus_kappa_population(1 - 1e-6, 2) * 1e5, 8)
    1.38155244
    """
    share, a, x = _radius(alpha, d)
    with np.errstate(invalid="ignore"):
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
    0.161468008256
    """
    return _finite(n, N, d, 1)


def one_minus_kappa_n_of_N(n: ArrayLike, N: ArrayLike, d: ArrayLike) -> Any:
    """One minus `kappa_n_of_N`, without cancellation.

    Examples
    --------
    >>> round(one_minus_kappa_n_of_N(5, 20, 2), 12)
    0.838531991744
    """
    return _finite(n, N, d, 0)


def _unwrap(values: Any) -> Any:
    return float(values) if np.ndim(values) == 0 else values


def _radius(alpha: ArrayLike, d: ArrayLike) -> tuple[Floats, Floats, Floats]:
    share, dimension = np.broadcast_arrays(
        np.asarray(alpha, dtype=float), np.asarray(d, dtype=float)
    )
    if not np.all((share > 0) & (share <= 1)):
        raise InvalidInput(f"kept_fraction must lie in (0, 1], not {alpha!r}")
    if not np.all((dimension >= 1) & (dimension == np.floor(dimension))):
        raise InvalidInput(f"dimension must be an integer >= 1, not {d!r}")
    a = dimension / 2
    # The side that is small is the side that the quantile knows precisely.
    x = np.where(share < 0.5, special.gammaincinv(a, share), special.gammainccinv(a, 1 - share))
    return share, a, x


def _density(a: Any, x: Any) -> Any:
    """x**a exp(-x) / Gamma(a+1) without the cancellation of its logarithms at large a."""
    ratio = x / a
    with np.errstate(divide="ignore"):  # x = 0 has density 0
        # x/a - 1 is exact where it is small, x/a where it is not.
        log = np.where(np.abs(ratio - 1) < 0.5, np.log1p((x - a) / a), np.log(ratio))
    return np.exp(-a * ((x - a) / a - log) - _stirling(a))


def _log_share(share: Any, rest: Any) -> Any:
    """log(share), from the smaller of share and rest = 1 - share."""
    return np.where(share < 0.5, np.log(share), np.log1p(-np.minimum(rest, 0.75)))


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
    width = min(math.sqrt(u * (1 - u) / (N + 2)) / (a * float(_density(a, x))), 1.0)

    def log_weight(y: Floats) -> Floats:
        nodes = x * np.exp(y)
        inside, outside = special.gammainc(a, nodes), special.gammaincc(a, nodes)
        with np.errstate(divide="ignore"):
            value = n * _log_share(inside, outside) + np.log(_density(a, nodes))
            if n + 1 < N:
                value += (N - n - 1) * _log_share(outside, inside)
        return np.asarray(value)

    away = np.minimum(width * np.exp(0.25 * np.arange(40)), 60.0)
    floor = float(log_weight(np.zeros(1))[0]) - 50
    left, right = (float(away[np.argmax(log_weight(s * away) < floor)]) for s in (-1, 1))
    y = np.arange(-left, right, 0.2 * width)
    logs = log_weight(y)
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    nodes = x * np.exp(y)
    used = weight > 0
    weight, nodes = weight[used], nodes[used]
    inside = special.gammainc(a, nodes)
    rest = float(weight @ (_density(a, nodes) / inside))
    kappa = float(weight @ (special.gammainc(a + 1, nodes) / inside))
    return rest, kappa
