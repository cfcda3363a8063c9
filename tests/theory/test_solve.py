"""Solvers and certificates: right solutions pass, planted faults do not."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from theory.certificate import (
    CertificateError,
    certify_by_recursion,
    certify_by_substitution,
    certify_log_moment,
    rational_point,
)
from theory.family import Family
from theory.names import Book, X
from theory.recursion import exact, run
from theory.sign import nonnegative, sign
from theory.solve import solve
from theory.symbols import k, kappa, n, t
from theory.vocabulary import Accumulate, FixedReal, FreshReal, TopFraction
from theory.workflow import moments_of
from theory.zero import is_zero

FAMILIES = [
    Family(),
    Family(workflow=Accumulate, selection=TopFraction),
    Family(workflow=Accumulate, fit="unbiased"),
    Family(workflow=FreshReal, fit="unbiased"),
]


@pytest.mark.parametrize("family", FAMILIES, ids=str)
@pytest.mark.parametrize("quantity", ["variance", "squared_drift"])
def test_a_planted_fault_fails_the_certificate(family: Family, quantity: str) -> None:
    system = moments_of(family, quantity)
    solution = solve(system)
    assert solution is not None
    certify_by_substitution(system, solution)
    for i, component in enumerate(solution.components):
        for fault in (component + 1, component * (1 + 1 / n), component.subs(t, t + 1)):
            if fault == component:
                continue
            spoiled = [*solution.components[:i], fault, *solution.components[i + 1 :]]
            with pytest.raises(CertificateError):
                certify_by_substitution(system, replace(solution, components=tuple(spoiled)))


def test_a_wrong_matrix_fails_the_certificate() -> None:
    system = moments_of(Family(workflow=FreshReal), "variance_squared")
    solution = solve(system)
    assert solution is not None
    assert solution.form == "matrix-power"
    certify_by_substitution(system, solution)
    spoiled = {name: value + sp.ones(*value.shape) for name, value in solution.definitions.items()}
    with pytest.raises(CertificateError):
        certify_by_substitution(system, replace(solution, definitions=spoiled))


def test_a_small_numeric_fault_fails_the_recursion() -> None:
    family = Family(workflow=Accumulate)
    system = moments_of(family, "variance")
    solution = solve(system)
    assert solution is not None
    closed = system.factor * solution.components[0]
    point = rational_point(family, "variance", 0)
    certify_by_recursion(system, closed, solution.definitions, point)
    wrong = closed * (1 + sp.Rational(1, 10**25))
    with pytest.raises(CertificateError):
        certify_by_recursion(system, wrong, solution.definitions, point)


def test_rational_points_are_fixed_and_differ() -> None:
    assert rational_point(Family(), "variance", 0) == rational_point(Family(), "variance", 0)
    assert rational_point(Family(), "variance", 0) != rational_point(Family(), "variance", 1)


def test_cauchy_modules_prove_symmetric_identities() -> None:
    book = Book()
    roots = book.roots(n * X**3 - X - kappa, "r")
    product = sp.prod(k - r for r in roots)
    assert is_zero(n * product - (n * k**3 - k - kappa), book.relations)
    assert not is_zero(n * product - (n * k**3 + k - kappa), book.relations)


def test_zero_is_proved_not_guessed() -> None:
    x = sp.Symbol("x", positive=True)
    assert is_zero(sp.gamma(t + 3 + x) / sp.gamma(t + 1 + x) - (t + 1 + x) * (t + 2 + x))
    assert is_zero(sp.log(n / 2) + sp.log(2 / n))
    assert is_zero((1 - 1 / n**2) ** t - (1 - 1 / n) ** t * (1 + 1 / n) ** t)
    assert is_zero(sp.Sum(x ** (t - k), (k, 1, t)) - x**t * sp.Sum(x ** (-k), (k, 1, t)))
    assert not is_zero((1 - 1 / n) ** t - (1 - 1 / (n - 1)) ** t)
    assert not is_zero(sp.gamma(t + 1) - sp.gamma(t + 2))
    assert not is_zero(sp.Sum(1 / k, (k, 1, t + 1)) - sp.Sum(1 / k, (k, 1, t)))


def test_signs() -> None:
    assert sign(1 - kappa * (n - 1) / n) == 1
    assert sign(1 - kappa) is None  # kappa may be 1
    assert nonnegative(1 - kappa)
    assert not nonnegative(kappa - 1)
    assert sign(n - 3) is None


def test_recursion_is_exact_and_its_powers_agree() -> None:
    system = moments_of(Family(workflow=FixedReal), "variance")
    values = {"n": 11, "n_r": 4, "sigma_0": 1}
    direct = run(system, values, 120)
    assert isinstance(direct, Fraction)
    jumped = run(system, values, 121, 40)
    stepped = run(system, values, 119)
    with mpmath.workdps(40):
        assert abs(jumped - mpmath.mpf(direct.numerator) / direct.denominator) < 1e-9
    assert stepped != direct


def test_compiled_fractions_are_exact() -> None:
    x = sp.Symbol("x")
    assert exact(x / 3 + sp.Rational(1, 7), (x,))(Fraction(1, 2)) == Fraction(1, 6) + Fraction(1, 7)


def test_log_moment_by_quadrature() -> None:
    for degrees in (1, 4, 19):
        with mpmath.workdps(30):
            value = mpmath.digamma(mpmath.mpf(degrees) / 2) + mpmath.log(2)
        certify_log_moment(value, 1, [degrees])
        with pytest.raises(CertificateError):
            certify_log_moment(value + mpmath.mpf(10) ** -12, 1, [degrees])
