"""Every factor of every e-process has expectation at most 1 under its null: by exact summation."""

import math

import numpy as np
import pytest

from numerics.evidence.betting import BettingProcess, SpreadProcess
from numerics.evidence.blocks import Block
from numerics.evidence.catoni import CatoniProcess, default_bets, influence, verification_bets
from numerics.evidence.law import MomentFunctionProcess, UniformityProcess
from numerics.evidence.predictable import PredictableLine

ROUNDING = 1e-12


def two_point(p):
    """Mean 0, variance 1: the rare value on the right."""
    return np.array([math.sqrt((1 - p) / p), -math.sqrt(p / (1 - p))]), np.array([p, 1 - p])


def three_point(p):
    """Mean 0, variance 1: mass at 0 and two rare values."""
    far = 1 / math.sqrt(p)
    return np.array([-far, 0.0, far]), np.array([p / 2, 1 - p, p / 2])


LAWS = [shape(p) for shape in (two_point, three_point) for p in (0.5, 0.1, 1e-3, 1e-6, 1 - 1e-6)]
BETS = [1e-4, 1e-2, 0.1, 0.5, 1.0, 2.0, 5.0, 50.0]


def expected_factor(process_of, values, weights, side):
    """E of the e-value after one draw, over the law."""
    total = 0.0
    for value, weight in zip(values, weights, strict=True):
        process = process_of()
        process.add(Block(np.array([value])))
        total += weight * math.exp(process.log_e(side))
    return total


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("inside", [0.0, 0.01, 0.3, 2.0, 30.0])
def test_two_moments(law, side, inside):
    """Also at a mean that lies inside the composite null by `inside` standard deviations."""
    values, weights = law
    for sign in (1, -1):
        for bet in BETS:
            x = sign * values - side * inside
            factor = expected_factor(
                lambda bet=bet: CatoniProcess(0.0, 1.0, [bet]), x, weights, side
            )
            assert factor <= 1 + ROUNDING


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("bets", [default_bets, verification_bets])
def test_the_mixtures_in_use(side, bets):
    for epsilon, scale, variance in ((0.01, 1.0, 1.0), (0.01, 5.0, 0.1), (0.3, 9.0, 1e-4)):
        for values, weights in LAWS:
            x = 3.0 + math.sqrt(variance) * values
            lambdas = bets(epsilon, scale, variance)
            factor = expected_factor(
                lambda v=variance, b=lambdas: CatoniProcess(3.0, v, b), x, weights, side
            )
            assert factor <= 1 + ROUNDING


def test_two_moments_twin_a_wrong_moment_breaks_it():
    """The check above can fail: for a larger variance and for a mean outside the null."""
    values, weights = two_point(0.5)
    understated = expected_factor(lambda: CatoniProcess(0.0, 0.7, [1.0]), values, weights, 1)
    outside = expected_factor(lambda: CatoniProcess(0.0, 1.0, [0.1]), values + 0.2, weights, 1)
    assert understated > 1.01
    assert outside > 1.01


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("inside", [0.0, 0.1, 0.4])
def test_bounded(side, inside):
    bound = 0.0 if side > 0 else 1.0
    for p in (0.5, 0.3, 0.01):
        mean = 0.5 - side * inside
        spread = min(mean, 1 - mean)
        values = np.array([mean - spread, mean + spread, mean])
        weights = np.array([p / 2, p / 2, 1 - p])
        for bet in BETS:
            factor = expected_factor(
                lambda bet=bet: BettingProcess(0.5, side, bound, [bet]), values, weights, side
            )
            assert factor <= 1 + ROUNDING
    twin = expected_factor(
        lambda: BettingProcess(0.5, side, bound, [0.5]), np.array([0.5 + side * 0.1]), [1.0], side
    )
    assert twin > 1.01


def spread_factor(law, variance, bet):
    values, weights = law
    total = 0.0
    for a, p in zip(values, weights, strict=True):
        for b, q in zip(values, weights, strict=True):
            process = SpreadProcess(variance, [bet])
            process.add(Block(np.array([a, b])))
            total += p * q * math.exp(process.log_e(1))
    return total


