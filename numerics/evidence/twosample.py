"""Two samplers, one law: exchange bets against it, a band for the Kolmogorov distance for it.

If X and Y are independent and of one law, exchanging them changes the sign of g(X) - g(Y), so that
products of 1 + bet (g(X) - g(Y))/2 are e-processes for every function g into [-1, 1] that was
fixed before. Here g is a Legendre polynomial of the rank among pilot draws of both samplers:
degree 1 sees a shift, 2 a wrong spread, 3 and 4 a wrong shape.

Where the two distribution functions differ by more than epsilon they do so at one fixed point and
with one sign, so that 1{Y <= x} - 1{X <= x}, which lies in [-1, 1], has a mean beyond epsilon
there: exp(l N d - N l^2/2) is an e-process, and the distance of the two samples plus
level/(l N) + l/2 bounds the distance of the laws at every N at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.evidence import Design, Effect, Judgement, Verdict
from numerics.evidence.blocks import Array, log_mean_exp, log_product
from numerics.evidence.reading import CONFIRM, EFFECT, EFFECT_DRAWS, SCREEN
from numerics.evidence.wording import guarantee_of

Draws = Callable[[str, int, int], Array]
Slots = NDArray[np.int64]

PILOT = "pilot"
PILOT_DRAWS = 4096
BLOCK = 32_768
BETS = tuple(
    (degree, sign * size)
    for degree in (1, 2, 3, 4)
    for size in (1 / 2, 1 / 8, 1 / 32, 1 / 128)
    for sign in (1, -1)
)


class Ranks:
    """Slots of the real line between and at pilot draws, and the mid-rank of each.

    Examples
    --------
    >>> ranks = Ranks(np.array([1.0, 1.0, 2.0]))
    >>> ranks.slots(np.array([0.0, 1.0, 1.5, 3.0])).tolist()
    [0, 1, 2, 4]
    >>> ranks.middle.round(3).tolist()
    [0.0, 0.333, 0.667, 0.833, 1.0]
    """

    def __init__(self, pilot: Array) -> None:
        self.edges, counts = np.unique(pilot, return_counts=True)
        below = np.concatenate([[0], np.cumsum(counts)]) / pilot.size
        self.middle: Array = np.empty(2 * self.edges.size + 1)
        self.middle[::2] = below
        self.middle[1::2] = (below[1:] + below[:-1]) / 2

    def slots(self, draws: Array) -> Slots:
        """Number of the slot of each draw: odd at an edge, even between edges."""
        left = self.edges.searchsorted(draws, "left")
        return (left + self.edges.searchsorted(draws, "right")).astype(np.int64)

    @property
    def size(self) -> int:
        """Number of slots."""
        return self.middle.size


class ExchangeProcess:
    """Evidence against one law for two samplers.

    Examples
    --------
    >>> ranks = Ranks(np.linspace(0, 1, 101))
    >>> process = ExchangeProcess(ranks)
    >>> process.add(ranks.slots(np.linspace(0.5, 1, 200)), ranks.slots(np.linspace(0, 0.5, 200)))
    >>> process.log_e() > 20
    True
    """

    def __init__(self, ranks: Ranks, bets: tuple[tuple[int, float], ...] = BETS) -> None:
        self.ranks, self.bets = ranks, bets
        z = 2 * ranks.middle - 1
        square = z * z
        self.scores = {
            1: z,
            2: 1.5 * square - 0.5,
            3: z * (2.5 * square - 1.5),
            4: (4.375 * square - 3.75) * square + 0.375,
        }
        self.sums: Array = np.zeros(len(bets))

    def add(self, one: Slots, two: Slots) -> None:
        """Take equally many draws of both samplers into account."""
        gains = {
            degree: (self.scores[degree][one] - self.scores[degree][two]) / 2
            for degree in dict.fromkeys(degree for degree, _ in self.bets)
        }
        for j, (degree, bet) in enumerate(self.bets):
            self.sums[j] += log_product(1 + bet * gains[degree])

    def log_e(self) -> float:
        """Log of the evidence."""
        return log_mean_exp(self.sums, np.full(self.sums.size, 1 / self.sums.size))

    def sharpened(self) -> ExchangeProcess:
        """Return a fresh process with the best degree, its bet surrounded."""
        degree, bet = self.bets[int(np.argmax(self.sums))]
        near = tuple((degree, max(-0.95, min(0.95, bet * factor))) for factor in (0.5, 1, 2))
        return ExchangeProcess(self.ranks, near)


class DistanceBand:
    """Upper bound for the Kolmogorov distance of two laws, valid at every number of draws."""

    def __init__(self, ranks: Ranks, epsilon: float, level: float) -> None:
        self.level = level
        self.planned = distance_plan(epsilon, level)
        self.count = 0
        self._cells = np.zeros((2, ranks.size), dtype=np.int64)

    def add(self, one: Slots, two: Slots) -> None:
        """Take equally many draws of both samplers into account."""
        for row, slots in zip(self._cells, (one, two), strict=True):
            row += np.bincount(slots, minlength=row.size)
        self.count += one.size

    def _reached(self) -> Array:
        zero = np.zeros((2, 1))
        reached: Array = np.concatenate([zero, np.cumsum(self._cells, axis=1)], axis=1) / self.count
        return reached

    def distance(self) -> tuple[float, float]:
        """Distance of the two samples at the edges, and its standard error where it is."""
        one, two = self._reached()
        at = int(np.argmax(np.abs(one - two)))
        spread = one[at] * (1 - one[at]) + two[at] * (1 - two[at])
        return float(abs(one[at] - two[at])), math.sqrt(max(spread, 0.0) / self.count)

    def bound(self) -> float:
        """Smallest distance that is verified so far."""
        one, two = self._reached()
        # Between two edges a step may hide; at an edge nothing can.
        inside = np.maximum(one[1:] - two[:-1], two[1:] - one[:-1])[::2]
        sampled = max(float(np.max(inside)), self.distance()[0])
        bet = math.sqrt(2 * self.level / self.planned)
        return sampled + self.level / (bet * self.count) + bet / 2


def distance_plan(epsilon: float, level: float) -> int:
    """Return the draws of each sampler that verify one law.

    Examples
    --------
    >>> distance_plan(0.01, 16.1)
    652649
    """
    return math.ceil(((math.sqrt(2 * level) + 1.7 * math.sqrt(2)) / epsilon) ** 2)


@dataclass
class _Comparison:
    one: Draws
    two: Draws
    design: Design

    def run(self) -> Judgement:
        """Screen, confirm, verify, as for any claim."""
        design = self.design
        pilot = [draws(PILOT, 0, PILOT_DRAWS) for draws in (self.one, self.two)]
        self.ranks = Ranks(np.concatenate(pilot))
        self.process = ExchangeProcess(self.ranks)
        planned = distance_plan(design.epsilon, design.L)
        # Bets that aim beyond the budget would reach nothing: they aim at what it can reach.
        aim = design.epsilon * max(1.0, math.sqrt(planned / design.budget))
        self.band = DistanceBand(self.ranks, aim, design.L)
        self.confirmed: float | None = None
        self.confirmed_on = screened = 0
        for look in design.looks():
            for one, two in self._read(SCREEN, screened, look):
                self.process.add(one, two)
                self.band.add(one, two)
            screened = look
            if self.process.log_e() >= design.L:
                return self._report(self._confirm(), screened)
            if self.band.bound() <= design.epsilon:
                return self._report(Verdict.VERIFIED, screened)
        return self._report(Verdict.INCONCLUSIVE, screened)

    def _read(self, stage: str, start: int, stop: int) -> list[tuple[Slots, Slots]]:
        found = []
        for begin, count in self.design.chunks(start, stop):
            pair = [self.ranks.slots(draws(stage, begin, count)) for draws in (self.one, self.two)]
            found += [
                (pair[0][i : i + BLOCK], pair[1][i : i + BLOCK]) for i in range(0, count, BLOCK)
            ]
        return found

    def _confirm(self) -> Verdict:
        fresh = self.process.sharpened()
        for look in self.design.looks():
            for one, two in self._read(CONFIRM, self.confirmed_on, look):
                fresh.add(one, two)
            self.confirmed_on, self.confirmed = look, fresh.log_e()
            if self.confirmed >= self.design.C:
                return Verdict.REFUTED
        return Verdict.INCONCLUSIVE

    def _effect(self, wanted: int) -> Effect:
        count = min(max(wanted, EFFECT_DRAWS[0]), EFFECT_DRAWS[1])
        band = DistanceBand(self.ranks, self.design.epsilon, self.design.L)
        for one, two in self._read(EFFECT, 0, count):
            band.add(one, two)
        distance, error = band.distance()
        return Effect(distance, error, error**2 * count, count)

    def _report(self, verdict: Verdict, screened: int) -> Judgement:
        design = self.design
        unconfirmed = verdict is Verdict.INCONCLUSIVE and self.confirmed is not None
        note = ""
        if unconfirmed:
            note = "the screen stream accused the claim, fresh noise did not confirm it"
        elif verdict is Verdict.INCONCLUSIVE:
            note = (
                f"reached {self.band.bound():.3g} instead of {design.epsilon:g}; about "
                f"{distance_plan(design.epsilon, design.L)} draws are planned for it"
            )
        return Judgement(
            verdict=verdict,
            coarse=False,
            mean=0.0,
            epsilon=design.epsilon,
            smallest_epsilon=None if unconfirmed else self.band.bound(),
            scale=1.0,
            tolerance=design.epsilon,
            relative_tolerance=None,
            screen_draws=2 * screened,
            confirm_draws=2 * self.confirmed_on,
            planned_draws=2 * distance_plan(design.epsilon, design.L),
            routes=("exchange",),
            accused_by="exchange" if verdict is Verdict.REFUTED or unconfirmed else None,
            log_e={"exchange": self.process.log_e()},
            confirm_log_e=self.confirmed,
            unconfirmed=unconfirmed,
            verified_by="distance band" if verdict is Verdict.VERIFIED else None,
            effect=self._effect(screened) if verdict is Verdict.REFUTED else None,
            of_laws=True,
            note=note,
            guarantee=guarantee_of(
                verdict, design, asymptotic=False, needs_variance=False, law=True
            ),
        )


def compare_laws(one: Draws, two: Draws, design: Design | None = None) -> Judgement:
    """Judge whether two samplers draw from one law.

    Parameters
    ----------
    one, two : callable
        ``draws(stage, start, count)``, on independent streams.
    design : Design, optional
        Resolution (of the Kolmogorov distance), budget of each sampler, and error probabilities.

    Returns
    -------
    Judgement
        REFUTED: the laws differ (the effect is the distance of fresh samples, which is a little
        more than that of the laws). VERIFIED: their Kolmogorov distance is at most epsilon.

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> def normal(name, mean):
    ...     return lambda stage, start, count: Stream("c0ffee", name, {}, stage).generator(
    ...         start).normal(mean, 1, count)
    >>> design = Design(epsilon=0.05)
    >>> compare_laws(normal("one", 0), normal("two", 0), design).label
    'VERIFIED'
    >>> compare_laws(normal("one", 0), normal("two", 0.1), design).label
    'REFUTED'
    """
    return _Comparison(one, two, design or Design()).run()
