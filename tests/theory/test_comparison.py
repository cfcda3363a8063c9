"""compare(): proofs, refutations with the smallest point, and honest silence."""

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from theory import shelf
from theory.claim import Claim
from theory.comparison import compare
from theory.derivation import derive
from theory.derived import NoClosedForm
from theory.domain import integers, reals
from theory.errors import ClaimError
from theory.family import Family
from theory.selection import KappaNofN, KappaPopulation
from theory.symbols import N, alpha, d, f, k, kappa, n, sigma_0, t
from theory.vocabulary import Accumulate, FreshReal, KeepAll, Replace, TopFraction

OVER = {n: integers(3, 100), t: integers(1, 20)}


def claim(equals: Any, quantity: str = "variance", **more: Any) -> Claim:
    family = more.pop("family", Family())
    over = more.pop("over", OVER)
    return Claim("mine", "test", over=over, family=family, quantity=quantity, equals=equals, **more)


@pytest.mark.parametrize(
    "entry",
    [c for c in shelf.claims() if c.form in ("family", "holds")],
    ids=lambda c: c.id,
)
def test_the_shelf(entry: Claim) -> None:
    """True claims are never refuted; what is known to be false is, where algebra reaches it."""
    verdict = compare(entry).verdict
    if entry.known_false:
        assert verdict == "REFUTED"
    elif out_of_reach(entry):
        assert verdict in ("PROVED", "SILENT")
    else:
        assert verdict == "PROVED"


def out_of_reach(entry: Claim) -> bool:
    """Bounds, limits with a remainder and recursions without a form, of other models."""
    if entry.family is None or entry.family.is_gaussian:
        return False
    assert entry.quantity is not None
    found = derive(entry.family, entry.quantity)
    exact = entry.relation == "=" and entry.slack is None
    return not exact or isinstance(found, NoClosedForm)


def test_powers_written_otherwise() -> None:
    assert compare(claim(sp.exp(t * sp.log(1 - 1 / n)))).verdict in ("PROVED", "SILENT")
    assert compare(claim((n - 1) ** t / n**t)).verdict == "PROVED"


@pytest.mark.parametrize(
    "wrong",
    [
        (1 - 1 / (n - 1)) ** t,
        (1 + 1 / n) ** t,
        (1 - 1 / n) ** (t - 1),
        (1 - 1 / n) ** t * (1 + sp.Rational(1, 10**30)),
        1 - t / n,
    ],
)
def test_rivals_are_refuted(wrong: sp.Expr) -> None:
    evidence = compare(claim(wrong))
    if wrong == 1 - t / n:
        assert evidence.counterexample == {"n": 3, "t": 2}
    assert evidence.verdict == "REFUTED"
    assert evidence.counterexample is not None
    assert evidence.counterexample["n"] == 3
    assert isinstance(evidence.difference, Fraction)
    assert "exact" in evidence.reason


def test_gamma_forms_are_proved_and_refuted() -> None:
    root = 1 / sp.sqrt(n)
    form = sp.gamma(t + 1 - root) * sp.gamma(t + 1 + root) / sp.gamma(t + 1) ** 2
    form /= sp.gamma(1 - root) * sp.gamma(1 + root)
    family = Family(workflow=Accumulate)
    assert compare(claim(form, family=family)).verdict == "PROVED"
    assert compare(claim(form.subs(n, n + 1), family=family)).verdict == "REFUTED"


def test_the_unit_needs_no_domain_and_other_letters_do() -> None:
    assert compare(claim(sigma_0**2 * (1 - 1 / n) ** t)).verdict == "PROVED"
    assert compare(claim(sigma_0**3 * (1 - 2 / n) ** t)).verdict == "REFUTED"
    with pytest.raises(ClaimError, match=r"no domain in `over` for alpha$"):
        claim(sigma_0**2 * alpha * (1 - 1 / n) ** t)


def test_radicals_are_proved_through_the_step() -> None:
    """Catalogue entry D4 with its roots written out."""
    c = KappaPopulation(alpha, d)
    root = sp.sqrt((1 - c) ** 2 + 4 * c / n)
    plus, minus = ((1 - c) + root) / 2, ((1 - c) - root) / 2
    form = sp.gamma(t + 1 - plus) * sp.gamma(t + 1 - minus) / sp.factorial(t) ** 2
    form *= d / (sp.gamma(1 - plus) * sp.gamma(1 - minus))
    family = Family(workflow=Accumulate, selection=TopFraction, dimension=d)
    over = {
        n: integers(4, 9),
        t: integers(1, 9),
        d: integers(1, 3),
        alpha: reals(Fraction(1, 10), 1),
    }
    assert compare(claim(form, family=family, over=over)).verdict == "PROVED"
    wrong = form.subs(root, sp.sqrt((1 - c) ** 2 + 2 * c / n))
    assert compare(claim(wrong, family=family, over=over)).verdict == "REFUTED"


