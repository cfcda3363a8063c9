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
        sizes = tuple(setting.size(step) for step in steps)
        reals = tuple(setting.real_size(step) for step in steps)
        largest = sum(sizes) if self.family.workflow is Accumulate else max(sizes, default=0)
        if largest > LARGEST:
            raise InvalidInput(
                f"the chain is worked out for fits on at most {LARGEST} points, not {largest}"
            )
        with mp.workdps(digits + 10):
            starts = self.starts(setting)
            values_of = [self._expected(number(p), sizes, reals) for p in starts]
            return +mp.fdot(values_of, list(starts.values()))

    def _expected(self, p: Any, sizes: tuple[int, ...], reals: tuple[int, ...]) -> Any:
        if not sizes:
            return self.function(p)
        workflow, first = self.family.workflow, sizes[0] - reals[0]
        if workflow is Accumulate:
            later = _pooled(self.function, sizes, mp.prec)
            return mp.fdot(binomial(first, p), later)
        if workflow is FixedReal:
            # Whatever the real set shows stays in every fit.
            drawn = binomial(reals[0], p)
            after = [
                mp.fdot(
                    binomial(first, p),
                    _refitted(self.function, sizes, reals, None, held, mp.prec)[held:],
                )
                for held in range(len(drawn))
            ]
            return mp.fdot(drawn, after)
        fresh = p if any(reals) else None
        later = _refitted(self.function, sizes, reals, fresh, 0, mp.prec)
        mixed = binomial(reals[0], p)
        shown = binomial(first, p)
        return sum(
            (x * mp.fdot(shown, later[i : i + len(shown)]) for i, x in enumerate(mixed)), mp.mpf(0)
        )


@lru_cache(maxsize=512)
def _refitted(
    function: Function,
    sizes: tuple[int, ...],
    reals: tuple[int, ...],
    fresh: Any,
    held: int,
    prec: int,
) -> Row:
    """The expectation after the last fit, by the count that the first fit shows.

    Later fits have a batch beside fresh real points, of which the symbol has the share `fresh`, or
    beside real ones that stay, of which `held` are the symbol.
    """
    values = [function(mp.mpf(i) / sizes[-1]) for i in range(sizes[-1] + 1)]
    for step in range(len(sizes) - 1, 0, -1):
        batch, last = sizes[step] - reals[step], sizes[step - 1]
        mixed = binomial(reals[step], fresh) if fresh is not None else (mp.mpf(1),)
        smeared = [
            mp.fdot(mixed, values[i + held : i + held + len(mixed)]) for i in range(batch + 1)
        ]
        values = [mp.fdot(binomial(batch, mp.mpf(i) / last), smeared) for i in range(last + 1)]
    return values


@lru_cache(maxsize=512)
def _pooled(function: Function, sizes: tuple[int, ...], prec: int) -> Row:
    """The expectation after the last fit on all batches, by the count of the first."""
    pool = sum(sizes)
    values = [function(mp.mpf(i) / pool) for i in range(pool + 1)]
    for size in reversed(sizes[1:]):
        pool -= size
        values = [
            mp.fdot(binomial(size, mp.mpf(i) / pool), values[i : i + size + 1])
            for i in range(pool + 1)
        ]
    return values


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
