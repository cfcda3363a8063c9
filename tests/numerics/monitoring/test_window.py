"""A record is cut on a ridge and at zero, and nowhere else."""

import numpy as np
import pytest

from numerics.monitoring.metrics import Metric
from numerics.monitoring.window import usable

TRACE = Metric("trace", "log", "down")
T = np.arange(101)


@pytest.mark.parametrize("given", [None, 1e-6, 1e-9])
def test_a_ridge_is_cut(given):
    found = usable(T, np.exp(-T) + 1e-6, TRACE, given)
    assert found.length == pytest.approx(12, abs=1)
    assert "floor" in found.note


@pytest.mark.parametrize("fall", [np.exp(-T), np.exp(-0.2 * T), (T + 1.0) ** -1.4, np.ones(101)])
def test_a_fall_that_goes_on_is_not(fall):
    assert usable(T, fall, TRACE).length == 101


def test_only_logs_are_cut():
    assert usable(T, np.zeros(101), Metric("w", "raw", "down")).length == 101


def test_a_slow_steady_fall_is_no_ridge():
    t = np.arange(151)
    slow = 1e-4 * (t + 1.0) ** -0.75
    slow[0] = 1.0
    still = np.where(t < 10, 10.0 ** -t.astype(float), 1e-9 * (1.2 + np.cos(t)) / 1.2)
    trace = Metric("trace", "log", "down")
    assert usable(t, slow, trace).length == 151
    assert "floor" in usable(t, np.where(t < 10, still, 1e-9), trace).note