def test_population_is_never_taken_for_n_of_N() -> None:
    over = {**OVER, n: integers(4, 9), N: integers(10, 40), d: integers(1, 3)}
    family = Family(selection=TopFraction, law="n-of-N", dimension=d)

    def power(moment: sp.Expr) -> sp.Expr:
        return d * ((1 - 1 / n) * moment) ** t

    assert compare(claim(power(KappaNofN(n, N, d)), family=family, over=over)).verdict == "PROVED"
    mixed = compare(claim(power(KappaPopulation(n / N, d)), family=family, over=over))
    assert mixed.verdict == "REFUTED"
    free = {**over, kappa: reals(0, 1, open_low=True)}
    assert compare(claim(power(kappa), family=family, over=free)).verdict == "REFUTED"


def test_inequalities() -> None:
    over = {n: integers(3, 8), t: integers(1, 6)}
    assert compare(claim(sp.Integer(1), relation="<=", over=over)).verdict == "PROVED"
    refuted = compare(claim((1 - 1 / n) ** t - sp.Rational(1, 100), relation="<=", over=over))
    assert refuted.verdict == "REFUTED"
    wide = compare(claim(sp.Integer(1), relation="<=", over={n: integers(3), t: integers(1)}))
    assert wide.verdict == "SILENT"


def test_limits() -> None:
    over = {n: integers(3, 50), sigma_0: reals(1, 2)}
    assert compare(claim(sp.Integer(0), limit=(t, sp.oo), over=over)).verdict == "PROVED"
    wrong = compare(claim(sigma_0**2 / n, limit=(t, sp.oo), over=over))
    assert wrong.verdict == "REFUTED"
    assert compare(claim(sp.oo, limit=(t, sp.oo), over=over)).verdict == "REFUTED"
    unknown = compare(claim(sp.Integer(1), limit=(n, 0), over={t: integers(1, 9)}))
    assert unknown.verdict == "SILENT"


IN_SIZE = {
    "replace": (Family(), "variance", sp.Integer(1), 1 - 1 / t),
    "a schedule in k": (Family(sizes=n * k), "squared_drift", sp.Integer(0), 1 / t),
    "temperature": (Family(temperature=2), "variance", sp.Integer(2) ** t, 2 * t),
    "accumulate": (Family(workflow=Accumulate), "variance", sp.Integer(1), sp.Integer(0)),
    "fresh real": (Family(workflow=FreshReal), "squared_drift", sp.Integer(0), 1 - f),
    "a population law": (
        Family(selection=TopFraction, law="population"), "variance",
        KappaPopulation(alpha, 1) ** t, KappaPopulation(alpha, 1) ** (t - 1)),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_SIZE)
def test_limits_in_the_sample_size(case: str) -> None:
    family, quantity, right, wrong = IN_SIZE[case]
    over = {t: integers(1, 9), alpha: reals(0.1, 0.9), f: reals(0.1, 0.9)}
    over = {s: over[s] for s in over if s == t or s.name in family.letters}
    words = {"limit": (n, sp.oo), "family": family, "quantity": quantity, "over": over}
    assert compare(claim(right, **words)).verdict == "PROVED"
    said = compare(claim(wrong, **words))
    assert said.verdict == "REFUTED"
    assert "the limit is" in said.reason


def test_a_limit_in_the_sample_size_is_not_guessed() -> None:
    """n of N keeps all of its candidates at last, and a fit of few points has no n to grow."""
    fixed = claim(sp.Integer(1), family=Family(selection=TopFraction, law="n-of-N"),
                  limit=(n, sp.oo), over={t: integers(1, 9), N: integers(9, 99)})  # fmt: skip
    assert compare(fixed).verdict == "SILENT"
    other = claim(sp.Integer(1), family=Family(sizes=10 * k), limit=(n, sp.oo),
                  over={t: integers(1, 9)})  # fmt: skip
    assert compare(other).verdict == "SILENT"


