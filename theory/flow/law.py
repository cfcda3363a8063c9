"""The law over runs of a model, known by the mean and the covariance of six coordinates,

    asinh(gap / deviation along), log of the variance along, log of the one beside (given the axis),
    log of the one across (given the plane), rho^(2/3), (M^2 / (beside across))^(1/3),

and the points that carry it: of the same mean, covariance and marginal fourth moments (an unscented
transform).

The axis. The mean of a model lies off an axis by a vector V, and its covariance mixes axis and rest
by a vector W. A small turn of the axis by psi adds ``psi a`` to V and ``-psi b`` to W, in units of
the deviations, a the gap over the deviation beside and b the anisotropy. Every generation takes
the turn after which (V, W) is proportional to (b, a): V^2 + W^2 is least. Far from the target the
axis then follows the target, near it the model's long axis. One length rho is left, along a second
axis. M is the covariance of that axis with the rest: selection shortens V and W most where the
rest is wide, and so they come to lie where it is narrow. Given the plane of the two axes the rest
has no direction.

rho and M have a coordinate for each dimension out of the plane: their squares are sums of squares
of normals, whose cube root is nearly normal (Wilson and Hilferty).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.origin import Origin
from theory.flow.plane import Tilted
from theory.flow.population import Bundle
from theory.flow.turn import shares

Floats = NDArray[np.float64]

STATE = 6
SPREAD = np.sqrt(3.0)  # of the points, in deviations: the fourth moment of the normal law
POINTS = 2 * STATE + 1
WEIGHTS = np.array([1 / 6] * (2 * STATE) + [1 - STATE / 3])


@dataclass(frozen=True)
class Law:
    """Law over runs of the model of one generation, one row a problem.

    `mean` (rows, 6) and `covariance` (rows, 6, 6) of the coordinates; `uneven` (rows,) the mean
    square of one entry off the diagonal of the covariance across, in units of the variance across;
    `bend` (rows, 6) what the coordinates gain on average from ``xi^2 - 1``, xi the first of them
    less its mean, in deviations: where the trace turns round, runs ahead and runs behind are
    both below the one between. `origin` is where the first axis was.
    """

    mean: Floats
    covariance: Floats
    uneven: Floats
    bend: Floats
    origin: Origin

    def rows(self, some: slice) -> Law:
        """Some of the problems."""
        origin = Origin(self.origin.mean[some], self.origin.slope[some])
        return Law(
            self.mean[some], self.covariance[some], self.uneven[some], self.bend[some], origin
        )


def start(bundle: Bundle) -> Law:
    """The true law, without fluctuations."""
    rows = len(bundle.problems)
    across = np.log(bundle.across)
    mean = np.stack(
        [
            np.arcsinh(bundle.distance / np.sqrt(bundle.along)),
            np.log(bundle.along),
            across,
            across,
            np.zeros(rows),
            np.zeros(rows),
        ],
        axis=1,
    )
    none = np.zeros(rows), np.zeros((rows, STATE))
    return Law(mean, np.zeros((rows, STATE, STATE)), *none, Origin.start(rows, STATE))


def points(law: Law) -> Floats:
    """Coordinates of the points, shape (POINTS, rows, 6)."""
    first = law.covariance[:, :1, :1]
    lead = law.covariance[:, :, :1] / np.sqrt(np.where(first > 0, first, 1.0))
    bend = law.bend[:, :, None]
    left = law.covariance - lead @ _t(lead) - 2 * bend @ _t(bend)
    other = np.pad(root(left[:, 1:, 1:]), ((0, 0), (1, 0), (0, 0)))
    steps = np.moveaxis(np.concatenate([lead, other], axis=2) * SPREAD, 2, 0)
    # The square of the first, less 1, at its own points and at all others.
    square = np.where(np.arange(POINTS) % STATE == 0, 2.0, -1.0)
    square[-1] = -1.0
    result = np.concatenate([law.mean + steps, law.mean - steps, law.mean[None]])
    return np.asarray(result + square[:, None, None] * law.bend)


def _t(matrix: Floats) -> Floats:
    return np.asarray(np.swapaxes(matrix, 1, 2))


def root(covariance: Floats) -> Floats:
    """Columns c with sum of c c' the covariance, along principal axes in units of deviations."""
    scale = np.sqrt(np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), 0.0))
    safe = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / (safe[..., :, None] * safe[..., None, :]))
    return np.asarray(
        scale[..., :, None] * vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    )


def tilted(x: Floats, k: Floats, uneven: Floats) -> Tilted:
    """Models at coordinates (..., rows, 6)."""
    along, beside, across = (np.exp(x[..., i]) for i in (1, 2, 3))
    gap = np.sinh(x[..., 0]) * np.sqrt(along)
    rho = np.maximum(x[..., 4], 0.0) ** 1.5
    share_v, share_w = shares(gap, along, beside)
    mixed = share_w * rho * np.sqrt(along * beside)
    return Tilted(
        gap,
        -share_v * rho * np.sqrt(beside),
        along,
        mixed,
        beside + mixed**2 / along,
        np.sqrt(np.maximum(x[..., 5], 0.0) ** 3 * beside * across),
        across,
        np.broadcast_to(k - 1, gap.shape),
        across**2 * uneven,
    )


def roots(covariances: Floats) -> Floats:
    """Columns for many covariances (points, rows, n, n) that lie near to each other: those of their
    mean, as in `root`, carried along by Cholesky's, which costs a tenth."""
    middle = covariances.mean(axis=0)
    try:
        lower = np.linalg.cholesky(np.concatenate([covariances, middle[None]]))
        turn = np.linalg.solve(lower[-1], root(middle))
    except np.linalg.LinAlgError:  # one of them is singular
        return root(covariances)
    return np.asarray(lower[:-1] @ turn)
