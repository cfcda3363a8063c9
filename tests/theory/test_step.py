"""The step of one generation against its definition: pools of points, fitted and averaged."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import sympy as sp

from theory import step
from theory.family import Family
from theory.laws import law_system
from theory.radial import scatter_moments, variance_squared_system
from theory.recursion import run
from theory.solve import solve
from theory.symbols import d, k, n
from theory.vocabulary import Accumulate, AccumulateSubsample, FixedReal, FreshReal, Replace
from theory.workflow import linear_system, moments_of

ONE = sp.Integer(1)


def test_pooling_is_pooling_of_points() -> None:
    """Groups known by size, mean and scatter give the same fit as their points."""
    groups = [[1, 5, 9], [2, 2], [7, 0, 4, 4]]

    def described(points: list[int]) -> step.Group:
        mean = sp.Rational(sum(points), len(points))
        return step.Group(sp.Integer(len(points)), mean, sum((x - mean) ** 2 for x in points))

    pool = step.pooled([described(points) for points in groups])
    everything = described([x for points in groups for x in points])
    assert (pool.size, pool.mean, pool.scatter) == (
        everything.size,
        everything.mean,
        everything.scatter,
    )
    # Twin: leaving out the scatter between the groups is seen.
    assert sum(described(points).scatter for points in groups) != everything.scatter


def test_gaussian_moments_match_chi_square() -> None:
    moment = step.gaussian_batch(sp.Integer(5), sp.Rational(1, 2))
    assert moment((2, 0)) == sp.Rational(1, 10)
    assert moment((4, 0)) == 3 * sp.Rational(1, 10) ** 2
    assert moment((0, 2)) == sp.Rational(1, 4) * 4 * 6
    assert moment((1, 1)) == 0


def test_selected_batch_refuses_unknown_moments() -> None:
    moment = step.selected_batch(sp.Integer(5), ONE)
    with pytest.raises(step.NoMomentError):
        moment((4, 0))


def test_subsample_moments_by_enumeration() -> None:
    """Fits on 2 of 5 points: mean and variance over all pairs."""
    pool = [Fraction(x) for x in (0, 1, 3, 3, 8)]
    centre = sum(pool) / 5
    spread = sum((x - centre) ** 2 for x in pool) / 5
    pairs = list(combinations(pool, 2))
    shift = sum(((a + b) / 2 - centre) ** 2 for a, b in pairs) / len(pairs) / spread
    share = sum(((a - b) / 2) ** 2 for a, b in pairs) / len(pairs) / spread
    moment = step.subsample(sp.Integer(2), sp.Integer(5), "mle")
    assert (moment((2, 0)), moment((0, 1))) == (sp.Rational(shift), sp.Rational(share))


@pytest.mark.parametrize(
    ("workflow", "ratio"),
    [(Replace, 1 - 1 / n), (Accumulate, 1 - 1 / (n * k**2))],
)
def test_known_steps(workflow: type, ratio: sp.Expr) -> None:
    system = moments_of(Family(workflow=workflow), "variance")
    assert sp.simplify(system.matrix[0, 0] - ratio) == 0
    assert sp.simplify(system.matrix[0, 0] - ratio.subs(n, n - 1)) != 0


def test_subsample_step_is_the_catalogues() -> None:
    """Catalogue entry B7, with s = k - 1."""
    system = moments_of(Family(workflow=AccumulateSubsample), "variance")
    s = k - 1
    claimed = 1 - (2 * n * s - n - s) / ((n * s - 1) * n * (s + 1) ** 2)
    assert sp.simplify(system.matrix[0, 0] - claimed) == 0


def test_master_identity() -> None:
    """Under maximum likelihood E mu^2 + E Sigma stays 1, for every workflow but subsampling."""
    values = {"n": 8, "f": Fraction(1, 4), "n_r": 3}
    for workflow in (Replace, Accumulate, FreshReal, FixedReal):
        family = Family(workflow=workflow)
        parts = ((2, 0, 0, 0), (0, 2, 0, 0))
        total = linear_system(family, parts, (ONE, ONE), ONE)
        expected = 1 if workflow is not FixedReal else None
        for t in (1, 2, 5):
            value = run(total, values, t)
            assert expected is None or value == expected
    broken = linear_system(Family(fit="unbiased"), parts, (ONE, ONE), ONE)
    assert run(broken, values, 3) != 1


def test_fixed_real_recursion_of_the_catalogue() -> None:
    """Catalogue entry C3, its recursion for the drift."""
    size, real = 9, 3
    f, n_r = Fraction(real, size), real
    system = moments_of(Family(workflow=FixedReal), "squared_drift")
    a = m = Fraction(0)
    for t in range(1, 7):
        m = f**2 / n_r + 2 * f * (1 - f) * a + (1 - f) ** 2 * m + (1 - f) * (1 - m) / size
        a = f / n_r + (1 - f) * a
        assert run(system, {"n": size, "n_r": real, "sigma_0": 1}, t) == m


def test_two_ways_to_the_second_moment() -> None:
    """Closure of the polynomial step and the radial step agree where both exist."""
    for workflow in (Replace, Accumulate):
        for fit in ("mle", "unbiased"):
            family = Family(workflow=workflow, fit=fit)
            start = {"n": 7, "sigma_0": 1}
            line, radial = moments_of(family, "variance_squared"), variance_squared_system(family)
            for t in (1, 2, 4):
                assert run(line, start, t) == run(radial, start, t)


def test_radial_moments_of_a_batch_by_simulation() -> None:
    """a and b of Y = sum u u' - pull ubar ubar', for Gaussian points held back by a pool."""
    size, pull = 5, 2.0
    rng = np.random.default_rng(5)
    u = rng.standard_normal((200_000, size, 2))
    mean = u.mean(1)
    y = np.einsum("rni,rnj->rij", u, u) - pull * np.einsum("ri,rj->rij", mean, mean)
    _, a, b = scatter_moments(sp.Integer(size), sp.Integer(2), (ONE, ONE, ONE), ONE)
    for sample, value in ((y[:, 0, 0] * y[:, 1, 1], a), (y[:, 0, 1] ** 2, b)):
        error = sample.std() / len(sample) ** 0.5
        assert abs(sample.mean() - float(value)) < 5 * error
        assert abs(sample.mean() - 1.05 * float(value)) > 5 * error


def test_reverse_kl_step_by_simulation() -> None:
    """The means of 1/Sigma and mu^2/Sigma under Accumulate, drawn."""
    rng = np.random.default_rng(3)
    size, count = 12, 400_000
    mu, v = np.zeros(count), np.ones(count)
    for t in range(1, 4):
        shift = rng.standard_normal(count) * np.sqrt(v / size)
        scatter = v * rng.chisquare(size - 1, count)
        old, total = size * (t - 1), size * t
        v = (old * v + scatter + old * size / total * shift**2) / total
        mu = mu + size / total * shift
    sample = ((1 + mu**2) / v - 1 + np.log(v)) / 2
    value = float(run(law_system(Family(workflow=Accumulate), "kl_start_to_model"), {"n": size}, 3))
    assert abs(sample.mean() - value) < 4 * sample.std() / count**0.5


def test_dimension_scales_totals() -> None:
    system = moments_of(Family(dimension=d), "variance")
    assert run(system, {"n": 4, "d": 3, "sigma_0": 2}, 1) == 3 * 4 * Fraction(3, 4)


def test_solver_returns_none_rather_than_a_guess() -> None:
    assert solve(law_system(Family(workflow=Accumulate), "kl_start_to_model")) is None
