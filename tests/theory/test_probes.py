"""Probes: points of any domain, and values that tell expressions apart."""

from fractions import Fraction

import pytest
import sympy as sp

from theory.claim import Claim
from theory.domain import integers, reals, shares
from theory.probes import alike, probes, signature_of
from theory.symbols import f, n, s


def claim_over(over, where=()):
    return Claim(
        "mine", "Mine.", over=over, where=where, mean=sp.Integer(1), variance=sp.Integer(1)
    )


@pytest.mark.parametrize(
    "domain",
    [
        integers(2),
        reals(),
        reals(0, open_low=True),
        reals(high=-3),
        reals(0, 1, open_low=True, open_high=True),
        integers(7, 7),
    ],
    ids=str,
)
def test_a_domain_without_ends_has_probes_too(domain):
    found = list(probes(claim_over({s: domain})))
    assert found
    assert all(place["s"] in domain for place in found)


def test_probes_meet_the_constraints():
    claim = claim_over({f: shares(n), n: integers(4, 30), s: reals(0, 1)}, (f > 0, f < 1, s < f))
    found = list(probes(claim))
    assert len(found) == 4
    assert all(claim.admits(place) for place in found)
    assert all(Fraction(place["f"]) * place["n"] % 1 == 0 for place in found)


def test_a_claim_without_symbols_has_one_probe():
    assert len(list(probes(claim_over({})))) == 1


def test_the_same_values_mean_the_same_expression():
    places = tuple(probes(claim_over({n: integers(2, 50)})))
    one, other = signature_of(1 / n - 1 / (n + 1), places), signature_of(1 / (n * (n + 1)), places)
    assert alike(one, other)
    assert not alike(one, signature_of(1 / n**2, places))


def test_an_expression_without_a_value_is_no_rival():
    places = ({"n": 3},)
    assert signature_of(1 / (n - 3), places) in (None, (float("inf"),))
    assert not alike(None, (1.0,))
