"""The shelf's formulas against recursions worked out step by step, and against printed numbers."""

import math
from fractions import Fraction

import numpy as np
import pytest

from theory import shelf
from theory.evaluation import evaluate_float
from theory.rivals import rivals


def value(identifier, expression=None, **values):
    claim = shelf.find(identifier)
    chosen = claim.expectation if expression is None else expression
    return evaluate_float(chosen, {"sigma_0": 1, **values})


def fresh_real(n, f, t):
    """Drift with f n fresh real points: the pooled mean, then the master identity."""
    m = Fraction(0)
    for _ in range(t):
        v = 1 - m  # the raw second moment is a martingale
        m = f**2 / (f * n) + (1 - f) ** 2 * (m + v / ((1 - f) * n))
    return m


def fixed_real(n, n_r, t):
    """Drift with the same n_r real points in every fit; a is the correlation with their mean."""
    f = Fraction(n_r, n)
    a = m = Fraction(0)
    for _ in range(t):
        v = 1 - m
        m = f**2 / n_r + 2 * f * (1 - f) * a + (1 - f) ** 2 * (m + v / (n - n_r))
        a = f / n_r + (1 - f) * a
    return m


def subsample(n, t):
    """Variance fitted on n of n t pooled points: pool variance, fit, batch, pool."""
    pool = 1 - Fraction(1, n)
    for s in range(1, t):
        points = n * s
        fitted = (1 - Fraction(1, n)) * Fraction(points, points - 1) * pool
        shift = pool * Fraction(s - 1, points - 1) + fitted / n  # of the batch's mean
        scatter = points * pool + (n - 1) * fitted + Fraction(points * n, points + n) * shift
        pool = scatter / (points + n)
    points = n * t
    return (1 - Fraction(1, n)) * Fraction(points, points - 1) * pool


def accumulated(sizes, kappa=1.0, first=None):
    """Variance and drift when batches of kept points join a pool, group by group."""
    pool, v, m = 0, 1.0, 0.0
    for step, size in enumerate(sizes, start=1):
        q = first if step == 1 and first is not None else kappa
        total = pool + size
        shift = q * v / size  # squared distance of the batch's mean from the pool's
        scatter = pool * v + q * (size - 1) * v + pool * size / total * shift
        m += (size / total) ** 2 * shift
        pool, v = total, scatter / total
    return v, m


CASES = [
    (
        "derived.fresh-real-drift",
        {"n": 8, "f": Fraction(1, 4), "t": 5},
        fresh_real(8, Fraction(1, 4), 5),
    ),
    ("derived.fixed-real-drift", {"n": 9, "n_r": 2, "t": 6}, fixed_real(9, 2, 6)),
    ("derived.fixed-real-variance", {"n": 9, "n_r": 2, "t": 6}, 1 - fixed_real(9, 2, 6)),
    ("derived.fixed-real-limit", {"n": 9, "n_r": 2}, fixed_real(9, 2, 250)),
    ("kazdan2025.subsample", {"n": 4, "t": 5}, subsample(4, 5)),
    ("kazdan2025.subsample-drift", {"n": 3, "t": 4}, 1 - subsample(3, 4)),
    ("kazdan2025.accumulate", {"n": 4, "t": 6}, accumulated([4] * 6)[0]),
    ("kazdan2025.accumulate-gamma", {"n": 5, "t": 6, "d": 3}, 3 * accumulated([5] * 6)[0]),
    ("kazdan2025.accumulate-drift", {"n": 4, "t": 6}, accumulated([4] * 6)[1]),
    ("derived.accumulate-schedule", {"n": 3, "t": 4}, accumulated([3, 6, 9, 12])[0]),
]


@pytest.mark.parametrize(("identifier", "values", "expected"), CASES, ids=lambda x: str(x)[:40])
def test_a_formula_equals_its_recursion_and_its_rivals_do_not(identifier, values, expected):
    scaled = {**values, "sigma_0": 3}
    claimed = pytest.approx(9 * float(expected), rel=1e-12)
    assert value(identifier, **scaled) == claimed
    for rival in rivals(shelf.find(identifier)):
        try:
            other = value(identifier, rival.expression, **scaled)
        except ArithmeticError:
            continue
        assert other != claimed, rival.name


@pytest.mark.parametrize(("first", "identifier"), [(None, ""), (1.0, "-real-first")])
def test_selection_into_a_pool(first, identifier):
    at = {"n": 4, "N": 9, "d": 2, "t": 5}
    kappa = value("qiao2026.kappa-n-of-N", n=4, N=9, d=2)
    v, m = accumulated([4] * 5, kappa, first)
    assert value(f"qiao2026.accumulate{identifier}", **at) == pytest.approx(2 * v, rel=1e-12)
    if first is None:
        assert value("qiao2026.accumulate-drift", **at) == pytest.approx(2 * m, rel=1e-12)
    else:
        assert value("qiao2026.accumulate", **at) != pytest.approx(2 * v, rel=1e-3)


