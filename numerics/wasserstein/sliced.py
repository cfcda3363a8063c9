"""Sliced W2^2: the mean, and the largest, over directions of W2^2 of the projections."""

from __future__ import annotations

import numpy as np

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.line import quantile_pairs, sorted_squared_w2
from numerics.wasserstein.registry import estimator

# Numbers held at once while projections are sorted.
_CHUNK = 2_000_000


def directions(rng: np.random.Generator, count: int, dimension: int) -> Array:
    """Uniform directions, shape (count, d), orthogonal within each run of d of them."""
    frames = []
    for _ in range(-(-count // dimension)):
        normal = rng.standard_normal((dimension, dimension))
        frame, triangle = np.linalg.qr(normal)
        frames.append((frame * np.sign(np.diag(triangle))).T)
    return np.concatenate(frames)[:count]


@estimator("sliced", functional="sliced_squared_w2", random=True, largest=10**5)
def sliced(x: Array, y: Array, *, rng: np.random.Generator, count: int = 200) -> float:
    """The mean of W2^2 along `count` random directions, in frames of orthogonal ones."""
    if x.shape[1] == 1:
        return float(sorted_squared_w2(x.ravel(), y.ravel()))
    chosen = directions(rng, count, x.shape[1])
    step = max(1, _CHUNK // (len(x) + len(y)))
    parts = [
        sorted_squared_w2(chosen[i : i + step] @ x.T, chosen[i : i + step] @ y.T)
        for i in range(0, count, step)
    ]
    return float(np.concatenate(parts).mean())


@estimator("max-sliced", functional="max_sliced_squared_w2", random=True, largest=10**4)
def max_sliced(
    x: Array, y: Array, *, rng: np.random.Generator, starts: int = 4, most: int = 200
) -> Estimate:
    """The largest W2^2 along one direction, by ascent on the sphere from several starts.

    The objective is not concave: what is returned is the best local maximum found, a lower bound
    of the functional of the two samples.
    """
    left, right, mass = quantile_pairs(len(x), len(y))

    def slope(direction: Array) -> tuple[float, Array]:
        gaps = x[np.argsort(x @ direction)][left] - y[np.argsort(y @ direction)][right]
        along = gaps @ direction
        gradient = gaps.T @ (mass * along)
        return float(mass @ along**2), np.asarray(gradient)

    size = x.shape[1]
    shift = x.mean(axis=0) - y.mean(axis=0)
    _, vectors = np.linalg.eigh(x.T @ x / len(x) - y.T @ y / len(y))
    tries = [vectors[:, 0], vectors[:, -1], *directions(rng, starts, size)]
    if shift @ shift > 0:
        tries.append(shift / np.sqrt(shift @ shift))
    best, settled = -np.inf, False
    for direction in tries:
        value, gradient = slope(direction)
        done = False
        for _ in range(most):
            length = np.sqrt(gradient @ gradient)
            if length == 0:
                done = True
                break
            # The power step; if it overshoots, go part of the way.
            part, moved = 1.0, False
            while part > 1e-4:
                trial = (1 - part) * direction + part * gradient / length
                trial /= np.sqrt(trial @ trial)
                found, following = slope(trial)
                if found > value:
                    moved = True
                    break
                part /= 4
            if not moved or found - value <= 1e-10 * value:
                value, done = max(value, found), True
                break
            direction, value, gradient = trial, found, following
        if value > best:
            best, settled = value, done
    return Estimate(
        best,
        "max_sliced_squared_w2",
        "max-sliced",
        settled,
        note="" if settled else "the ascent was still moving",
    )
