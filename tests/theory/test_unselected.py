"""Moments of the trace without selection: against the derivation, and against simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numerics.simulation import simulate
from theory.derivation import derive
from theory.derived import Derivation
from theory.errors import InvalidInput
from theory.family import Family
from theory.setting import Setting
from theory.unselected import trace_moments
from theory.vocabulary import Accumulate, FreshReal, Replace

UNEVEN = ((4.0, 1.0, 0.0), (1.0, 1.0, 0.0), (0.0, 0.0, 0.2))


@pytest.mark.parametrize("workflow", [Replace, Accumulate])
def test_on_a_line_the_moments_are_the_derived_ones(workflow: Any) -> None:
    seen = trace_moments(workflow(), [[1.0]], 7, 12)
    for quantity, found in (
        ("variance", np.exp(seen.log_mean[12])),
        ("variance_squared", np.exp(2 * seen.log_mean[12]) * (1 + seen.squared_variation[12])),
    ):
        derivation = derive(Family(workflow=workflow), quantity)
        assert isinstance(derivation, Derivation)
        exact = float(derivation.evaluate(30, n=7, t=12, sigma_0=1))
        assert found == pytest.approx(exact, rel=1e-12)


def misses(workflow: Any, size: int) -> tuple[float, float]:
    """Deviation of mean and variance of simulated traces from the moments, in standard errors."""
    setting = Setting(workflow=workflow, sample_size=12, dimension=3, covariance=UNEVEN)
    made = simulate(setting, 6, 40_000, salt="feed").values["variance"][:, 6]
    seen = trace_moments(workflow, UNEVEN, size, 6)
    mean = np.exp(seen.log_mean[6])
    squares = (made / mean - 1) ** 2
    root = np.sqrt(made.size)
    return (
        float((made.mean() - mean) / made.std() * root),
        float((squares.mean() - seen.squared_variation[6]) / squares.std() * root),
    )


@pytest.mark.parametrize("workflow", [Replace(), Accumulate()])
def test_an_uneven_spectrum_against_simulation(workflow: Any) -> None:
    assert max(map(abs, misses(workflow, 12))) < 4.5


@pytest.mark.parametrize("workflow", [Replace(), Accumulate()])
def test_one_point_less_in_the_sample_would_be_noticed(workflow: Any) -> None:
    assert max(map(abs, misses(workflow, 11))) > 4.5


def test_misuse_is_told() -> None:
    with pytest.raises(InvalidInput, match="fresh-real has no spread"):
        trace_moments(FreshReal(0.5), [[1.0]], 10, 1)
    with pytest.raises(InvalidInput, match="sample_size = 1"):
        trace_moments(Replace(), [[1.0]], 1, 1)
