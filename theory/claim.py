"""Claims: data only. What a paper states, over which domain, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sympy as sp

from theory import parts
from theory.domain import Domain, Number
from theory.errors import ClaimError
from theory.family import Family
from theory.forms import EXPRESSIONS, Form, check_form, check_symbols, form_of
from theory.model import own
from theory.reference import Reference

__all__ = ["Claim", "Reference", "Relation", "Sampler"]

Relation = Literal["=", "<=", ">="]
Sampler = Callable[..., Any]

# Relations are sent to another process, and kept, as they were written.
_RELATIONS = ("holds", "where", "certificate")


@dataclass(frozen=True)
class Claim:
    """A machine-checkable statement, in exactly one of five forms.

    Parameters
    ----------
    id, statement
        A name without blanks, and the statement in a sentence.
    over
        A `theory.domain.Domain` for every free symbol, keyed by the symbol or its name.
    family, quantity, equals
        First form: the expectation of `quantity` (a name of the model's quantities, see
        ``theory.model``) after ``t`` generations of any member of `family` equals the expression
        `equals`.
    mean, variance, draw
        Second form: the replicates that ``draw(rng, size, **values)`` returns have this mean and
        this variance. Built-in claims keep their samplers in ``numerics.samplers`` and leave
        `draw` out.
    draw, draw_other
        Third form: two samplers that draw from one law, discrete or continuous. A built-in claim
        leaves both out and says ``same_law=True``.
    exponent, order, along
        Fourth form: what happens along a ladder, ``along=(t, (4, 16, 64))``, at whose rungs the
        mean of `draw` (of `quantity` of `family`) is compared. With `exponent` E T_t falls like
        t**-exponent, and `slack` bounds ``|log(a_N/a_t)|``, a_t = t**exponent E T_t, for every
        N > t. With `order` E T_t = `mean` (`equals`) + O(t**-order). `variance` bounds that of a
        replicate at every rung.
    holds
        Fifth form: a SymPy relation, or several, true for all values; decided by algebra only.
        Write it with ``evaluate=False``: SymPy must not have decided it already.
    relation
        ``"="``; ``"<="``: the expectation is at most `equals` (`mean`); ``">="``.
    where
        Constraints between symbols, such as ``n > d``.
    scale
        What an error is measured against; by default the root mean square of one replicate, and
        the exponent itself.
    slack
        A proved bound for the remainder of an asymptotic statement.
    bounds
        Two expressions between which every replicate lies.
    cdf
        ``cdf(x, **values)``: distribution function of one replicate, if the claim is of a law.
    log_mellin
        ``log_mellin(s, **values)``: log E X**s of one positive replicate.
    certificate
        Relations that algebra has to prove besides what simulation shows of `mean`; what holds
        almost surely follows from them, see `theory.vanishing`.
    control
        Identifier of the claim that certifies the mean of the control variate in use.
    null
        What "nothing happens" would predict; a verdict says whether it could tell.
    rivals
        Named expressions that a careful reader would like to see excluded.
    limit
        ``(symbol, point)``: the statement is about the limit of the quantity there.
    known_false
        Why the statement is false; it is then expected to be refuted.
    reference, title
        Where it stands, and a short name.
    entry
        Its name in the catalogue, such as ``"A1"``.

    Raises
    ------
    ClaimError
        If a symbol is undeclared, two forms are given, a name cannot be an argument, a field is of
        the wrong kind, or a relation of `holds` or `where` is a plain True or False, which would
        be a proof of nothing.

    Examples
    --------
    >>> from theory.domain import integers
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> Claim(id="mine.step", statement="E s^2 = 1 - 1/n", mean=1 - 1/n, variance=2*(n - 1)/n**2,
    ...       draw=lambda rng, size, n: rng.chisquare(n - 1, size) / n,
    ...       over={n: integers(2, 200)}).form
    'sampler'
    """

    id: str
    statement: str
    over: Mapping[Any, Domain] = field(default_factory=dict)
    family: Family | None = None
    quantity: str | None = None
    equals: sp.Expr | None = None
    mean: sp.Expr | None = None
    variance: sp.Expr | None = None
    draw: Sampler | None = None
    draw_other: Sampler | None = None
    same_law: bool = False
    holds: sp.Basic | tuple[sp.Basic, ...] | None = None
    relation: Relation = "="
    where: tuple[sp.Basic, ...] = ()
    scale: sp.Expr | None = None
    slack: sp.Expr | None = None
    bounds: tuple[Any, Any] | None = None
    exponent: sp.Expr | None = None
    order: sp.Expr | None = None
    along: tuple[sp.Symbol, tuple[int, ...]] | None = None
    certificate: sp.Basic | tuple[sp.Basic, ...] | None = None
    cdf: Callable[..., Any] | None = None
    log_mellin: Callable[..., Any] | None = None
    control: str | None = None
    null: sp.Expr | None = None
    rivals: Mapping[str, sp.Expr] = field(default_factory=dict)
    limit: tuple[sp.Symbol, Any] | None = None
    known_false: str | None = None
    reference: Reference | None = None
    title: str | None = None
    entry: str | None = None

    def __post_init__(self) -> None:
        self._check_identity()
        over = parts.mapping(self.id, "over", self.over)
        over = {parts.argument(self.id, symbol): domain for symbol, domain in over.items()}
        for name, domain in over.items():
            if not isinstance(domain, Domain):
                raise ClaimError(f"{self.id}: the domain of {name} is {domain!r}, not a Domain")
        given = parts.mapping(self.id, "rivals", self.rivals)
        rivals = {name: parts.expression(self.id, x) for name, x in given.items()}
        changed: dict[str, Any] = {"over": over, "rivals": rivals}
        for word in EXPRESSIONS:
            value = getattr(self, word)
            changed[word] = None if value is None else parts.expression(self.id, value)
        changed["where"] = parts.relations(self.id, "where", self.where)
        for word in ("holds", "certificate"):
            if getattr(self, word) is not None:
                changed[word] = parts.relations(self.id, word, getattr(self, word))
        if self.bounds is not None:
            low, high = parts.pair(self.id, "bounds", self.bounds)
            changed["bounds"] = (parts.expression(self.id, low), parts.expression(self.id, high))
        if self.limit is not None:
            symbol, point = parts.pair(self.id, "limit", self.limit)
            changed["limit"] = (parts.symbol(self.id, symbol), parts.expression(self.id, point))
        if self.along is not None:
            changed["along"] = parts.ladder(self.id, self.along)
        for word in ("draw", "draw_other", "cdf", "log_mellin"):
            parts.function(self.id, word, getattr(self, word))
        if self.family is not None and not isinstance(self.family, Family):
            raise ClaimError(f"{self.id}: family = {self.family!r} is not a Family")
        for word, value in changed.items():
            object.__setattr__(self, word, value)
        if self.family is not None and not self.family.is_gaussian:
            self._speak_of_the_model()
        check_form(self)
        if self.family is not None:
            object.__setattr__(self, "family", self.family.resolved(set(over)))
        check_symbols(self)

    def _speak_of_the_model(self) -> None:
        """In a family with a model of its own, a symbol named like its parameter is that one."""
        for word in EXPRESSIONS:
            value = getattr(self, word)
            object.__setattr__(self, word, None if value is None else own(value))
        rivals = {name: own(value) for name, value in self.rivals.items()}
        object.__setattr__(self, "rivals", rivals)

    def __getstate__(self) -> dict[str, Any]:
        """The fields, relations taken apart: SymPy decides a relation that it puts together."""
        state = dict(self.__dict__)
        for word in _RELATIONS:
            relations = state[word]
            if relations is not None:
                state[word] = tuple(parts.apart(each) for each in relations)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for word in _RELATIONS:
            relations = state[word]
            if relations is not None:
                state[word] = tuple(parts.together(each) for each in relations)
        self.__dict__.update(state)

    def _check_identity(self) -> None:
        if not isinstance(self.id, str) or not self.id or any(c.isspace() for c in self.id):
            raise ClaimError(f"a claim's id must be a name without blanks, not {self.id!r}")
        if not self.statement:
            raise ClaimError(f"{self.id}: a claim needs a statement")
        if self.relation not in ("=", "<=", ">="):
            raise ClaimError(f"{self.id}: relation = {self.relation!r} is not '=', '<=' or '>='")

    @property
    def form(self) -> Form:
        """Which of the five forms the claim takes."""
        return form_of(self)

    @property
    def expectation(self) -> sp.Expr | None:
        """The claimed expectation, `equals` or `mean`; of a trend its exponent or its order."""
        if self.form == "trend":
            return self.order if self.exponent is None else self.exponent
        return self.equals if self.form == "family" else self.mean

    @property
    def exact(self) -> bool:
        """Whether the claim states an equality that holds at every point of its domain."""
        return (
            self.relation == "="
            and not self.slack
            and not self.limit
            and self.along is None
            and self.known_false is None
        )

    def admits(self, values: Mapping[str, Number]) -> bool:
        """Whether the point lies in the domain and meets the constraints.

        Examples
        --------
        >>> from theory.domain import integers
        >>> n, d = sp.symbols("n d")
        >>> claim = Claim("mine", "n > d", over={n: integers(1, 9), d: integers(1, 9)},
        ...               holds=n > d, where=(n > d,))
        >>> claim.admits({"n": 3, "d": 2}), claim.admits({"n": 2, "d": 3})
        (True, False)
        """
        if set(self.over) - set(values):
            return False
        if not all(domain.admits(values[name], values) for name, domain in self.over.items()):
            return False
        numbers = {s: values[s.name] for each in self.where for s in each.free_symbols}
        return all(bool(each.subs(numbers)) for each in self.where)

    def with_expectation(self, expression: sp.Expr, name: str) -> Claim:
        """The same claim with another expectation: a rival of it."""
        word = {"family": "equals", "trend": "order" if self.exponent is None else "exponent"}.get(
            self.form, "mean"
        )
        changes: dict[str, Any] = {
            word: expression,
            "id": f"{self.id}~{name.replace(' ', '_')}",
            "known_false": None,
        }
        return replace(self, **changes)
