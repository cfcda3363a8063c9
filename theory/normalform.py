"""Normal forms: what is not rational gets names, functions of shifted arguments one representative.

``Gamma(x + 2) = x (x + 1) Gamma(x)``, ``b**(t + 1) = b b**t``: powers, Gamma functions, digammas,
sums and products that hold an integer variable are rewritten, then named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from theory.sign import sign

_MOST = 60


@dataclass
class Names:
    """Names given to what is not rational, and the polynomial relations among them."""

    table: dict[Any, sp.Symbol] = field(default_factory=dict)
    relations: list[tuple[sp.Symbol, sp.Expr]] = field(default_factory=list)

    def of(self, key: Any) -> sp.Symbol:
        """The name of `key`, the same each time."""
        return self.table.setdefault(key, sp.Dummy(f"y{len(self.table)}"))


def normal(expression: sp.Expr, names: Names) -> sp.Expr:
    """Rewrite on representatives, then put names for everything that is not rational."""
    expression = expression.replace(sp.factorial, lambda x: sp.gamma(x + 1))
    expression = expression.replace(
        sp.binomial, lambda x, y: sp.gamma(x + 1) / sp.gamma(y + 1) / sp.gamma(x - y + 1)
    )
    expression = expression.replace(sp.RisingFactorial, lambda x, m: sp.gamma(x + m) / sp.gamma(x))
    expression = expression.replace(
        sp.beta, lambda x, y: sp.gamma(x) * sp.gamma(y) / sp.gamma(x + y)
    )
    expression = expression.replace(sp.Sum, _pulled)
    expression = expression.replace(sp.log, _split_log)
    for kind, argument, shift in _SHIFTS:
        expression = _shifted(expression, kind, argument, shift)
    return _named(expression, names)


def _pulled(function: Any, *limits: Any) -> sp.Expr:
    """Take factors that are free of the index out of a finite sum, term by term."""
    if len(limits) != 1:
        return sp.Sum(function, *limits)
    index = limits[0][0]
    result = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(function)):
        outside, inside = sp.Integer(1), sp.Integer(1)
        for factor in _factors(term, index):
            if factor.has(index):
                inside *= factor
            else:
                outside *= factor
        result += outside * sp.Sum(
            sp.factor(inside) if inside.is_rational_function(index) else inside, *limits
        )
    return result


def _factors(term: sp.Expr, index: sp.Symbol) -> list[sp.Expr]:
    """Factors of a term; powers with the index in a part of the exponent are split."""
    factors: list[sp.Expr] = []
    for factor in sp.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if base.has(index) or not exponent.has(index):
            factors.append(factor)
            continue
        rest, moving = sp.expand(exponent).as_independent(index, as_Add=True)
        factors += [base**rest, sp.Pow(base, moving)]
    return factors


def _split_log(argument: Any) -> sp.Expr:
    """Logarithm of a product of factors that are positive on the range of their letters."""
    if not argument.is_rational_function():
        return sp.log(argument)
    total = sp.Integer(0)
    for part, side in zip(sp.fraction(sp.together(argument)), (1, -1), strict=True):
        content, factors = sp.factor_list(part)
        if content <= 0 or any(sign(factor) != 1 for factor, _ in factors if factor.free_symbols):
            return sp.log(argument)
        pieces = [(sp.Integer(base), power) for base, power in _primes(content)] + factors
        total += side * sp.Add(*(power * sp.log(base) for base, power in pieces))
    return total


def _shifted(
    expression: sp.Expr,
    kind: type[sp.Basic],
    split: Callable[[Any], tuple[Any, Any]],
    shift: Callable[[Any, Any, int], Any],
) -> sp.Expr:
    """Rewrite all functions of one kind whose arguments differ by integers on one of them."""
    atoms = sorted(expression.atoms(kind), key=sp.default_sort_key)
    groups: list[tuple[Any, list[tuple[Any, sp.Expr]]]] = []
    for atom in atoms:
        key, argument = split(atom)
        for other, members in groups:
            if other == key and sp.expand(argument - members[0][1]).is_Integer:
                members.append((atom, argument))
                break
        else:
            groups.append((key, [(atom, argument)]))
    swap = {}
    for _, members in groups:
        first = members[0][1]
        low_atom, low = min(members, key=lambda member: int(sp.expand(member[1] - first)))
        for atom, argument in members:
            steps = int(sp.expand(argument - low))
            if steps > _MOST:
                raise NotImplementedError("too many shifts")
            if atom != low_atom:
                swap[atom] = shift(low_atom, low, steps)
    return expression.xreplace(swap) if swap else expression


def _gamma_shift(atom: Any, low: Any, steps: int) -> Any:
    return sp.Mul(atom, *(low + i for i in range(steps)))


def _psi_shift(atom: Any, low: Any, steps: int) -> Any:
    order = atom.args[0]
    terms = [(-1) ** order * sp.factorial(order) / (low + i) ** (order + 1) for i in range(steps)]
    return sp.Add(atom, *terms)


def _harmonic_shift(atom: Any, low: Any, steps: int) -> Any:
    order = atom.args[1] if len(atom.args) > 1 else 1
    return sp.Add(atom, *(1 / (low + i + 1) ** order for i in range(steps)))


def _series_shift(atom: Any, low: Any, steps: int) -> Any:
    index = atom.limits[0][0]
    terms = [atom.function.subs(index, low + i + 1) for i in range(steps)]
    return (sp.Add if isinstance(atom, sp.Sum) else sp.Mul)(atom, *terms)


def _series_key(atom: Any) -> tuple[Any, Any]:
    index, low, high = atom.limits[0]
    anonymous = sp.Symbol("index_")
    return (atom.function.xreplace({index: anonymous}), low, len(atom.limits)), high


_SHIFTS: tuple[tuple[type[sp.Basic], Any, Any], ...] = (
    (sp.Sum, _series_key, _series_shift),
    (sp.Product, _series_key, _series_shift),
    (sp.gamma, lambda a: (None, a.args[0]), _gamma_shift),
    (sp.polygamma, lambda a: (a.args[0], a.args[1]), _psi_shift),
    (sp.harmonic, lambda a: (a.args[1:], a.args[0]), _harmonic_shift),
)


def _named(expression: sp.Expr, names: Names) -> sp.Expr:
    if expression.is_Rational or expression.is_Symbol:
        return expression
    if expression.is_Add or expression.is_Mul:
        return expression.func(*(_named(argument, names) for argument in expression.args))
    if isinstance(expression, sp.Pow) or expression.func is sp.exp:
        base, exponent = expression.as_base_exp()
        return _named_power(base, exponent, names)
    if isinstance(expression, sp.Sum | sp.Product):
        return names.of((_series_key(expression), type(expression)))
    if isinstance(expression, sp.Function):
        arguments = tuple(_canonical(argument) for argument in expression.args)
        return names.of((expression.func, arguments))
    return names.of(expression)


def _canonical(argument: sp.Expr) -> sp.Expr:
    """One form of a rational argument."""
    try:
        return sp.factor(sp.together(argument))
    except sp.PolynomialError:
        return argument


def _named_power(base: sp.Expr, exponent: sp.Expr, names: Names) -> sp.Expr:
    if exponent.is_Integer:
        return _named(base, names) ** exponent
    if exponent.is_Rational:
        return _radical(base, exponent, names)
    constant, rest = sp.expand(exponent).as_coeff_Add()
    result = _named_power(base, constant, names) if constant else sp.Integer(1)
    for term in sp.Add.make_args(rest):
        rate, unit = term.as_coeff_Mul()
        result *= _split_power(base, rate, unit, names)
    return result


def _radical(base: sp.Expr, exponent: sp.Rational, names: Names) -> sp.Expr:
    inner = sp.factor(sp.together(base))
    root = names.of(("root", inner, exponent.q))
    if not any(symbol == root for symbol, _ in names.relations):
        names.relations.append((root, root**exponent.q - _named(inner, names)))
    return root**exponent.p


def _split_power(base: sp.Expr, rate: sp.Expr, unit: sp.Expr, names: Names) -> sp.Expr:
    """``base**(rate unit)`` over the irreducible factors of the base, if `unit` is an integer."""
    if base.is_Symbol or base is sp.E or not unit.is_integer:
        return _unit_power(base, rate, unit, names)
    inner = _named(base, names)
    numerator, denominator = sp.fraction(sp.together(inner))
    result = sp.Integer(1)
    for part, side in ((numerator, 1), (denominator, -1)):
        coefficient, factors = sp.factor_list(part)
        pieces = [(sp.Integer(p), e) for p, e in _primes(coefficient)] + factors
        for factor, power in pieces:
            result *= _unit_power(factor, rate * side * power, unit, names)
    return result


def _primes(number: sp.Rational) -> list[tuple[int, int]]:
    return [(int(p), int(e)) for p, e in sp.factorrat(sp.Rational(number)).items()]


def _unit_power(base: sp.Expr, rate: sp.Expr, unit: sp.Expr, names: Names) -> sp.Expr:
    if not rate.is_Rational:
        return names.of((sp.Pow, base, rate * unit))
    return names.of((sp.Pow, sp.expand(base), unit / rate.q)) ** rate.p
