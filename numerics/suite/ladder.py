"""A ladder of n: the same expectation at growing n, each rung on noise of its own."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics import guards
from numerics.evidence import Design
from numerics.evidence.interval import mean_interval
from numerics.streams import Stream, new_salt
from numerics.suite.orderresult import Rung
from numerics.witness import checked
from theory.errors import InvalidInput

LADDER = (8, 16, 32, 64, 128, 256)
LEAST_RUNGS, LEAST_SPAN = 4, 8
FIRST_LOOK, LOOK_RATIO = 4096, 2
ERROR = 1e-3

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Climb:
    """What is settled before the first draw: noise, rungs, looks and thresholds.

    All rungs, looks and sides share one error probability.
    """

    draw: Callable[..., Any]
    name: str
    content: str
    salt: str
    limit: float
    order: float
    bounds: Mapping[int, float | None]
    looks: Sequence[int]
    level: float

    def reader(self, stage: str) -> Reader:
        """The draws of one stream."""
        return Reader(
            self.draw, self.name, self.content, self.salt, stage, self.limit, self.order,
            self.bounds, self.level,
        )  # fmt: skip


def prepare(
    draw: Callable[..., Any],
    name: str,
    words: Sequence[str],
    ladder: tuple[int, ...],
    *,
    limit: float,
    order: float,
    variance: Callable[[int], float] | None,
    error: float,
    budget: int,
    salt: str | None,
) -> Climb:
    """Guard the sampler at the lowest rung, and settle the rest.

    Parameters
    ----------
    words
        Texts that name the noise: what is claimed, and of what.

    Raises
    ------
    ClaimError
        If `draw` is no function of its generator, or its replicates depend on each other.
    """
    bounds = {n: None if variance is None else float(variance(n)) for n in ladder}
    salt = new_salt() if salt is None else salt
    content = hashlib.sha256("\n".join(words).encode()).hexdigest()
    lowest = {"n": ladder[0]}
    guard = checked(draw, name, lowest)
    guards.check_sampler(guard, name, lambda stage: Stream(salt, content, lowest, stage))
    looks = looks_of(budget)
    level = math.log(2 * len(ladder) * len(looks) / error)
    return Climb(draw, name, content, salt, limit, order, bounds, looks, level)


class Reader:
    """The draws of all rungs on one stream, kept from look to look."""

    def __init__(
        self,
        draw: Callable[..., Any],
        name: str,
        content: str,
        salt: str,
        stage: str,
        limit: float,
        order: float,
        bounds: Mapping[int, float | None],
        level: float,
    ) -> None:
        self.calls = {n: checked(draw, name, {"n": n}) for n in bounds}
        self.streams = {n: Stream(salt, content, {"n": n}, stage) for n in bounds}
        self.drawn: dict[int, Array] = {n: np.empty(0) for n in bounds}
        self.limit, self.order, self.bounds, self.level = limit, order, bounds, level

    def read(self, look: int) -> tuple[Rung, ...]:
        """Draw up to `look` replicates on every rung, and enclose every scaled error."""
        return tuple(self._rung(n, look) for n in self.bounds)

    def _rung(self, n: int, look: int) -> Rung:
        parts = [self.drawn[n]]
        for start, count in Design().chunks(parts[0].size, look):
            parts.append(self.calls[n](self.streams[n].generator(start), count) - self.limit)
        self.drawn[n] = np.concatenate(parts)
        factor = float(n) ** self.order
        found = mean_interval(self.drawn[n], self.level, self.bounds[n])
        return Rung(n, look, factor * float(self.drawn[n].mean()), found.times(factor))


def looks_of(budget: int) -> list[int]:
    """Draws on every rung at which a decision is taken.

    Examples
    --------
    >>> looks_of(20_000)
    [4096, 8192, 16384, 20000]
    """
    looks = [FIRST_LOOK]
    while looks[-1] < budget:
        looks.append(min(budget, looks[-1] * LOOK_RATIO))
    return looks


def validated(
    over: Sequence[int], error: float, budget: int, limit: float = 0.0, **positive: float
) -> tuple[int, ...]:
    """The ladder as integers; everything else is only looked at.

    Raises
    ------
    InvalidInput
        If a parameter is out of its range.
    """
    for word, value in positive.items():
        if not (math.isfinite(value) and value > 0):
            raise InvalidInput(f"{word} = {value} is not accepted; accepted: positive and finite")
    if not math.isfinite(limit):
        raise InvalidInput(f"limit = {limit} is not accepted; accepted: a finite number")
    if not 0 < error < 1:
        raise InvalidInput(f"error = {error} is not accepted; accepted: (0, 1)")
    if isinstance(budget, bool) or int(budget) != budget or budget < FIRST_LOOK:
        raise InvalidInput(f"budget = {budget} is not accepted; accepted: {FIRST_LOOK} or more")
    ladder = tuple(int(n) for n in over)
    if (
        ladder != tuple(over)
        or len(ladder) < LEAST_RUNGS
        or list(ladder) != sorted(set(ladder))
        or ladder[0] < 1
        or ladder[-1] < LEAST_SPAN * ladder[0]
    ):
        raise InvalidInput(
            f"over = {tuple(over)} is not accepted; accepted: {LEAST_RUNGS} or more increasing "
            f"integers from 1 on, the last at least {LEAST_SPAN} times the first"
        )
    return ladder
