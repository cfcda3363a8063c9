"""The population flow against independent evaluations: non-central chi-square laws, exact products,
catalogue entries D5, D9a and D10. Each check has a twin that must fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from theory.errors import InvalidInput
from theory.flow import leap
from theory.flow.ball import Window, keep
from theory.flow.landmarks import (
    asymptotic_exponent,
    final_gap,
    half_life,
    one_sided_reach,
    threshold,
)
from theory.flow.longrun import trajectory
from theory.flow.population import Bundle, path
from theory.flow.prediction import predict
from theory.flow.problem import FlowProblem, NoSymmetry
from theory.vocabulary import (
    Accumulate,
    AccumulateSubsample,
    FixedReal,
    FreshReal,
    Replace,
)

ISOTROPIC = [
    (0.5, 1, 0.5),
    (0.9, 1, 3.0),
    (0.05, 2, 2.0),
    (0.5, 3, 7.0),
    (0.05, 10, 0.01),
    (0.05, 10, 15.5),
    (1e-4, 30, 4.0),
    (0.2, 300, 12.0),
]


def noncentral(alpha: float, d: int, delta: float) -> tuple[float, float, float]:
    """Catalogue entry D8: moments of a kept point of an isotropic law, about its mean."""
    q = stats.ncx2.ppf(alpha, d, delta**2)
    two = stats.ncx2.cdf(q, d + 2, delta**2) / alpha
    four = stats.ncx2.cdf(q, d + 4, delta**2) / alpha
    return delta * (1 - two), two + delta**2 * (four - 2 * two + 1), two


@pytest.mark.parametrize(("alpha", "d", "delta"), ISOTROPIC)
def test_moments_of_an_isotropic_law(alpha: float, d: int, delta: float) -> None:
    window = Window.of(np.array([alpha]), np.array([float(d)]))
    kept = keep(window, np.array([delta]), np.array([1.0]))
    mean, along, across = noncentral(alpha, d, delta)
    assert kept.mean[0] == pytest.approx(mean, rel=1e-8)
    assert kept.along[0] == pytest.approx(along, rel=1e-8)
    if d > 1:
        assert kept.across[0] == pytest.approx(across, rel=1e-8)
    assert kept.mean[0] != pytest.approx(noncentral(alpha, d + 1, delta)[0], rel=1e-5)


@pytest.mark.parametrize(("alpha", "d", "delta"), [(0.05, 10, 6.0), (0.999, 4, 1e3), (1e-6, 2, 0)])
@pytest.mark.parametrize("ratio", [1e-3, 0.3, 20.0])
def test_moments_of_an_anisotropic_law(alpha: float, d: int, delta: float, ratio: float) -> None:
    """Against fine Riemann sums of the same integral, in the coordinate z itself."""
    window = Window.of(np.array([alpha]), np.array([float(d)]))
    kept = keep(window, np.array([delta]), np.array([ratio]))
    near = float(kept.near[0])
    z, dz = np.linspace(-min(near, 9), min(2 * delta + near, 9), 400_001, retstep=True)
    rho = ratio * (z + near) * (2 * delta + near - z)
    weight = stats.norm.pdf(z) * dz
    inner = weight * special.gammainc((d - 1) / 2, rho / 2)
    assert inner.sum() == pytest.approx(alpha, rel=1e-5)
    assert kept.along[0] == pytest.approx((inner * z * z).sum() / alpha, rel=1e-5)
    radial = (weight * special.gammainc((d + 1) / 2, rho / 2)).sum() / alpha
    assert kept.across[0] == pytest.approx(radial, rel=1e-5)
    wrong = (inner * z * z).sum() / (alpha * 1.0001)
    assert kept.along[0] != pytest.approx(wrong, rel=1e-5)


@pytest.mark.parametrize(("alpha", "d"), [(0.5, 2), (0.05, 10), (0.9, 1)])
def test_an_aligned_target_has_the_exact_product(alpha: float, d: int) -> None:
    """Catalogue entry D5: V_t = V_1 Gamma(t + kappa) / (Gamma(1 + kappa) t!)."""
    problem = FlowProblem(Accumulate(), d, 0.0, alpha)
    kappa = 1 - asymptotic_exponent(alpha, d)
    times = np.array([1.0, 2, 50, 1000, 1e4, 1e6])
    flow = trajectory(problem, times)

    def product(k: float) -> Any:
        log = special.gammaln(times + k) - special.gammaln(1 + k) - special.gammaln(times + 1)
        return np.log(kappa * d) + log

    np.testing.assert_allclose(flow.log_trace, product(kappa), atol=2e-7)
    np.testing.assert_allclose(flow.psi, 1 - kappa, rtol=1e-8)
    assert np.abs(flow.log_trace - product(1.01 * kappa)).max() > 1e-3


@pytest.mark.parametrize("distance", [2.0, 15.5])
def test_log_time_meets_the_walk(distance: float) -> None:
    problem = FlowProblem(Accumulate(), 10, distance, 0.05, ridge=1e-4)
    flow = trajectory(problem, [300, 3000])
    walk = path(Bundle.of([problem]), 3000)
    assert flow.log_trace[1] == pytest.approx(walk.log_trace[0, 3000], abs=1e-7)
    assert flow.gap[1] == pytest.approx(walk.gap[0, 3000], rel=1e-6)
    # One generation further is another state: the check sees an error in time of 1/3000.
    assert flow.log_trace[1] != pytest.approx(walk.log_trace[0, 2999], abs=1e-5)


def test_leaps_meet_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the ridge, the dimension and the distance: to 1e-8, at every generation."""
    cells = [(10, 15.5, 0.05, 1e-6), (5, 9.0, 0.1, 1e-3), (1, 3.0, 0.2, 0.0), (2, 60.0, 0.02, 0.0)]
    rows = [FlowProblem(Accumulate(), d, b, a, ridge=r) for d, b, a, r in cells]
    # Beside a replaced run every generation is walked.
    walk = path(Bundle.of([*rows, FlowProblem(Replace(), 5, 3.0, 0.2)]), 400)
    assert walk.found.size == 400

    def apart() -> tuple[float, float, int]:
        leaps = path(Bundle.of(rows), 400)
        logs = np.abs(leaps.log_trace - walk.log_trace[:-1]).max()
        moves = np.abs(leaps.gap - walk.gap[:-1]).max()
        near = np.abs(leaps.near - walk.near[:-1]).max()
        return float(logs), float(max(moves, near)), leaps.found.size

    logs, moves, found = apart()
    assert logs < 1e-8
    assert moves < 1e-7
    assert found < 200
    # The twin: straight lines, taken whatever they miss.
    monkeypatch.setattr(leap, "ORDER", 2)
    monkeypatch.setattr(leap, "SURE", np.inf)
    assert apart()[0] > 1e-6


