"""A cheap relative of the ridge dual: one-dimensional gains along independent axes."""

from __future__ import annotations

import numpy as np

from numerics.streams import Stream
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.ica import directions, orthonormal
from numerics.wasserstein.jackknife import jackknifed_gaussian
from numerics.wasserstein.registry import estimator
from numerics.wasserstein.ridge_fit import quadratic

# Pairs of Gaussian samples from which the gain that noise alone makes is read.
_NULLS = 4


@estimator("ica-gain", exact=False, consistent=False, fewest=20)
def ica_gain(x: Array, y: Array) -> float:
    """Squared W2 as the jackknifed Gaussian part and what one-dimensional transport adds to it.

    After the Gaussian map the two samples have one covariance A. Along any orthonormal axes, the
    one-dimensional squared W2 beyond Gelbrich's bound add up to at most what squared W2 has beyond
    its own; the axes are those along which one of the two samples is least Gaussian (FastICA).
    What Gaussian samples of the same sizes and covariance gain in the same way is subtracted.
    """
    base = quadratic(x, y)
    matrix = base.potential.matrix
    values, vectors = np.linalg.eigh(matrix)
    root, inverse = (vectors * values**0.5) @ vectors.T, (vectors * values**-0.5) @ vectors.T
    z = np.linalg.solve(base.root, (x - base.centre).T).T @ root
    u = (y @ base.root / base.scale - base.potential.linear) @ inverse
    draw = Stream("null", "gain of Gaussian samples", {"n": len(x), "m": len(y)}).generator()
    noise = 0.0
    for _ in range(_NULLS):
        first, second = (draw.standard_normal(each.shape) @ root for each in (z, u))
        noise += _gain(first, second, inverse) / _NULLS
    return jackknifed_gaussian(x, y) + base.scale * (_gain(z, u, inverse) - noise)


def _gain(z: Array, u: Array, inverse: Array) -> float:
    """The larger gain of two sets of axes, those of one sample and those of the other."""
    return max(
        float(sum(excess(z @ axis, u @ axis) for axis in orthonormal(axes @ inverse)))
        for axes in (directions(u @ inverse), directions(z @ inverse))
    )


def excess(p: Array, q: Array) -> float:
    """Squared W2 between two samples on the line, less Gelbrich's bound; never negative.

    Examples
    --------
    >>> abs(excess(np.array([0.0, 1.0, 2.0]), np.array([5.0, 7.0, 9.0]))) < 1e-12
    True
    """
    n, m = len(p), len(q)
    cuts = np.union1d(np.arange(1, n + 1) / n, np.arange(1, m + 1) / m)
    widths = np.diff(cuts, prepend=0.0)
    middles = cuts - widths / 2
    left = np.sort(p - p.mean())[np.minimum((middles * n).astype(int), n - 1)]
    right = np.sort(q - q.mean())[np.minimum((middles * m).astype(int), m - 1)]
    return float(2 * (p.std() * q.std() - np.sum(widths * left * right)))
