"""Simulated trajectories: both ways to one law, determinism, centring, bad input."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from scipy import stats

import numerics.workflow
import theory.vocabulary
from numerics.simulation import paths, replicates, simulate
from numerics.trajectories import measure
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.vocabulary import (
    QUANTITIES,
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    Replace,
    TopFraction,
)

WORKFLOWS = (Replace(), Accumulate(), AccumulateSubsample(), FreshReal(0.25), FixedReal(2))
NAMES = ("log_variance", "log_det", "squared_drift", "squared_w2", "tail_mass")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)
def test_the_same_salt_gives_the_same_numbers(workflow):
    setting = Setting(workflow=workflow, selection=TopFraction(candidates=20), sample_size=8)

    def run(salt, **changes):
        return simulate(setting, 3, 200, salt, quantities=QUANTITIES, **changes).values

    first, again, other = run("c0ffee"), run("c0ffee"), run("decaf")
    for name in QUANTITIES:
        assert np.array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])
    assert not np.array_equal(first["variance"], run("c0ffee", content="else")["variance"])
    same = Setting(
        workflow=workflow, selection=TopFraction(candidates=20), sample_size=8, sigma_0=Fraction(1)
    )
    equal = simulate(same, 3, 200, "c0ffee", quantities=QUANTITIES).values
    assert all(np.array_equal(first[name], equal[name]) for name in QUANTITIES)


def test_a_fresh_salt_is_kept_with_the_runs():
    first = simulate(Setting(sample_size=5), 1, 50)
    assert first.salt != simulate(Setting(sample_size=5), 1, 50).salt
    again = simulate(Setting(sample_size=5), 1, 50, first.salt)
    assert np.array_equal(first.values["variance"], again.values["variance"])


def test_chunks_are_independent_and_whole():
    setting = Setting(sample_size=5, dimension=4)
    few = simulate(setting, 2, 4096, "c0ffee").values["variance"]
    many = simulate(setting, 2, 10_000, "c0ffee").values["variance"]
    assert np.array_equal(few, many[:4096])
    assert len(np.unique(many[:, -1])) == 10_000


def test_recording_fewer_generations_does_not_change_them():
    setting = Setting(workflow=Accumulate(), sample_size=5)
    whole = simulate(setting, 6, 100, "c0ffee")
    part = simulate(setting, 6, 100, "c0ffee", at=[5, 2])
    assert part.at == (2, 5)
    for generation in (2, 5):
        assert np.array_equal(
            measure(whole, "variance", generation), measure(part, "variance", generation)
        )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)
def test_generation_zero_has_the_true_parameters(workflow):
    covariance = ((4.0, 1.0), (1.0, 2.0))
    runs = simulate(
        Setting(workflow=workflow, sample_size=8, dimension=2, covariance=covariance),
        0,
        3,
        "c0ffee",
        quantities=QUANTITIES,
    )
    expected = dict.fromkeys(QUANTITIES, 0.0) | {
        "variance": 6.0,
        "variance_squared": 36.0,
        "log_variance": np.log(6),
        "log_det": np.log(7),
        "tail_mass": 0.01,
    }
    for name, value in expected.items():
        assert measure(runs, name, 0) == pytest.approx(np.full(3, value), abs=1e-12)


@pytest.mark.parametrize("method", ["raw", "statistics"])
def test_centred_where_the_naive_loop_has_collapsed_to_zero(method):
    setting = Setting(sample_size=10)
    runs = simulate(
        setting, 400, 500, "c0ffee", method=method, quantities=["log_variance"], at=[1, 400]
    )
    late, one = (measure(runs, "log_variance", t) for t in (400, 1))
    # log variances of single generations add up, so 400 of them have 400 times the mean of one.
    margin = 4 * np.hypot(400 * one.std(), late.std()) / np.sqrt(500)
    assert late.mean() == pytest.approx(400 * one.mean(), abs=margin)
    assert np.median(late) < np.log(1e-16**2)  # most runs are below rounding, next to a mean of 3

    rng, mean, deviation = np.random.default_rng(1), np.full(500, 3.0), np.ones(500)
    for _ in range(400):
        points = mean[:, None] + deviation[:, None] * rng.standard_normal((500, 10))
        mean, deviation = points.mean(axis=1), points.std(axis=1)
    # The faulty twin: many naive runs end at a spread of exactly 0, and the same check fails.
    with np.errstate(divide="ignore"):
        assert abs(np.log(deviation**2).mean() - 400 * one.mean()) > margin


@pytest.mark.parametrize("method", ["raw", "statistics"])
def test_logarithms_outlive_the_smallest_float(method):
    names = ["variance", "log_variance", "log_det", "kl_model_to_start", "kl_start_to_model"]
    runs = simulate(
        Setting(sample_size=4, dimension=2),
        1600,
        50,
        "c0ffee",
        method=method,
        quantities=names,
        at=[800, 1600],
    )
    assert (measure(runs, "variance", 1600) == 0).all()
    for name in ("log_variance", "log_det"):
        early, late = (measure(runs, name, t) for t in (800, 1600))
        assert np.isfinite(late).all()
        assert late.mean() == pytest.approx(2 * early.mean(), rel=0.05)
    assert np.isfinite(measure(runs, "kl_model_to_start", 1600)).all()
    assert np.isposinf(measure(runs, "kl_start_to_model", 1600)).all()


def test_one_real_point_collapses_around_itself():
    # A single real point holds no spread: the models shrink onto it at a steady rate, which is lost
    # unless the mean is kept relative to that point.
    setting = Setting(workflow=FixedReal(1), sample_size=4)
    runs = simulate(setting, 1500, 200, "c0ffee", quantities=["log_variance"], at=[500, 1000, 1500])
    first, second, third = (measure(runs, "log_variance", t).mean() for t in (500, 1000, 1500))
    assert first < -80
    assert third - second == pytest.approx(second - first, rel=0.1)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)
@pytest.mark.parametrize("method", ["raw", "statistics"])
@pytest.mark.parametrize("size", [3, 4, 5])
def test_singular_fits_are_facts(workflow, method, size):
    setting = Setting(
        workflow=FreshReal(Fraction(1, size)) if workflow.name == "fresh-real" else workflow,
        sample_size=size,
        dimension=5,
    )
    if workflow.name == "accumulate-subsample":
        method = "raw"
    runs = simulate(setting, 4, 40, "c0ffee", method=method, quantities=QUANTITIES)
    for name in QUANTITIES:
        assert not np.isnan(runs.values[name]).any()
    assert np.isneginf(runs.values["log_det"][:, 1:]).all()
    assert np.isposinf(runs.values["kl_model_to_start"][:, 1:]).all()
    assert np.isposinf(runs.values["kl_start_to_model"][:, 1:]).all()
    finite = ["variance", "log_variance", "squared_drift", "squared_w2", "tail_mass"]
    assert all(np.isfinite(runs.values[name]).all() for name in finite)


@pytest.mark.parametrize("workflow", WORKFLOWS[:3], ids=lambda each: each.name)
def test_one_point_has_no_variance(workflow):
    runs = simulate(
        Setting(workflow=workflow, sample_size=1), 3, 10, "c0ffee", quantities=QUANTITIES
    )
    assert (measure(runs, "variance", 3) == 0).all()
    assert np.isneginf(measure(runs, "log_variance", 3)).all()
    assert not any(np.isnan(values).any() for values in runs.values.values())


def test_a_small_fit_between_large_ones_stays_singular():
    setting = Setting(workflow=Replace(), sample_size=(10, 3, 10), dimension=4)
    runs = simulate(setting, 3, 50, "c0ffee", quantities=["log_det", "log_variance"])
    assert np.isfinite(measure(runs, "log_det", 1)).all()
    for generation in (2, 3):
        assert np.isneginf(measure(runs, "log_det", generation)).all()
        assert np.isfinite(measure(runs, "log_variance", generation)).all()


def test_a_ridge_keeps_small_fits_regular():
    for workflow in WORKFLOWS[:3]:
        setting = Setting(workflow=workflow, sample_size=3, dimension=5, ridge=0.01)
        runs = simulate(setting, 3, 50, "c0ffee", quantities=["log_det", "kl_start_to_model"])
        assert (measure(runs, "log_det", 3) >= 5 * np.log(0.01)).all()
        assert np.isfinite(measure(runs, "kl_start_to_model", 3)).all()


def test_keeping_all_candidates_selects_nothing():
    plain = Setting(sample_size=9)
    for rule in (TopFraction(kept_fraction=1), TopFraction(candidates=9)):
        runs = simulate(Setting(sample_size=9, selection=rule), 2, 100, "c0ffee")
        assert runs.method == "statistics"
    for rule in (TopFraction(kept_fraction=0.99), TopFraction(candidates=10)):
        assert simulate(Setting(sample_size=9, selection=rule), 2, 100, "c0ffee").method == "raw"
    assert simulate(plain, 2, 100, "c0ffee").method == "statistics"


def test_first_batch_real_is_kept_whole():
    setting = Setting(
        sample_size=20, selection=TopFraction(candidates=200), temperature=0.5, first_batch="real"
    )
    runs = simulate(setting, 2, 4000, "c0ffee")
    first = measure(runs, "variance", 1) * 20
    assert stats.kstest(first, stats.chi2(19).cdf).pvalue > 1e-4
    assert measure(runs, "variance", 2).mean() < 0.1


def test_schedules():
    k = sp.Symbol("k")
    for sizes in ((4, 9, 16), (k + 1) ** 2):
        runs = simulate(Setting(sample_size=sizes, fit="unbiased"), 3, 20_000, "c0ffee", at=[2, 3])
        ratio = measure(runs, "variance", 3) / measure(runs, "variance", 2)
        assert stats.kstest(15 * ratio, stats.chi2(15).cdf).pvalue > 1e-4


def test_huge_samples_cost_nothing():
    setting = Setting(workflow=Accumulate(), sample_size=10**9, dimension=3)
    drift = replicates(setting, "squared_drift", 1, np.random.default_rng(1), 1000)
    assert stats.kstest(drift * 10**9, stats.chi2(3).cdf).pvalue > 1e-4


def test_paths_and_replicates_are_one_simulation():
    setting = Setting(workflow=Accumulate(), sample_size=6)
    both = paths(setting, ["variance", "squared_drift"], [2, 3], np.random.default_rng(1), 70)
    one = replicates(setting, "squared_drift", 3, np.random.default_rng(1), 70)
    assert both["variance"].shape == (70, 2)
    assert np.array_equal(both["squared_drift"][:, 1], one)


BAD = [
    ({"generations": -1}, "generations = -1 is not an integer in"),
    ({"generations": 2.5}, "generations = 2.5 is not an integer in"),
    ({"replicates": 0}, "replicates = 0 is not an integer in"),
    ({"method": "magic"}, "method = 'magic' is not one of auto, raw, statistics"),
    ({"quantities": ["variances"]}, "no quantity 'variances'; there are variance, "),
    ({"quantities": []}, "quantities = () records nothing"),
    ({"at": []}, "at = () records nothing"),
    ({"at": [9]}, "at = 9 lies beyond the last generation, 2"),
    ({"at": [-1]}, "generation = -1 is not an integer in"),
    ({"at": ["two"]}, "generation must be a number, not 'two'"),
    ({"salt": 7}, "the salt of a stream is text, not 7"),
    (
        {"setting": Setting(selection=TopFraction(candidates=200)), "method": "statistics"},
        "method = 'statistics' does not exist here: selection looks at every point; use 'raw'",
    ),
    (
        {"setting": Setting(workflow=AccumulateSubsample()), "method": "statistics"},
        "method = 'statistics' does not exist here: AccumulateSubsample keeps the points",
    ),
    (
        {"setting": Setting(dimension=2, covariance=((1, 2), (2, 1)))},
        "covariance has the eigenvalue -1; it must be positive definite",
    ),
    ({"setting": Setting(sample_size=(5,))}, "the schedule has 1 sizes; generation 2 has none"),
]


@pytest.mark.parametrize(("changes", "message"), BAD, ids=[message[:30] for _, message in BAD])
def test_bad_input_is_told_in_one_line(changes, message):
    call = {"setting": Setting(sample_size=5), "generations": 2, "replicates": 10, "salt": "c0ffee"}
    with pytest.raises(InvalidInput) as caught:
        simulate(**(call | changes))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_what_was_not_recorded_is_told_in_one_line():
    runs = simulate(Setting(sample_size=5), 20, 10, "c0ffee", at=range(10))
    with pytest.raises(InvalidInput, match="log_det was not recorded; recorded: variance"):
        measure(runs, "log_det", 3)
    with pytest.raises(InvalidInput, match=r"generation 10 was .*: 0, 1, 2, \.\.\., 9"):
        measure(runs, "variance", 10)


def test_every_workflow_of_the_vocabulary_is_drawn():
    assert set(numerics.workflow.CHAINS) == set(theory.vocabulary.WORKFLOWS.values())
