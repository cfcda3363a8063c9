"""Settings without a closed form: what is foretold of them, and of which nothing is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from theory.derivation import derive
from theory.foretold import foretell
from theory.model import Exponential
from theory.setting import Setting
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    KeepAll,
    Replace,
    SoftVerifier,
    TopFraction,
)

TIMES = [0, 1, 2, 5, 20]


def near(target, **words):
    given = {"kept_fraction": 0.1, "law": "n-of-N", "metric": "identity"} | words
    return TopFraction(target=target, **given)


@pytest.mark.parametrize("workflow", [Replace(), Accumulate()])
@pytest.mark.parametrize("quantity", ["variance", "variance_squared"])
def test_without_selection_both_moments_are_those_of_algebra(workflow, quantity):
    setting = Setting(workflow, KeepAll(), sample_size=12)
    algebra = derive(setting, quantity)
    exact = [float(algebra.evaluate(t=t)) for t in TIMES]
    assert foretell(setting, quantity, TIMES).mean == pytest.approx(exact, rel=1e-12)
    # The twin: one point more.
    wrong = Setting(workflow, KeepAll(), sample_size=13)
    assert foretell(wrong, quantity, TIMES).mean != pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("workflow", [Replace(), Accumulate(), AccumulateSubsample()])
def test_what_has_no_axis_of_symmetry_is_continuous_with_what_has(workflow):
    # Without symmetry a 1/n correction exists for replaced runs alone.
    corrected = isinstance(workflow, Replace)
    rule = near((6.0, 0.0, 0.0))
    same = rule if corrected else near((6.0, 0.0, 0.0), law="population")
    bent = ((1.0, 0.0, 0.0), (0.0, 1.0 + 1e-7, 0.0), (0.0, 0.0, 1.0))
    lopsided = Setting(workflow, rule, sample_size=100, dimension=3, covariance=bent)
    symmetric = Setting(workflow, same, sample_size=100, dimension=3)
    for quantity in ("log_variance", "squared_drift"):
        one, other = (foretell(each, quantity, [1, 2, 4]) for each in (symmetric, lopsided))
        assert other.mean == pytest.approx(one.mean, rel=0.01 if corrected else 1e-5)
        assert other.source == one.source
        # The twin: a start that is bent in earnest.
        third = replace(lopsided, covariance=((2.0, 0.6, 0.0), (0.6, 2.0, 0.0), (0.0, 0.0, 1.0)))
        assert foretell(third, quantity, [1, 2, 4]).mean != pytest.approx(one.mean, rel=0.03)


def test_a_population_law_has_no_band():
    rule = TopFraction(kept_fraction=0.25, target=2.0)
    seen = foretell(Setting(Accumulate(), rule), "variance", TIMES)
    assert seen.low is None
    assert "population" in seen.source
    finite = foretell(Setting(Accumulate(), near(2.0, kept_fraction=0.25)), "variance", TIMES)
    assert (finite.low < finite.high)[1:].all()


def test_nothing_is_foretold_of_what_has_no_flow():
    rule = near((3.0, 0.0))
    words = {"sample_size": 50, "dimension": 2}
    assert foretell(Setting(Accumulate(), rule, **words), "variance", TIMES) is not None
    unknown = (
        (Setting(Accumulate(), rule, fit="unbiased", **words), "variance"),
        (Setting(Accumulate(), rule, temperature=2, **words), "variance"),
        (Setting(Accumulate(), rule, **words), "tail_mass"),
        (Setting(Accumulate(), near((3.0, 0.0), metric="model"), **words), "variance"),
        (Setting(Accumulate(), SoftVerifier(1, target=(1.0, 0.0)), **words), "variance"),
        (Setting(Accumulate(), rule, sample_size=(50, 60), dimension=2), "variance"),
        (Setting(Replace(), KeepAll(), ridge=0.1, **words), "variance"),
        (Setting(Replace(), KeepAll(), **words), "squared_drift"),
        # Its variance has two exact moments too, but they are not a Gaussian's.
        (Setting(Replace(), KeepAll(), sample_size=50, model=Exponential(1)), "log_variance"),
    )
    for setting, quantity in unknown:
        assert foretell(setting, quantity, [0, 1]) is None


def test_far_generations_of_replaced_runs_are_unknown_and_not_wrong():
    setting = Setting(Replace(), near((4.0, 0.0, 0.0)), sample_size=100, dimension=3)
    times = np.arange(200).tolist()
    # The logarithm goes on with the gains that it had long before; the drift does not.
    gains = np.diff(foretell(setting, "log_variance", times).mean)
    np.testing.assert_allclose(gains[100:], gains[100], rtol=1e-6)
    np.testing.assert_allclose(gains[12:], gains[100], rtol=0.02)
    seen = foretell(setting, "squared_drift", times).mean
    lost = np.isnan(seen)
    assert lost[-1]
    assert not lost[:15].any()
    assert np.all(np.diff(lost.astype(int)) >= 0)
    # What is left of the place of the mean is within 1/n of where the population law stops.
    assert seen[~lost][-1] == pytest.approx(9.872, rel=0.05)
