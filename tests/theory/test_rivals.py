"""Rivals: every claim gets faults that differ from it, the same ones every time."""

import pytest
import sympy as sp

from theory import shelf
from theory.claim import Claim
from theory.domain import integers
from theory.family import Family
from theory.probes import alike, probes, signature_of
from theory.rivals import LARGEST, rivals
from theory.selection import KappaPopulation
from theory.symbols import n, sigma_0, t, temperature
from theory.vocabulary import Replace

CLAIMS = shelf.claims()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_rivals_are_few_named_and_unlike_the_claim_and_each_other(claim):
    found = rivals(claim)
    # That two samplers draw from one law has no formula in which a fault could be planted.
    if claim.known_false or claim.form == "pair":
        assert found == ()
        return
    assert 1 <= len(found) <= LARGEST
    assert len({rival.name for rival in found}) == len(found)
    assert all(rival.why for rival in found)
    if claim.form == "holds":
        assert all(rival.expression not in claim.holds for rival in found)
        return
    places = tuple(probes(claim))
    signatures = [signature_of(claim.expectation, places)]
    signatures += [signature_of(rival.expression, places) for rival in found]
    for index, one in enumerate(signatures):
        assert not any(alike(one, other) for other in signatures[:index]), index


def test_an_exact_claim_about_a_horizon_has_many():
    for claim in CLAIMS:
        horizon = claim.form == "family" and any(x.name == "t" for x in claim.equals.free_symbols)
        if horizon and claim.exact:
            assert len(rivals(claim)) >= 5, claim.id


def names(identifier):
    return {rival.name for rival in rivals(shelf.find(identifier))}


def test_the_faults_that_are_asked_for_are_planted():
    assert {"null", "n -> n-1", "n -> n+1"} <= names("kazdan2025.replace")
    assert {"kappa(n/N)", "kappa of d+1"} <= names("qiao2026.replace")
    assert "temperature" in names("alemohammad2024.log-rate")
    assert {"sign of -1/n", "without factor sigma_0**2"} <= names("kazdan2025.replace")
    assert "t -> t+1" in names("folklore.drift-unbiased")
    assert any("->" in name and "k**" in name for name in names("kazdan2025.accumulate"))


def test_the_population_takes_the_place_of_n_of_N():
    rival = next(r for r in rivals(shelf.find("qiao2026.refit")) if r.name == "kappa(n/N)")
    assert rival.expression.has(KappaPopulation)
    assert not rival.expression.has(shelf.find("qiao2026.kappa-n-of-N").mean.func)


def test_the_order_does_not_change():
    for identifier in ("kazdan2025.accumulate", "derived.power-moments", "qiao2026.refit"):
        claim = shelf.find(identifier)
        assert rivals(claim) == rivals(claim)


def test_a_mutation_that_changes_nothing_is_left_out():
    # 2/(n-1) - 1/(n-1) is 1/(n-1): dropping nothing but writing it otherwise is no rival.
    claim = Claim(
        "same",
        "The same, written twice.",
        over={n: integers(2, 50)},
        mean=1 / n,
        variance=1 / n,
        rivals={"itself": (n + 1) / (n * (n + 1)), "other": 2 / n},
    )
    found = names_of(claim)
    assert "itself" not in found
    assert "other" in found


def names_of(claim):
    return [rival.name for rival in rivals(claim)]


def test_a_bound_gets_only_rivals_that_cannot_be_true():
    claim = Claim(
        "bound",
        "A bound.",
        over={n: integers(2, 9), t: integers(1, 9)},
        family=Family(workflow=Replace),
        quantity="squared_drift",
        equals=sigma_0**2,
        relation="<=",
    )
    assert names_of(claim) == ["sign"]


def test_rivals_of_a_relation_are_relations_that_fail():
    claim = shelf.find("he2025.pooled-weight")
    ratio = next(iter(claim.holds[0].free_symbols))
    for rival in rivals(claim):
        assert bool(rival.expression.subs(ratio, sp.Rational(7, 3)).doit()) is False
    turned = rivals(shelf.find("derived.accumulate-never-collapses"))
    values = dict.fromkeys(turned[0].expression.free_symbols, 3)
    assert bool(turned[0].expression.subs(values)) is False


def test_the_temperature_is_dropped_everywhere():
    claim = shelf.find("alemohammad2024.log-rate")
    rival = next(r for r in rivals(claim) if r.name == "temperature")
    assert not rival.expression.has(temperature)
