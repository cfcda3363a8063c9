"""Truths that estimators are scored against: their values, moments and potentials by sampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import gammaln

from numerics.streams import Stream
from numerics.wasserstein.jackknife import jackknifed_gaussian
from numerics.wasserstein.truths import FAMILIES, GENERAL, Truth, general_truth, truth
from numerics.wasserstein.truths.powers import power_mean
from theory.errors import InvalidInput

ALL = [("catalogue", family) for family in FAMILIES] + [("general", each) for each in GENERAL]


def member(home: str, family: str, d: int) -> Truth:
    return truth(family, d, 7) if home == "catalogue" else general_truth(family, d, 1, "tests")


def rng(name: str, d: int) -> np.random.Generator:
    return Stream("c0ffee", f"truths {name}", {"d": d}).generator()


@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize(("home", "family"), ALL)
def test_the_potentials_attain_the_value_and_never_exceed_the_cost(
    home: str, family: str, d: int
) -> None:
    known = member(home, family, d)
    draw = known.sample(rng(family, d), 20_000, 20_000)
    both = draw.f + draw.g
    error = float(both.std()) / math.sqrt(len(both))
    assert abs(draw.control(known.squared_w2)) < 4.5 * error
    # The twin: another value is not attained.
    assert abs(draw.control(known.squared_w2 + 10 * error)) > 4.5 * error
    total = draw.f[:300, None] + draw.g[None, :300]
    assert (total - cdist(draw.x[:300], draw.y[:300], "sqeuclidean")).max() < 1e-7


@pytest.mark.parametrize(("home", "family"), ALL)
def test_gelbrichs_bound_is_that_of_the_moments(home: str, family: str) -> None:
    known = member(home, family, 3)
    draw = known.sample(rng(f"moments {family}", 3), 100_000, 100_000)
    parts = zip(np.split(draw.x, 20), np.split(draw.y, 20), strict=True)
    values = np.array([jackknifed_gaussian(x, y) for x, y in parts])
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    assert abs(values.mean() - known.gelbrich) < 5 * error
    assert abs(values.mean() - known.gelbrich - 10 * error) > 5 * error
    assert known.gelbrich <= known.squared_w2 * (1 + 1e-12)
    assert ("gauss" in family) == (known.gelbrich > known.squared_w2 * (1 - 1e-9))


@pytest.mark.parametrize("power", [0.3, 1.0, 1.75, 3.0])
def test_powers_of_a_chi_square_are_those_of_the_gamma_law(power: float) -> None:
    exact = math.exp(power * math.log(2 * 1.7) + gammaln(2.5 + power) - gammaln(2.5))
    assert power_mean(np.array([1.7, 1.7]), np.array([2.0, 3.0]), power) == pytest.approx(
        exact, rel=1e-10
    )
    assert power_mean(np.array([1.7, 1.7]), np.array([2.0, 2.0]), power) != pytest.approx(exact)


def test_the_second_moment_of_a_weighted_sum() -> None:
    weights = np.array([0.2, 1.0, 5.0])
    exact = weights.sum() ** 2 + 2 * (weights**2).sum()
    assert power_mean(weights, np.ones(3), 2.0) == pytest.approx(exact, rel=1e-10)


def test_general_truths_are_fixed_by_their_salt_and_refuse_what_is_none() -> None:
    first, again = general_truth("kink", 3, 0, "a"), general_truth("kink", 3, 0, "a")
    assert first.squared_w2 == again.squared_w2
    assert first.squared_w2 != general_truth("kink", 3, 0, "b").squared_w2
    with pytest.raises(InvalidInput, match="no family"):
        general_truth("kinked", 3, 0, "a")
    with pytest.raises(InvalidInput, match="dimension 0"):
        general_truth("kink", 0, 0, "a")