def test_an_equality_is_proved_point_by_point_where_the_domain_is_small() -> None:
    """In rational numbers; one point that differs refutes it."""
    over = {n: integers(3, 20), t: integers(1, 2)}
    corner = (1 - 1 / n) * (1 - 1 / n + (t - 2) * (1 - t) * (7 - t)) ** (t - 1)
    proof = compare(claim(corner, over=over))
    assert (proof.verdict, proof.reason[:13]) == ("PROVED", "all 36 points")
    wider = compare(claim(corner, over=over | {t: integers(1, 3)}))
    assert (wider.verdict, wider.counterexample) == ("REFUTED", {"n": 3, "t": 3})
    attained = {"relation": ">=", "over": {n: integers(3, 20), t: integers(1, 9)}}
    assert compare(claim(1 - t / n, **attained)).verdict == "PROVED"
    assert compare(claim(1 - (t - 1) / n, **attained)).verdict == "REFUTED"


def test_counterexamples_are_plain_numbers() -> None:
    """A share of fresh real points is a whole number of points, a tenth is written as a tenth."""
    fresh = claim(sp.Integer(1), family=Family(workflow=FreshReal),
                  over={n: integers(4, 40), f: reals(0.1, 0.9), t: integers(1, 6)})  # fmt: skip
    point = compare(fresh).counterexample
    assert point is not None
    assert dict(point) == {"n": 4, "f": Fraction(1, 2), "t": 1}


def test_relations() -> None:
    over = {n: integers(1, 100)}
    true = Claim("x", "x", over=over, holds=sp.Lt(n / (n + 1), 1, evaluate=False))
    false = Claim("x", "x", over=over, holds=sp.Gt(n**2, 4 * n, evaluate=False))
    assert compare(true).verdict == "PROVED"
    refuted = compare(false)
    assert (refuted.verdict, refuted.counterexample) == ("REFUTED", {"n": 1})
    assert (
        compare(Claim("x", "x", over=over, holds=(true.holds[0], false.holds[0]))).verdict
        == "REFUTED"
    )


def test_relations_by_every_method() -> None:
    """One verdict for each way of deciding, through the door that claims come by."""

    def said(relation: Any, over: Any) -> tuple[str, str]:
        evidence = compare(Claim("x", "x", over=over, holds=relation))
        return evidence.verdict, evidence.reason

    small, real = {n: integers(2, 50)}, {kappa: reals(0, 1)}
    hump = kappa * (1 - kappa)
    assert said(n**2 > 4, small) == ("REFUTED", "exact rational arithmetic")
    assert said(n**2 >= 4, small)[0] == "PROVED"
    assert said(hump <= sp.Rational(24, 100), real)[0] == "REFUTED"
    assert said(hump <= sp.Rational(1, 4), real)[0] == "PROVED"
    verdict, reason = said(sp.log(1 - 1 / n) < -1 / n, small)
    assert verdict == "PROVED"
    assert "49 points" in reason
    assert "interval arithmetic" in reason
    verdict, reason = said(sp.exp(-kappa) >= 1 - kappa, real)
    assert verdict == "PROVED"
    assert "boxes" in reason
    verdict, reason = said(KappaPopulation(alpha, 3) <= sp.Rational(1, 2), {alpha: reals(0.5, 1)})
    assert verdict == "REFUTED"


def test_convergence() -> None:
    def bounded(term: sp.Expr) -> str:
        total = sp.Sum(term, (k, 2, sp.oo))
        return compare(Claim("x", "x", holds=sp.Lt(total, sp.oo, evaluate=False))).verdict

    assert bounded(1 / k**2) == "PROVED"
    assert bounded(1 / k) == "REFUTED"
    assert bounded(1 / (k * sp.log(k))) == "REFUTED"
    assert bounded(1 / (k * sp.log(k) ** 2)) == "PROVED"


def test_silence() -> None:
    sampler = Claim("x", "x", mean=n, over={n: integers(1, 9)})
    assert compare(sampler).verdict == "SILENT"
    assert compare(claim(sp.Integer(0), "tail_mass")).verdict == "SILENT"


def test_families_are_not_mixed() -> None:
    family = Family(workflow=Replace, selection=KeepAll, fit="unbiased")
    assert compare(claim((1 - 1 / n) ** t, family=family)).verdict == "REFUTED"
    assert compare(claim(sp.Integer(1), family=family)).verdict == "PROVED"
