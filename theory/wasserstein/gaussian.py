"""Transport between Gaussian laws: value, map, potentials and geodesic (Bures-Wasserstein).

Dowson and Landau (1982), Olkin and Pukelsheim (1982); for laws that are not Gaussian the value of
their moments is a lower bound (Gelbrich 1990).

The distance of covariances A and B is computed as that of their roots, min over orthogonal U of
``|A^(1/2) - B^(1/2) U|^2`` (an orthogonal Procrustes problem, whose solution is a polar factor).
That is the trace formula without its cancellation, and it needs no inverse: near-equal matrices
lose no digits, and singular ones are no exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from theory.errors import InvalidInput
from theory.wasserstein.matrices import Array, covariance, spectrum, square_root, vector


@dataclass(frozen=True)
class GaussianPair:
    """Two Gaussian laws on the same space, checked.

    Attributes
    ----------
    mean_x, mean_y
        Of shape (d,).
    cov_x, cov_y
        Of shape (d, d), semidefinite.
    """

    mean_x: Array
    cov_x: Array
    mean_y: Array
    cov_y: Array

    @classmethod
    def of(cls, mean_x: Any, cov_x: Any, mean_y: Any, cov_y: Any) -> GaussianPair:
        """Check and build a pair; a number as mean stands for all coordinates.

        Raises
        ------
        InvalidInput
            For matrices that are no covariances, or different dimensions.
        """
        first, second = covariance("cov_x", cov_x), covariance("cov_y", cov_y)
        if first.shape != second.shape:
            raise InvalidInput(
                f"cov_x is {len(first)} x {len(first)} and cov_y {len(second)} x {len(second)}; "
                "accepted: the same dimension"
            )
        size = len(first)
        return cls(vector("mean_x", mean_x, size), first, vector("mean_y", mean_y, size), second)

    @property
    def roots(self) -> tuple[Array, Array]:
        """Factors L and M with LL' = cov_x, MM' = cov_y, as near as they can be."""
        left, right = square_root(self.cov_x), square_root(self.cov_y)
        before, _, after = np.linalg.svd(right @ left)
        return left, np.asarray(right @ (before @ after))

    @property
    def bures(self) -> float:
        """Squared distance of the covariances alone."""
        left, right = self.roots
        return float(np.sum((left - right) ** 2))

    @property
    def squared_w2(self) -> float:
        """W2^2 of the two laws.

        Examples
        --------
        >>> GaussianPair.of(0, [[1, 0], [0, 4]], [3, 0], [[4, 0], [0, 1]]).squared_w2
        11.0
        """
        return float(np.sum((self.mean_x - self.mean_y) ** 2)) + self.bures

    @property
    def map_matrix(self) -> Array:
        """The matrix of the Brenier map ``mean_y + T (x - mean_x)``; shape (d, d).

        Raises
        ------
        InvalidInput
            If no map exists: the second law fills directions in which the first is constant.
        """
        values, vectors = spectrum(self.cov_x)
        roots = np.sqrt(values)
        inverse = np.divide(1, roots, out=np.zeros_like(roots), where=roots > 0)
        left = (vectors * roots) @ vectors.T
        back = (vectors * inverse) @ vectors.T
        matrix = back @ square_root(left @ self.cov_y @ left) @ back
        reached = matrix @ self.cov_x @ matrix
        if np.abs(reached - self.cov_y).max() > 1e-6 * max(np.abs(self.cov_y).max(), 1e-300):
            raise InvalidInput(
                "no map takes the first law to the second: cov_x is singular where cov_y is not"
            )
        return np.asarray((matrix + matrix.T) / 2)

    def potentials(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Optimal dual potentials at points of the two laws.

        Parameters
        ----------
        x, y
            Of shapes (n, d) and (m, d).

        Returns
        -------
        tuple of ndarray
            f at x and g at y: ``f(x) + g(y) <= |x - y|^2``, with equality on the map, and
            ``E f + E g = W2^2``.

        Raises
        ------
        InvalidInput
            If the map does not exist or cannot be inverted.

        Examples
        --------
        >>> pair = GaussianPair.of(0, 1, 0, 4)
        >>> f, g = pair.potentials(np.array([[1.0]]), np.array([[2.0]]))
        >>> float(f[0] + g[0])
        1.0
        """
        matrix = self.map_matrix
        if np.linalg.cond(matrix) > 1e12:
            raise InvalidInput("the map cannot be inverted: cov_y is singular where cov_x is not")
        centred_x, centred_y = x - self.mean_x, y - self.mean_y
        shift = self.mean_x - self.mean_y
        inverse = np.linalg.inv(matrix)
        total = float(shift @ shift)
        f = np.sum(centred_x**2, 1) - np.sum((centred_x @ matrix) * centred_x, 1)
        g = np.sum(centred_y**2, 1) - np.sum((centred_y @ inverse) * centred_y, 1)
        return f + 2 * centred_x @ shift + total, g - 2 * centred_y @ shift

    def geodesic(self, s: float) -> tuple[Array, Array]:
        """Mean and covariance at the share `s` of the way from the first law to the second.

        Examples
        --------
        >>> mean, cov = GaussianPair.of(0, 1, 2, 9).geodesic(0.5)
        >>> mean.tolist(), cov.tolist()
        ([1.0], [[4.0]])
        """
        if not 0 <= s <= 1:
            raise InvalidInput(f"s = {s} is not accepted; accepted: from 0 to 1")
        left, right = self.roots
        between = (1 - s) * left + s * right
        return (1 - s) * self.mean_x + s * self.mean_y, between @ between.T


def symbolic_squared_w2(
    mean_x: sp.Matrix, cov_x: sp.Matrix, mean_y: sp.Matrix, cov_y: sp.Matrix
) -> sp.Expr:
    """W2^2 of two Gaussian laws as an expression, for d = 1 and d = 2.

    In two dimensions ``Tr M^(1/2) = (Tr M + 2 (det M)^(1/2))^(1/2)`` by Cayley and Hamilton, and
    ``A^(1/2) B A^(1/2)`` has the trace and the determinant of AB.

    Raises
    ------
    InvalidInput
        For other dimensions: the eigenvalues are roots of higher polynomials there.

    Examples
    --------
    >>> s, u = sp.symbols("s u", positive=True)
    >>> one = sp.Matrix([0])
    >>> sp.factor(symbolic_squared_w2(one, sp.Matrix([s**2]), one, sp.Matrix([u**2])))
    (s - u)**2
    """
    size = cov_x.rows
    shift = (mean_x - mean_y).dot(mean_x - mean_y)
    product = cov_x * cov_y
    if size == 1:
        root = sp.sqrt(product[0])
    elif size == 2:
        root = sp.sqrt(product.trace() + 2 * sp.sqrt(cov_x.det() * cov_y.det()))
    else:
        raise InvalidInput(f"d = {size} is not accepted; accepted: 1 and 2 for an expression")
    return sp.sympify(shift) + cov_x.trace() + cov_y.trace() - 2 * root
