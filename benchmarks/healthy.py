"""Healthy kinds of loops, on which no alarm of TREND should be raised more often than alpha.

Each takes a number of histories and a generator, and gives heights (histories, generations).
"""

import numpy as np

from numerics.streams import Stream

SALT = "monitoring"
T = 101


def noise(name):
    return Stream(SALT, name, {}, "study").generator()


def ar(first, count, rng, second=0.0):
    shocks = rng.standard_normal((count, T + 100))
    found = np.zeros_like(shocks)
    for t in range(2, T + 100):
        found[:, t] = first * found[:, t - 1] + second * found[:, t - 2] + shocks[:, t]
    return found[:, 100:]


def garch(count, rng):
    shocks = rng.standard_normal((count, T))
    size = np.ones(count)
    for t in range(T):
        shocks[:, t] *= np.sqrt(size)
        size = 0.1 + 0.2 * shocks[:, t] ** 2 + 0.7 * size
    return shocks


def walk(steps):
    return np.cumsum(steps, axis=1)


def decaying(power, count, rng):
    return walk(rng.standard_normal((count, T)) / np.arange(1, T + 1) ** power)


def season(count, rng):
    phase = rng.random((count, 1))
    return np.cos(2 * np.pi * (np.arange(T) / 25 + phase)) + 0.3 * rng.standard_normal((count, T))


def real_fraction(fraction, count, rng, n=100):
    """Log variance of a Gaussian loop that sees a fraction of real data, fit by moments."""
    mean, variance = np.zeros(count), np.ones(count)
    found = np.zeros((count, T))
    real = round(n * fraction)
    for t in range(1, T):
        draws = mean[:, None] + np.sqrt(variance)[:, None] * rng.standard_normal((count, n))
        draws[:, :real] = rng.standard_normal((count, real))
        mean, variance = draws.mean(axis=1), draws.var(axis=1)
        found[:, t] = np.log(variance)
    return found


def accumulate(count, rng, n=100):
    """Log variance of a Gaussian fitted to all batches so far, first batch drawn from the truth."""
    found = np.zeros((count, T))
    total, squares = np.zeros(count), np.zeros(count)
    mean, variance = np.zeros(count), np.ones(count)
    for t in range(1, T):
        draws = mean[:, None] + np.sqrt(variance)[:, None] * rng.standard_normal((count, n))
        total += draws.sum(axis=1)
        squares += (draws**2).sum(axis=1)
        mean = total / (n * t)
        variance = squares / (n * t) - mean**2
        found[:, t] = np.log(variance)
    return found


def weights(count, rng, n=200):
    """Logit of a mode's weight in a multinomial loop with 30 per cent of real data."""
    weight = np.full(count, 0.3)
    found = np.empty((count, T))
    for t in range(T):
        found[:, t] = np.log(weight / (1 - weight))
        fresh = rng.binomial(round(0.7 * n), weight) + rng.binomial(round(0.3 * n), 0.3, count)
        weight = np.clip(fresh / n, 0.5 / n, 1 - 0.5 / n)
    return found


def volatile(count, rng):
    level = walk(0.2 * rng.standard_normal((count, T)))
    return walk(rng.laplace(size=(count, T)) * np.exp(level - level.mean(axis=1, keepdims=True)))


def regimes(count, rng):
    """A walk whose steps are five times as large in one of two persistent regimes."""
    wild = np.zeros((count, T), dtype=bool)
    state = rng.random(count) < 0.5
    for t in range(T):
        state ^= rng.random(count) < 0.05
        wild[:, t] = state
    return walk(rng.standard_normal((count, T)) * np.where(wild, 5.0, 1.0))


def stochastic_volatility(count, rng):
    """AR .7 whose shocks have a log-normal size that is itself AR .95."""
    size = np.exp(0.5 * ar(0.95, count, rng))
    shocks = rng.standard_t(5, (count, T)) * size
    found = np.zeros((count, T))
    for t in range(1, T):
        found[:, t] = 0.7 * found[:, t - 1] + shocks[:, t]
    return found


def moving(count, rng):
    """ARMA(1, 1), coefficients .9 and -.6, with centred exponential shocks."""
    shocks = rng.standard_exponential((count, T + 100)) - 1
    found = np.zeros_like(shocks)
    for t in range(1, T + 100):
        found[:, t] = 0.9 * found[:, t - 1] + shocks[:, t] - 0.6 * shocks[:, t - 1]
    return found[:, 100:]


def long_memory(count, rng, order=0.3):
    """Fractional noise, ``(1 - B)**-order`` of normal shocks, 400 generations of past."""
    weights = np.cumprod(np.r_[1.0, (np.arange(1, 400) - 1 + order) / np.arange(1, 400)])
    shocks = rng.standard_normal((count, T + 400))
    found = np.empty((count, T))
    for t in range(T):
        found[:, t] = shocks[:, t + 1 : t + 401] @ weights[::-1]
    return found


