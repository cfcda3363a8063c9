"""Samplers of ``theory.shelf.qiao2026_targets``: raw candidates, kept around a target."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from numerics.samplers._raw import Array, Sampler
from numerics.samplers._selected import nearest, within
from numerics.samplers._targets import in_ellipse, near_target, towards


def log_remainder(rng: np.random.Generator, size: int, *, n: int, alpha: float, k: int) -> Array:
    """k^2 (-log R - (1 - R)) when n kept points join a pool of n (k-1) of mean 0, variance 1."""
    signs = 1.0 - 2.0 * rng.integers(0, 2, n * size)
    x = (signs * np.sqrt(within(rng, n * size, alpha, 1))).reshape(n, size)
    mean = x.mean(axis=0)
    lost = (1 - np.einsum("ij,ij->j", x, x) / n) / k + mean**2 / k**2
    return np.asarray(k**2 * (-np.log1p(-lost) - lost))


def exponent_step(rng: np.random.Generator, size: int, *, n: int, N: int, d: int, k: int) -> Array:
    """k (1 - R), R the ratio of traces when the nearest n of N join a pool of n (k-1)."""
    x = nearest(rng, size, n, N, d)
    square = np.einsum("ijk,ijk->i", x, x) / (n * d)
    mean = x.mean(axis=1)
    # New trace over old, pool mean 0 and covariance I: ((k-1) + square)/k - |mean|^2/(d k^2).
    return np.asarray(1 - square + np.einsum("ij,ij->i", mean, mean) / (d * k))


def pull(rng: np.random.Generator, size: int, *, alpha: float, d: int, delta: float) -> Array:
    """How far short of the target a kept point lies, along the axis."""
    return np.asarray(float(delta) - near_target(rng, size, alpha, d, delta)[:, 0])


def pull_square(
    rng: np.random.Generator, size: int, *, alpha: float, d: int, delta: float
) -> Array:
    """Squared distance of a kept point from the target."""
    x = near_target(rng, size, alpha, d, delta)
    x[:, 0] -= float(delta)
    return np.asarray(np.einsum("ij,ij->i", x, x))


def approach(rng: np.random.Generator, size: int, *, alpha: float, delta: float) -> Array:
    """What one kept point adds to the logarithm of the target's distance, per unit of log t."""
    z = towards(rng, size, alpha, delta)
    return np.asarray((1 - 2 * z / float(delta) - z**2) / 2)


def far_drift(rng: np.random.Generator, size: int, *, alpha: float) -> Array:
    """The same with a target at infinity: the upper tail is kept."""
    parts: list[Array] = []
    missing = size
    while missing > 0:
        z = rng.standard_normal(int(missing / float(alpha) * 1.05) + 64)
        parts.append(z[z >= -ndtri(float(alpha))][:missing])
        missing -= len(parts[-1])
    return np.asarray((1 - np.concatenate(parts) ** 2) / 2)


def far_spread(rng: np.random.Generator, size: int, *, alpha: float, delta: float, k: int) -> Array:
    """k (R - 1), R the ratio of variances when one kept point joins a pool of k - 1."""
    z = towards(rng, size, alpha, delta)
    ratio = ((k - 1) + z**2 * (k - 1) / k) / k
    return np.asarray(k * (ratio - 1))


def replace_step(rng: np.random.Generator, size: int, *, alpha: float, delta: float) -> Array:
    """Unbiased estimate of ((delta - E z)^2 - delta^2 Var z)/delta^2 from two kept points."""
    z, w = towards(rng, 2 * size, alpha, delta).reshape(2, size)
    away = float(delta)
    return np.asarray((away**2 - 2 * away * z + z * w) / away**2 - (z**2 - z * w))


def metric_kappa(rng: np.random.Generator, size: int, *, alpha: float, ratio: float) -> Array:
    """Square along the wider axis of a point kept within the ellipse."""
    return np.asarray(in_ellipse(rng, size, alpha, ratio)[:, 0] ** 2)


def metric_isotropy(rng: np.random.Generator, size: int, *, alpha: float, ratio: float) -> Array:
    """Square along the wider axis minus square along the other."""
    x = in_ellipse(rng, size, alpha, ratio)
    return np.asarray(x[:, 0] ** 2 - x[:, 1] ** 2)


SAMPLERS: dict[str, Sampler] = {
    "qiao2026.log-remainder": log_remainder,
    "qiao2026.exponent-step": exponent_step,
    "qiao2026.pull": pull,
    "qiao2026.pull-square": pull_square,
    "qiao2026.approach": approach,
    "qiao2026.approach-half": approach,
    "qiao2026.approach-near": approach,
    "qiao2026.far-drift": far_drift,
    "qiao2026.far-spread": far_spread,
    "qiao2026.near-decay": far_spread,
    "qiao2026.replace-step": replace_step,
    "qiao2026.replace-near": replace_step,
    "qiao2026.metric-kappa": metric_kappa,
    "qiao2026.metric-isotropy": metric_isotropy,
}
