"""What may cross a silo's border: its content, its size in bytes, and what it leaks.

A rule that needs anything from another silo than its own asks for a message, and every message is
written down in an `Exchange`. Raw points cross only in the oracle that no federation would allow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Message:
    """Base of the messages: who sends, and arrays of doubles or integers."""

    silo: int
    leaks: ClassVar[str] = ""

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """What is sent."""
        raise NotImplementedError

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays as they lie in memory (8 a number); no header, no compression."""
        return sum(each.nbytes for each in self.arrays())


@dataclass(frozen=True)
class SummaryMessage(Message):
    """Mean (d,), covariance (d, d) and size of a reference."""

    mean: Array
    covariance: Array
    size: int
    leaks: ClassVar[str] = (
        "d(d+3)/2 averages over the silo: no single point, unless the silo has few points; "
        "differentially private only with noise"
    )

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """Mean, upper half of the covariance, size."""
        upper = self.covariance[np.triu_indices(len(self.mean))]
        return (self.mean, upper, np.array([self.size], dtype=np.int64))


@dataclass(frozen=True)
class ProxyMessage(Message):
    """Points (M, d) on the way from shared candidates to the reference."""

    points: Array
    leaks: ClassVar[str] = (
        "LEAKS raw points: whoever knows the candidates x undoes the interpolation, "
        "(proxy - (1-s) x)/s, and at s = 1 proxies are raw points or averages of a few"
    )

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """The points."""
        return (self.points,)


@dataclass(frozen=True)
class MapMessage(Message):
    """Images (M, d) of the server's support under one silo's map, one round of a barycentre."""

    points: Array
    leaks: ClassVar[str] = (
        "LEAKS raw points to the server: images under an exact plan are raw points or averages of "
        "a few; the other silos see only the mean over silos"
    )

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """The points."""
        return (self.points,)


@dataclass(frozen=True)
class ScoreMessage(Message):
    """One score for each candidate, shape (N,)."""

    scores: Array
    leaks: ClassVar[str] = (
        "LEAKS in few dimensions: the scores of known candidates are values of a potential whose "
        "gradients point at raw points"
    )

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """The scores."""
        return (self.scores,)


@dataclass(frozen=True)
class SelectionMessage(Message):
    """Which candidates a silo keeps, shape (n,)."""

    indices: NDArray[np.int64]
    leaks: ClassVar[str] = (
        "LEAKS who is there: no raw point, but candidates kept by exact duals lie nearer to the "
        "silo's points than to others from the same source"
    )

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """The indices."""
        return (self.indices,)


@dataclass(frozen=True)
class RawMessage(Message):
    """The reference itself, shape (m, d): the oracle that no federation would allow."""

    points: Array
    leaks: ClassVar[str] = "LEAKS everything: these are the raw points"

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """The points."""
        return (self.points,)


M = TypeVar("M", bound=Message)

MESSAGES: tuple[type[Message], ...] = (
    SummaryMessage,
    ProxyMessage,
    MapMessage,
    ScoreMessage,
    SelectionMessage,
    RawMessage,
)


@dataclass
class Exchange:
    """What crossed a border, in order: kind, silo and bytes; the content is not kept.

    Examples
    --------
    >>> exchange = Exchange()
    >>> exchange.send(ScoreMessage(0, np.zeros(100))).scores.shape
    (100,)
    >>> exchange.nbytes, exchange.by_kind()
    (800, {'ScoreMessage': 800})
    """

    log: list[tuple[str, int, int]] = field(default_factory=list)

    def send(self, message: M) -> M:
        """Write a message down and hand it over."""
        self.log.append((type(message).__name__, message.silo, message.nbytes))
        return message

    @property
    def nbytes(self) -> int:
        """Bytes sent so far, all silos together."""
        return sum(size for _, _, size in self.log)

    def by_kind(self) -> dict[str, int]:
        """Bytes by kind of message."""
        found: dict[str, int] = {}
        for kind, _, size in self.log:
            found[kind] = found.get(kind, 0) + size
        return found
