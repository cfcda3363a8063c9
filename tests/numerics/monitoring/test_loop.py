"""LOOP is calibrated on loops, and sees a drift."""

import numpy as np
import pytest
from scipy.special import ndtr, stdtr
from scipy.stats import binomtest

from numerics.monitoring.loop import (
    LONGEST,
    WALK,
    _parts,
    _student_below,
    covariance,
    log_loop,
    log_trend,
)
from numerics.monitoring.signs import log_symmetric
from numerics.monitoring.wandering import PREDICTIVES, log_predictive
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


def wandering(name, count=600, length=80):
    """A walk of Laplace steps whose volatility is a walk itself."""
    rng = noise(name)
    size = np.exp(np.cumsum(0.3 * rng.standard_normal((count, length)), axis=1))
    return np.cumsum(rng.laplace(size=(count, length)) * size, axis=1)


def test_the_level_is_kept_where_volatility_wanders():
    assert not too_many(log_loop(wandering("wanders")))


def test_without_predictive_nulls_it_is_not(monkeypatch):
    monkeypatch.setattr("numerics.monitoring.loop.PREDICTIVES", ())
    assert too_many(log_loop(wandering("wanders")))


def test_predictive_densities_are_densities():
    """The mean ratio of the next value's density to a Gaussian walk's is one under the walk."""
    y = np.cumsum(noise("density").standard_normal((20_000, 4)), axis=1)
    y = y - y[:, :1]
    _, _, _, log_scale, rss = _parts(y, WALK)
    walk = -0.5 * (log_scale + np.maximum(np.arange(4.0), 1) * np.log(rss))
    for model in PREDICTIVES:
        ratio = np.exp(log_predictive(y, model, walk) - walk)[:, 3]
        assert ratio.mean() == pytest.approx(1, abs=6 * ratio.std() / np.sqrt(ratio.size))
        # The same check sees a density that forgot its constant.
        assert abs(1.2 * ratio.mean() - 1) > 6 * 1.2 * ratio.std() / np.sqrt(ratio.size)


def dropped(fall, count=40, length=60):
    y = 0.03 * noise(f"drop{fall}").standard_normal((count, length))
    y[:, 20:] -= fall
    return y


def test_a_lasting_drop_is_seen_within_ten_generations():
    level = np.log(100)
    seen = log_trend(dropped(0.3), log_symmetric(dropped(0.3))) >= level
    assert np.median(np.where(seen.any(axis=1), seen.argmax(axis=1), 1000)) <= 30
    blind = log_trend(dropped(0.3), log_symmetric(dropped(0.3)), drops=False) >= level
    assert not blind[:, :40].any(axis=1).mean() > 0.1


def test_a_drop_that_is_taken_back_is_none():
    y = dropped(0.0)
    y[:, 20] -= 0.3
    assert not (log_loop(y) >= np.log(100)).any(axis=1).mean() > 0.05


def test_students_law_by_a_normal_one():
    freedom, score = np.arange(3.0, 200.0)[:, None], np.linspace(0, 40, 400)
    gap = np.log(_student_below(freedom, score)) - np.log(stdtr(freedom, score))
    assert np.abs(gap).max() < 0.002
    assert np.abs(np.log(ndtr(score)) - np.log(stdtr(freedom, score))).max() > 0.02
