"""The asymptotic route: a normal mixture, labelled ASYMPTOTIC and refused where it would mislead.

Robbins (1970); Waudby-Smith et al. (2024). It needs no variance, and it accuses correct claims
about heavy-tailed quantities; so it never verifies, and stays silent while a few draws carry
the spread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from numerics.evidence.blocks import Array, Block, log_mean_exp

BURN_IN = 1024
LARGEST_CV2_PER_DRAW = 1e-3
LARGEST_SHARE_OF_ONE_DRAW = 0.05


class NormalMixtureProcess:
    """Approximate evidence that the mean is above (+1) or below (-1) the centre.

    Parameters
    ----------
    centre : float
        The mean under the null.
    gaps : sequence of float, positive
        Standard deviations of the normal priors on the gap.

    Examples
    --------
    >>> process = NormalMixtureProcess(0.0, [0.1])
    >>> process.add(Block(np.tile([-1.0, 1.4], 1000)))
    >>> process.log_e(+1) > 20, process.log_e(-1)
    (True, -inf)
    """

    def __init__(self, centre: float, gaps: Sequence[float] | Array) -> None:
        self.centre = centre
        self.gaps: Array = np.asarray(gaps, dtype=float)
        self.count = 0
        self.sum = self.squares = self.largest = 0.0

    def add(self, block: Block) -> None:
        """Take a block of draws into account."""
        centred = block.draws - self.centre
        self.count += centred.size
        self.sum += float(centred.sum())
        self.squares += float(centred @ centred)
        self.largest = max(self.largest, float(np.max(np.abs(centred))))

    def _variance(self) -> float:
        return self.squares / self.count - (self.sum / self.count) ** 2

    def refused(self) -> bool:
        """Whether the normal approximation is not to be trusted on these draws."""
        if self.count < BURN_IN or self._variance() <= 0:
            return True
        mean = self.centre + self.sum / self.count
        heavy = self._variance() > LARGEST_CV2_PER_DRAW * self.count * mean**2 and self.centre != 0
        drift = abs(self.sum / self.count)
        share = (self.largest + drift) ** 2 / (self._variance() * self.count)
        return heavy or share > LARGEST_SHARE_OF_ONE_DRAW

    def log_e(self, side: int) -> float:
        """Log of the approximate evidence; ``-inf`` where it is refused or looks elsewhere."""
        if self.count == 0 or self.refused() or side * self.sum <= 0:
            return -math.inf
        variance = self._variance()
        prior = self.count * self.gaps**2
        logs = 0.5 * np.log(variance / (variance + prior))
        logs += self.gaps**2 * self.sum**2 / (2 * variance * (variance + prior))
        return log_mean_exp(logs, np.full(self.gaps.size, 1 / self.gaps.size))

    def sharpened(self, side: int) -> NormalMixtureProcess:
        """Return a fresh process with the gap seen so far as its prior."""
        return NormalMixtureProcess(self.centre, [abs(self.sum / self.count)])
