"""Time of a prediction: ten settings, 300 generations, corrections and bands included."""

from __future__ import annotations

from typing import Any

from theory.flow import FlowProblem, predict_all
from theory.vocabulary import Accumulate


def test_ten_settings_of_three_hundred_generations(benchmark: Any) -> None:
    distances = (8.22, 2.72, 6.61, 2.72, 15.52, 6.18, 12.92, 6.53, 11.98, 7.2)
    rows = [FlowProblem(Accumulate(), 10, b, 0.05, sample_size=100) for b in distances]
    result = benchmark(predict_all, rows, 300)
    assert len(result) == 10
    assert result[4].log_trace.shape == (301,)
