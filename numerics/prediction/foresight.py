"""What is foreseen of every recorded column of a group of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.prediction.curves import Curves
from numerics.prediction.starts import Start
from theory.flow.arrival import behind
from theory.flow.cuberoot import POWER

Floats = NDArray[np.float64]

LEAST = 1e-9  # the smallest way to a target, and share of one, that is reckoned with


@dataclass(frozen=True)
class Foreseen:
    """The runs of a group.

    Attributes
    ----------
    trace, distance, det
        The trace, the squared distance of the mean from the true mean, and the determinant.
    middle
        What the noise of log Tr is seen about, (runs, T); see `numerics.prediction.scatter`.
    joint
        Covariance of log Tr over the generations `together`; (runs, together, together).
    lengths
        How many of these count, of each run; see `numerics.prediction.scatter.linear_until`.
    """

    trace: Curves
    distance: Curves
    det: Curves
    middle: Floats
    joint: Floats
    lengths: NDArray[np.intp] | None = None


def distance_curves(root: Floats, spread: Floats, own: Floats, ridge: Floats) -> Curves:
    """From mean and deviation of the cube root. What is said of the mean's way is as true as
    before once it is told in deviations: both shrink as the mean arrives."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = spread / root / POWER
        share = np.maximum.accumulate(np.nan_to_num(own / relative), axis=1)
        return Curves(POWER, np.log(root) / POWER, relative, share * relative, ridge)


def beyond_three_axes(distance: Floats, starts: Sequence[Start], sample_size: int) -> Floats:
    """What a mean that nears its target may be behind its squared distance (runs, T) from the true
    mean, as a share of it: the logarithm of what is left is off by `theory.flow.arrival.behind`."""
    ways = []
    for start in starts:
        assert start.target is not None
        ways.append(float(np.linalg.norm(start.target - start.mean)))
    gone = np.maximum(np.sqrt(distance) / np.maximum(ways, LEAST)[:, None], LEAST)
    left = np.maximum(1 - gone, LEAST)
    dimensions = np.array([start.dimension for start in starts])[:, None]
    return np.asarray(2 * left / gone * behind(-np.log(left), dimensions, sample_size))
