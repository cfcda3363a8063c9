"""What a derivation answers: a certified closed form, or why there is none, and the recursion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp

from theory.domain import as_number
from theory.errors import InvalidInput
from theory.evaluation import NamedRoot, evaluate
from theory.family import Family
from theory.linearsystem import LinearSystem
from theory.model import PARAMETERS
from theory.models.answer import System
from theory.recursion import run
from theory.solve import Solution
from theory.symbols import BY_NAME


@dataclass(frozen=True)
class Derived:
    """What closed forms and recursions have in common: a question and the step."""

    family: Family
    quantity: str
    system: System | None
    definitions: Mapping[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    condition: sp.Basic | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def free_letters(self) -> tuple[str, ...]:
        """Letters that `evaluate` needs; ``sigma_0`` is 1 unless it is given."""
        return tuple(name for name in (*self.family.letters, "t") if name not in self.defaults)

    @property
    def step(self) -> tuple[sp.Eq, ...]:
        """One generation, as equations of the expectations that it moves."""
        return () if self.system is None else tuple(self.system.equations())

    def bound(self, values: Mapping[str, Any]) -> dict[Any, Any]:
        """Meanings of the names at a point, for `theory.evaluation.evaluate`."""
        return _at(self.definitions, values)

    def recursion(self, **values: Any) -> Any:
        """The quantity at a point, by applying the step generation by generation.

        Returns
        -------
        Fraction or mpmath.mpf
            Exact where all coefficients are rational and ``t`` is at most 120.

        Raises
        ------
        InvalidInput
            If a letter is missing, unknown or outside its domain, or there is no recursion.
        """
        return self._recursion(self._point(values), 30)

    def _recursion(self, point: dict[str, Any], digits: int) -> Any:
        if self.system is None:
            raise InvalidInput(f"{self.quantity} has no recursion for {_spoken(self.family)}")
        if not self._finite(point):
            return mpmath.inf
        values = {name: value for name, value in point.items() if name != "t"}
        try:
            if not isinstance(self.system, LinearSystem):
                return self.system.run(values, point["t"], digits)
            return run(self.system, values, point["t"], digits, _at(self.definitions, values))
        except ZeroDivisionError:
            raise InvalidInput(f"the step is singular at {_shown(point)}") from None

    def _finite(self, point: Mapping[str, Any]) -> bool:
        if self.condition is None or point["t"] == 0:
            return True
        free = {s: sp.sympify(point[s.name]) for s in self.condition.free_symbols}
        return bool(self.condition.subs(free))

    def _point(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Complete and validated values: exact numbers by letter."""
        given = {**self.defaults, **values}
        known = (*self.family.letters, "t", *self.family.units)
        letters = BY_NAME if self.family.is_gaussian else {**BY_NAME, **PARAMETERS}
        schedule = isinstance(given.get("n"), tuple | list) and "n" not in self.family.letters
        for name in given:
            if name not in known and name not in letters and not (name == "n" and schedule):
                raise InvalidInput(
                    f"{name!r} is no letter of this derivation; it takes {', '.join(known)}"
                )
        missing = [name for name in known if name not in (*given, *self.family.units)]
        if missing:
            raise InvalidInput(f"{', '.join(missing)} has no value; it takes {', '.join(known)}")
        point: dict[str, Any] = dict.fromkeys(self.family.units, 1)
        for name in known:
            if name in given:
                point[name] = (
                    letters[name].domain.validate(name, given[name])
                    if name in letters
                    else as_number(name, given[name])
                )
        if schedule:
            point["n"] = tuple(int(x) for x in given["n"])
            return point
        if not self.family.sizes.has(sp.Function("n")):
            setting = self.family.at({k: v for k, v in point.items() if k != "t"})
            if setting.batch_size(1) < 0:
                raise InvalidInput(f"n = {point.get('n')} leaves no room for real points")
        return {k: Fraction(v) if isinstance(v, float) else v for k, v in point.items()}


