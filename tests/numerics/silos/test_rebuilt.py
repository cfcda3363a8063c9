"""Rebuilt proxies need no points: the score towards any point of the geodesic ranks alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.silos.context import Context, Options
from numerics.silos.rebuilt import scheme_1_linear_rebuilt
from numerics.silos.rules import select
from numerics.silos.transport import dual_scores, solve
from numerics.streams import Stream


def rng(stage: str) -> np.random.Generator:
    return Stream("c0ffee", "test_rebuilt", stage=stage).generator()


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
def test_s_times_the_potential_is_optimal_towards_the_proxy(share: float) -> None:
    """Checked where the plan is a map (three candidates for each reference point).

    s times the potential proves the whole distance to the proxy, s² times that to the reference.
    """
    x = rng("geodesic").standard_normal((12, 2))
    y = rng("end").standard_normal((4, 2)) * 2
    images = solve(x, y).images
    whole = np.mean(((x - images) ** 2).sum(axis=1))
    proxy = (1 - share) * x + share * images
    potential = dual_scores(x, y) * 11 / 12
    assert dual_value(share * potential, x, proxy) == pytest.approx(share**2 * whole, rel=1e-9)
    # The twin: the potential towards another reference proves less.
    other = dual_scores(x, rng("elsewhere").standard_normal((4, 2)) * 2) * 11 / 12
    assert dual_value(share * other, x, proxy) < 0.95 * share**2 * whole


def context(**options: object) -> Context:
    silos = tuple(rng(f"silo {k}").standard_normal((30 + k, 3)) + k for k in range(3))
    return Context(silo=0, references=silos, options=Options(**options))  # type: ignore[arg-type]


def test_silos_send_a_number_a_candidate() -> None:
    candidates = rng("candidates").standard_normal((200, 3)) * 2
    for name in ("scheme-1-linear-rebuilt", "scheme-1-greedy-rebuilt"):
        here = context()
        kept = select(name, candidates, 50, here, rng("rule"))
        assert here.exchange.by_kind() == {"ScoreMessage": 3 * 200 * 8}
        # Nearer to the silos together than a random choice is.
        middle = np.mean([each.mean(axis=0) for each in here.references], axis=0)
        gap = np.linalg.norm(candidates[kept].mean(axis=0) - middle)
        assert gap < np.linalg.norm(candidates.mean(axis=0) - middle) / 2


def test_noise_on_the_scores_is_what_is_sent() -> None:
    candidates = rng("candidates").standard_normal((200, 3)) * 2
    here = context()
    plain = scheme_1_linear_rebuilt(candidates, 50, here, rng("rule"))
    noisy = replace(here, options=Options(noise=lambda array, g: g.standard_normal(array.shape)))
    other = scheme_1_linear_rebuilt(candidates, 50, noisy, rng("rule"))
    # Noise alone keeps a random quarter.
    assert len(set(plain) & set(other)) < 25
