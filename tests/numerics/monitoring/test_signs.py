"""Exact e-processes keep their level on their own nulls; a bet that looks ahead does not."""

import numpy as np
import pytest
from scipy.stats import binomtest

from numerics.monitoring.signs import (
    log_exchangeable,
    log_faster_than_replace,
    log_start_mixture,
    log_symmetric,
)
from numerics.streams import Stream
from theory.errors import RunsError

HISTORIES, LENGTH = 1500, 80


def noise(name):
    return Stream("signs", name, {}, "test").generator()


def too_many(log_e, alpha=0.05):
    hits = int((log_e.max(axis=1) >= np.log(1 / alpha)).sum())
    return binomtest(hits, len(log_e), alpha, alternative="greater").pvalue < 1e-4


def replaced(n, d, faster=1.0):
    rng = noise(f"replace {n} {d}")
    steps = sum(np.log(rng.chisquare(n - j, (HISTORIES, LENGTH)) / n) for j in range(1, d + 1))
    return np.cumsum(faster * steps, axis=1)


NULLS = {
    "symmetric": lambda: log_symmetric(
        np.cumsum(noise("s").standard_cauchy((HISTORIES, LENGTH)), 1)
    ),
    "exchangeable": lambda: log_exchangeable(noise("e").exponential(size=(HISTORIES, LENGTH))),
    "ties": lambda: log_exchangeable(noise("t").poisson(1.0, (HISTORIES, LENGTH)).astype(float)),
    "theory": lambda: log_faster_than_replace(replaced(30, 3), 30, 3),
}
TWINS = {
    "a walk is not exchangeable": lambda: log_exchangeable(
        np.cumsum(noise("w").standard_normal((HISTORIES, LENGTH)), 1)
    ),
    "twice as fast": lambda: log_faster_than_replace(replaced(30, 3, 2.0), 30, 3),
    "a drift": lambda: log_symmetric(
        np.cumsum(noise("d").standard_normal((HISTORIES, LENGTH)) - 0.6, 1)
    ),
}


@pytest.mark.parametrize("name", NULLS)
def test_the_level_is_kept_on_its_own_null(name):
    assert not too_many(NULLS[name]())


@pytest.mark.parametrize("name", TWINS)
def test_the_same_check_notices_what_is_no_null(name):
    assert too_many(TWINS[name]())


def test_an_uncalibrated_detector_fails_the_check():
    """Three sigma below the past, looked at in every generation: what people do."""
    heights = np.cumsum(noise("three").standard_normal((HISTORIES, LENGTH)), 1)
    alarm = np.zeros_like(heights)
    for t in range(10, LENGTH):
        past = heights[:, :t]
        alarm[:, t] = 10.0 * (heights[:, t] < past.mean(axis=1) - 3 * past.std(axis=1))
    assert too_many(alarm)


def test_mean_evidence_is_one_under_fair_signs():
    """All 2^8 sign patterns of given sizes: the mean is exactly 1."""
    sizes = np.array([1.0, 0.2, 3.0, 1.0, 0.5, 2.0, 0.1, 1.5])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 8)).reshape(8, -1).T
    heights = np.cumsum(np.c_[np.zeros(256), signs * sizes], axis=1)
    assert np.exp(log_symmetric(heights))[:, -1].mean() == pytest.approx(1, rel=1e-12)


def test_mean_evidence_is_one_over_all_orders():
    from itertools import permutations

    orders = np.array(list(permutations(range(6))), dtype=float)
    assert np.exp(log_exchangeable(orders))[:, -1].mean() == pytest.approx(1, rel=1e-12)


def test_weights_of_beginnings_sum_to_one():
    assert np.exp(log_start_mixture(np.zeros((1, 50)))) == pytest.approx(1)


def test_evidence_does_not_look_ahead():
    heights = np.cumsum(noise("ahead").standard_normal((3, 60)), 1)
    for process in (log_symmetric, log_exchangeable):
        assert process(heights[:, :30]) == pytest.approx(process(heights)[:, :30])


def test_constant_records_say_nothing():
    assert log_symmetric(np.zeros((1, 30))) == pytest.approx(0)


def test_the_theory_null_needs_moments():
    with pytest.raises(RunsError, match="n > d"):
        log_faster_than_replace(np.zeros((1, 3)), 5, 4)
