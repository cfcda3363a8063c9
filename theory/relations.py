"""Decide deterministic statements: relations between expressions on a domain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from theory import pointsets, rewriting, search
from theory.assumptions import foreign, within
from theory.claim import Claim
from theory.convergence import converges
from theory.domain import Domain
from theory.enclosure import Unknown, enclose
from theory.errors import CollapseError
from theory.evaluation import evaluate
from theory.gaps import Gap
from theory.zero import is_zero

Decision = tuple[Literal["PROVED", "REFUTED", "SILENT"], str, dict[str, Any] | None]
_DIGITS = (40, 65)
_BITS = (80, 240)
#: A difference counts only if it is this much larger than the error of both evaluations.
_MARGIN = mpmath.mpf(10) ** (-20)
#: So many points of a finite domain may stay open before going on is given up.
_OPEN = 20


def decide(claim: Claim) -> Decision:
    """Prove every relation of a ``holds`` claim (of a claim's certificate), or refute one.

    A proof is an identity, a sign of all coefficients, a domain gone through point by point, or a
    box cut up in interval arithmetic; a refutation is an admissible point, in exact arithmetic
    where both sides are rational there.

    Examples
    --------
    >>> from theory.domain import integers
    >>> n = sp.Symbol("n", positive=True)
    >>> decide(Claim("x", "x", holds=sp.Le(1 / (n + 1), 1 / n, evaluate=False),
    ...              over={n: integers(1, 9)}))[0]
    'PROVED'
    >>> decide(Claim("x", "x", holds=n**2 > 4, over={n: integers(2, 50)}))
    ('REFUTED', 'exact rational arithmetic', {'n': 2})
    """
    relations = claim.certificate if claim.holds is None else claim.holds
    assert isinstance(relations, tuple)
    reasons = []
    silent: Decision | None = None
    for relation in relations:
        decision = _one(claim, relation)
        if decision[0] == "REFUTED":
            return decision
        if decision[0] == "SILENT":
            silent = silent or decision
        reasons.append(decision[1])
    return silent or ("PROVED", "; ".join(dict.fromkeys(reasons)), None)


def _one(claim: Claim, relation: Any) -> Decision:
    if not isinstance(relation, Relational):
        return "SILENT", f"{type(relation).__name__} is no relation that is decided here", None
    series = _series(relation)
    if series is not None:
        return series
    left, right = _settled(relation.lhs), _settled(relation.rhs)
    if left is None or right is None:
        return "SILENT", "a limit that SymPy does not find", None
    outside = foreign(relation.free_symbols, claim.over, ends=True)
    question = _Question(relation, left, right, claim)
    if outside is not None:
        # What SymPy simplified under an assumption says nothing about the rest of the domain.
        return question.refuted() or ("SILENT", outside, None)
    return question.decision()


def _settled(side: sp.Expr) -> sp.Expr | None:
    """Evaluate limits that are written out, and sums of polynomials (Faulhaber's formula)."""
    for limit in side.atoms(sp.Limit):
        value = limit.doit()
        if value.has(sp.Limit):
            return None
        side = side.xreplace({limit: value})
    for total in side.atoms(sp.Sum):
        (index, first, last), *more = total.limits
        if more or not total.function.is_polynomial(index) or {first, last} & {sp.oo, -sp.oo}:
            continue
        value = total.doit()
        if not value.has(sp.Sum, sp.Piecewise):
            side = side.xreplace({total: value})
    return side


def _series(relation: Any) -> Decision | None:
    """``Sum(...) < oo`` by a convergence test."""
    left, right = relation.lhs, relation.rhs
    if right != sp.oo or not isinstance(left, sp.Sum | sp.Product):
        return None
    kind = type(left).__name__.lower()
    found = converges(left)
    if found is None:
        return "SILENT", f"no convergence test decides the {kind}", None
    finite = isinstance(relation, sp.StrictLessThan | sp.Ne)
    test = "converges" if found else "diverges"
    reason = f"the {kind} {test} (convergence test)"
    return ("PROVED" if found == finite else "REFUTED"), reason, None


@dataclass(frozen=True)
class _Question:
    """One relation of a claim, its limits written out."""

    relation: Any
    left: sp.Expr
    right: sp.Expr
    claim: Claim

    @property
    def difference(self) -> sp.Expr:
        return self.left - self.right

    def decision(self) -> Decision:
        gap = Gap(self.difference, self.claim)
        reason = self._identity() or gap.proof(type(self.relation)) or self._rewritten()
        if reason is not None:
            return "PROVED", reason, None
        return (
            self._exhausted()
            or self.refuted()
            or self._cut_up(gap)
            or ("SILENT", "neither a proof nor a point where it fails was found", None)
        )

    def _identity(self) -> str | None:
        weak = isinstance(self.relation, sp.Eq | sp.Le | sp.Ge)
        if weak and self.relation.lhs == self.relation.rhs:
            return "both sides are one expression as they are written"
        return "the difference simplifies to zero" if weak and is_zero(self.difference) else None

    def _rewritten(self) -> str | None:
        kind = type(self.relation)
        if kind in (sp.Eq, sp.Le, sp.Ge):
            reason = rewriting.by_induction(self.difference, self.claim)
            if reason is not None:
                return reason
        return rewriting.by_squares(self.difference, kind, self.claim) or rewriting.by_logarithms(
            self.left, self.right, kind, self.claim
        )

    def _exhausted(self) -> Decision | None:
        """Go through a finite domain; None if a point stays open."""
        points = pointsets.finite_points(self.claim)
        if not points:
            return None
        still_open, methods = 0, dict[str, None]()
        for point in points:
            truth, method = self._at(point)
            if truth is False:
                return "REFUTED", method, point
            still_open += truth is None
            if still_open > _OPEN:
                return None
            methods[method] = None
        if still_open:
            return None
        return (
            "PROVED",
            f"all {len(points)} points of the domain, one by one: {', '.join(methods)}",
            None,
        )

    def refuted(self) -> Decision | None:
        """The first point searched where the relation fails."""
        return self._first_failure(pointsets.points(self.claim))

    def _cut_up(self, gap: Gap) -> Decision | None:
        reason, suspects = gap.cut_up(type(self.relation))
        if reason is not None:
            return "PROVED", reason, None
        return self._first_failure(x for x in suspects if self.claim.admits(x))

    def _first_failure(self, points: Iterable[dict[str, Any]]) -> Decision | None:
        for point in points:
            if not self._allowed(point):
                continue
            truth, method = self._at(point)
            if truth is None:
                truth, method = self._to_digits(point)
            if truth is False:
                return "REFUTED", method, point
        return None

    def _allowed(self, point: dict[str, Any]) -> bool:
        """Whether the point is one for which SymPy's assumptions hold."""
        return all(
            within(s, Domain("integers" if x == int(x) else "reals", x, x), ends=True)
            and not (s.is_integer and x != int(x))
            for s in self.relation.free_symbols
            if (x := point.get(s.name)) is not None
        )

    def _at(self, point: dict[str, Any]) -> tuple[bool | None, str]:
        """Whether the relation holds at a point, rigorously; None if that is not decided."""
        values = {"sigma_0": 1, **point}
        sides = [search.exact_value(side, values) for side in (self.left, self.right)]
        if sides[0] is not None and sides[1] is not None:
            return self._says(sides[0] - sides[1]), "exact rational arithmetic"
        cell = {name: (Fraction(x), Fraction(x)) for name, x in values.items()}
        for bits in _BITS:
            try:
                gap = enclose(self.difference, cell, bits)
            except Unknown:
                return None, ""
            if gap.a > 0 or gap.b < 0:
                return self._says(1 if gap.a > 0 else -1), "interval arithmetic"
        rational = {s: sp.Rational(Fraction(values[s.name])) for s in self.difference.free_symbols}
        if is_zero(self.difference.xreplace(rational)):
            return self._says(0), "both sides simplify to the same number"
        return None, ""

    def _to_digits(self, point: dict[str, Any]) -> tuple[bool | None, str]:
        """Whether it clearly fails at two precisions; never that it holds."""
        values = {"sigma_0": 1, **point}
        for digits in _DIGITS:
            try:
                left, right = (evaluate(side, values, digits) for side in (self.left, self.right))
            except (CollapseError, ArithmeticError, ValueError):
                return None, ""
            with mpmath.workdps(digits + 10):
                gap, error = left - right, _MARGIN * (abs(left) + abs(right))
                if not abs(gap) > error or self._says(1 if gap > 0 else -1):
                    return None, ""
        return False, (
            f"both sides to {_DIGITS[0]} and {_DIGITS[1]} digits: "
            "the difference is far above every error"
        )

    def _says(self, gap: Any) -> bool:
        """Whether the relation holds where left - right is this number."""
        return bool(self.relation.func(sp.Rational(gap), 0))
