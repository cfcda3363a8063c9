"""The determinant of predicted runs: two forms that agree as n grows, and their Wishart laws."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.streams import Stream
from theory.flow import FlowProblem, predict, predict_replaced
from theory.flow.wishart import log_det_moments, shape_moments
from theory.vocabulary import Accumulate


@pytest.mark.parametrize("d", [2, 6])
def test_two_forms_of_accumulated_runs_agree_as_n_grows(d: int) -> None:
    times = [1, 2, 5, 12]
    apart = []
    for n in (1000, 4000):
        seen = predict(FlowProblem(Accumulate(), d, 5.0, 0.2, sample_size=n), times)
        shift = np.abs(seen.log_det - seen.log_det_population)
        assert (seen.log_det_apart < 0.06 * shift.max()).all()
        apart.append(n * shift.max())
    # To first order in 1/n, and not another.
    assert apart[0] == pytest.approx(apart[1], rel=0.05)
    assert shift.max() > 1e-3


def test_two_forms_of_replaced_runs_agree_as_n_grows() -> None:
    start, times = (np.zeros(4), np.eye(4), 6 * np.eye(4)[0]), [1, 2, 5]
    seen = predict_replaced([start], 0.2, 4000, times, ridge=0.02)
    shift = np.abs(seen.log_det - seen.log_det_population)
    assert (seen.log_det_apart < 0.02 * shift).all()
    # In other units it gains what they gain, and the ridge with them.
    scale = np.diag([4.0, 1.0, 0.25, 2.0])
    moved = predict_replaced([(start[0], scale, np.sqrt(scale) @ start[2])], 0.2, 4000, times)
    plain = predict_replaced([start], 0.2, 4000, times)
    gain = np.log(np.linalg.det(scale))
    np.testing.assert_allclose(moved.log_det - plain.log_det, gain, atol=1e-6)
    assert np.abs(seen.log_det - plain.log_det).max() > 0.1


def test_wishart_moments_are_those_of_draws() -> None:
    n, d, count = 14, 5, 20_000
    x = Stream("flow", "wishart").generator().standard_normal((count, n, d))
    raw = np.swapaxes(x, 1, 2) @ x
    x = x - x.mean(axis=1, keepdims=True)
    logs = np.linalg.slogdet(np.swapaxes(x, 1, 2) @ x / n)[1]
    mean, variance = log_det_moments(n, d)
    assert abs(logs.mean() - mean) < 4 * logs.std() / np.sqrt(count)
    assert logs.var() == pytest.approx(variance, rel=0.06)
    shape = np.linalg.slogdet(raw)[1] - d * np.log(np.trace(raw, axis1=1, axis2=2) / d)
    said, spread = shape_moments(np.array([1 / n]), np.array([float(d)]))
    assert abs(shape.mean() - said[0]) < 4 * shape.std() / np.sqrt(count)
    assert shape.var() == pytest.approx(spread[0], rel=0.06)
    # The twins: a degree of freedom more.
    assert abs(logs.mean() - log_det_moments(n + 1, d)[0]) > 4 * logs.std() / np.sqrt(count)
    other, _ = shape_moments(np.array([1 / (n + 1)]), np.array([float(d)]))
    assert abs(shape.mean() - other[0]) > 4 * shape.std() / np.sqrt(count)


def test_few_points_have_no_determinant() -> None:
    assert np.isnan(log_det_moments(5, 5)).all()
    assert np.isfinite(log_det_moments(6, 5)).all()
    assert np.isnan(shape_moments(np.array([0.5]), np.array([3.0]))[0]).all()
