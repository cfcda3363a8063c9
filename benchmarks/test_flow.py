"""Time of predictions of 300 generations, the mean, corrections and bands included."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.flow import FlowProblem, predict, predict_all
from theory.vocabulary import Accumulate

DISTANCES = (8.22, 2.72, 6.61, 2.72, 15.52, 6.18, 12.92, 6.53, 11.98, 7.2)


def test_ten_settings_of_three_hundred_generations(benchmark: Any) -> None:
    rows = [FlowProblem(Accumulate(), 10, b, 0.05, sample_size=100) for b in DISTANCES]
    result = benchmark(predict_all, rows, 300)
    assert len(result) == 10
    assert result[4].log_trace.shape == (301,)


def test_ten_settings_that_weigh_directions_unequally(benchmark: Any) -> None:
    metric = np.diag(np.geomspace(0.3, 3.0, 10))
    rows = [
        FlowProblem.from_target(
            Accumulate(), np.zeros(10), metric, b * metric[0] ** 0.5, 0.05, sample_size=100
        )
        for b in DISTANCES
    ]
    assert rows[0].trace_traceless > 0
    result = benchmark(predict_all, rows, 300)
    assert result[4].log_trace.shape == (301,)


def test_one_setting_alone(benchmark: Any) -> None:
    problem = FlowProblem(Accumulate(), 10, 8.22, 0.05, sample_size=100)
    assert benchmark(predict, problem, 300).log_trace.shape == (301,)
