"""The ladders of `check_order` and `check_exponent`, made ready."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numerics import guards
from numerics.evidence.ladder import FIRST_LOOK, Climb, Decide, climb
from numerics.evidence.reading import Sampler
from numerics.streams import Stream, new_salt
from numerics.witness import checked
from theory.errors import InvalidInput

LADDER = (8, 16, 32, 64, 128, 256)
LEAST_RUNGS, LEAST_SPAN = 4, 8
ERROR = 1e-3


@dataclass(frozen=True)
class Ladder:
    """What is settled before the first draw: the samplers of all rungs, and their noise."""

    draws: Mapping[int, Sampler]
    bounds: Mapping[int, float | None]
    salt: str

    def climb(
        self, decide: Decide, *, limit: float, order: float, error: float, budget: int
    ) -> Climb:
        """Climb it; all rungs, looks and sides of each stream share one error probability."""
        level = math.log(1 / error)
        return climb(
            self.draws, decide, limit=limit, order=order, bounds=self.bounds, budget=budget,
            screen=level, confirm=level,
        )  # fmt: skip


def prepare(
    draw: Callable[..., Any],
    name: str,
    words: Sequence[str],
    ladder: tuple[int, ...],
    *,
    variance: Callable[[int], float] | None,
    salt: str | None,
) -> Ladder:
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

    def rung(n: int) -> Sampler:
        call, at = checked(draw, name, {"n": n}), {"n": n}
        return lambda stage, start, count: call(
            Stream(salt, content, at, stage).generator(start), count
        )

    return Ladder({n: rung(n) for n in ladder}, bounds, salt)


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
