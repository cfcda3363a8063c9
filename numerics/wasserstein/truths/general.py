"""Truths in general position: Gaussian laws that are not round, and Brenier maps in their own axes.

Where the catalogue's families start from N(0, I), these start from a Gaussian law of random axes
and spreads, or a mixture, so that whitening, too, is something that an estimator must get right.
The salt chooses the members: a list that nobody has looked at is a word away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from numerics.streams import Stream
from numerics.wasserstein.estimate import Array
from numerics.wasserstein.truths import potentials
from numerics.wasserstein.truths.catalogue import rotation
from numerics.wasserstein.truths.pair import (
    ConvexPotential,
    Draw,
    Truth,
    pushed,
    stretched,
    swapped,
)
from numerics.wasserstein.truths.powers import power_mean
from theory.errors import InvalidInput
from theory.wasserstein.gaussian import GaussianPair

Rng = np.random.Generator

_RIDGES = {"ridge3": 3, "ridge8": 8, "ridge20": 20, "kink": 8, "mixture": 8}
GENERAL = ("gauss", "tanh", *_RIDGES, "cubic", "swapped", "radial")
"""Names of the families."""


def general_truth(family: str, dimension: int, number: int, salt: str) -> Truth:
    """Member `number` of a family in general position.

    Parameters
    ----------
    family
        One of `GENERAL`: ``gauss``; the separable ``tanh`` and ``cubic``; ``ridge3``, ``ridge8``
        and ``ridge20``, quadratic plus so many ridge functions; ``kink``, a map with eight jumps;
        ``mixture``, eight ridges on a mixture of three Gaussian laws; ``radial``; ``swapped``, a
        member of ``tanh`` or ``ridge8`` with the Gaussian law second.
    dimension
        d, from 1 on.
    number
        From 0 on.
    salt
        Another word, other members.

    Returns
    -------
    Truth
        With W2^2 and Gelbrich's bound by quadrature or in closed form.

    Raises
    ------
    InvalidInput
        For an unknown family, or a dimension or number that is none.

    Examples
    --------
    >>> pair = general_truth("ridge8", 4, 0, "an example")
    >>> pair.gelbrich < pair.squared_w2
    True
    """
    if family not in GENERAL:
        raise InvalidInput(f"no family {family!r}; there are {', '.join(GENERAL)}")
    if dimension < 1 or number < 0:
        raise InvalidInput(
            f"dimension {dimension} and number {number} are not accepted; accepted: from 1 and 0"
        )
    d = dimension
    rng = Stream(salt, f"truth {family}", {"d": d, "number": number}).generator()
    axes = rotation(rng, d)
    spread = np.exp(rng.uniform(-0.5, 0.5, d))
    root = np.asarray((axes * spread) @ axes.T)
    shift = rng.standard_normal(d) * 0.2
    base = ("tanh", "ridge8")[number % 2] if family == "swapped" else family
    if base == "gauss":
        other = rotation(rng, d)
        matrix = (other * np.exp(rng.uniform(-0.7, 0.7, d))) @ other.T
        none = np.zeros(0)
        linear = potentials.ridges(root @ matrix @ root, none, np.zeros((0, d)), none)
        carried = _carried(family, number, linear, root, shift)
        image = matrix @ root @ root @ matrix
        return replace(carried, gaussian=(np.zeros(d), root @ root, shift, image))
    if base in ("tanh", "cubic"):
        found = _carried(base, number, _separable(base, rng, axes, spread), root, shift)
    elif base == "radial":
        found = _carried(base, number, _radial(rng, axes, spread), root, shift)
    else:
        found = _ridged(base, number, rng, root, shift)
    return swapped(found, family) if family == "swapped" else found


def _carried(
    family: str, number: int, potential: ConvexPotential, root: Array, shift: Array
) -> Truth:
    return stretched(pushed(family, number, potential), potential, root, shift)


def _separable(base: str, rng: Rng, axes: Array, spread: Array) -> ConvexPotential:
    """Separable in the axes of the first law, whose scores are t: spread t goes to spread h(t)."""
    d = len(spread)
    slope, jump = rng.uniform(0.2, 0.6, d), rng.uniform(0.8, 2.0, d)
    steep, bend = rng.uniform(1.5, 4.0, d), rng.uniform(0.05, 0.3, d)
    unit = spread**2
    if base == "tanh":
        made = potentials.separable_tanh(slope * unit, jump * unit, steep)
    else:
        made = potentials.separable_cubic(0.4 * unit, bend * unit)
    return potentials.turned(made, axes)


def _radial(rng: Rng, axes: Array, spread: Array) -> ConvexPotential:
    """x goes to x times ``share (|x| / d^(1/2))^power + 0.1``, as a function of the scores of x."""
    d = len(spread)
    power, share = rng.uniform(1.5, 3.0), rng.uniform(0.4, 0.8)
    root = (axes * spread) @ axes.T
    high = share * d ** (-power / 2)

    def value(z: Array) -> Array:
        squares = np.sum((z @ root) ** 2, axis=1)
        return np.asarray(0.05 * squares + high * squares ** (power / 2 + 1) / (power + 2))

    def gradient(z: Array) -> Array:
        x = z @ root
        lengths = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
        return np.asarray(x * (high * lengths**power + 0.1)) @ root

    def along(j: int, exponent: float) -> float:
        """E x_j^2 |x|^exponent in the axes: one more score of x_j counts for x_j^2 (size bias)."""
        degrees = np.ones(d)
        degrees[j] = 3.0
        return unit[j] * (power_mean(unit, degrees, exponent / 2) if exponent else 1.0)

    unit = spread**2
    plain, once, twice = (np.array([along(j, e * power) for j in range(d)]) for e in (0, 1, 2))
    squares = unit * (high**2 * twice + 0.2 * high * once + 0.01 * plain)
    product = float(np.sum(high * once + 0.1 * plain))
    cost = float(d + squares.sum() - 2 * product)
    cov = (axes * squares) @ axes.T
    return ConvexPotential(d, value, gradient, cost, np.zeros(d), np.asarray(cov))


def _ridged(base: str, number: int, rng: Rng, root: Array, shift: Array) -> Truth:
    """``Mx + sum_k size_k h(steep_k (w_k.x - place_k)) w_k + shift``, with h = tanh or sign."""
    d, k = len(root), _RIDGES[base]
    w = rng.standard_normal((k, d))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    place = rng.standard_normal(k) * 0.5
    size = rng.uniform(1.0, 2.5, k) * np.sqrt(12 / k)
    steep = rng.uniform(1.0, 3.0, k)
    other = rotation(rng, d)
    matrix = np.asarray((other * rng.uniform(0.3, 0.8, d)) @ other.T)

    def scored(root: Array, centre: Array) -> ConvexPotential:
        """The potential at x = root z + centre as one of z, its linear part left out."""
        inner, middle = root @ matrix @ root, w @ centre - place
        if base == "kink":
            return potentials.kinked(inner, size, w @ root, middle)
        rays = (steep[:, None] * w) @ root
        return potentials.ridges(inner, size / steep, rays, steep * middle)

    if base != "mixture":
        return _carried(base, number, scored(root, np.zeros(d)), root, shift)
    centres = rng.standard_normal((3, d)) * 1.2
    return _blend(number, centres, 0.7 * root, matrix, shift, scored)


def _blend(
    number: int,
    centres: Array,
    root: Array,
    matrix: Array,
    shift: Array,
    scored: Callable[[Array, Array], ConvexPotential],
) -> Truth:
    """A mixture of Gaussian laws about `centres`, carried by one map; moments by components."""
    d, inverse = len(root), np.linalg.inv(root)
    parts = [scored(root, centre) for centre in centres]
    means = np.array([p.mean @ inverse for p in parts]) + centres @ matrix + shift
    squares = np.mean(
        [inverse @ p.cov @ inverse + np.outer(b, b) for p, b in zip(parts, means, strict=True)],
        axis=0,
    )
    product = float(np.mean([p.product for p in parts]) + np.mean(np.sum(centres * means, axis=1)))
    first = centres.mean(axis=0)
    cov = root @ root + centres.T @ centres / 3
    value = float(np.trace(cov) + np.trace(squares)) - 2 * product
    mean = means.mean(axis=0)
    pair = GaussianPair.of(
        first, cov - np.outer(first, first), mean, squares - np.outer(mean, mean)
    )
    whole = scored(np.eye(d), np.zeros(d))

    def draw(rng: Rng, n: int) -> Array:
        which = rng.integers(0, 3, n)
        return np.asarray(centres[which] + rng.standard_normal((n, d)) @ root)

    def sample(rng: Rng, n: int, m: int) -> Draw:
        x, origin = draw(rng, n), draw(rng, m)
        y = whole.gradient(origin) + shift
        f = np.sum(x**2, axis=1) - 2 * whole.value(x) - 2 * x @ shift
        conjugate = np.sum((y - shift) * origin, axis=1) - whole.value(origin)
        return Draw(x, y, f, np.sum(y**2, axis=1) - 2 * conjugate)

    return Truth("mixture", d, number, value, sample, pair.squared_w2)
