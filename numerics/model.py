"""Fitted Gaussian models, one for each replicate, and the true law that they started from.

Models live in the standard coordinates of the true law (its mean is 0, its covariance I), so that
one kernel serves every true law; quantities are mapped back by its root.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.triangular import Array, apply, diagonal_logarithm, product
from theory.errors import InvalidInput
from theory.setting import Setting


@dataclass(frozen=True)
class Start:
    """The true law: a lower-triangular root (d, d) of its covariance."""

    root: Array

    @classmethod
    def of(cls, setting: Setting) -> Start:
        """The true law of a setting.

        Raises
        ------
        InvalidInput
            If the covariance is not positive definite.

        Examples
        --------
        >>> Start.of(Setting(sigma_0=3)).root.tolist()
        [[3.0]]
        """
        if setting.covariance is None:
            return cls(float(setting.sigma_0) * np.eye(setting.dimension))
        matrix = np.asarray(setting.covariance, dtype=float)
        try:
            root = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            least = float(np.linalg.eigvalsh(matrix)[0])
            raise InvalidInput(
                f"covariance has the eigenvalue {least:.3g}; it must be positive definite"
            ) from None
        return cls(root)

    @property
    def variance(self) -> float:
        """Trace of the covariance."""
        return float((self.root**2).sum())

    @property
    def log_det(self) -> float:
        """Logarithm of the determinant of the covariance."""
        return float(diagonal_logarithm(self.root))


class Model:
    """Models (R of them): displacement from the true mean, and a root of each covariance.

    The root is ``exp(log_scale) * factor`` with a factor of norm 1, so that covariances far below
    the smallest float keep their logarithms, and a fit's new points are drawn around the model
    itself: nothing is ever added to a mean that is larger than the spread.

    Attributes
    ----------
    displacement : ndarray (R, d)
    factor : ndarray (R, d, d)
        Lower triangular.
    log_scale, log_det : ndarray (R,)
        The log determinant is summed up step by step: it outlives the smallest eigenvalue.
    """

    def __init__(self, count: int, dimension: int) -> None:
        self.displacement: Array = np.zeros((count, dimension))
        self.factor: Array = np.tile(np.eye(dimension) / np.sqrt(dimension), (count, 1, 1))
        self.log_scale: Array = np.full(count, 0.5 * np.log(dimension))
        self.log_det: Array = np.zeros(count)

    @property
    def count(self) -> int:
        """Number of replicates."""
        return len(self.log_scale)

    @property
    def dimension(self) -> int:
        """Dimension of a point."""
        return int(self.displacement.shape[1])

    @property
    def root(self) -> Array:
        """Root of the covariance as it is: (R, d, d), zero where it underflows."""
        return np.asarray(np.exp(self.log_scale)[:, None, None] * self.factor)

    def move(self, step: Array) -> None:
        """Displace the means by `step` (R, d), given in the model's own coordinates."""
        self.displacement += np.exp(self.log_scale)[:, None] * apply(self.factor, step)

    def reshape(self, root: Array) -> None:
        """Multiply the root by `root` (R, d, d), the new fit in the model's own coordinates."""
        self.factor = product(self.factor, root)
        if self.dimension > 1:
            self.log_det = self.log_det + diagonal_logarithm(root)
        self._normalise()

    def replace(self, displacement: Array, root: Array) -> None:
        """Take a new fit given in standard coordinates."""
        self.displacement = displacement
        self.factor = root
        self.log_scale = np.zeros(self.count)
        self.log_det = diagonal_logarithm(root)
        self._normalise()

    def _normalise(self) -> None:
        if self.dimension == 1:
            size = np.abs(self.factor[:, 0, 0])
        else:
            size = np.sqrt(np.einsum("rij,rij->r", self.factor, self.factor))
        with np.errstate(divide="ignore"):
            self.log_scale = self.log_scale + np.log(size)
        self.factor = self.factor / np.where(size == 0, 1.0, size)[:, None, None]
        if self.dimension == 1:
            self.log_det = 2.0 * self.log_scale
