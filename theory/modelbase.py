"""What every model has: parameters, letters for them, quantities by name; and the Gaussian.

The parameters are those of the true law; a `theory.setting.Setting` has numbers for them, and a
`theory.family.Family` letters or expressions in letters. The other models are in `theory.model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from fractions import Fraction
from typing import Any, ClassVar, Self

import sympy as sp

from theory.domain import Number, as_number, integers, reals
from theory.errors import InvalidInput
from theory.symbols import BY_NAME, Letter

_POSITIVE = reals(0, open_low=True)

#: Letters of the models' parameters. They mean this in a family with such a model alone: elsewhere
#: a symbol of the same name is the user's own.
PARAMETERS: dict[str, Letter] = {
    name: Letter(
        sp.Symbol(name, positive=True, integer=domain.kind == "integers" or None),
        word,
        meaning,
        domain,
        typical,
    )
    for name, word, meaning, domain, typical in (
        ("p", "probability", "probability of the event", reals(0, 1), (0.05, 0.95)),
        ("rate", "rate", "mean of a Poisson or negative binomial law", _POSITIVE, (0.25, 4)),
        ("shape", "shape", "shape of a negative binomial law", _POSITIVE, (1, 8)),
        ("scale", "scale", "mean of an exponential law", _POSITIVE, (0.25, 4)),
        ("symbols", "symbols", "number of symbols of a categorical law", integers(1), (2, 8)),
        (
            "zipf",
            "zipf",
            "exponent: symbol i has probability in proportion to i^-zipf",
            reals(0),
            (0, 2),
        ),
        ("noise", "noise", "standard deviation of a label's noise", _POSITIVE, (0.25, 4)),
    )
}


def exactly(value: Number) -> Number:
    """What was written: 0.1 is a tenth."""
    return as_number("value", Fraction(str(value))) if isinstance(value, float) else value


@dataclass(frozen=True)
class Model:
    """What is fitted in every generation.

    Attributes
    ----------
    name
        The name on the command line.
    quantities
        What is followed through the generations, and what it means; the first is the default.
    takes
        Words of a `theory.setting.Setting` that speak of this model, besides workflow and sizes.
    """

    name: ClassVar[str]
    quantities: ClassVar[Mapping[str, str]]
    takes: ClassVar[frozenset[str]] = frozenset()
    #: Letter of each parameter, by the parameter's word.
    letters: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        for word, name in self.letters.items():
            object.__setattr__(self, word, read(name, getattr(self, word)))

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """Letters in the parameters: none in a setting."""
        values = (getattr(self, item.name) for item in fields(self))
        return set().union(*(x.free_symbols for x in values if isinstance(x, sp.Expr)))

    @classmethod
    def any(cls) -> Self:
        """The model whose parameters are their own letters."""
        return cls(**{word: PARAMETERS[name].symbol for word, name in cls.letters.items()})

    def at(self, values: Mapping[str, Any]) -> Self:
        """The model with numbers for its letters."""
        return self._mapped(lambda x: number(x, values) if isinstance(x, sp.Expr) else x)

    def general(self) -> tuple[Self, dict[str, Number]]:
        """The model with its letters for numbers, and the numbers by letter."""
        numbers = {name: getattr(self, word) for word, name in self.letters.items()}
        symbols = {word: PARAMETERS[name].symbol for word, name in self.letters.items()}
        return replace(self, **symbols), numbers

    def _mapped(self, function: Callable[[Any], Any]) -> Self:
        return replace(self, **{x.name: function(getattr(self, x.name)) for x in fields(self)})

    def check(self, setting: Any, step: int) -> None:
        """Raise `InvalidInput` if a setting's generation `step` is not well defined."""


def read(name: str, value: Any) -> Any:
    """A parameter: a number of its domain, or an expression in letters."""
    if isinstance(value, sp.Expr) and not value.is_number:
        return own(value)
    return PARAMETERS[name].domain.validate(PARAMETERS[name].word, value)


def number(value: sp.Expr, values: Mapping[str, Any]) -> Number:
    letters = {s: sp.sympify(exactly(values[s.name])) for s in value.free_symbols}
    return as_number(str(value), value.subs(letters))


def own(expression: sp.Basic) -> Any:
    """Replace every symbol that bears the name of a model's parameter by that parameter's.

    Examples
    --------
    >>> own(sp.Symbol("rate")) == PARAMETERS["rate"].symbol
    True
    """
    found = {
        s: PARAMETERS[s.name].symbol if s.name in PARAMETERS else BY_NAME[s.name].symbol
        for s in expression.free_symbols
        if isinstance(s, sp.Symbol) and (s.name in PARAMETERS or s.name in BY_NAME)
    }
    return expression.xreplace(found) if found else expression


@dataclass(frozen=True)
class Gaussian(Model):
    """A normal law, whose mean and covariance are fitted; its parameters are the setting's own."""

    name: ClassVar[str] = "gaussian"
    quantities: ClassVar[Mapping[str, str]] = {
        "variance": "trace of the model's covariance",
        "variance_squared": "square of the trace of the model's covariance",
        "log_variance": "logarithm of the trace of the model's covariance",
        "log_det": "logarithm of the determinant of the model's covariance",
        "squared_drift": "squared distance of the model's mean from the true mean",
        "squared_w2": "squared 2-Wasserstein distance of the model from the true law",
        "kl_model_to_start": "Kullback-Leibler divergence KL(model || true law)",
        "kl_start_to_model": "Kullback-Leibler divergence KL(true law || model)",
        "tail_mass": "the model's mass beyond a quantile of the true law, first coordinate",
    }
    takes: ClassVar[frozenset[str]] = frozenset(
        (
            "selection",
            "fit",
            "dimension",
            "temperature",
            "first_batch",
            "ridge",
            "sigma_0",
            "covariance",
            "filter_real",
        )
    )


GAUSSIAN = Gaussian()


def check_quantity(model: Model, quantity: str) -> str:
    """Return the name of a quantity of a model, or raise one clear line.

    Examples
    --------
    >>> check_quantity(GAUSSIAN, "log_odds")
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: no quantity 'log_odds'; there are variance, variance_squared, ...
    """
    if quantity not in model.quantities:
        who = "" if model == GAUSSIAN else f"{model.name} has "
        told = "it has" if who else "there are"
        raise InvalidInput(f"{who}no quantity {quantity!r}; {told} {', '.join(model.quantities)}")
    return quantity


def check_words(item: Any, model: Model) -> None:
    """Raise `InvalidInput` if a setting or family has a word that its model knows nothing of."""
    if model == GAUSSIAN:
        return
    for each in fields(item):
        if each.name not in Gaussian.takes or each.name in model.takes:
            continue
        value, default = getattr(item, each.name), each.default
        if default is not MISSING and value != default:
            shown = getattr(value, "name", value)
            raise InvalidInput(
                f"{model.name} takes no {each.name}, which is a word of the Gaussian model; "
                f"leave {shown} out"
            )


def shown(item: Any) -> str:
    """A setting or family as it is written; the Gaussian model goes without saying."""
    parts = [
        f"{each.name}={getattr(item, each.name)!r}"
        for each in fields(item)
        if each.name != "model" or item.model != GAUSSIAN
    ]
    return f"{type(item).__name__}({', '.join(parts)})"
