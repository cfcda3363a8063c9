"""Linear regression with Gaussian inputs: cross products of a batch, least squares of a pool.

The inputs of a batch, an n x d matrix X of standard normal numbers, enter a fit through X'X and
X'y. With X = QR these are R'R and R'(R w + Q'e); Q'e is standard normal and independent of R, whose
entries are independent: standard normal above the diagonal, chi on it (Bartlett).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, cast

import numpy as np

from numerics.models.law import Array, Law, Measure, Statistics
from theory.model import LinearRegression
from theory.setting import Setting


def squared_drift(parameter: Array, truth: Array) -> Array:
    """Squared distance of the coefficients from the true ones; inputs have covariance I."""
    return np.asarray(np.einsum("ir,ir->r", parameter, parameter))


class RegressionLaw(Law):
    """y = x'w + noise e with x standard normal in `dimension` dimensions.

    The parameter is w - w_0, shape (dimension, replicates): least squares is equivariant, so that
    where w_0 lies does not matter. A point is its inputs and its label.
    """

    measures: ClassVar[Mapping[str, Measure]] = {
        "test_error": squared_drift,
        "squared_drift": squared_drift,
    }

    def __init__(self, setting: Setting) -> None:
        model = cast(LinearRegression, setting.model)
        self.dimension = int(setting.dimension)
        self.noise = float(model.noise)
        self.reuse = model.design == "fixed"
        self._kept: Array | None = None

    @property
    def width(self) -> int:
        return self.dimension + 1

    def truth(self, count: int) -> Array:
        return np.zeros((self.dimension, count))

    def points(self, rng: np.random.Generator, parameter: Array, n: int) -> Array:
        count = parameter.shape[1]
        inputs = self._again(lambda: rng.standard_normal((n, self.dimension, count)))
        labels = np.einsum("nir,ir->nr", inputs, parameter)
        labels += self.noise * rng.standard_normal((n, count))
        return np.concatenate([inputs, labels[:, None]], axis=1)

    def summary(self, points: Array) -> Statistics:
        inputs, labels = points[:, :-1], points[:, -1]
        gram = np.einsum("nir,njr->ijr", inputs, inputs)
        return gram, np.einsum("nir,nr->ir", inputs, labels)

    def batch(self, rng: np.random.Generator, parameter: Array, n: int) -> Statistics:
        if n < self.dimension:
            return self.summary(self.points(rng, parameter, n))
        root = self._again(lambda: self._root(rng, n, parameter.shape[1]))
        answers = np.einsum("ijr,jr->ir", root, parameter)
        answers += self.noise * rng.standard_normal(parameter.shape)
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

    def _again(self, draw: Callable[[], Array]) -> Array:
        """What `draw` draws; the first time's again where the design is fixed."""
        if not self.reuse:
            return draw()
        if self._kept is None:
            self._kept = draw()
        return self._kept

    def _root(self, rng: np.random.Generator, n: int, count: int) -> Array:
        """Root R of X'X = R'R, shape (d, d, count)."""
        root = np.zeros((self.dimension, self.dimension, count))
        for i in range(self.dimension):
            root[i, i] = np.sqrt(rng.chisquare(n - i, count))
            root[i, i + 1 :] = rng.standard_normal((self.dimension - i - 1, count))
        return root