@pytest.mark.parametrize("law", LAWS)
def test_variance_at_any_mean(law):
    values, weights = law
    for bet in (0.01, 0.3, 0.95):
        for mean in (0.0, 7.0):
            assert spread_factor((values + mean, weights), 1.0, bet) == pytest.approx(1, abs=1e-9)
        assert spread_factor(law, 1.1, bet) < 1
        assert spread_factor(law, 0.9, bet) > 1


def test_law():
    """Legendre polynomials integrate to 0: a Gauss rule is exact for them."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    process = UniformityProcess(lambda x: x)
    for bet in process.bets:
        factor = expected_factor(
            lambda bet=bet: UniformityProcess(lambda x: x, (bet,)), (nodes + 1) / 2, weights / 2, 1
        )
        assert factor == pytest.approx(1, abs=1e-12)
        # The bound that keeps every factor positive.
        ends = UniformityProcess(lambda x: x, (bet,))
        ends.add(Block(np.linspace(0, 1, 1001)))
        assert math.isfinite(ends.sums[0])


@pytest.mark.parametrize(("shift", "factor"), [(0.0, 1.0), (0.3, None)])
def test_moment_function(shift, factor):
    values = np.array([0.5, 1.0, 4.0])
    weights = np.array([0.3, 0.5, 0.2])

    def log_mellin(s):
        return math.log(float(weights @ values**s))

    bets = MomentFunctionProcess(log_mellin).bets
    assert min(bets)[0] < 0 < max(bets)[0]
    for s, share in bets:
        got = expected_factor(
            lambda bet=(s, share): MomentFunctionProcess(log_mellin, [bet]),
            values * math.exp(shift),
            weights,
            1,
        )
        wanted = 1.0 if factor else 1 - share + share * math.exp(shift * s)
        assert got == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_predictable_moments(law):
    values, weights = law
    for variance in (0.01, 1.0, 30.0):
        line = lambda x, v=variance: PredictableLine(  # noqa: E731
            np.array([x]), np.array([v]), np.array([0.7]), np.array([2.0, 1.0, 4.0])
        )
        mean = np.array([5.0])
        for side in (1, -1):
            total = sum(
                p * math.exp(line(5.0 + math.sqrt(variance) * x).log_e(mean, side))
                for x, p in zip(values, weights, strict=True)
            )
            assert total <= 1 + ROUNDING


def test_grouped_logarithms_agree_with_the_definition():
    x = np.concatenate([np.linspace(-8, 8, 70_001), [1e3, -1e6, 1e12, -1e30, 1e200]])
    bets = [1e-4, 0.3, 2.0]
    process = CatoniProcess(0.25, 1.0, bets)
    process.add(Block(x))
    for total, bet in zip(process.sums, bets, strict=True):
        u = bet * (x - 0.25)
        direct = math.fsum(
            np.sign(u)
            * np.where(
                np.abs(u) < 1e8,
                np.log1p(np.abs(u) + np.minimum(np.abs(u), 1e8) ** 2 / 2),
                2 * np.log(np.maximum(np.abs(u), 1)) - math.log(2),
            )
        )
        assert total == pytest.approx(direct, rel=1e-9, abs=1e-7)
        assert float(influence(u).sum()) == pytest.approx(direct, rel=1e-9, abs=1e-7)


def test_shifted_evidence_is_a_lower_bound():
    rng_free = np.sin(np.arange(5000) * 1.7) * 3 + 0.5
    for shift in (0.0, 0.01, 0.2, 1.0):
        here = CatoniProcess(0.0, 4.5, [0.02, 0.3])
        there = CatoniProcess(shift, 4.5, [0.02, 0.3])
        bet = BettingProcess(0.0, 1, -3.0, [0.02, 0.2])
        moved = BettingProcess(shift, 1, -3.0, [0.02, 0.2])
        for process in (here, there, bet, moved):
            process.add(Block(rng_free))
        assert here.log_e_shifted(1, shift) <= there.log_e(1) + 1e-9
        assert bet.log_e_shifted(1, shift) <= moved.log_e(1) + 1e-9
