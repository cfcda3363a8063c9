"""Kept points of tilted models, against the ball around an axis and against draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.flow.ball import Window, keep
from theory.flow.contour import spectrum
from theory.flow.derivatives import differentiate
from theory.flow.plane import CLOSE, Tilted, select
from theory.flow.whole import _kept

ALPHA = np.array([0.05, 0.02, 0.5, 0.2])
DIMENSION = np.array([10.0, 30.0, 2.0, 5.0])
GAP = np.array([2.72, 15.5, 4.0, 0.3])
ALONG = np.array([1.3, 0.7, 2.0, 1.0])


def straight() -> Tilted:
    one, nothing = np.ones(4), np.zeros(4)
    return Tilted(GAP, nothing, ALONG, nothing, one, nothing, one, DIMENSION - 2, nothing)


def test_without_a_tilt_it_is_the_ball_around_the_axis() -> None:
    window, root = Window.of(ALPHA, DIMENSION), np.sqrt(ALONG)
    near = keep(window, GAP / root, ALONG).near
    step = differentiate(window, GAP / root, ALONG, near)
    kept = select(straight(), ALPHA)
    units = np.stack([root, ALONG, np.ones(4)], axis=1)
    np.testing.assert_allclose(kept.mean[:, [0, 2, 4]], step.mean * units, rtol=1e-5)
    # What is left of the threshold is removed from bias and noise to first order.
    left = CLOSE**2
    np.testing.assert_allclose(kept.bias[:, [0, 2, 4]], step.bias * units, rtol=left, atol=left)
    scalars = kept.noise[:, [0, 2]][:, :, [0, 2]]
    expected = step.noise[:, :2, :2] * units[:, :2, None] * units[:, None, :2]
    np.testing.assert_allclose(scalars, expected, rtol=left)
    np.testing.assert_allclose(kept.noise[:, 1, 1], step.vector[:, 0, 0], rtol=left)
    np.testing.assert_allclose(kept.noise[:, 3, 3], step.vector[:, 1, 1] * ALONG, rtol=left)
    # The twin: a tenth of a deviation off the axis is seen.
    off = select(replace(straight(), aside=np.full(4, 0.3)), ALPHA)
    assert (np.abs(off.mean[:, 1]) > 1e-3).all()


def test_the_traceless_part_is_seen_to_second_order() -> None:
    window = Window.of(ALPHA, DIMENSION)
    near = keep(window, GAP / np.sqrt(ALONG), ALONG).near
    step = differentiate(window, GAP / np.sqrt(ALONG), ALONG, near)
    entry = 1e-5
    m = straight()
    trace = entry * (m.rest + 2) * np.maximum(m.rest - 1, 0)
    pieces = select(replace(m, uneven=np.full(4, entry)), ALPHA)
    change = pieces.mean[:, 0] - select(m, ALPHA).mean[:, 0]
    expected = trace * step.by_tensor[:, 0] * np.sqrt(ALONG)
    np.testing.assert_allclose(change[[0, 1, 3]], expected[[0, 1, 3]], rtol=0.02, atol=1e-9)
    assert np.abs(change[0]) > 1e-7


def crooked(spread: float, turns: int) -> tuple[Tilted, np.ndarray]:
    """A model with a covariance between the second axis and the rest, and an uneven rest; its
    matrices have the rest turned at random."""
    d, one = 22, np.ones(1)
    m = Tilted(
        gap=6.0 * one,
        aside=-1.0 * one,
        along=2.0 * one,
        mixed=0.7 * one,
        beside=1.2 * one,
        joint=0.5 * one,
        across=0.6 * one,
        rest=(d - 2) * one,
        uneven=0.36 * spread / d * one,
    )
    # Quantiles of the Marchenko-Pastur law, from its density.
    angle = (np.arange(20000) + 0.5) / 20000 * np.pi
    values = 1 + spread - 2 * np.sqrt(spread) * np.cos(angle)
    mass = np.cumsum(np.sin(angle) ** 2 / values)
    places = (np.arange(d - 2) + 0.5) / (d - 2)
    eigen = 0.6 * values[np.searchsorted(mass / mass[-1], places)]
    rng = Stream("flow", "turns of a rest", {"d": d}).generator()
    sigma = np.zeros((turns, d, d))
    turn = np.linalg.qr(rng.standard_normal((turns, d - 2, d - 2)))[0]
    sigma[:, 2:, 2:] = (turn * eigen) @ np.swapaxes(turn, 1, 2)
    sigma[:, 0, 0], sigma[:, 1, 1], sigma[:, 0, 1], sigma[:, 1, 0] = 2.0, 1.2, 0.7, 0.7
    sigma[:, 1, 2], sigma[:, 2, 1] = 0.5, 0.5
    sigma[:, 2, 2] += 0.5**2 / m.given[0]
    return m, sigma


def test_a_crooked_model_is_the_whole_matrix() -> None:
    """Moments of the kept points against the inversion in all twenty-two eigenvectors."""
    m, sigmas = crooked(0.25, 30)
    alpha, centre = np.array([0.03]), np.zeros(22)
    kept = select(m, alpha).mean[0]
    centre[:2] = -6.0, 1.0
    whole = []
    for sigma in sigmas:
        first, second = _kept(centre, sigma, 0.03)
        rest = np.trace(second[2:, 2:]) / 20
        plane = [first[0], first[1], second[0, 0], second[0, 1], second[1, 1], rest]
        whole.append([*plane, first[2], second[0, 2], second[1, 2]])
    mean = np.mean(whole, axis=0)
    error = np.std(whole, axis=0) / np.sqrt(len(whole))
    assert (np.abs(kept - mean) < 4 * error + 0.002 * np.abs(mean)).all()
    # The twins: no covariance with the rest, and an even rest.
    for twin in (
        replace(m, joint=np.zeros(1), across=m.mean_across),
        replace(m, uneven=np.zeros(1)),
    ):
        apart = np.abs(select(twin, alpha).mean[0] - mean)
        assert (apart > 4 * error + 0.002 * np.abs(mean)).any()


def test_a_tilted_model_against_draws() -> None:
    """Means and the n-of-N covariance of a batch, 20000 batches of 12 of 60."""
    d, n, N, batches = 6, 12, 60, 20000
    gap, aside, joint = 2.0, -0.8, 0.45
    one = np.ones(1)
    m = Tilted(
        gap * one, aside * one, 2 * one, 0.7 * one, one, joint * one, 0.6 * one, 4 * one, 0 * one
    )
    sigma = np.diag([2.0, 1.0, 0.6 + joint**2 / m.given[0], 0.6, 0.6, 0.6])
    sigma[0, 1] = sigma[1, 0] = 0.7
    sigma[1, 2] = sigma[2, 1] = joint
    kept = select(m, np.array([n / N]))
    rng = Stream("flow", "batches of a tilted model", {"n": n, "N": N}).generator()
    root = np.linalg.cholesky(sigma)
    seen, across = np.empty((batches, 9)), np.empty((batches, 6))
    target = np.array([gap, aside, 0, 0, 0, 0])
    for begin in range(0, batches, 2000):
        x = rng.standard_normal((2000, N, d)) @ root.T
        best = np.argpartition(((x - target) ** 2).sum(axis=2), n - 1, axis=1)[:, :n]
        x = np.take_along_axis(x, best[:, :, None], axis=1)
        a, b, z = x[..., 0], x[..., 1], x[..., 2]
        rest = (x[..., 2:] ** 2).mean(axis=2)
        moments = np.stack([a, b, a * a, a * b, b * b, rest, z, a * z, b * z], axis=2)
        seen[begin : begin + 2000] = moments.mean(axis=1)
        products = np.stack([np.ones_like(a), a, a * a, b, a * b, b * b], axis=2)
        across[begin : begin + 2000] = (rest[:, :, None] * products).mean(axis=1)
    error = seen.std(axis=0) / np.sqrt(batches)
    mean = kept.mean[0] + kept.bias[0] / n
    assert (np.abs(seen.mean(axis=0) - mean) < 4 * error).all()
    assert (np.abs(seen.mean(axis=0) - kept.mean[0]) > 4 * error).any()  # without the bias
    covariance = n * np.cov(seen[:, :6].T)
    scale = np.sqrt(np.diag(covariance))
    apart = np.abs(covariance - kept.noise[0]) / (scale[:, None] * scale)
    assert apart.max() < 0.1  # the next order is 1/n of it
    wrong = np.abs(covariance - np.diag(np.diag(kept.noise[0]))) / (scale[:, None] * scale)
    assert wrong.max() > 0.2
    # A coordinate of the rest, in the mean over them: z is less independent of the plane.
    products = across.mean(axis=0)
    np.testing.assert_allclose(kept.across[0], products, rtol=0.1, atol=0.06 * products[0])
    assert np.abs(products - products[0]).max() > 0.3  # they are not one number


def test_means_over_an_uneven_rest() -> None:
    """Closed forms against quadrature, where g crosses the plane as it does on a path."""
    angle = (np.arange(4000) + 0.5) / 4000 * np.pi
    for spread in (0.0, 0.05, 0.28, 0.8, 3.0):
        root = np.sqrt(spread)
        values = 1 + spread - 2 * root * np.cos(angle)
        weights = 2 * np.sin(angle) ** 2 / values / 4000
        atom = max(1 - 1 / spread, 0.0) if spread > 0 else 0.0
        for g in (0.2, 1 + 3j, 0.1 + 0.5j, -0.05 + 20j):
            logs, lost = spectrum(np.array([g], dtype=complex), np.array([spread]))
            expected = (weights * np.log(1 + g * values)).sum()
            assert abs(logs[0] - expected) < 1e-6
            assert abs(1 - lost[0] - (weights / (1 + g * values)).sum() - atom) < 1e-6
            # The twin: the law of no spread is another.
            assert spread == 0 or abs(logs[0] - np.log(1 + g)) > 1e-4


def test_an_impossible_model_is_named() -> None:
    broken = replace(straight(), gap=np.full(4, np.nan))
    with pytest.raises(InvalidInput, match="kept ball"):
        select(broken, ALPHA)
