"""LOOP is calibrated on loops, and sees a drift."""

import numpy as np
import pytest
from scipy.stats import binomtest

from numerics.monitoring.loop import LONGEST, covariance, log_loop, log_trend
from numerics.monitoring.signs import log_symmetric
from numerics.streams import Stream


def noise(name):
    return Stream("loop", name, {}, "test").generator()


def too_many(log_e, alpha=0.05):
    hits = int((log_e.max(axis=1) >= np.log(1 / alpha)).sum())
    return binomtest(hits, len(log_e), alpha, alternative="greater").pvalue < 1e-4


def autoregressive(phi, rng, count=600, length=80):
    found = rng.standard_normal((count, length))
    for t in range(1, length):
        found[:, t] += phi * found[:, t - 1]
    return found


@pytest.mark.parametrize("phi", [0.0, 0.7, 0.93, 1.0])
def test_the_level_is_kept_on_loops(phi):
    y = autoregressive(phi, noise(f"{phi}"))
    assert not too_many(log_trend(y, log_symmetric(y)))


@pytest.mark.parametrize("phi", [0.0, 1.0])
def test_the_same_check_notices_a_drift(phi):
    y = autoregressive(phi, noise(f"{phi}")) - np.arange(80)
    assert too_many(log_trend(y, log_symmetric(y)))


def test_level_and_scale_do_not_matter():
    y = autoregressive(0.9, noise("level"), 2)
    assert log_loop(1e3 + 7 * y) == pytest.approx(log_loop(y), abs=1e-6)


def test_evidence_does_not_look_ahead():
    y = autoregressive(0.9, noise("ahead"), 2)
    # Drifts that begin later are no models of a short record, so only their weight is missing.
    short, long = log_loop(y[:, :70]), log_loop(y)[:, :70]
    assert short == pytest.approx(long, abs=1e-6)


def test_a_constant_and_a_short_record_say_nothing():
    assert not log_loop(np.ones((1, 20))).any()
    assert not log_loop(np.array([[3.0, 2.0, 1.0]])).any()


def test_a_long_record_rests():
    found = log_loop(np.arange(LONGEST + 50.0)[None])
    assert found.shape == (1, LONGEST + 50)
    assert np.ptp(found[0, LONGEST - 1 :]) == 0


def test_covariance_of_a_walk():
    assert covariance("start", 1.0, 0.0, 3) == pytest.approx(
        np.array([[0, 0, 0], [0, 1, 1], [0, 1, 2]]), abs=1e-5
    )
