"""Where the mean wanders without selection: two exact moments, and its cube root, in simulation."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import special

from numerics.simulation import simulate
from theory.errors import InvalidInput
from theory.setting import Setting
from theory.unselected_mean import _sum_moment, distance_moments
from theory.vocabulary import Accumulate, FreshReal, Replace

UNEVEN = ((4.0, 1.0, 0.0), (1.0, 1.0, 0.0), (0.0, 0.0, 0.2))
LAST, COUNT = 8, 40_000


@cache
def drawn(workflow: Any) -> Any:
    """Squared distances in generation LAST, n = 12."""
    setting = Setting(workflow=workflow, sample_size=12, dimension=3, covariance=UNEVEN)
    made = simulate(setting, LAST, COUNT, salt="feed", quantities="squared_drift")
    return made.values["squared_drift"][:, LAST]


def misses(workflow: Any, size: int) -> list[float]:
    """Deviation of simulated moments of D and of its cube root from the predicted ones, in standard
    errors; what is not exact has its own error more."""
    seen = drawn(workflow)
    moments = distance_moments(workflow, UNEVEN, size, LAST)
    mean, deviation = moments.mean[LAST], moments.deviation[LAST]
    root, spread = moments.root[LAST], moments.root_sd[LAST]
    found = []
    for values, expected, own in (
        (seen, mean, 0.0),
        ((seen - mean) ** 2, deviation**2, 0.0),
        (np.cbrt(seen), root, moments.root_apart[LAST]),
        ((np.cbrt(seen) - root) ** 2, spread**2, 2 * spread * moments.root_apart[LAST]),
    ):
        error = values.std() / np.sqrt(COUNT)
        found.append(max(abs(values.mean() - expected) - own, 0.0) / error)
    return [float(each) for each in found]


@pytest.mark.parametrize("workflow", [Replace(), Accumulate()])
def test_an_uneven_spectrum_against_simulation(workflow: Any) -> None:
    assert max(misses(workflow, 12)) < 4.5


@pytest.mark.parametrize("workflow", [Replace(), Accumulate()])
def test_another_sample_size_would_be_noticed(workflow: Any) -> None:
    assert max(misses(workflow, 11)) > 4.5
    assert min(misses(workflow, 8)) > 4.5


def test_one_generation_is_a_sum_of_squares() -> None:
    for d, power in ((1, 1 / 3), (5, 2 / 3)):
        exact = 2**power * special.gamma(d / 2 + power) / special.gamma(d / 2)
        assert _sum_moment(np.ones(d), power) == pytest.approx(exact, rel=1e-13)
    seen = distance_moments(Replace(), np.eye(5), 7, 1)
    root = np.cbrt(2 / 7) * special.gamma(5 / 2 + 1 / 3) / special.gamma(5 / 2)
    assert seen.root[1] == pytest.approx(root, rel=1e-12)
    assert seen.root_apart[1] < 1e-12
    assert (seen.mean[0], seen.root[0], seen.root_sd[0]) == (0, 0, 0)


def test_misuse_is_told() -> None:
    with pytest.raises(InvalidInput, match="fresh-real has no spread"):
        distance_moments(FreshReal(0.5), [[1.0]], 10, 1)
    with pytest.raises(InvalidInput, match="sample_size = 1"):
        distance_moments(Replace(), [[1.0]], 1, 1)
