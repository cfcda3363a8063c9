"""Selection moments against independent evaluations: quadrature, order statistics, sampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy import integrate, special, stats

from theory.errors import InvalidInput
from theory.selection import (
    FourthNofN,
    FourthPopulation,
    KappaNofN,
    KappaPopulation,
    PairNofN,
    kappa_n_of_N,
    kappa_population,
    one_minus_kappa_n_of_N,
    one_minus_kappa_population,
)
from theory.selection.fast import _averages
from theory.selection.precise import averages, harmonic_kappa, truncated
from theory.symbols import N, alpha, d, n

DIMENSIONS = (1, 2, 3, 10, 100, 1000)
SHARES = (1e-6, 1e-3, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1 - 1e-6)
COUNTS = ((1, 2), (1, 1000), (2, 3), (5, 20), (49, 50), (50, 1000), (999, 1000), (1000, 10**6))


def _truncated_moment(share: float, dimension: int, order: int) -> mpf:
    """E r**order over E of the whole law, by quadrature of the truncated chi-square density.

    Independent of the code under test: mpmath's incomplete gamma, root finder and quadrature.
    """
    a = mpf(dimension) / 2

    def mass(x: mpf) -> mpf:
        return mp.gammainc(a, 0, x, regularized=True)

    start = mpf(float(special.gammaincinv(float(a), share)))
    x = mp.findroot(lambda y: mass(y) - share, start)
    points = [x * mpf(j) / 8 for j in range(9)]
    density = lambda y, p: y ** (a - 1 + p) * mp.exp(-y)  # noqa: E731
    whole = mp.quad(lambda y: density(y, 0), points)
    power = order // 2
    scale = mp.rf(a, power)
    return mp.quad(lambda y: density(y, power), points) / whole / scale


@pytest.mark.parametrize("dimension", [2, 3, 10, 100])
@pytest.mark.parametrize("share", [1e-4, 0.1, 0.7, 0.999])
def test_population_moments_equal_quadrature_of_the_truncated_law(
    dimension: int, share: float
) -> None:
    with mp.workdps(34):
        kappa = _truncated_moment(share, dimension, 2)
        fourth = _truncated_moment(share, dimension, 4)
        exact = sp.Float(share, 40)
        ours = [f(exact, dimension).evalf(30) for f in (KappaPopulation, FourthPopulation)]
        for value, reference in zip(ours, (kappa, fourth), strict=True):
            assert abs(value._to_mpmath(110) / reference - 1) < mpf(10) ** -28
        wrong = KappaPopulation(exact, dimension + 1).evalf(30)._to_mpmath(110)
        assert abs(wrong / kappa - 1) > 1e-6  # a dimension off by one would be seen


@pytest.mark.parametrize("share", [sp.Rational(1, 10**6), sp.Rational(1, 3), sp.Rational(19, 20)])
def test_closed_forms_in_the_line_and_in_the_plane(share: sp.Rational) -> None:
    with mp.workdps(45):
        a = mpf(share.p) / share.q
        plane = 1 + (1 - a) / a * mp.log1p(-a)
        z = mp.sqrt(2) * mp.erfinv(a)
        line = 1 - 2 * z * mp.npdf(z) / a
    for dimension, reference in ((1, line), (2, plane)):
        value = KappaPopulation(share, dimension).evalf(30)._to_mpmath(110)
        assert abs(value / reference - 1) < mpf(10) ** -28


@pytest.mark.parametrize("dimension", [1, 3, 50])
def test_far_ends_keep_their_relative_precision(dimension: int) -> None:
    """At alpha = 1e-200, kappa ~ (2/(d+2)) (Gamma(d/2+1) alpha)**(2/d); near 1 the tail law."""
    with mp.workdps(75):  # 30 digits of the tail need 60 of alpha
        tiny = mpf(10) ** -200
        small = truncated(tiny, dimension)
        lead = (
            mpf(2)
            / (dimension + 2)
            * (mp.gamma(mpf(dimension) / 2 + 1) * tiny) ** (mpf(2) / dimension)
        )
        assert abs(small.kappa / lead - 1) < max(20 * lead, mpf(10) ** -70)
        full = truncated(1 - mpf(10) ** -30, dimension)
        a = mpf(dimension) / 2
        x = mp.findroot(
            lambda y: mp.log(mp.gammainc(a, y, mp.inf, regularized=True)) + 30 * mp.log(10),
            75 + a,
        )
        rest = x**a * mp.exp(-x) / mp.gamma(a + 1) / (1 - mpf(10) ** -30)
        assert abs(full.rest / rest - 1) < mpf(10) ** -40


def test_float_twins_agree_with_thirty_digits() -> None:
    worst = 0.0
    with mp.workprec(110):
        for dimension in DIMENSIONS:
            for share in SHARES:
                ball = truncated(mpf(share), dimension)
                for ours, exact in (
                    (kappa_population(share, dimension), ball.kappa),
                    (one_minus_kappa_population(share, dimension), ball.rest),
                ):
                    worst = max(worst, float(abs(mpf(ours) / exact - 1)))
    assert worst < 1e-12
    naive = 1 - kappa_population(1 - 1e-6, 10)
    assert abs(naive / one_minus_kappa_population(1 - 1e-6, 10) - 1) > 1e-12


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_float_twins_of_n_of_N_agree_with_thirty_digits(dimension: int) -> None:
    for kept, candidates in COUNTS:
        rest, kappa, *_ = averages(kept, candidates, dimension, 100)
        ours = _averages(kept, candidates, dimension)
        assert abs(ours[0] / rest - 1) < 1e-12
        assert abs(ours[1] / kappa - 1) < 1e-12


@pytest.mark.parametrize(("kept", "candidates"), [(1, 2), (5, 20), (999, 1000), (10**5, 10**9)])
def test_n_of_N_in_the_plane_is_harmonic(kept: int, candidates: int) -> None:
    with mp.workdps(35):
        exact = harmonic_kappa(kept, candidates)
        rest, kappa, _, _ = averages(kept, candidates, 2, 105)
        assert abs(kappa / exact - 1) < mpf(10) ** -28
        assert abs(rest / (1 - exact) - 1) < mpf(10) ** -28
        off = harmonic_kappa(kept, candidates + 1)
        assert abs(off / exact - 1) > mpf(10) ** -20  # one candidate more would be seen
    assert abs(KappaNofN(kept, candidates, 2).evalf(20) - sp.Float(kappa, 30)) < 1e-20


@pytest.mark.parametrize(("kept", "candidates", "dimension"), [(5, 20, 1), (3, 9, 3), (7, 8, 5)])
def test_n_of_N_equals_the_mean_of_the_order_statistics(
    kept: int, candidates: int, dimension: int
) -> None:
    """kappa = (1/(n d)) sum_i E chi2_(i:N), each mean by its own quadrature."""
    law = stats.chi2(dimension)

    def order_mean(i: int) -> float:
        weight = stats.beta(i, candidates - i + 1).pdf
        value, _ = integrate.quad(lambda u: law.ppf(u) * weight(u), 0, 1, epsabs=1e-12, limit=200)
        return float(value)

    direct = sum(order_mean(i) for i in range(1, kept + 1)) / (kept * dimension)
    assert kappa_n_of_N(kept, candidates, dimension) == pytest.approx(direct, rel=1e-8)
    population = kappa_population(kept / candidates, dimension)
    assert abs(population / direct - 1) > 1e-2  # the population law is another number


def test_pair_and_fourth_moments_equal_sampling() -> None:
    """Six million candidates: each moment within five standard errors, a rival outside."""
    kept, candidates, dimension, sets = 4, 12, 3, 500_000
    rng = np.random.default_rng(20261)
    squared = np.sort(rng.chisquare(dimension, (sets, candidates)), axis=1)[:, :kept]
    total, squares = squared.sum(axis=1), (squared**2).sum(axis=1)
    samples = {
        KappaNofN: total / (kept * dimension),
        FourthNofN: squares / (kept * dimension * (dimension + 2)),
        PairNofN: (total**2 - squares) / (kept * (kept - 1) * dimension**2),
    }
    for moment, sample in samples.items():
        error = sample.std() / math.sqrt(sets)
        assert abs(sample.mean() - float(moment(kept, candidates, dimension))) < 5 * error
        assert abs(sample.mean() - float(moment(kept, candidates + 1, dimension))) > 5 * error
    pair = float(PairNofN(kept, candidates, dimension))
    assert pair > float(KappaNofN(kept, candidates, dimension)) ** 2 * 1.01  # not independent


@settings(deadline=None, max_examples=60)
@given(share=st.floats(1e-6, 1 - 1e-6), dimension=st.integers(1, 60))
def test_kappa_is_between_zero_and_one_and_rises(share: float, dimension: int) -> None:
    kappa = kappa_population(share, dimension)
    assert 0 < kappa < 1
    assert kappa + one_minus_kappa_population(share, dimension) == pytest.approx(1, abs=1e-12)
    assert kappa < kappa_population(min(1.0, share * 1.01 + 1e-9), dimension)
    assert kappa < kappa_population(share, dimension + 1)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_n_of_N_tends_to_the_population_law_from_above(data: st.DataObject) -> None:
    kept = data.draw(st.integers(1, 30))
    candidates = data.draw(st.integers(kept + 1, 120))
    dimension = data.draw(st.integers(1, 12))
    values = [kappa_n_of_N(kept * m, candidates * m, dimension) for m in (1, 4, 64)]
    population = kappa_population(kept / candidates, dimension)
    assert values[0] > values[1] > values[2] > population
    assert values[2] - population < (values[0] - population) / 16


def test_arrays_broadcast() -> None:
    shares = np.array([[0.1], [0.5], [1.0]])
    dimensions = np.array([1, 2, 3])
    table = kappa_population(shares, dimensions)
    assert table.shape == (3, 3)
    assert table[1, 1] == pytest.approx(1 - math.log(2), rel=1e-14)
    assert (table[2] == 1).all()
    assert (one_minus_kappa_population(shares, dimensions)[2] == 0).all()
    assert kappa_n_of_N(5, np.array([5, 20]), 2).tolist()[0] == 1
    assert one_minus_kappa_n_of_N(5, 5, 2) == 0


def test_they_stay_named_and_know_their_bounds() -> None:
    kappa, finite = KappaPopulation(alpha, d), KappaNofN(n, N, d)
    assert kappa.is_positive
    assert finite.is_real
    assert (kappa <= 1) == sp.true
    assert (finite > 0) == sp.true
    assert (finite <= sp.Rational(1, 2)) not in (sp.true, sp.false)
    assert kappa.subs(alpha, 1) == 1
    assert finite.subs(N, n) == 1
    assert PairNofN(5, 5, d) == FourthNofN(5, 5, d) == FourthPopulation(1, d) == 1
    assert kappa.subs({alpha: sp.Rational(1, 10), d: 3}).has(KappaPopulation)
    assert sp.latex(kappa) == r"\kappa_{d}\left(\alpha\right)"
    assert sp.latex(finite**2) == r"{\kappa_{d}\left(n, N\right)}^{2}"
    assert sp.latex(FourthPopulation(alpha, d)) == r"\kappa^{(4)}_{d}\left(\alpha\right)"
    assert r"\gamma" in sp.latex(kappa.definition())
    assert sp.latex(finite.definition()).startswith(r"\kappa_{d}")
    assert "Tallis" in kappa.source()


def test_definitions_are_worth_what_the_functions_are() -> None:
    half = sp.Rational(1, 2)
    definition = KappaNofN(2, 3, 2).definition()
    assert float(definition.rhs.evalf()) == pytest.approx(float(KappaNofN(2, 3, 2)), rel=1e-10)
    q = sp.Function("q")(2, half)
    for moment in (KappaPopulation, FourthPopulation):
        rhs = moment(half, 2).definition().rhs.subs(q, 2 * sp.log(2))
        assert abs(rhs.evalf(25) - moment(half, 2).evalf(25)) < 1e-24
    off = FourthPopulation(half, 2).definition().rhs.subs(q, 2 * sp.log(3))
    assert abs(off.evalf(25) - FourthPopulation(half, 2).evalf(25)) > 1e-3


@pytest.mark.parametrize(
    "call",
    [
        lambda: kappa_population(0, 2),
        lambda: kappa_population(1.5, 2),
        lambda: kappa_population(float("nan"), 2),
        lambda: kappa_population(0.5, 0),
        lambda: kappa_population(0.5, 1.5),
        lambda: kappa_n_of_N(5, 4, 1),
        lambda: kappa_n_of_N(0, 4, 1),
        lambda: KappaPopulation.numeric(-1, 2),
        lambda: KappaNofN.numeric(5, 4, 1),
        lambda: KappaNofN.numeric(2.5, 4, 1),
    ],
)
def test_bad_input_is_one_line(call: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_sympy_may_probe_with_nonsense() -> None:
    assert KappaPopulation(sp.Rational(3, 2), 2).evalf().has(KappaPopulation)
    assert KappaNofN(7, 3, 2).evalf().has(KappaNofN)
    assert KappaPopulation(sp.I, 2).evalf().has(KappaPopulation)
