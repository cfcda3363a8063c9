"""Scores and greedy sets against brute force and against what is known of optimal transport."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from numerics.silos.judging import (
    dual_scores,
    greedy_moments,
    greedy_utility,
    lowest,
    mapped,
)
from numerics.streams import Stream


def rng(stage: str) -> np.random.Generator:
    return Stream("c0ffee", "test_judging", stage=stage).generator()


def squared_w2(x: np.ndarray, weights: np.ndarray, y: np.ndarray) -> float:
    """By linear programming: another solver than the one under test."""
    from scipy.optimize import linprog

    cost = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    rows = np.kron(np.eye(len(x)), np.ones(len(y)))
    columns = np.kron(np.ones(len(x)), np.eye(len(y)))
    masses = np.concatenate([weights, np.full(len(y), 1 / len(y))])
    found = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=masses)
    assert found.success
    return float(found.fun)


def test_a_score_is_the_derivative_in_the_mass_of_a_point() -> None:
    """Moving mass h from all points to point i changes squared W2 by h times its score."""
    x, y = rng("x").standard_normal((11, 2)), rng("y").standard_normal((7, 2)) + 1
    scores = dual_scores(x, y)
    even = np.full(11, 1 / 11)
    base = squared_w2(x, even, y)
    step = 1e-4
    for i in range(11):
        others = np.full(11, -1 / 10)
        others[i] = 1.0
        moved = squared_w2(x, even + step * others, y)
        assert (moved - base) / step == pytest.approx(scores[i], abs=1e-6)
    # The twin: a plain distance to the mean is no such derivative.
    away = ((x - y.mean(axis=0)) ** 2).sum(axis=1)
    assert np.abs(away - away.mean() - scores).max() > 0.1


def dual_value(potential: np.ndarray, x: np.ndarray, proxy: np.ndarray) -> float:
    """What a potential proves: its mean plus that of the best partner, at most squared W2."""
    cost = ((x[:, None] - proxy[None]) ** 2).sum(axis=2)
    return float(potential.mean() + (cost - potential[:, None]).min(axis=0).mean())


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_a_proxy_on_the_way_ranks_as_the_reference_does(share: float) -> None:
    """Scores towards the point at s of the geodesic are s times those towards its end.

    Checked where the plan is a map (three candidates for each reference point): s times the
    potential proves the whole distance to the proxy, s² times that to the reference.
    """
    x = rng("geodesic").standard_normal((12, 2))
    y = rng("end").standard_normal((4, 2)) * 2
    whole = np.mean(((x - mapped(x, y)) ** 2).sum(axis=1))
    proxy = (1 - share) * x + share * mapped(x, y)
    potential = dual_scores(x, y) * 11 / 12
    assert dual_value(share * potential, x, proxy) == pytest.approx(share**2 * whole, rel=1e-9)
    # The twin: the potential towards another reference proves less.
    other = dual_scores(x, rng("elsewhere").standard_normal((4, 2)) * 2) * 11 / 12
    assert dual_value(share * other, x, proxy) < 0.95 * share**2 * whole


def test_images_are_those_of_the_assignment() -> None:
    from scipy.optimize import linear_sum_assignment

    x, y = rng("from").standard_normal((30, 3)), rng("to").standard_normal((30, 3))
    _, order = linear_sum_assignment(((x[:, None] - y[None]) ** 2).sum(axis=2))
    np.testing.assert_allclose(mapped(x, y), y[order], atol=1e-12)


def brute_moments(points: np.ndarray, mean: np.ndarray, cov: np.ndarray, kept: int) -> list[int]:
    chosen: list[int] = []
    for _ in range(kept):
        losses = []
        for i in range(len(points)):
            mine = points[[*chosen, i]]
            gap = mine.mean(axis=0) - mean
            shape = np.cov(mine.T, bias=True).reshape(cov.shape) - cov
            losses.append(np.inf if i in chosen else gap @ gap + (shape**2).sum())
        chosen.append(int(np.argmin(losses)))
    return chosen


def test_greedy_moments_are_those_of_brute_force() -> None:
    points = rng("moments").standard_normal((60, 3)) + 0.5
    mean, cov = np.array([1.0, 0.0, 0.5]), np.diag([2.0, 0.5, 0.1])
    found = greedy_moments(points, mean, cov, 25)
    assert found.tolist() == brute_moments(points, mean, cov, 25)
    assert found.tolist() != brute_moments(points, mean, 2 * cov, 25)


def utility_of(scores: np.ndarray, kept: tuple[int, ...]) -> float:
    low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    utility = 1 - (scores - low) / (high - low)
    return float(np.log1p(utility[:, list(kept)].sum(axis=1)).sum())


def test_the_greedy_set_is_within_its_guarantee_and_greedy() -> None:
    scores = rng("utility").standard_normal((3, 9)) ** 3
    found = greedy_utility(scores, 4)
    values = [utility_of(scores, each) for each in itertools.combinations(range(9), 4)]
    reached = utility_of(scores, tuple(found))
    assert reached >= (1 - 1 / np.e) * max(values)
    # Guarantees are loose; greedy does better than most sets, and each step is the best one.
    assert reached >= np.quantile(values, 0.9)
    for step in range(4):
        before = tuple(found[:step])
        gains = [utility_of(scores, (*before, i)) for i in range(9) if i not in before]
        assert utility_of(scores, (*before, int(found[step]))) == pytest.approx(max(gains))


def test_a_silo_that_is_indifferent_changes_nothing() -> None:
    scores = rng("flat").standard_normal((2, 20))
    flat = np.vstack([scores, np.ones(20)])
    assert greedy_utility(flat, 6).tolist() == greedy_utility(scores, 6).tolist()


def test_the_lowest_are_kept_in_order() -> None:
    assert lowest(np.array([3.0, 1.0, 2.0, 1.0]), 3).tolist() == [1, 3, 2]
