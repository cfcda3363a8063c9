"""Attacks recover raw points from proxies and scores, and nothing from what does not leak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import ot
import pytest

from numerics.silos.attacks import exposure, find_share, invert_geodesic, invert_scores
from numerics.silos.context import lowest
from numerics.silos.transport import calibrated
from numerics.streams import Stream
from theory.errors import InvalidInput

RAW, CANDIDATES = 30, 600


@pytest.fixture(scope="module", params=[2, 5])
def sent(request: pytest.FixtureRequest) -> Any:
    return made(request.param)


def made(dimension: int) -> Any:
    """Raw points, held-out points, candidates, exact barycentric images and potentials."""
    rng = Stream("c0ffee", "attacks", {"d": dimension}).generator()
    raw, held_out = rng.standard_normal((2, RAW, dimension))
    x = 1.1 * rng.standard_normal((CANDIDATES, dimension))
    masses = np.full(CANDIDATES, 1 / CANDIDATES), np.full(RAW, 1 / RAW)
    plan, log = ot.emd(*masses, ot.dist(x, raw), log=True)
    return raw, held_out, x, CANDIDATES * plan @ raw, log["u"]


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_geodesic_proxies_are_the_raw_points(sent: Any, share: float) -> None:
    raw, held_out, x, image, _ = sent
    proxies = (1 - share) * x + share * image
    assert find_share(proxies, x) == pytest.approx(share, abs=0.01)
    found = exposure(invert_geodesic(proxies, x), raw, held_out)
    assert found.recovered == 1.0
    assert found.to_raw < 1e-3 < found.to_held_out
    assert exposure(invert_geodesic(proxies, x), held_out, raw).recovered == 0.0
    if share < 1:  # at s = 1 the proxies are raw points, whoever's candidates are taken off
        wrong = invert_geodesic(proxies, x[::-1], share)
        assert exposure(wrong, raw, held_out).recovered < 0.1


def test_scores_alone_give_raw_points_in_low_dimension(sent: Any) -> None:
    raw, held_out, x, _, potentials = sent
    rng = Stream("c0ffee", "cells").generator()
    found = exposure(
        invert_scores(potentials, x, count=RAW, generator=rng, restarts=20), raw, held_out
    )
    assert found.recovered > (0.9 if x.shape[1] == 2 else 0.3)
    assert found.to_raw < 1e-3 < found.to_held_out


def test_noised_scores_give_none(sent: Any) -> None:
    raw, held_out, x, _, potentials = sent
    rng = Stream("c0ffee", "noise").generator()
    noised = potentials + 0.05 * rng.standard_normal(len(potentials))
    guesses = invert_scores(noised, x, count=RAW, generator=rng, restarts=5)
    assert exposure(guesses, raw, held_out).recovered == 0.0


def test_images_of_a_support_are_raw_points(sent: Any) -> None:
    raw, held_out, _, image, _ = sent
    found = exposure(image, raw, held_out)
    assert found.recovered == 1.0
    assert exposure(image, held_out, raw).recovered == 0.0


def test_a_selection_tells_no_point_but_who_is_there() -> None:
    """Kept by exact duals, candidates lie nearer to the silo's points; kept at random, not."""
    raw, held_out, x, _, potentials = made(5)
    kept = x[lowest(calibrated(np.asarray(potentials)), CANDIDATES // 4)]
    found = exposure(kept, raw, held_out)
    assert found.recovered == 0.0
    assert found.to_raw < 0.9 * found.to_held_out
    chance = exposure(x[: CANDIDATES // 4], raw, held_out)
    assert chance.to_raw > 0.9 * chance.to_held_out


def test_moments_tell_no_single_point(sent: Any) -> None:
    raw, held_out, *_ = sent
    rng = Stream("c0ffee", "moments").generator()
    guesses = rng.multivariate_normal(raw.mean(axis=0), np.cov(raw.T), 2000)
    found = exposure(guesses, raw, held_out)
    assert found.to_raw == pytest.approx(found.to_held_out, rel=0.25)


@pytest.mark.parametrize(
    "call",
    [
        lambda: exposure([[0.0]], [[np.nan]], [[0.0]]),
        lambda: exposure([[0.0]], np.empty((0, 1)), [[0.0]]),
        lambda: invert_geodesic([[0.0], [1.0]], [[0.0]], 0.5),
        lambda: invert_geodesic([[0.0], [1.0]], [[0.0], [2.0]], 0.0),
        lambda: invert_scores([0.0], [[0.0]], count=2, generator=Stream("a", "b").generator()),
        lambda: invert_scores([0.0, 1], [[0.0]], count=1, generator=Stream("a", "b").generator()),
    ],
)
def test_bad_input_is_one_line(call: Callable[[], Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()
    assert "accepted" in str(caught.value)
    assert "\n" not in str(caught.value)
