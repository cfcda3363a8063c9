"""Fresh real data beside kept points: the whole model's law, the three numbers, and draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from theory.errors import InvalidInput
from theory.flow import FlowProblem, predict, predict_replaced
from theory.flow.cuberoot import cube_root
from theory.flow.following import White, carry_on
from theory.vocabulary import Accumulate, FreshReal

START = [0, 0, 0], np.eye(3), [5, 0, 0]


def test_about_the_path_it_is_the_expansion() -> None:
    """Both are the first correction in 1/n: of whole matrices, and of three numbers."""
    n, times = 4000, np.array([1, 2, 4, 7, 12])
    problem = FlowProblem(FreshReal(0.3), 3, 5.0, 0.2, sample_size=n)
    series = predict(problem, times, together=[1, 2, 3])
    words = FlowProblem(FreshReal(0.3), 3, 0.0, 0.2, n)
    white = [White.of(*START, None)]
    seen, joint, _ = carry_on(white, words, times, centred=False, together=np.array([1, 2, 3]))
    np.testing.assert_allclose(seen.population[0], series.population, atol=1e-6)
    np.testing.assert_allclose(seen.distance_population[0], series.distance_population, rtol=1e-6)
    np.testing.assert_allclose(joint[0], series.joint, rtol=1e-6)
    shift = series.log_trace - series.population
    np.testing.assert_allclose(seen.log_trace[0] - series.population, shift, atol=3e-6)
    assert np.abs(shift).max() > 3e-4
    np.testing.assert_allclose(seen.log_trace_sd[0], series.log_trace_sd, rtol=2e-3)
    moved = series.distance - series.distance_population
    np.testing.assert_allclose(seen.distance[0] - series.distance_population, moved, atol=1e-5)
    # The twin: another share of real data is another matter.
    other = predict(FlowProblem(FreshReal(0.33), 3, 5.0, 0.2, sample_size=n), times)
    assert np.abs(other.distance - seen.distance[0]).max() > 0.01
    assert np.abs(other.log_trace_sd / seen.log_trace_sd[0] - 1).max() > 0.01


def test_what_is_at_rest_stays() -> None:
    slow = predict_replaced([START], 0.2, 100, [1, 20, 60], workflow=FreshReal(0.3))
    fast = predict_replaced([START], 0.2, 100, [20, 60, 4000], workflow=FreshReal(0.3))
    for word in ("log_trace", "log_trace_sd", "distance", "distance_sd", "population"):
        np.testing.assert_allclose(getattr(slow, word)[0, 1:], getattr(fast, word)[0, :2])
        np.testing.assert_allclose(getattr(fast, word)[0, 2], getattr(slow, word)[0, 2], rtol=1e-6)
        assert abs(getattr(slow, word)[0, 0] / getattr(slow, word)[0, 1] - 1) > 0.01


def test_two_forms_differ_by_what_both_leave_out(simulator: Any) -> None:
    """On the way back from a far target, where the mean turns, neither form is right."""
    d, b, alpha, n, times, count = 5, 15.0, 0.2, 100, np.array([3, 7, 10, 14]), 1000
    _, moves = simulator("fresh", d, b, alpha, n, times.tolist(), count, real_share=0.1)
    start = np.zeros(d), np.eye(d), np.r_[b, np.zeros(d - 1)]
    whole = predict_replaced([start], alpha, n, times, workflow=FreshReal(0.1))
    series = predict(FlowProblem(FreshReal(0.1), d, b, alpha, sample_size=n), times)
    roots = np.cbrt(moves)
    error = roots.std(axis=1) / np.sqrt(count)
    one, spread = cube_root(series.distance, series.distance_sd)
    other, _ = cube_root(whole.distance[0], whole.distance_sd[0])
    left = (np.abs(roots.mean(axis=1) - one) - 2.5 * error) / spread
    assert 0.1 < left.max() < (np.abs(one - other) / spread).max() < 1.0
    # The twin: the correction squared, in deviations, is less than what is left.
    shift = np.cbrt(series.distance / series.distance_population) - 1
    assert (shift**2 * one / spread).max() < left.max()


@pytest.mark.parametrize("workflow", [Accumulate(), FreshReal(0), FreshReal(1)])
def test_what_keeps_batches_or_no_new_points_is_refused(workflow: Any) -> None:
    with pytest.raises(InvalidInput, match=r"keeps batches|must lie in \(0, 1\)"):
        predict_replaced([START], 0.2, 100, [1], workflow=workflow)
