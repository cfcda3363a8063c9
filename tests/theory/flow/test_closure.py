"""The law carried through the whole step: its first order is the expansion's, and its limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from theory.flow import FlowProblem, closure, predict_all
from theory.flow.closure import TOGETHER, advance, run
from theory.flow.law import WEIGHTS, Law, points, root, roots, start
from theory.flow.origin import Origin
from theory.flow.pace import PACE, SINGLE, between, nodes
from theory.flow.population import Bundle, path
from theory.flow.prediction import expansion_all
from theory.flow.recorded import recorded
from theory.vocabulary import Accumulate

CELLS = [(2, 3.0, 0.5), (5, 8.0, 0.2), (10, 2.72, 0.05)]


def test_the_first_order_is_the_expansions() -> None:
    """Two derivations of the term in 1/n, of the variance and, within a twentieth, of the mean.

    Near a model without a tilt the law of rho, a cube root, is not that of three points. A larger n
    would show the quadrature's error, 1e-6 of a deviation.
    """
    n, times = 10_000, [1, 2, 5, 20, 40]
    rows = [FlowProblem(Accumulate(), d, b, alpha, sample_size=n) for d, b, alpha in CELLS]
    seen = (*predict_all(rows, times), *expansion_all(rows, times))
    for mine, other in zip(seen[:3], seen[3:], strict=True):
        first = n * (other.log_trace - other.population)
        apart = n * (mine.log_trace - mine.population) - first
        scale = np.abs(first).max()
        assert scale > 0.1
        assert np.abs(apart).max() < 0.05 * scale
        np.testing.assert_allclose(mine.log_trace_sd, other.log_trace_sd, rtol=0.005)
    # The twin: another problem's first order is not this one's.
    own, foreign = (n * (seen[i].log_trace - seen[i].population) for i in (0, 4))
    assert np.abs(own - foreign).max() > 0.1 * np.abs(foreign).max()


def test_the_points_have_the_covariance_they_stand_for() -> None:
    bundle = Bundle.of([FlowProblem(Accumulate(), 4, 3.0, 0.2, sample_size=50)])
    law, guess = start(bundle), None
    for t in (1, 2, 3):
        law, guess = advance(bundle, law, t, guess)
    x = points(law)
    mean = np.einsum("p,pri->ri", WEIGHTS, x)
    np.testing.assert_allclose(mean, law.mean, rtol=1e-12)
    apart = x - mean
    covariance = np.einsum("p,pri,prj->rij", WEIGHTS, apart, apart)
    np.testing.assert_allclose(covariance, law.covariance, rtol=1e-9, atol=1e-15)
    assert np.linalg.eigvalsh(law.covariance[0])[0] > 0


def test_roots_of_like_covariances_are_alike() -> None:
    """They are roots, one of them singular or not, and those of near covariances lie near even
    where principal axes change places."""
    middle = np.diag([1.0, 1.0, 2.0])[None, None]
    away = np.zeros((2, 1, 3, 3))
    away[0, 0, 0, 1] = away[0, 0, 1, 0] = away[1, 0, 0, 0] = 0.01
    near = middle + away
    singular = np.concatenate([near, np.diag([1.0, 0.0, 2.0])[None, None]])
    for several in (near, singular):
        found = roots(several)
        np.testing.assert_allclose(found @ np.swapaxes(found, -1, -2), several, atol=1e-12)
    assert np.abs(np.diff(roots(near), axis=0)).max() < 0.02
    # The twin: principal axes of each.
    assert np.abs(np.diff(root(near), axis=0)).max() > 0.2


def test_the_points_carry_a_bend() -> None:
    """A parabola of a normal is carried with its mean, its variance and its third moment."""
    covariance = np.diag([0.04, 2 * 0.3**2 + 0.01, 0.01, 0.01, 0.01, 0.01])[None]
    bend = np.array([[0.0, 0.3, 0.0, 0.0, 0.0, 0.0]])
    straight = Law(np.zeros((1, 6)), covariance, np.zeros(1), 0 * bend, Origin.start(1, 6))

    def third(law: Law) -> float:
        x = points(law)[:, 0]
        mean = np.einsum("p,pi->i", WEIGHTS, x)
        np.testing.assert_allclose(mean, 0.0, atol=1e-15)
        np.testing.assert_allclose(np.einsum("p,pi,pj->ij", WEIGHTS, x, x), covariance[0])
        return float(np.einsum("p,p,p->", WEIGHTS, x[:, 0] ** 2, x[:, 1]))

    assert abs(third(replace(straight, bend=bend)) - 2 * 0.04 * 0.3) < 1e-12
    assert abs(third(straight)) < 1e-12  # the twin


@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_with_very_many_points_it_is_the_population_flow(ridge: float) -> None:
    rows = [
        FlowProblem(Accumulate(), d, b, alpha, sample_size=10**9, ridge=ridge)
        for d, b, alpha in CELLS
    ]
    bundle = Bundle.of(rows)
    law, guess = start(bundle), None
    for t in range(1, 13):
        law, guess = advance(bundle, law, t, guess)
    seen, flow = recorded([law], bundle), path(bundle, 12)
    logs, moved = seen.log_trace[:, 0], (bundle.distance[:, None] - flow.gap) ** 2
    np.testing.assert_allclose(logs, flow.log_trace[:, 12], atol=2e-5)
    np.testing.assert_allclose(seen.distance[:, 0], moved[:, 12], rtol=2e-5)
    assert (np.abs(logs - flow.log_trace[:, 11]) > 1e-3).all()
    assert (np.abs(seen.distance[:, 0] / moved[:, 11] - 1) > 1e-3).all()
    assert (seen.log_trace_sd < 3e-4).all()
    assert (seen.distance_sd < 3e-4 * seen.distance).all()


def test_several_generations_at_once_are_each_in_turn() -> None:
    """Means within .001 and ends of bands within .003 of the law found at every generation, and the
    logarithm of the squared distance within .002."""
    cells = [(10, 2.72, 0.05), (10, 15.52, 0.05), (5, 12.0, 0.2), (30, 8.0, 0.2), (2, 8.0, 0.5)]
    rows = [FlowProblem(Accumulate(), d, b, alpha, sample_size=100) for d, b, alpha in cells]
    bundle, times = Bundle.of(rows), np.arange(301)
    slow = run(bundle, times, times)

    def apart(grid: NDArray[np.intp] | None) -> tuple[float, float, float]:
        quick = run(bundle, times, grid)
        seen = np.abs(quick.log_trace - slow.log_trace)
        half = 1.645 * np.abs(quick.log_trace_sd - slow.log_trace_sd)
        moved = np.abs(quick.distance[:, 1:] / slow.distance[:, 1:] - 1)
        return float(seen.max()), float((seen + half).max()), float(moved.max())

    quick = apart(None)
    assert quick[0] < 1e-3
    assert quick[1] < 3e-3
    assert quick[2] < 2e-3
    # The twin: steps that are too long, or too early.
    long = apart(nodes(300, pace=8 * PACE))
    early = apart(nodes(300, single=12, pace=4 * PACE))
    assert min(long[0], early[0]) > 1e-3
    assert min(long[1], early[1]) > 3e-3
    assert long[2] > 2e-3


def test_small_noise_is_taken_at_the_middle_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Means within .0005 and deviations within .0005 of those with noise at every point."""
    cells = [(10, 15.52, 0.05), (2, 15.5, 0.2)]
    bundle = Bundle.of([FlowProblem(Accumulate(), *cell, sample_size=100) for cell in cells])

    def seen(together: int) -> NDArray[np.float64]:
        monkeypatch.setattr(closure, "TOGETHER", together)
        found = run(bundle, np.array([150]))
        return np.concatenate([found.log_trace, found.log_trace_sd])

    every = seen(10**6)
    assert np.abs(seen(TOGETHER) - every).max() < 5e-4
    # The twin: noise is not small from the start on.
    assert np.abs(seen(2) - every).max() > 2e-3


def test_the_nodes_do_not_depend_on_what_is_asked() -> None:
    every = nodes(100_000)
    assert every.size < 300
    np.testing.assert_array_equal(every[: SINGLE + 1], np.arange(SINGLE + 1))
    for last in (0, 5, SINGLE, SINGLE + 1, 300, 4321):
        some = nodes(last)
        assert some[-1] >= last
        np.testing.assert_array_equal(some, every[: some.size])
    curve = np.log(every + 1.0)[None] ** 3
    asked = np.array([0, 7, 60, 299, 4321])
    np.testing.assert_allclose(between(every, curve, asked), np.log(asked + 1.0)[None] ** 3)