@dataclass(frozen=True)
class Derivation(Derived):
    """A certified closed form.

    Attributes
    ----------
    closed_form
        Expectation of the quantity after ``t`` fits, for ``t >= valid_from``.
    form
        ``"power"``, ``"linear"``, ``"geometric"``, ``"digamma"``, ``"gamma"``, ``"eigenvalue"``,
        ``"matrix-power"``, ``"product"``, ``"sum"`` or ``"constant"``.
    definitions
        What the names in it stand for: roots and eigenvalues by their polynomial, ``kappa`` by its
        named function.
    rate
        From the step: factor per generation, or increment per generation where growth is linear.
    exponent
        psi where the step multiplies by ``1 - psi/k + O(1/k^2)``: decay like ``t**(-psi)``.
    limit, limit_reason
        The limit for ``t -> oo`` and why it is that; None where nothing is proved.
    certificate
        What was checked.
    """

    system: LinearSystem | None
    closed_form: sp.Expr = sp.Integer(0)
    form: str = ""
    solution: Solution | None = field(default=None, repr=False, compare=False)
    valid_from: int = 0
    at_zero: sp.Expr = sp.Integer(0)
    rate: sp.Expr | None = None
    exponent: sp.Expr | None = None
    limit: sp.Expr | None = None
    limit_reason: str = ""
    certificate: tuple[str, ...] = ()

    def evaluate(self, digits: int = 15, **values: Any) -> Any:
        """The value at a point, correct to `digits` digits.

        Examples
        --------
        >>> from theory.derivation import derive
        >>> from theory.vocabulary import Accumulate
        >>> drift = derive(Family(workflow=Accumulate), "squared_drift")
        >>> mpmath.nstr(drift.evaluate(n=10**9, t=10**6), 15)
        '1.64493306603699e-9'
        """
        point = self._point(values)
        if not self._finite(point):
            return mpmath.inf
        start = point["t"] == 0 and self.condition is not None
        if point["t"] < self.valid_from or start:
            return evaluate(self.at_zero, point, digits)
        direct = self.form == "matrix-power" or self.closed_form.has(sp.Function("n"))
        if not direct:
            try:
                return evaluate(self.closed_form, point, digits, _at(self.definitions, point))
            except (InvalidInput, ZeroDivisionError):
                # A removable singularity, such as a geometric sum at ratio 1.
                pass
        return _rounded(self._recursion(point, digits + 10), digits)

    def steps(self) -> list[str]:
        """The derivation, line by line."""
        meaning = self.family.trained.quantities[self.quantity]
        lines = [f"Quantity: E[{self.quantity}], {meaning}."]
        lines.append(f"Family: {_spoken(self.family)}.")
        if isinstance(self.system, LinearSystem):
            names = ", ".join(f"x_{i + 1} = {s}" for i, s in enumerate(self.system.states))
            units = (
                "per direction, in units of the truth"
                if self.family.is_gaussian
                else (f"in units of {self.system.factor}")
            )
            lines.append(f"State ({units}): {names}.")
            lines += [f"Step, k > {self.system.start}: {eq.lhs} = {eq.rhs}" for eq in self.step]
            start = ", ".join(str(x) for x in self.system.initial)
            lines.append(f"Start, t = {self.system.start}: {start}")
        lines.append(f"Closed form ({self.form}): {self.closed_form}")
        for name, meaning in self.definitions.items():
            lines.append(f"where {_meaning(name, meaning)}")
        if self.condition is not None:
            lines.append(f"Finite only if {self.condition}.")
        lines += [f"Certificate: {text}." for text in self.certificate]
        if self.rate is not None:
            lines.append(f"Rate of one generation: {self.rate}")
        if self.exponent is not None:
            lines.append(f"Power law: t**(-({self.exponent}))")
        if self.limit is not None:
            lines.append(f"Limit: {self.limit} ({self.limit_reason})")
        return lines

    def latex(self) -> str:
        """The closed form in LaTeX."""
        return str(sp.latex(self.closed_form))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return "\n".join(self.steps())


@dataclass(frozen=True)
class NoClosedForm(Derived):
    """No closed form was derived: why, and the recursion where there is one."""

    reason: str = ""

    def evaluate(self, digits: int = 15, **values: Any) -> Any:
        """The value at a point by recursion, to about `digits` digits.

        Raises
        ------
        InvalidInput
            If there is no recursion either.
        """
        return _rounded(self._recursion(self._point(values), digits + 10), digits)

    def steps(self) -> list[str]:
        """What is known, line by line."""
        lines = [f"No closed form of E[{self.quantity}]: {self.reason}."]
        lines += [f"Step: {eq.lhs} = {eq.rhs}" for eq in self.step]
        return lines

    def latex(self) -> str:
        """The step in LaTeX."""
        return r" \\ ".join(str(sp.latex(eq)) for eq in self.step)

    def __str__(self) -> str:
        return "\n".join(self.steps())


def _at(definitions: Mapping[Any, Any], values: Mapping[str, Any]) -> dict[Any, Any]:
    """Definitions with the letters put in exactly: ``(1 - f) n`` is then a whole number."""
    bound: dict[Any, Any] = {}
    for name, meaning in definitions.items():
        if isinstance(meaning, NamedRoot | sp.MatrixBase):
            bound[name] = meaning
            continue
        letters = {
            s: sp.Rational(Fraction(values[s.name]))
            for s in meaning.free_symbols
            if s.name in values and not isinstance(values[s.name], tuple)
        }
        bound[name] = meaning.subs(letters)
    return {key: x for key, x in bound.items() if not isinstance(x, sp.MatrixBase)}


def _rounded(value: Any, digits: int) -> Any:
    with mpmath.workdps(digits + 5):
        if isinstance(value, Fraction):
            return mpmath.mpf(value.numerator) / value.denominator
        return +mpmath.mpf(value)


def _meaning(name: Any, meaning: Any) -> str:
    if isinstance(meaning, NamedRoot):
        return f"{name} is root {meaning.index + 1} of {meaning.polynomial} in {meaning.variable}"
    return f"{name} = {meaning}"


def _spoken(family: Family) -> str:
    law = f" ({family.law})" if family.law else ""
    if not family.is_gaussian:
        return f"{family.trained.name}, {family.workflow.name}"
    return f"{family.workflow.name}, {family.selection.name}{law}, {family.fit}"


def _shown(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in point.items())
