"""Derivatives and noise of a step against finite differences and raw moments of drawn batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics.streams import Stream
from theory.flow import ball
from theory.flow.ball import Window, keep
from theory.flow.derivatives import Step, differentiate

Floats = NDArray[np.float64]

ALPHA = np.array([0.05, 0.2, 0.5, 0.05, 0.5, 0.9])
DIMENSION = np.array([10.0, 2, 3, 30, 1, 1])
DELTA = np.array([15.5, 3.0, 1.0, 6.0, 2.0, 1.0])
RATIO = np.array([0.7, 1.5, 1.0, 0.3, 1.0, 1.0])
USED = np.array([[True] * 3] * 4 + [[True, True, False]] * 2)  # nothing across on a line


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Step:
    """Steps of six models; the threshold is solved to the last digit for the differences."""
    monkeypatch.setattr(ball, "CLOSE", 1e-12)
    window = Window.of(ALPHA, DIMENSION)
    return differentiate(window, DELTA, RATIO, keep(window, DELTA, RATIO).near)


def kept_moments(alpha: Floats, deviation: Floats) -> Floats:
    """Moments of a kept point if the pool's raw moments deviate; in the units of the base model."""
    first, along, across = deviation.T
    p, t = 1 + along - first**2, 1 + across
    root = np.sqrt(p)
    window = Window.of(alpha, DIMENSION)
    kept = keep(window, (DELTA - first) / root, RATIO * p / t)
    second = p * kept.along + 2 * first * root * kept.mean + first**2
    return np.stack([first + root * kept.mean, second, t * kept.across], axis=1)


def second_difference(x: int, y: int, step: float) -> Floats:
    def at(a: int, b: int) -> Floats:
        return kept_moments(
            ALPHA, np.tile(a * step * np.eye(3)[x] + b * step * np.eye(3)[y], (6, 1))
        )

    return np.asarray((at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * step**2))


def test_first_derivatives_of_the_scalars(steps: Step) -> None:
    h = 1e-4
    for x in range(3):
        up, down = (kept_moments(ALPHA, np.tile(s * h * np.eye(3)[x], (6, 1))) for s in (1, -1))
        difference = (up - down) / (2 * h)
        keep_x = USED & USED[:, [x]]
        np.testing.assert_allclose(steps.scalar[:, :, x][keep_x], difference[keep_x], atol=1e-7)
        assert np.abs(1.001 * steps.scalar[:, :, x] - difference)[keep_x].max() > 1e-5


def test_second_derivatives_of_the_scalars(steps: Step) -> None:
    for x in range(3):
        for y in range(3):
            difference = second_difference(x, y, 1e-3) / 2
            pair = USED & USED[:, [x]] & USED[:, [y]]
            ours = steps.by_scalars[:, :, x, y]
            np.testing.assert_allclose(ours[pair], difference[pair], atol=1e-5)
            if (x, y) != (0, 0):
                assert np.abs(1.01 * ours - difference)[pair].max() > 1e-4


def test_the_bias_of_n_of_N(steps: Step) -> None:
    h = 1e-3

    def mass_times_mean(factor: float) -> Floats:
        alpha = ALPHA * factor
        return alpha[:, None] * kept_moments(alpha, np.zeros((6, 3)))

    bend = mass_times_mean(1 + h) - 2 * mass_times_mean(1) + mass_times_mean(1 - h)
    bias = 0.5 * ((1 - ALPHA) * ALPHA)[:, None] * bend / (h * ALPHA[:, None]) ** 2
    np.testing.assert_allclose(steps.bias[USED], bias[USED], atol=2e-5)
    assert np.abs(1.01 * steps.bias - bias)[USED].max() > 1e-3


def drawn(count: int, response: Callable[[Floats], Floats], tilt: Floats, shift: Floats) -> Floats:
    """Kept means of `response`, of a model in three dimensions (RATIO[2] = 1) with a deviation."""
    rng = Stream("flow", "second order across", {"n": count}).generator()
    total = []
    for _ in range(10):
        z = rng.standard_normal((count, 3))
        z = np.concatenate([z, -z])  # the same draws for every deviation: differences are smooth
        x = z @ np.linalg.cholesky(tilt).T + shift
        away = ((x - np.array([DELTA[2], 0, 0])) ** 2).sum(axis=1)
        inside = np.argpartition(away, count)[:count]
        total.append(response(x[inside]).mean(axis=0))
    return np.asarray(np.mean(total, axis=0))


