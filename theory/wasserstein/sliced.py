"""Sliced W2^2 between Gaussian laws, by a smooth integral in two variables whatever d is.

Along a direction t the laws are N(m.t, t'At) and N(n.t, t'Bt), so that

    SW2^2 = |m - n|^2 / d + (Tr A + Tr B - 2 E (g'Ag g'Bg)^(1/2)) / d,    g ~ N(0, I),

because |g| and g/|g| are independent and E |g|^2 = d. With
``a^(1/2) = 2 pi^(-1/2) int_0^inf a exp(-p^2 a) dp`` for both factors, in polar coordinates, the
expectation is an integral over (r, w) of ``det(S)^(1/2) (Tr AS Tr BS + 2 Tr ASBS)`` with
``S = (I + 2 r^2 (cos^2 w A + sin^2 w B))^-1``: positive and analytic. (Derived here.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.wasserstein.gaussian import GaussianPair
from theory.wasserstein.matrices import Array


def root_product(cov_x: Array, cov_y: Array, nodes: int = 160) -> float:
    """``E (g'Ag g'Bg)^(1/2)`` for a standard Gaussian g."""
    scale = float(np.trace(cov_x) * np.trace(cov_y)) ** 0.5
    if scale == 0:
        return 0.0
    first = cov_x / np.trace(cov_x)
    second = cov_y / np.trace(cov_y)
    places, masses = np.polynomial.legendre.leggauss(nodes)
    angles, shares = (places + 1) * np.pi / 4, masses * np.pi / 4
    # The trapezoidal rule in log r converges geometrically for what is analytic there.
    logs = np.linspace(-22.0, 16.0, 8 * nodes)
    squares = np.exp(2 * logs)
    total = 0.0
    for angle, share in zip(angles, shares, strict=True):
        values, vectors = np.linalg.eigh(np.cos(angle) ** 2 * first + np.sin(angle) ** 2 * second)
        kernel = 1 / (1 + 2 * squares[:, None] * np.maximum(values, 0))
        a, b = vectors.T @ first @ vectors, vectors.T @ second @ vectors
        inner = (kernel @ np.diag(a)) * (kernel @ np.diag(b))
        inner += 2 * np.sum((kernel @ (a * b)) * kernel, axis=1)
        root = np.exp(0.5 * np.sum(np.log(kernel), axis=1))
        total += share * float(np.sum(root * inner * squares)) * float(logs[1] - logs[0])
    return scale * 4 / np.pi * total


def sliced_squared_w2(mean_x: Any, cov_x: Any, mean_y: Any, cov_y: Any) -> float:
    """The mean over all directions of W2^2 of the projected laws.

    Parameters
    ----------
    mean_x, cov_x, mean_y, cov_y
        As in `GaussianPair.of`.

    Returns
    -------
    float
        In squared units; at most W2^2 / d.

    Examples
    --------
    >>> round(sliced_squared_w2(0, np.eye(3), 1, 4 * np.eye(3)), 9)
    2.0
    """
    pair = GaussianPair.of(mean_x, cov_x, mean_y, cov_y)
    size = len(pair.cov_x)
    shift = float(np.sum((pair.mean_x - pair.mean_y) ** 2))
    spread = float(np.trace(pair.cov_x) + np.trace(pair.cov_y))
    product = root_product(pair.cov_x, pair.cov_y)
    return float(shift + max(spread - 2 * product, 0.0)) / size
