"""Intervals for a mean: they cover, also where a normal interval would not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.evidence.interval import Interval, mean_interval
from numerics.streams import Stream
from theory.errors import InvalidInput

# A rare large value: mean 1, variance 999; most samples of 300 hold none.
RARE, VARIANCE = 0.001, 999.0


def misses(level, variance, runs=2000):
    rng = Stream("c0ffee", "interval").generator()
    missed = 0
    for _ in range(runs):
        draws = (rng.random(300) < RARE) / RARE
        found = mean_interval(draws, level, variance)
        missed += not found.low <= 1.0 <= found.high
    return missed / runs


def test_the_exact_interval_covers_a_law_on_which_the_normal_one_fails():
    level = math.log(2 / 0.05)
    assert misses(level, VARIANCE) <= 0.05
    assert misses(level, None) > 0.5


def test_a_bound_that_is_too_small_would_be_noticed():
    assert misses(math.log(2 / 0.05), VARIANCE / 1000) > 0.05


def test_the_exact_interval_is_hardly_wider_than_its_formula():
    draws = Stream("c0ffee", "width").generator().standard_normal(100_000)
    found = mean_interval(draws, 10.0, 1.0)
    assert found.low < draws.mean() < found.high
    assert found.high - found.low == pytest.approx(2 * math.sqrt(2 * 10 / 100_000), rel=0.02)


def test_it_moves_and_turns_with_the_draws():
    draws = Stream("c0ffee", "moves").generator().exponential(size=5000)
    found = mean_interval(draws, 8.0, 1.0)
    moved, turned = mean_interval(draws + 100, 8.0, 1.0), mean_interval(-draws, 8.0, 1.0)
    assert (moved.low, moved.high) == pytest.approx((found.low + 100, found.high + 100), abs=1e-3)
    assert (-turned.high, -turned.low) == pytest.approx((found.low, found.high))


def test_one_huge_draw_does_not_carry_it_away():
    draws = np.zeros(10_000)
    draws[0] = 1e12
    # It counts as its logarithm: phi(b 1e12)/(N b) = 0.12 beside a width of 0.04.
    assert mean_interval(draws, 8.0, 1.0).high < 0.17
    assert mean_interval(draws, 8.0).high > 1e6


def test_sizes():
    assert Interval(-3, -1).size == Interval(1, 3)
    assert Interval(-3, 1).size == Interval(0, 3)
    assert Interval(1, 3).size == Interval(1, 3)


@pytest.mark.parametrize(
    ("level", "variance", "count"),
    [(0, 1, 9), (math.inf, 1, 9), (1, 0, 9), (1, math.nan, 9), (1, None, 1)],
)
def test_misuse_is_told(level, variance, count):
    with pytest.raises(InvalidInput):
        mean_interval(np.ones(count), level, variance)
