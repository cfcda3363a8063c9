"""Entropic and unbalanced transport where there is a closed form.

Janati, Muzellec, Peyre and Cuturi (2020), Theorem 1, with ``epsilon = 2 sigma^2``; Mallasto,
Gerolin and Minh (2020) found the same. The penalty is the Kullback-Leibler divergence from the
product of the marginals.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from theory.errors import InvalidInput
from theory.wasserstein.gaussian import GaussianPair
from theory.wasserstein.matrices import spectrum, square_root


def _positive(name: str, value: float) -> float:
    if not (isinstance(value, (int, float)) and 0 < value < math.inf):
        raise InvalidInput(f"{name} = {value!r} is not accepted; accepted: a number above 0")
    return float(value)


def entropic_ot(mean_x: Any, cov_x: Any, mean_y: Any, cov_y: Any, *, epsilon: float) -> float:
    """``min over couplings of E|x - y|^2 + epsilon KL(coupling | product)`` of two Gaussian laws.

    With s = epsilon / 2 and D the root of ``4 A^(1/2) B A^(1/2) + s^2`` the value is
    ``|m - n|^2 + Tr(A + B - D) + d s (1 - log 2s) + s log det(D + s)``; it is written here with
    the terms that cancel for large epsilon taken together.

    Examples
    --------
    >>> round(entropic_ot(0, 1, 0, 4, epsilon=1e-9), 6)
    1.0
    >>> round(entropic_ot(0, 1, 0, 4, epsilon=1e9), 6)
    5.0
    """
    pair = GaussianPair.of(mean_x, cov_x, mean_y, cov_y)
    half = _positive("epsilon", epsilon) / 2
    root = square_root(pair.cov_x)
    values, _ = spectrum(root @ pair.cov_y @ root)
    # D - s, without the difference of two large numbers.
    excess = 4 * values / (np.sqrt(4 * values + half**2) + half)
    cross = np.sum(excess) - half * np.sum(np.log1p(excess / (2 * half)))
    shift = float(np.sum((pair.mean_x - pair.mean_y) ** 2))
    return float(shift + np.trace(pair.cov_x) + np.trace(pair.cov_y) - cross)


def sinkhorn_divergence(
    mean_x: Any, cov_x: Any, mean_y: Any, cov_y: Any, *, epsilon: float
) -> float:
    """Entropic transport less the mean of that of each law to itself.

    Examples
    --------
    >>> sinkhorn_divergence(0, [[2, 1], [1, 2]], 0, [[2, 1], [1, 2]], epsilon=0.5)
    0.0
    """
    between = entropic_ot(mean_x, cov_x, mean_y, cov_y, epsilon=epsilon)
    first = entropic_ot(mean_x, cov_x, mean_x, cov_x, epsilon=epsilon)
    second = entropic_ot(mean_y, cov_y, mean_y, cov_y, epsilon=epsilon)
    return between - (first + second) / 2


def unbalanced_atoms(mass_x: float, mass_y: float, distance: float, *, gamma: float) -> float:
    """Unbalanced transport between two atoms, marginals held by ``gamma KL`` each.

    The plan has one entry p; ``p c + gamma KL(p|a) + gamma KL(p|b)`` with c the squared distance is
    least at ``p = (ab)^(1/2) exp(-c / 2 gamma)``, where it is ``gamma (a + b - 2p)``.

    Examples
    --------
    >>> unbalanced_atoms(1, 4, 0, gamma=1)
    1.0
    """
    first, second = _positive("mass_x", mass_x), _positive("mass_y", mass_y)
    strength = _positive("gamma", gamma)
    moved = math.sqrt(first * second) * math.exp(-(float(distance) ** 2) / (2 * strength))
    return strength * (first + second - 2 * moved)


def unbalanced_gaussian(
    mean_x: Any,
    cov_x: Any,
    mean_y: Any,
    cov_y: Any,
    *,
    gamma: float,
    mass_x: float = 1.0,
    mass_y: float = 1.0,
) -> float:
    """Unbalanced transport between multiples of Gaussian laws, marginals held by ``gamma KL`` each.

    Without the entropic term, which Janati et al. (2020), Theorem 3, have as well.

    Parameters
    ----------
    mean_x, cov_x, mean_y, cov_y
        As in `GaussianPair.of`; the covariances positive definite.
    gamma
        Above 0, in squared units.
    mass_x, mass_y
        Total masses, above 0.

    Returns
    -------
    float
        In squared units times mass.

    Raises
    ------
    InvalidInput
        For a singular covariance, or a number that is not above 0.

    Notes
    -----
    With quadratic potentials the marginals of the plan are Gaussian, with covariances P and Q and
    the map T from one to the other: ``P^-1 = A^-1 + k (1 - T)``, ``Q^-1 = B^-1 + k (1 - T^-1)``,
    ``k = 2 / gamma``. Put into ``Q = TPT`` this is ``T (B^-1 + k) T = A^-1 + k``: T is the Brenier
    map between Gaussian laws with the covariances ``(A^-1 + k)^-1`` and ``(B^-1 + k)^-1``. The
    quadratic terms of cost and penalties cancel then. What remains of K, the cost and penalties of
    the plan at mass 1, is ``(gamma/2) log (det A det B / det P det Q)`` and, from the means, the
    least sum of three quadratic forms, ``(m - n)' (1 + k (A + B))^-1 (m - n)``. The best mass is
    ``(mass_x mass_y)^(1/2) exp(-K / 2 gamma)``.

    Examples
    --------
    >>> round(unbalanced_gaussian(0, 1, 2, 4, gamma=1e9), 6)
    5.0
    >>> near = unbalanced_gaussian(0, 1e-12, 2, 1e-12, gamma=1, mass_y=4)
    >>> abs(near - unbalanced_atoms(1, 4, 2, gamma=1)) < 1e-6
    True
    """
    pair = GaussianPair.of(mean_x, cov_x, mean_y, cov_y)
    strength = _positive("gamma", gamma)
    masses = _positive("mass_x", mass_x), _positive("mass_y", mass_y)
    one, k = np.eye(len(pair.cov_x)), 2 / strength
    for name, matrix in (("cov_x", pair.cov_x), ("cov_y", pair.cov_y)):
        values, _ = spectrum(matrix)
        if values.min() <= 0:
            raise InvalidInput(f"{name} is singular; accepted: positive definite covariances")
    shrunk = [np.linalg.solve(one + k * each, each) for each in (pair.cov_x, pair.cov_y)]
    shrunk = [(each + each.T) / 2 for each in shrunk]
    there = GaussianPair.of(0, shrunk[0], 0, shrunk[1]).map_matrix
    back = np.linalg.inv(there)
    shapes = sum(
        float(np.linalg.slogdet(one + k * each @ (one - way))[1])
        for each, way in ((pair.cov_x, there), (pair.cov_y, back))
    )
    shift = pair.mean_x - pair.mean_y
    means = float(shift @ np.linalg.solve(one + k * (pair.cov_x + pair.cov_y), shift))
    exponent = means * k / 4 + shapes / 4
    root = math.sqrt(masses[0] * masses[1])
    # For large gamma the masses nearly cancel.
    return strength * (
        (math.sqrt(masses[0]) - math.sqrt(masses[1])) ** 2 - 2 * root * math.expm1(-exponent)
    )
