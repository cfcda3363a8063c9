"""What the functions and constants of SymPy are worth in mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import InvalidInput

CONSTANTS: dict[Any, Any] = {
    sp.pi: mp.pi,
    sp.E: mp.e,
    sp.EulerGamma: mp.euler,
    sp.GoldenRatio: mp.phi,
    sp.I: mp.mpc(0, 1),
    sp.oo: mp.inf,
    -sp.oo: -mp.inf,
}

FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sp.gamma: lambda x: gamma_product([x], []),
    sp.loggamma: mp.loggamma,
    sp.polygamma: lambda order, x: mp.psi(int(order), x),
    sp.harmonic: lambda x, *order: (
        mp.zeta(order[0]) - mp.zeta(order[0], x + 1) if order and order[0] != 1 else mp.harmonic(x)
    ),
    sp.zeta: mp.zeta,
    sp.factorial: lambda x: mp.gamma(mp.mpmathify(x) + 1),
    sp.binomial: mp.binomial,
    sp.RisingFactorial: mp.rf,
    sp.FallingFactorial: mp.ff,
    sp.beta: mp.beta,
    sp.lowergamma: lambda a, x: mp.gammainc(a, 0, x),
    sp.uppergamma: lambda a, x: mp.gammainc(a, x),
    sp.log: mp.log,
    sp.exp: mp.exp,
    sp.sin: mp.sin,
    sp.cos: mp.cos,
    sp.tan: mp.tan,
    sp.asin: mp.asin,
    sp.acos: mp.acos,
    sp.atan: mp.atan,
    sp.sinh: mp.sinh,
    sp.cosh: mp.cosh,
    sp.tanh: mp.tanh,
    sp.sinc: mp.sinc,
    sp.erf: mp.erf,
    sp.erfc: mp.erfc,
    sp.erfinv: mp.erfinv,
    sp.erfcinv: lambda x: mp.erfinv(1 - x),
    sp.LambertW: mp.lambertw,
    sp.Abs: abs,
    sp.re: mp.re,
    sp.im: mp.im,
    sp.conjugate: mp.conj,
    sp.Max: lambda *x: max(x),
    sp.Min: lambda *x: min(x),
}

#: Functions that jump; `machine.stepper` first puts an argument within rounding of a jump on it.
STEPS: dict[Any, Callable[..., Any]] = {
    sp.sign: mp.sign,
    sp.Heaviside: lambda x, at_zero: at_zero if x == 0 else mp.mpf(x > 0),
    sp.floor: mp.floor,
    sp.ceiling: mp.ceil,
}


def by_sympy(function: Any, arguments: list[Any]) -> Any:
    """The value that SymPy itself finds, at the precision of the moment."""
    value = function(*(_as_sympy(x) for x in arguments)).evalf(mp.dps + 5)
    try:
        return value._to_mpmath(mp.prec)
    except (ValueError, AttributeError, TypeError):
        raise InvalidInput(
            f"{function.__name__} has no numeric value at "
            f"{', '.join(mp.nstr(x, 8) for x in arguments)}"
        ) from None


def _as_sympy(x: Any) -> Any:
    if isinstance(x, int):
        return sp.Integer(x)
    if isinstance(x, mp.mpc):
        return _as_sympy(x.real) + sp.I * _as_sympy(x.imag)
    if mp.isint(x):
        return sp.Integer(int(x))  # an order, as of a Bessel function
    return sp.Float._new(mp.mpmathify(x)._mpf_, mp.prec)


def gamma_product(above: list[Any], below: list[Any]) -> Any:
    """Product of Gamma functions over another; poles count as limits, and may cancel."""
    if not above and not below:
        return 1
    if any(_pole(x) for x in above) or any(_pole(x) for x in below):
        value = mp.gammaprod(above, below)
        if not mp.isfinite(value):
            raise ZeroDivisionError
        return value
    value = mp.mpf(1)
    for x in above:
        value *= mp.gamma(x)
    for x in below:
        value /= mp.gamma(x)
    return value


def _pole(x: Any) -> bool:
    return bool(mp.im(x) == 0 and mp.re(x) <= 0 and mp.re(x) == mp.floor(mp.re(x)))
