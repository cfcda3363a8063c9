"""How the evidence of several runs is joined."""

import numpy as np
import pytest
from scipy.stats import binomtest

from numerics.monitoring.pooling import mean_path, pooled
from numerics.monitoring.signs import symmetric_factors
from numerics.monitoring.trend import joined
from numerics.streams import Stream


def test_independent_runs_multiply_and_others_average():
    runs = [np.log([1.0, 2.0]), np.log([1.0, 4.0, 8.0])]
    assert np.exp(pooled(runs, True)) == pytest.approx([1, 8, 16])
    assert np.exp(pooled(runs, False)) == pytest.approx([1, 3, 5])


def test_the_mean_path_goes_on_when_a_run_ends():
    runs = [np.array([1.0, 2.0, 3.0, 7.0]), np.array([0.0, -1.0])]
    assert mean_path(runs).tolist() == [0, 0, 1, 5]


def paths(null, count, drift):
    """Evidence of `count` loops of three independent runs each, of unequal length."""
    rng = Stream("pooling", f"{null}{drift}", {}, "test").generator()
    for _ in range(count):
        steps = rng.standard_normal((3, 40)) - drift
        runs = [
            np.r_[0.0, np.cumsum(each[:length])]
            for each, length in zip(steps, (40, 40, 25), strict=True)
        ]
        yield joined(null, runs, ["a", "b", "c"], symmetric_factors)


@pytest.mark.parametrize("null", ["symmetric", "loop"])
def test_independent_runs_keep_the_level_together(null):
    hits = sum(path.max() >= np.log(20) for path in paths(null, 80, 0.0))
    assert binomtest(hits, 80, 0.05, alternative="greater").pvalue > 1e-4


@pytest.mark.parametrize("null", ["symmetric", "loop"])
def test_the_same_check_notices_a_drift_that_no_run_shows_alone(null):
    hits = sum(path.max() >= np.log(20) for path in paths(null, 25, 0.5))
    assert binomtest(hits, 25, 0.05, alternative="greater").pvalue < 1e-4


def test_a_run_that_bets_twice_breaks_the_level():
    """What is averaged where seeds are shared would be counted as news if it were multiplied."""
    rng = Stream("pooling", "twice", {}, "test").generator()
    hits = 0
    for _ in range(100):
        run = np.r_[0.0, np.cumsum(rng.standard_normal(40))]
        path = joined("symmetric", [run] * 8, list("abcdefgh"), symmetric_factors)
        hits += path.max() >= np.log(20)
    assert binomtest(hits, 100, 0.05, alternative="greater").pvalue < 1e-4
