"""Exponents along a ladder: the true one stands, one that is 5 % off falls."""

import pytest

from numerics.testing import check_exponent
from theory.errors import InvalidInput

LADDER = (4, 8, 16, 32)


def fall(rng, size, n):
    """E = n^-1/2 exactly."""
    return rng.chisquare(8, size) / 8 / n**0.5


def approach(rng, size, n):
    """E = n^-1/2 (1 + 1/n)."""
    return fall(rng, size, n) * (1 + 1 / n)


ASKED = {"over": LADDER, "variance": lambda n: 0.26 / n, "salt": "c0ffee", "budget": 2_000_000}


def test_the_true_exponent_is_verified_and_one_five_per_cent_off_refuted():
    right = check_exponent(fall, 0.5, **ASKED)
    assert right.label == "VERIFIED"
    assert all(interval.low < 0.5 < interval.high for _, interval in right.local)
    for wrong in (0.475, 0.525):
        assert check_exponent(fall, wrong, **ASKED).label == "REFUTED"


def test_a_remainder_excuses_what_it_bounds_and_no_more():
    asked = ASKED | {"variance": lambda n: 0.26 / n * (1 + 1 / n) ** 2}
    assert check_exponent(approach, 0.5, **asked).label == "REFUTED"
    assert check_exponent(approach, 0.5, remainder=lambda m: 1 / m, **asked).label == "VERIFIED"
    small = check_exponent(approach, 0.5, remainder=lambda m: 0.2 / m, **asked)
    assert small.label == "REFUTED"


def test_misuse_is_one_line():
    with pytest.raises(InvalidInput, match="exponent = -1"):
        check_exponent(fall, -1)
    with pytest.raises(InvalidInput, match="remainder gives"):
        check_exponent(fall, 0.5, remainder=lambda m: -1.0, over=LADDER)
