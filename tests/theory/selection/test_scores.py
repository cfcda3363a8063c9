"""Scores, preferences and labels against quadrature, order statistics and sampling."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from mpmath import mp, mpf
from scipy import integrate, stats

from theory.errors import InvalidInput
from theory.selection import (
    BestFourth,
    BestMean,
    BestVariance,
    PreferredShift,
    TailFourth,
    TailIntensity,
    TailVariance,
    preferred,
    selected_error,
)
from theory.selection.best import best_moments


@pytest.mark.parametrize("share", ["1e-6", "0.03", "0.4", "0.999999"])
def test_the_upper_tail_equals_quadrature(share: str) -> None:
    with mp.workdps(40):
        alpha = mpf(sp.Rational(share).p) / sp.Rational(share).q
        z = mp.findroot(
            lambda x: mp.log(mp.erfc(x / mp.sqrt(2)) / 2 / alpha), mpf(stats.norm.isf(float(alpha)))
        )
        points = [z, z + 1, z + 3, z + 6, z + 12, z + 25]
        mean = mp.quad(lambda x: x * mp.npdf(x), points) / alpha
        central = [
            mp.quad(lambda x, p=p: (x - mean) ** p * mp.npdf(x), points) / alpha for p in (2, 4)
        ]
        exact = sp.Rational(share)
        for ours, reference in (
            (TailIntensity(exact), mean),
            (TailVariance(exact), central[0]),
            (TailFourth(exact), central[1]),
        ):
            assert abs(ours.evalf(30)._to_mpmath(110) / reference - 1) < mpf(10) ** -27
        assert abs(TailIntensity(exact * 2 / 3).evalf(20)._to_mpmath(80) / mean - 1) > 1e-3


@pytest.mark.parametrize("candidates", [2, 3, 4, 5, 8, 100, 10**6])
def test_the_best_of_N_equals_its_order_statistic(candidates: int) -> None:
    """By the quantile function of the largest uniform, independent of the trapezoidal rule."""

    def quantile_mean(f: object) -> float:
        # With u = exp(-y/N) the largest of N has y exponential.
        value, _ = integrate.quad(
            lambda y: f(stats.norm.isf(-math.expm1(-y / candidates))) * math.exp(-y),  # type: ignore[operator]
            0,
            60,
            epsabs=1e-12,
            limit=400,
        )
        return value

    mean = quantile_mean(lambda x: x)
    variance = quantile_mean(lambda x: (x - mean) ** 2)
    fourth = quantile_mean(lambda x: (x - mean) ** 4)
    assert float(BestMean(candidates)) == pytest.approx(mean, rel=1e-8)
    assert float(BestVariance(candidates)) == pytest.approx(variance, rel=1e-8)
    assert float(BestFourth(candidates)) == pytest.approx(fourth, rel=1e-7)
    assert abs(float(BestMean(candidates + 1 + candidates // 5)) / mean - 1) > 1e-3


def test_small_N_is_closed() -> None:
    for candidates in range(1, 6):
        mean, variance, _ = best_moments(candidates, 120)
        assert not BestMean(candidates).has(BestMean)
        with mp.workprec(120):
            for ours, reference in (
                (BestMean(candidates), mean),
                (BestVariance(candidates), variance),
            ):
                assert abs(mpf(sp.N(ours, 35)._to_mpmath(120)) - reference) < mpf(10) ** -33
    assert BestMean(6).has(BestMean)
    assert BestVariance(3) == 1 - sp.Rational(9, 4) / sp.pi + sp.sqrt(3) / (2 * sp.pi)


def test_the_reach_of_the_catalogue() -> None:
    reach = {n: float(BestMean(n) / (1 - sp.sqrt(BestVariance(n)))) for n in (2, 3, 8)}
    assert [round(reach[n], 3) for n in (2, 3, 8)] == [3.236, 3.358, 3.656]
    share = sp.Rational(1, 4)
    tail = float(TailIntensity(share) / (1 - sp.sqrt(TailVariance(share))))
    assert round(tail, 2) == 2.50


@pytest.mark.parametrize("strength", [0.1, 1.0, 5.0, 50.0])
def test_the_preferred_of_two_equals_quadrature_and_the_law_on_its_nodes(strength: float) -> None:
    direct, _ = integrate.quad(
        lambda z: z / math.sqrt(2) * math.tanh(strength * z / math.sqrt(2)) * stats.norm.pdf(z),
        -12,
        12,
        epsabs=1e-13,
        limit=400,
        points=[0],
    )
    assert float(PreferredShift(strength)) == pytest.approx(direct, rel=1e-9)
    if strength <= 1:  # a smooth reward: Gauss nodes stand for the normal law
        x, w = np.polynomial.hermite_e.hermegauss(60)
        law = preferred(w / w.sum(), strength * x, 2)
        assert law @ x == pytest.approx(direct, rel=1e-10)
        assert law @ x**2 == pytest.approx(1, rel=1e-10)
    assert abs(float(PreferredShift(1.02 * strength)) - direct) > 1e-6


def test_preference_among_many_equals_enumeration() -> None:
    p, r = np.array([0.2, 0.3, 0.5]), np.array([0.0, 1.0, 2.0])
    for k in (1, 2, 4):
        exact = np.zeros(3)
        for pick in np.ndindex(*(3,) * k):
            weights = np.exp(r[list(pick)])
            for place, item in enumerate(pick):
                exact[item] += p[list(pick)].prod() * weights[place] / weights.sum()
        assert preferred(p, r, k) == pytest.approx(exact, abs=1e-13)
    assert preferred(p, r, 10**7) == pytest.approx(preferred(p, r, math.inf), rel=1e-6)
    assert preferred(p, r, 2) != pytest.approx(preferred(p, r, 3), rel=1e-3)


def test_the_verifier_of_labels_has_its_threshold() -> None:
    keep, wrong = Fraction(4, 5), Fraction(1, 5)
    at = keep / (keep + wrong)
    assert selected_error(at, keep, wrong) == Fraction(1, 2)
    assert selected_error(at - Fraction(1, 100), keep, wrong) < Fraction(1, 2)
    assert selected_error(at + Fraction(1, 100), keep, wrong) > Fraction(1, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: preferred([0.5, 0.6], [0.0, 1.0], 2),
        lambda: preferred([0.5, 0.5], [0.0], 2),
        lambda: preferred([0.5, 0.5], [0.0, 1.0], 1.5),
        lambda: TailIntensity.numeric(0),
        lambda: BestMean.numeric(0),
    ],
)
def test_bad_input_is_one_line(call: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)
