"""Rate, power-law exponent and limit of a solved step, each from the step or with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.linearsystem import LinearSystem
from theory.solve import Solution
from theory.symbols import k, t
from theory.termlimits import term_limit


@dataclass(frozen=True)
class Behaviour:
    """What is known of long times."""

    rate: sp.Expr | None = None
    exponent: sp.Expr | None = None
    limit: sp.Expr | None = None
    reason: str = ""


def behaviour(system: LinearSystem, solution: Solution) -> Behaviour:
    """Rate and exponent from the step; the limit term by term, where every sign is proved."""
    rate, exponent = _rate(system)
    if rate is None and solution.form in ("eigenvalue", "geometric"):
        rate = _slowest(system, solution)
    limit, reason = _limit(system, solution)
    return Behaviour(rate, exponent, limit, reason)


def expansion(ratio: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(L, psi) with ``ratio = L (1 - psi/k + O(1/k^2))``; None where there is no such expansion.

    Examples
    --------
    >>> expansion(1 - 1 / k - 3 / k**2)
    (1, 1)
    """
    if not ratio.has(k):
        return ratio, sp.Integer(0)
    if not ratio.is_rational_function(k) or ratio.has(sp.Function, sp.Sum):
        return None
    top, bottom = (sp.Poly(part, k) for part in sp.fraction(sp.cancel(ratio)))
    if top.degree() != bottom.degree():
        return None
    degree = top.degree()
    lead = top.LC() / bottom.LC()
    slope = (
        top.coeff_monomial(k ** (degree - 1)) / top.LC()
        - bottom.coeff_monomial(k ** (degree - 1)) / bottom.LC()
    )
    return sp.cancel(lead), sp.cancel(-slope)


def _rate(system: LinearSystem) -> tuple[sp.Expr | None, sp.Expr | None]:
    used = [i for i in range(system.dimension) if system.output[i] != 0]
    increments = _increments(system, used)
    if increments is not None and increments != 0:
        return sp.factor(increments) if not increments.has(sp.polygamma) else increments, None
    if system.basis is not None:
        column = system.basis[:, 0]
        return _pair(expansion(sp.cancel((system.matrix * column)[0] / column[0])))
    if system.dimension == 1:
        if system.matrix[0, 0] == 1 and system.vector[0] != 0:
            return None, None
        return _pair(expansion(system.matrix[0, 0]))
    diagonal = [system.matrix[i, i] for i in range(system.dimension)]
    if all(
        system.matrix[i, j] == 0 or (diagonal[i] == 1)
        for i in range(system.dimension)
        for j in range(system.dimension)
        if i != j
    ):
        moving = [x for x in diagonal if x != 1]
        if len(set(moving)) == 1:
            found = expansion(moving[0])
            return (
                (found[0], found[1] if used == [diagonal.index(moving[0])] else None)
                if (found and moving[0].has(k))
                else (moving[0], None)
            )
    return None, None


def _slowest(system: LinearSystem, solution: Solution) -> sp.Expr | None:
    """The largest modulus among the powers that the quantity holds."""
    bases: list[sp.Expr] = []
    for weight, component in zip(system.output, solution.components, strict=True):
        if weight != 0:
            powers = component.atoms(sp.Pow)
            bases += [p.base for p in powers if p.exp.has(t) and p.base not in bases]
    if not bases:
        return None
    return sp.factor(bases[0]) if len(bases) == 1 else sp.Max(*(sp.Abs(base) for base in bases))


def _pair(found: tuple[sp.Expr, sp.Expr] | None) -> tuple[sp.Expr | None, sp.Expr | None]:
    if found is None:
        return None, None
    return found[0], (found[1] if found[1] != 0 else None)


def _increments(system: LinearSystem, used: list[int]) -> sp.Expr | None:
    """Growth per generation where components grow linearly with a constant slope."""
    total = sp.Integer(0)
    for i in used:
        if system.matrix[i, i] != 1 or system.output[i].has(t):
            continue
        gain = system.vector[i]
        for j in range(system.dimension):
            if j != i and system.matrix[i, j] != 0:
                if system.matrix[j, j] != 1 or system.vector[j] != 0:
                    gain = None
                    break
                gain += system.matrix[i, j] * system.initial[j]
        if gain is None:
            continue
        if gain.has(k):
            return None
        total += system.output[i] * gain
    return total


def _limit(system: LinearSystem, solution: Solution) -> tuple[sp.Expr | None, str]:
    """Term by term: powers below 1 vanish, Gamma ratios go like a power of t, and so on."""
    terms = [system.offset]
    for weight, component in zip(system.output, solution.components, strict=True):
        if weight != 0:
            terms += [weight * term for term in sp.Add.make_args(component)]
    value = sp.Add(*terms)
    if solution.form != "eigenvalue":
        value = sp.expand(
            value, power_base=False, power_exp=False, multinomial=False, log=False, func=False
        )
    total, grows, reasons = sp.Integer(0), [], []
    for term in _grouped(value):
        found = term_limit(term, solution)
        if found is None:
            return None, ""
        end, reason = found
        if reason:
            reasons.append(reason)
        if end in (sp.oo, -sp.oo):
            grows.append(end)
        else:
            total += end
    if grows:
        if len(set(grows)) > 1:
            return None, ""
        return grows[0], "; ".join(dict.fromkeys(reasons))
    if total.is_rational_function():
        end = sp.cancel(sp.together(total))
    else:
        end = sp.gammasimp(total) if total.has(sp.gamma) else sp.simplify(total)
    limit = sp.factor(system.factor * end) if not end.has(sp.gamma, sp.sin) else system.factor * end
    return limit, "; ".join(dict.fromkeys(reasons)) or "it does not depend on t"


def _grouped(value: sp.Expr) -> list[sp.Expr]:
    """Terms of a sum, those that are linear in t taken together."""
    slope, rest = sp.Integer(0), []
    for term in sp.Add.make_args(value):
        coefficient = term / t
        if coefficient.has(t):
            rest.append(term)
        else:
            slope += coefficient
    return [*rest, sp.factor_terms(slope) * t] if slope != 0 else rest
