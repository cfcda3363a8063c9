"""The closed forms against definitions, against each other, and against faults planted in them."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar

from theory.errors import InvalidInput
from theory.wasserstein.barycentre import barycentre, frechet_variance, lower_bound, step
from theory.wasserstein.entropic import (
    entropic_ot,
    sinkhorn_divergence,
    unbalanced_atoms,
    unbalanced_gaussian,
)
from theory.wasserstein.gaussian import GaussianPair, symbolic_squared_w2
from theory.wasserstein.line import (
    expected_fit,
    expected_normal_sample,
    mixture_quantile,
    quantile_squared_w2,
)
from theory.wasserstein.matrices import Array
from theory.wasserstein.sliced import sliced_squared_w2

entries = st.floats(-2, 2, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def covariances(draw: st.DrawFn, count: int, dimension: int = 3) -> list[Array]:
    """Positive definite matrices in general position."""
    found = []
    for _ in range(count):
        size = dimension * dimension
        root = np.array(draw(st.lists(entries, min_size=size, max_size=size)))
        root = root.reshape(dimension, dimension)
        found.append(root @ root.T + 0.2 * np.eye(dimension))
    return found


def trace_formula(a: Array, b: Array) -> float:
    """The textbook's form, with SciPy's general matrix root."""
    values = np.linalg.eigvals(a @ b).real
    return float(np.trace(a) + np.trace(b) - 2 * np.sqrt(values).sum())


@given(pair=covariances(2))
@settings(max_examples=50, deadline=None)
def test_value_map_potentials_and_geodesic_agree(pair: list[Array]) -> None:
    shift = np.array([1.0, -2.0, 0.5])
    both = GaussianPair.of(0, pair[0], shift, pair[1])
    assert both.bures == pytest.approx(trace_formula(*pair), rel=1e-8, abs=1e-10)
    matrix = both.map_matrix
    assert matrix @ pair[0] @ matrix == pytest.approx(pair[1], rel=1e-6, abs=1e-8)
    x = np.random.default_rng(1).standard_normal((20, 3))
    f, g = both.potentials(x, shift + x @ matrix)
    cost = ((x - shift - x @ matrix) ** 2).sum(axis=1)
    assert f + g == pytest.approx(cost, rel=1e-6, abs=1e-7)
    f, g = both.potentials(x, 2 * x[::-1])
    across = ((x[:, None] - 2 * x[::-1]) ** 2).sum(-1)
    assert (f[:, None] + g <= across + 1e-7).all()
    for s in (0.0, 0.3, 1.0):
        mean, cov = both.geodesic(s)
        part = GaussianPair.of(0, pair[0], mean, cov).squared_w2
        assert part == pytest.approx(s**2 * both.squared_w2, rel=1e-6, abs=1e-10)
        trace = (1 - s) * np.trace(pair[0]) + s * np.trace(pair[1]) - s * (1 - s) * both.bures
        assert np.trace(cov) == pytest.approx(trace)


def test_singular_laws() -> None:
    line, plane = np.diag([4.0, 0.0]), np.eye(2)
    assert GaussianPair.of(0, line, 0, plane).squared_w2 == pytest.approx(2.0)
    assert GaussianPair.of(0, plane, 0, line).map_matrix == pytest.approx(np.diag([2.0, 0.0]))
    with pytest.raises(InvalidInput, match="no map"):
        _ = GaussianPair.of(0, line, 0, plane).map_matrix
    with pytest.raises(InvalidInput, match="cannot be inverted"):
        GaussianPair.of(0, plane, 0, line).potentials(np.ones((1, 2)), np.ones((1, 2)))


@pytest.mark.parametrize(
    ("cov", "words"),
    [
        ([[1, 2], [2, 1]], "eigenvalue"),
        ([[1, 2], [0, 1]], "symmetric"),
        ([[1, np.nan], [np.nan, 1]], "NaN"),
        ([[1, 0]], "shape"),
        (np.eye(3), "same dimension"),
    ],
)
def test_what_is_no_covariance_is_refused(cov: object, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        GaussianPair.of(0, cov, 0, np.eye(2))


def test_the_expression_in_two_dimensions() -> None:
    a, b = sp.Matrix([[2, 1], [1, 3]]), sp.Matrix([[1, 0], [0, 5]])
    zero = sp.Matrix([0, 0])
    numbers = GaussianPair.of(0, np.array(a, float), 0, np.array(b, float)).squared_w2
    assert float(symbolic_squared_w2(zero, a, zero, b)) == pytest.approx(numbers, rel=1e-12)
    with pytest.raises(InvalidInput, match="1 and 2"):
        symbolic_squared_w2(zero, sp.eye(3), zero, sp.eye(3))


@given(laws=covariances(3), cut=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_barycentre_inequalities(laws: list[Array], cut: int) -> None:
    """Entries G1, G2 and G3, with weights cut anew."""
    weights = np.array([cut, 10 - cut, 5]) / 15
    found = barycentre(laws, weights)
    assert 0 <= found.gap < 1e-8 * (1 + found.variance)
    pooled = sum(w * each for w, each in zip(weights, laws, strict=True))
    assert np.trace(pooled) == pytest.approx(np.trace(found.cov) + found.variance)
    logs = [np.linalg.slogdet(each)[1] for each in laws]
    assert np.linalg.slogdet(found.cov)[1] >= weights @ logs - 1e-9
    roots = np.exp(np.array(logs) / 6)
    assert np.exp(np.linalg.slogdet(found.cov)[1] / 6) >= weights @ roots - 1e-9
    assert np.linalg.eigvalsh(pooled - found.cov)[0] > -1e-9
    cov, traces = np.eye(3), []
    for _ in range(6):
        following = step(cov, laws, weights)
        fall = frechet_variance(cov, laws, weights) - frechet_variance(following, laws, weights)
        apart = GaussianPair.of(0, cov, 0, following).bures
        assert fall >= apart - 1e-8 * (1 + fall)
        traces.append(np.trace(following))
        cov = following
    assert (np.diff(traces) > -1e-9 * traces[-1]).all()


def test_monotone_determinants_are_refuted() -> None:
    """The determinant falls in later steps of most runs, though the trace never does."""
    rng = np.random.default_rng(7)
    fell = 0
    for _ in range(50):
        laws = [root @ root.T + 0.05 * np.eye(3) for root in rng.standard_normal((3, 3, 3))]
        cov, weights, dets = np.eye(3), np.full(3, 1 / 3), []
        for _ in range(6):
            cov = step(cov, laws, weights)
            dets.append(np.linalg.slogdet(cov)[1])
        fell += bool((np.diff(dets) < -1e-6).any())
    assert fell >= 10


def test_a_matrix_that_is_no_barycentre_is_told_by_its_gap() -> None:
    laws = [np.eye(2), np.diag([9.0, 1.0])]
    half = np.array([0.5, 0.5])
    wrong = np.diag([5.0, 1.0])
    assert frechet_variance(wrong, laws, half) - lower_bound(wrong, laws, half) > 1e-2


@given(pair=covariances(2, dimension=2))
@settings(max_examples=10, deadline=None)
def test_sliced_in_the_plane(pair: list[Array]) -> None:
    angles = np.linspace(0, np.pi, 2000, endpoint=False)
    u = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    deviations = [np.sqrt(np.sum((u @ each) * u, axis=1)) for each in pair]
    direct = np.mean((deviations[0] - deviations[1]) ** 2)
    assert sliced_squared_w2(0, pair[0], 0, pair[1]) == pytest.approx(direct, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("epsilon", [0.05, 0.7, 20.0])
def test_entropic_transport_on_the_line(epsilon: float) -> None:
    """Against its definition: the best correlation of a Gaussian coupling."""
    a, b = 1.3, 0.4

    def objective(r: float) -> float:
        return float(a + b - 2 * r * np.sqrt(a * b) - epsilon / 2 * np.log1p(-r * r))

    best = minimize_scalar(objective, bounds=(0, 1 - 1e-12), method="bounded").fun
    assert entropic_ot(0, a, 0, b, epsilon=epsilon) == pytest.approx(best, rel=1e-6)
    # Another unit of epsilon would be seen.
    assert entropic_ot(0, a, 0, b, epsilon=2 * epsilon) != pytest.approx(best, rel=1e-3)


def test_sinkhorn_divergence_between_its_limits() -> None:
    laws = (0, [[2.0, 1.0], [1.0, 2.0]], 1, [[1.0, 0.0], [0.0, 3.0]])
    exact = GaussianPair.of(*laws).squared_w2
    assert sinkhorn_divergence(*laws, epsilon=1e-6) == pytest.approx(exact, rel=1e-5)
    assert sinkhorn_divergence(*laws, epsilon=1e6) == pytest.approx(2.0, rel=1e-4)


def test_unbalanced_atoms_against_their_definition() -> None:
    a, b, c, gamma = 0.7, 1.9, 0.8, 0.5

    def objective(p: float) -> float:
        return float(p * c**2 + gamma * sum(p * np.log(p / mass) - p + mass for mass in (a, b)))

    best = minimize_scalar(objective, bounds=(1e-9, 5), method="bounded").fun
    assert unbalanced_atoms(a, b, c, gamma=gamma) == pytest.approx(best, rel=1e-8)


def test_the_line() -> None:
    one = np.array([1.0])
    normal = mixture_quantile(one, 0 * one, one)
    two = mixture_quantile(np.array([0.5, 0.5]), np.array([-3.0, 3.0]), np.array([0.1, 0.1]))
    # By the definition: two halves of a normal law, each to a narrow one.
    grid = (np.arange(200_000) + 0.5) / 200_000
    from scipy.special import ndtri

    direct = np.mean((ndtri(grid) - two(ndtri(grid[::100])).repeat(100)) ** 2)
    assert quantile_squared_w2(normal, two) == pytest.approx(direct, rel=2e-3)


@pytest.mark.parametrize(("n", "value"), [(2, 2 - 2 * np.sqrt(2) / np.pi), (10, 0.25937)])
def test_the_distance_of_a_sample(n: int, value: float) -> None:
    assert expected_normal_sample(n) == pytest.approx(value, rel=1e-4)
    # The parametric fit is nearer by a factor that grows like log log n.
    assert float(expected_fit(sp.Integer(n))) < expected_normal_sample(n)


def unbalanced_on_a_grid(gamma: float, mass: float, step: float) -> float:
    """The same problem between atoms, by POT's solver; off by about the square of the step."""
    ot = pytest.importorskip("ot")
    grid = np.arange(-6, 8, step)
    a = np.exp(-(grid**2) / 2 / 0.8) / np.sqrt(2 * np.pi * 0.8) * step
    b = mass * np.exp(-((grid - 1.2) ** 2) / 2 / 2.0) / np.sqrt(2 * np.pi * 2.0) * step
    cost = (grid[:, None] - grid) ** 2
    plan = ot.unbalanced.mm_unbalanced(a, b, cost, gamma, div="kl", numItermax=2000, stopThr=1e-12)
    # At the optimum cost and penalties add up to this.
    return float(gamma * (a.sum() + b.sum() - 2 * plan.sum()))


