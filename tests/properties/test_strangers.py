"""Claims such as people write who have never seen this project, and what becomes of them.

Each right claim stands beside its wrong twin: a sign, a factor, an n for an n - 1, a dependence.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from numerics.checking import check
from numerics.report.wording import remark
from theory.claim import Claim
from theory.domain import integers, reals
from theory.errors import ClaimError
from theory.family import Family
from theory.symbols import b, d, n, t
from theory.vocabulary import ExponentialTilt

SALT = "c0ffee"
p = sp.Symbol("p", positive=True)
SMALL = {n: integers(4, 9)}


def normals(rng, size, n):
    return rng.standard_normal((size, n))


def uniforms(rng, size, n):
    return rng.random((size, n))


def wishart(rng, size, n, d):
    z = rng.standard_normal((size, n, d))
    return np.einsum("sni,snj->sij", z, z)


def largest(rng, size, n):
    return rng.exponential(size=(size, n)).max(axis=1)


def spread(rng, size, n):
    return np.ptp(uniforms(rng, size, n), axis=1)


def unbiased(rng, size, n):
    return normals(rng, size, n).var(axis=1, ddof=1)


def inverse(rng, size, n, d):
    return np.linalg.inv(wishart(rng, size, n, d))[:, 0, 0]


def determinant(rng, size, n):
    return np.linalg.det(wishart(rng, size, n, 2))


def pairs(rng, size, p):
    k = rng.poisson(p, size)
    return k * (k - 1)


def coin(rng, size, p):
    return rng.random(size) < p


Z = sp.Symbol("z", real=True)
LOGISTIC = sp.Integral(
    sp.exp(-(Z**2) / 2) / sp.sqrt(2 * sp.pi) / (1 + sp.exp(-1 - p * Z)), (Z, -sp.oo, sp.oo)
)


RIGHT_AND_WRONG = {
    "largest of n, not the logarithm": (
        {"variance": sp.harmonic(n, 2), "draw": largest, "over": SMALL},
        sp.harmonic(n),
        sp.log(n),
    ),
    "range, not the maximum": (
        {"variance": 2 * (n - 1) / ((n + 1) ** 2 * (n + 2)), "draw": spread, "over": SMALL},
        (n - 1) / (n + 1),
        n / (n + 1),
    ),
    "divisor n - 1": (
        {"variance": 2 / (n - 1), "draw": unbiased, "over": SMALL},
        sp.Integer(1),
        1 - 1 / n,
    ),
    "inverse Wishart": (
        {
            "variance": 2 / ((n - d - 1) ** 2 * (n - d - 3)),
            "draw": inverse,
            "over": {n: integers(12, 16), d: integers(1, 3)},
        },
        1 / (n - d - 1),
        1 / (n - d),
    ),
    "determinant": (
        {"variance": n * (n - 1) * (4 * n + 2), "draw": determinant, "over": SMALL},
        n * (n - 1),
        n * (n + 1),
    ),
    "a discrete law": (
        {"variance": 4 * p**3 + 2 * p**2, "draw": pairs, "over": {p: reals(0.5, 5)}},
        p**2,
        p**2 + p,
    ),
    "bounds alone": (
        {"bounds": (0, 1), "draw": coin, "over": {p: reals(0.05, 0.9)}},
        p,
        p * (1 + p / 5),
    ),
    "a mean of zero": (
        {"variance": 1 / n, "draw": lambda rng, size, n: normals(rng, size, n).mean(axis=1),
         "over": SMALL},
        sp.Integer(0),
        1 / n,
    ),
    "no variance at all": (
        {"variance": 0, "draw": lambda rng, size, n: np.full(size, float(n)), "over": SMALL},
        n,
        n + sp.Rational(1, 1000),
    ),
    "a law for every size": (
        {"variance": 2 * (n - 1) / n**2, "over": {n: integers(2)},
         "draw": lambda rng, size, n: rng.chisquare(n - 1, size) / n},
        1 - 1 / n,
        1 - 1 / (n + 1),
    ),
    "an integral for a mean": (
        {"bounds": (0, 1), "over": {p: reals(0.2, 2)},
         "draw": lambda rng, size, p: 1 / (1 + np.exp(-1 - p * rng.standard_normal(size)))},
        LOGISTIC,
        1 / (1 + sp.exp(-1)),
    ),
    "a law alone": (
        {"cdf": lambda x, p: stats.expon.cdf(x, scale=p), "over": {p: reals(0.5, 3)},
         "draw": lambda rng, size, p: rng.exponential(p, size)},
        p,
        p * (1 + p / 50),
    ),
    "moments of every order alone": (
        {"log_mellin": lambda s, p: (s * p) ** 2 / 2, "over": {p: reals(0.1, 1)},
         "draw": lambda rng, size, p: rng.lognormal(0, p, size)},
        sp.exp(p**2 / 2),
        sp.exp(p**2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT_AND_WRONG)
def test_a_right_claim_is_verified_and_its_twin_refuted(name):
    fields, right, wrong = RIGHT_AND_WRONG[name]
    verdicts = [
        check(Claim("mine", name, mean=mean, **fields), salt=SALT, points=3).verdict.value
        for mean in (right, wrong)
    ]
    assert verdicts == ["VERIFIED", "REFUTED"]


@pytest.mark.parametrize(("factor", "verdict"), [(1, "VERIFIED"), (1 + b**2 / 20, "REFUTED")])
def test_an_exponential_tilt_leaves_the_covariance_alone(factor, verdict):
    """Weights exp(b x) move a Gaussian and keep its shape; what sees the mean is not derived."""
    over = {n: integers(8, 20), t: integers(1, 3), d: integers(1, 3), b: reals(1, 2)}
    words = {"over": over, "family": Family(selection=ExponentialTilt), "equals": 1}
    tilted = Claim("mine", "a tilt", quantity="variance", **words)
    found = check(replace(tilted, equals=factor * d * (1 - 1 / n) ** t), salt=SALT, points=2)
    assert found.verdict.value == verdict
    assert found.algebra.verdict == {"VERIFIED": "PROVED"}.get(verdict, verdict)
    drift = check(Claim("mine", "a tilt", quantity="squared_drift", **words), salt=SALT, points=2)
    assert drift.verdict.value == "INCONCLUSIVE"
    assert "bring a sampler" in remark(drift)


@pytest.mark.parametrize(
    ("draw", "variance"),
    [
        (unbiased, 1 / n),
        (lambda rng, size, n: rng.standard_cauchy(size) + 1, sp.Integer(1)),
        (lambda rng, size, n: rng.standard_normal(size) + 1, sp.Integer(0)),
    ],
    ids=["half of it", "heavy tails", "none"],
)
def test_a_wrong_variance_withholds_the_verdict(draw, variance):
    claim = Claim("mine", "a variance", SMALL, mean=1, variance=variance, draw=draw)
    assert check(claim, salt=SALT, points=2).verdict.value == "VARIANCE REFUTED"


def scaled(rng, size, n):
    return 1.05 * rng.chisquare(n, size)


def squares(rng, size, n):
    return (normals(rng, size, n) ** 2).sum(axis=1)


def test_two_simulators_of_one_law_and_of_two():
    verdicts = [
        check(
            Claim("mine", "one law", {n: integers(2, 6)}, draw=squares, draw_other=other),
            salt=SALT, points=1, epsilon=0.02,
        ).verdict.value
        for other in (lambda rng, size, n: rng.chisquare(n, size), scaled)
    ]  # fmt: skip
    assert verdicts == ["VERIFIED", "REFUTED"]
    with pytest.raises(ClaimError, match="two samplers of one law"):
        Claim("mine", "one law", {n: integers(2, 6)}, draw=squares, draw_other=scaled, variance=1)
    with pytest.raises(ClaimError, match="two samplers of one law"):
        Claim("mine", "one law", {n: integers(2, 6)}, draw_other=scaled)


def shared(rng, size, n):
    return np.full(size, rng.standard_normal())


def twice(rng, size, n):
    return np.repeat(rng.standard_normal(-(-size // 2)), 2)[:size]


def mirrored(rng, size, n):
    half = rng.standard_normal(-(-size // 2))
    return np.concatenate([half, -half])[:size]


@pytest.mark.parametrize("draw", [shared, twice, mirrored])
def test_dependent_replicates_get_no_verdict(draw):
    """The mean is right: without the guard the first was refuted, and the others verified."""
    fields = {"over": SMALL, "mean": 0, "variance": 1}
    with pytest.raises(ClaimError, match="mine: replicates are not independent"):
        check(Claim("mine", "dependent", draw=draw, **fields), salt=SALT, points=2)
    honest = Claim("mine", "honest", draw=lambda rng, size, n: rng.standard_normal(size), **fields)
    assert check(honest, salt=SALT, points=2).verdict.value == "VERIFIED"


FIELDS = {"mean": 0, "variance": 1, "draw": lambda rng, size, n: rng.standard_normal(size)}
MISUSE = {
    "nothing bounds it": ({"variance": None}, "an upper bound will do"),
    "complex draws": ({"draw": lambda rng, size, n: 1j * rng.random(size)}, "complex numbers"),
    "Python's ==": ({"where": (n == 3,)}, "where is a plain False"),
    "always true": ({"where": (n > 0,)}, "where is a plain True"),
    "no point left": ({"where": (n > 10,)}, "admit no point"),
    "a relation for a mean": ({"mean": n > 2}, "not an expression"),
    "a matrix for a mean": ({"mean": sp.Matrix([1, 2])}, "not an expression"),
    "text for a function": ({"cdf": "norm"}, "cdf = 'norm' is not a function"),
    "a list of letters": ({"over": [n]}, "over is a list, not a mapping"),
    "a list of rivals": ({"rivals": [n]}, "rivals is a list, not a mapping"),
    "three bounds": ({"bounds": (0, 1, 2)}, "accepted: a pair"),
    "bounds the wrong way round": ({"bounds": (9, -9)}, "mine: bounds="),
    "one bound at infinity": ({"bounds": (0, sp.oo)}, r"bounds = \(0, oo\) must be finite"),
    "a symbol that draw cannot get": (
        {"over": {sp.Symbol("size"): integers(2, 9)}}, "draw gets something else as size"),
    "a symbol for a limit": ({"limit": n}, "accepted: a pair"),
    "a name for a family": ({"family": "replace", "mean": None}, "is not a Family"),
    "a negative scale": (
        {"mean": sp.Integer(0), "scale": -1 / n}, "mine: scale="),
}  # fmt: skip


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_names_the_claim_or_says_what_is_accepted_in_one_line(name):
    changes, message = MISUSE[name]
    with pytest.raises(ValueError, match=message) as raised:
        check(Claim("mine", name, **{"over": SMALL, **FIELDS, **changes}), salt=SALT, points=2)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("ends", [("1/3", 1), (0, "1"), (False, 1), (None, 1), (float("nan"), 1)])
def test_the_ends_of_a_domain_are_numbers(ends):
    with pytest.raises(ValueError, match="an end of a domain must be"):
        reals(*ends)


def test_ends_of_a_domain_may_come_from_elsewhere():
    assert 0.5 in reals(sp.Rational(1, 3), np.float64(1))
    assert integers(np.int64(2), sp.Integer(9)) == integers(2, 9)
    assert reals(0, sp.oo) == reals(0)


def eq(left, right):
    return sp.Eq(left, right, evaluate=False)


K, J = sp.symbols("k j", integer=True, positive=True)
X, Y = sp.symbols("x y", positive=True)
DETERMINISTIC = {
    "Bernoulli": (
        sp.Ge((1 - 1 / n) ** K, 1 - K / n, evaluate=False),
        sp.Ge((1 - 1 / n) ** K, 1 - K / (2 * n), evaluate=False),
        {n: integers(2, 30), K: integers(1, 30)},
    ),
    "Stirling": (
        sp.Ge(sp.factorial(n), (n / sp.E) ** n, evaluate=False),
        sp.Ge(sp.factorial(n), 3 * (n / sp.E) ** n, evaluate=False),
        {n: integers(1, 60)},
    ),
    "sum of squares": (
        eq(sp.Sum(K**2, (K, 1, n)), n * (n + 1) * (2 * n + 1) / 6),
        eq(sp.Sum(K**2, (K, 1, n)), n * (n + 1) * (2 * n - 1) / 6),
        {n: integers(1, 10**6)},
    ),
    "means": (
        sp.Ge((X + Y) / 2, sp.sqrt(X * Y), evaluate=False),
        sp.Ge((X + Y) / 3, sp.sqrt(X * Y), evaluate=False),
        {X: reals(0, 10, open_low=True), Y: reals(0, 10, open_low=True)},
    ),
    "a power below an exponential": (
        sp.Le((1 - 1 / n) ** K, sp.exp(-K / n), evaluate=False),
        sp.Le((1 - 1 / (n + 1)) ** K, sp.exp(-K / n), evaluate=False),
        {n: integers(2, 100), K: integers(1, 100)},
    ),
    "geometric sum": (
        eq(sp.Sum((1 - 1 / n) ** (J - 1), (J, 1, K)), n * (1 - (1 - 1 / n) ** K)),
        eq(sp.Sum((1 - 1 / n) ** J, (J, 1, K)), n * (1 - (1 - 1 / n) ** K)),
        {n: integers(2, 100), K: integers(1, 100)},
    ),
    "telescoping product": (
        eq(sp.Product(1 - 1 / J**2, (J, 2, K)), (K + 1) / (2 * K)),
        eq(sp.Product(1 - 1 / J**2, (J, 2, K)), K / (2 * K - 1)),
        {K: integers(2, 10**6)},
    ),
    "partial sums": (
        sp.Lt(sp.harmonic(K, 2), sp.pi**2 / 6, evaluate=False),
        sp.Lt(sp.harmonic(K, 2), sp.Rational(8, 5), evaluate=False),
        {K: integers(1, 200)},
    ),
}


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_textbook_statements_are_proved_and_their_twins_refuted(name):
    right, wrong, over = DETERMINISTIC[name]
    verdicts = [
        check(Claim("mine", name, over, holds=relation)).verdict.value
        for relation in (right, wrong)
    ]
    assert verdicts == ["PROVED", "REFUTED"]
