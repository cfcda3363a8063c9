"""Decide deterministic statements: relations between expressions on a domain."""

from __future__ import annotations

from typing import Any, Literal

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from theory import search
from theory.claim import Claim
from theory.errors import CollapseError
from theory.evaluation import evaluate
from theory.sign import nonnegative, sign
from theory.zero import is_zero

Decision = tuple[Literal["PROVED", "REFUTED", "SILENT"], str, dict[str, Any] | None]
_DIGITS = 40
_MARGIN = mpmath.mpf(10) ** (-20)


def decide(claim: Claim) -> Decision:
    """Prove every relation of a ``holds`` claim, or refute one.

    Examples
    --------
    >>> from theory.domain import integers
    >>> n = sp.Symbol("n", positive=True)
    >>> decide(Claim("x", "x", holds=sp.Le(1 / (n + 1), 1 / n, evaluate=False),
    ...              over={n: integers(1, 9)}))[0]
    'PROVED'
    """
    assert claim.holds is not None
    reasons = []
    relations = claim.holds if isinstance(claim.holds, tuple) else (claim.holds,)
    for relation in relations:
        verdict, reason, point = _one(claim, relation)
        if verdict != "PROVED":
            return verdict, reason, point
        reasons.append(reason)
    return "PROVED", "; ".join(dict.fromkeys(reasons)), None


def _one(claim: Claim, relation: Any) -> Decision:
    if relation in (sp.true, True):
        return "PROVED", "it simplifies to true", None
    if relation in (sp.false, False):
        return "REFUTED", "it simplifies to false", None
    if not isinstance(relation, Relational):
        return "SILENT", f"{type(relation).__name__} is no relation that is decided here", None
    series = _series(relation)
    if series is not None:
        return series
    left, right = _settled(relation.lhs), _settled(relation.rhs)
    if left is None or right is None:
        return "SILENT", "a limit that SymPy does not find", None
    proof = _prove(relation, left, right, claim)
    if proof is not None:
        return "PROVED", proof, None
    for point in search.points(claim):
        if _fails(relation, left, right, point):
            return "REFUTED", f"both sides to {_DIGITS} digits", point
    return "SILENT", "neither a proof nor a point where it fails was found", None


def _settled(side: sp.Expr) -> sp.Expr | None:
    """Evaluate limits that are written out."""
    for limit in side.atoms(sp.Limit):
        value = limit.doit()
        if value.has(sp.Limit):
            return None
        side = side.xreplace({limit: value})
    return side


def _series(relation: Any) -> Decision | None:
    """``Sum(...) < oo`` by a convergence test."""
    left, right = relation.lhs, relation.rhs
    if right != sp.oo or not isinstance(left, sp.Sum | sp.Product):
        return None
    kind = type(left).__name__.lower()
    converges = _converges(left)
    if converges is None:
        return "SILENT", f"no convergence test decides the {kind}", None
    finite = isinstance(relation, sp.StrictLessThan | sp.Ne)
    test = "converges" if converges else "diverges"
    reason = f"the {kind} {test} (convergence test)"
    return ("PROVED" if converges == finite else "REFUTED"), reason, None


def _converges(series: Any) -> bool | None:
    index = series.limits[0][0]
    if isinstance(series, sp.Sum):
        found = _integral_test(series.function, index)
        if found is not None:
            return found
    try:
        answer = series.is_convergent()
    except (NotImplementedError, ValueError, TypeError):
        return None
    return bool(answer) if answer in (sp.true, sp.false) else None


def _integral_test(term: sp.Expr, index: sp.Symbol) -> bool | None:
    """Cauchy's integral test for 1/(k log(k)**p): the integral is log log or a power of log."""
    x = sp.Symbol("x", positive=True)
    rest = sp.cancel(1 / (term.subs(index, x) * x))
    if rest == sp.log(x):
        return False
    if rest.is_Pow and rest.base == sp.log(x) and rest.exp.is_number:
        return bool(rest.exp > 1)
    return None


def _prove(relation: Any, left: sp.Expr, right: sp.Expr, claim: Claim) -> str | None:
    least = {name: domain.low for name, domain in claim.over.items() if domain.kind == "integers"}
    if isinstance(relation, sp.Eq):
        if is_zero(left - right):
            return "the difference simplifies to zero"
        return None
    gap = right - left if isinstance(relation, sp.Le | sp.Lt) else left - right
    if not isinstance(relation, sp.Le | sp.Lt | sp.Ge | sp.Gt):
        return None
    try:
        if isinstance(relation, sp.Lt | sp.Gt):
            proved = sign(gap, least) == 1
        else:
            proved = nonnegative(gap, least)
    except sp.PolynomialError:
        return None
    return "all coefficients have one sign when the letters are shifted" if proved else None


def _fails(relation: Any, left: sp.Expr, right: sp.Expr, point: dict[str, Any]) -> bool:
    try:
        low, high = (evaluate(side, point, _DIGITS) for side in (left, right))
    except (CollapseError, ZeroDivisionError, ValueError):
        return False
    with mpmath.workdps(_DIGITS + 10):
        error = _MARGIN * (abs(low) + abs(high))
        gap = high - low
        if isinstance(relation, sp.Eq):
            return bool(abs(gap) > error)
        if isinstance(relation, sp.Le | sp.Lt):
            return bool(gap < -error)
        if isinstance(relation, sp.Ge | sp.Gt):
            return bool(gap > error)
        return False
