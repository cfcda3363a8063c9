"""Evidence about a mean from support alone: a product of 1 + lambda (X - m) that stays positive.

Waudby-Smith and Ramdas (2024). One bound is enough for one direction: X >= a says that the mean
lies above what is claimed, X <= b that it lies below (for both without bounds, Bahadur and Savage
1956: impossible). No variance is needed, and the bets adapt to the one there is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from numerics.evidence.blocks import Array, Block, log_mean_exp, log_product

# Share of the largest admissible bet that is used at most: a factor never falls below 1/20.
LARGEST_SHARE = 0.95


class BettingProcess:
    """Evidence that the mean is above (side +1) or below (side -1) the centre, for a bounded X.

    Parameters
    ----------
    centre : float
        The mean under the null.
    side : {+1, -1}
        The direction of the bet.
    bound : float
        A number that X never falls below (side +1) or never exceeds (side -1). Where it lies on
        the far side of the centre the null is impossible, and the evidence infinite.
    bets : sequence of float, positive
        The lambdas, in units of 1/X, fixed before the draws; capped at 0.95/|centre - bound|.
        Where the centre is the bound itself, nothing limits a bet, and one draw away from the bound
        is infinite evidence.
    weights : sequence of float, optional
        Weights of the bets, summing to 1; equal if left out.
    rounding : float
        A draw this near to the bound is the bound.

    Examples
    --------
    >>> process = BettingProcess(0.5, +1, 0.0, [1.0])
    >>> process.add(Block(np.ones(10)))
    >>> round(process.log_e(+1), 3)
    4.055
    """

    def __init__(
        self,
        centre: float,
        side: int,
        bound: float,
        bets: Sequence[float] | Array,
        weights: Sequence[float] | None = None,
        rounding: float = 0.0,
    ) -> None:
        self.centre, self.side, self.bound, self.rounding = centre, side, bound, rounding
        self.room = side * (centre - bound)
        largest = LARGEST_SHARE / self.room if self.room > 0 else math.inf
        self.bets: Array = np.minimum(np.asarray(bets, dtype=float), largest)
        equal = np.full(self.bets.size, 1 / self.bets.size)
        self.weights: Array = equal if weights is None else np.asarray(weights, dtype=float)
        self.count = 0
        self.largest_gain = 0.0
        self.sums: Array = np.zeros(self.bets.size)

    def add(self, block: Block) -> None:
        """Take a block of draws into account."""
        if self.room == 0:  # exact, unlike what rounding leaves of a difference
            away = self.side * (block.draws - self.bound)
            self.largest_gain = max(self.largest_gain, float(away.max()))
        # Rounding may put a draw a hair outside its bound.
        gains = np.maximum(self.side * (block.draws - self.centre), -max(self.room, 0.0))
        for j, bet in enumerate(self.bets.tolist()):
            self.sums[j] += log_product(1 + bet * gains)
        self.count += gains.size

    def log_e(self, side: int) -> float:
        """Log of the evidence; nothing is known about the side that is not bet on."""
        return self.log_e_shifted(side, 0.0)

    def log_e_shifted(self, side: int, shift: float) -> float:
        """Bound the log evidence from below with the centre moved by `shift` >= 0 towards the data.

        log(1 + l(y - s)) >= log(1 + l y) + log(1 - l s/(1 - l room)). For a negative shift the
        value is a guess.
        """
        if side != self.side:
            return -math.inf
        if self.room == 0 == shift and self.largest_gain > self.rounding:
            return math.inf  # only an X that is the bound has the bound for its mean
        if self.room < 0:
            return math.inf if self.room + shift < 0 else -math.inf
        losses = self.bets * shift / (1 - self.bets * self.room)
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(losses < 1, np.log1p(-np.minimum(losses, 1)), -np.inf)
        return log_mean_exp(self.sums + (self.count * steps if shift else 0.0), self.weights)

    def sharpened(self, side: int) -> BettingProcess:
        """Return a fresh process whose bets surround the best one so far."""
        best = float(self.bets[int(np.argmax(self.sums))])
        bets = best * np.array([0.5, 1, 2])
        return BettingProcess(self.centre, self.side, self.bound, bets, rounding=self.rounding)


class SpreadProcess:
    """Evidence that the variance exceeds what is claimed, whatever the mean is.

    Draws are taken in pairs: (X - X')^2/(2v) has expectation Var X / v at any mean, so that a wrong
    mean is never reported as a wrong variance. Bets 1 + lambda ((X - X')^2/(2v) - 1), lambda < 1.

    Parameters
    ----------
    variance : float
        The claimed bound v > 0.
    bets : sequence of float, optional
        The lambdas, in (0, 1).

    Examples
    --------
    >>> process = SpreadProcess(1.0)
    >>> process.add(Block(np.tile([-2.0, 2.0], 50)))
    >>> process.log_e(+1) > 50
    True
    """

    def __init__(
        self, variance: float, bets: Sequence[float] | Array = (1 / 2, 1 / 8, 1 / 32, 1 / 128)
    ) -> None:
        self.variance = variance
        self.bets: Array = np.asarray(bets, dtype=float)
        self.sums: Array = np.zeros(self.bets.size)

    def add(self, block: Block) -> None:
        """Take a block of draws into account; a last one without a partner is left out."""
        paired = block.draws.size // 2 * 2
        # Bounded at 1e150, whose square is finite: a smaller gain is still an e-value.
        gaps = np.minimum(np.abs(block.draws[:paired:2] - block.draws[1:paired:2]), 1e150)
        with np.errstate(over="ignore"):
            ratios = np.minimum(gaps**2 / (2 * self.variance), 1e300)
        for j, bet in enumerate(self.bets.tolist()):
            self.sums[j] += log_product(1 - bet + bet * ratios)

    def log_e(self, side: int) -> float:
        """Log of the evidence that the variance is above the claimed one."""
        if side < 0:
            return -math.inf
        return log_mean_exp(self.sums, np.full(self.bets.size, 1 / self.bets.size))

    def sharpened(self, side: int) -> SpreadProcess:
        """Return a fresh process whose bets surround the best one so far."""
        best = float(self.bets[int(np.argmax(self.sums))])
        return SpreadProcess(self.variance, np.minimum(best * np.array([0.5, 1, 1.9]), 0.95))
