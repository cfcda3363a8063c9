"""The categorical law: a finite alphabet, each symbol with its probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

import sympy as sp

from theory.domain import Number, as_number
from theory.errors import InvalidInput
from theory.modelbase import PARAMETERS, Model, exactly, number, read


@dataclass(frozen=True)
class Categorical(Model):
    """A law on symbols, fitted by their frequencies.

    Parameters
    ----------
    probabilities
        One for each symbol; they add up to 1.
    symbols, zipf
        Instead: so many symbols, the i-th with probability in proportion to ``i**-zipf`` (all
        alike for 0, the default).

    Examples
    --------
    >>> Categorical(symbols=4).law
    (Fraction(1, 4), Fraction(1, 4), Fraction(1, 4), Fraction(1, 4))
    >>> Categorical((0.5, 0.4))
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: probabilities = 0.5, 0.4 add up to 9/10, not to 1
    """

    probabilities: Any = None
    symbols: Any = None
    zipf: Any = 0
    name: ClassVar[str] = "categorical"
    quantities: ClassVar[Mapping[str, str]] = {
        "heterozygosity": "chance that two symbols drawn from the fitted law differ",
        "variance": "trace of the covariance of the fitted one-hot law: the heterozygosity",
        "squared_drift": "sum over the symbols of (p_t - p)^2",
        "entropy": "entropy of the fitted law, in nats",
        "surviving_symbols": "number of symbols of positive probability",
    }

    def __post_init__(self) -> None:
        if (self.probabilities is None) == (self.symbols is None):
            raise InvalidInput(
                "a categorical model takes exactly one of probabilities and symbols, "
                f"not {self.probabilities} and {self.symbols}"
            )
        if self.probabilities is None:
            for word in ("symbols", "zipf"):
                object.__setattr__(self, word, read(word, getattr(self, word)))
            return
        if isinstance(self.probabilities, str) or not hasattr(self.probabilities, "__iter__"):
            raise InvalidInput(f"probabilities = {self.probabilities!r} is no list of numbers")
        if self.zipf != 0:
            raise InvalidInput("zipf goes with symbols; probabilities say everything already")
        given = tuple(self.probabilities)
        law = tuple(exactly(x) if isinstance(x, float) else read("p", x) for x in given)
        written = ", ".join(map(str, given))
        symbolic = any(isinstance(x, sp.Expr) for x in law)
        total = sum(law, sp.Integer(0)) if symbolic else sum(Fraction(x) for x in law)
        for each in law:
            if not isinstance(each, sp.Expr) and not 0 <= each <= 1:
                raise InvalidInput(f"probabilities = {written} holds {each}, not in [0, 1]")
        # Thirds as floats add up to 1 but for rounding.
        wrong = sp.simplify(total - 1) != 0 if symbolic else abs(total - 1) > Fraction(1, 10**12)
        if wrong or not law:
            raise InvalidInput(f"probabilities = {written} add up to {total}, not to 1")
        if not symbolic:
            law = tuple(as_number("p", Fraction(x) / total) for x in law)
        object.__setattr__(self, "probabilities", law)

    @classmethod
    def any(cls) -> Self:
        """So many symbols, all alike."""
        return cls(symbols=PARAMETERS["symbols"].symbol)

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        parts = (self.symbols, self.zipf, *(self.probabilities or ()))
        return set().union(*(x.free_symbols for x in parts if isinstance(x, sp.Expr)))

    def general(self) -> tuple[Self, dict[str, Number]]:
        return self, {}

    def at(self, values: Mapping[str, Any]) -> Self:
        def put(x: Any) -> Any:
            if isinstance(x, tuple):
                return tuple(number(y, values) if isinstance(y, sp.Expr) else y for y in x)
            return number(x, values) if isinstance(x, sp.Expr) else x

        return self._mapped(put)

    @property
    def law(self) -> tuple[Number, ...]:
        """The probabilities of all symbols; exact where they are rational."""
        if self.probabilities is not None:
            return tuple(self.probabilities)
        ranks = range(1, int(self.symbols) + 1)
        if self.zipf == int(self.zipf):
            shares = [Fraction(1, i ** int(self.zipf)) for i in ranks]
            return tuple(share / sum(shares) for share in shares)
        weights = [i ** -float(self.zipf) for i in ranks]
        return tuple(weight / sum(weights) for weight in weights)
