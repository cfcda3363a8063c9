"""Relations brought into a form that is easier to prove: induction, logarithms, square roots.

A sum or product up to a moving end is not summed: the relation is proved at the first end, and from
each end to the next. Two positive sides are compared by their logarithms, and letters under a
square root are replaced by squares.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim
from theory.domain import Domain
from theory.gaps import Gap
from theory.positivity import polynomial_sign
from theory.zero import is_zero

# Terms that a sum may have at the base of an induction.
_MOST_TERMS = 40


def by_induction(difference: sp.Expr, claim: Claim) -> str | None:
    """How `difference` was proved to vanish for every value of the end of its sums, or None.

    If e(s) = c e(s - 1) for a finite c, and e vanishes at the first s, it vanishes for ever. Sums
    and products up to s - 1 enter as unknowns, so that nothing is asked of SymPy's summation.

    Examples
    --------
    >>> from theory.domain import integers
    >>> k, t = sp.symbols("k t", integer=True, positive=True)
    >>> claim = Claim("mine", "telescopes", {t: integers(2)}, holds=t > 1)
    >>> by_induction(sp.Product(1 - 1/k**2, (k, 2, t)) - (t + 1)/(2*t), claim)
    'induction over t: base case t = 2, and the step, simplify to zero'
    """
    series = sorted(difference.atoms(sp.Sum, sp.Product), key=sp.default_sort_key)
    end = _end(series, claim)
    if end is None:
        return None
    start = int(claim.over[end.name].low)
    first, before, after = {}, {}, {}
    for each in series:
        low, high = each.limits[0][1:]
        value = _written_out(each, low, high.subs(end, start))
        if value is None:
            return None
        first[each] = value
        unknown = sp.Dummy("u")
        term = each.function.subs(each.limits[0][0], high)
        before[each] = unknown
        after[each] = unknown + term if isinstance(each, sp.Sum) else unknown * term
    base = difference.xreplace(first).subs(end, start)
    earlier = difference.xreplace(before).subs(end, end - 1)
    later = difference.xreplace(after)
    ratio = _ratio(earlier, later, before[series[0]], claim, end)
    if ratio is None or not is_zero(base) or not is_zero(later - ratio * earlier):
        return None
    return f"induction over {end}: base case {end} = {start}, and the step, simplify to zero"


def _end(series: list[Any], claim: Claim) -> sp.Symbol | None:
    """The one integer letter that all sums run up to, from ends that do not depend on it."""
    ends = set()
    for each in series:
        if len(each.limits) != 1:
            return None
        _, low, high = each.limits[0]
        letters = [s for s in high.free_symbols if s.name in claim.over]
        if len(letters) != 1 or not (high - letters[0]).is_Integer:
            return None
        if low.has(letters[0]) or each.function.has(letters[0]):
            return None
        ends.add(letters[0])
    if len(ends) != 1:
        return None
    (end,) = ends
    domain = claim.over[end.name]
    usable = domain.kind == "integers" and domain.low == int(domain.low) and not domain.open_low
    return end if usable else None


def _written_out(series: Any, low: sp.Expr, high: sp.Expr) -> sp.Expr | None:
    count = sp.simplify(high - low + 1)
    if not count.is_Integer or not 0 <= count <= _MOST_TERMS:
        return None
    terms = [series.function.subs(series.limits[0][0], low + j) for j in range(int(count))]
    join: Any = sp.Add if isinstance(series, sp.Sum) else sp.Mul
    return join(*terms)


def _ratio(
    earlier: sp.Expr, later: sp.Expr, unknown: sp.Dummy, claim: Claim, end: sp.Symbol
) -> sp.Expr | None:
    """The factor from e(s - 1) to e(s), if it is finite on the whole domain."""
    ratio = sp.cancel(sp.diff(later, unknown) / sp.diff(earlier, unknown))
    if ratio.has(sp.Dummy) and any(isinstance(s, sp.Dummy) for s in ratio.free_symbols):
        return None
    denominator = sp.denom(sp.together(ratio))
    if denominator.is_number:
        return ratio if denominator != 0 else None
    box = {s.name: claim.over[s.name] for s in denominator.free_symbols if s.name in claim.over}
    if {s.name for s in denominator.free_symbols} - set(box):
        return None
    box[end.name] = Domain("integers", claim.over[end.name].low + 1, claim.over[end.name].high)
    try:
        sign = polynomial_sign(denominator, box, strict=True, order=())
    except sp.PolynomialError:
        return None
    return None if sign is None else ratio


def by_logarithms(left: sp.Expr, right: sp.Expr, relation: type, claim: Claim) -> str | None:
    """How an inequality between two positive sides was proved of their logarithms, or None.

    Examples
    --------
    >>> from theory.domain import integers
    >>> n, t = sp.symbols("n t", integer=True, positive=True)
    >>> claim = Claim("mine", "x", {n: integers(2, 100), t: integers(1, 100)}, holds=n > 1)
    >>> by_logarithms((1 - 1/n)**t, sp.exp(-t/n), sp.Le, claim)[:28]
    'of the logarithms of both si'
    """
    if relation is sp.Eq or relation is sp.Ne:
        return None
    if not (_positive(left, claim) and _positive(right, claim)):
        return None
    gap = sp.expand_log(sp.log(left) - sp.log(right), force=True)
    if gap.has(sp.Sum, sp.Product) or not gap.has(sp.log):
        return None
    found = Gap(sp.factor(gap), claim)
    reason = found.proof(relation) or found.cut_up(relation)[0]
    return None if reason is None else f"of the logarithms of both sides: {reason}"


def _positive(side: sp.Expr, claim: Claim) -> bool:
    """Whether a product of powers and exponentials is positive on the domain."""
    for factor in sp.Mul.make_args(side):
        base, _ = factor.as_base_exp()
        if base == sp.E or isinstance(factor, sp.exp) or (base.is_number and base.is_positive):
            continue
        box = {s.name: claim.over[s.name] for s in base.free_symbols if s.name in claim.over}
        if len(box) < len(base.free_symbols) or not box:
            return False
        numerator, denominator = sp.together(base).as_numer_denom()
        try:
            signs = [
                polynomial_sign(x, box, strict=True, order=()) for x in (numerator, denominator)
            ]
        except sp.PolynomialError:
            return False
        if None in signs or signs[0] != signs[1]:
            return False
    return True


def by_squares(difference: sp.Expr, relation: type, claim: Claim) -> str | None:
    """How an inequality with square roots of letters was proved of their roots, or None.

    Examples
    --------
    >>> from theory.domain import reals
    >>> x, y = sp.symbols("x y", positive=True)
    >>> claim = Claim("mine", "x", {x: reals(0, 9), y: reals(0, 9)}, holds=x >= y)
    >>> by_squares((x + y)/2 - sp.sqrt(x*y), sp.Ge, claim)
    'a square, in the square roots of the letters'
    """
    if relation not in (sp.Le, sp.Ge):
        return None
    letters = [s for s in difference.free_symbols if s.name in claim.over]
    outside = len(letters) < len(difference.free_symbols)
    if outside or any(claim.over[s.name].low < 0 for s in letters):
        return None
    roots = {s: sp.Dummy(s.name, nonnegative=True) for s in letters}
    plain = sp.powdenest(difference.xreplace({s: r**2 for s, r in roots.items()}), force=True)
    plain = sp.factor(plain)
    sign = 1 if relation is sp.Ge else -1
    for factor in sp.Mul.make_args(plain):
        exponent = factor.as_base_exp()[1]
        even = exponent.is_Integer and exponent > 0 and exponent % 2 == 0
        if factor.is_number:
            sign *= 1 if factor > 0 else -1
        elif not even and not factor.is_nonnegative:
            return None
    return "a square, in the square roots of the letters" if sign > 0 else None
