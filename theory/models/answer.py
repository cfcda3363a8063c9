"""What the derivation of a model answers: the step of a quantity, and what bounds a replicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import sympy as sp

from theory.family import Family
from theory.linearsystem import LinearSystem
from theory.setting import Setting
from theory.symbols import n

#: Two expressions between which it lies.
Bounds = tuple[sp.Expr, sp.Expr]


class Iterated(Protocol):
    """An exact recursion that is not linear in a fixed number of expectations."""

    def equations(self) -> Sequence[sp.Basic]:
        """One generation, in symbols."""

    def run(self, values: Mapping[str, Any], generation: int, digits: int) -> Any:
        """The quantity after so many fits, to about so many digits."""


System = LinearSystem | Iterated
Spread = Callable[[Mapping[str, Any], Setting, int], float | None]


@dataclass(frozen=True)
class Answer:
    """The step of a quantity's expectation, and what else the judge has to know.

    Attributes
    ----------
    system
        The step of the expectation.
    why
        Why there is no closed form, where the step is an `Iterated` one.
    variance
        Variance of a replicate from the numbers by letter, the setting with these numbers, and the
        generation; None where it is infinite, or nothing is derived.
    condition
        Where the expectation is finite; None for everywhere.
    bounds
        Between which values every replicate lies; None where it is unbounded.
    """

    system: System
    why: str = ""
    variance: Spread = lambda values, setting, generation: None
    condition: sp.Basic | None = None
    bounds: Bounds | None = None


def setting_of(family: Family, values: Mapping[str, Any]) -> Setting:
    """The member of the family with these numbers, which may hold a schedule of sizes.

    Examples
    --------
    >>> from theory.model import Poisson
    >>> setting_of(Family(model=Poisson), {"n": 9, "rate": 2}).model
    Poisson(rate=2)
    """
    sizes = values.get("n")
    if not isinstance(sizes, tuple):
        return family.at(values)
    plain = replace(family, sizes=n).at({**values, "n": max(sizes)})
    return replace(plain, sample_size=sizes)


class Rules(Protocol):
    """How a model is derived: a function of the family and the name of a quantity."""

    def __call__(self, family: Family, quantity: str) -> Answer:
        """Derive the step.

        Raises
        ------
        theory.step.NoMomentError
            With the reason, where the step does not close.
        """
