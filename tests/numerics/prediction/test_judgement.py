"""The verdict: calibrated over correlated generations, and able to fail."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics.prediction.cells import Cell, coverage, make_cells, simultaneous_bound
from numerics.prediction.judgement import Outcome, judge
from numerics.streams import Stream

RUNS, CELLS, TIMES = 10, 8, 4000
BOUND = simultaneous_bound(0.99, CELLS)


def experiments(shift: float, correlation: float, noise: float = 1.0) -> list[Outcome]:
    """Verdicts over many experiments whose last cell is off by `shift` of its resolution."""
    rng = Stream("feed", "judged experiments", {"correlation": correlation}).generator()
    spread = np.linspace(0.05, 0.2, RUNS)[:, None] * np.ones(CELLS)
    own = np.full((RUNS, CELLS), 1e-4)
    times = np.arange(1, CELLS + 1)

    def cells(residual: NDArray[np.float64]) -> tuple[Cell, ...]:
        return make_cells(times, residual, spread, np.zeros_like(spread), own, BOUND)

    resolution = cells(np.zeros((RUNS, CELLS)))[-1].resolution
    found = []
    for _ in range(TIMES):
        shared = rng.standard_normal((RUNS, 1))
        single = rng.standard_normal((RUNS, CELLS))
        z = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * single
        residual = noise * z * spread
        residual[:, -1] += shift * resolution
        found.append(judge(cells(residual), RUNS, BOUND, 0.5, "Tr")[0])
    return found


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_a_true_prediction_is_rarely_refuted(correlation: float) -> None:
    found = experiments(0.0, correlation)
    # 1 % at most, and four standard deviations of the count.
    assert found.count(Outcome.REFUTED) <= 0.01 * TIMES + 4 * np.sqrt(0.01 * TIMES)
    assert found.count(Outcome.AGREES) >= 0.98 * TIMES


def test_understated_spreads_would_be_noticed_by_that_count() -> None:
    assert experiments(0.0, 0.0, noise=1.5).count(Outcome.REFUTED) > 0.05 * TIMES


def test_a_shift_of_the_resolution_is_seen_in_nine_experiments_of_ten() -> None:
    seen = experiments(1.0, 0.9).count(Outcome.REFUTED) / TIMES
    assert 0.88 <= seen <= 0.93
    assert experiments(0.5, 0.9).count(Outcome.REFUTED) / TIMES < 0.3


def one(ratio: float, error: float, allowance: float) -> tuple[Cell, ...]:
    return (Cell(5, 0.0, ratio, error, ratio / error, allowance, 4 * error + allowance, 1.0, 0.9),)


@pytest.mark.parametrize(
    ("cells", "runs", "outcome", "words"),
    [
        ((), 10, Outcome.CANNOT_TELL, "no generation"),
        (one(0.0, 0.01, 0.0), 2, Outcome.CANNOT_TELL, "2 runs"),
        (one(0.0, 0.01, 0.0), 3, Outcome.AGREES, "0.04"),
        (one(0.0, 0.3, 0.0), 10, Outcome.CANNOT_TELL, "smallest shift"),
        (one(0.1, 0.01, 0.0), 10, Outcome.REFUTED, "t = 5"),
        (one(0.1, 0.01, 0.2), 10, Outcome.CANNOT_TELL, "off by itself"),
    ],
)
def test_each_verdict_says_why(
    cells: tuple[Cell, ...], runs: int, outcome: Outcome, words: str
) -> None:
    found, reason = judge(cells, runs, 3.0, 0.5, "Tr")
    assert found is outcome
    assert words in reason


def test_coverage_resamples_whole_runs() -> None:
    spread = np.ones((4, 50))
    half = np.repeat([[0.0], [0.0], [9.0], [9.0]], 50, axis=1)
    share, (low, high) = coverage(half, spread, "half")
    assert share == 0.5
    # Cells resampled one by one would give 0.5 +- 0.07.
    assert low == 0.0
    assert high == 1.0
    assert coverage(half, spread, "half") == (share, (low, high))
