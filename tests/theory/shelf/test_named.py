"""The shelf's finite sums against brute force, and against printed numbers."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from theory import shelf
from theory.errors import InvalidInput
from theory.evaluation import evaluate_float
from theory.shelf._chains import (
    LARGEST,
    FixationSpread,
    FixationTime,
    StillMixed,
    StillPresent,
    Survival,
)
from theory.shelf._student import SyntheticTestSize

n, t, p = sp.symbols("n t p", positive=True)


def binomial(size, share):
    return [math.comb(size, j) * share**j * (1 - share) ** (size - j) for j in range(size + 1)]


def chain(size, fits, share):
    """Exact law of the count after some fits, in fractions."""
    law = binomial(size, share)
    for _ in range(fits - 1):
        rows = [binomial(size, Fraction(i, size)) for i in range(size + 1)]
        law = [sum(law[i] * rows[i][j] for i in range(size + 1)) for j in range(size + 1)]
    return law


@pytest.mark.parametrize(
    ("size", "fits", "share"), [(3, 1, Fraction(1, 5)), (5, 4, Fraction(2, 3))]
)
def test_the_chain_is_that_of_binomial_resampling(size, fits, share):
    law = chain(size, fits, share)
    at = {"n": size, "t": fits, "p": share}
    assert evaluate_float(StillPresent(n, t, p), at) == pytest.approx(float(1 - law[0]), rel=1e-13)
    mixed = float(1 - law[0] - law[-1])
    assert evaluate_float(StillMixed(n, t, p), at) == pytest.approx(mixed, rel=1e-13)
    assert evaluate_float(StillMixed(n, t + 1, p), at) < mixed


@pytest.mark.parametrize(("size", "share"), [(4, 0.5), (7, 0.1)])
def test_the_fixation_time_sums_the_survival(size, share):
    law = np.array(chain(size, 1, share), dtype=float)
    rows = np.array([binomial(size, i / size) for i in range(size + 1)])
    first = second = 0.0
    alive = 1.0  # P(T > k - 1)
    for k in range(1, 2000):
        first += alive
        second += (2 * k - 1) * alive
        alive = law[1:-1].sum()
        law = law @ rows
    at = {"n": size, "p": share}
    assert evaluate_float(FixationTime(n, p), at) == pytest.approx(first, rel=1e-12)
    assert evaluate_float(FixationSpread(n, p), at) == pytest.approx(second - first**2, rel=1e-10)


def test_one_point_is_fixed_at_once():
    at = {"n": 1, "p": Fraction(1, 3)}
    assert evaluate_float(FixationTime(n, p), at) == 1
    assert evaluate_float(FixationSpread(n, p), at) == 0


def test_the_printed_fixation_times():
    time, diffusion = FixationTime(n, p), shelf.find("kimura1969.diffusion").mean
    for size, share, exact, approximate in (
        (10, Fraction(1, 2), 12.59, 13.86),
        (50, Fraction(1, 2), 67.5, 69.3),
        (50, Fraction(1, 10), 31.2, 32.5),
    ):
        at = {"n": size, "p": share}
        assert evaluate_float(time, at) == pytest.approx(exact, rel=2e-3)
        assert evaluate_float(diffusion, at) == pytest.approx(approximate, rel=2e-3)


def test_the_printed_bounds_on_being_mixed():
    at = {"n": 12, "p": Fraction(3, 10), "t": 9}
    names = ("mixed-lower", "mixed-exact", "mixed-upper-improved", "mixed-upper")
    values = [evaluate_float(shelf.find(f"seddik2024.{each}").equals, at) for each in names]
    assert [round(value, 3) for value in values] == [0.384, 0.52, 1.256, 2.303]


def test_the_chain_meets_the_bounds_on_survival():
    """Suresh et al., Theorem 1, in 60 cases without any noise."""
    lower, upper = (shelf.find(f"suresh2025.symbol-{each}").equals for each in ("lower", "upper"))
    for size, fits, share in itertools.product(
        (2, 5, 13, 30), (1, 3, 7), (0.003, 0.02, 0.1, 0.5, 0.9)
    ):
        at = {"n": size, "t": fits, "p": share}
        exact = evaluate_float(StillPresent(n, t, p), at)
        assert evaluate_float(lower, at) <= exact + 1e-12
        assert exact <= evaluate_float(upper, at) + 1e-12


def test_survival_stays_within_its_bounds():
    """The remainders that the claims take for proved: finitely many values, each looked at."""
    claim = shelf.find("suresh2025.survival-sharp")
    assert (claim.over["t"].low, claim.over["t"].high) == (10, 40)
    g = 1.0
    for step in range(1, 201):
        assert evaluate_float(Survival(t), {"t": step}) == pytest.approx(g, rel=1e-12)
        assert 1 / step <= g <= 2 / step
        gap = abs(g - 2 / (step + math.log(step) / 3 + 0.8)) * step**2
        assert gap <= 1 / 8
        if 10 <= step <= 40:
            assert gap <= 1 / 15
        g = 1 - math.exp(-g)


def test_the_size_of_a_t_test_on_synthetic_points():
    level, m = sp.symbols("level m", positive=True)
    at = {"n": 5, "m": 5, "level": Fraction(1, 20)}
    naive = evaluate_float(SyntheticTestSize(n, m, level, 1), at)
    corrected = evaluate_float(SyntheticTestSize(n, m, level, sp.sqrt(2)), at)
    assert (round(naive, 3), round(corrected, 3)) == (0.162, 0.078)
    # Many real points: the fit is the truth, and the test is Student's.
    nearly = evaluate_float(SyntheticTestSize(n, m, level, 1), {**at, "n": 200_000})
    assert nearly == pytest.approx(0.05, abs=1e-5)
    law, limit = stats.chi2(199_999), stats.t(4).ppf(0.975)
    q = np.linspace(law.ppf(1e-20), law.isf(1e-20), 2001)
    beyond = 2 * stats.t(4).sf(limit / np.sqrt(5 / 200_000 / (q / 199_999) + 1))
    assert nearly == pytest.approx(np.average(beyond, weights=law.pdf(q)), rel=1e-12)


def test_limits_of_the_accumulated_families():
    for name, v2 in (("dey2024.exponential-limit", 1), ("kazdan2025.accumulate-drift-limit", -1)):
        product = math.prod(1 + v2 / (4 * k**2) for k in range(1, 200_000))
        limit = evaluate_float(shelf.find(name).expectation, {"n": 4, "sigma_0": 1})
        assert limit == pytest.approx((product - 1) / v2, abs=1e-5)


@pytest.mark.parametrize(
    "expression",
    [
        StillMixed(LARGEST + 1, 2, sp.Rational(1, 2)),
        StillPresent(3, 0, sp.Rational(1, 2)),
        FixationTime(3, 2),
        Survival(0),
        SyntheticTestSize(5, 5, 2, 1),
        SyntheticTestSize(5, 5, sp.Rational(1, 20), sp.sqrt(-2)),
    ],
)
def test_what_has_no_value_is_told_in_one_line(expression):
    with pytest.raises(InvalidInput) as caught:
        evaluate_float(expression, {})
    assert "\n" not in str(caught.value)
