"""A ladder of n: the same expectation at growing n, each rung on noise of its own.

Every rung is scaled, n^order (E T_n - limit), and enclosed; what is claimed of the scaled
expectations is decided from the intervals, at looks that are fixed before. All rungs, looks and
sides share one error probability, and a refutation is confirmed on fresh noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.evidence.betting import SpreadProcess
from numerics.evidence.blocks import Array, blocks
from numerics.evidence.design import Design
from numerics.evidence.interval import Interval, mean_interval
from numerics.evidence.reading import CONFIRM, SCREEN, Sampler
from numerics.evidence.verdict import Verdict

FIRST_LOOK, LOOK_RATIO = 4096, 2


@dataclass(frozen=True)
class Rung:
    """The scaled error n^k (E T_n - limit) at one n: its estimate, and a simultaneous interval."""

    n: int
    draws: int
    estimate: float
    scaled: Interval


Decide = Callable[[tuple[Rung, ...]], Verdict]


@dataclass(frozen=True)
class Climb:
    """How a ladder was climbed.

    Attributes
    ----------
    verdict
        VERIFIED, REFUTED, VARIANCE REFUTED or INCONCLUSIVE.
    rungs
        What the last look at the screen stream saw.
    confirm_draws
        Draws on the confirm stream, of all rungs.
    accused
        Whether the screen stream refuted the claim or a bound on a variance, confirmed or not.
    """

    verdict: Verdict
    rungs: tuple[Rung, ...]
    confirm_draws: int = 0
    accused: bool = False

    @property
    def screen_draws(self) -> int:
        """Draws on the screen stream, of all rungs."""
        return sum(rung.draws for rung in self.rungs)


class Reader:
    """The draws of all rungs on one stream, kept from look to look.

    Parameters
    ----------
    draws
        ``draws(stage, start, count)`` for every rung.
    stage
        The stream.
    limit, order
        What the mean is compared with, and the power of n that scales the difference.
    bounds
        A bound on the variance at every rung; None for a normal interval.
    level
        Minus the log of the error probability of each end of each interval.
    """

    def __init__(
        self,
        draws: Mapping[int, Sampler],
        stage: str,
        limit: float,
        order: float,
        bounds: Mapping[int, float | None],
        level: float,
    ) -> None:
        self.draws, self.stage, self.bounds, self.level = draws, stage, bounds, level
        self.limit, self.order = limit, order
        self.drawn: dict[int, Array] = {n: np.empty(0) for n in draws}
        self.spreads = {n: SpreadProcess(v) for n, v in bounds.items() if v}

    def read(self, look: int) -> tuple[Rung, ...]:
        """Draw up to `look` replicates on every rung, and enclose every scaled error."""
        return tuple(self._rung(n, look) for n in self.draws)

    @property
    def too_wide(self) -> bool:
        """Whether the variance at some rung is above its bound, so that no interval is right."""
        return any(spread.log_e(+1) >= self.level for spread in self.spreads.values())

    def _rung(self, n: int, look: int) -> Rung:
        parts = [self.drawn[n]]
        for start, count in Design().chunks(parts[0].size, look):
            parts.append(np.asarray(self.draws[n](self.stage, start, count)) - self.limit)
            if n in self.spreads:
                for block in blocks(parts[-1]):
                    self.spreads[n].add(block)
        self.drawn[n] = np.concatenate(parts)
        factor = float(n) ** self.order
        found = mean_interval(self.drawn[n], self.level, self.bounds[n])
        return Rung(n, look, factor * float(self.drawn[n].mean()), found.times(factor))


def looks_of(budget: int) -> list[int]:
    """Draws on every rung at which a decision is taken.

    Examples
    --------
    >>> looks_of(20_000), looks_of(2_000)
    ([4096, 8192, 16384, 20000], [2000])
    """
    looks = [min(FIRST_LOOK, budget)]
    while looks[-1] < budget:
        looks.append(min(budget, looks[-1] * LOOK_RATIO))
    return looks


def climb(
    draws: Mapping[int, Sampler],
    decide: Decide,
    *,
    limit: float = 0.0,
    order: float,
    bounds: Mapping[int, float | None],
    budget: int,
    screen: float,
    confirm: float,
) -> Climb:
    """Look at the whole ladder again and again until a verdict stops it.

    Parameters
    ----------
    draws, limit, order, bounds
        As in `Reader`.
    decide
        The verdict that simultaneous intervals of the scaled expectations allow.
    budget
        Largest number of draws on one rung of one stream.
    screen, confirm
        Minus the log of the error probability of all intervals, and of all evidence on
        variances, on each stream.
    """
    looks = looks_of(budget)
    share = math.log((2 * len(looks) + 1) * len(draws))
    reader = Reader(draws, SCREEN, limit, order, bounds, screen + share)
    rungs: tuple[Rung, ...] = ()
    for i, look in enumerate(looks):
        rungs, verdict = _seen(reader, look, decide)
        if verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED):
            reader.drawn.clear()  # of millions of draws
            fresh = Reader(draws, CONFIRM, limit, order, bounds, confirm + share)
            for again in looks[i:]:
                if _seen(fresh, again, decide)[1] is verdict:
                    return Climb(verdict, rungs, again * len(draws), accused=True)
            return Climb(Verdict.INCONCLUSIVE, rungs, budget * len(draws), accused=True)
        if verdict is Verdict.VERIFIED:
            return Climb(verdict, rungs)
    return Climb(Verdict.INCONCLUSIVE, rungs)


def _seen(reader: Reader, look: int, decide: Decide) -> tuple[tuple[Rung, ...], Verdict]:
    rungs = reader.read(look)
    return rungs, Verdict.VARIANCE_REFUTED if reader.too_wide else decide(rungs)


def log_ratio(lower: Rung, top: Rung) -> Interval:
    """An interval for log(a_N / a_m) of two scaled expectations."""
    if lower.scaled.low <= 0 or top.scaled.low <= 0:
        return Interval(-math.inf, math.inf)
    return Interval(
        math.log(top.scaled.low / lower.scaled.high), math.log(top.scaled.high / lower.scaled.low)
    )


def decide_exponent(
    rungs: Sequence[Rung], slack: Mapping[int, float], tolerance: float, *, whole: bool = False
) -> Verdict:
    """Decide whether the scaled expectations keep to a constant, up to a remainder.

    REFUTED: the ratio of some rung to the top one leaves its remainder, so that no constant fits
    both. VERIFIED: the exponent from every rung to the top is the claimed one within `tolerance`,
    beyond the remainder; with `whole` that from the lowest is, and no rung lies farther off the
    power law than such an error makes over the whole ladder.

    Examples
    --------
    >>> def ladder(*values):
    ...     return [Rung(2**j, 1, a, Interval(0.999 * a, 1.001 * a)) for j, a in enumerate(values)]
    >>> none = dict.fromkeys((1, 2, 4, 8), 0.0)
    >>> for values in ((1, 1, 1, 1), (1, 1.1, 1.2, 1.3), (1, 1, 1, 1.005)):
    ...     print(decide_exponent(ladder(*values), none, 0.02))
    VERIFIED
    REFUTED
    REFUTED
    """
    *lower, top = rungs
    inside = True
    for rung in lower:
        ratio, allowed = log_ratio(rung, top), slack[rung.n]
        if ratio.low > allowed or ratio.high < -allowed:
            return Verdict.REFUTED
        room = allowed + tolerance * math.log(top.n / (lower[0].n if whole else rung.n))
        inside = inside and ratio.high < room and ratio.low > -room
    return Verdict.VERIFIED if inside else Verdict.INCONCLUSIVE


def decide_order(rungs: Sequence[Rung], gap: float, epsilon: float) -> Verdict:
    """Decide from simultaneous intervals of the scaled errors whether they grow like n^gap.

    Examples
    --------
    >>> def ladder(*errors):
    ...     return [Rung(2**j, 1, e, Interval(e - 0.01, e + 0.01)) for j, e in enumerate(errors)]
    >>> for errors in ((1, 1, 1, 1), (1, 1.4, 2, 2.8), (0.2, 1, 1.5, 1.5), (-1, -0.2, 0.2, 1)):
    ...     print(decide_order(ladder(*errors), 0.5, 0.1))
    VERIFIED
    REFUTED
    VERIFIED
    INCONCLUSIVE
    """
    *lower, top = rungs
    reached = top.scaled.size
    grown = [rung.scaled.size.times((top.n / rung.n) ** (gap / 2)) for rung in lower]
    if reached.high <= epsilon:
        return Verdict.VERIFIED
    if reached.low > max(epsilon, *(each.high for each in grown)):
        return Verdict.REFUTED
    if reached.high < min(each.low for each in grown[len(rungs) // 2 :]):
        return Verdict.VERIFIED
    return Verdict.INCONCLUSIVE
