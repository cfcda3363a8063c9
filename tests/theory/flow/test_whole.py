"""The flow of whole matrices against the three numbers, against draws, and with a raw ridge."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.streams import Stream
from theory.errors import InvalidInput
from theory.flow import FlowProblem, whole_path
from theory.flow.population import Bundle, path
from theory.vocabulary import Accumulate, FreshReal, Replace, Workflow

ROOT = np.array([[2.0, 0, 0], [0.5, 1.0, 0], [-1.0, 0.3, 0.7]])
MEAN = np.array([1.0, -2.0, 0.5])


@pytest.mark.parametrize("workflow", [Replace(), Accumulate(), FreshReal(0.2)])
@pytest.mark.parametrize(("distance", "alpha"), [(0.3, 0.9), (3.0, 0.1), (12.0, 0.001)])
def test_it_meets_the_three_numbers(workflow: Workflow, distance: float, alpha: float) -> None:
    target = MEAN + ROOT @ (distance * np.array([1, 2, 2]) / 3)
    sigma = ROOT @ ROOT.T
    flow = whole_path(workflow, MEAN, sigma, target, alpha, 8)
    three = FlowProblem.from_target(workflow, MEAN, sigma, target, alpha)
    walk = path(Bundle.of([three]), 8)
    np.testing.assert_allclose(flow.log_trace, walk.log_trace[0], atol=1e-8)
    left = np.linalg.norm(np.linalg.solve(ROOT, (flow.mean - target).T), axis=0)
    np.testing.assert_allclose(left, walk.gap[0], rtol=1e-7, atol=1e-9)
    other = whole_path(workflow, MEAN, sigma, target, 1.01 * alpha, 8)
    assert np.abs(other.log_trace - walk.log_trace[0]).max() > 1e-4


def test_one_step_without_symmetry_against_draws() -> None:
    target = np.array([4.0, 1.0, -2.0])
    flow = whole_path(Replace(), MEAN, ROOT @ ROOT.T, target, 0.05, 1, metric=np.eye(3))
    rng = Stream("flow", "a step without symmetry").generator()
    x = rng.standard_normal((2_000_000, 3)) @ ROOT.T + MEAN
    kept = x[np.argpartition(((x - target) ** 2).sum(axis=1), 100_000)[:100_000]]
    error = np.sqrt(np.diag(flow.covariance[1]) / 100_000)
    assert (np.abs(kept.mean(axis=0) - flow.mean[1]) < 6 * error).all()
    np.testing.assert_allclose(np.cov(kept.T), flow.covariance[1], atol=6 * 0.005)
    wrong = whole_path(Replace(), MEAN, ROOT @ ROOT.T, target, 0.05, 1)
    assert (np.abs(kept.mean(axis=0) - wrong.mean[1]) > 6 * error).any()


def test_a_raw_ridge_ends_the_shrinking() -> None:
    target = MEAN + ROOT @ np.array([1.0, 2.0, 2.0])
    sigma = ROOT @ ROOT.T
    with_ridge = whole_path(Replace(), MEAN, sigma, target, 0.1, 40, ridge=1e-4)
    without = whole_path(Replace(), MEAN, sigma, target, 0.1, 40)
    assert np.log(3e-4) < with_ridge.log_trace[-1] < np.log(1e-3)
    assert without.log_trace[-1] < -30
    np.testing.assert_allclose(with_ridge.log_trace[:3], without.log_trace[:3], atol=1e-2)


def test_bad_input_is_named() -> None:
    with pytest.raises(InvalidInput, match="target"):
        whole_path(Replace(), [0, 0], np.eye(2), [1], 0.5, 1)
    with pytest.raises(InvalidInput, match="metric"):
        whole_path(Replace(), [0, 0], np.eye(2), [1, 1], 0.5, 1, metric=-np.eye(2))
    with pytest.raises(InvalidInput, match="kept_fraction"):
        whole_path(Replace(), [0, 0], np.eye(2), [1, 1], 0.0, 1)
