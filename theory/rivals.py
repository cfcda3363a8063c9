"""Rivals of a claim: the misprints and slips that a verdict should be able to tell from it.

A rival is the claim with one fault planted: a sample size off by one, a factor dropped, a sign or
an exponent changed, the population's selection moment in place of the n-of-N one. They are made by
rule from the claim's own expression, so that nobody chooses faults that are easy to find.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.claim import Claim
from theory.probes import alike, probes, signature_of
from theory.selection import KappaNofN, KappaPopulation
from theory.symbols import k, n, sigma_0, t, temperature

LARGEST = 12
"""Most rivals of one claim."""

_LONGEST_NAME = 28


@dataclass(frozen=True)
class Rival:
    """A fault planted in a claim.

    `expression` stands in place of the claim's expectation (of its relation, for a deterministic
    claim); `why` says in a few words what was done to it.
    """

    name: str
    expression: Any
    why: str


def rivals(claim: Claim) -> tuple[Rival, ...]:
    """Rivals of a claim, at most twelve, in a fixed order and no two alike.

    The claim's own rivals and its null come first, then faults made by rule. A claim that is known
    to be false is a planted fault itself and has none; of an inequality only those are made that
    cannot be true.

    Examples
    --------
    >>> from theory import shelf
    >>> for rival in rivals(shelf.find("kazdan2025.replace"))[:3]:
    ...     print(rival.name, "|", rival.expression)
    null | sigma_0**2
    n -> n-1 | sigma_0**2*(1 - 1/(n - 1))**t
    n -> n+1 | sigma_0**2*(1 - 1/(n + 1))**t
    """
    if claim.known_false is not None:
        return ()
    if claim.form == "pair":
        return ()
    if claim.form == "trend":
        return tuple(_of_trend(claim))
    if claim.form == "holds":
        return tuple(_of_relations(claim))[:LARGEST]
    expression = claim.expectation
    assert expression is not None
    places = tuple(probes(claim))
    seen = [signature_of(expression, places)]
    kept: list[Rival] = []
    for rival in itertools.chain(_given(claim), _made(claim, expression)):
        if len(kept) == LARGEST:
            break
        if rival.expression == expression:
            continue
        signature = signature_of(rival.expression, places)
        if signature is not None and not any(alike(signature, other) for other in seen):
            seen.append(signature)
            kept.append(rival)
    return _with_names_apart(kept)


def _with_names_apart(found: list[Rival]) -> tuple[Rival, ...]:
    used: Counter[str] = Counter()
    result = []
    for rival in found:
        used[rival.name] += 1
        count = used[rival.name]
        named = rival if count == 1 else replace(rival, name=f"{rival.name} ({count})")
        result.append(named)
    return tuple(result)


def _given(claim: Claim) -> Iterator[Rival]:
    for name, expression in claim.rivals.items():
        yield Rival(name, expression, "named by the claim")
    if claim.null is not None and claim.relation == "=":
        yield Rival("null", claim.null, "nothing happens")


def _made(claim: Claim, expression: sp.Expr) -> Iterator[Rival]:
    if claim.relation == "<=":
        yield Rival("sign", -expression, "the sign of the bound is changed")
    if claim.relation != "=":
        return
    yield from _shifted(expression, n, (-1, 1))
    yield from _selection(expression)
    if expression.has(temperature):
        yield Rival("temperature", expression.subs(temperature, 1), "the temperature is dropped")
    # In turn, so that the limit on their number leaves some of each kind.
    kinds = itertools.zip_longest(_dropped(expression), _flipped(expression), _powered(expression))
    yield from (rival for turn in kinds for rival in turn if rival is not None)
    yield from _shifted(expression, t, (1, -1))
    yield Rival("a factor 2", 2 * expression, "a factor 2")
    yield Rival("a factor 1/2", expression / 2, "a factor 1/2")
    yield Rival("sign", -expression, "the sign is changed")
    if "n" in claim.over:
        yield Rival("bias corrected", expression * (n - 1) / n, "a correction (n-1)/n too many")


def _of_trend(claim: Claim) -> Iterator[Rival]:
    """An exponent off by a share, an order by one half."""
    yield from _given(claim)
    if claim.exponent is not None:
        for percent, words in ((105, "5 % more"), (95, "5 % less")):
            rival = sp.Rational(percent, 100) * claim.exponent
            yield Rival(words, rival, "the exponent is off by a share")
    else:
        yield Rival("order + 1/2", claim.order + sp.Rational(1, 2), "the error falls faster")


def _shifted(expression: sp.Expr, symbol: sp.Symbol, shifts: tuple[int, ...]) -> Iterator[Rival]:
    if not expression.has(symbol):
        return
    for shift in shifts:
        changed = expression.subs(symbol, symbol + shift)
        sign = "+" if shift > 0 else "-"
        yield Rival(f"{symbol} -> {symbol}{sign}1", changed, f"{symbol} is off by one")


def _selection(expression: sp.Expr) -> Iterator[Rival]:
    finite = expression.atoms(KappaNofN)
    if finite:
        swap = {each: KappaPopulation(each.args[0] / each.args[1], each.args[2]) for each in finite}
        yield Rival("kappa(n/N)", expression.xreplace(swap), "the population's kappa for n of N")
    moments = finite | expression.atoms(KappaPopulation)
    if moments:
        swap = {each: each.func(*each.args[:-1], each.args[-1] + 1) for each in moments}
        yield Rival("kappa of d+1", expression.xreplace(swap), "kappa of one dimension more")


def _nodes(expression: sp.Expr, kind: Any) -> list[Any]:
    """Subexpressions of one kind in a fixed order, the outermost first."""
    found = [each for each in sp.preorder_traversal(expression) if isinstance(each, kind)]
    return list(dict.fromkeys(found))


def _short(expression: sp.Expr) -> str:
    text = str(expression)
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 3]}..."


def _dropped(expression: sp.Expr) -> Iterator[Rival]:
    """One factor of a product, or one term of a sum, is left out."""
    for node in _nodes(expression, sp.Mul):
        for factor in node.args:
            if factor == sp.S.NegativeOne or (factor.is_Pow and factor.exp == -1):
                continue
            rest = expression.xreplace({node: node / factor})
            yield Rival(f"without factor {_short(factor)}", rest, "a factor is dropped")
    for node in _nodes(expression, sp.Add):
        for term in node.args:
            rest = expression.xreplace({node: node - term})
            if not term.is_number:
                yield Rival(f"without term {_short(term)}", rest, "a term is dropped")


def _flipped(expression: sp.Expr) -> Iterator[Rival]:
    """The sign of one term of a sum is changed."""
    for node in _nodes(expression, sp.Add):
        for term in node.args:
            if not term.is_number:
                changed = expression.xreplace({node: node - 2 * term})
                yield Rival(f"sign of {_short(term)}", changed, "a term has the other sign")


def _powered(expression: sp.Expr) -> Iterator[Rival]:
    """One exponent is off by one."""
    for node in _nodes(expression, sp.Pow):
        base, exponent = node.args
        if base.is_number or base == sigma_0 or exponent == -1:
            continue
        for shift in (1, -1):
            other = base ** (exponent + shift)
            changed = expression.xreplace({node: other})
            yield Rival(f"{_short(node)} -> {_short(other)}", changed, "an exponent is off by one")
    for node in _nodes(expression, (sp.Sum, sp.Product)):
        if node.limits[0][0] == k and node.function.has(k):
            changed = expression.xreplace(
                {node: node.func(node.function.subs(k, k + 1), *node.limits)}
            )
            yield Rival("k -> k+1", changed, "the running index is off by one")


def _of_relations(claim: Claim) -> Iterator[Rival]:
    """Faults in deterministic statements: algebra should refute every one of them."""
    relations = claim.holds
    assert isinstance(relations, tuple)
    for index, relation in enumerate(relations):
        mark = f" ({index + 1})" if len(relations) > 1 else ""
        if not isinstance(relation, sp.core.relational.Relational):
            continue
        left, right = relation.args
        if isinstance(relation, sp.Eq):
            for name, side in (("a factor 2", 2 * right), ("the sign", -right)):
                if right != 0 and right not in (sp.oo, -sp.oo):
                    yield Rival(
                        name + mark, sp.Eq(left, side, evaluate=False), f"{name} of one side"
                    )
            yield Rival(
                "one more" + mark, sp.Eq(left, right + 1, evaluate=False), "1 is added to one side"
            )
        else:
            turned = {sp.Le: sp.Gt, sp.Lt: sp.Ge, sp.Ge: sp.Lt, sp.Gt: sp.Le}[relation.func]
            yield Rival(
                "turned round" + mark, turned(left, right, evaluate=False), "the relation is turned"
            )
