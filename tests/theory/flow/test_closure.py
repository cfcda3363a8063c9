"""The law carried through the whole step: its first order is the expansion's, and its limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from theory.flow import FlowProblem, predict_all
from theory.flow.closure import WEIGHTS, advance, log_trace, points, start
from theory.flow.population import Bundle, path
from theory.vocabulary import Accumulate

CELLS = [(2, 3.0, 0.5), (5, 8.0, 0.2), (10, 2.72, 0.05)]


def test_the_first_order_is_the_expansions() -> None:
    """Two derivations of the term in 1/n, of the mean and of the variance."""
    n, times = 100_000, [1, 2, 5, 20, 40]
    rows = [FlowProblem(Accumulate(), d, b, alpha, sample_size=n) for d, b, alpha in CELLS]
    series = [replace(each, trace_mixed=1e-12) for each in rows]
    seen = predict_all(rows + series, times)
    for mine, other in zip(seen[:3], seen[3:], strict=True):
        first = n * (other.log_trace - other.population)
        apart = n * (mine.log_trace - mine.population) - first
        scale = np.abs(first).max()
        assert scale > 0.1
        assert np.abs(apart).max() < 0.03 * scale
        np.testing.assert_allclose(mine.log_trace_sd, other.log_trace_sd, rtol=0.005)
    # The twin: another problem's first order is not this one's.
    first = [n * (each.log_trace - each.population) for each in seen]
    assert np.abs(first[0] - first[4]).max() > 0.03 * np.abs(first[4]).max()


def test_the_points_have_the_covariance_they_stand_for() -> None:
    bundle = Bundle.of([FlowProblem(Accumulate(), 4, 3.0, 0.2, sample_size=50)])
    law, guess = start(bundle), None
    for t in (1, 2, 3):
        law, guess = advance(bundle, law, t, guess)
    x = points(law)
    mean = np.einsum("p,pri->ri", WEIGHTS, x)
    np.testing.assert_allclose(mean, law.mean, rtol=1e-12)
    apart = x - mean
    covariance = np.einsum("p,pri,prj->rij", WEIGHTS, apart, apart)
    np.testing.assert_allclose(covariance, law.covariance, rtol=1e-9, atol=1e-15)
    assert np.linalg.eigvalsh(law.covariance[0])[0] > 0


@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_with_very_many_points_it_is_the_population_flow(ridge: float) -> None:
    rows = [
        FlowProblem(Accumulate(), d, b, alpha, sample_size=10**9, ridge=ridge)
        for d, b, alpha in CELLS
    ]
    bundle = Bundle.of(rows)
    law, guess = start(bundle), None
    for t in range(1, 13):
        law, guess = advance(bundle, law, t, guess)
    logs, variance = log_trace(law, bundle)
    flow = path(bundle, 12)
    np.testing.assert_allclose(logs, flow.log_trace[:, 12], atol=2e-5)
    assert (np.abs(logs - flow.log_trace[:, 11]) > 1e-3).all()
    assert (variance < 1e-7).all()
