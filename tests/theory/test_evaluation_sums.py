"""Long sums and products, and integrals, against direct summation."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from mpmath import mp, mpf

from theory.errors import CollapseError
from theory.evaluation import evaluate, evaluate_float, sums
from theory.special import ExpectedLog, ExpectedPower
from theory.symbols import k, n, t

x = sp.Symbol("x")
STEP = (k - 1) / k, 1 / (k * n), n - 1, (k - 1) / (k**2 * n)
LOG_SUM = sp.Sum(ExpectedLog(*STEP), (k, 1, t))


def _close(value: object, reference: object, digits: int) -> bool:
    with mp.workdps(digits + 20):
        return bool(abs(mpf(value) - mpf(reference)) <= abs(mpf(reference)) * mpf(10) ** (-digits))


LONG_SUMS = {
    "inverse squares": sp.Sum(1 / k**2, (k, 1, t)),
    "harmonic": sp.Sum(1 / (k + sp.Rational(1, 3)), (k, 1, t)),
    "shifted roots": sp.Sum((k + sp.Rational(1, 7)) ** sp.Rational(-3, 4), (k, 1, t)),
    "logarithms": sp.Sum(sp.log(1 - 1 / (n * k**2)), (k, 2, t)),
    "gamma terms": sp.Sum(
        sp.gamma(k + sp.Rational(1, 3)) / sp.gamma(k) / k ** sp.Rational(3, 2) / (k + n), (k, 1, t)
    ),
    "growing": sp.Sum(sp.sqrt(k**2 + n), (k, 1, t)),
}


@pytest.mark.parametrize("name", LONG_SUMS)
def test_long_sums_equal_direct_summation(name: str) -> None:
    form = LONG_SUMS[name]
    values = {"n": 3, "t": 3000}
    fast = evaluate(form, {**values, "n": 3}, 25)
    with mp.workdps(45):
        term = sp.lambdify(k, form.function.subs(n, 3), "mpmath")
        low = int(form.limits[0][1])
        direct = mp.fsum(term(mpf(j)) for j in range(low, 3001))
        assert _close(fast, direct, 25)
        short = direct - term(mpf(3000))
        without_first = direct - term(mpf(low))
        assert not _close(fast, short, 20)  # a dropped end point is seen
        assert not _close(fast, without_first, 20)


@pytest.mark.parametrize("size", [2, 4, 50])
def test_sum_of_step_integrals_equals_direct_summation(size: int) -> None:
    steps = 160
    value = evaluate(LOG_SUM, {"n": size, "t": steps})
    with mp.workdps(22):
        terms = [
            ExpectedLog.numeric(
                mpf(j - 1) / j, mpf(1) / (j * size), size - 1, mpf(j - 1) / (mpf(j) ** 2 * size)
            )
            for j in range(1, steps + 1)
        ]
        assert _close(value, mp.fsum(terms), 15)
        assert not _close(value, mp.fsum(terms[:-1]), 9)


def test_log_variance_under_accumulation_has_its_catalogue_value() -> None:
    """Catalogue entry B4: -0.88138 for n = 4, k <= 6; limit -0.9553."""
    assert evaluate_float(LOG_SUM, {"n": 4, "t": 6}) == pytest.approx(-0.88138, abs=5e-6)
    limit = sp.Sum(ExpectedLog(*STEP), (k, 1, sp.oo))
    finite = evaluate(LOG_SUM, {"n": 4, "t": 10**6})
    infinite = evaluate(limit, {"n": 4})
    assert float(infinite) == pytest.approx(-0.9554, abs=1e-4)
    # What is left beyond t is about -(1/n + ...)/t: small, and not nothing.
    assert 1e-7 < finite - infinite < 1e-5


def test_long_product_of_step_integrals() -> None:
    form = sp.Product(ExpectedPower(sp.Rational(1, 2), *STEP), (k, 2, t))
    value = evaluate(form, {"n": 5, "t": 150})
    with mp.workdps(22):
        direct = mp.fprod(
            ExpectedPower.numeric(
                mpf(1) / 2, mpf(j - 1) / j, mpf(1) / (5 * j), 4, mpf(j - 1) / (5 * mpf(j) ** 2)
            )
            for j in range(2, 151)
        )
    assert _close(value, direct, 15)


def test_long_products_that_do_not_tend_to_one() -> None:
    form = sp.Product((2 * k + 1) * (k + 3) / (3 * k**2 + 1), (k, 1, t))
    value = evaluate(form, {"t": 2000}, 20)
    with mp.workdps(40):
        direct = mp.fprod(mpf((2 * j + 1) * (j + 3)) / (3 * j * j + 1) for j in range(1, 2001))
    assert _close(value, direct, 20)


def test_a_summand_without_an_expansion_falls_back_to_adding(monkeypatch: object) -> None:
    """log k / k**2 is no power times a smooth function: the probes must say so."""
    form = sp.Sum(sp.log(k) / k**2 + sp.Rational(1, 2) ** k, (k, 1, t))
    with mp.workdps(30):
        reference = mp.fsum(mp.log(j) / mpf(j) ** 2 + mpf(1) / 2**j for j in range(1, 1001))
    assert _close(evaluate(form, {"t": 1000}), reference, 15)
    monkeypatch.setattr(sums, "_passes", lambda *_: True)  # type: ignore[attr-defined]
    with mp.workprec(90):
        unchecked = sums.sum_of(lambda j, prec: mp.log(j) / mpf(j) ** 2 + mpf(2) ** (-j), 1, 1000)
    assert not _close(unchecked, reference, 15)  # without the probes it would have been wrong


def test_the_result_does_not_depend_on_where_the_tail_begins() -> None:
    def term(j: object, prec: int) -> object:
        return 1 / (mpf(j) + mpf(1) / 3) ** 2

    with mp.workprec(100):
        totals = [
            sums._add(term, 1, start) + sums._tail(term, 2, start, 10**6, degree, 100)
            for start, degree in ((40, 32), (80, 36), (160, 28))
        ]
        exact = mp.zeta(2, mpf(4) / 3) - mp.zeta(2, 10**6 + 1 + mpf(1) / 3)
        for total in totals:
            assert abs(total - exact) < mpf(2) ** -90
        assert sums._tail(term, 2, 2, 10**6, 6, 100) is None  # too few nodes: refused
        assert sums._tail(term, 3, 40, 10**6, 32, 100) is None  # a wrong exponent: refused


def test_empty_and_reversed_limits_follow_sympy() -> None:
    form = sp.Sum(1 / k, (k, 3, t))
    product = sp.Product(1 + 1 / k, (k, 3, t))
    for top in range(0, 6):
        assert evaluate_float(form, {"t": top}) == pytest.approx(float(form.subs(t, top).doit()))
        assert evaluate_float(product, {"t": top}) == pytest.approx(
            float(product.subs(t, top).doit())
        )


def test_nested_sums() -> None:
    j = sp.Symbol("j", integer=True, positive=True)
    pool = sp.Sum(n * j**2, (j, 1, k))
    form = sp.Product(1 - n * k**2 / pool**2, (k, 2, t))
    exact = Fraction(1)
    total = Fraction(3)
    for i in range(2, 401):
        total += 3 * i * i
        exact *= 1 - Fraction(3 * i * i) / total**2
    with mp.workdps(40):
        assert _close(
            evaluate(form, {"n": 3, "t": 400}, 20), mpf(exact.numerator) / exact.denominator, 20
        )
    double = sp.Sum(1 / (j + k) ** 2, (j, 1, k), (k, 1, t))
    direct = sum(1 / (a + b) ** 2 for b in range(1, 13) for a in range(1, b + 1))
    assert evaluate_float(double, {"t": 12}) == pytest.approx(direct, rel=1e-14)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (sp.Integral(sp.exp(-(x**2)), (x, -sp.oo, sp.oo)), lambda: mp.sqrt(mp.pi)),
        (sp.Integral(1 / sp.sqrt(x), (x, 0, 1)), lambda: mpf(2)),
        (sp.Integral(1 / (1 + x**2), (x, n, sp.oo)), lambda: mp.atan(mpf(1) / 3)),
        (sp.Sum(sp.Rational(9, 10) ** x / x, (x, 1, sp.oo)), lambda: mp.log(10)),
        (sp.Sum(n**x / sp.factorial(x), (x, 0, sp.oo)), lambda: mp.e**3),
    ],
    ids=["Gauss", "a pole at the end", "a letter for an end", "logarithm", "exponential"],
)
def test_integrals_and_sums_that_fall_off_geometrically(form, value):
    with mp.workdps(40):
        assert _close(evaluate(form, {"n": 3}, 25), value(), 25)
        assert not _close(evaluate(form, {"n": 3}, 25), value() * (1 + mpf(10) ** -20), 25)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (sp.Integral(1 / x, (x, 0, 1)), "no accurate value"),
        (sp.Integral(sp.sin(x), (x, 0, sp.oo)), "no two values that agree"),
        (sp.Integral(sp.Abs(3 * x - 1), (x, 0, 1)), "no accurate value"),
        (sp.Sum((-1) ** x / x, (x, 1, sp.oo)), "no accurate short cut"),
    ],
    ids=["diverges", "oscillates", "a kink", "converges conditionally"],
)
def test_what_is_not_known_to_converge_is_refused(form, message):
    with pytest.raises(CollapseError, match=message):
        evaluate(form, {})
