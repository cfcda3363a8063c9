"""The laws that a decline may follow: mean heights, and when half of the diversity is gone.

Heights are logs of a diversity. With ``b`` the coefficient (never positive: laws of loss) they are

- none: 0;
- geometric: ``b t``;
- power: ``b log(t + c)``, with a transient c of 1 or 2 generations;
- plateau: ``b (1 - exp(-t / tau))``, or ``b (1 - 1 / (t + 1))``;
- logarithmic: the log of ``x`` with ``1/x - log x = log(t + 1) + const``, the flow of an absolute
  soft selection on accumulated data, ``dx/dlog t = -x**2 / (1 + x)``; its size is not free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import wrightomega

Array = NDArray[np.float64]
LAWS = ("geometric", "power", "logarithmic", "plateau", "none")
FREE_SIZE = ("geometric", "power", "plateau")
# Ratio of neighbouring times of plateaus.
TIMES = 1.2


@dataclass(frozen=True)
class Shape:
    """A law with its shape fixed; the coefficient is free unless the law is logarithmic or none.

    Attributes
    ----------
    law : str
        One of `LAWS`.
    number : float
        ``tau`` of a plateau (0 is the algebraic one), ``c`` of a power law, the start
        ``x`` of a logarithmic law.
    """

    law: str
    number: float = 0.0

    def mean(self, t: ArrayLike, start: float) -> Array:
        """The height at generations `t` beyond that at `start`, for the coefficient 1."""
        time = np.asarray(t, dtype=float)
        if self.law == "geometric":
            return np.asarray(time - start)
        if self.law == "power":
            return np.asarray(np.log((time + self.number) / (start + self.number)))
        if self.law == "plateau":
            if self.number == 0:
                return np.asarray(1 / (start + 1) - 1 / (time + 1))
            return np.asarray(-np.expm1(-(time - start) / self.number))
        if self.law == "logarithmic":
            # u = 1/x solves u + log u = const + log t: the Wright omega function.
            u = 1 / self.number
            later = wrightomega(u + math.log(u) + np.log((time + 1) / (start + 1)))
            return np.asarray(-np.log(later / u))
        return np.zeros_like(time)

    def half(self, coefficient: float, start: float, unit: float) -> float:
        """Generation at which the height has fallen by ``unit log 2``; infinite if never.

        Examples
        --------
        >>> round(Shape("geometric").half(-0.01, 0, 1), 1), Shape("none").half(0, 0, 1)
        (69.3, inf)
        """
        depth = unit * math.log(2)
        fall = -coefficient
        if self.law == "logarithmic":
            # The unit multiplies both the height and the depth.
            log_time = 1 / self.number + math.log(2)
        elif self.law == "none" or fall <= 0:
            return math.inf
        elif self.law == "geometric":
            return start + depth / fall
        elif self.law == "power":
            log_time = depth / fall
            c = self.number
            return math.exp(log_time) * (start + c) - c if log_time < 500 else math.inf
        else:
            left = 1 - depth / fall
            if left <= 0:
                return math.inf
            if self.number:
                return start - self.number * math.log(left)
            rest = 1 / (start + 1) - depth / fall
            return 1 / rest - 1 if rest > 0 else math.inf
        return math.exp(log_time) * (start + 1) - 1 if log_time < 500 else math.inf


def shapes(length: int) -> list[Shape]:
    """All shapes that are tried on a record of `length` generations."""
    # Times of plateaus do not depend on the length, so that shorter runs have the same.
    times = TIMES ** np.arange(1 + math.ceil(math.log(max(length / 3, 2.0)) / math.log(TIMES)))
    return [
        Shape("geometric"),
        *(Shape("power", c) for c in (1.0, 2.0)),
        Shape("none"),
        Shape("plateau"),
        *(Shape("plateau", float(tau)) for tau in times),
        *(Shape("logarithmic", float(x)) for x in np.geomspace(0.02, 500.0, 100)),
    ]
