"""What a benchmark runs: truths by sizes by estimators, in units that are stored one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from numerics.wasserstein.registry import Estimator, estimators, find
from numerics.wasserstein.truths import FAMILIES
from theory.errors import InvalidInput

# Those with other functionals are asked for by name: they are not after W2^2.
FUNCTIONAL = "squared_w2"


@dataclass(frozen=True)
class Unit:
    """One estimator on one member of a family at one size: what one file holds.

    Attributes
    ----------
    family, dimension, member
        The truth; see `numerics.wasserstein.truths.truth`.
    sample_size
        Points of each of the two samples.
    estimator
        Name in the registry.
    """

    family: str
    dimension: int
    member: int
    sample_size: int
    estimator: str

    @property
    def stem(self) -> str:
        """Name of its file, without the suffix."""
        return (
            f"{self.family}.d{self.dimension}.m{self.member}.n{self.sample_size}.{self.estimator}"
        )


@dataclass(frozen=True)
class Grid:
    """A benchmark.

    Attributes
    ----------
    families
        Of truths.
    dimensions, sample_sizes
        Every pair of them.
    members
        Truths per family and dimension.
    replicates
        Pairs of samples per truth and size, at least 2; the same for every estimator.
    estimators
        Names; empty for all that estimate W2^2.

    Raises
    ------
    InvalidInput
        For a name that is not known, or a number out of range.

    Examples
    --------
    >>> small = Grid(("gaussian",), (2,), (50,), 1, 3, ("exact",))
    >>> [unit.stem for unit in small.units()]
    ['gaussian.d2.m0.n50.exact']
    """

    families: tuple[str, ...]
    dimensions: tuple[int, ...]
    sample_sizes: tuple[int, ...]
    members: int
    replicates: int
    estimators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for family in self.families:
            if family not in FAMILIES:
                raise InvalidInput(f"no family {family!r}; there are {', '.join(FAMILIES)}")
        for name in self.estimators:
            find(name)
        for word, least in (("members", 1), ("replicates", 2)):
            if getattr(self, word) < least:
                raise InvalidInput(
                    f"{word} = {getattr(self, word)} is not accepted; at least {least}"
                )
        for word in ("dimensions", "sample_sizes"):
            if min(getattr(self, word), default=0) < 1:
                raise InvalidInput(f"{word} = {getattr(self, word)}; accepted: some, at least 1")

    def methods(self) -> dict[str, Estimator]:
        """The estimators that it runs, by name."""
        table = estimators()
        if self.estimators:
            return {name: table[name] for name in self.estimators}
        return {name: each for name, each in table.items() if each.functional == FUNCTIONAL}

    def units(self) -> Iterator[Unit]:
        """Every unit that its estimator accepts, small ones first."""
        for n in sorted(self.sample_sizes):
            for d in sorted(self.dimensions):
                for family in self.families:
                    for member in range(self.members):
                        for name, method in self.methods().items():
                            fits = method.dimension in (None, d)
                            if fits and method.fewest <= n <= method.largest:
                                yield Unit(family, d, member, n, name)


def quick_estimators() -> tuple[str, ...]:
    """All that estimate W2^2, but for those whose calls take seconds."""
    return tuple(
        name
        for name, each in estimators().items()
        if each.functional == FUNCTIONAL and not each.costly
    )


QUICK = Grid(("gaussian", "tanh", "ridge-8", "mixture"), (1, 2, 10), (100, 500), 1, 8)
FULL = Grid(tuple(FAMILIES), (1, 2, 10, 20, 50), (100, 500, 2000), 5, 20)
