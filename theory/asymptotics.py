"""Rate, power-law exponent and limit of a solved step, each from the step or with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.evaluation import NamedRoot
from theory.recursion import LinearSystem
from theory.sign import sign
from theory.solve import Solution
from theory.symbols import k, t
from theory.zero import Names, is_zero, normal


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
        found = _term_limit(term, solution)
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


def _term_limit(term: sp.Expr, solution: Solution) -> tuple[sp.Expr, str] | None:
    if not term.has(t):
        return term, ""
    relations = solution.relations
    if term.has(sp.polygamma):
        side = _log_sign(sp.expand(term / t))
        return None if side is None else (side * sp.oo, "E log X < log E X (Jensen)")
    constant, rational, balance, shift = sp.Integer(1), sp.Integer(1), 0, sp.Integer(0)
    decays: list[str] = []
    raises: list[str] = []
    summed = False
    for factor in sp.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if not factor.has(t):
            constant *= factor
        elif exponent.has(t):
            if base.has(t) or sp.diff(exponent, t) != 1:
                return None
            if _below_one(base, solution):
                decays.append(f"{base} < 1")
            elif sign(base - 1) == 1:
                raises.append(f"{base} > 1")
            else:
                return None
        elif isinstance(base, sp.gamma) and exponent.is_Integer:
            rest = sp.expand(base.args[0] - t)
            if rest.has(t):
                return None
            balance += int(exponent)
            shift += exponent * rest
        elif isinstance(factor, sp.Sum):
            series = _series(factor)
            if series is None:
                return None
            constant *= series
            summed = True
        elif factor.is_rational_function(t) and not factor.has(sp.Function, sp.Sum):
            rational *= factor
        else:
            return None
    if decays:
        return None if raises else (sp.Integer(0), ", ".join(decays))
    if raises:
        side = sign(constant) if rational == 1 and not balance else None
        return None if side is None else (side * sp.oo, ", ".join(raises))
    if balance:
        return None
    top, bottom = (sp.Poly(part, t) for part in sp.fraction(sp.cancel(rational)))
    power = shift + top.degree() - bottom.degree()
    lead = constant * top.LC() / bottom.LC()
    if is_zero(power, relations):
        why = "the series converges" if summed else ""
        return lead, "the Gamma ratio tends to 1" if shift != 0 else why
    direction = _power_sign(power, relations)
    if direction is None:
        return None
    if direction < 0:
        return sp.Integer(0), f"it decays like t**({_reduced(power, relations)})"
    side = _lead_sign(lead)
    return None if side is None else (side * sp.oo, "it grows without bound")


def _below_one(base: sp.Expr, solution: Solution) -> bool:
    """Whether ``|base| < 1`` on the whole range of the letters."""
    meaning = solution.definitions.get(base)
    if isinstance(meaning, NamedRoot):
        return _stable(meaning)
    if base.has(sp.gamma):
        return _root_moment_below_one(base)
    return sign(1 - base) == 1 and sign(1 + base) == 1


def _stable(root: NamedRoot) -> bool:
    """Jury's conditions: both roots of a real quadratic lie inside the unit circle."""
    if root.degree != 2:
        return False
    lead, middle, last = root.coefficients()
    middle, last = sp.cancel(middle / lead), sp.cancel(last / lead)
    return all(sign(x) == 1 for x in (1 + middle + last, 1 - middle + last, 1 - last))


def _root_moment_below_one(base: sp.Expr) -> bool:
    """``E sqrt(chi2_(n-1)/D) < sqrt((n-1)/D) <= 1`` by Jensen's inequality, for D = n and n - 1."""
    n = next((s for s in base.free_symbols if s.name == "n"), None)
    if n is None or base.free_symbols != {n}:
        return False
    plain = sp.sqrt(2) * sp.gamma(n / 2) / sp.gamma((n - 1) / 2)
    return any(is_zero(base**2 - plain**2 / size) for size in (n, n - 1))


def _reduced(power: sp.Expr, relations: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> sp.Expr:
    """Eliminate named roots through the linear relation of each polynomial (Vieta)."""
    for symbol, relation in reversed(relations):
        if power.has(symbol) and sp.degree(relation, symbol) == 1:
            power = power.subs(symbol, sp.solve(relation, symbol)[0])
    return sp.factor(sp.cancel(power))


def _power_sign(power: sp.Expr, relations: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> int | None:
    reduced = _reduced(power, relations)
    found = sign(reduced)
    return found if found else None


def _series(total: sp.Sum) -> sp.Expr | None:
    """A finite sum's limit where the infinite sum converges by a test and has a value."""
    index, low, high = total.limits[0]
    if high != t or total.function.has(t) or len(total.limits) != 1:
        return None
    if not total.function.is_rational_function(index):
        return None
    constant, summand = total.function.as_independent(index, as_Add=False)
    infinite = sp.Sum(summand, (index, low, sp.oo))
    try:
        if infinite.is_convergent() is not sp.true:
            return None
        value = infinite.doit()
    except (NotImplementedError, ValueError):
        return None
    return None if value.has(sp.Sum) else constant * value


def _lead_sign(lead: sp.Expr) -> int | None:
    return None if lead.has(sp.gamma, sp.zeta) else sign(lead)


def _log_sign(slope: sp.Expr) -> int | None:
    """Sign of ``c E log(chi2_m/D) + rest`` where c and -rest have opposite signs.

    ``E log(chi2_m/D) < log(m/D) <= 0`` for D = n and D = n - 1 >= m, summed over the degrees of
    freedom that Bartlett's decomposition gives.
    """
    n = next((s for s in slope.free_symbols if s.name == "n"), None)
    d = next((s for s in slope.free_symbols if s.name == "d"), None)
    if n is None:
        return None
    for size in (n, n - 1):
        plain = [(sp.digamma((n - 1) / 2), sp.Integer(1))]
        if d is not None:
            i = sp.Symbol("i", integer=True, positive=True)
            plain = [(sp.Sum(sp.digamma((n - i) / 2), (i, 1, d)), d)]
        for psi, count in plain:
            weight = slope.coeff(psi)
            if not weight.is_Rational or weight == 0:
                continue
            rest = _rational_rest(slope - weight * (psi + count * sp.log(2 / size)))
            if rest is None:
                continue
            side = -1 if weight > 0 else 1
            if rest == 0 or sign(rest) == side:
                return side
    return None


def _rational_rest(value: sp.Expr) -> sp.Expr | None:
    """The expression without logarithms, if they cancel."""
    table = Names()
    plain = sp.cancel(sp.together(normal(value, table)))
    return None if plain.free_symbols & set(table.table.values()) else plain
