"""Kept points of tilted models, against the ball around an axis and against draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.flow.ball import Window, keep
from theory.flow.derivatives import differentiate
from theory.flow.plane import CLOSE, Tilted, select

ALPHA = np.array([0.05, 0.02, 0.5, 0.2])
DIMENSION = np.array([10.0, 30.0, 2.0, 5.0])
GAP = np.array([2.72, 15.5, 4.0, 0.3])
ALONG = np.array([1.3, 0.7, 2.0, 1.0])


def straight() -> Tilted:
    one, nothing = np.ones(4), np.zeros(4)
    return Tilted(GAP, nothing, ALONG, nothing, one, one, DIMENSION - 2, nothing)


def test_without_a_tilt_it_is_the_ball_around_the_axis() -> None:
    window, root = Window.of(ALPHA, DIMENSION), np.sqrt(ALONG)
    near = keep(window, GAP / root, ALONG).near
    step = differentiate(window, GAP / root, ALONG, near)
    kept = select(straight(), ALPHA)
    units = np.stack([root, ALONG, np.ones(4)], axis=1)
    np.testing.assert_allclose(kept.mean[:, [0, 2, 4]], step.mean * units, rtol=1e-5)
    # What is left of the threshold, CLOSE, is taken from the means alone.
    np.testing.assert_allclose(
        kept.bias[:, [0, 2, 4]], step.bias * units, rtol=2 * CLOSE, atol=CLOSE / 10
    )
    scalars = kept.noise[:, [0, 2]][:, :, [0, 2]]
    expected = step.noise[:, :2, :2] * units[:, :2, None] * units[:, None, :2]
    np.testing.assert_allclose(scalars, expected, rtol=2 * CLOSE)
    np.testing.assert_allclose(kept.noise[:, 1, 1], step.vector[:, 0, 0], rtol=CLOSE)
    np.testing.assert_allclose(kept.noise[:, 3, 3], step.vector[:, 1, 1] * ALONG, rtol=CLOSE)
    # The twin: a tenth of a deviation off the axis is seen.
    off = select(replace(straight(), aside=np.full(4, 0.3)), ALPHA)
    assert (np.abs(off.mean[:, 1]) > 1e-3).all()


def test_the_traceless_part_is_seen_to_second_order() -> None:
    window = Window.of(ALPHA, DIMENSION)
    near = keep(window, GAP / np.sqrt(ALONG), ALONG).near
    step = differentiate(window, GAP / np.sqrt(ALONG), ALONG, near)
    trace = 1e-4
    m = straight()
    pieces = select(replace(m, uneven=np.where(m.rest > 0, trace, 0.0)), ALPHA)
    change = pieces.mean[:, 0] - select(m, ALPHA).mean[:, 0]
    expected = trace * step.by_tensor[:, 0] * np.sqrt(ALONG)
    np.testing.assert_allclose(change[[0, 1, 3]], expected[[0, 1, 3]], rtol=0.02, atol=1e-9)
    assert np.abs(change[0]) > 1e-7


def test_a_tilted_model_against_draws() -> None:
    """Means and the n-of-N covariance of a batch, 20000 batches of 12 of 60."""
    d, n, N, batches = 5, 12, 60, 20000
    gap, aside = 2.0, -0.8
    sigma = np.diag([2.0, 1.0, 0.6, 0.6, 0.6])
    sigma[0, 1] = sigma[1, 0] = 0.7
    one = np.ones(1)
    m = Tilted(gap * one, aside * one, 2 * one, 0.7 * one, one, 0.6 * one, 3 * one, 0 * one)
    kept = select(m, np.array([n / N]))
    rng = Stream("flow", "batches of a tilted model", {"n": n, "N": N}).generator()
    root = np.linalg.cholesky(sigma)
    seen = np.empty((batches, 6))
    target = np.array([gap, aside, 0, 0, 0])
    for begin in range(0, batches, 2000):
        x = rng.standard_normal((2000, N, d)) @ root.T
        best = np.argpartition(((x - target) ** 2).sum(axis=2), n - 1, axis=1)[:, :n]
        x = np.take_along_axis(x, best[:, :, None], axis=1)
        a, b = x[..., 0], x[..., 1]
        rest = (x[..., 2:] ** 2).mean(axis=2)
        moments = np.stack([a, b, a * a, a * b, b * b, rest], axis=2)
        seen[begin : begin + 2000] = moments.mean(axis=1)
    error = seen.std(axis=0) / np.sqrt(batches)
    mean = kept.mean[0] + kept.bias[0] / n
    assert (np.abs(seen.mean(axis=0) - mean) < 4 * error).all()
    assert (np.abs(seen.mean(axis=0) - kept.mean[0]) > 4 * error).any()  # without the bias
    covariance = n * np.cov(seen.T)
    scale = np.sqrt(np.diag(covariance))
    apart = np.abs(covariance - kept.noise[0]) / (scale[:, None] * scale)
    assert apart.max() < 0.1  # the next order is 1/n of it
    wrong = np.abs(covariance - np.diag(np.diag(kept.noise[0]))) / (scale[:, None] * scale)
    assert wrong.max() > 0.2


def test_an_impossible_model_is_named() -> None:
    broken = replace(straight(), gap=np.full(4, np.nan))
    with pytest.raises(InvalidInput, match="kept ball"):
        select(broken, ALPHA)