@pytest.mark.nightly
def test_log_time_meets_the_walk_at_ten_thousand() -> None:
    problem = FlowProblem(Accumulate(), 10, 8.2, 0.05)
    walk = path(Bundle.of([problem]), 10_000)
    flow = trajectory(problem, [10_000])
    assert flow.log_trace[0] == pytest.approx(walk.log_trace[0, -1], abs=2e-8)


def test_a_subsample_of_the_pool_has_the_flow_of_the_pool() -> None:
    rows = [FlowProblem(kind, 5, 3.0, 0.2) for kind in (Accumulate(), AccumulateSubsample())]
    walk = path(Bundle.of([*rows, FlowProblem(Replace(), 5, 3.0, 0.2)]), 30)
    np.testing.assert_array_equal(walk.log_trace[0], walk.log_trace[1])
    assert abs(walk.log_trace[0, 30] - walk.log_trace[2, 30]) > 1


@pytest.mark.parametrize(
    ("alpha", "root"), [(0.6, 7.894), (0.7, 3.814), (0.8, 2.376), (0.9, 1.5596), (0.95, 1.2116)]
)
def test_the_threshold_of_the_far_target(alpha: float, root: float) -> None:
    assert threshold(alpha) == pytest.approx(root, abs=6e-4)
    # And it separates two fates of the whole flow, far enough on either side.
    near, far = (
        trajectory(FlowProblem(Accumulate(), 1, f * root, alpha, first_batch="real"), [1.0, 1e12])
        for f in (0.8, 1.25)
    )
    for flow, grows in ((near, False), (far, True)):
        delta = flow.gap / np.exp(flow.log_along / 2)
        assert (delta[1] > delta[0]) == grows


def test_half_the_candidates_always_bring_the_mean_home() -> None:
    assert threshold(0.5) == np.inf
    with pytest.raises(InvalidInput, match="kept_fraction"):
        threshold(1.0)


@pytest.mark.parametrize(("factor", "left"), [(0.8, 0.0), (0.9, 0.0), (1.1, 0.2501), (1.3, 0.75)])
def test_replace_has_a_finite_reach(factor: float, left: float) -> None:
    reach = one_sided_reach(0.25)
    gap = final_gap(FlowProblem(Replace(), 1, factor * reach, 0.25))
    assert gap == pytest.approx(left, abs=6e-5)
    accumulated = final_gap(FlowProblem(Accumulate(), 1, factor * reach, 0.25))
    assert accumulated < 1e-3


def test_replace_short_of_the_target_shrinks_along_like_the_square_of_across() -> None:
    """The models settle on one paraboloid shape: gap * deviation along ~ variance across."""
    walk = path(Bundle.of([FlowProblem(Replace(), 10, 12.0, 0.05)]), 200)
    along, across = (np.diff(each)[0, -1] for each in (walk.log_along, walk.log_across))
    assert along == pytest.approx(2 * across, rel=1e-9)
    home = path(Bundle.of([FlowProblem(Replace(), 10, 1.0, 0.05)]), 200)
    along, across = (np.diff(each)[0, -1] for each in (home.log_along, home.log_across))
    assert along == pytest.approx(across, rel=1e-9)
    assert across == pytest.approx(np.log(1 - asymptotic_exponent(0.05, 10)), rel=1e-9)


