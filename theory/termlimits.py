"""The limit of one term of a closed form as t grows, where every sign on the way is proved."""

from __future__ import annotations

import sympy as sp

from theory.evaluation import NamedRoot
from theory.normalform import Names, normal
from theory.sign import sign
from theory.solve import Solution
from theory.symbols import t
from theory.zero import is_zero


def term_limit(term: sp.Expr, solution: Solution) -> tuple[sp.Expr, str] | None:
    """Where a term goes, and why; None where some sign is not proved.

    Examples
    --------
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> term_limit((1 - 1 / (n + 1)) ** t, Solution((), "geometric", {}, ()))[0]
    0
    """
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
