"""The models that a setting can train besides the Gaussian.

A model is named here, derived in ``theory.models`` and drawn in ``numerics.models``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal, Self

import sympy as sp

from theory.domain import Number, as_number
from theory.errors import InvalidInput
from theory.modelbase import (
    GAUSSIAN,
    PARAMETERS,
    Gaussian,
    Model,
    check_quantity,
    check_words,
    exactly,
    number,
    own,
    read,
    shown,
)

_DRIFT = "squared distance of the model's parameter from the true one"
_VARIANCE = "variance of the fitted law"


@dataclass(frozen=True)
class Bernoulli(Model):
    """An event of probability `probability`, fitted by its frequency (Wright and Fisher's chain).

    Examples
    --------
    >>> Bernoulli(0.3).probability
    0.3
    """

    probability: Any = Fraction(1, 2)
    name: ClassVar[str] = "bernoulli"
    letters: ClassVar[Mapping[str, str]] = {"probability": "p"}
    quantities: ClassVar[Mapping[str, str]] = {
        "variance": "p_t (1 - p_t), the variance of the fitted law",
        "mean": "the fitted probability p_t",
        "squared_drift": "(p_t - p)^2",
        "entropy": "entropy of the fitted law, in nats",
        "survival": "1 if p_t > 0, else 0: its expectation is a probability",
        "coexistence": "1 if 0 < p_t < 1, else 0: its expectation is a probability",
    }


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


@dataclass(frozen=True)
class Poisson(Model):
    """A Poisson law, fitted by its mean.

    Examples
    --------
    >>> Poisson(0)
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: rate = 0 is not a real in (0, inf]
    """

    rate: Any = 1
    name: ClassVar[str] = "poisson"
    letters: ClassVar[Mapping[str, str]] = {"rate": "rate"}
    quantities: ClassVar[Mapping[str, str]] = {
        "variance": f"{_VARIANCE}, which is its mean",
        "mean": "the fitted mean",
        "squared_drift": _DRIFT,
        "survival": "1 if the fitted mean is positive, else 0: its expectation is a probability",
    }


@dataclass(frozen=True)
class NegativeBinomial(Model):
    """A negative binomial law of known shape, fitted by its mean: Poisson with a Gamma mean."""

    rate: Any = 1
    shape: Any = 1
    name: ClassVar[str] = "negative-binomial"
    letters: ClassVar[Mapping[str, str]] = {"rate": "rate", "shape": "shape"}
    quantities: ClassVar[Mapping[str, str]] = {
        "variance": f"{_VARIANCE}, m + m^2/shape for the mean m",
        "mean": "the fitted mean",
        "squared_drift": _DRIFT,
    }


@dataclass(frozen=True)
class Exponential(Model):
    """An exponential law of mean `scale`, fitted by its mean."""

    scale: Any = 1
    name: ClassVar[str] = "exponential"
    letters: ClassVar[Mapping[str, str]] = {"scale": "scale"}
    quantities: ClassVar[Mapping[str, str]] = {
        "variance": f"{_VARIANCE}, the square of its mean",
        "variance_squared": "square of the variance of the fitted law",
        "log_variance": "logarithm of the variance of the fitted law",
        "mean": "the fitted mean",
        "squared_drift": _DRIFT,
        "squared_w2": "squared 2-Wasserstein distance of the model from the true law",
        "kl_model_to_start": "Kullback-Leibler divergence KL(model || true law)",
        "kl_start_to_model": "Kullback-Leibler divergence KL(true law || model)",
    }


Design = Literal["fresh", "fixed"]


@dataclass(frozen=True)
class LinearRegression(Model):
    """Labels y = x'w + noise, inputs standard normal in `dimension` dimensions, least squares.

    The last fit answers for the next inputs, with noise of the same size; real points carry the
    answers of the true w.

    Parameters
    ----------
    noise
        Standard deviation of a label's noise.
    design
        ``"fresh"``: every batch has inputs of its own. ``"fixed"``: every batch has those of the
        first one (Replace and Accumulate, with one sample size).

    Examples
    --------
    >>> LinearRegression(design="none")
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: design = 'none' is not one of fresh, fixed
    """

    noise: Any = 1
    design: Design = "fresh"
    name: ClassVar[str] = "linear-regression"
    letters: ClassVar[Mapping[str, str]] = {"noise": "noise"}
    takes: ClassVar[frozenset[str]] = frozenset(("dimension",))
    quantities: ClassVar[Mapping[str, str]] = {
        "test_error": "squared error of the answers on new inputs, the noise left out",
        "squared_drift": "squared distance of the coefficients from the true ones",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.design not in ("fresh", "fixed"):
            raise InvalidInput(f"design = {self.design!r} is not one of fresh, fixed")

    @classmethod
    def any(cls) -> Self:
        """Noise of any size, fresh inputs."""
        return cls(noise=PARAMETERS["noise"].symbol)

    def check(self, setting: Any, step: int) -> None:
        size = setting.size(step)
        if size < setting.dimension:
            raise InvalidInput(
                f"least squares needs sample_size >= dimension, not {size} and {setting.dimension}"
            )
        once = setting.workflow.name in ("replace", "accumulate") and isinstance(
            setting.sample_size, int
        )
        if self.design == "fixed" and not once:
            raise InvalidInput(
                "design = 'fixed' uses the inputs of the first batch again: it goes with replace "
                "or accumulate and with one sample_size"
            )


MODELS: dict[str, type[Model]] = {
    kind.name: kind
    for kind in (
        Gaussian,
        Bernoulli,
        Categorical,
        Poisson,
        NegativeBinomial,
        Exponential,
        LinearRegression,
    )
}
#: Every quantity of any model.
ALL_QUANTITIES: tuple[str, ...] = tuple(
    dict.fromkeys(name for kind in MODELS.values() for name in kind.quantities)
)


__all__ = [
    "ALL_QUANTITIES",
    "GAUSSIAN",
    "MODELS",
    "PARAMETERS",
    "Bernoulli",
    "Categorical",
    "Exponential",
    "Gaussian",
    "LinearRegression",
    "Model",
    "NegativeBinomial",
    "Poisson",
    "check_quantity",
    "check_words",
    "own",
    "shown",
]
