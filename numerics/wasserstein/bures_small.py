"""Traces of roots of products of two and three-dimensional covariances, without eigenvalues."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from numerics.wasserstein.estimate import Array

Mask = npt.NDArray[np.bool_]
# Newton's iteration from above; where so many steps are not enough the root is nearly a double one.
_STEPS, _SETTLED = 10, 1e-12
# Below this share of the cube of the trace the root moves too much with the coefficients.
_STEEP = 1e-2


def of_two(first: Array, second: Array) -> tuple[Array, Mask, Mask]:
    """Tr (AB)^(1/2) for matrices of shape (..., 2, 2), by the characteristic polynomial.

    Returns
    -------
    root : ndarray
        The traces, of the leading shape.
    doubtful : ndarray
        Whether a determinant is below 0.
    loose : ndarray
        Where the trace has too few digits: nowhere.
    """
    a, b, c = first[..., 0, 0], first[..., 0, 1], first[..., 1, 1]
    p, q, r = second[..., 0, 0], second[..., 0, 1], second[..., 1, 1]
    areas = a * c - b * b, p * r - q * q
    product = np.maximum(areas[0], 0) * np.maximum(areas[1], 0)
    root = np.sqrt(np.maximum(a * p + 2 * b * q + c * r + 2 * np.sqrt(product), 0))
    doubtful = np.minimum(*areas) < 0
    return np.asarray(root), np.asarray(doubtful), np.zeros(root.shape, dtype=bool)


def of_three(first: Array, second: Array) -> tuple[Array, Mask, Mask]:
    """Tr (AB)^(1/2) for matrices of shape (..., 3, 3), as in `of_two`.

    Notes
    -----
    With a, b, c the roots of the eigenvalues of AB, s = a + b + c satisfies
    ``((s^2 - c1) / 2)^2 = c2 + 2 s sqrt(c3)``, where c1, c2 and c3 are the coefficients of the
    characteristic polynomial of AB: Tr AB, Tr adj A adj B, and det A det B. The other solutions
    are a - b - c and so on, real and smaller, so that Newton's iteration falls to s from any larger
    start; the slope there is 2 (a + b)(b + c)(c + a).
    """
    (minors, volume), (others, other) = _adjugate(first), _adjugate(second)
    c1 = np.einsum("...ij,...ij->...", first, second)
    c2 = np.einsum("...ij,...ij->...", minors, others)
    twice = 2 * np.sqrt(np.maximum(volume, 0) * np.maximum(other, 0))
    # No more than three equal roots.
    s = np.sqrt(3 * np.maximum(c1, 0))
    step, slope = np.zeros_like(s), np.zeros_like(s)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_STEPS):
            excess = s * s - c1
            slope = s * excess - twice
            step = (excess * excess / 4 - c2 - s * twice) / slope
            s = s - step
        settled = (np.abs(step) <= _SETTLED * s) & (slope > _STEEP * s**3)
    sums = [np.einsum("...ii->...", each) for each in (minors, others)]
    doubtful = np.minimum(np.minimum(volume, other), np.minimum(*sums)) < 0
    return np.asarray(np.where(settled, s, 0.0)), np.asarray(doubtful), np.asarray(~settled)


def _adjugate(m: Array) -> tuple[Array, Array]:
    """Adjugates of symmetric matrices, and the determinants."""
    a, b, c = m[..., 0, 0], m[..., 0, 1], m[..., 0, 2]
    d, e, f = m[..., 1, 1], m[..., 1, 2], m[..., 2, 2]
    made = np.empty(m.shape)
    made[..., 0, 0], made[..., 1, 1], made[..., 2, 2] = d * f - e * e, a * f - c * c, a * d - b * b
    made[..., 0, 1] = made[..., 1, 0] = c * e - b * f
    made[..., 0, 2] = made[..., 2, 0] = b * e - c * d
    made[..., 1, 2] = made[..., 2, 1] = b * c - a * e
    return made, np.asarray(a * made[..., 0, 0] + b * made[..., 0, 1] + c * made[..., 0, 2])
