"""Exponents, orders and almost sure limits as claims: right ones stand, planted ones fall."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from numerics.checking import check, check_all
from numerics.commands.catalogue import kind
from numerics.evidence import Verdict
from numerics.result import document
from numerics.testing import ClaimRefuted, certify, verify
from theory import Claim, Family, integers, reals, shelf
from theory.comparison import compare
from theory.errors import ClaimError, InvalidInput
from theory.selection import KappaNofN
from theory.symbols import N, n, sigma_0, t
from theory.vanishing import vanishing
from theory.vocabulary import Accumulate, TopFraction

c = sp.Symbol("c", positive=True)
s = sp.Symbol("s", positive=True)


def falling(rng, size, n, c):
    """E = n^-c exactly, with a squared coefficient of variation of 1/32."""
    return rng.chisquare(64, size) / 64 / n**c


def late(rng, size, n, c):
    """E = n^-c (1 + 1/n)."""
    return falling(rng, size, n, c) * (1 + 1 / n)


def approaching(rng, size, n):
    """E = 3 + 2/n."""
    return 3 + 2 / n + rng.standard_normal(size) / n


def power(exponent: Any = c, **given: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": "mine.power",
        "statement": "E T_n falls like n^-c.",
        "over": {c: reals(sp.Rational(1, 2), 1)},
        "exponent": exponent,
        "along": (n, (4, 16, 64)),
        "variance": n ** (-2 * c) / 30,
        "draw": falling,
        **given,
    }
    return Claim(**fields)


def order(k: Any = 1, **given: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": "mine.order",
        "statement": "E T_n = 3 + O(1/n).",
        "mean": 3,
        "order": k,
        "along": (n, (2, 8, 32)),
        "variance": 1 / n**2,
        "draw": approaching,
        **given,
    }
    return Claim(**fields)


def verdict(claim: Claim, **asked: Any) -> Verdict:
    return check(claim, salt="c0ffee", points=3, **asked).verdict


@pytest.mark.parametrize("share", [sp.Rational(21, 20), sp.Rational(19, 20)])
def test_an_exponent_is_verified_and_one_five_per_cent_off_refuted(share):
    found = check(power(), salt="c0ffee", points=3, rivals=True)
    assert (found.verdict, found.as_expected) == (Verdict.VERIFIED, True)
    assert {r.name: r.status for r in found.rivals} == {
        "5 % more": "refuted",
        "5 % less": "refuted",
    }
    wrong = check(power(share * c), salt="c0ffee", points=3)
    assert wrong.verdict is Verdict.REFUTED
    example = wrong.counterexample
    assert example is not None
    assert example.at == {"c": 0.5}
    assert abs(example.measured - 0.5) < 5 * example.standard_error < 0.02
    assert verdict(replace(power(share * c), known_false="planted")) is Verdict.REFUTED


LATE = n ** (-2 * c) * (1 + 1 / n) ** 2 / 30


def test_a_proved_remainder_excuses_what_it_bounds_and_no_more():
    assert verdict(power(draw=late, variance=LATE)) is Verdict.REFUTED
    assert verdict(power(draw=late, variance=LATE, slack=1 / n)) is Verdict.VERIFIED
    assert verdict(power(draw=late, variance=LATE, slack=1 / (4 * n))) is Verdict.REFUTED


def test_an_order_is_verified_and_one_that_is_half_an_order_off_refuted():
    found = check(order(), salt="c0ffee", rivals=True)
    assert found.verdict is Verdict.VERIFIED
    assert [(r.name, r.status) for r in found.rivals] == [("order + 1/2", "refuted")]
    wrong = check(order(sp.Rational(3, 2)), salt="c0ffee")
    assert wrong.verdict is Verdict.REFUTED
    assert wrong.counterexample is not None
    assert abs(wrong.counterexample.measured - 1) < 0.1
    assert verdict(order(mean=sp.Rational(7, 2))) is Verdict.REFUTED


def test_an_error_that_is_next_to_nothing_keeps_every_order():
    def exactly(rng, size, n):
        return 3 + rng.standard_normal(size) / n**2

    assert verdict(order(draw=exactly)) is Verdict.VERIFIED
    assert verdict(order(2, draw=exactly, variance=1 / n**4)) is Verdict.VERIFIED


def test_one_salt_gives_one_table_on_any_number_of_processes():
    names = ("bertrand2024.std-order", "derived.fit-distance-exponent", "alemohammad2024.vanishing")
    claims = [shelf.find(name) for name in names]
    one, two = (check_all(claims, salt="5eed", points=3, jobs=jobs) for jobs in (1, 2))
    text = json.dumps(document("5eed", one), sort_keys=True)
    assert text == json.dumps(document("5eed", two), sort_keys=True)
    assert all(each.as_expected for each in one)
    (point,) = json.loads(text)["claims"][0]["simulation"]["points"]
    assert (point["route"], point["method"]) == ("ladder", "ladder")
    assert [kind(each) for each in claims] == ["order", "exponent", "almost sure limit"]


KAPPA = KappaNofN(n, N, 1)
KEPT = Family(workflow=Accumulate, selection=TopFraction, fit="mle", law="n-of-N")


def kept(exponent: Any, slack: Any) -> Claim:
    """Accumulate and select, whose step is 1 - psi/k + O(1/k^2)."""
    return Claim(
        "mine.kept", "the variance falls like a power of t", {n: integers(6, 6), N: integers(8, 8)},
        family=KEPT, quantity="variance", exponent=exponent, along=(t, (1, 4, 8)), slack=slack,
        scale=1,
    )  # fmt: skip


def test_an_exponent_of_a_family_is_proved_from_its_step_and_verified():
    found = check(kept(1 - KAPPA, 1 / t), salt="c0ffee", epsilon=0.2)
    assert (found.verdict, found.algebra.verdict) == (Verdict.VERIFIED, "PROVED")
    assert compare(kept(1 - KAPPA**2, 1 / t)).verdict == "REFUTED"


def test_a_proved_exponent_with_too_small_a_remainder_is_refuted_and_no_conflict():
    found = check(kept(1 - KAPPA, sp.Integer(0)), salt="c0ffee", epsilon=0.02)
    assert (found.verdict, found.algebra.verdict) == (Verdict.REFUTED, "PROVED")


def test_an_order_of_a_family_with_another_limit_is_refuted_by_algebra():
    family = Family(workflow=Accumulate, fit="mle")
    claim = Claim(
        "mine.limit", "the limit is 1 - 1/n", {n: integers(2, 4)}, family=family,
        quantity="variance", equals=sigma_0**2 * (1 - 1 / n), order=1, along=(t, (1, 2, 8)),
    )  # fmt: skip
    assert compare(claim).verdict == "REFUTED"
    root = sp.pi / sp.sqrt(n)
    assert compare(replace(claim, equals=sigma_0**2 * sp.sin(root) / root)).verdict == "SILENT"


HALF = sp.Rational(1, 2)
MOMENT = (2 / (n - 1)) ** s * sp.gamma((n - 1) / 2 + s) / sp.gamma((n - 1) / 2)


def ratio(rng, size, n):
    return rng.chisquare(n - 1, size) / (n - 1)


def vanishes(moment: Any = MOMENT, power: Any = HALF) -> Claim:
    return vanishing("mine", moment, s, power=power, over={n: integers(3, 9)}, draw=ratio)


def test_an_almost_sure_limit_takes_both_the_moment_and_the_certificate():
    found = check(vanishes(), salt="c0ffee", points=2)
    assert (found.verdict, found.algebra.verdict) == (Verdict.VERIFIED, "PROVED")
    # The moment is right, but not below 1; it is below 1, but not the moment; neither is known.
    assert verdict(vanishes(power=2)) is Verdict.REFUTED
    found = check(vanishes(moment=MOMENT * sp.Rational(9, 10)), salt="c0ffee", points=2)
    assert (found.verdict, found.algebra.verdict) == (Verdict.REFUTED, "PROVED")


def test_a_certificate_that_algebra_cannot_decide_leaves_the_claim_open():
    odd = sp.Lt(sp.Function("f")(n), 1, evaluate=False)
    claim = replace(vanishes(), certificate=odd)
    assert compare(claim).verdict == "SILENT"
    assert verdict(claim) is Verdict.INCONCLUSIVE
    with pytest.raises(InvalidInput, match="certificate is not proved"):
        certify(claim, share=0.5, confidence=0.5, salt="c0ffee")


def test_a_claim_on_the_shelf_and_its_planted_faults():
    claim = shelf.find("qiao2026.power-law")
    asked: dict[str, Any] = {"salt": "c0ffee", "at": {"n": 4, "alpha": 0.5, "d": 1}}
    assert check(claim, **asked).verdict is Verdict.VERIFIED
    for share in (sp.Rational(21, 20), sp.Rational(19, 20)):
        planted = claim.with_expectation(share * claim.exponent, "planted")
        planted = replace(planted, id=claim.id)  # whose sampler it shares
        assert check(planted, **asked).verdict is Verdict.REFUTED


def test_verify_makes_a_property_of_an_exponent():
    asked = {"over": {c: reals(sp.Rational(1, 2), 1)}, "along": (n, (4, 16, 64)), "points": 2}

    @verify(exponent=c, variance=n ** (-2 * c) / 30, **asked)
    def right(rng, size, n, c):
        return falling(rng, size, n, c)

    @verify(exponent=sp.Rational(21, 20) * c, variance=n ** (-2 * c) / 30, **asked)
    def wrong(rng, size, n, c):
        return falling(rng, size, n, c)

    right()
    with pytest.raises(ClaimRefuted, match=r"c = 0\.5"):
        wrong()


MISUSE: list[tuple[dict[str, Any], str]] = [
    ({"along": None}, "give exponent or order, one of them, and along"),
    ({"order": 1}, "give exponent or order"),
    ({"along": (n, (4, 8))}, "3 or more increasing integers"),
    ({"along": (n, (4, 16, 8))}, "3 or more increasing integers"),
    ({"along": (n, (0, 4, 16))}, "3 or more increasing integers from 1 on"),
    ({"along": (n, (4, 8, 31))}, "the last at least 8 times the first"),
    ({"exponent": 0}, "is not positive"),
    ({"along": (c, (4, 16, 64))}, "c runs along the ladder"),
    ({"variance": None}, "takes draw, variance"),
    ({"mean": 3}, "and no mean"),
    ({"exponent": n}, "must not depend on n"),
    ({"exponent": -1}, "is not positive"),
    ({"relation": "<="}, "takes no relation"),
    ({"bounds": (0, 1)}, "takes no bounds"),
    ({"certificate": sp.Lt(c, 1, evaluate=False)}, "takes no certificate"),
    ({"slack": s / n}, "no domain in `over` for s"),
    ({"family": KEPT, "quantity": "variance"}, "runs along t, without mean, variance and draw"),
]


@pytest.mark.parametrize(
    ("given", "complaint"), MISUSE, ids=lambda x: x if isinstance(x, str) else ""
)
def test_misuse_is_one_clear_line(given, complaint):
    with pytest.raises(ClaimError, match=r"^mine\.power: ") as caught:
        power(**given)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_shortest_ladders_are_accepted():
    """Three rungs, from 1 on, of which the last is eight times the first."""
    for ladder in ((1, 2, 8), (1, 3, 9), (5, 6, 40)):
        assert power(along=(n, ladder)).along == (n, ladder)


def test_a_certificate_belongs_to_a_mean_and_an_order_has_no_slack():
    with pytest.raises(ClaimError, match="certificate= goes with"):
        Claim("mine.x", "x", {c: reals(0, 1)}, holds=c < 2, certificate=c < 3)
    with pytest.raises(ClaimError, match="takes no slack"):
        order(slack=1 / n)


@pytest.mark.parametrize("make", [power, order])
def test_a_bound_on_the_variance_that_is_too_small_is_what_is_refuted(make):
    right = make()
    at = {"c": 1} if right.exponent is not None else None
    assert check(right, salt="c0ffee", points=1, at=at).verdict is Verdict.VERIFIED
    planted = replace(right, variance=right.variance / 2)
    found = check(planted, salt="c0ffee", points=1, at=at)
    assert found.verdict is Verdict.VARIANCE_REFUTED
    judgement = found.simulation.points[0].judgement
    assert judgement.accused_by == "variance"
    assert judgement.note.startswith("a bound on Var T_n is too small")