def test_the_limits_are_reached():
    for short, long in (
        ("kazdan2025.accumulate", "kazdan2025.accumulate-limit"),
        ("kazdan2025.accumulate-drift", "kazdan2025.accumulate-drift-limit"),
    ):
        far = accumulated([4] * 4000)
        expected = far[0] if short.endswith("accumulate") else far[1]
        assert value(long, n=4) == pytest.approx(expected, abs=1e-4)


def test_the_subsample_variance_saturates_above_the_product_of_the_bounds():
    for n in (3, 4, 8):
        bound = (1 - 1 / n) ** 2 * math.prod(1 - 2 / (n * k**2) for k in range(2, 61))
        assert 0.5 * float(subsample(n, 60)) < bound < float(subsample(n, 60))


@pytest.mark.parametrize(
    ("identifier", "values", "printed", "digits"),
    [
        ("qiao2026.kappa-n-of-N", {"n": 5, "N": 20, "d": 2}, 0.1615, 4),
        ("qiao2026.kappa-plane", {"n": 5, "N": 20}, 0.1615, 4),
        ("qiao2026.kappa-n-of-N", {"n": 5, "N": 20, "d": 1}, 0.0497, 4),
        ("qiao2026.kappa-above-population", {"n": 5, "N": 20, "d": 1}, 0.0334, 4),
        ("qiao2026.kappa-above-population", {"n": 5, "N": 20, "d": 2}, 0.1370, 4),
        ("kazdan2025.accumulate-limit", {"n": 2}, 1 - 1.2836 / 2, 4),
        ("derived.accumulate-log", {"n": 4, "t": 6}, -0.88138, 5),
    ],
)
def test_printed_numbers(identifier, values, printed, digits):
    assert round(value(identifier, **values), digits) == pytest.approx(printed, abs=1e-9)


def test_kernel_density_variances_of_the_catalogue():
    n, t_max, h = 5, 4, Fraction(3, 10)
    found = [
        value("kazdan2025.kde-variance", n=n, t=t, bandwidth=h) * (n - 1) / n
        for t in range(1, t_max + 1)
    ]
    for mean, simulated in zip(found, (0.8017, 0.7125, 0.6415, 0.5848), strict=True):
        assert mean == pytest.approx(simulated, abs=4e-3)


def test_closed_forms_agree_with_the_named_kappa():
    for alpha in (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)):
        for d, name in ((1, "line"), (2, "plane")):
            own = shelf.find(f"tallis1963.kappa-{name}")
            named = shelf.find("tallis1963.kappa")
            for word in ("mean", "variance"):
                assert evaluate_float(getattr(own, word), {"alpha": alpha}) == pytest.approx(
                    evaluate_float(getattr(named, word), {"alpha": alpha, "d": d}), rel=1e-12
                )
    plane, general = shelf.find("qiao2026.kappa-plane"), shelf.find("qiao2026.kappa-n-of-N")
    for n, N in ((2, 3), (5, 20)):
        for word in ("mean", "variance"):
            assert evaluate_float(getattr(plane, word), {"n": n, "N": N}) == pytest.approx(
                evaluate_float(getattr(general, word), {"n": n, "N": N, "d": 2}), rel=1e-12
            )


def test_the_tail_bound_is_loose_by_a_factor_two_in_the_rate():
    claim = shelf.find("derived.log-variance-unbiased")
    for n in (5, 20, 50):
        typical = -evaluate_float(claim.equals, {"n": n, "t": 1, "sigma_0": 1}) / 2
        bound = 1 / (4 * n - 1)
        assert 2 <= typical / bound < 2.6
        below = evaluate_float(shelf.find("bertrand2024.std-decay").mean, {"n": n, "t": 1})
        assert 1 <= -math.log(below) / bound < 1.2


def test_the_law_of_a_fit_has_the_moments_of_its_claim():
    claim = shelf.find("folklore.unbiased-ratio")
    x = np.linspace(0, 60, 200_001)
    for n in (2, 5, 40):
        above = 1 - claim.cdf(x, n=n)
        assert np.trapezoid(above, x) == pytest.approx(evaluate_float(claim.mean, {}), abs=2e-3)
        second = np.trapezoid(2 * x * above, x)
        assert second - 1 == pytest.approx(evaluate_float(claim.variance, {"n": n}), rel=1e-3)
