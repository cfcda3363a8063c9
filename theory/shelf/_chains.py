"""The Wright-Fisher chain, exactly: finite sums that stay named in the formulas of the shelf.

A categorical law is refitted on n of its own points. The frequency of a symbol moves on
0, 1/n, ..., 1; the first fit starts from any probability p. Everything is a finite sum over the
n + 1 states.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.errors import InvalidInput
from theory.named import NamedFunction, integer_argument

_CHAIN = "finite Markov chain: binomial resampling of n points (Wright 1931, Fisher 1930)"
LARGEST = 64
"""Most points of a fit for which the chain is worked out."""


def _row(n: int, p: Any) -> list[Any]:
    """Binomial(n, p) probabilities of 0, ..., n."""
    q = 1 - p
    return [mp.binomial(n, j) * p**j * q ** (n - j) for j in range(n + 1)]


@lru_cache(maxsize=64)
def _matrix(n: int, prec: int) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(_row(n, mp.mpf(i) / n)) for i in range(n + 1))


def _average(weights: Any, values: Any) -> Any:
    return mp.fdot(weights, values)


@lru_cache(maxsize=256)
def _within(n: int, t: int, mixed: bool, prec: int) -> tuple[Any, ...]:
    """Probability, from each state, of not being absorbed in t fits."""
    values = [mp.mpf(1)] * (n + 1)
    values[0] = mp.mpf(0)
    if mixed:
        values[n] = mp.mpf(0)
    matrix = _matrix(n, prec)
    for _ in range(t):
        values = [_average(row, values) for row in matrix]
    return tuple(values)


@lru_cache(maxsize=64)
def _times(n: int, prec: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """First two moments, from each state, of the fits that are still made until fixation."""
    inner = range(1, n)
    if not inner:
        return (mp.mpf(0),) * (n + 1), (mp.mpf(0),) * (n + 1)
    matrix = _matrix(n, prec)
    system = mp.matrix(n - 1, n - 1)
    for i in inner:
        for j in inner:
            system[i - 1, j - 1] = (1 if i == j else 0) - matrix[i][j]
    first = mp.lu_solve(system, mp.matrix([1] * (n - 1)))
    # E T^2 = 1 + 2 sum_j P_ij E_j T + sum_j P_ij E_j T^2, and the sum of P_ij E_j T is E_i T - 1.
    second = mp.lu_solve(system, mp.matrix([2 * first[i] - 1 for i in range(n - 1)]))
    pad = mp.mpf(0)
    return (pad, *first, pad), (pad, *second, pad)


def _states(n: Any, p: Any) -> int:
    states = integer_argument("n", n, 1)
    if states > LARGEST:
        raise InvalidInput(f"the chain is worked out for n <= {LARGEST}, not {states}")
    if not 0 <= p <= 1:
        raise InvalidInput(f"p = {p} is not in [0, 1]")
    return states


class _Chain(NamedFunction):
    """Base: positive functions of the chain."""

    def _eval_is_positive(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    @classmethod
    def source(cls) -> str:
        return _CHAIN


class StillPresent(_Chain):
    """P(p_t > 0): the symbol is still there after t fits; function of (n, t, p)."""

    nargs = 3

    @staticmethod
    def numeric(n: Any, t: Any, p: Any) -> Any:
        states, fits = _states(n, p), integer_argument("t", t, 1)
        return _average(_row(states, mp.mpf(p)), _within(states, fits - 1, False, mp.prec))

    def definition(self) -> sp.Basic:
        """The probability in words of the chain."""
        return sp.Function("P")(sp.Symbol("p_t") > 0)


class StillMixed(_Chain):
    """P(0 < p_t < 1): both symbols are still there after t fits; function of (n, t, p)."""

    nargs = 3

    @staticmethod
    def numeric(n: Any, t: Any, p: Any) -> Any:
        states, fits = _states(n, p), integer_argument("t", t, 1)
        return _average(_row(states, mp.mpf(p)), _within(states, fits - 1, True, mp.prec))

    def definition(self) -> sp.Basic:
        """The probability in words of the chain."""
        return sp.Function("P")(sp.Symbol("p_t") * (1 - sp.Symbol("p_t")) > 0)


class FixationTime(_Chain):
    """Mean number of fits until one symbol is left; function of (n, p)."""

    nargs = 2

    @staticmethod
    def numeric(n: Any, p: Any) -> Any:
        states = _states(n, p)
        return 1 + _average(_row(states, mp.mpf(p)), _times(states, mp.prec)[0])

    def definition(self) -> sp.Basic:
        """The mean in words of the chain."""
        return sp.Function("E")(sp.Symbol("T"))


class FixationSpread(_Chain):
    """Variance of the number of fits until one symbol is left; function of (n, p)."""

    nargs = 2

    @staticmethod
    def numeric(n: Any, p: Any) -> Any:
        states = _states(n, p)
        row = _row(states, mp.mpf(p))
        first, second = (_average(row, moment) for moment in _times(states, mp.prec))
        return second - first**2

    def definition(self) -> sp.Basic:
        """The variance in words of the chain."""
        return sp.Function("Var")(sp.Symbol("T"))


class Survival(NamedFunction):
    """g_t of (t): g_1 = 1 and g_{t+1} = 1 - exp(-g_t); behaves as 2/t."""

    nargs = 1

    def _eval_is_positive(self) -> bool:
        return True

    def _eval_is_real(self) -> bool:
        return True

    @staticmethod
    def numeric(t: Any) -> Any:
        value = mp.mpf(1)
        for _ in range(integer_argument("t", t, 1) - 1):
            value = -mp.expm1(-value)
        return value

    def definition(self) -> sp.Basic:
        """The recursion."""
        t = self.args[0]
        return sp.Eq(Survival(t + 1), 1 - sp.exp(-Survival(t)), evaluate=False)

    @classmethod
    def source(cls) -> str:
        return "survival of a Poisson branching process, Suresh et al. (2025)"
