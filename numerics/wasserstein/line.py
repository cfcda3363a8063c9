"""W2^2 on the line: sort both samples; in batches, for any two sizes and any masses."""

from __future__ import annotations

import numpy as np

from numerics.wasserstein.estimate import Array
from numerics.wasserstein.registry import estimator
from theory.errors import InvalidInput


def quantile_pairs(n: int, m: int) -> tuple[Array, Array, Array]:
    """Which order statistics of n and m points are coupled, and with what mass.

    Returns
    -------
    tuple of ndarray
        Ranks in the first sample, ranks in the second, and masses, each of n + m - gcd(n, m)
        entries; ranks are integers.

    Examples
    --------
    >>> [each.tolist() for each in quantile_pairs(2, 4)]
    [[0, 0, 1, 1], [0, 1, 2, 3], [0.25, 0.25, 0.25, 0.25]]
    """
    # In units of 1/(n m), so that coinciding steps coincide exactly.
    edges = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    starts = np.concatenate([[0], edges[:-1]])
    return starts // m, starts // n, (edges - starts) / (n * m)


def sorted_squared_w2(x: Array, y: Array) -> Array:
    """W2^2 of many pairs of samples on the line at once.

    Parameters
    ----------
    x, y
        Of shapes (..., n) and (..., m), with the same leading shape; points of equal mass.

    Returns
    -------
    ndarray
        Of the leading shape, in squared units.

    Raises
    ------
    InvalidInput
        For no points, other leading shapes, or numbers that are not finite.

    Examples
    --------
    >>> sorted_squared_w2(np.array([[0.0, 1.0]]), np.array([[3.0, 0.0, 1.0]]))
    array([1.5])
    """
    given = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    shapes = [each.shape for each in given]
    if not all(shapes) or 0 in (shapes[0][-1], shapes[1][-1]) or shapes[0][:-1] != shapes[1][:-1]:
        raise InvalidInput(
            f"shapes {shapes[0]} and {shapes[1]} are not accepted; accepted: (..., n) and (..., m) "
            "with the same leading shape, and at least one point"
        )
    first, second = np.sort(given[0], axis=-1), np.sort(given[1], axis=-1)
    # NaN and infinity are sorted to the ends.
    ends = (each[..., at] for each in (first, second) for at in (0, -1))
    if not all(np.isfinite(each).all() for each in ends):
        raise InvalidInput("samples hold NaN or infinite numbers; accepted: finite numbers")
    if first.shape[-1] == second.shape[-1]:
        first -= second
        return np.asarray(np.einsum("...i,...i->...", first, first) / first.shape[-1])
    left, right, mass = quantile_pairs(first.shape[-1], second.shape[-1])
    return np.asarray((first[..., left] - second[..., right]) ** 2 @ mass)


@estimator("sorted", weighted=True, dimension=1, largest=10**7)
def on_the_line(x: Array, y: Array, *, weights_x: Array, weights_y: Array) -> float:
    """W2^2 between two weighted samples in one dimension, exactly, in n log n time."""
    if np.ptp(weights_x) == 0 and np.ptp(weights_y) == 0:
        return float(sorted_squared_w2(x.ravel(), y.ravel()))
    first, second = np.argsort(x.ravel()), np.argsort(y.ravel())
    upto_x, upto_y = np.cumsum(weights_x[first]), np.cumsum(weights_y[second])
    # Sums of masses end at 1 but for rounding; the last steps must coincide.
    upto_x, upto_y = upto_x / upto_x[-1], upto_y / upto_y[-1]
    edges = np.union1d(upto_x, upto_y)
    starts = np.concatenate([[0.0], edges[:-1]])
    middles = (starts + edges) / 2
    left = x.ravel()[first][np.searchsorted(upto_x, middles)]
    right = y.ravel()[second][np.searchsorted(upto_y, middles)]
    return float((left - right) ** 2 @ (edges - starts))
