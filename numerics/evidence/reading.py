"""Draws on request: asked for in a fixed order, checked, and cut into blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from numerics.evidence.blocks import Array, Block, blocks
from numerics.evidence.design import Design
from numerics.evidence.law import kolmogorov_distance
from numerics.evidence.statement import Statement
from numerics.evidence.verdict import Effect
from theory.errors import InvalidInput

# (stage, start, count) -> the draws number start .. start + count - 1 of the stream of that stage.
Sampler = Callable[[str, int, int], Array]

SCREEN, CONFIRM, EFFECT = "screen", "confirm", "effect"
EFFECT_DRAWS = (4096, 200_000)


def draw(draws: Sampler, stage: str, start: int, count: int, statement: Statement) -> Array:
    """Ask for draws and check them.

    Raises
    ------
    InvalidInput
        If they are not `count` finite real numbers inside the declared bounds.
    """
    try:
        values = np.asarray(draws(stage, start, count))
        if np.iscomplexobj(values):
            raise TypeError
        found = values.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput("the sampler returned something else than real numbers") from None
    if found.shape != (count,):
        raise InvalidInput(
            f"the sampler returned an array of shape {found.shape}; accepted: ({count},)"
        )
    if not np.isfinite(found).all():
        bad = int(np.count_nonzero(~np.isfinite(found)))
        raise InvalidInput(f"the sampler returned {bad} draws out of {count} that are not finite")
    low, high = statement.bounds or (0.0 if statement.nonnegative else -math.inf, math.inf)
    slip = statement.rounding
    least, most = float(found.min()), float(found.max())
    if math.isfinite(low) and (least < low - slip or most > high + slip):
        raise InvalidInput(
            f"the sampler returned draws in [{least:g}, {most:g}], outside the declared "
            f"[{low:g}, {high:g}]"
        )
    return found


def read(
    draws: Sampler, stage: str, start: int, stop: int, statement: Statement, design: Design
) -> Iterator[Block]:
    """Yield the draws from `start` to `stop` of a stage as blocks."""
    for begin, count in design.chunks(start, stop):
        yield from blocks(draw(draws, stage, begin, count, statement))


def estimate_effect(draws: Sampler, wanted: int, statement: Statement, design: Design) -> Effect:
    """Estimate the mean, its standard error and the variance on the third stream.

    Of a claim about a law, its Kolmogorov distance from that of the draws.
    """
    count = min(max(wanted, EFFECT_DRAWS[0]), EFFECT_DRAWS[1])
    pieces = [block.draws for block in read(draws, EFFECT, 0, count, statement, design)]
    if statement.law_claim and statement.cdf is not None:
        distance, error = kolmogorov_distance(statement.cdf, np.concatenate(pieces))
        return Effect(distance, error, error**2 * count, count)
    # Relative to the first draw, so that a spread far below the mean is not lost to rounding.
    origin = float(pieces[0][0])
    values = np.concatenate(pieces) - origin
    with np.errstate(over="ignore"):
        variance = float(values.var(ddof=1))
    mean = origin + float(values.mean())
    return Effect(mean, math.sqrt(variance / count), variance, count)
