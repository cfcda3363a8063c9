"""Evidence about a mean when two moments are known (Catoni 2012; Wang and Ramdas 2023).

With phi(u) = sgn(u) log(1 + |u| + u^2/2), e^phi(u) <= 1 + u + u^2/2. So each factor of
``E = mean_j exp(sum_i phi(side lambda_j (x_i - centre)) - N log(1 + lambda_j^2 v / 2))``
has expectation at most 1 when the mean is the centre, and also when it lies on the other side of
it, and the variance is at most v: an e-process, exact at every N and under every stopping rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from numerics.evidence.blocks import Array, Block, log_mean_exp, log_product

LOG_2 = math.log(2)


def influence(u: Array) -> Array:
    """Return phi(u) = sgn(u) log(1 + |u| + u^2/2), elementwise and without overflow.

    Examples
    --------
    >>> influence(np.array([-1.0, 0.0, 1.0])).round(6).tolist()
    [-0.916291, 0.0, 0.916291]
    """
    size = np.minimum(np.abs(u), 1e300)
    # Beyond 1e9 the quadratic term is all that a float64 can hold.
    bounded = np.minimum(size, 1e9)
    logs = np.log1p(bounded * (1 + bounded / 2)) + 2 * np.log(np.maximum(size, 1e9) / 1e9)
    return np.copysign(logs, u)


def _log_sum(distances: Array, bet: float, work: Array) -> float:
    """Return the sum of log(1 + u + u^2/2) at u = bet * distances >= 0."""
    factors = work[: distances.size]
    # 1 + u + u^2/2 = ((1 + u)^2 + 1)/2: four passes, the halves taken out of the product.
    with np.errstate(over="ignore"):
        np.multiply(distances, bet, out=factors)
        factors += 1
        factors *= factors
        factors += 1
    total = log_product(factors)
    if math.isinf(total):
        with np.errstate(over="ignore"):
            return float(influence(distances * bet).sum())
    return total - distances.size * LOG_2


def default_bets(epsilon: float, scale: float, variance: float) -> Array:
    """Return bets for a gap of unknown size: around the resolution, and far larger.

    {1/4, 1/2, 1, 2, 4} * 0.9 epsilon scale / v and {1, 1/8, 1/64} * 2/sqrt(v), capped at 2/sqrt(v).
    """
    largest = 2 / math.sqrt(variance)
    near = 0.9 * epsilon * scale / variance * np.array([0.25, 0.5, 1, 2, 4])
    return np.minimum(np.concatenate([near, largest * np.array([1, 1 / 8, 1 / 64])]), largest)


def verification_bets(epsilon: float, scale: float, variance: float) -> Array:
    """Return the bets of a verification, whose gap is known: {1, 2, 4, 8} * 0.9 epsilon scale / v.

    The larger ones find a coarser resolution where the asked one is out of reach.
    """
    near = 0.9 * epsilon * scale / variance * np.array([1.0, 2, 4, 8])
    return np.minimum(near, 2 / math.sqrt(variance))


VERIFICATION_WEIGHTS = (0.5, 0.25, 0.125, 0.125)


class CatoniProcess:
    """Evidence that the mean is above (+1) or below (-1) the centre, for variance at most v.

    Parameters
    ----------
    centre : float
        The mean under the null.
    variance : float
        Bound v > 0 on the variance of one draw.
    bets : sequence of float, positive
        The lambdas, in units of 1/X, fixed before the draws.
    weights : sequence of float, optional
        Weights of the bets, summing to 1; equal if left out.

    Examples
    --------
    >>> process = CatoniProcess(0.0, 1.0, [0.5])
    >>> process.add(Block(np.full(100, 1.0)))
    >>> round(process.log_e(+1), 3), round(process.log_e(-1), 3)
    (36.772, -60.329)
    """

    def __init__(
        self,
        centre: float,
        variance: float,
        bets: Sequence[float] | Array,
        weights: Sequence[float] | None = None,
    ) -> None:
        self.centre = centre
        self.variance = variance
        self.bets: Array = np.asarray(bets, dtype=float)
        equal = np.full(self.bets.size, 1 / self.bets.size)
        self.weights: Array = equal if weights is None else np.asarray(weights, dtype=float)
        self.count = 0
        self.sums: Array = np.zeros(self.bets.size)
        self._penalty: Array = np.log1p(self.bets**2 * variance / 2)

    def add(self, block: Block) -> None:
        """Take a block of draws into account; its ordered copy splits at the centre for free."""
        ordered = block.ordered
        split = int(ordered.searchsorted(self.centre))
        above = ordered[split:] - self.centre
        below = self.centre - ordered[:split]
        work = np.empty(max(above.size, below.size))
        for j, bet in enumerate(self.bets.tolist()):
            self.sums[j] += _log_sum(above, bet, work) - _log_sum(below, bet, work)
        self.count += ordered.size

    def log_e(self, side: int) -> float:
        """Log of the evidence that the mean is above (+1) or below (-1) the centre."""
        return self.log_e_shifted(side, 0.0)

    def log_e_shifted(self, side: int, shift: float) -> float:
        """Bound the log evidence from below with the centre moved by `shift` >= 0 towards the data.

        phi has slope at most 1, so that the sum at bet lambda loses at most N lambda shift. For a
        negative shift (away from the data) the value is a guess: an upper bound, not a lower one.
        """
        logs = side * self.sums - self.count * (self._penalty + self.bets * shift)
        return log_mean_exp(logs, self.weights)

    def sharpened(self, side: int) -> CatoniProcess:
        """Return a fresh process whose bets surround the best one so far."""
        logs = side * self.sums - self.count * self._penalty
        best = float(self.bets[int(np.argmax(logs))])
        bets = np.minimum(best * np.array([0.5, 1, 2]), 2 / math.sqrt(self.variance))
        return CatoniProcess(self.centre, self.variance, bets)
