"""E log X, E (log X)**2 and E X**p for X = a + sum c_i chi2_{m_i}, to any precision.

With mu = E X, Y = X / mu and L(s) = E exp(-sY), for p < 2 (and p above the order of existence)

    E Y**p = 1 + (1/Gamma(-p)) int_0^oo s**(-p-1) (L(s) - exp(-s)) ds,

because the integral is linear and Y = 1 gives 1; the derivatives at p = 0 are

    E log Y      = -int (L(s) - exp(-s)) ds/s,
    E (log Y)**2 = 2 int (log s + gamma) (L(s) - exp(-s)) ds/s.

(Frullani's integral for the logarithm; the others by analytic continuation in p.) Here
L(s) - exp(-s) = exp(-s) expm1(g(s)) with g(s) = sum (m_i/2) h(2 c_i s / mu), h(x) = x - log(1+x)
>= 0: every term is positive, so a variance of 1e-18 costs no digits. With
s = exp(y - exp(-y)) the integrand is analytic in a strip of half width near pi/2, and the
trapezoidal rule in y (double exponential: Takahasi and Mori 1974) converges geometrically.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from mpmath import mp

from theory.errors import CollapseError, InvalidInput

Component = tuple[Any, Any]  # (scale, degrees of freedom)


def _normalised(a: Any, components: Sequence[Component]) -> tuple[Any, Any, list[Component]]:
    """The mean, and constant and components of X / mean with the empty ones left out."""
    if a < 0 or any(scale < 0 or dof < 0 for scale, dof in components):
        raise InvalidInput(f"a + b chi2_m + c chi2_1 needs a, b, c, m >= 0, not {(a, *components)}")
    mean = mp.mpf(a) + sum((mp.mpf(scale) * dof for scale, dof in components), mp.mpf(0))
    if mean == 0:
        return mean, mean, []
    parts = [(mp.mpf(c) / mean, mp.mpf(m)) for c, m in components if c * m != 0]
    return mean, mp.mpf(a) / mean, parts


def _gap(x: Any) -> Any:
    """x - log(1 + x) for x >= 0, to the working precision relative to itself."""
    small = -mp.mag(x)
    if small < 12:
        return x - mp.log(1 + x)  # the guard bits of the caller cover what cancels
    if 8 * small < mp.prec:
        with mp.workprec(mp.prec + small):
            return x - mp.log(1 + x)
    bits = mp.prec + 10
    fixed = int(mp.ldexp(x, bits))
    total, power, j = 0, 1 << bits, 2
    while power:
        total += power // j if j % 2 == 0 else -(power // j)
        power = power * fixed >> bits
        j += 1
    return x * x * mp.ldexp(total, -bits)


@lru_cache(maxsize=50_000)
def _node(j: int, step: Any, prec: int) -> tuple[Any, Any, Any, Any]:
    """s = exp(x), x = y - exp(-y) at y = j step; exp(-s), log s and dx/dy."""
    y = j * step
    inner = mp.exp(-y)
    s = mp.exp(y - inner)
    return s, mp.exp(-s), y - inner, 1 + inner


@lru_cache(maxsize=50_000)
def _tilt(power: Any, log_s: Any, prec: int) -> Any:
    """s**(-power) at a node."""
    return mp.exp(-power * log_s)


def _difference(a: Any, components: Sequence[Component], s: Any, decay: Any) -> Any:
    """L(s) - exp(-s), without cancellation where the two are close."""
    g = mp.mpf(0)
    for twice, half in components:
        g += half * _gap(twice * s)
    if g < 1:
        # The guard bits of the caller cover ten bits of exp(g) - 1; below that, its series.
        return decay * ((mp.exp(g) - 1) if mp.mag(g) > -10 else mp.expm1(g))
    exponent = a * s
    for twice, half in components:
        exponent += half * mp.log(1 + twice * s)
    return mp.exp(-exponent) - decay


def _integral(a: Any, components: Sequence[Component], factor: Callable[[Any], Any] | None) -> Any:
    """int_0^oo factor(log s) (L(s) - exp(-s)) ds/s at working precision."""
    target = mp.prec
    with mp.workprec(target + 32):
        components = [(2 * c, m / 2) for c, m in components]
        step = mp.mpf(round(2**20 * math.pi**2 / (target * math.log(2) + 14))) / 2**20
        for _ in range(5):
            total, coarse = _trapezoid(a, components, factor, step, target)
            # The even nodes alone err by the square root of what all nodes err by.
            if abs(total - coarse) <= abs(total) * mp.mpf(2) ** (-0.4 * target):
                return total
            step /= 2
    raise CollapseError(f"the Laplace integral did not settle for {components}")


def _trapezoid(
    a: Any,
    components: Sequence[Component],
    factor: Callable[[Any], Any] | None,
    step: Any,
    target: int,
) -> tuple[Any, Any]:
    every, even = mp.mpf(0), mp.mpf(0)
    limit = 400 * target
    for sign in (1, -1):
        j, quiet = (0 if sign == 1 else -1), 0
        while quiet < 3:
            s, decay, log_s, slope = _node(j, step, mp.prec)
            term = slope * _difference(a, components, s, decay)
            if factor is not None:
                term *= factor(log_s)
            every += term
            if j % 2 == 0:
                even += term
            quiet = quiet + 1 if mp.mag(term) < mp.mag(every) - target - 8 else 0
            j += sign
            if abs(j) > limit:
                raise CollapseError(f"the Laplace integral decays too slowly for {components}")
    return every * step, 2 * even * step


def _single(a: Any, components: Sequence[Component]) -> Component | None:
    """The one chi-square that X is a multiple of, if it is."""
    used = [(c, m) for c, m in components if c * m != 0]
    scales = {c for c, _ in used}
    if a != 0 or len(scales) != 1:
        return None
    return scales.pop(), sum(m for _, m in used)


def expected_log(a: Any, *components: Component) -> Any:
    """E log(a + sum c_i chi2_{m_i}) at the working precision of mpmath; -oo where X = 0.

    Examples
    --------
    >>> mp.nstr(expected_log(0, (1, 2)), 12)  # log 2 - Euler's constant
    '0.115931515658'
    """
    single = _single(a, components)
    if single is not None:
        scale, dof = single
        return mp.log(2 * mp.mpf(scale)) + mp.digamma(mp.mpf(dof) / 2)
    mean, rest, parts = _normalised(a, components)
    if mean == 0:
        return -mp.inf
    if not parts:
        return mp.log(mean)
    return mp.log(mean) - _integral(rest, parts, None)


def expected_log_squared(a: Any, *components: Component) -> Any:
    """E log(a + sum c_i chi2_{m_i})**2 at the working precision of mpmath.

    Examples
    --------
    >>> mp.nstr(expected_log_squared(0, (mp.mpf(1) / 2, 2)), 12)  # pi**2/6 + gamma**2
    '1.97811199066'
    """
    mean, rest, parts = _normalised(a, components)
    if mean == 0:
        return mp.inf
    log_mean = mp.log(mean)
    if not parts:
        return log_mean**2
    first = -_integral(rest, parts, None)
    second = 2 * _integral(rest, parts, lambda y: y + mp.euler)
    return log_mean**2 + 2 * log_mean * first + second


def expected_power(p: Any, a: Any, *components: Component) -> Any:
    """E (a + sum c_i chi2_{m_i})**p at the working precision of mpmath; oo where it diverges.

    Examples
    --------
    >>> mp.nstr(expected_power(mp.mpf(1) / 2, 0, (1, 1)), 12)  # sqrt(2/pi)
    '0.797884560803'
    """
    p = int(p) if p == int(p) else mp.mpf(p)
    if p == 0:
        return mp.mpf(1)
    mean, rest, parts = _normalised(a, components)
    if mean == 0:
        return mp.inf if p < 0 else mp.mpf(0)
    if not parts:
        return mean**p
    if a == 0 and p + sum(m for _, m in parts) / 2 <= 0:
        return mp.inf
    single = _single(a, components)
    if single is not None:
        scale, half = mp.mpf(single[0]), mp.mpf(single[1]) / 2
        return (2 * scale) ** p * mp.gammaprod([half + p], [half])
    if p >= 1:
        return _size_biased(p, a, components)
    power = mp.mpf(p)
    integral = _integral(rest, parts, lambda y: _tilt(power, y, mp.prec))
    return mean**p * (1 + integral * mp.rgamma(-power))


def _size_biased(p: Any, a: Any, components: Sequence[Component]) -> Any:
    """E X**p = a E X**(p-1) + sum c_i m_i E (X with m_i + 2 in place of m_i)**(p-1)."""
    total = a * expected_power(p - 1, a, *components) if a else mp.mpf(0)
    for i, (scale, dof) in enumerate(components):
        if scale * dof != 0:
            biased = [*components]
            biased[i] = (scale, dof + 2)
            total += scale * dof * expected_power(p - 1, a, *biased)
    return total
