"""Proof by induction that an expression is the derived quantity, for all generations.

If ``e = f - u`` satisfies ``e(k) = c(k) e(k - 1)`` and ``e(t_0) = 0`` it vanishes for ever,
whatever c is: so f is proved equal to u once the base case and
``f(k) - c f(k-1) = u(k) - c u(k-1)`` are proved for one c among 1, the step's ratio, and the
bases of the powers that occur.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.certificate import settled
from theory.derived import Derivation
from theory.named import NamedFunction
from theory.names import Book
from theory.solve import product
from theory.symbols import k, t
from theory.zero import is_zero

_MOST = 6


def prove_equal(
    claimed: sp.Expr, found: Derivation, unit: Callable[[sp.Expr], sp.Expr] = lambda x: x
) -> str | None:
    """How `claimed` was proved equal to the derivation, or None.

    Examples
    --------
    >>> from theory.derivation import derive
    >>> from theory.family import Family
    >>> from theory.symbols import n, sigma_0
    >>> prove_equal((1 - 1 / n)**t * sigma_0**2, derive(Family(), "variance"))
    'equal to the certified closed form'
    """
    if found.solution is None or found.form == "matrix-power":
        return None
    book = found.solution.book()
    moments, meanings = _meanings(found)
    # A letter kappa in the claim is a variable of its own, not this selection's moment.
    claimed = claimed.xreplace({name: sp.Dummy(str(name), positive=True) for name in moments})
    claimed = claimed.xreplace({x: name for name, x in moments.items()})
    f = _named_products(claimed, book).subs(meanings)
    u = unit(found.closed_form).subs(meanings)
    relations = [(name, x) for name, x in book.relations if name not in meanings]
    if is_zero(f - u, relations):
        return "equal to the certified closed form"
    start = found.valid_from
    for f_plain in (claimed.subs(meanings), f):
        gap = f_plain - u
        if not is_zero(settled(gap.subs(t, start)), relations):
            continue
        for ratio in [*_decays(found), *_ratios(claimed, found, meanings)]:
            if is_zero(gap.subs(t, k) - ratio * gap.subs(t, k - 1), relations):
                return (
                    f"induction: base case t = {start}, and the step with factor {ratio}, "
                    "simplify to zero"
                )
    if found.system is not None and found.system.dimension == 1 and found.system.vector[0] == 0:
        return _by_step(claimed.subs(meanings), found, unit, meanings)
    return None


def _meanings(found: Derivation) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Names of selection moments (kept as names), and names with an explicit expression."""
    moments, explicit = {}, {}
    for name, x in found.definitions.items():
        if isinstance(x, NamedFunction):
            moments[name] = x
        elif isinstance(x, sp.Expr) and isinstance(name, sp.Symbol):
            explicit[name] = x
    return moments, explicit


def _by_step(
    f: sp.Expr,
    found: Derivation,
    unit: Callable[[sp.Expr], sp.Expr],
    meanings: dict[sp.Symbol, sp.Expr],
) -> str | None:
    """Substitute the claim alone into the derived recursion of a single expectation."""
    system = found.system
    assert system is not None
    weight = unit(system.factor * system.output[0])
    start = system.start
    base = settled(f.subs(t, start)) - weight.subs(t, start) * system.initial[0]
    gap = f.subs(t, k) / weight.subs(t, k) - system.matrix[0, 0] * f.subs(t, k - 1) / weight.subs(
        t, k - 1
    )
    if is_zero(base.subs(meanings)) and is_zero(gap.subs(meanings)):
        return f"induction: base case t = {start} and the derived step simplify to zero"
    return None


def _named_products(expression: sp.Expr, book: Book) -> sp.Expr:
    """Finite products of rational factors as Gammas of named roots, in the derivation's names."""
    swap = {}
    for atom in expression.atoms(sp.Product):
        if len(atom.limits) != 1:
            continue
        index, low, high = atom.limits[0]
        if not low.is_Integer or atom.function.has(t) or high.has(index):
            continue
        value, form = product(atom.function.subs(index, k), int(low) - 1, book)
        if form in ("gamma", "power", "constant"):
            swap[atom] = value.subs(t, high)
    return expression.xreplace(swap) if swap else expression


def _decays(found: Derivation) -> list[sp.Expr]:
    """Factors by which the share of an autonomous component in the quantity moves."""
    system = found.system
    assert system is not None
    size, ratios = system.dimension, []
    for i in range(size):
        ratio = system.matrix[i, i]
        others = [j for j in range(size) if j != i]
        if ratio == 1 or system.vector[i] != 0 or any(system.matrix[i, j] != 0 for j in others):
            continue
        weight = system.output[i]
        for j in others:
            if system.matrix[j, i] != 0 and system.matrix[j, j] == 1:
                # y' = y + gain x conserves y + x gain/(1 - ratio).
                weight -= system.output[j] * sp.cancel(system.matrix[j, i] / (1 - ratio))
        weight = sp.cancel(weight)
        if weight != 0:
            ratios.append(sp.cancel(weight.subs(t, k) / weight.subs(t, k - 1) * ratio))
    return ratios


def _ratios(
    claimed: sp.Expr, found: Derivation, meanings: dict[sp.Symbol, sp.Expr]
) -> list[sp.Expr]:
    """Candidates for the factor of the induction."""
    candidates: list[sp.Expr] = [sp.Integer(1)]
    for expression in (claimed, found.closed_form):
        for power in sorted(expression.atoms(sp.Pow), key=sp.default_sort_key):
            slope = sp.diff(power.exp, t)
            if power.exp.has(t) and not power.base.has(t) and slope.is_Integer:
                candidates.append(sp.factor(power.base**slope).subs(meanings))
    return list(dict.fromkeys(candidates))[:_MOST]
