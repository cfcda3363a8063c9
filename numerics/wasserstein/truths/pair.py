"""A pair of laws with a known W2^2, and one draw from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from numerics.wasserstein.estimate import Array
from theory.wasserstein.gaussian import GaussianPair


@dataclass(frozen=True)
class Draw:
    """Independent samples of both laws, with the optimal potentials at their points.

    Attributes
    ----------
    x, y
        Of shapes (n, d) and (m, d).
    f, g
        Of shapes (n,) and (m,): the true potentials, up to a constant moved from one to the
        other, so that ``mean f + mean g`` has the expectation W2^2 exactly.
    """

    x: Array
    y: Array
    f: Array
    g: Array

    def control(self, squared_w2: float) -> float:
        """The exact zero-mean control variate ``(P_n - P) f + (Q_n - Q) g``."""
        return float(self.f.mean() + self.g.mean()) - squared_w2


@dataclass(frozen=True)
class Truth:
    """A pair of laws.

    Attributes
    ----------
    family, dimension, member
        What it is; `member` counts the members of a family.
    squared_w2
        W2^2, to at least ten digits.
    sample
        ``sample(rng, n, m) -> Draw``.
    gelbrich
        W2^2 of the Gaussian laws with the same moments, a lower bound.
    gaussian
        Means and covariances ``(m, A, n, B)`` where both laws are Gaussian, else None.
    """

    family: str
    dimension: int
    member: int
    squared_w2: float
    sample: Callable[[np.random.Generator, int, int], Draw]
    gelbrich: float
    gaussian: tuple[Array, Array, Array, Array] | None = None

    @property
    def name(self) -> str:
        """Family, dimension and member in one word."""
        return f"{self.family}-{self.dimension}-{self.member}"


@dataclass(frozen=True)
class ConvexPotential:
    """A convex function on R^d whose gradient carries N(0, I) to the second law.

    Attributes
    ----------
    dimension
        d.
    value, gradient
        On points of shape (k, d): shapes (k,) and (k, d).
    cost
        ``E |gradient(z) - z|^2`` for z ~ N(0, I).
    mean, cov
        Of gradient(z): shapes (d,) and (d, d).
    """

    dimension: int
    value: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    cost: float
    mean: Array
    cov: Array

    @property
    def product(self) -> float:
        """``E z.gradient(z)``."""
        squares = self.dimension + float(np.trace(self.cov) + self.mean @ self.mean)
        return (squares - self.cost) / 2


def pushed(family: str, member: int, potential: ConvexPotential) -> Truth:
    """N(0, I) and its image under a convex potential's gradient (Brenier 1991).

    The conjugate at an image is known where it came from: ``phi*(y) = y.z - phi(z)``. So the dual
    potentials ``|x|^2 - 2 phi(x)`` and ``|y|^2 - 2 phi*(y)`` need no inverse map.
    """

    def sample(rng: np.random.Generator, n: int, m: int) -> Draw:
        x = rng.standard_normal((n, potential.dimension))
        z = rng.standard_normal((m, potential.dimension))
        y = potential.gradient(z)
        conjugate = np.sum(y * z, axis=1) - potential.value(z)
        return Draw(
            x,
            y,
            np.sum(x**2, axis=1) - 2 * potential.value(x),
            np.sum(y**2, axis=1) - 2 * conjugate,
        )

    size, law = np.eye(potential.dimension), potential
    gelbrich = GaussianPair.of(0, size, law.mean, law.cov).squared_w2
    return Truth(family, law.dimension, member, law.cost, sample, gelbrich)


def swapped(truth: Truth, family: str) -> Truth:
    """The same pair, the other law first."""

    def sample(rng: np.random.Generator, n: int, m: int) -> Draw:
        draw = truth.sample(rng, m, n)
        return Draw(draw.y, draw.x, draw.g, draw.f)

    return replace(truth, family=family, sample=sample)


def moved(truth: Truth, rotation: Array, shift: Array) -> Truth:
    """Both laws turned, and the second shifted.

    A rotation common to both changes no distance. A shift h of the second law of a pair whose
    first has the mean 0 and whose second the mean b adds ``|h|^2 + 2 h.b`` to W2^2; here it is
    applied to pairs given with b = 0 only.
    """
    extra = float(shift @ shift)

    def sample(rng: np.random.Generator, n: int, m: int) -> Draw:
        draw = truth.sample(rng, n, m)
        x, y = draw.x @ rotation.T, draw.y @ rotation.T
        # |x - y - h|^2 = |x - y|^2 - 2 h.(x - y) + |h|^2, split between the two potentials.
        return Draw(x, y + shift, draw.f - 2 * x @ shift + extra, draw.g + 2 * y @ shift)

    value, bound = truth.squared_w2 + extra, truth.gelbrich + extra
    return replace(truth, squared_w2=value, gelbrich=bound, sample=sample)


def stretched(truth: Truth, potential: ConvexPotential, root: Array, shift: Array) -> Truth:
    """The pair of `pushed` with x replaced by Lx and y by ``L^-1 y + shift``, L symmetric.

    x'y stays what it was, so that the map stays optimal and only the squares change.
    """
    inverse = np.linalg.inv(root)
    mean, cov = potential.mean @ inverse + shift, inverse @ potential.cov @ inverse
    squares = float(np.sum(root**2) + np.trace(cov) + mean @ mean)

    def sample(rng: np.random.Generator, n: int, m: int) -> Draw:
        draw = truth.sample(rng, n, m)
        x, y = draw.x @ root, draw.y @ inverse + shift
        f = draw.f + np.sum(x**2, axis=1) - np.sum(draw.x**2, axis=1) - 2 * x @ shift
        g = draw.g + np.sum(y**2, axis=1) - np.sum(draw.y**2, axis=1)
        return Draw(x, y, f, g)

    return replace(
        truth,
        squared_w2=squares - 2 * potential.product,
        gelbrich=GaussianPair.of(0, root @ root, mean, cov).squared_w2,
        sample=sample,
    )
