"""Intervals over fresh seeds: they cover as they say, and say when they exclude nothing."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.silos.fresh import Spread, fresh_paths
from numerics.silos.released import Released
from numerics.streams import Stream
from theory.errors import InvalidInput

SMALL = Released(sample_size=60, generations=15)


def test_the_medians_interval_covers_for_a_wide_law() -> None:
    """A log-normal law, samples of 25: the median's holds, Student's for its mean falls short."""
    rng = Stream("c0ffee", "test_fresh", stage="cover").generator()
    samples = np.exp(2 * rng.standard_normal((2000, 25)))
    median = mean = 0
    for sample in samples:
        found = Spread.of(sample.tolist())
        median += found.median_interval[0] <= 1 <= found.median_interval[1]
        mean += found.mean_interval[0] <= np.exp(2) <= found.mean_interval[1]
    assert median / 2000 > 0.95 - 4 * np.sqrt(0.05 * 0.95 / 2000)
    assert mean / 2000 < 0.9


def test_five_values_have_no_interval() -> None:
    with pytest.raises(InvalidInput, match="accepted: 6 on"):
        Spread.of([1.0, 2.0, 3.0, 4.0, 5.0])


@pytest.mark.parametrize(
    ("shift", "words"), [(0.0, "no change is not excluded"), (-1.0, "falls"), (1.0, "rises")]
)
def test_a_change_is_told_only_where_it_shows(shift: float, words: str) -> None:
    values = [1 + shift + step for step in (-0.3, -0.2, -0.1, 0.1, 0.2, 0.3, 0.05)]
    assert Spread.of(values).change(1.0) == words


@pytest.mark.parametrize("family", ["laplace", "gaussian"])
def test_selection_lowers_the_dispersion_in_every_seed(family: str) -> None:
    paths = fresh_paths(family, 8, "c0ffee", released=SMALL)
    for selected, plain in zip(paths["Accumulate + Select"], paths["Accumulate"], strict=True):
        assert selected.dispersion_ratio < plain.dispersion_ratio
    ratios = [path.dispersion_ratio for path in paths["Accumulate + Select"]]
    assert Spread.of(ratios).change(1.0) == "falls"


def test_the_numbers_do_not_depend_on_the_number_of_processes() -> None:
    alone = fresh_paths("laplace", 3, "c0ffee", settings=("Replace",), released=SMALL)
    shared = fresh_paths("laplace", 3, "c0ffee", settings=("Replace",), released=SMALL, jobs=2)
    assert alone == shared
    other = fresh_paths("laplace", 3, "c0ffef", settings=("Replace",), released=SMALL)
    assert alone != other


def test_misuse_is_named() -> None:
    with pytest.raises(InvalidInput, match="seeds = 0"):
        fresh_paths("laplace", 0, "c0ffee")
    with pytest.raises(InvalidInput, match="accepted: Replace"):
        fresh_paths("laplace", 1, "c0ffee", settings=("Discard",))
