"""Where the axis that a run started from lies in the frame of its model, and what is seen from it.

The start lies on the axis e, and a trace ``Tr(W Sigma)`` that weighs directions unequally knows e;
the frame of `theory.flow.law` turns away from it. Nothing in the law of a model depends on e, so
its place is carried along: the means of e1^2, e1 e2, e2^2, e1 and e2, its parts along the first and
the second axis, as linear functions of the coordinates of the model.

About e nothing distinguishes a direction. Given a model up to a turn about e, the turn is uniform:
what W adds to its parts on e and across e has the mean 0 and a variance that the shape gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.flow.outside import Angle
from theory.flow.plane import Tilted
from theory.flow.turn import Turns

Floats = NDArray[np.float64]

# Nothing is learnt from directions of the coordinates in which the law has no larger share of its
# variance.
SMALL = 1e-9
PARTS = 5


@dataclass(frozen=True)
class Origin:
    """Means of e1^2, e1 e2, e2^2, e1 and e2 (rows, 5), and what they gain with the coordinates of
    the model, (rows, 5, coordinates)."""

    mean: Floats
    slope: Floats

    @classmethod
    def start(cls, rows: int, coordinates: int) -> Origin:
        """The first axis is the one that the run starts from."""
        mean = np.zeros((rows, PARTS))
        mean[:, [0, 3]] = 1.0
        return cls(mean, np.zeros((rows, PARTS, coordinates)))

    def at(self, away: Floats) -> Floats:
        """The means (points, rows, 5) at points (points, rows, coordinates) off the mean."""
        found = self.mean + np.einsum("rac,prc->pra", self.slope, away)
        one, two = np.maximum(found[..., 0], 0.0), np.maximum(found[..., 2], 0.0)
        both = one + two
        shrink = 1 / np.maximum(both, 1.0)
        most = np.sqrt(one * two)
        squares = np.stack([one, np.clip(found[..., 1], -most, most), two], axis=-1)
        squares *= shrink[..., None]
        ends = np.sqrt(squares[..., ::2])
        return np.concatenate([squares, np.clip(found[..., 3:], -ends, ends)], axis=-1)


def turned(old: Floats, turns: Turns) -> Floats:
    """The means (5, ...) after the turns of a step, from those before it."""
    one, both, two, first, second = old
    one, both, two = _rotated(one, both, two, turns.first)
    first, second = _spun(first, second, turns.first)
    # Out of the plane the first axis turns by psi, the second towards what is left; what the axes
    # lose, the rest gains, in the direction of the turn.
    out, level, rho = turns.out, turns.level, turns.rho
    rest = np.maximum(1 - one - two, 0.0) / np.maximum(out.count, 1.0)
    square, gained = out.product(0, 0), out.product(1, 1)
    meet, wide = out.product(0, 1), out.spread(0, 1)
    per, share = 1 / (1 + square), 1 / level
    scale, shrunk = np.sqrt(per), np.sqrt(share)
    one, both, two = (
        (one + rest * square) * per,
        (rho * both + (rest - one) * meet) * (shrunk * scale),
        (rho * (rho * two - 2 * both * meet) + rest * gained + one * (meet * meet + wide)) * share,
    )
    first, second = first * scale, (rho * second - first * meet) * shrunk
    squares = _rotated(one, both, two, turns.last)
    return np.stack([*squares, *_spun(first, second, turns.last)])


def _spun(first: Floats, second: Floats, angle: Angle) -> tuple[Floats, Floats]:
    cos, sin = angle
    return cos * first + sin * second, cos * second - sin * first


def _rotated(one: Floats, both: Floats, two: Floats, angle: Angle) -> tuple[Floats, ...]:
    cos, sin = angle
    odd, apart = sin * cos, two - one
    shift = 2 * odd * both + sin * sin * apart
    return one + shift, (cos * cos - sin * sin) * both + odd * apart, two - shift


def refitted(values: Floats, away: Floats, mass: Floats, covariance: Floats) -> Origin:
    """The linear functions of the coordinates nearest to `values` (5, points, rows).

    `away` (rows, points, coordinates) are the coordinates off their mean, `mass` the weights of the
    points and `covariance` that of the coordinates.
    """
    mean = mass @ values
    tied = np.moveaxis((values - mean[:, None]) * mass[:, None], 2, 0) @ away
    scale = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0.0))
    safe = np.where(scale > 0, scale, 1.0)
    inner = covariance / (safe[:, :, None] * safe[:, None, :]) + SMALL * np.eye(safe.shape[1])
    slope = np.linalg.solve(inner, np.swapaxes(tied / safe[:, None, :], 1, 2))
    return Origin(mean.T, np.swapaxes(slope, 1, 2) / safe[:, None, :])


def weighted(m: Tilted, place: Floats, k: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The trace of models in the mean over turns about e, and its variance.

    `place` (..., rows, 5) are the means of `Origin`; `weights` (4, rows) the entry of W on e, the
    trace across, the squared row between, and the squares of the traceless part across.
    """
    on, off, mixed, traceless = weights
    one, both, two = (place[..., i] for i in range(3))
    j, k = np.maximum(m.rest, 0.0), np.maximum(k, 1.0)
    few = np.maximum(j, 1.0)
    rest = np.where(j > 0, np.maximum(1 - one - two, 0.0), 0.0)
    spike = m.joint**2 / m.given
    total = m.along + m.beside + j * m.across + np.where(j > 0, spike, 0.0)
    ragged = m.uneven * (j + 2) * np.maximum(j - 1, 0.0)
    own = j * m.across**2 + np.where(j > 0, spike * (2 * m.across + spike), 0.0) + ragged
    squares = m.along**2 + m.beside**2 + 2 * m.mixed**2 + 2 * m.joint**2 + own
    seen = one * m.along + 2 * both * m.mixed + two * m.beside + rest * m.mean_across
    length = one * (m.along**2 + m.mixed**2) + 2 * both * m.mixed * (m.along + m.beside)
    length += two * (m.mixed**2 + m.beside**2 + m.joint**2) + rest * (own + m.joint**2) / few
    row = np.maximum(length - seen**2, 0.0)
    across = total - seen
    bumps = np.maximum(squares - 2 * length + seen**2 - across**2 / k, 0.0)
    variance = 4 * mixed * row / k
    variance += 2 * traceless * bumps / ((k + 2) * np.maximum(k - 1, 1.0))
    return on * seen + off / k * across, variance


def moved(
    m: Tilted, place: Floats, k: Floats, weights: Floats, distance: Floats
) -> tuple[Floats, Floats]:
    """The squared distance ``x' W x`` of the mean from the start, in the mean over turns about e,
    and its variance.

    `distance` (rows,) is that of the target from the start; the rest is as in `weighted`.
    """
    on, off, mixed, traceless = weights
    one, both, two, first, second = (place[..., i] for i in range(PARTS))
    k = np.maximum(k, 1.0)
    # What is left to the target, on e and across e.
    left = m.gap * first + m.aside * second
    square = m.gap**2 * one + 2 * m.gap * m.aside * both + m.aside**2 * two
    across = np.maximum(m.gap**2 + m.aside**2 - square, 0.0)
    loose = np.maximum(square - left**2, 0.0)
    gone = distance - left
    mean = on * (gone**2 + loose) + off / k * across
    slope = on * gone + off / k * left
    variance = 4 * slope**2 * loose + 4 * mixed * gone**2 * across / k
    return mean, variance + 2 * traceless * across**2 / (k * (k + 2))
