"""Truncated quadratic forms against independent evaluations at 30 digits."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp, mpf
from scipy import stats

from theory.errors import InvalidInput
from theory.selection import (
    EllipseMoment,
    TargetMoment,
    kept_products,
    kept_weighted,
    one_minus_kappa_population,
    weighted_mass,
    weighted_threshold,
)
from theory.selection.offcentre import off_truncated

SHARES = (1e-6, 1e-3, 0.3, 0.5, 0.9, 1 - 1e-6)


def relative(value: float, exact: object) -> float:
    return float(abs(mpf(value) / mpf(exact) - 1))


@pytest.mark.parametrize("dimension", [1, 2, 3, 10, 100, 1000])
@pytest.mark.parametrize("delta", [0.5, 3.0, 30.0])
def test_an_off_centre_ball_equals_the_poisson_mixture_at_thirty_digits(
    dimension: int, delta: float
) -> None:
    places = np.zeros(dimension)
    places[0] = delta
    for share in SHARES if dimension < 100 else (1e-6, 0.5, 1 - 1e-6):
        ours = kept_weighted(share, np.ones(dimension), places)
        with mp.workprec(110):
            found = off_truncated(mpf(share), dimension, mpf(delta)).masses
            m1, m2 = (x / mpf(share) for x in found[1:3])
            shift = delta * (1 - m1)
            second = m1 + delta**2 * (1 - 2 * m1 + m2)
            loss = 1 - second
            variance = m1 + delta**2 * (m2 - m1**2)
            pairs = [(ours.mean[0], shift), (ours.second[0], second), (ours.variance[0], variance)]
            if abs(loss) > 1e-3 or share > 0.9:
                pairs.append((ours.loss[0], loss))
            if dimension > 1:
                pairs.append((ours.second[-1], m1))
            for value, exact in pairs:
                assert relative(value, exact) < 1e-9, (share, value, exact)
            assert relative(ours.mean[0] * (1 + 1e-8), shift) > 1e-9  # an error would be seen


def ruben(weights: list[float], q: object) -> tuple[object, list[object]]:
    """P(Q <= q) and E[z_j^2 1{Q <= q}] by Ruben's (1962) series of central chi-squares.

    With beta <= min w all terms are positive; raising the degrees of freedom of one axis by two
    gives its second moment. Written down from the paper, and independent of the contour.
    """

    def series(degrees: list[int]) -> object:
        beta, goal = mpf(min(weights)), mpf(10) ** -36
        total = sum(degrees)
        ratios = [1 - beta / mpf(w) for w in weights]
        start = mp.mpf(1)
        for w, k in zip(weights, degrees, strict=True):
            start *= (beta / mpf(w)) ** (mpf(k) / 2)
        a, g, x = [start], [], mpf(q) / beta / 2
        half = mpf(total) / 2
        density = mp.exp(half * mp.log(x) - x - mp.loggamma(half + 1))
        mass = mp.gammainc(half, 0, x, regularized=True)
        value, left, j = a[0] * mass, 1 - a[0], 0
        while left * mass > goal * value:
            j += 1
            g.append(sum(k * r**j for r, k in zip(ratios, degrees, strict=True)) / 2)
            a.append(sum(g[j - 1 - i] * a[i] for i in range(j)) / j)
            mass -= density
            density *= x / (half + j)
            value += a[j] * mass
            left -= a[j]
        return value

    plain = [1] * len(weights)
    return series(plain), [
        series([k + 2 * (i == j) for i, k in enumerate(plain)]) for j in range(len(weights))
    ]


@pytest.mark.parametrize(
    "weights", [[1.0, 2.0], [1.0, 1.5, 4.0], [1.0] * 5 + [3.0] * 5, [1.0, 1.2, 1.4, 1.6, 5.0]]
)
@pytest.mark.parametrize("share", [1e-6, 0.1, 0.7, 0.999])
def test_weighted_moments_equal_rubens_series_at_thirty_digits(
    weights: list[float], share: float
) -> None:
    ours = kept_weighted(share, weights)
    with mp.workdps(45):
        mass, seconds = ruben(weights, mpf(ours.threshold))
        assert relative(share, mass) < 1e-12
        for value, exact in zip(ours.second, seconds, strict=True):
            assert relative(value, exact / mass) < 1e-9
        wrong = kept_weighted(share, [w * (1 + 1e-3 * (i == 0)) for i, w in enumerate(weights)])
        assert relative(wrong.second[0], seconds[0] / mass) > 1e-9


@pytest.mark.parametrize("ratio", [1, 2, 30])
def test_the_ellipse_equals_the_contour(ratio: int) -> None:
    for share in (1e-6, 0.3, 1 - 1e-6):
        exact = [
            EllipseMoment(*ij, sp.Float(share, 40), ratio).evalf(30) for ij in ((1, 0), (0, 1))
        ]
        ours = kept_weighted(share, [float(ratio), 1.0])
        with mp.workprec(110):
            for value, reference in zip(ours.second, exact, strict=True):
                assert relative(value, reference._to_mpmath(110)) < 1e-12
            loss = 1 - exact[0]._to_mpmath(110)
            assert relative(ours.loss[0], loss) < 1e-9
    swapped = kept_weighted(0.3, [1.0, float(ratio)]).second[0]
    assert ratio == 1 or abs(swapped / float(EllipseMoment(1, 0, 0.3, ratio)) - 1) > 1e-3


def test_moments_off_every_axis_equal_sampling() -> None:
    """The one place with two off-diagonal target coordinates; three million points."""
    weights, places, share = np.array([0.5, 1.0, 3.0]), np.array([1.0, -2.0, 0.5]), 0.2
    z = np.random.default_rng(31).standard_normal((3_000_000, 3))
    q = weighted_threshold(share, weights, places)
    kept = z[((z - places) ** 2 @ weights) <= q]
    assert abs(len(kept) / len(z) - share) < 5 * (share / len(z)) ** 0.5
    ours, cross = kept_weighted(share, weights, places), kept_products(share, weights, places)
    error = kept.std(axis=0) / len(kept) ** 0.5
    assert (np.abs(kept.mean(axis=0) - ours.mean) < 5 * error).all()
    assert (np.abs(kept.var(axis=0) / ours.variance - 1) < 0.01).all()
    products = kept.T @ kept / len(kept)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        spread = (kept[:, i] * kept[:, j]).std() / len(kept) ** 0.5
        assert abs(products[i, j] - cross[i, j]) < 5 * spread
    assert abs(products[0, 1] + cross[0, 1]) > 0.1  # a sign would be seen


@pytest.mark.parametrize("dimension", [1, 30, 1000])
def test_mass_and_threshold_are_inverse(dimension: int) -> None:
    for share in SHARES:
        q = weighted_threshold(share, np.ones(dimension))
        assert weighted_mass(q, np.ones(dimension)) == pytest.approx(share, rel=1e-12)
        assert q == pytest.approx(stats.chi2.ppf(share, dimension), rel=1e-9)
        loss = kept_weighted(share, np.ones(dimension)).loss[0]
        assert loss == pytest.approx(one_minus_kappa_population(share, dimension), rel=1e-11)


def test_targets_of_the_mean_itself_are_the_known_moments() -> None:
    assert TargetMoment(1, sp.Symbol("alpha"), 3, 0).has(sp.Symbol("alpha"))
    near = float(TargetMoment(1, sp.Rational(1, 4), 3, sp.Rational(1, 10**8)))
    assert near == pytest.approx(float(TargetMoment(1, sp.Rational(1, 4), 3, 0)), rel=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: kept_weighted(0.0, [1.0]),
        lambda: kept_weighted(1.0, [1.0]),
        lambda: kept_weighted(0.5, [1.0, -1.0]),
        lambda: kept_weighted(0.5, [1.0, 2.0], [1.0, 2.0, 3.0]),
        lambda: kept_weighted(0.5, [1.0], [float("nan")]),
        lambda: TargetMoment.numeric(7, 0.5, 1, 1.0),
        lambda: TargetMoment.numeric(1, 0.5, 1.5, 1.0),
        lambda: EllipseMoment.numeric(1, 0, 1.5, 2.0),
    ],
)
def test_bad_input_is_one_line(call: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)