def breathing(count, rng):
    """Seasons of 30 generations whose amplitude is AR .9, on AR .5 noise."""
    phase = rng.random((count, 1))
    return ar(0.9, count, rng) * np.cos(2 * np.pi * (np.arange(T) / 30 + phase)) + ar(
        0.5, count, rng
    )


def accumulate_det(count, rng, n=60, d=3):
    """Log det of Accumulate in three dimensions, with the factor n t / (n t - 1) at every fit."""
    mean, root = np.zeros((count, d)), np.tile(np.eye(d), (count, 1, 1))
    total, squares = np.zeros((count, d)), np.zeros((count, d, d))
    found = np.zeros((count, T))
    for t in range(1, T):
        draws = mean[:, None] + rng.standard_normal((count, n, d)) @ root.transpose(0, 2, 1)
        total += draws.sum(axis=1)
        squares += draws.transpose(0, 2, 1) @ draws
        mean = total / (n * t)
        spread = squares / (n * t) - mean[:, :, None] * mean[:, None]
        root = np.linalg.cholesky(spread * n * t / (n * t - 1))
        found[:, t] = 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return found


def jumps(count, rng):
    """Levels that jump by ten noise units, up or down, in two per cent of the generations."""
    rare = rng.random((count, T)) < 0.02
    return walk(rare * 10 * rng.standard_normal((count, T))) + rng.standard_normal((count, T))


KINDS = {
    "iid normal": lambda c, r: r.standard_normal((c, T)),
    "iid t3": lambda c, r: r.standard_t(3, (c, T)),
    "iid Cauchy": lambda c, r: r.standard_cauchy((c, T)),
    "iid skewed, long tail down": lambda c, r: -r.standard_exponential((c, T)),
    "iid skewed, long tail up": lambda c, r: r.standard_exponential((c, T)),
    "GARCH": garch,
    "noise sd times 4 midway": lambda c, r: (
        r.standard_normal((c, T)) * np.where(np.arange(T) < 50, 1, 4)
    ),
    "AR .5": lambda c, r: ar(0.5, c, r),
    "AR .9": lambda c, r: ar(0.9, c, r),
    "random walk": lambda c, r: walk(r.standard_normal((c, T))),
    "random walk, t3 steps": lambda c, r: walk(r.standard_t(3, (c, T))),
    "random walk, measured with noise": lambda c, r: (
        walk(r.standard_normal((c, T))) + 3 * r.standard_normal((c, T))
    ),
    "walk with noise 1/sqrt t": lambda c, r: decaying(0.5, c, r),
    "walk with noise 1/t": lambda c, r: decaying(1.0, c, r),
    "seasons": season,
    "loop, 5 % real data, n=100": lambda c, r: real_fraction(0.05, c, r),
    "loop, 20 % real data, n=100": lambda c, r: real_fraction(0.2, c, r),
    "Accumulate, n=100, d=1": accumulate,
}
HELD_OUT = {
    "HELD OUT iid Laplace": lambda c, r: r.laplace(size=(c, T)),
    "HELD OUT AR(2), oscillating": lambda c, r: ar(1.2, c, r, -0.6),
    "HELD OUT mode weight, 30 % real": weights,
    "HELD OUT Laplace walk, wandering volatility": volatile,
    "HELD OUT AR .8 measured with t4 noise": lambda c, r: ar(0.8, c, r) + r.standard_t(4, (c, T)),
}
# The fourth of the first five failed, and changed the null; these were written down before the
# changed form was run on any of them.
SECOND_HELD_OUT = {
    "HELD OUT 2 walk, two regimes of volatility": regimes,
    "HELD OUT 2 AR .7, stochastic volatility, t5": stochastic_volatility,
    "HELD OUT 2 ARMA(.9, -.6), exponential shocks": moving,
    "HELD OUT 2 long memory, d = .3": long_memory,
    "HELD OUT 2 walk on a lattice (-1, 0, 1)": lambda c, r: walk(r.integers(-1, 2, (c, T)) * 1.0),
    "HELD OUT 2 seasons with a wandering amplitude": breathing,
    "HELD OUT 2 Accumulate log det, n=60, d=3, unbiased": accumulate_det,
    "HELD OUT 2 uniform walk measured with Laplace noise": lambda c, r: (
        walk(r.uniform(-1, 1, (c, T))) + r.laplace(size=(c, T))
    ),
}

# Healthy by the letter, and false alarms all the same.
FAILING = {
    "FAILS TREND: levels that jump now and then, both ways": jumps,
    "FAILS TREND: walk, exponential steps, long tail up": lambda c, r: walk(
        r.standard_exponential((c, T)) - 1
    ),
}
