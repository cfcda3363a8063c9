"""Frequencies of a symbol as a finite Markov chain: exact expectations of any function of them.

The number of times that a symbol is among the points of a fit moves on finitely many states (Wright
1931, Fisher 1930). A function is averaged backwards, from the last fit to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from mpmath import mp

from theory.domain import Number
from theory.errors import InvalidInput
from theory.family import Family
from theory.models.answer import setting_of
from theory.setting import Setting
from theory.step import NoMomentError
from theory.symbols import k
from theory.vocabulary import Accumulate, AccumulateSubsample, FixedReal

#: Most points of one fit for which the chain is worked out.
LARGEST = 128
WHY = "it is an expectation over the states of a finite chain, exact and without a closed form"

Row = Sequence[Any]
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class FiniteChain:
    """The expectation of ``sum f(p_t)`` over symbols, each a chain of its own.

    Attributes
    ----------
    family
        Whose model has the symbols.
    function, word
        f, of one frequency, and its name.
    starts
        The symbols' true probabilities in a setting, each with the number of symbols that have it.
    """

    family: Family
    function: Function
    word: str
    starts: Callable[[Setting], Mapping[Number, int]]

    def __post_init__(self) -> None:
        if self.family.workflow is AccumulateSubsample:
            raise NoMomentError("the fit sees a part of the pool, whose counts are no chain alone")

    def equations(self) -> tuple[sp.Basic, ...]:
        """The step of a symbol's count."""
        count, size = sp.Function("c"), self.family.sizes
        step = sp.Function("Binomial")(size, count(k - 1) / size)
        return (sp.Eq(count(k), step, evaluate=False),)

    def run(self, values: Mapping[str, Any], generation: int, digits: int) -> Any:
        """The expectation after so many fits."""
        setting = setting_of(self.family, values)
        steps = range(1, generation + 1)
        sizes = [setting.size(step) for step in steps]
        reals = [setting.real_size(step) for step in steps]
        largest = sum(sizes) if self.family.workflow is Accumulate else max(sizes, default=0)
        if largest > LARGEST:
            raise InvalidInput(
                f"the chain is worked out for fits on at most {LARGEST} points, not {largest}"
            )
        with mp.workdps(digits + 10):
            starts = self.starts(setting)
            values_of = [self._expected(number(p), sizes, reals) for p in starts]
            return +mp.fdot(values_of, list(starts.values()))

    def _expected(self, p: Any, sizes: list[int], reals: list[int]) -> Any:
        if not sizes:
            return self.function(p)
        if self.family.workflow is Accumulate:
            return self._accumulated(p, sizes)
        if self.family.workflow is FixedReal:
            drawn = binomial(reals[0], p)
            return mp.fdot(
                drawn, [self._refitted(p, sizes, None, i, reals) for i in range(len(drawn))]
            )
        return self._refitted(p, sizes, p, 0, reals)

    def _refitted(self, p: Any, sizes: list[int], fresh: Any, held: int, reals: list[int]) -> Any:
        """Fits on a batch beside fresh real points, or beside `held` real ones that stay."""
        last = sizes[-1]
        values = [self.function(mp.mpf(i) / last) for i in range(last + 1)]
        for step in range(len(sizes) - 1, -1, -1):
            size, real = sizes[step], reals[step]
            last = sizes[step - 1]
            before = [mp.mpf(i) / last for i in range(last + 1)] if step else [p]
            mixed = binomial(real, fresh) if fresh is not None and real else [mp.mpf(1)]
            smeared = [
                mp.fdot(mixed, values[i + held : i + held + len(mixed)])
                for i in range(size - real + 1)
            ]
            values = [mp.fdot(binomial(size - real, q), smeared) for q in before]
        return values[0]

    def _accumulated(self, p: Any, sizes: list[int]) -> Any:
        pool = sum(sizes)
        values = [self.function(mp.mpf(i) / pool) for i in range(pool + 1)]
        for size in reversed(sizes[1:]):
            pool -= size
            values = [
                mp.fdot(binomial(size, mp.mpf(i) / pool), values[i : i + size + 1])
                for i in range(pool + 1)
            ]
        return mp.fdot(binomial(sizes[0], p), values)


def number(value: Number) -> Any:
    """A number of the setting in the working precision."""
    exact = Fraction(value)
    return mp.mpf(exact.numerator) / exact.denominator


def indicator(
    system: FiniteChain | Any, values: Mapping[str, Any], setting: Setting, generation: int
) -> float:
    """Variance of a replicate that is 0 or 1."""
    share = float(system.run(values, generation, 20))
    return max(share * (1 - share), 0.0)


def binomial(size: int, p: Any) -> Row:
    """Probabilities of 0, ..., `size`."""
    return _binomial(size, p, mp.prec)


@lru_cache(maxsize=8192)
def _binomial(size: int, p: Any, prec: int) -> Row:
    other = 1 - p
    return tuple(mp.binomial(size, j) * p**j * other ** (size - j) for j in range(size + 1))


def survival(p: Any) -> Any:
    """Whether the symbol is left."""
    return mp.mpf(p > 0)


def coexistence(p: Any) -> Any:
    """Whether the symbol is left, and others too."""
    return mp.mpf(0 < p < 1)


def surprise(p: Any) -> Any:
    """-p log p."""
    return -p * mp.log(p) if p > 0 else mp.mpf(0)


def entropy(p: Any) -> Any:
    """Entropy of an event."""
    return surprise(p) + surprise(1 - p)