def test_unbalanced_gaussians_against_a_grid() -> None:
    gamma, mass = 1.5, 2.0
    coarse, fine = (unbalanced_on_a_grid(gamma, mass, step) for step in (0.4, 0.2))
    found = fine + (fine - coarse) / 3
    value = unbalanced_gaussian(0, 0.8, 1.2, 2.0, gamma=gamma, mass_y=mass)
    assert value == pytest.approx(found, rel=2e-3)
    # The twin: another mass or another gamma is another problem.
    for other in ({"gamma": gamma}, {"gamma": 1.1 * gamma, "mass_y": mass}):
        assert unbalanced_gaussian(0, 0.8, 1.2, 2.0, **other) != pytest.approx(found, rel=0.01)


def test_unbalanced_gaussians_are_the_best_of_gaussian_plans() -> None:
    """In three dimensions, by a general minimiser over both marginals of the plan."""
    draw = np.random.default_rng(5).standard_normal((3, 3, 3))
    first, second = (np.asarray(m @ m.T / 3 + 0.2 * np.eye(3)) for m in draw[:2])
    shift, gamma = draw[2, 0], 0.7

    def penalty(root: Array, mean: Array, cov: Array, centre: Array) -> float:
        inverse = np.linalg.inv(cov)
        gap = mean - centre
        log = np.linalg.slogdet(cov)[1] - 2 * np.linalg.slogdet(root)[1]
        return float(np.trace(inverse @ root @ root.T) - 3 + log + gap @ inverse @ gap) / 2

    def total(flat: Array) -> float:
        left, right = flat[:9].reshape(3, 3), flat[9:18].reshape(3, 3)
        pair = GaussianPair.of(flat[18:21], left @ left.T, flat[21:], right @ right.T)
        held = penalty(left, flat[18:21], first, np.zeros(3))
        held += penalty(right, flat[21:], second, shift)
        return pair.squared_w2 + gamma * held

    start = np.concatenate([np.eye(3).ravel(), np.eye(3).ravel(), np.zeros(6)])
    least = minimize(total, start, method="BFGS", options={"gtol": 1e-6}).fun
    value = unbalanced_gaussian(0, first, shift, second, gamma=gamma)
    assert value == pytest.approx(2 * gamma * (1 - np.exp(-least / 2 / gamma)), rel=1e-6)
    with pytest.raises(InvalidInput, match="cov_y is singular"):
        unbalanced_gaussian(0, 1, 0, 0, gamma=1)
