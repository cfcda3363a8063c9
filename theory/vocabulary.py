"""The vocabulary of settings: workflows, selection rules, fits, and the quantities by name.

A new workflow or selection rule is named here, derived in ``theory`` and drawn in ``numerics``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, ClassVar, Literal

from theory.domain import Number
from theory.errors import InvalidInput
from theory.modelbase import Gaussian
from theory.parameters import Matrix, Point, check_value, matrix_of, point_of
from theory.symbols import BY_WORD

Fit = Literal["mle", "unbiased"]
Law = Literal["population", "n-of-N"]
FirstBatch = Literal["generated", "real"]

QUANTITIES: Mapping[str, str] = Gaussian.quantities


class Named:
    """Base of workflows and selection rules: a name, and the letters of its parameters."""

    name: ClassVar[str]
    letters: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if item.name in BY_WORD and value is not None:
                object.__setattr__(self, item.name, check_value(item.name, value))


class Workflow(Named):
    """How generations follow each other: what the next fit sees."""


@dataclass(frozen=True)
class Replace(Workflow):
    """Each generation is fitted on `sample_size` fresh points of the previous model alone."""

    name: ClassVar[str] = "replace"


@dataclass(frozen=True)
class Accumulate(Workflow):
    """Each generation adds `sample_size` points to the pool and is fitted on all of it."""

    name: ClassVar[str] = "accumulate"


@dataclass(frozen=True)
class AccumulateSubsample(Workflow):
    """Each generation adds a batch to the pool; the fit sees `sample_size` points of the pool,
    drawn without replacement."""

    name: ClassVar[str] = "accumulate-subsample"


@dataclass(frozen=True)
class FreshReal(Workflow):
    """Each fit sees `sample_size` points, a share `fraction` of them fresh from the true law.

    ``fraction * sample_size`` must be a whole number. Real points pass unfiltered.
    """

    fraction: Number
    name: ClassVar[str] = "fresh-real"
    letters: ClassVar[tuple[str, ...]] = ("f",)


@dataclass(frozen=True)
class FixedReal(Workflow):
    """Each fit sees `sample_size` points, `real_size` of them the same real points every time.

    Real points pass unfiltered.
    """

    real_size: int
    name: ClassVar[str] = "fixed-real"
    letters: ClassVar[tuple[str, ...]] = ("n_r",)


class Selection(Named):
    """What the verifier keeps of the candidates."""

    @property
    def closed(self) -> bool:
        """Whether every generation is kept alike, whatever the model: a `Family` can have it."""
        return True


class Targeted(Selection):
    """A verifier who keeps what lies near a target.

    The target is the model's own mean (None), or a point relative to the true mean.
    """

    target: Point | None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target is not None:
            object.__setattr__(self, "target", point_of("target", self.target))

    def point(self, dimension: int) -> Point:
        """The fixed target, checked against a dimension.

        Raises
        ------
        InvalidInput
            If there is none, or it has another dimension.
        """
        if self.target is None:
            raise InvalidInput(f"{self.name} has no fixed target; it is the model's own mean")
        if len(self.target) != dimension:
            raise InvalidInput(
                f"target has {len(self.target)} coordinates; the dimension is {dimension}"
            )
        return self.target


@dataclass(frozen=True)
class KeepAll(Selection):
    """No verifier: every generated point is kept."""

    name: ClassVar[str] = "keep-all"


@dataclass(frozen=True)
class TopFraction(Targeted):
    """Keep the points nearest to a target.

    The target is the model's own mean (None), or a point relative to the true mean. The distance is
    the model's own (Mahalanobis; ``metric="model"``), the Euclidean one (``"identity"``), or
    ``(x - u)' S^-1 (x - u)`` with a matrix S.

    Two laws, kept apart by name. ``law="population"``: every kept point lies in the ball of mass
    `kept_fraction`, independently of the others. ``law="n-of-N"``: of `candidates` points the
    batch is the nearest. By default `kept_fraction` speaks of the population law and `candidates`
    of n of N; with ``law="n-of-N"`` and a `kept_fraction`, the candidates are
    ``round(batch / kept_fraction)``.

    Examples
    --------
    >>> TopFraction(kept_fraction=0.1).law
    'population'
    >>> TopFraction(candidates=200).law
    'n-of-N'
    >>> TopFraction(kept_fraction=0.1, target=3).target
    (3.0,)
    """

    kept_fraction: Number | None = None
    candidates: int | None = None
    law: Law | None = None
    target: Point | None = None
    metric: Literal["model", "identity"] | Matrix = "model"
    name: ClassVar[str] = "top-fraction"
    letters: ClassVar[tuple[str, ...]] = ("alpha", "N")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.kept_fraction is None) == (self.candidates is None):
            raise InvalidInput(
                "TopFraction takes exactly one of kept_fraction (population law) "
                f"and candidates (n of N), not {self.kept_fraction} and {self.candidates}"
            )
        law = self.law or ("population" if self.candidates is None else "n-of-N")
        if law not in ("population", "n-of-N"):
            raise InvalidInput(f"law = {law!r} is not 'population' or 'n-of-N'")
        if law == "population" and self.candidates is not None:
            raise InvalidInput("the population law takes kept_fraction, not candidates")
        object.__setattr__(self, "law", law)
        if self.metric not in ("model", "identity"):
            object.__setattr__(self, "metric", matrix_of("metric", self.metric))

    @property
    def closed(self) -> bool:
        return self.target is None and self.metric == "model"

    def pool(self, kept: int) -> int | None:
        """Candidates generated for a batch of `kept` points; None under the population law."""
        if self.law == "population":
            return None
        if self.candidates is not None:
            count = self.candidates
        else:
            count = round(Fraction(kept) / Fraction(self.kept_fraction or 1))
        if count < kept:
            raise InvalidInput(f"n of N needs candidates >= {kept}, not {count}")
        return count


@dataclass(frozen=True)
class UpperTail(Selection):
    """Keep the points whose score, the first coordinate, lies in the model's upper tail.

    The population law: every kept point lies beyond the quantile that leaves `kept_fraction`,
    independently of the others.

    Examples
    --------
    >>> UpperTail(0.1).kept_fraction
    0.1
    """

    kept_fraction: Number
    name: ClassVar[str] = "upper-tail"
    letters: ClassVar[tuple[str, ...]] = ("alpha",)


@dataclass(frozen=True)
class BestOf(Selection):
    """Each kept point is, by its first coordinate, the best of `candidates` new ones.

    Examples
    --------
    >>> BestOf(4).candidates
    4
    """

    candidates: int
    name: ClassVar[str] = "best-of"
    letters: ClassVar[tuple[str, ...]] = ("N",)


@dataclass(frozen=True)
class SoftVerifier(Targeted):
    """Accept a point x with probability ``exp(-strength |x - target|^2 / 2)``.

    Examples
    --------
    >>> SoftVerifier(2, target=1).target
    (1.0,)
    """

    strength: Number
    target: Point | None = None
    name: ClassVar[str] = "soft-verifier"
    letters: ClassVar[tuple[str, ...]] = ("b",)

    @property
    def closed(self) -> bool:
        return False


@dataclass(frozen=True)
class ExponentialTilt(Selection):
    """Keep points with weight ``exp(strength x)``, x the first coordinate.

    What a judge with log-odds proportional to the score keeps of infinitely many candidates.
    """

    strength: Number
    name: ClassVar[str] = "exponential-tilt"
    letters: ClassVar[tuple[str, ...]] = ("b",)


WORKFLOWS: dict[str, type[Workflow]] = {
    kind.name: kind for kind in (Replace, Accumulate, AccumulateSubsample, FreshReal, FixedReal)
}
SELECTIONS: dict[str, type[Selection]] = {
    kind.name: kind
    for kind in (KeepAll, TopFraction, UpperTail, BestOf, SoftVerifier, ExponentialTilt)
}
FITS: tuple[Fit, ...] = ("mle", "unbiased")


def check_choice(word: str, value: Any, accepted: tuple[str, ...]) -> None:
    """Raise `InvalidInput` unless `value` is one of `accepted`."""
    if value not in accepted:
        raise InvalidInput(f"{word} = {value!r} is not one of {', '.join(accepted)}")
