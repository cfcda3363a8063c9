"""Evaluation against exact rational arithmetic, direct summation and higher precision."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from theory.errors import InvalidInput
from theory.evaluation import NamedRoot, evaluate, evaluate_float, polynomial_roots
from theory.selection import KappaNofN, KappaPopulation
from theory.symbols import N, alpha, d, k, kappa, n, t

x = sp.Symbol("x")
r_1, r_2, r_3 = sp.symbols("r_1:4")

_R = 1 / sp.sqrt(n)
ACCUMULATE = (
    sp.gamma(t + 1 - _R)
    * sp.gamma(t + 1 + _R)
    / (sp.gamma(t + 1) ** 2 * sp.gamma(1 - _R) * sp.gamma(1 + _R))
)
PRODUCT = sp.Product(1 - 1 / (n * k**2), (k, 1, t))

SELECTED = x**2 - (1 - kappa) * x - kappa / n
SELECTED_FORM = (
    sp.gamma(t + 1 - r_1)
    * sp.gamma(t + 1 - r_2)
    / (sp.gamma(t + 1) ** 2 * sp.gamma(1 - r_1) * sp.gamma(1 - r_2))
)
SELECTED_ROOTS = {r_1: NamedRoot(r_1, SELECTED, x, 0), r_2: NamedRoot(r_2, SELECTED, x, 1)}


def _close(value: object, reference: object, digits: int) -> bool:
    with mp.workdps(digits + 20):
        return bool(abs(mpf(value) - mpf(reference)) <= abs(mpf(reference)) * mpf(10) ** (-digits))


def _exact_product(size: int, steps: int) -> Fraction:
    value = Fraction(1)
    for j in range(1, steps + 1):
        value *= 1 - Fraction(1, size * j * j)
    return value


@settings(deadline=None, max_examples=40)
@given(size=st.integers(1, 500), steps=st.integers(0, 60))
def test_gamma_form_and_product_equal_rational_arithmetic(size: int, steps: int) -> None:
    exact = _exact_product(size, steps)
    values = {"n": size, "t": steps}
    with mp.workdps(60):
        reference = mpf(exact.numerator) / exact.denominator
        complement = mpf((1 - exact).numerator) / (1 - exact).denominator
    assert _close(evaluate(ACCUMULATE, values, 30), reference, 30)
    assert _close(evaluate(PRODUCT, values, 30), reference, 30)
    assert _close(evaluate(1 - ACCUMULATE, values), complement, 15)
    if steps:
        # With n = 1 the form vanishes for every t; off-by-one t shows otherwise.
        off = evaluate(ACCUMULATE, {"n": size, "t": steps + 1}, 30)
        assert size == 1 or not _close(off, reference, 12)


@pytest.mark.parametrize("size", [2, 100, 10**9])
def test_fifteen_digits_at_a_million_generations(size: int) -> None:
    """The drift 1 - prod against its expansion in power sums of 1/(n k**2), to all digits."""
    steps = 10**6
    with mp.workdps(60):
        logarithm = mpf(0)
        head = mpf(1)
        for j in range(1, 40):
            head *= 1 - mpf(1) / (size * j * j)
        for order in range(1, 25):
            tail = mp.zeta(2 * order, 40) - mp.zeta(2 * order, steps + 1)
            logarithm -= tail / order / mpf(size) ** order
        reference = head * mp.exp(logarithm)
    values = {"n": size, "t": steps}
    for form in (ACCUMULATE, PRODUCT):
        assert _close(evaluate(form, values), reference, 15)
        assert _close(evaluate(1 - form, values), 1 - reference, 15)
    assert evaluate_float(1 - ACCUMULATE, values) == float(1 - reference)
    assert not _close(evaluate(1 - ACCUMULATE, {"n": size, "t": steps - 1}), 1 - reference, 15)
    if size == 10**9:  # what double precision makes of it
        naive = 1 - float(reference)
        assert not _close(naive, 1 - reference, 10)


@settings(deadline=None, max_examples=25)
@given(
    size=st.integers(2, 300),
    steps=st.integers(0, 40),
    share=st.fractions(Fraction(1, 100), 1, max_denominator=100),
)
def test_named_roots_reproduce_the_recursion(size: int, steps: int, share: Fraction) -> None:
    values = {"n": size, "t": steps, "kappa": share}
    exact = Fraction(1)
    for j in range(1, steps + 1):
        exact *= 1 - (1 - share) / j - share / (size * j * j)
    with mp.workdps(50):
        reference = mpf(exact.numerator) / exact.denominator
    value = evaluate(SELECTED_FORM, values, 30, SELECTED_ROOTS)
    assert _close(value, reference, 30)
    if steps:
        swapped = {r_1: SELECTED_ROOTS[r_1], r_2: NamedRoot(r_2, SELECTED, x, 0)}
        assert not _close(evaluate(SELECTED_FORM, values, 15, swapped), reference, 12)


def test_definitions_nest_and_carry_named_functions() -> None:
    definitions = {**SELECTED_ROOTS, kappa: KappaNofN(n, N, d)}
    values = {"n": 50, "N": 500, "d": 3, "t": 1000}
    value = evaluate(SELECTED_FORM, values, 25, definitions)
    with mp.workdps(40):
        share = KappaNofN.numeric(50, 500, 3)
        reference = mpf(1)
        for j in range(1, 1001):
            reference *= 1 - (1 - share) / j - share / (50 * mpf(j) ** 2)
    assert _close(value, reference, 25)
    population = {**SELECTED_ROOTS, kappa: KappaPopulation(alpha, d)}
    other = evaluate(SELECTED_FORM, {"n": 50, "alpha": 0.1, "d": 3, "t": 1000}, 25, population)
    assert not _close(other, reference, 2)


def test_complex_roots_give_a_real_value() -> None:
    cubic = x**3 + 2 * x - sp.Rational(1, 3) / n
    roots = {r: NamedRoot(r, cubic, x, i) for i, r in enumerate((r_1, r_2, r_3))}
    form = sp.Mul(*(sp.gamma(t + 1 - r) / sp.gamma(1 - r) for r in roots)) / sp.gamma(t + 1) ** 3
    value = evaluate(form, {"n": 7, "t": 25}, 25, roots)
    exact = Fraction(1)
    for j in range(1, 26):
        exact *= (Fraction(j) ** 3 + 2 * j - Fraction(1, 21)) / j**3
    with mp.workdps(50):
        assert _close(value, mpf(exact.numerator) / exact.denominator, 25)
    with pytest.raises(InvalidInput, match="complex"):
        evaluate(r_1, {"n": 7}, 15, roots)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.fractions(-20, 20, max_denominator=60) | st.integers(-3, 3).map(Fraction),
        min_size=1,
        max_size=5,
    )
)
def test_roots_of_a_polynomial_multiply_back(wanted: list[Fraction]) -> None:
    coefficients = [Fraction(1)]
    for root in wanted:
        shifted = [*coefficients, Fraction(0)]
        for i, c in enumerate(coefficients):
            shifted[i + 1] -= root * c
        coefficients = shifted
    with mp.workdps(40):
        found = polynomial_roots([mpf(c.numerator) / c.denominator for c in coefficients])
        assert len(found) == len(wanted)
        for z, root in zip(found, sorted(wanted), strict=True):
            copies = wanted.count(root)
            error = mpf(10) ** (-36 // copies)
            assert abs(z - mpf(root.numerator) / root.denominator) < error * 1000
        values = [mpf(1)]
        for z in found:
            values = [a - z * b for a, b in zip([*values, 0], [0, *values], strict=True)]
        for a, b in zip(values, coefficients, strict=True):
            assert abs(a - mpf(b.numerator) / b.denominator) < mpf(10) ** -12 * 10 ** len(wanted)


def test_roots_of_badly_scaled_polynomials() -> None:
    """Sizes from 1e-18 to 1e9: each root to all digits."""
    with mp.workdps(30):
        wanted = [mpf(-7) / 10**9, mpf(3) / 10**18, mpf(1) / 3, mpf(10) ** 9]
        coefficients = [mpf(1)]
        with mp.workdps(90):
            for root in wanted:
                coefficients = [
                    a - root * b
                    for a, b in zip([*coefficients, 0], [0, *coefficients], strict=True)
                ]
        for z, root in zip(polynomial_roots(coefficients), sorted(wanted), strict=True):
            assert abs(z / root - 1) < mpf(10) ** -28


def test_sums_of_named_roots_and_gamma_functions() -> None:
    """A drift that has no closed form: sum over k of prod_{j<k} (...) kappa/(n k**2)."""
    term = SELECTED_FORM.subs(t, k - 1) * kappa / (n * k**2)
    form = sp.Sum(term, (k, 1, t))
    value = evaluate(form, {"n": 10, "t": 2000, "kappa": 0.25}, 20, SELECTED_ROOTS)
    with mp.workdps(40):
        total, product = mpf(0), mpf(1)
        for j in range(1, 2001):
            total += product * mpf(0.25) / (10 * mpf(j) ** 2)
            product *= 1 - mpf(0.75) / j - mpf(0.25) / (10 * mpf(j) ** 2)
    assert _close(value, total, 20)


def test_poles_that_cancel_and_poles_that_vanish() -> None:
    assert evaluate(ACCUMULATE, {"n": 1, "t": 5}) == 0
    ratio = sp.gamma(t + 1 - x) / sp.gamma(1 - x)  # (1 - x) (2 - x) ... (t - x)
    assert evaluate(ratio, {"t": 4, "x": 3}) == 0
    assert evaluate(ratio, {"t": 2, "x": 4}) == 6
    assert evaluate(1 / sp.gamma(x), {"x": -3}) == 0
    with pytest.raises(InvalidInput, match="singular"):
        evaluate(sp.gamma(x), {"x": -3})


def test_zero_is_recognised_and_tiny_is_not_zero() -> None:
    assert evaluate(1 - ACCUMULATE, {"n": 7, "t": 0}) == 0
    assert evaluate(sp.sqrt(n) ** 2 - n, {"n": 2}) == 0
    tiny = (1 + x) ** 2 - 1 - 2 * x
    assert _close(evaluate(tiny, {"x": Fraction(1, 10**60)}), mpf(10) ** -120, 15)
    power = (1 - 1 / n) ** t
    assert _close(evaluate(power, {"n": 2, "t": 10**6}), mpf(2) ** (-(10**6)), 15)


def test_floats_are_binary_and_fractions_exact() -> None:
    assert evaluate(x, {"x": 0.1}, 30) == mpf(0.1)
    assert _close(evaluate(x, {"x": Fraction(1, 10)}, 30), "0.1", 30)
    assert _close(evaluate(x, {x: sp.Rational(1, 10)}, 30), "0.1", 30)
    assert evaluate(x, {"x": np.float64(0.5)}) == 0.5
    assert evaluate(sp.Rational(1, 3) * n, {"n": np.int64(3), "unused": 1}) == 1


def test_piecewise_takes_the_branch_of_the_point() -> None:
    rho = x * (1 - 1 / n)
    form = sp.Piecewise((t, sp.Eq(rho, 1)), ((rho**t - 1) / (rho - 1), True))
    assert evaluate(form, {"n": 3, "x": Fraction(3, 2), "t": 7}) == 7
    assert evaluate_float(form, {"n": 3, "x": 1, "t": 2}) == pytest.approx(5 / 3)


@pytest.mark.parametrize(
    ("form", "values", "message"),
    [
        (n * t, {"n": 3, "tt": 1}, "no value for t; given and not used: tt"),
        (n, {"n": "3; import os"}, "n must be a number"),
        (n, {"n": float("nan")}, "n must be finite"),
        (n, {"n": 1j}, "n must be a number"),
        (n, {3: 1, "n": 1}, "names of letters"),
        (1 / (n - 3), {"n": 3}, "singular"),
        (sp.sqrt(-n), {"n": 3}, "complex"),
        (sp.Function("f")(n), {"n": 3}, "unknown function"),
        (KappaPopulation(alpha, d), {"alpha": 2, "d": 3}, "kept_fraction = 2"),
        (KappaNofN(n, N, d), {"n": 5, "N": 4, "d": 3}, "n <= N"),
        (sp.Sum(1 / k, (k, 1, x)), {"x": 2.5}, "no integer"),
        (sp.Sum(1 / k, (k, 1, sp.oo)), {}, "diverges"),
    ],
)
def test_bad_input_is_one_line(form: sp.Expr, values: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        evaluate(form, values)
    assert "\n" not in str(caught.value)


def test_definitions_are_checked() -> None:
    with pytest.raises(InvalidInput, match="index 2 of a polynomial of degree 2"):
        NamedRoot(r_1, SELECTED, x, 2)
    falling = n * x**2 - x - 1 + 0 * t
    root = NamedRoot(r_1, (n - 1) * x**2 + x - 1, x, 1)
    assert falling.has(x)
    with pytest.raises(InvalidInput, match="has 1 roots only"):
        evaluate(r_1, {"n": 1}, 15, {r_1: root})
    with pytest.raises(InvalidInput, match="refers to itself"):
        evaluate(x, {}, 15, {x: x + 1})


@pytest.mark.parametrize(
    ("form", "values", "value"),
    [
        (sp.Heaviside(x - Fraction(1, 3)), {"x": Fraction(1, 3)}, "0.5"),
        (sp.Heaviside(x - 1), {"x": 1 + Fraction(1, 10**30)}, "1"),
        (sp.Heaviside(x - 1), {"x": 1 - Fraction(1, 10**30)}, "0"),
        (sp.floor(3 * x), {"x": Fraction(1, 3)}, "1"),
        (sp.floor(3 * x), {"x": Fraction(1, 3) - Fraction(1, 10**40)}, "0"),
        (sp.floor(sp.log(n) / sp.log(2)), {"n": 8}, "3"),
        (sp.ceiling(n * (sp.log(x) / sp.log(2) - 3)), {"x": 8, "n": 5}, "0"),
        (sp.ceiling(n * (sp.log(x) / sp.log(2) - 3)), {"x": 8 + Fraction(1, 10**20), "n": 5}, "1"),
        (sp.frac(3 * x), {"x": Fraction(5, 9)}, "0." + 30 * "6" + "7"),
        (sp.Mod(n, 3), {"n": 7}, "1"),
        (sp.Piecewise((x, x < 1), (n, True)), {"x": 1, "n": 7}, "7"),
        (sp.Min(x, n) + sp.Max(x, n) * sp.Abs(-x), {"x": 2, "n": 1}, "5"),
        (sp.binomial(n, 2) + sp.factorial(n), {"n": 7}, "5061"),
        (sp.erf(x), {"x": 1}, "0.842700792949714869341220635083"),
        (sp.besseli(0, x), {"x": 1}, "1.266065877752008335598244625215"),
        (sp.Ei(x), {"x": 1}, "1.895117816355936755466520934332"),
    ],
    ids=str,
)
def test_functions_that_users_write(form: sp.Expr, values: dict[str, object], value: str) -> None:
    with mp.workdps(50):
        reference = mpf(value)
    found = evaluate(form, values, 25)
    assert found == reference if reference == 0 else _close(found, reference, 25)


def test_a_fallback_function_keeps_its_digits_in_a_difference() -> None:
    shift = sp.besseli(0, x + n) - sp.besseli(0, x)
    values = {"x": 1, "n": Fraction(1, 10**20)}
    with mp.workdps(70):
        reference = mp.besseli(0, 1 + mpf(10) ** -20) - mp.besseli(0, 1)
    assert _close(evaluate(shift, values, 25), reference, 25)
    assert not _close(evaluate(shift, {**values, "n": Fraction(2, 10**20)}, 25), reference, 1)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (sp.DiracDelta(x), "DiracDelta has no numeric value at 0"),
        (sp.Integral(sp.exp(x * n), n), "Integral over"),
        (sp.Derivative(sp.exp(x * n), n), "Derivative cannot be evaluated"),
        (sp.hyper((1,), (2,), x), "hyper cannot be evaluated"),
    ],
)
def test_a_function_without_a_value_gets_one_line(form: sp.Expr, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        evaluate(form, {"x": 0})
    assert "\n" not in str(caught.value)
