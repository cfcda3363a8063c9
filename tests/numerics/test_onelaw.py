"""Raw points and statistics have one law, and a planted fault in either is seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats

import numerics.workflow
from numerics.batch import statistics_batch
from numerics.selection import Rule
from numerics.settingstrategies import settings
from numerics.simulation import replicates, simulate
from numerics.trajectories import measure
from theory.setting import Setting
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    KeepAll,
    Replace,
)

WORKFLOWS = (Replace(), Accumulate(), AccumulateSubsample(), FreshReal(0.25), FixedReal(2))
NAMES = ("log_variance", "log_det", "squared_drift", "squared_w2", "tail_mass")


def one_law(setting, generation=3, count=3000, names=NAMES, salt="c0ffee"):
    """Least p-value, over the quantities, of raw against statistics (Kolmogorov and Smirnov)."""
    raw, short = (
        simulate(setting, generation, count, salt, method=m, quantities=names, at=[generation])
        for m in ("raw", "statistics")
    )
    least = 1.0
    for name in names:
        pair = [measure(each, name, generation) for each in (raw, short)]
        singular = [np.isneginf(each) for each in pair]
        assert singular[0].all() == singular[1].all() == singular[0].any() == singular[1].any()
        if not singular[0].all():
            least = min(least, float(stats.ks_2samp(*pair).pvalue))
    return least


@given(settings(max_sample_size=30, max_dimension=3))
@hypothesis_settings(max_examples=50, deadline=None, derandomize=True)
def test_statistics_and_raw_points_have_one_law(setting):
    assume(isinstance(setting.selection, KeepAll))
    assume(not isinstance(setting.workflow, AccumulateSubsample))
    assert one_law(setting) > 1e-6


@pytest.mark.nightly
@given(settings(max_sample_size=200, max_dimension=5), st.integers(1, 8))
@hypothesis_settings(max_examples=300, deadline=None, derandomize=True)
def test_statistics_and_raw_points_have_one_law_widely(setting, generation):
    assume(isinstance(setting.selection, KeepAll))
    assume(not isinstance(setting.workflow, AccumulateSubsample))
    assert one_law(setting, generation, 10_000) > 1e-8


def _one_degree_short(rng, count, rule, *, mean=True):
    batch = statistics_batch(rng, count, Rule(rule.dimension, rule.kept - 1), mean=mean)
    return type(batch)(batch.mean * np.sqrt(1 - 1 / rule.kept), batch.root)


def _mean_of_one_point(rng, count, rule, *, mean=True):
    batch = statistics_batch(rng, count, rule, mean=mean)
    return type(batch)(batch.mean * np.sqrt(rule.kept), batch.root)


def _no_triangle(rng, count, rule, *, mean=True):
    batch = statistics_batch(rng, count, rule, mean=mean)
    return type(batch)(batch.mean, batch.root * np.eye(rule.dimension))


@pytest.mark.parametrize("fault", [_one_degree_short, _mean_of_one_point, _no_triangle])
@pytest.mark.parametrize("workflow", [each for each in WORKFLOWS if each.name[-9:] != "subsample"])
def test_the_comparison_of_laws_sees_a_fault(workflow, fault, monkeypatch):
    setting = Setting(workflow=workflow, sample_size=8, dimension=2)
    assert one_law(setting) > 1e-6
    monkeypatch.setattr(numerics.workflow, "statistics_batch", fault)
    assert one_law(setting) < 1e-9


@pytest.mark.parametrize("method", ["raw", "statistics"])
@pytest.mark.parametrize("size", [3, 40])
def test_one_generation_is_chi_square(method, size):
    runs = simulate(
        Setting(sample_size=size, dimension=2, sigma_0=3, fit="unbiased", temperature=0.5),
        1,
        20_000,
        "c0ffee",
        method=method,
        quantities=("variance", "squared_drift"),
    )
    scatter = measure(runs, "variance", 1) * (size - 1) / (9 * 0.5)
    assert stats.kstest(scatter, stats.chi2(2 * (size - 1)).cdf).pvalue > 1e-4
    drift = measure(runs, "squared_drift", 1) * size / (9 * 0.5)
    assert stats.kstest(drift, stats.chi2(2).cdf).pvalue > 1e-4
    assert stats.kstest(scatter, stats.chi2(2 * size).cdf).pvalue < 1e-9


def test_statistics_do_not_draw_what_nobody_asks_for():
    class Counting:
        """Count the normal numbers that are drawn."""

        def __init__(self):
            self.rng, self.normals = np.random.default_rng(1), 0

        def standard_normal(self, size):
            self.normals += int(np.prod(size))
            return self.rng.standard_normal(size)

        def chisquare(self, degrees, size):
            return self.rng.chisquare(degrees, size)

    for quantity, normals in (("variance", 0), ("log_det", 0), ("squared_drift", 500)):
        rng = Counting()
        replicates(Setting(sample_size=9), quantity, 5, rng, 100)
        assert rng.normals == normals
