"""Proofs that the difference of two sides has a sign on the whole domain of a claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from theory.claim import Claim
from theory.domain import Domain
from theory.enclosure import Unknown, enclose
from theory.positivity import MOST_DEGREE, UNIT, polynomial_sign
from theory.subdivision import bounded, interior, positive

_MOST_OPERATIONS = 400
_COEFFICIENTS = "all coefficients have one sign when the letters are shifted"
_CUT = "interval arithmetic on {} boxes that cover the domain"


@dataclass(frozen=True)
class Gap:
    """Left minus right of a relation, on the domain of a claim."""

    expression: sp.Expr
    claim: Claim

    @cached_property
    def box(self) -> dict[str, Domain]:
        """The domain of every letter of the difference."""
        names = sorted(s.name for s in self.expression.free_symbols)
        return {name: self.claim.over.get(name, UNIT) for name in names}

    @cached_property
    def order(self) -> tuple[tuple[Any, Any, int], ...]:
        """Pairs of letters that the constraints put in order."""
        pairs = []
        for each in self.claim.where:
            if not isinstance(each, sp.Lt | sp.Le | sp.Gt | sp.Ge):
                continue
            lesser, greater = each.lts, each.gts
            if not (lesser.is_Symbol and greater.is_Symbol):
                continue
            whole = all(
                self.claim.over[s.name].kind == "integers"
                for s in (lesser, greater)
                if s.name in self.claim.over
            )
            pairs.append((lesser, greater, int(whole and isinstance(each, sp.Lt | sp.Gt))))
        return tuple(pairs)

    @cached_property
    def factors(self) -> list[tuple[Any, Any]] | None:
        """Bases and exponents of the factored difference."""
        powers = self.expression.atoms(sp.Pow)
        if sp.count_ops(self.expression) > _MOST_OPERATIONS or any(
            p.exp.is_Integer and abs(p.exp) > MOST_DEGREE for p in powers
        ):
            return None
        try:
            factored = sp.factor(sp.together(self.expression))
        except (sp.PolynomialError, NotImplementedError, AttributeError):
            factored = self.expression
        return [factor.as_base_exp() for factor in sp.Mul.make_args(factored)]

    @cached_property
    def delicate(self) -> tuple[Any, ...]:
        """Parts where a zero would leave the difference undefined."""
        bases = {p.base for p in self.expression.atoms(sp.Pow) if not _is_counting(p.exp)}
        return tuple(bases | {x.args[0] for x in self.expression.atoms(sp.log)})

    @cached_property
    def nonzero(self) -> tuple[Any, ...]:
        """Those of the delicate parts that are proved to vanish nowhere."""
        return tuple(x for x in self.delicate if self._polynomial(x, strict=True) is not None)

    def proof(self, relation: type) -> str | None:
        """Prove the relation by signs of coefficients alone."""
        return self._by_factors(relation, cut=False)

    def cut_up(self, relation: type) -> tuple[str | None, Iterable[dict[str, Any]]]:
        """Prove it by cutting up a bounded domain; else the points where it looks false."""
        if relation is sp.Eq or not self.box or not bounded(self.box):
            return None, ()
        reason = self._by_factors(relation, cut=True)
        if reason is not None:
            return reason, ()
        signs, strict = _wanted(relation)
        suspects: list[dict[str, Any]] = []
        for sign in signs:
            outcome = positive(
                sign * self.expression,
                self.claim.over,
                strict=strict,
                where=self.claim.where,
                nonzero=self.nonzero,
            )
            if outcome.proved:
                return _CUT.format(outcome.boxes), ()
            suspects.extend(outcome.suspects)
        if relation is sp.Ne:
            return None, ()
        rest = interior(self.claim.over)
        return None, [{**rest, **point} for point in suspects]

    def _by_factors(self, relation: type, *, cut: bool) -> str | None:
        if relation is sp.Eq or self.expression.has(sp.I) or self.factors is None:
            return None
        if set(self.delicate) - set(self.nonzero):
            return None  # perhaps undefined somewhere
        signs, strict = _wanted(relation)
        found = self._product_sign(strict, cut)
        if found is None or found[0] not in signs:
            return None
        return _CUT.format(found[1]) + ", factor by factor" if found[1] else _COEFFICIENTS

    def _product_sign(self, strict: bool, cut: bool) -> tuple[int, int] | None:
        assert self.factors is not None
        product, boxes = 1, 0
        for base, exponent in self.factors:
            even = exponent.is_Integer and exponent % 2 == 0
            below = not _is_counting(exponent)
            if even and not (strict or below):
                if not base.is_polynomial(*base.free_symbols):
                    return None  # a square of what might be undefined
                continue
            found = self._sign(base, strict=strict or below, cut=cut)
            if found is None:
                return None
            boxes += found[1]
            if not exponent.is_Integer:
                # A real power: the exponent must be a number wherever the letters are.
                if found[0] < 0 or not exponent.is_polynomial(*exponent.free_symbols):
                    return None
            elif not even:
                product *= found[0]
        return product, boxes

    def _polynomial(self, base: Any, *, strict: bool) -> int | None:
        try:
            return polynomial_sign(base, self.box, strict=strict, order=self.order)
        except sp.PolynomialError:
            return None

    def _sign(self, base: Any, *, strict: bool, cut: bool) -> tuple[int, int] | None:
        """The sign of one factor, and the number of boxes that its proof took."""
        plain = self._polynomial(base, strict=strict)
        if plain is not None or not cut:
            return None if plain is None else (plain, 0)
        middle = interior({name: self.box[name] for name in {s.name for s in base.free_symbols}})
        try:
            value = enclose(base, {name: (x, x) for name, x in middle.items()}, 80)
        except Unknown:
            return None
        sign = -1 if value.b < 0 else 1
        outcome = positive(
            sign * base,
            self.claim.over,
            strict=strict,
            where=self.claim.where,
            nonzero=self.nonzero,
        )
        return (sign, outcome.boxes) if outcome.proved else None


def _is_counting(exponent: Any) -> bool:
    return bool(exponent.is_Integer and exponent >= 0)


def _wanted(relation: type) -> tuple[tuple[int, ...], bool]:
    """Signs of left minus right that prove the relation, and whether zero is excluded."""
    if relation is sp.Ne:
        return (1, -1), True
    return ((-1,) if relation in (sp.Lt, sp.Le) else (1,)), relation in (sp.Lt, sp.Gt)
