"""Steps of logarithms and powers, where one generation multiplies by an independent factor.

Without selection the fitted covariance is ``Sigma^(1/2) G Sigma^(1/2)`` with G independent of the
past. Under Replace G is Wishart over the divisor, so its determinant is a product of independent
chi-squares (Bartlett 1933) and E G^-1 is known; in one dimension, under Accumulate, the factor is
``a + b chi2_(n-1) + c chi2_1``, read off the step of `theory.step`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from theory import laplace
from theory.family import Family
from theory.linearsystem import LinearSystem, assemble, begin, join
from theory.named import NamedFunction
from theory.special import ExpectedLog, ExpectedPower
from theory.step import SD, STATE, NoMomentError, Step, W, Z, divisor
from theory.symbols import k, sigma_0
from theory.vocabulary import Accumulate, KeepAll, Replace
from theory.workflow import (
    dimension,
    first_generation,
    generation,
    kept,
    linear_system,
    sized,
)

LAWS = ("log_variance", "log_det", "squared_w2", "kl_model_to_start", "kl_start_to_model")
#: Name of the component that carries the log determinant.
LOG_STATE = "E[log det Sigma]"
_INDEX = sp.Symbol("i", integer=True, positive=True)


class ExpectedShare(NamedFunction):
    r"""E chi2_1 / (a + b chi2_m + c chi2_1), the chi-squares independent.

    By size bias it is ``E 1/(a + b chi2_m + c chi2_3)``.
    """

    nargs = 4

    @classmethod
    def eval(cls, a: Any, b: Any, m: Any, c: Any) -> Any:
        return ExpectedPower(-1, a, b, m, 0) if c == 0 else None

    @staticmethod
    def numeric(a: Any, b: Any, m: Any, c: Any) -> Any:
        return laplace.expected_power(-1, a, (b, m), (c, 3))

    def definition(self) -> sp.Basic:
        a, b, m, c = self.args
        s = sp.Symbol("s", positive=True)
        value = sp.exp(-a * s) * (1 + 2 * b * s) ** (-m / 2) * (1 + 2 * c * s) ** sp.Rational(-3, 2)
        return sp.Eq(self, sp.Integral(value, (s, 0, sp.oo)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "size bias of chi2_1, and the Laplace transform of a quadratic form"


def factor_law(family: Family, step: Step, q: sp.Expr, index: sp.Expr) -> tuple[sp.Expr, ...]:
    """(a, b, m, c): the factor of one generation is ``a + b chi2_m + c chi2_1``."""
    poly = sp.Poly(sp.expand(step.variance), SD, W, Z)
    parts = {(2, 0, 0), (2, 1, 0), (2, 0, 2)}
    if not set(poly.monoms()) <= parts:
        raise NoMomentError("the step does not multiply the variance")
    size = family.sizes.subs(k, index)
    a, b, c = (
        sp.factor(sized(family, sp.cancel(poly.coeff_monomial(m)), index))
        for m in (SD**2, SD**2 * W, SD**2 * Z**2)
    )
    return a, sp.factor(b * q), size - 1, sp.factor(c * q / size)


def general_law(family: Family) -> tuple[sp.Expr, ...]:
    """The factor's law in generation ``k >= 2``."""
    _check(family)
    q = kept(family).q
    return factor_law(family, generation(family, q), q, k)


def first_law(family: Family) -> tuple[sp.Expr, ...]:
    """The factor's law in generation 1."""
    _check(family)
    q = kept(family).first
    return factor_law(family, first_generation(family, q), q, sp.Integer(1))


def _check(family: Family) -> None:
    if family.selection is not KeepAll:
        raise NoMomentError("the logarithm of a selected batch's scatter has no closed moments")
    if family.workflow not in (Replace, Accumulate):
        raise NoMomentError("one generation does not multiply the variance by a free factor")
    if family.workflow is Accumulate and dimension(family) != 1:
        raise NoMomentError("products of shifted Wishart matrices have no closed log moments")


def _log_step(family: Family, law: tuple[sp.Expr, ...]) -> sp.Expr:
    """E log det of one generation's factor: a product of independent chi-squares (Bartlett)."""
    d = dimension(family)
    if d == 1:
        return ExpectedLog(*law)
    _, b, m, _ = law
    if d.is_Integer:
        return sp.Add(*(ExpectedLog(0, b, m + 1 - i, 0) for i in range(1, int(d) + 1)))
    inner = sp.digamma((m + 1 - _INDEX) / 2)
    return d * sp.log(2 * b) + sp.Sum(inner, (_INDEX, 1, d))


