"""A trace that weighs directions unequally, of a model known up to a turn about an axis."""

from __future__ import annotations

import numpy as np

from numerics.streams import Stream
from theory.flow.origin import SMALL, moved, refitted, weighted
from theory.flow.plane import Tilted


def test_mean_and_variance_of_a_weighted_trace_against_turns() -> None:
    d, draws = 5, 4000
    rng = Stream("flow", "turns about an axis", {"d": d}).generator()
    along, mixed, beside, across, joint = 3.0, 0.7, 1.2, 0.4, 0.3
    sigma = np.diag([along, beside, *[across] * 3])
    sigma[0, 1] = sigma[1, 0] = mixed
    sigma[1, 2] = sigma[2, 1] = joint
    one = np.ones(1)
    given = beside - mixed**2 / along
    sigma[2, 2] += joint**2 / given
    m = Tilted(*(x * one for x in (0, 0, along, mixed, beside, joint, across, 3, 0)))
    axis = np.array([0.9, -np.sqrt(0.19), 0.0, 0.0, 0.0])
    root = rng.standard_normal((d, d))
    weights = root @ root.T + np.diag([3.0, 0, 0, 0, 0])
    # Coordinates in which the axis is the first; then turns of the others.
    frame = np.linalg.qr(np.column_stack([axis, np.eye(d)[:, 1:]]))[0]
    seen = frame.T @ sigma @ frame
    turns = np.linalg.qr(rng.standard_normal((draws, d - 1, d - 1)))[0]
    turns *= np.sign(rng.standard_normal((draws, 1, d - 1)))
    whole = np.zeros((draws, d, d))
    whole[:, 0, 0], whole[:, 1:, 1:] = 1.0, turns
    traces = np.einsum("ij,rki,kl,rlj->r", weights, whole, seen, whole)
    block = weights[1:, 1:] - np.trace(weights[1:, 1:]) / (d - 1) * np.eye(d - 1)
    words = [
        weights[0, 0],
        np.trace(weights[1:, 1:]),
        (weights[0, 1:] ** 2).sum(),
        (block**2).sum(),
    ]
    place = np.array([axis[0] ** 2, axis[0] * axis[1], axis[1] ** 2, axis[0], axis[1]])
    given_weights = np.array(words)[:, None]
    mean, variance = weighted(m, place[None], np.array([d - 1.0]), given_weights)
    assert abs(traces.mean() - mean[0]) < 4 * traces.std() / np.sqrt(draws)
    assert abs(traces.var() / variance[0] - 1) < 0.1
    # The twin: the axis of the model itself.
    other = weighted(m, np.array([[1.0, 0, 0, 1, 0]]), np.array([d - 1.0]), given_weights)
    assert abs(traces.mean() - other[0][0]) > 4 * traces.std() / np.sqrt(draws)
    assert abs(traces.var() / other[1][0] - 1) > 0.1


def test_mean_and_variance_of_a_weighted_distance_against_turns() -> None:
    d, draws, distance = 5, 4000, 6.0
    rng = Stream("flow", "turns of a distance", {"d": d}).generator()
    one = np.ones(1)
    m = Tilted(*(x * one for x in (2.0, -0.9, 1, 0, 1, 0, 1, 3, 0)))
    root = rng.standard_normal((d, d))
    weights = root @ root.T
    # The target lies at (2, -.9) of the plane; in it, and up to a random part, lies the axis.
    parts = rng.normal(np.array([0.9, -0.3, 0, 0, 0]), 0.1, (draws, d))
    parts /= np.linalg.norm(parts, axis=1, keepdims=True)
    left = parts @ [2.0, -0.9, 0, 0, 0]
    across = np.sqrt(2.0**2 + 0.9**2 - left**2)
    other = rng.standard_normal((draws, d - 1))
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    gone = np.concatenate([distance - left[:, None], -across[:, None] * other], axis=1)
    seen = np.einsum("ri,ij,rj->r", gone, weights, gone)
    block = weights[1:, 1:] - np.trace(weights[1:, 1:]) / (d - 1) * np.eye(d - 1)
    words = [weights[0, 0], np.trace(weights[1:, 1:]), (weights[0, 1:] ** 2).sum()]
    given = np.array([*words, (block**2).sum()])[:, None]
    first, second = parts[:, 0], parts[:, 1]
    place = np.stack([first**2, first * second, second**2, first, second], axis=1).mean(axis=0)
    k = np.array([d - 1.0])
    mean, variance = moved(m, place[None], k, given, np.array([distance]))
    assert abs(seen.mean() - mean[0]) < 4 * seen.std() / np.sqrt(draws)
    assert abs(seen.var() / variance[0] - 1) < 0.1
    # The twin: the axis of the model itself.
    wrong = moved(m, np.array([[1.0, 0, 0, 1, 0]]), k, given, np.array([distance]))
    assert abs(seen.mean() - wrong[0][0]) > 4 * seen.std() / np.sqrt(draws)
    assert abs(seen.var() / wrong[1][0] - 1) > 0.1


def test_a_linear_function_of_the_coordinates_is_found_again() -> None:
    rng = Stream("flow", "linear functions", {}).generator()
    away = rng.standard_normal((1, 9, 3))
    away[..., 2] = 0.0  # a coordinate that does not vary
    away -= away.mean(axis=1, keepdims=True)
    mass = np.full(9, 1 / 9)
    slope = rng.standard_normal((3, 3))
    values = 0.5 + np.einsum("ac,rsc->asr", slope, away)
    covariance = np.einsum("s,rsi,rsj->rij", mass, away, away)
    found = refitted(values, away, mass, covariance)
    np.testing.assert_allclose(found.mean, 0.5, atol=1e-12)
    # Nothing is learnt from shares of the variance below SMALL; the smallest here is a tenth of 1.
    least = float(np.linalg.eigvalsh(np.corrcoef(away[0, :, :2].T))[0])
    assert least > 0.1
    np.testing.assert_allclose(found.slope[0, :, :2], slope[:, :2], atol=10 * SMALL / least)
    np.testing.assert_allclose(found.slope[0, :, 2], 0.0, atol=1e-12)
