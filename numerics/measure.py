"""Quantities of fitted models: one number for each replicate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from numerics.model import Model, Start
from numerics.triangular import Array, solve
from theory.model import GAUSSIAN, check_quantity

TAIL_QUANTILE = 0.99
"""`tail_mass` is the model's mass above this quantile of the true law's first coordinate."""


def log_variance(model: Model, start: Start) -> Array:
    """Logarithm of the trace of the covariance: finite far below the smallest float."""
    if model.dimension == 1:
        return np.asarray(2.0 * (model.log_scale + np.log(start.root[0, 0])))
    mapped = start.root @ model.factor
    return np.asarray(2.0 * model.log_scale + np.log(np.einsum("rij,rij->r", mapped, mapped)))


def variance(model: Model, start: Start) -> Array:
    """Trace of the covariance."""
    return np.exp(log_variance(model, start))


def variance_squared(model: Model, start: Start) -> Array:
    """Square of the trace of the covariance."""
    return np.exp(2.0 * log_variance(model, start))


def log_det(model: Model, start: Start) -> Array:
    """Logarithm of the determinant of the covariance; -inf where it is singular."""
    return np.asarray(model.log_det + start.log_det)


def squared_drift(model: Model, start: Start) -> Array:
    """Squared distance of the mean from the true mean."""
    drift = model.displacement @ start.root.T
    return np.asarray(np.einsum("ri,ri->r", drift, drift))


def squared_w2(model: Model, start: Start) -> Array:
    """Squared 2-Wasserstein (Bures) distance to the true law.

    With roots A and B of the covariances, their distance is the least ``|A - B U|`` over orthogonal
    U, attained at the polar factor of ``B' A``: a sum of squares, right also where the two are
    close.
    """
    root = start.root @ model.root
    if model.dimension == 1:
        gap = (start.root[0, 0] - np.abs(root[:, 0, 0])) ** 2
    else:
        left, _, right = np.linalg.svd(root.transpose(0, 2, 1) @ start.root)
        difference = start.root - root @ (left @ right)
        gap = np.einsum("rij,rij->r", difference, difference)
    return np.asarray(squared_drift(model, start) + gap)


def kl_model_to_start(model: Model, start: Start) -> Array:
    """KL(model || true law); infinite where the model is singular."""
    trace = np.exp(2.0 * model.log_scale) * np.einsum("rij,rij->r", model.factor, model.factor)
    drift = np.einsum("ri,ri->r", model.displacement, model.displacement)
    return np.asarray(0.5 * (trace - model.dimension - model.log_det + drift))


def kl_start_to_model(model: Model, start: Start) -> Array:
    """KL(true law || model); infinite where the model is singular."""
    shrink = np.exp(-model.log_scale)[:, None, None]
    sides = np.concatenate(
        [np.tile(np.eye(model.dimension), (model.count, 1, 1)), model.displacement[:, :, None]], 2
    )
    solved = shrink * solve(model.factor, sides)
    total = np.einsum("rij,rij->r", solved, solved)
    singular = np.isneginf(model.log_det)
    regular_log_det = np.where(singular, 0.0, model.log_det)
    return np.where(singular, np.inf, 0.5 * (total - model.dimension + regular_log_det))


def tail_mass(model: Model, start: Start) -> Array:
    """Mass of the model above the 0.99 quantile of the true law, first coordinate, upper tail."""
    # All roots are lower triangular: in the first coordinate the true law is a scaled standard
    # normal, and the model's spread is the first entry of its root, on the same scale.
    threshold = special.ndtri(TAIL_QUANTILE)
    spread = np.exp(model.log_scale) * np.abs(model.factor[:, 0, 0])
    return np.asarray(special.ndtr((model.displacement[:, 0] - threshold) / spread))


Measure = Callable[[Model, Start], Array]
MEASURES: dict[str, Measure] = {
    "variance": variance,
    "variance_squared": variance_squared,
    "log_variance": log_variance,
    "log_det": log_det,
    "squared_drift": squared_drift,
    "squared_w2": squared_w2,
    "kl_model_to_start": kl_model_to_start,
    "kl_start_to_model": kl_start_to_model,
    "tail_mass": tail_mass,
}

OF_THE_SPREAD = frozenset({"variance", "variance_squared", "log_variance", "log_det"})
"""Quantities that do not ask where the mean lies."""


def value_of(model: Model, start: Start, quantity: str) -> Array:
    """The quantity of every replicate (R,); overflow is inf, a singular model has its limits."""
    with np.errstate(over="ignore", divide="ignore"):
        return MEASURES[check_quantity(GAUSSIAN, quantity)](model, start)
