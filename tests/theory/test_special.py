"""Step expectations against closed forms, quadrature over the chi-squares, and expansions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy import special

from theory.errors import InvalidInput
from theory.laplace import expected_log, expected_log_squared, expected_power
from theory.special import ExpectedLog, ExpectedLogSquared, ExpectedPower
from theory.symbols import k, n

R = sp.Rational
POINTS = (
    (R(1, 2), R(1, 8), 3, R(1, 16)),
    (R(9, 10), R(1, 50), 9, R(1, 300)),
    (0, R(1, 4), 1, R(1, 7)),
    (0, R(1, 3), 4, R(1, 100)),
    (2, R(5), 2, R(1, 3)),
)


def _quadrature(function: Any, a: float, b: float, m: int, c: float) -> float:
    """The expectation by Gauss quadrature over both chi-squares."""
    x, weight_x = special.roots_genlaguerre(120, m / 2 - 1)
    y, weight_y = special.roots_hermite(121)
    values = function(a + 2 * b * x[:, None] + 2 * c * y[None, :] ** 2)
    return float(weight_x @ values @ weight_y / (weight_x.sum() * weight_y.sum()))


@pytest.mark.parametrize("point", [POINTS[0], POINTS[1], POINTS[4]])
def test_they_equal_quadrature_over_the_chi_squares(point: tuple[sp.Rational, ...]) -> None:
    numbers = [float(x) for x in point]
    law = numbers[0], numbers[1], int(numbers[2]), numbers[3]
    for named, function in (
        (ExpectedLog(*point), np.log),
        (ExpectedLogSquared(*point), lambda x: np.log(x) ** 2),
        (ExpectedPower(R(1, 2), *point), np.sqrt),
        (ExpectedPower(R(-1, 2), *point), lambda x: x**-0.5),
        (ExpectedPower(R(7, 3), *point), lambda x: x ** (7 / 3)),
    ):
        direct = _quadrature(function, *law)
        assert float(named) == pytest.approx(direct, rel=1e-8, abs=1e-9)
    off = _quadrature(np.log, law[0], law[1], law[2] + 1, law[3])
    assert abs(float(ExpectedLog(*point)) - off) > 1e-3  # one degree of freedom more is seen


@pytest.mark.parametrize("point", POINTS)
def test_thirty_digits_equal_mpmath_quadrature_of_the_definition(
    point: tuple[sp.Rational, ...],
) -> None:
    """The same Laplace transform, integrated by another rule at another precision."""
    with mp.workdps(45):
        a, b, m, c = (mpf(int(sp.Rational(x).p)) / int(sp.Rational(x).q) for x in point)

        def transform(s: mpf) -> mpf:
            return mp.exp(-a * s) * (1 + 2 * b * s) ** (-m / 2) / mp.sqrt(1 + 2 * c * s)

        cuts = [mpf(-200), -60, -20, -8, -3, 0, 1, 2, 3, 5, 9, 20, 60, 260]
        log = mp.quad(lambda y: mp.exp(-mp.exp(y)) - transform(mp.exp(y)), cuts)
        gamma = mp.gamma(mpf(1) / 2)
        root = mp.quad(lambda y: mp.exp(-y / 2) * (1 - transform(mp.exp(y))) / (2 * gamma), cuts)
        inverse = mp.quad(lambda y: mp.exp(y / 2) * transform(mp.exp(y)) / gamma, cuts)
    for named, reference in (
        (ExpectedLog(*point), log),
        (ExpectedPower(R(1, 2), *point), root),
        (ExpectedPower(R(-1, 2), *point), inverse),
    ):
        value = named.evalf(32)._to_mpmath(120)
        assert abs(value / reference - 1) < mpf(10) ** -28
    wrong = ExpectedLog(point[0], point[1], point[2], 0).evalf(32)._to_mpmath(120)
    assert abs(wrong / log - 1) > 1e-4  # the shift of the mean left out would be seen


def test_single_chi_squares_have_their_closed_values() -> None:
    b, m = sp.Symbol("b", positive=True), sp.Symbol("m", positive=True)
    assert ExpectedLog(0, b, m, 0) == sp.log(2 * b) + sp.digamma(m / 2)
    assert ExpectedLog(0, 0, m, b) == sp.log(2 * b) + sp.digamma(R(1, 2))
    assert ExpectedLog(b, 0, m, 0) == sp.log(b)
    assert ExpectedLog(0, b, m, b) == sp.log(2 * b) + sp.digamma((m + 1) / 2)
    assert ExpectedPower(1, b, b, m, b) == 2 * b + b * m
    assert ExpectedPower(R(-3, 2), 0, b, 3, 0) == sp.oo
    assert ExpectedLog(0, 0, 3, 0) == -sp.oo
    power = ExpectedPower(R(1, 2), 0, b, m, 0)
    assert power == sp.sqrt(2 * b) * sp.gamma(m / 2 + R(1, 2)) / sp.gamma(m / 2)
    assert ExpectedLog((k - 1) / k, 1 / (k * n), n - 1, (k - 1) / (k**2 * n)).subs(k, 1) == (
        sp.log(2 / n) + sp.digamma((n - 1) / 2)
    )


@pytest.mark.parametrize("dof", [1, 2, 7, 10**9])
def test_integrals_reproduce_the_closed_values_of_a_split_chi_square(dof: int) -> None:
    """chi2_dof + chi2_1 with nearly equal scales: the integral route, next to the closed one."""
    with mp.workdps(32):
        for closed, split in (
            (
                expected_log(0, (1, dof + 1)),
                expected_log(0, (1, dof), (1 + mpf(2) ** -100, 1)),
            ),
            (
                expected_power(mpf(1) / 2, 0, (1, dof + 1)),
                expected_power(mpf(1) / 2, 0, (1, dof), (1 + mpf(2) ** -100, 1)),
            ),
            (
                (mp.log(2) + mp.digamma(mpf(dof + 1) / 2)) ** 2 + mp.psi(1, mpf(dof + 1) / 2),
                expected_log_squared(0, (1, dof), (1 + mpf(2) ** -100, 1)),
            ),
        ):
            assert abs(split / closed - 1) < mpf(10) ** -29


@pytest.mark.parametrize(("size", "step"), [(10**9, 10**6), (10**6, 10**3), (100, 10**9)])
def test_tiny_variances_keep_their_digits(size: int, step: int) -> None:
    """E log R_k ~ -1e-21: fifteen digits of it, against the expansion in cumulants."""
    law = (
        R(step - 1, step),
        R(1, step * size),
        size - 1,
        R(step - 1, step * step * size),
    )
    value = ExpectedLog(*law).evalf(15)
    # log(1 + z) to fourth order about 1, in exact moments of z = R - 1.
    a, b, m, c = law
    mean = a + b * m + c - 1
    cumulants = [2 ** (j - 1) * sp.factorial(j - 1) * (m * b**j + c**j) for j in (2, 3, 4)]
    second = cumulants[0] + mean**2
    third = cumulants[1] + 3 * mean * cumulants[0] + mean**3
    fourth = cumulants[2] + 3 * cumulants[0] ** 2 + 4 * mean * cumulants[1]
    fourth += 6 * mean**2 * cumulants[0] + mean**4
    expansion = mean - second / 2 + third / 3 - fourth / 4
    assert abs(sp.N(value / expansion - 1, 20)) < 1e-13
    assert abs(sp.N(value / mean - 1, 20)) > 0.3  # the mean alone is another number


def test_the_root_of_a_step_keeps_its_small_loss() -> None:
    """1 - E sqrt(R) at n = 1e9, k = 1e6 is a quarter of 2e-15 / 1e6, and survives at 40 digits."""
    size, step = 10**9, 10**6
    law = (R(step - 1, step), R(1, step * size), size - 1, R(step - 1, step * step * size))
    loss = 1 - ExpectedPower(R(1, 2), *law).evalf(50)
    variance = 2 * (law[1] ** 2 * law[2] + law[3] ** 2)
    lead = (1 - (law[0] + law[1] * law[2] + law[3])) / 2 + variance / 8
    assert abs(loss / lead - 1) < 1e-8


@settings(deadline=None, max_examples=25)
@given(
    a=st.fractions(0, 3, max_denominator=50),
    b=st.fractions(Fraction(1, 50), 2, max_denominator=50),
    m=st.integers(1, 40),
    c=st.fractions(0, 2, max_denominator=50),
)
def test_moments_are_log_convex_and_consistent(
    a: Fraction, b: Fraction, m: int, c: Fraction
) -> None:
    with mp.workdps(20):
        a, b, c = (mpf(x.numerator) / x.denominator for x in (a, b, c))
        law = (a, (b, m), (c, 1))
        log = expected_log(*law)
        mean = a + b * m + c
        root = expected_power(mpf(1) / 2, *law)
        assert expected_power(1, *law) == pytest.approx(mean)
        variance = 2 * (m * b**2 + c**2)
        assert abs(expected_power(2, *law) / (mean**2 + variance) - 1) < mpf(10) ** -17
        assert log < 2 * mp.log(root) < mp.log(mean)  # Jensen, twice
        assert expected_log_squared(*law) > log**2
        small = mpf(1) / 10**6
        slope = (expected_power(small, *law) - expected_power(-small, *law)) / (2 * small)
        assert abs(slope - log) < 1e-6 * (1 + abs(log) ** 3)


def test_sampling_agrees_with_the_second_moment_of_the_logarithm() -> None:
    a, b, m, c = POINTS[2]
    rng = np.random.default_rng(77)
    draws = np.log(float(b) * rng.chisquare(int(m), 10**6) + float(c) * rng.chisquare(1, 10**6))
    for named, sample in ((ExpectedLog, draws), (ExpectedLogSquared, draws**2)):
        error = sample.std() / 1e3
        assert abs(sample.mean() - float(named(a, b, m, c))) < 5 * error
        assert abs(sample.mean() - float(named(a, b, m + 1, c))) > 5 * error


def test_divergent_powers_are_infinite() -> None:
    with mp.workdps(20):
        assert expected_power(-1, 0, (1, 1), (2, 1)) == mp.inf
        assert expected_power(mpf(-3) / 4, 0, (1, 1), (2, 1)) < mp.inf
        assert expected_power(-5, 1, (1, 1), (2, 1)) < 1


def test_text_and_bad_input() -> None:
    x = sp.Symbol("x", positive=True)
    assert sp.latex(ExpectedLog(x, 1, 3, x)) == (
        r"\operatorname{E}\log\left(x + \chi^2_{3} + x\,\chi^2_{1}\right)"
    )
    assert sp.latex(ExpectedPower(R(1, 2), x, x, 3, 0)).endswith(r"\right)^{\frac{1}{2}}")
    assert ExpectedLog(x, 1, 3, x).definition().rhs.has(sp.Integral)
    assert ExpectedLog(-1, 1, 3, 1).evalf().has(ExpectedLog)  # no value, and no traceback
    with pytest.raises(InvalidInput, match="a, b, c, m >= 0"):
        expected_log(-1, (1, 3))
