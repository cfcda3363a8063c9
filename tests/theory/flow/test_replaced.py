"""The whole model of replaced runs: derivatives, the three numbers, and draws with a raw ridge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.flow import FlowProblem, predict, predict_replaced
from theory.flow.following import White, carry_on
from theory.flow.onward import onward
from theory.flow.responses import Nodes, packed, respond, second, unpacked
from theory.flow.steepest import FINE, keep
from theory.vocabulary import Replace

Floats = NDArray[np.float64]
WEIGHTS, CENTRE = np.array([1.7, 0.4, 0.9]), np.array([1.0, -2.0, 0.5])
D = 9


def nodes(weights: Floats, centre: Floats, alpha: float) -> Nodes:
    ball = keep(weights[None], centre[None], alpha, half=FINE)
    return Nodes.of(ball, weights[None], centre[None], alpha)


def moments(deviation: Floats, alpha: float) -> Floats:
    """Moments about the old mean, in old units, of what is kept of a deviating model."""
    unit = np.sqrt(WEIGHTS)
    shape = np.eye(3) + unpacked(deviation[3:], 3)
    values, vectors = np.linalg.eigh(shape * np.outer(unit, unit))
    seen = respond(nodes(values, vectors.T @ (CENTRE + unit * deviation[:3]), alpha)).mean[0]
    out = vectors * np.sqrt(values) / unit[:, None]
    first, square = out @ seen[:3], out @ unpacked(seen[3:], 3) @ out.T
    place = deviation[:3]
    square = square + np.outer(place, first) + np.outer(first, place) + np.outer(place, place)
    return np.concatenate([place + first, packed(square)])


@pytest.mark.parametrize("alpha", [0.05, 0.6])
def test_derivatives_are_those_of_the_step(alpha: float) -> None:
    here = nodes(WEIGHTS, CENTRE, alpha)
    first = respond(here)
    small = 1e-4 * np.eye(D)
    slope = np.stack([moments(e, alpha) - moments(-e, alpha) for e in small], axis=1) / 2e-4
    np.testing.assert_allclose(first.slope[0], slope, atol=1e-6)
    rng = Stream("flow", "a covariance of deviations").generator()
    root = rng.standard_normal((D, D))
    bent = np.zeros(D)
    for column in root.T:
        step = 2e-3 * column / np.linalg.norm(column)
        far, near = ((moments(s * step, alpha) + moments(-s * step, alpha)) for s in (2, 1))
        curve = (16 * near - far - 30 * moments(0 * step, alpha)) / (12 * 4e-6)
        bent += 0.5 * (column @ column) * curve
    got = second(here, first, (root @ root.T)[None])[0]
    np.testing.assert_allclose(got, bent, rtol=1e-4, atol=1e-4)
    assert np.abs(second(here, first, 1.01 * (root @ root.T)[None])[0] - bent).max() > 1e-3


def test_noise_and_bias_of_n_of_many_are_those_of_draws() -> None:
    alpha, n, count = 0.2, 30, 15_000
    first = respond(nodes(WEIGHTS, CENTRE, alpha))
    z = Stream("flow", "n of N of a model").generator().standard_normal((count, 150, 3))
    order = ((z * np.sqrt(WEIGHTS) + CENTRE) ** 2).sum(axis=2)
    z = np.take_along_axis(z, np.argpartition(order, n - 1, axis=1)[:, :n, None], axis=1)
    seen = np.concatenate([z.mean(axis=1), packed(np.swapaxes(z, 1, 2) @ z / n)], axis=1)
    error = seen.std(axis=0) / np.sqrt(count)
    off = seen.mean(axis=0) - first.mean[0]
    assert (np.abs(off - first.bias[0] / n) < 4 * error + 0.1 * np.abs(off)).all()
    assert (np.abs(off) > 4 * error).any()
    np.testing.assert_allclose(n * np.cov(seen.T), first.noise[0], atol=0.1)
    # The threshold of n of N moves with the batch: without that term it is another matrix.
    apart = first.rim[0] - first.mean[0]
    still = first.noise[0] - (1 - alpha) * np.outer(apart, apart)
    assert np.abs(n * np.cov(seen.T) - still).max() > 0.3


def test_about_the_path_it_meets_the_three_numbers() -> None:
    root = np.array([[2.0, 0, 0], [0.5, 1.0, 0], [-1.0, 0.3, 0.7]])
    mean = np.array([1.0, -2.0, 0.5])
    start = mean, root @ root.T, mean + root @ np.array([2.0, 4.0, 4.0])
    problem = FlowProblem.from_target(Replace(), *start, 0.1, sample_size=80)
    three = predict(problem, np.arange(11), together=np.arange(1, 11))
    words = FlowProblem(Replace(), 3, 0.0, 0.1, 80)
    whole, _, _ = carry_on([White.of(*start, None)], words, np.arange(11), centred=False)
    for word in ("log_trace", "log_trace_sd", "distance"):
        np.testing.assert_allclose(getattr(whole, word)[0], getattr(three, word), atol=1e-5)
    times = np.arange(11)
    white = [White.of(*start, None)]
    middle, joint, _ = carry_on(white, words, times, centred=True, together=times[1:])
    assert np.abs(middle.log_trace[0] - three.log_trace).max() > 1e-3
    np.testing.assert_allclose(np.diag(joint[0]), middle.log_trace_sd[0, 1:] ** 2, atol=1e-12)
    np.testing.assert_allclose(joint[0], three.joint, rtol=0.1, atol=1e-6)


def drawn(start: Any, alpha: float, n: int, last: int, count: int, ridge: float) -> Any:
    """Raw runs: log traces and squared distances, (last, count); it knows no formula."""
    mean, sigma, target = (np.array(each, float) for each in start)
    d = mean.size
    unroot = np.linalg.inv(np.linalg.cholesky(sigma))
    rng = Stream("flow", "replaced with a ridge", {"n": n, "d": d}).generator()
    centre, model = np.tile(mean, (count, 1)), np.tile(sigma, (count, 1, 1))
    logs, moves = np.empty((2, last, count))
    for t in range(last):
        x = rng.standard_normal((count, round(n / alpha), d))
        x = x @ np.swapaxes(np.linalg.cholesky(model), 1, 2)
        white, away = x @ unroot.T, (centre - target) @ unroot.T
        order = (white**2).sum(axis=2) + 2 * np.einsum("rij,rj->ri", white, away)
        best = np.argpartition(order, n - 1, axis=1)[:, :n]
        x = np.take_along_axis(x, best[:, :, None], axis=1)
        centre = centre + x.mean(axis=1)
        x = x - x.mean(axis=1, keepdims=True)
        model = np.swapaxes(x, 1, 2) @ x / n + ridge * np.eye(d)
        logs[t] = np.log(np.trace(model, axis1=1, axis2=2))
        moves[t] = ((centre - mean) ** 2).sum(axis=1)
    return logs, moves


def test_a_raw_ridge_is_in_the_mean_and_the_band() -> None:
    start = [0, 0, 0], np.diag([9.0, 1.0, 0.25]), [24, 8, 0]
    last, count = 30, 300
    logs, moves = drawn(start, 0.2, 60, last, count, 1e-3)
    seen = predict_replaced([start], 0.2, 60, last, ridge=1e-3)
    shown = np.array([1, 2, 4, 8, 14, 20, 30])
    off = logs.mean(axis=1) - seen.log_trace[0, 1:]
    error = logs.std(axis=1) / np.sqrt(count)
    slack = (4 * error + seen.apart[0, 1:])[shown - 1]
    assert (np.abs(off[shown - 1]) < slack).all()
    # The population law, and a prediction without the ridge, are beyond that.
    assert (np.abs(logs.mean(axis=1) - seen.population[0, 1:])[shown - 1] > slack).any()
    free = predict_replaced([start], 0.2, 60, 8).log_trace[0, 8]
    assert abs(logs[7].mean() - free) > 4 * error[7]
    ratio = logs.std(axis=1) / seen.log_trace_sd[0, 1:]
    assert (np.abs(ratio[shown - 1] - 1) < 0.17).all()
    off = (moves.mean(axis=1) - seen.distance[0, 1:])[shown - 1]
    error = (moves.std(axis=1) / np.sqrt(count))[shown - 1]
    assert (np.abs(off) < 4 * error + seen.distance_apart[0, shown]).all()


def test_bad_questions_are_named() -> None:
    start = [0, 0], np.eye(2), [1, 1]
    for wrong, words in (
        ([([0], [[1]], [1])], "dimension"),
        ([start, ([0] * 3, np.eye(3), [1] * 3)], "dimension"),
        ([([0, 0], np.eye(2), [1])], "target"),
    ):
        with pytest.raises(InvalidInput, match=words):
            predict_replaced(wrong, 0.5, 10, 1)
    with pytest.raises(InvalidInput, match="kept_fraction"):
        predict_replaced([start], 1.5, 10, 1)


def test_beyond_rounding_the_gains_go_on(simulator: Any) -> None:
    d, b, alpha, n, times, count = 2, 9.0, 0.1, 100, [10, 20, 30, 40], 1500
    logs, _ = simulator("replace", d, b, alpha, n, times, count)
    seen = predict_replaced([(np.zeros(d), np.eye(d), [b, 0.0])], alpha, n, times, together=times)
    assert 10 < seen.followed[0] < 20
    mean, spread = logs.mean(axis=1), logs.std(axis=1)
    slack = 4 * spread / np.sqrt(count) + 0.01
    assert (np.abs(mean - seen.log_trace[0]) < slack).all()
    np.testing.assert_allclose(seen.log_trace_sd[0], spread, rtol=0.08)
    np.testing.assert_allclose(seen.joint[0], np.cov(logs), rtol=0.15)
    # The twins: no correction, and a spread that stays as it was.
    assert (np.abs(mean - seen.population[0]) > slack).all()
    assert abs(seen.log_trace_sd[0, 0] / spread[3] - 1) > 0.3


def test_nothing_is_said_once_some_runs_arrive_and_others_never_will(simulator: Any) -> None:
    spreads = {}
    for b in (4.0, 5.0):
        logs, _ = simulator("replace", 3, b, 0.02, 100, [2, 8], 300)
        seen = predict_replaced([(np.zeros(3), np.eye(3), [b, 0, 0])], 0.02, 100, [2, 8])
        spreads[b] = logs.std(axis=1), seen.log_trace_sd[0]
    parted, told = spreads[4.0]
    assert told[0] == pytest.approx(parted[0], rel=0.15)
    assert np.isnan(told[1])
    assert parted[1] > 1.0
    # The twin: a target that is out of reach for all of them.
    together, told = spreads[5.0]
    np.testing.assert_allclose(told, together, rtol=0.15)


def test_gains_that_still_change_are_not_continued() -> None:
    times = np.array([1, 2, 3, 4, 5])
    steady = np.array([[0.0, -1.0, -2.0], np.sqrt([0.1, 0.2, 0.3]), [7.0, 8.0, 9.0]])
    bent = steady + np.array([[0, 0, 0.1], [0, 0, 0], [0, 0, 0]])
    for past, told in ((steady, True), (bent, False)):
        seen = np.full((3, 5), np.nan)
        onward(seen, times, 3, past)
        assert np.isnan(seen[:, :3]).all()
        assert np.isfinite(seen[:, 3:]).all() == told
        if told:
            np.testing.assert_allclose(seen[:2, 4], [-4.0, np.sqrt(0.5)])


def test_a_model_that_has_all_but_vanished_overflows_nothing() -> None:
    """At a target within reach the trace falls by the same factor for ever, here to e^-295."""
    runs = predict_replaced([([0, 0], np.eye(2), [1, 0])], 0.1, 100, [60, 80, 100])
    gains = np.diff(runs.log_trace[0]) / 20
    assert runs.log_trace[0, -1] < -290
    assert runs.followed[0] == 100
    np.testing.assert_allclose(gains[0], gains[1], rtol=1e-6)
    assert abs(gains[0] / np.diff(runs.population[0])[0] * 20 - 1) > 1e-3  # the twin
