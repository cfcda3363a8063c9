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
        if (self.relation == "<=" and self.mean >= high) or (
            self.relation == ">=" and self.mean <= low
        ):
            raise InvalidInput(
                f"E X {self.relation} {self.mean:g} is vacuous for a draw bounded by "
                f"[{low:g}, {high:g}]"
            )
        if not low <= self.mean <= high:
            raise InvalidInput(f"mean={self.mean!r} lies outside bounds={self.bounds!r}")

    @property
    def largest_variance(self) -> float | None:
        """The declared variance, else the largest one that bounds and relation allow, else None.

        For a probability bound b with relation ``<=`` that is b(1 - b) only for b <= 1/2.
        """
        if self.variance is not None or self.bounds is None:
            return self.variance
        low, high = self.bounds
        worst = self.mean
        if self.relation == "<=":
            worst = min(self.mean, (low + high) / 2)
        elif self.relation == ">=":
            worst = max(self.mean, (low + high) / 2)
        return (worst - low) * (high - worst)

    @property
    def scale(self) -> float:
        """The declared scale, else the root mean square of one draw, else the absolute mean."""
        if self.declared_scale is not None:
            return self.declared_scale
        return default_scale(self.mean, self.largest_variance or 0.0)

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
