"""What a rule of selection sees, and the register of rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from numerics.silos.messages import Exchange
from theory.errors import InvalidInput

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Noise = Callable[[Array, np.random.Generator], Array]
Dual = Literal["exact", "gaussian"]
AGGREGATIONS = ("mean", "median")


@dataclass(frozen=True)
class Options:
    """What the rules leave open, each with its default.

    Parameters
    ----------
    interpolation : float
        s in (0, 1]: how far a geodesic proxy lies from the candidates (0) towards the reference
        (1). Default 0.5, half way; with rebuilt proxies and exact duals it has no effect.
    anchored : bool
        True: proxies (Scheme I) and the barycentre (Scheme II) are made from the first candidates
        and used in every later generation, which costs one exchange. False: made anew from the
        current candidates.
    dual : "exact" or "gaussian"
        Potentials of optimal transport between the points, or between the Gaussians of the same
        mean and covariance. The second needs only a `SummaryMessage` from a silo.
    rounds : int
        Rounds of the server for a barycentre, default 5: the first does nearly all.
    support : int or None
        Points of a proxy and of a barycentre; None takes as many as are kept. They are the first
        of the anchoring candidates, which come in random order.
    aggregation : "mean" or "median"
        How silos' scores and images are put together. The median over silos, coordinate by
        coordinate for images, bounds what fewer than half of them can do by lying.
    noise : callable or None
        ``noise(array, rng)`` is what is sent in place of an array.

    Raises
    ------
    InvalidInput
        If a value lies outside.
    """

    interpolation: float = 0.5
    anchored: bool = True
    dual: Dual = "exact"
    rounds: int = 5
    support: int | None = None
    aggregation: Literal["mean", "median"] = "mean"
    noise: Noise | None = None

    def __post_init__(self) -> None:
        if not 0 < self.interpolation <= 1:
            raise InvalidInput(
                f"interpolation = {self.interpolation!r}; accepted: above 0, up to 1"
            )
        if self.dual not in ("exact", "gaussian"):
            raise InvalidInput(f"dual = {self.dual!r}; accepted: exact, gaussian")
        if self.aggregation not in AGGREGATIONS:
            raise InvalidInput(f"aggregation = {self.aggregation!r}; accepted: mean, median")
        if not _whole(self.rounds, 1):
            raise InvalidInput(f"rounds = {self.rounds!r}; accepted: integers from 1 on")
        if self.support is not None and not _whole(self.support, 2):
            raise InvalidInput(f"support = {self.support!r}; accepted: integers from 2 on, or None")


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


@dataclass(frozen=True)
class Context:
    """What a rule sees beside the candidates.

    Parameters
    ----------
    silo : int
        The silo that verifies: what a local rule selects against.
    references : tuple of ndarray (m_k, d)
        What each silo holds. A rule reads another silo's only through a message.
    weights : ndarray (K,) or None
        Weights of the silos, summing to one; None: all alike.
    generation : int
        From 1 on.
    options : Options
    memory : dict
        What a rule keeps from one generation to the next; pass the same one again.
    exchange : Exchange
        Where messages are written down.
    """

    silo: int
    references: tuple[Array, ...]
    weights: Array | None = None
    generation: int = 1
    options: Options = field(default_factory=Options)
    memory: dict[str, Any] = field(default_factory=dict)
    exchange: Exchange = field(default_factory=Exchange)

    @property
    def reference(self) -> Array:
        """The verifying silo's own reference."""
        return self.references[self.silo]

    @property
    def shares(self) -> Array:
        """Weights of the silos, shape (K,)."""
        if self.weights is None:
            return np.full(len(self.references), 1 / len(self.references))
        return self.weights

    def released(self, array: Array, rng: np.random.Generator) -> Array:
        """What a silo sends in place of an array: itself, or itself with noise."""
        return array if self.options.noise is None else self.options.noise(array, rng)


Rule = Callable[[Array, int, Context, np.random.Generator], Indices]
RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register a rule ``f(candidates, kept, context, rng) -> indices`` under a name.

    The rule gets candidates (N, d) in random order and returns `kept` different row numbers.

    Raises
    ------
    InvalidInput
        If the name is taken.
    """

    def register(function: Rule) -> Rule:
        if name in RULES:
            raise InvalidInput(f"two rules of selection are called {name!r}")
        RULES[name] = function
        return function

    return register


def lowest(scores: Array, kept: int) -> Indices:
    """Row numbers of the `kept` lowest scores, ties in order of the rows.

    Raises
    ------
    InvalidInput
        If a score is NaN: an order of such scores would be no order.

    Examples
    --------
    >>> lowest(np.array([3.0, 1.0, 2.0]), 2).tolist()
    [1, 2]
    """
    if np.isnan(scores).any():
        raise InvalidInput(f"{int(np.isnan(scores).sum())} of {len(scores)} scores are NaN")
    return np.argsort(scores, kind="stable")[:kept].astype(np.int64)