@pytest.mark.nightly
def test_second_order_across_against_draws(steps: Step) -> None:
    """Responses of the scalars to V W, W W and tr X X, for a model of three dimensions."""

    def moments(x: Floats) -> Floats:
        return np.stack([x[:, 0], x[:, 0] ** 2, (x[:, 1:] ** 2).sum(axis=1) / 2], axis=1)

    e = 0.3
    base = drawn(400_000, moments, np.eye(3), np.zeros(3))

    def response(v: float, w: float, x: float) -> Any:
        first = np.array([0, v * e, 0])
        second = np.eye(3)
        second[0, 1] = second[1, 0] = w * e
        second[1, 1] += x * e
        second[2, 2] -= x * e
        return drawn(400_000, moments, second - np.outer(first, first), first) - base

    i = 2
    even = (response(0, 1, 0) + response(0, -1, 0)) / (2 * e * e)
    np.testing.assert_allclose(even, steps.by_vectors[i, :, 1, 1], atol=0.015)
    cross = (response(1, 1, 0) - response(1, -1, 0)) / (4 * e * e)
    np.testing.assert_allclose(cross, steps.by_vectors[i, :, 0, 1], atol=0.015)
    flat = (response(0, 0, 1) + response(0, 0, -1)) / (2 * 2 * e * e)
    np.testing.assert_allclose(flat, steps.by_tensor[i], atol=0.015)
    assert np.abs(steps.by_vectors[i, :, 1, 1]).max() > 0.03
    assert np.abs(steps.by_vectors[i, :, 0, 1]).max() > 0.03
    assert np.abs(steps.by_tensor[i]).max() > 0.03


def test_noise_of_n_of_N_against_draws(steps: Step) -> None:
    """Covariances of means of 40 of 200, and their bias, in two dimensions."""
    n, size, count = 40, 200, 12000
    rng = Stream("flow", "noise of n of N", {"n": n}).generator()
    scalars, vectors = [], []
    for _ in range(count // 500):
        x = rng.standard_normal((500, size, 2))
        x[:, :, 1] /= np.sqrt(RATIO[1])  # across, in units of the deviation along
        away = (x[:, :, 0] - DELTA[1]) ** 2 + x[:, :, 1] ** 2
        best = np.argpartition(away, n, axis=1)[:, :n]
        z = np.take_along_axis(x[:, :, 0], best, axis=1)
        g = np.take_along_axis(x[:, :, 1], best, axis=1) * np.sqrt(RATIO[1])
        scalars.append(np.stack([z.mean(1), (z * z).mean(1), (g * g).mean(1)], axis=1))
        vectors.append(np.stack([g.mean(1), (z * g).mean(1)], axis=1))
    drawn_scalars, drawn_vectors = np.concatenate(scalars), np.concatenate(vectors)
    for ours, seen in (
        (steps.noise[1], np.cov(drawn_scalars.T) * n),
        (steps.vector[1], np.cov(drawn_vectors.T) * n),
    ):
        scale = np.sqrt(np.outer(np.diag(ours), np.diag(ours)))
        assert np.abs((seen - ours) / scale).max() < 5 * np.sqrt(2 / count)
        assert np.abs((seen - 1.2 * ours) / scale).max() > 5 * np.sqrt(2 / count)
    error = np.sqrt(np.diag(steps.noise[1]) / n / count)
    gap = drawn_scalars.mean(axis=0) - steps.mean[1]
    # The bias is a first-order term: a tenth of it is left for the next.
    assert (np.abs(gap - steps.bias[1] / n) < 4 * error + 0.1 * np.abs(steps.bias[1]) / n).all()
    assert (np.abs(gap) > 4 * error + 0.1 * np.abs(steps.bias[1]) / n).any()
