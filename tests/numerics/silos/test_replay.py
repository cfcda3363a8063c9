"""Released numbers repeat to their last digits; a draw more or less and they do not."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from numerics.silos.released import FAMILIES, MINORITY, MIXTURES, SETTINGS, Path, Released
from numerics.silos.replay import fresh, replay
from numerics.streams import Stream, published_generator
from theory.errors import InvalidInput

SEEDS = (42, 123, 456, 789, 2024)
# Means and standard deviations over SEEDS at n = 300, t = 200, in the order of SETTINGS, as they
# stand in the released summary files; the second column of a family is its sd.
PUBLISHED = {
    "gaussian": [
        (0.4221364059328236, 0.5152966061243887),
        (1.0967853968222466e-05, 1.788796120369435e-05),
        (0.9646049638241472, 0.048185582670283084),
        (0.06522950251140312, 0.07789967706186507),
    ],
    "mixture": [
        (0.5797631209544166, 0.45952844624403927),
        (1.115984847234173e-05, 1.3530840418274111e-05),
        (1.0162214328212387, 0.03182686647722858),
        (0.07288988137397473, 0.12713634245581115),
    ],
    "unequal-mixture": [
        (0.644877328113203, 0.6509426607272829),
        (1.049240995762662e-05, 1.0114122346883786e-05),
        (1.0262802116141934, 0.0527339766549371),
        (0.1421770774872316, 0.26369051712101294),
    ],
    "laplace": [
        (2.228195538196203, 2.4741443807074743),
        (2.63937143649138e-07, 4.5372537958509155e-07),
        (0.9802546196824272, 0.05197199961961983),
        (0.016142273479686782, 0.008734875579188065),
    ],
}


@cache
def ratios(family: str, count: int) -> np.ndarray:
    """Dispersion ratios of the first settings, shape (seeds, count)."""
    runs = [replay(published_generator(s), family, settings=SETTINGS[:count]) for s in SEEDS]
    return np.array([[run[each].dispersion_ratio for each in SETTINGS[:count]] for run in runs])


def deviations(family: str, count: int) -> list[float]:
    """Relative deviation of each released mean and sd, the larger of the two."""
    found = ratios(family, count)
    means, spreads = found.mean(axis=0), found.std(axis=0, ddof=1)
    published = PUBLISHED[family][:count]
    return [
        max(abs(mean / m - 1), abs(spread / s - 1))
        for mean, spread, (m, s) in zip(means, spreads, published, strict=True)
    ]


def test_laplace_repeats_to_nine_digits() -> None:
    assert max(deviations("laplace", 4)) < 1e-9


def test_the_gaussian_repeats_without_selection() -> None:
    assert deviations("gaussian", 1)[0] < 1e-6


@pytest.mark.parametrize("family", ["laplace", "gaussian"])
def test_a_draw_too_many_is_another_experiment(
    family: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One mixture's direction more or less, ten numbers of a million, and nothing repeats."""
    monkeypatch.setitem(MIXTURES, family, 3 - MIXTURES[family])
    found = [
        replay(published_generator(s), family, settings=("Replace",))["Replace"] for s in SEEDS
    ]
    mean = np.mean([each.dispersion_ratio for each in found])
    assert abs(mean / PUBLISHED[family][0][0] - 1) > 1e-3


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("family", "setting", "tolerance"),
    [
        *(("gaussian", each, 1e-6) for each in SETTINGS),
        ("unequal-mixture", "Accumulate", 1e-6),
        ("unequal-mixture", "Accumulate + Select", 1e-6),
        ("unequal-mixture", "Replace", 1e-4),
        *(("mixture", each, 1e-6) for each in SETTINGS),
    ],
)
def test_the_other_families_repeat(family: str, setting: str, tolerance: float) -> None:
    assert deviations(family, 4)[SETTINGS.index(setting)] < tolerance


@pytest.mark.nightly
@pytest.mark.parametrize("family", FAMILIES)
def test_every_cell_lies_within_the_released_spread(family: str) -> None:
    means = ratios(family, 4).mean(axis=0)
    for mean, (released, spread) in zip(means, PUBLISHED[family], strict=True):
        assert abs(mean - released) < spread


@pytest.mark.nightly
@pytest.mark.parametrize("family", FAMILIES)
def test_selection_lowers_the_dispersion_in_every_released_seed(family: str) -> None:
    found = ratios(family, 4)
    assert (found[:, 3] < found[:, 2]).all()


SMALL = Released(sample_size=60, generations=20)


def generator(stage: str) -> np.random.Generator:
    return Stream("c0ffee", "test_replay", stage=stage).generator()


@pytest.mark.parametrize("family", FAMILIES)
def test_one_generator_gives_every_setting_one_world(family: str) -> None:
    plain = fresh(generator("world"), family, "Accumulate", SMALL)
    selected = fresh(generator("world"), family, "Accumulate + Select", SMALL)
    assert selected.dispersion_ratio < plain.dispersion_ratio
    # The truth's scale cancels only in one world: another seed has another variance.
    assert selected.variance_ratio < plain.variance_ratio
    assert plain.variance_ratio == pytest.approx(plain.dispersion_ratio, rel=0.2)


def test_the_minority_is_followed_by_its_number() -> None:
    """What was released is the smallest weight, whoever has it: it can only look like erosion."""
    paths: list[Path] = [
        fresh(generator(f"minority {i}"), "unequal-mixture", "Accumulate + Select", SMALL)
        for i in range(6)
    ]
    assert all(p.minority is not None and p.smallest is not None for p in paths)
    assert all(p.smallest in (p.minority, pytest.approx(1 - p.minority)) for p in paths)  # type: ignore[operator]
    assert any(p.minority > 0.5 for p in paths)  # type: ignore[operator]
    assert MINORITY == 1


def test_without_generations_the_tail_is_the_one_it_is_measured_by() -> None:
    still = fresh(generator("still"), "gaussian", "Replace", Released(generations=0))
    assert still.variance_ratio == 1
    assert still.tail == pytest.approx(0.01, abs=4 * np.sqrt(0.01 * 0.99 / 2048))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: replay(generator("bad"), "cauchy"), "accepted: gaussian, mixture"),
        (lambda: replay(generator("bad"), "laplace", settings=("Accumulate",)), "leading part"),
        (lambda: fresh(generator("bad"), "laplace", "Select"), "accepted: Replace"),
        (lambda: Released(kept_fraction=0), "kept_fraction"),
        (lambda: Released(sample_size=1), "too small"),
    ],
)
def test_misuse_is_named(call: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
