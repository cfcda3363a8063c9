"""Gaussian mixtures: fitted by scikit-learn, drawn by ourselves, components followed by number.

scikit-learn's own `sample` returns rows grouped by component: the first n are one component.
Here rows come in random order.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.silos.generators import RIDGE, Array, checked, without_weights
from theory.errors import InvalidInput


@dataclass(frozen=True)
class MixtureModel:
    """A Gaussian mixture; component j of a warm start stays component j, so it can be followed.

    Attributes
    ----------
    weights : ndarray (k,)
    means : ndarray (k, d)
    covariances : ndarray (k, d, d)
    converged : bool
        Whether the likelihood settled within the iterations allowed.
    """

    weights: Array
    means: Array
    covariances: Array
    converged: bool = True

    @property
    def mean(self) -> Array:
        """Mean, shape (d,)."""
        return np.asarray(self.weights @ self.means)

    @property
    def covariance(self) -> Array:
        """Covariance within and between components, shape (d, d)."""
        apart = self.means - self.mean
        within = np.tensordot(self.weights, self.covariances, axes=1)
        return np.asarray(within + (self.weights[:, None] * apart).T @ apart)

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` points, shape (count, d), components in random order."""
        return self.tracked(rng, count)[0]

    def tracked(self, rng: np.random.Generator, count: int) -> tuple[Array, NDArray[np.int64]]:
        """Draw points and say which component each came from, shapes (count, d) and (count,)."""
        chosen = rng.choice(len(self.weights), size=count, p=self.weights)
        drawn = np.empty((count, self.means.shape[1]))
        for index, (mean, covariance) in enumerate(zip(self.means, self.covariances, strict=True)):
            mine = chosen == index
            if mine.any():
                # The singular value decomposition is NumPy's default, and that of published runs.
                drawn[mine] = rng.multivariate_normal(mean, covariance, size=int(mine.sum()))
        return drawn, chosen


@dataclass(frozen=True)
class Mixture:
    """A Gaussian mixture with full covariances, by scikit-learn's expectation-maximisation.

    Parameters
    ----------
    components : int
        Number k of components.
    ridge : float
        Added to the diagonal of every covariance in every iteration.
    iterations : int
        At most so many steps; a fit that did not settle says so in `MixtureModel.converged`.
    """

    components: int
    ridge: float = RIDGE
    iterations: int = 100

    def fit(
        self,
        points: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        rng: np.random.Generator | None = None,
        start: MixtureModel | None = None,
    ) -> MixtureModel:
        """Fit from k-means chosen with `rng`, or from an earlier model.

        Raises
        ------
        InvalidInput
            If there are fewer points than components, or neither `rng` nor `start` is given.
        """
        without_weights("mixture", weights)
        array = checked(points, max(2, self.components))
        options: dict[str, Any] = {}
        if start is not None:
            options = {
                "weights_init": start.weights,
                "means_init": start.means,
                "precisions_init": _precisions(start.covariances),
                "random_state": 0,  # nothing is drawn when every start is given
            }
        elif rng is None:
            raise InvalidInput("a mixture starts from rng or from an earlier model; neither given")
        else:
            options = {"random_state": int(rng.integers(2**31))}
        mixture, exceptions = scikit_mixture()
        machine = mixture(
            self.components, reg_covar=self.ridge, max_iter=self.iterations, **options
        )
        with warnings.catch_warnings():
            # Recorded as a fact of the fit, see `converged`.
            warnings.simplefilter("ignore", exceptions)
            machine.fit(array)
        return MixtureModel(
            machine.weights_, machine.means_, machine.covariances_, bool(machine.converged_)
        )


def _precisions(covariances: Array) -> Array:
    """Inverses; of a component that is nearly flat rounding leaves one that is not symmetric."""
    found: Array = np.linalg.inv(covariances).astype(np.float64, copy=False)
    turned = np.swapaxes(found, 1, 2)
    # Only where scikit-learn would refuse it: published runs have the inverses as they come.
    if np.allclose(found, turned):
        return found
    return np.asarray((found + turned) / 2)


def scikit_mixture() -> tuple[Any, Any]:
    """scikit-learn's mixture and its warning, or one line that says what to install."""
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture
    except ImportError:
        raise InvalidInput("mixtures need scikit-learn; install collapse-theory[silos]") from None
    return GaussianMixture, ConvergenceWarning
