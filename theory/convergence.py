"""Whether a series or an infinite product converges."""

from __future__ import annotations

from typing import Any

import sympy as sp


def converges(series: Any) -> bool | None:
    """Whether a `Sum` or `Product` to infinity converges; None if no test decides.

    Examples
    --------
    >>> k = sp.Symbol("k", integer=True, positive=True)
    >>> converges(sp.Sum(1 / k, (k, 1, sp.oo))), converges(sp.Sum(1 / k**2, (k, 1, sp.oo)))
    (False, True)
    """
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
