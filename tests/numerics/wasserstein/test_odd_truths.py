"""Every estimator on truths that are awkward: tails, singular laws, offsets, scales, few points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import stats

from numerics.streams import Stream
from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.jackknife import jackknifed_gaussian
from numerics.wasserstein.registry import Estimator, estimators, find
from theory.errors import InvalidInput


@dataclass(frozen=True)
class Odd:
    """Two samples, and squared W2 between their laws."""

    x: Array
    y: Array
    squared_w2: float


def lognormal(rng: np.random.Generator) -> Odd:
    x, y = np.exp(rng.standard_normal(300) / 2), np.exp(rng.standard_normal(250))
    # E (e^(Z/2) - e^Z)^2 with E e^(kZ) = e^(k^2/2).
    return Odd(x, y, float(np.exp(0.5) - 2 * np.exp(1.125) + np.exp(2)))


def heavy_tails(rng: np.random.Generator) -> Odd:
    # Student's t with 3 degrees of freedom has the variance 3, and no fourth moment.
    return Odd(rng.standard_t(3, 300), 2 * rng.standard_t(3, 400) + 1, 4.0)


def two_atoms(rng: np.random.Generator) -> Odd:
    # Masses .9 and .1 against .2 and .8 on 0 and 3: seven tenths move by 3.
    return Odd(3.0 * (rng.random(200) > 0.9), 3.0 * (rng.random(150) > 0.2), 6.3)


def nearly_singular(rng: np.random.Generator) -> Odd:
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    one, two = np.array([1, 1, 0.5, 1e-7, 1e-7]), np.array([2, 0.5, 0.5, 3e-7, 0])
    x, y = (rng.standard_normal((200, 5)) * one) @ turn.T, rng.standard_normal((150, 5)) * two
    return Odd(x, y @ turn.T, float(np.sum((one - two) ** 2)))


def crossing_planes(rng: np.random.Generator) -> Odd:
    one, two = (np.linalg.qr(rng.standard_normal((5, 2)))[0] for _ in range(2))
    x, y = rng.standard_normal((200, 2)) @ one.T, rng.standard_normal((200, 2)) @ two.T
    return Odd(x, y, 4 - 2 * float(np.linalg.svd(one.T @ two, compute_uv=False).sum()))


def far_from_the_origin(rng: np.random.Generator) -> Odd:
    return Odd(1e8 + rng.standard_normal((150, 3)), 1e8 + 2 * rng.standard_normal((200, 3)), 3.0)


def tiny(rng: np.random.Generator) -> Odd:
    unit = 1e-130
    x, y = rng.standard_normal((100, 2)), 3 * rng.standard_normal((100, 2))
    return Odd(unit * x, unit * y, 8 * unit**2)


def a_point(rng: np.random.Generator) -> Odd:
    return Odd(np.zeros((60, 3)), rng.standard_normal((60, 3)), 3.0)


def few_points(rng: np.random.Generator) -> Odd:
    return Odd(rng.standard_normal((5, 2)), rng.standard_normal((2, 2)) + 9, 162.0)


def on_two_lines(rng: np.random.Generator) -> Odd:
    # Along unit vectors at an angle with cosine c: points move with their rank.
    one, two = (each / np.linalg.norm(each) for each in rng.standard_normal((2, 8)))
    two *= np.sign(one @ two)
    x, y = rng.standard_normal((200, 1)), rng.exponential(3, (150, 1))
    # E Z q(U) for the exponential quantile q at the rank U of a standard normal Z.
    ranks = (np.arange(10**5) + 0.5) / 10**5
    cross = 3 * float(np.mean(stats.norm.ppf(ranks) * stats.expon.ppf(ranks)))
    return Odd(x * one, y * two, 1 + 18 - 2 * float(one @ two) * cross)


def a_copy_moved_away(rng: np.random.Generator) -> Odd:
    x = rng.exponential(1, (200, 4))
    return Odd(x, x + 3, 36.0)


def counts(rng: np.random.Generator) -> Odd:
    ranks = (np.arange(10**5) + 0.5) / 10**5
    gaps = stats.poisson(3).ppf(ranks) - stats.poisson(7).ppf(ranks)
    x, y = rng.poisson(3, (150, 2)), rng.poisson(7, (120, 2))
    return Odd(x, y, 2 * float(np.mean(gaps**2)))


TRUTHS = [
    *(lognormal, heavy_tails, two_atoms, nearly_singular, crossing_planes),
    *(far_from_the_origin, tiny, a_point, few_points, on_two_lines, a_copy_moved_away, counts),
]
CHEAP = [each for each in estimators().values() if not each.costly]


def fair(method: Estimator, odd: Odd) -> bool:
    """A number within reach of the truth or a note; a bound that is none above the truth."""
    rng = Stream("odd truths", method.name).generator()
    try:
        found = method(odd.x, odd.y, rng=rng if method.random else None)
    except InvalidInput:
        return True
    bounded = found.lower_bound is None or 0 <= found.lower_bound <= odd.squared_w2
    if method.functional != "squared_w2":
        return bounded and (bool(np.isfinite(found.value)) or bool(found.note))
    near = odd.squared_w2 / 2 < found.value < 2 * odd.squared_w2
    return bounded and (near or (found.failed and bool(found.note)))


@pytest.mark.parametrize("make", TRUTHS, ids=lambda make: make.__name__)
def test_no_estimator_is_lost(make: Callable[[np.random.Generator], Odd]) -> None:
    odd = make(Stream("odd truths", make.__name__).generator())
    lost = [method.name for method in CHEAP if not fair(method, odd)]
    assert not lost


def test_the_twins_are_lost() -> None:
    odd = crossing_planes(Stream("odd truths", "crossing_planes").generator())
    means = replace(find("gaussian"), method=lambda x, y: float(np.sum(x.mean(0) - y.mean(0)) ** 2))
    assert not fair(means, odd)

    def boast(x: Array, y: Array) -> Estimate:
        value = jackknifed_gaussian(x, y)
        return Estimate(value, "squared_w2", "boast", lower_bound=2 * value)

    assert not fair(Estimator("boast", "squared_w2", boast), odd)
