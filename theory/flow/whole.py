"""The population flow of whole matrices, where no axis of symmetry is left.

The squared distance of a point from the target is a non-central weighted chi-square; with the
model's eigenvalues as weights its Laplace transform, and those of its products with the
coordinates, are elementary:

    L(p) = prod (1 + 2 p w_i)^(-1/2) exp(-p c_i^2 / (1 + 2 p w_i)),
    E[y_i exp(-p Q)] = L(p) c_i / (1 + 2 p w_i), and so on.

Each is inverted along a path of steepest descent through the saddle point, so that tiny kept
fractions and far targets keep their relative accuracy. The ridge may have any shape here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from theory.errors import InvalidInput
from theory.flow.problem import FlowProblem, matrix, vector
from theory.vocabulary import FirstBatch, Workflow

Floats = NDArray[np.float64]

HALF = np.linspace(0.0, 5.0, 161)  # sinh of it, in widths of the saddle
CLOSE = 1e-12
ROUNDS = 100


@dataclass(frozen=True)
class WholePath:
    """Models 0..T in raw coordinates: `mean` (T + 1, d), `covariance` (T + 1, d, d)."""

    mean: Floats
    covariance: Floats

    @property
    def log_trace(self) -> Floats:
        """Logarithm of the trace; shape (T + 1,)."""
        return np.asarray(np.log(np.trace(self.covariance, axis1=1, axis2=2)))


def whole_path(
    workflow: Workflow,
    mean: ArrayLike,
    covariance: ArrayLike,
    target: ArrayLike,
    kept_fraction: float,
    generations: int,
    *,
    metric: ArrayLike | None = None,
    ridge: float = 0.0,
    first_batch: FirstBatch = "generated",
) -> WholePath:
    """The population flow from any start, towards any target, in any metric.

    Parameters
    ----------
    workflow, mean, covariance, target, kept_fraction, metric, ridge, first_batch
        As in `FlowProblem.from_target`; the ridge is added in raw coordinates.
    generations
        Number of generations, one by one.

    Raises
    ------
    InvalidInput
        If a shape or a value is wrong.

    Examples
    --------
    >>> from theory.vocabulary import Accumulate
    >>> sigma = [[4, 1], [1, 1]]
    >>> flow = whole_path(Accumulate(), [0, 0], sigma, [6, 6], 0.1, 3, metric=np.eye(2))
    >>> np.round(flow.mean[-1], 3)
    array([4.028, 2.124])
    """
    centre = vector("mean", mean)
    d = centre.size
    sigma = matrix("covariance", covariance, d)
    goal = vector("target", target)
    if goal.size != d:
        raise InvalidInput(f"target has shape {goal.shape}, not ({d},)")
    # The other words are checked where they are checked for every flow.
    words = FlowProblem(workflow, d, 0.0, kept_fraction, ridge=ridge, first_batch=first_batch)
    root = np.linalg.cholesky(sigma if metric is None else matrix("metric", metric, d))
    unroot = np.linalg.inv(root)
    origin, start = unroot @ (centre - goal), unroot @ sigma @ unroot.T
    load = ridge * unroot @ unroot.T
    real = words.real_fraction
    accumulates = type(workflow).__name__.startswith("Accumulate")
    means, covariances = [origin], [start]
    pool = start
    for t in range(1, generations + 1):
        here, model = means[-1], covariances[-1]
        if t == 1 and first_batch == "real":
            first, second = np.zeros(d), start
        else:
            first, second = _kept(here, model, words.kept_fraction)
        fresh = 1 / t if accumulates else 1 - real
        old = 1 - fresh if accumulates else 0.0
        offset = origin - here
        move = fresh * first + real * offset
        pool = old * pool + fresh * second + real * (start + np.outer(offset, offset))
        pool = pool - np.outer(move, move)
        means.append(here + move)
        covariances.append(pool + load)
    return WholePath(goal + np.array(means) @ root.T, root @ np.array(covariances) @ root.T)


def _kept(mean: Floats, covariance: Floats, alpha: float) -> tuple[Floats, Floats]:
    """First and second moments, about the mean, of a point in the ball of mass alpha around 0."""
    weights, vectors = np.linalg.eigh(covariance)
    centre = vectors.T @ mean
    away = float(centre @ centre)
    excess = float(weights.sum())  # of the squared radius over the squared distance of the mean
    for _ in range(ROUNDS):
        p, measure = _contour(weights, centre, excess)
        mass = float((measure / p).sum().real)
        miss = np.log(alpha / mass)
        if abs(miss) < CLOSE:
            break
        level = away + excess
        step = miss * mass / (level * float(measure.sum().real))
        excess += level * np.expm1(np.clip(step, -0.7, 0.7))
    else:
        raise InvalidInput("the radius of the kept ball was not found for this model")
    damp = 1 / (1 + 2 * p[:, None] * weights)
    # About the mean: y - c has the conditional mean -2 p w c / (1 + 2 p w).
    shift = -2 * p[:, None] * weights * centre * damp
    share = (measure / p) / alpha
    first = (share @ shift).real
    second = np.einsum("s,si,sj->ij", share, shift, shift).real
    second[np.diag_indices_from(second)] += (share @ (weights * damp)).real
    return vectors @ first, vectors @ second @ vectors.T


def _contour(weights: Floats, centre: Floats, excess: float) -> tuple[NDArray[np.complex128], ...]:
    """Points p of the contour and the measure ``exp(p level) L(p) dp / (2 pi i)`` on it.

    Its real part, summed over the upper half with its mirror image counted, is the density of the
    squared distance at ``level = |centre|^2 + excess``; over p, the distribution function. The
    excess alone enters, so that nothing cancels however far the target.
    """

    def slopes(p: float) -> tuple[float, float, float]:
        """Derivatives 1 to 3 of ``p level + log L(p) - log p``."""
        damp = 1 / (1 + 2 * p * weights)
        a, b = weights * damp, centre**2 * damp
        return (
            excess - float(a.sum() - (4 * p * (1 + p * weights) * b * a).sum()) - 1 / p,
            float((2 * a**2 + 4 * b * damp * a).sum()) + 1 / p**2,
            -float((8 * a**3 + 24 * b * damp * a**2).sum()) - 2 / p**3,
        )

    high = 1.0 / float(weights.sum())
    while slopes(high)[0] < 0:
        high *= 4
    low = high
    while slopes(low)[0] > 0:
        low /= 4
    saddle = float(
        optimize.brentq(lambda x: slopes(float(np.exp(x)))[0], np.log(low), np.log(high))
    )
    saddle = float(np.exp(saddle))
    _, bend, third = slopes(saddle)
    width = 1 / np.sqrt(bend)
    curve = -third / (6 * bend)
    s = width * np.sinh(HALF)
    ds = width * np.cosh(HALF) * (HALF[1] - HALF[0])
    ds[0] /= 2
    # A parabola that straightens into a wedge: within 45 degrees of the vertical a far target's
    # Gaussian factor keeps falling, and to the left exp(p level) falls.
    bent = 1 + 2 * curve * s
    p = saddle + 1j * s - curve * s**2 / bent
    slope = 1j - 2 * curve * s * (1 + curve * s) / bent**2
    stretch = 1 + 2 * p[:, None] * weights
    exponent = (
        p * excess
        - 0.5 * np.log(stretch).sum(axis=1)
        + 2 * p**2 * (weights * centre**2 / stretch).sum(axis=1)
    )
    with np.errstate(under="ignore"):
        value = np.exp(exponent)
    # dp/(2 pi i), twice for the mirror image.
    return p, value * slope * ds / (1j * np.pi)
