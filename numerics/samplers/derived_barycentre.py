"""Samplers of ``theory.shelf.derived_barycentre``: random silos, rounds of the barycentre's server.

Covariances are those of raw normal points; maps and distances are computed from eigenvalues.
"""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler

# Rounds move a centre by less than 1e-6 of its size after some ten.
SILOS, ROUNDS = 3, 12


def _covariances(rng: np.random.Generator, shape: tuple[int, ...], d: int) -> Array:
    """Second moments of 2d raw points each, shape (*shape, d, d)."""
    x = rng.standard_normal((*shape, 2 * d, d))
    return np.asarray(np.swapaxes(x, -1, -2) @ x / (2 * d))


def _power(matrix: Array, exponent: float) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values[..., None, :] ** exponent) @ np.swapaxes(vectors, -1, -2))


def _trace(matrix: Array) -> Array:
    return np.asarray(np.trace(matrix, axis1=-2, axis2=-1))


def _squared_w2(one: Array, two: Array) -> Array:
    root = _power(one, 0.5)
    values = np.linalg.eigvalsh(root @ two @ root)
    return _trace(one) + _trace(two) - 2 * np.sqrt(np.maximum(values, 0)).sum(axis=-1)


def _round(centre: Array, silos: Array) -> Array:
    """One round of the server: the mean map from the centre to the silos, applied to it."""
    root, back = _power(centre, 0.5), _power(centre, -0.5)
    middle = _power(root @ silos @ root, 0.5).mean(axis=0)
    return np.asarray(back @ middle @ middle @ back)


def _variance(centre: Array, silos: Array) -> Array:
    return np.asarray(_squared_w2(np.broadcast_to(centre, silos.shape), silos).mean(axis=0))


def _start(rng: np.random.Generator, size: int, d: int) -> tuple[Array, Array]:
    return _covariances(rng, (size,), d), _covariances(rng, (SILOS, size), d)


def round_gain(rng: np.random.Generator, size: int, *, d: int) -> Array:
    """Squared W2 that one round moves over the Frechet variance that it takes away."""
    centre, silos = _start(rng, size, d)
    after = _round(centre, silos)
    gained = _variance(centre, silos) - _variance(after, silos)
    return np.asarray(np.minimum(_squared_w2(centre, after) / gained, 2))


def _later(rng: np.random.Generator, size: int, d: int, rounds: int) -> tuple[Array, Array]:
    """Centres before and after the last of some rounds."""
    centre, silos = _start(rng, size, d)
    for _ in range(rounds - 1):
        centre = _round(centre, silos)
    return centre, _round(centre, silos)


def determinant_falls(rng: np.random.Generator, size: int, *, d: int, rounds: int) -> Array:
    """Whether the determinant falls in that round, by more than rounding."""
    before, after = _later(rng, size, d, rounds)
    growth = np.linalg.slogdet(after)[1] - np.linalg.slogdet(before)[1]
    return (growth < -1e-10).astype(np.float64)


def trace_ratio(rng: np.random.Generator, size: int, *, d: int, rounds: int) -> Array:
    """Trace before that round over the trace after it."""
    before, after = _later(rng, size, d, rounds)
    return np.asarray(np.minimum(_trace(before) / _trace(after), 2))


def _settled(rng: np.random.Generator, size: int) -> tuple[Array, Array]:
    """The barycentre of silos in the plane, and the silos."""
    centre, silos = _start(rng, size, 2)
    for _ in range(ROUNDS):
        centre = _round(centre, silos)
    return centre, silos


def determinant_ratio(rng: np.random.Generator, size: int) -> Array:
    """Geometric mean of the silos' determinants over the barycentre's."""
    centre, silos = _settled(rng, size)
    logs = np.linalg.slogdet(silos)[1].mean(axis=0) - np.linalg.slogdet(centre)[1]
    return np.asarray(np.minimum(np.exp(logs), 2))


def largest_share(rng: np.random.Generator, size: int) -> Array:
    """Largest variance of the barycentre over the silos' mean variance, of all directions."""
    centre, silos = _settled(rng, size)
    back = _power(silos.mean(axis=0), -0.5)
    return np.asarray(np.minimum(np.linalg.eigvalsh(back @ centre @ back)[..., -1], 2))


SAMPLERS: dict[str, Sampler] = {
    "derived.round-gain": round_gain,
    "derived.round-determinant": determinant_falls,
    "derived.round-trace": trace_ratio,
    "derived.barycentre-determinant": determinant_ratio,
    "derived.barycentre-below-mean": largest_share,
}
