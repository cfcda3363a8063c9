"""The models that a setting can train besides the Gaussian, and the list of all.

A model is named here, derived in ``theory.models`` and drawn in ``numerics.models``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal, Self

from theory.categorical import Categorical
from theory.errors import InvalidInput
from theory.modelbase import (
    GAUSSIAN,
    PARAMETERS,
    Gaussian,
    Model,
    check_quantity,
    check_words,
    own,
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
