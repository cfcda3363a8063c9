"""Compare a claim with the derivation: algebraic evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from theory import search
from theory.claim import Claim
from theory.derivation import derive
from theory.derived import Derivation, NoClosedForm
from theory.induction import prove_equal
from theory.pointsets import small_box
from theory.relations import decide
from theory.sizelimit import limit_in_size
from theory.symbols import n, t
from theory.zero import is_zero

AlgebraicVerdict = Literal["PROVED", "REFUTED", "SILENT"]


@dataclass(frozen=True)
class AlgebraicEvidence:
    """What algebra says about a claim.

    Attributes
    ----------
    verdict
        ``"PROVED"``, ``"REFUTED"`` or ``"SILENT"``.
    reason
        The proof's method, the certificate, or why algebra is silent.
    counterexample
        A point of the domain where the claim is false, the smallest one searched.
    difference
        Claim minus derivation there, or None.
    """

    verdict: AlgebraicVerdict
    reason: str
    counterexample: Mapping[str, Any] | None = None
    difference: Any = None


def compare(claim: Claim) -> AlgebraicEvidence:
    """Prove a claim, refute it, or be silent: a difference that does not simplify proves nothing.

    Examples
    --------
    >>> from theory import Claim, Family, integers
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> over = {"n": integers(2, 50), "t": integers(1, 9)}
    >>> compare(Claim("ok", "powers", over=over, family=Family(), quantity="variance",
    ...               equals=(1 - 1/n)**t)).verdict
    'PROVED'
    >>> wrong = compare(Claim("no", "powers", over=over, family=Family(), quantity="variance",
    ...                       equals=(1 - 1/(n - 1))**t))
    >>> wrong.verdict, dict(wrong.counterexample)
    ('REFUTED', {'n': 2, 't': 1})
    """
    if claim.form == "holds" or claim.certificate is not None:
        verdict, reason, point = decide(claim)
        return AlgebraicEvidence(verdict, reason, point)
    if claim.form in ("sampler", "pair") or claim.family is None:
        return AlgebraicEvidence("SILENT", "the claim brings its own sampler; nothing is derived")
    assert claim.quantity is not None
    found = derive(claim.family, claim.quantity)
    if claim.form == "trend":
        return _trend(claim, found)
    if claim.limit is not None:
        return _limit(claim, found)
    if claim.slack is None:
        proof = _proof(claim, found)
        if proof is not None:
            return AlgebraicEvidence("PROVED", proof)
    return _refutation(claim, found)


def _set_unit(claim: Claim, expression: sp.Expr) -> sp.Expr:
    """A claim that does not speak of sigma_0 means sigma_0 = 1."""
    if "sigma_0" in claim.over or claim.equals is None:
        return expression
    if any(s.name == "sigma_0" for s in claim.equals.free_symbols):
        return expression
    unit = {s: sp.Integer(1) for s in expression.free_symbols if s.name == "sigma_0"}
    return expression.xreplace(unit)


def _proof(claim: Claim, found: Derivation | NoClosedForm) -> str | None:
    assert claim.equals is not None
    if isinstance(found, NoClosedForm):
        return None
    if claim.relation == "=" or small_box(claim) is None:
        reason = prove_equal(claim.equals, found, lambda x: _set_unit(claim, x))
        if reason is not None:
            return reason
    return search.exhaust(claim, found)


def _refutation(claim: Claim, found: Derivation | NoClosedForm) -> AlgebraicEvidence:
    if found.system is None:
        assert isinstance(found, NoClosedForm)
        return AlgebraicEvidence("SILENT", f"no closed form and no recursion: {found.reason}")
    hit = search.counterexample(claim, found)
    if hit is not None:
        return AlgebraicEvidence("REFUTED", hit.method, hit.point, hit.difference)
    if isinstance(found, NoClosedForm):
        return AlgebraicEvidence("SILENT", f"no closed form: {found.reason}")
    return AlgebraicEvidence(
        "SILENT", "the difference does not simplify, and no point was found where it is not zero"
    )


def _limit(claim: Claim, found: Derivation | NoClosedForm) -> AlgebraicEvidence:
    assert claim.limit is not None
    assert claim.equals is not None
    symbol, point = claim.limit
    if isinstance(found, NoClosedForm):
        return AlgebraicEvidence("SILENT", f"no closed form: {found.reason}")
    certified: tuple[sp.Expr, str] | None = None
    if point == sp.oo and symbol == t and found.limit is not None:
        certified = found.limit, found.limit_reason
    elif point == sp.oo and symbol == n:
        certified = limit_in_size(found)
    if certified is None:
        return AlgebraicEvidence("SILENT", f"no certificate for the limit at {symbol} = {point}")
    limit, why = _set_unit(claim, certified[0]), certified[1]
    claimed = claim.equals
    if limit.is_infinite or claimed.is_infinite:
        if limit == claimed:
            return AlgebraicEvidence("PROVED", f"limit {limit}: {why}")
        if claim.relation != "=":
            return AlgebraicEvidence("SILENT", "an inequality between infinite limits")
        return AlgebraicEvidence("REFUTED", f"the limit is {limit}, not {claimed}: {why}")
    meanings = {name: x for name, x in found.definitions.items() if isinstance(x, sp.Expr)}
    if is_zero(limit.subs(meanings) - claimed.subs(meanings), _relations(found)):
        return AlgebraicEvidence("PROVED", f"closed limit: {why}")
    hit = search.unequal(claim, found, limit, claimed)
    if hit is not None:
        reason = f"the limit is {limit} ({why}); {hit.method}"
        return AlgebraicEvidence("REFUTED", reason, hit.point, hit.difference)
    return AlgebraicEvidence("SILENT", "the difference of the limits does not simplify")


def _trend(claim: Claim, found: Derivation | NoClosedForm) -> AlgebraicEvidence:
    """An exponent is proved, an order only refuted, by a limit that is another one."""
    if isinstance(found, NoClosedForm):
        return AlgebraicEvidence("SILENT", f"no closed form: {found.reason}")
    if claim.order is not None:
        if found.limit is None:
            return AlgebraicEvidence("SILENT", "no limit is derived")
        hit = search.unequal(claim, found, _set_unit(claim, found.limit), claim.equals)
        if hit is not None:
            return AlgebraicEvidence("REFUTED", f"another limit: {hit.method}", hit.point)
        return AlgebraicEvidence("SILENT", "the order is not derived")
    if found.exponent is None:
        return AlgebraicEvidence("SILENT", "no power law is derived from the step")
    meanings = {name: x for name, x in found.definitions.items() if isinstance(x, sp.Expr)}
    if is_zero(found.exponent.subs(meanings) - claim.exponent):
        return AlgebraicEvidence(
            "PROVED", f"the step is 1 - psi/k + O(1/k^2) with psi = {found.exponent}"
        )
    hit = search.unequal(claim, found, found.exponent, claim.exponent)
    if hit is not None:
        return AlgebraicEvidence("REFUTED", f"another exponent: {hit.method}", hit.point)
    return AlgebraicEvidence("SILENT", "the difference of the exponents does not simplify")


def _relations(found: Derivation) -> tuple[Any, ...]:
    return found.solution.relations if found.solution is not None else ()
