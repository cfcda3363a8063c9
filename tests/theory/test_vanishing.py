"""Certificates of limits that hold almost surely, and their planted faults."""

import pytest
import sympy as sp

from theory import compare, integers
from theory.errors import ClaimError
from theory.vanishing import vanishing

n = sp.Symbol("n", integer=True, positive=True)
s = sp.Symbol("s", positive=True)
MOMENT = (2 / (n - 1)) ** s * sp.gamma((n - 1) / 2 + s) / sp.gamma((n - 1) / 2)
OVER = {n: integers(2, 12)}


def test_a_moment_below_one_is_proved_and_one_that_is_not_refuted():
    claim = vanishing("mine", MOMENT, s, power=sp.Rational(1, 2), over=OVER)
    assert compare(claim).verdict == "PROVED"
    wrong = vanishing("mine", MOMENT, s, power=2, over=OVER)
    assert compare(wrong).verdict == "REFUTED"
    grown = vanishing("mine", MOMENT * 2**s, s, power=sp.Rational(1, 2), over=OVER)
    assert compare(grown).verdict == "REFUTED"


def test_a_power_that_is_not_positive_is_refused():
    with pytest.raises(ClaimError, match="not positive"):
        vanishing("mine", MOMENT, s, power=-1, over=OVER)