def _log_system(family: Family) -> LinearSystem:
    d = dimension(family)
    gain = _log_step(family, general_law(family))
    first = _log_step(family, first_law(family))
    start = begin(gain, first)
    level = 2 * d * sp.log(sigma_0)
    return assemble(
        (LOG_STATE,),
        sp.eye(1),
        sp.Matrix([gain]),
        start,
        sp.Matrix([first if start else 0]),
        [1],
        offset=level,
        factor=sp.Integer(1),
        at_zero=level,
    )


def _log_gain(family: Family) -> LinearSystem:
    """The log determinant, counted from that of the truth."""
    return replace(_log_system(family), offset=sp.Integer(0), at_zero=sp.Integer(0))


def _scalar(family: Family, name: str, power: sp.Expr) -> LinearSystem:
    ratio, first = (
        ExpectedPower(power, *general_law(family)),
        ExpectedPower(power, *first_law(family)),
    )
    start = begin(ratio, first)
    return assemble(
        (name,),
        sp.Matrix([ratio]),
        sp.zeros(1, 1),
        start,
        sp.Matrix([first if start else 1]),
        [1],
        offset=sp.Integer(0),
        factor=sp.Integer(1),
        at_zero=sp.Integer(1),
    )


def _moment_pair(family: Family) -> LinearSystem:
    one = sp.Integer(1)
    return linear_system(family, ((2, 0, 0, 0), (0, 2, 0, 0)), (one, one), one)


def law_system(family: Family, quantity: str) -> LinearSystem:
    """The linear system of a quantity with logarithms, roots or inverses.

    Raises
    ------
    theory.step.NoMomentError
        If the step does not multiply by a factor with known moments.
    """
    d, one = dimension(family), sp.Integer(1)
    _check(family)
    if quantity == "log_det" or (quantity == "log_variance" and d == 1):
        return _log_system(family)
    if quantity == "squared_w2" and d == 1:
        root = _scalar(family, "E[sigma]", sp.Rational(1, 2))
        return join([_moment_pair(family), root], [one, -2 * one], one, sigma_0**2)
    if quantity == "kl_model_to_start":
        return join([_moment_pair(family), _log_gain(family)], [d / 2, -one / 2], -d / 2, one)
    if quantity == "kl_start_to_model":
        return _reverse_system(family)
    raise NoMomentError(f"{quantity} has no closed step in dimension {d}")


def _reverse_system(family: Family) -> LinearSystem:
    """tr Sigma^-1, mu' Sigma^-1 mu and log det Sigma, of which the KL to the model consists."""
    d, one = dimension(family), sp.Integer(1)
    if d == 1:
        general, first = (
            _inverse(general_law(family), family, k),
            _inverse(first_law(family), family, sp.Integer(1)),
        )
    else:
        general, first = (
            _inverse_wishart(family, kept(family).q),
            _inverse_wishart(family, kept(family).first),
        )
    rate, gain = general
    start = max(begin(rate, first[0]), begin(gain, first[1]))
    initial = [d * first[0], first[1]] if start else [d, 0]
    pair = assemble(
        ("E[tr Sigma^-1]", "E[mu' Sigma^-1 mu]"),
        sp.diag(rate, rate),
        sp.Matrix([0, gain]),
        start,
        sp.Matrix(initial),
        [1, 1],
        offset=sp.Integer(0),
        factor=one,
        at_zero=d,
    )
    return join([pair, _log_gain(family)], [one / 2, one / 2], -d / 2, one)


def _inverse(law: tuple[sp.Expr, ...], family: Family, index: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """E 1/G, and E w^2/G with w the mean's shift over the old standard deviation."""
    first = index == 1
    q = kept(family).first if first else kept(family).q
    step = first_generation(family, q) if first else generation(family, q)
    shift = sp.Poly(sp.expand(step.mean), *STATE, Z).coeff_monomial(SD * Z)
    weight = sized(family, sp.cancel(shift), index) ** 2
    size = family.sizes.subs(k, index)
    return _plain_power(law), sp.factor(weight * q / size) * _share(law)


def _plain_power(law: tuple[sp.Expr, ...]) -> sp.Expr:
    a, b, m, c = law
    return 1 / (b * (m - 2)) if a == 0 and c == 0 else ExpectedPower(-1, *law)


def _share(law: tuple[sp.Expr, ...]) -> sp.Expr:
    a, b, m, c = law
    return 1 / (b * (m - 2)) if a == 0 and c == 0 else ExpectedShare(*law)


def _inverse_wishart(family: Family, q: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """E G^-1 = a I with a = D/(q (n - d - 2)); the mean adds a q d/n."""
    d, size = dimension(family), family.sizes
    rate = divisor(size, family.fit) / (q * (size - d - 2))
    return rate, sp.factor(rate * q * d / size)
