"""The families of truths, each with as many members as one asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from numerics.streams import Stream
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.truths import potentials
from numerics.wasserstein.truths.pair import Draw, Truth, moved, pushed, swapped
from theory.errors import InvalidInput
from theory.wasserstein.gaussian import GaussianPair
from theory.wasserstein.matrices import square_root

Rng = np.random.Generator

# Written into every stream: another word here would make all truths anew.
_SALT = "wasserstein truths"


def rotation(rng: Rng, dimension: int) -> Array:
    """Orthonormal columns, uniform over rotations and reflections."""
    frame, triangle = np.linalg.qr(rng.standard_normal((dimension, dimension)))
    return np.asarray(frame * np.sign(np.diag(triangle)))


def _covariance(rng: Rng, dimension: int, spread: float) -> Array:
    frame = rotation(rng, dimension)
    values = np.exp(rng.uniform(-spread, spread, dimension))
    return np.asarray((frame * values) @ frame.T)


def of_gaussians(family: str, member: int, pair: GaussianPair) -> Truth:
    """A pair of Gaussian laws as a truth, under any name.

    Examples
    --------
    >>> of_gaussians("mine", 0, GaussianPair.of(0, 1, 1, 4)).squared_w2
    2.0
    """
    root_x, root_y = square_root(pair.cov_x), square_root(pair.cov_y)

    def sample(rng: Rng, n: int, m: int) -> Draw:
        x = pair.mean_x + rng.standard_normal((n, len(root_x))) @ root_x
        y = pair.mean_y + rng.standard_normal((m, len(root_x))) @ root_y
        return Draw(x, y, *pair.potentials(x, y))

    value = pair.squared_w2
    moments = (pair.mean_x, pair.cov_x, pair.mean_y, pair.cov_y)
    return Truth(family, len(root_x), member, value, sample, value, moments)


def gaussian(rng: Rng, dimension: int, member: int) -> Truth:
    """Two Gaussian laws with covariances in general position."""
    first = _covariance(rng, dimension, 0.7)
    second = _covariance(rng, dimension, 0.7)
    shift = rng.standard_normal(dimension) * 0.3
    return of_gaussians("gaussian", member, GaussianPair.of(0, first, shift, second))


def gaussian_near(rng: Rng, dimension: int, member: int) -> Truth:
    """Two Gaussian laws that are nearly the same: W2^2 is about a hundredth of the variance."""
    first = _covariance(rng, dimension, 0.5)
    bend = np.eye(dimension) + 0.1 * (_covariance(rng, dimension, 0.7) - np.eye(dimension))
    second = bend @ first @ bend
    return of_gaussians("gaussian-near", member, GaussianPair.of(0, first, 0, second))


def tanh(rng: Rng, dimension: int, member: int) -> Truth:
    """A separable map with tanh in each coordinate, turned and shifted."""
    chosen = potentials.separable_tanh(
        rng.uniform(0.3, 0.9, dimension),
        rng.uniform(0.5, 2.0, dimension),
        rng.uniform(1.0, 3.0, dimension),
    )
    base = pushed("tanh", member, chosen)
    return moved(base, rotation(rng, dimension), 0.2 * rng.standard_normal(dimension))


def ridge(count: int) -> Callable[[Rng, int, int], Truth]:
    """A quadratic and `count` ridge functions along directions that are not orthogonal."""

    def family(rng: Rng, dimension: int, member: int) -> Truth:
        directions = rng.standard_normal((count, dimension))
        directions /= np.sqrt(np.sum(directions**2, axis=1, keepdims=True))
        directions *= rng.uniform(1.0, 3.0, (count, 1))
        chosen = potentials.ridges(
            0.6 * _covariance(rng, dimension, 0.4),
            rng.uniform(0.3, 1.0, count),
            directions,
            rng.uniform(-1, 1, count),
        )
        return pushed(f"ridge-{count}", member, chosen)

    return family


def swapped_tanh(rng: Rng, dimension: int, member: int) -> Truth:
    """The tanh family with the Gaussian law second."""
    return swapped(tanh(rng, dimension, member), "swapped")


def radial(rng: Rng, dimension: int, member: int) -> Truth:
    """A map that stretches by the distance from the centre alone."""
    inner, outer = rng.uniform(0.2, 0.6), rng.uniform(1.5, 3.0)
    return pushed("radial", member, potentials.radial(dimension, inner, outer))


def kinked(rng: Rng, dimension: int, member: int) -> Truth:
    """A map that jumps across max(1, d/2) hyperplanes."""
    count = max(1, dimension // 2)
    directions = rng.standard_normal((count, dimension))
    directions /= np.sqrt(np.sum(directions**2, axis=1, keepdims=True))
    weights = rng.uniform(0.5, 1.5, count)
    return pushed(
        "kinked",
        member,
        potentials.kinked(0.6 * np.eye(dimension), weights, directions, np.zeros(count)),
    )


def mixture(rng: Rng, dimension: int, member: int) -> Truth:
    """A Gaussian law and a product of mixtures of two or three components, turned."""
    shares = rng.dirichlet(np.full(3, 4.0), dimension)
    means = rng.uniform(-2.0, 2.0, (dimension, 3))
    deviations = rng.uniform(0.3, 0.8, (dimension, 3))
    base = pushed("mixture", member, potentials.mixtures(shares, means, deviations))
    return moved(base, rotation(rng, dimension), np.zeros(dimension))


FAMILIES: Mapping[str, Callable[[Rng, int, int], Truth]] = MappingProxyType(
    {
        "gaussian": gaussian,
        "gaussian-near": gaussian_near,
        "tanh": tanh,
        "ridge-3": ridge(3),
        "ridge-8": ridge(8),
        "ridge-20": ridge(20),
        "swapped": swapped_tanh,
        "radial": radial,
        "kinked": kinked,
        "mixture": mixture,
    }
)
"""Every family by name: ``family(rng, dimension, member) -> Truth``."""


@lru_cache(maxsize=256)
def truth(family: str, dimension: int, member: int = 0) -> Truth:
    """The member of a family, the same at every call.

    Parameters
    ----------
    family
        A key of `FAMILIES`.
    dimension
        d, from 1 on.
    member
        From 0 on.

    Returns
    -------
    Truth

    Raises
    ------
    InvalidInput
        For an unknown family, or a dimension or member that is none.

    Examples
    --------
    >>> pair = truth("tanh", 3)
    >>> pair.name, pair.squared_w2 > 0
    ('tanh-3-0', True)
    """
    if family not in FAMILIES:
        raise InvalidInput(f"no family {family!r}; there are {', '.join(FAMILIES)}")
    if dimension < 1 or member < 0:
        raise InvalidInput(
            f"dimension {dimension} and member {member} are not accepted; accepted: from 1 and 0"
        )
    stream = Stream(_SALT, family, {"dimension": dimension, "member": member})
    return FAMILIES[family](stream.generator(), dimension, member)
