"""The fields of a claim as a user writes them: read into one form, or refused in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from theory.errors import ClaimError
from theory.symbols import canonical

LEAST_RUNGS, LEAST_SPAN = 3, 8
_PROOF = (
    "nothing is left to prove; write sp.Eq(left, right, evaluate=False), and sp.Le, "
    "sp.Lt, sp.Ge, sp.Gt or sp.Ne likewise"
)
_AS_IS = {
    "holds": _PROOF,
    "certificate": _PROOF,
    "where": "it constrains nothing; write sp.Eq(left, right, evaluate=False), and sp.Lt and its "
    "kin likewise, or leave it out",
}


def argument(claim: str, symbol: Any) -> str:
    """The name of a symbol, by which `draw` gets its value."""
    name = str(symbol)
    if not name.isidentifier():
        raise ClaimError(f"{claim}: {name!r} cannot be an argument of draw; rename it")
    if name in ("rng", "size"):
        raise ClaimError(f"{claim}: draw gets something else as {name}; rename the symbol")
    return name


def _read(claim: str, value: Any) -> Any:
    if isinstance(value, str):
        # SymPy would run the text as a program.
        raise ClaimError(f"{claim}: write {value!r} as a SymPy expression, not as text")
    try:
        return canonical(sp.sympify(value))
    except (sp.SympifyError, TypeError, AttributeError):
        raise ClaimError(f"{claim}: {value!r} is not a SymPy expression") from None


def expression(claim: str, value: Any) -> sp.Expr:
    """A number or an expression, in the alphabet's own symbols.

    Examples
    --------
    >>> expression("mine", 2), expression("mine", sp.Symbol("n") + 1)
    (2, n + 1)
    """
    found = _read(claim, value)
    if not isinstance(found, sp.Expr) or getattr(found, "is_Matrix", False):
        raise ClaimError(
            f"{claim}: {value} is a {type(found).__name__}, not an expression with one number for "
            "a value"
        )
    return found


def relations(claim: str, word: str, given: Any) -> tuple[sp.Basic, ...]:
    """Relations as they were written; one that is already decided says nothing any more.

    Examples
    --------
    >>> n = sp.Symbol("n", positive=True)
    >>> relations("mine", "holds", n > 1)
    (n > 1,)
    >>> relations("mine", "holds", n > -1)
    Traceback (most recent call last):
    ...
    theory.errors.ClaimError: mine: holds is a plain True: Python or SymPy decided it while it ...
    """
    several = given if isinstance(given, tuple | list) else (given,)
    found = tuple(_read(claim, each) for each in several)
    for each in found:
        if each in (sp.true, sp.false):
            raise ClaimError(
                f"{claim}: {word} is a plain {each}: Python or SymPy decided it while it was "
                f"written, so {_AS_IS[word]}"
            )
    return found


def pair(claim: str, word: str, given: Any) -> tuple[Any, Any]:
    """Two values."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ClaimError(f"{claim}: {word} = {given!r} is not accepted; accepted: a pair")
    return given[0], given[1]


def ladder(claim: str, given: Any) -> tuple[sp.Symbol, tuple[int, ...]]:
    """A symbol and the integers that it climbs.

    Examples
    --------
    >>> ladder("mine", (sp.Symbol("t"), [4, 16, 64]))
    (t, (4, 16, 64))
    """
    letter, given_rungs = pair(claim, "along", given)
    try:
        rungs = tuple(int(n) for n in given_rungs)
        whole = rungs == tuple(given_rungs)
    except (TypeError, ValueError):
        rungs, whole = (), False
    if not (
        whole
        and len(rungs) >= LEAST_RUNGS
        and list(rungs) == sorted(set(rungs))
        and rungs[0] >= 1
        and rungs[-1] >= LEAST_SPAN * rungs[0]
    ):
        raise ClaimError(
            f"{claim}: along = {given!r} is not accepted; accepted: a symbol and {LEAST_RUNGS} or "
            f"more increasing integers from 1 on, the last at least {LEAST_SPAN} times the first"
        )
    argument(claim, letter)
    return symbol(claim, letter), rungs


def symbol(claim: str, given: Any) -> sp.Symbol:
    """A symbol, the alphabet's own if it bears a name of the alphabet."""
    if not isinstance(given, sp.Symbol):
        raise ClaimError(f"{claim}: {given!r} is not a symbol")
    return canonical(given)


def mapping(claim: str, word: str, given: Any) -> dict[Any, Any]:
    """A mapping as a dictionary of its own."""
    if not isinstance(given, Mapping):
        raise ClaimError(f"{claim}: {word} is a {type(given).__name__}, not a mapping")
    return dict(given)


def function(claim: str, word: str, given: Any) -> None:
    """Raise unless `given` is left out or can be called."""
    if given is not None and not callable(given):
        raise ClaimError(f"{claim}: {word} = {given!r} is not a function")


def apart(relation: Any) -> Any:
    """A relation as a tuple of its parts, anything else as it is."""
    return (relation.func, *relation.args) if isinstance(relation, Relational) else relation


def together(taken: Any) -> Any:
    """What `apart` took apart, as it was written.

    Examples
    --------
    >>> together(apart(sp.Gt(2, 1, evaluate=False)))
    2 > 1
    """
    return taken[0](*taken[1:], evaluate=False) if isinstance(taken, tuple) else taken