def test_fresh_real_data_settle() -> None:
    problem = FlowProblem(FreshReal(0.1), 10, 6.5, 0.05)
    flow = trajectory(problem, [10, 1000, 1e6])
    assert flow.log_trace[1] == pytest.approx(flow.log_trace[2], abs=1e-10)
    assert abs(flow.psi[-1]) < 1e-6
    less = trajectory(FlowProblem(FreshReal(0.05), 10, 6.5, 0.05), [1e6])
    assert less.log_trace[0] < flow.log_trace[2] - 0.1


def test_half_the_diversity() -> None:
    problem = FlowProblem(Accumulate(), 10, 6.5, 0.05)
    t = half_life(problem)
    walk = path(Bundle.of([problem]), int(t) + 1).log_trace[0]
    assert walk[int(t)] > np.log(5) > walk[int(t) + 1]


def test_a_ridge_stops_the_shrinking() -> None:
    kept = trajectory(FlowProblem(Replace(), 3, 0.0, 0.3, ridge=1e-3), [300])
    kappa = 1 - asymptotic_exponent(0.3, 3)
    assert kept.log_trace[0] == pytest.approx(np.log(3 * 1e-3 / (1 - kappa)), abs=1e-9)
    free = trajectory(FlowProblem(Replace(), 3, 0.0, 0.3), [300])
    assert free.log_trace[0] < -100


def raw_setting() -> tuple[Any, Any, Any]:
    root = np.array([[2.0, 0, 0], [0.5, 1.0, 0], [-1.0, 0.3, 0.7]])
    mean = np.array([1.0, -2.0, 0.5])
    return mean, root @ root.T, mean + root @ np.array([1.0, 2.0, 2.0])


def test_a_raw_setting_is_whitened() -> None:
    mean, sigma, target = raw_setting()
    problem = FlowProblem.from_target(Accumulate(), mean, sigma, target, 0.1, sample_size=50)
    assert problem.distance == pytest.approx(3.0)
    assert problem.trace == pytest.approx(np.trace(sigma))
    axis = (target - mean) / 3.0
    assert problem.trace_along == pytest.approx(axis @ axis)
    # W has the eigenvalues of sigma: the four weights give its squared norm.
    squared = (
        problem.trace_along**2
        + 2 * problem.trace_mixed
        + problem.trace_traceless
        + problem.weight_across**2 / 2
    )
    assert squared == pytest.approx((sigma**2).sum())
    scaled = FlowProblem.from_target(
        Accumulate(), mean, sigma, target, 0.1, metric=0.3 * sigma, sample_size=50
    )
    a, b = (path(Bundle.of([each]), 20).log_trace[0] for each in (problem, scaled))
    np.testing.assert_allclose(a, b, atol=1e-12)


def test_a_setting_without_symmetry_says_so() -> None:
    mean, sigma, target = raw_setting()
    with pytest.raises(NoSymmetry, match="covariance"):
        FlowProblem.from_target(Replace(), mean, sigma, target, 0.1, metric=np.eye(3))
    with pytest.raises(NoSymmetry, match="ridge"):
        FlowProblem.from_target(Replace(), mean, sigma, target, 0.1, ridge=1e-6)
    round_law = FlowProblem.from_target(Replace(), mean, 4 * np.eye(3), target, 0.1, ridge=0.2)
    assert round_law.ridge == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"workflow": FixedReal(10)}, "workflow"),
        ({"dimension": 0}, "dimension"),
        ({"distance": -1.0}, "distance"),
        ({"kept_fraction": 1.0}, "kept_fraction"),
        ({"sample_size": 2.5}, "sample_size"),
        ({"ridge": float("nan")}, "ridge"),
        ({"first_batch": "none"}, "first_batch"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], match: str) -> None:
    good: dict[str, Any] = {
        "workflow": Replace(),
        "dimension": 2,
        "distance": 1.0,
        "kept_fraction": 0.5,
    }
    FlowProblem(**good)
    with pytest.raises(InvalidInput, match=match):
        FlowProblem(**{**good, **change})


@pytest.mark.parametrize("dimension", [1, 3])
def test_the_flow_goes_on_where_floats_end(dimension):
    """Short of the target a replaced model loses a constant share each generation, for ever."""
    short = FlowProblem(Replace(), dimension, 9.0, 0.3)
    logs = predict(short, [100, 101, 2000, 2001]).log_trace
    early, late = logs[1] - logs[0], logs[3] - logs[2]
    assert late == pytest.approx(early, rel=1e-6)
    assert logs[2] == pytest.approx(logs[0] + 1900 * early, rel=1e-6)
    if dimension == 1:  # all that is left is the tail of a line
        i = np.exp(-0.5 * special.ndtri(0.3) ** 2) / np.sqrt(2 * np.pi) / 0.3
        assert late == pytest.approx(np.log(1 - i * (i + special.ndtri(0.3))), rel=1e-9)
    # The twin: a model that arrives loses less, kappa of the whole ball.
    home = predict(FlowProblem(Replace(), dimension, 0.5, 0.3), [100, 101]).log_trace
    assert home[1] - home[0] != pytest.approx(early, rel=1e-3)
