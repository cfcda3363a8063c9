"""What is claimed about one draw at one point of the parameter space, validated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from numerics.evidence.blocks import Array
from numerics.evidence.planning import default_scale
from theory.errors import InvalidInput

RELATIONS = ("=", "<=", ">=")


@dataclass(frozen=True)
class Statement:
    """The claim E X = m (or <= m, or >= m) with everything that makes it testable; see `judge`."""

    mean: float
    variance: float | None = None
    declared_scale: float | None = None
    slack: float = 0.0
    relation: str = "="
    bounds: tuple[float, float] | None = None
    cdf: Callable[[Array], Array] | None = None
    log_mellin: Callable[[float], float] | None = None
    nonnegative: bool = False
    law_claim: bool = False
    asymptotic: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.mean):
            raise InvalidInput(f"mean={self.mean!r} is not accepted; accepted: finite numbers")
        if self.variance is not None and not 0 <= self.variance < math.inf:
            raise InvalidInput(
                f"variance={self.variance!r} is not accepted; accepted: finite numbers >= 0"
            )
        if self.declared_scale is not None and not 0 < self.declared_scale < math.inf:
            raise InvalidInput(
                f"scale={self.declared_scale!r} is not accepted; accepted: finite numbers > 0"
            )
        if not 0 <= self.slack < math.inf:
            raise InvalidInput(
                f"slack={self.slack!r} is not accepted; accepted: finite numbers >= 0"
            )
        if self.relation not in RELATIONS:
            raise InvalidInput(f"relation={self.relation!r} is not accepted; accepted: = <= >=")
        if self.law_claim and (self.cdf is None or self.relation != "="):
            raise InvalidInput('a claim about a law needs cdf= and relation "="')
        self._check_bounds()
        if (self.variance, self.bounds, self.cdf, self.log_mellin) == (None,) * 4 and not (
            self.nonnegative or self.asymptotic
        ):
            raise InvalidInput(
                "nothing bounds the draws: give variance=, bounds=, cdf=, log_mellin=, "
                "nonnegative=True or asymptotic=True"
            )
        if self.scale == 0 and self.variance != 0:
            raise InvalidInput("mean 0 without a variance has no scale: give scale=")

    def _check_bounds(self) -> None:
        if self.nonnegative and self.mean < 0 and self.relation != ">=":
            raise InvalidInput(f"mean={self.mean!r} of a draw that is never negative")
        if self.bounds is None:
            return
        low, high = self.bounds
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise InvalidInput(f"bounds={self.bounds!r} are not accepted; accepted: finite a < b")

    @property
    def vacuous(self) -> bool:
        """Whether the bounds alone imply the claim, so that no draw could contradict it."""
        if self.bounds is None:
            return False
        low, high = self.bounds
        above = self.mean + self.slack >= high
        below = self.mean - self.slack <= low
        if self.relation == "=":
            return bool(self.slack) and above and below
        return above if self.relation == "<=" else below

    @property
    def excluded(self) -> bool:
        """Whether the bounds alone exclude the claim: any draw at all refutes it."""
        if self.bounds is None:
            return False
        low, high = self.bounds
        above = 1 in self.sides and self.mean + self.slack < low
        return above or (-1 in self.sides and self.mean - self.slack > high)

    @property
    def vacuity(self) -> str:
        """One line for a vacuous claim."""
        low, high = self.bounds or (-math.inf, math.inf)
        remainder = f" up to {self.slack:g}" if self.slack else ""
        return (
            f"E X {self.relation} {self.mean:g}{remainder} is vacuous for a draw bounded by "
            f"[{low:g}, {high:g}]"
        )

    @property
    def largest_variance(self) -> float | None:
        """The declared variance, else the largest one that bounds and relation allow, else None.

        For a probability bound b with relation ``<=`` that is b(1 - b) only for b <= 1/2.
        """
        if self.variance is not None or self.bounds is None:
            return self.variance
        low, high = self.bounds
        worst = min(max(self.mean, low), high)
        if self.relation == "<=":
            worst = min(worst, (low + high) / 2)
        elif self.relation == ">=":
            worst = max(worst, (low + high) / 2)
        return (worst - low) * (high - worst)

    @property
    def rounding(self) -> float:
        """How far float64 may put a draw beyond its bounds."""
        if self.bounds is not None:
            return 1e-9 * (self.bounds[1] - self.bounds[0])
        return 1e-9 * max(abs(self.mean), 1e-300)

    @property
    def scale(self) -> float:
        """The declared scale, else the root mean square of one draw, else the absolute mean.

        Where bounds make all of these 0, as those of an event of probability 0 do, their width.
        """
        if self.declared_scale is not None:
            return self.declared_scale
        natural = default_scale(self.mean, self.largest_variance or 0.0)
        if natural == 0 and self.variance is None and self.bounds is not None:
            return self.bounds[1] - self.bounds[0]
        return natural

    @property
    def planning_variance(self) -> float:
        """The variance that sizes the bets: a guess (scale^2) where nothing bounds it."""
        known = self.largest_variance
        return known if known else self.scale**2

    @property
    def sides(self) -> tuple[int, ...]:
        """Directions in which the mean can contradict the relation: +1 above, -1 below."""
        return {"=": (1, -1), "<=": (1,), ">=": (-1,)}[self.relation]

    @property
    def is_constant(self) -> bool:
        """Whether the claim says that X is a constant, up to float64 rounding."""
        return self.variance is not None and math.sqrt(self.variance) <= 1e-12 * self.scale

    def tolerance(self, epsilon: float) -> float:
        """Return epsilon * scale + slack."""
        return epsilon * self.scale + self.slack
