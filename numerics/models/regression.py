"""Linear regression with Gaussian inputs: cross products of a batch, least squares of a pool.

The inputs of a batch, an n x d matrix X of standard normal numbers, enter a fit through X'X and
X'y. With X = QR these are R'R and R'(R w + Q'e); Q'e is standard normal and independent of R, whose
entries are independent: standard normal above the diagonal, chi on it (Bartlett).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from numerics.models.training import Array, Statistics
from theory.errors import InvalidInput


@dataclass
class Regression:
    """y = x'w + e with x standard normal in `dimension` dimensions; w is 0 in truth.

    The parameter is w - w_0, shape (dimension, size): least squares is equivariant, so that where
    w_0 lies does not matter. Noise has variance 1.

    Parameters
    ----------
    dimension
        Number of inputs.
    reuse
        Whether every batch has the inputs of the first one.
    """

    dimension: int
    reuse: bool = False
    _kept: Array | None = field(default=None, init=False, repr=False)

    def truth(self, size: int) -> Array:
        return np.zeros((self.dimension, size))

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        root = self._root(rng, n, parameter.shape[1])
        answers = np.einsum("ijr,jr->ir", root, parameter)
        answers += rng.standard_normal(parameter.shape)
        return np.einsum("kir,kjr->ijr", root, root), np.einsum("kir,kr->ir", root, answers)

    def fit(self, statistics: Statistics, points: int) -> Array:
        gram, cross = (np.array(each) for each in statistics)
        # Gaussian elimination, one pivot at a time for all replicates: the Gram matrix is positive
        # definite, so that pivots need no exchange.
        d = self.dimension
        for pivot in range(d):
            for row in range(pivot + 1, d):
                factor = gram[row, pivot] / gram[pivot, pivot]
                gram[row, pivot:] -= factor * gram[pivot, pivot:]
                cross[row] -= factor * cross[pivot]
        for row in reversed(range(d)):
            known = np.einsum("jr,jr->r", gram[row, row + 1 :], cross[row + 1 :])
            cross[row] = (cross[row] - known) / gram[row, row]
        return cross

    def _root(self, rng: np.random.Generator, n: int, size: int) -> Array:
        """Root R of X'X = R'R, shape (d, d, size)."""
        if n < self.dimension:
            raise InvalidInput(f"least squares needs sample_size >= {self.dimension}, not {n}")
        if self.reuse and self._kept is not None:
            return self._kept
        root = np.zeros((self.dimension, self.dimension, size))
        for i in range(self.dimension):
            root[i, i] = np.sqrt(rng.chisquare(n - i, size))
            root[i, i + 1 :] = rng.standard_normal((self.dimension - i - 1, size))
        if self.reuse:
            self._kept = root
        return root
