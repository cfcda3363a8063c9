"""Exponents with a remainder: E T_n = C n^-psi (1 + remainder), judged along a ladder of n.

A line through a log-log plot rejects the true exponent, because the power law is only approached.
Here every rung is scaled by the claimed power, a_n = n^psi E T_n, and compared with the top rung N:

* REFUTED: |log(a_N / a_m)| > r(m) for some lower rung m, where r is the claimed remainder: no
  constant C fits both rungs. Confirmed on fresh noise.
* VERIFIED: |log(a_N / a_m)| < r(m) + epsilon psi log(N / m) for every lower rung m: every local
  exponent up to the top rung is the claimed one within epsilon, beyond the remainder.

All rungs, looks and sides share one error probability.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from numerics.evidence import Verdict
from numerics.evidence.interval import Interval
from numerics.evidence.ladder import Rung, decide_exponent, log_ratio
from numerics.suite.ladder import ERROR, LADDER, prepare, validated
from numerics.suite.texts import text_of
from theory.errors import InvalidInput

Remainder = Callable[[int], float]


@dataclass(frozen=True)
class ExponentEvidence:
    """The verdict on an exponent, with the local exponents that it rests on.

    Attributes
    ----------
    verdict
        VERIFIED, REFUTED or INCONCLUSIVE.
    exponent, epsilon
        What was claimed, and the resolution relative to it.
    rungs
        Scaled expectations n^exponent E T_n on the screen stream.
    local
        For every rung below the top: its n, and an interval for the exponent between the two.
    asymptotic
        Whether the intervals are normal ones, without a guarantee.
    salt
        Names the noise.
    draws
        On both streams.
    """

    verdict: Verdict
    exponent: float
    epsilon: float
    rungs: tuple[Rung, ...]
    local: tuple[tuple[int, Interval], ...]
    asymptotic: bool
    salt: str
    draws: int

    @property
    def label(self) -> str:
        """The verdict as printed, with its qualification."""
        decided = self.verdict is not Verdict.INCONCLUSIVE
        return f"{self.verdict} (asymptotic)" if self.asymptotic and decided else str(self.verdict)

    def __str__(self) -> str:
        n, interval = self.local[-1]
        return (
            f"{self.label}: exponent {self.exponent:g}; from n = {n} to {self.rungs[-1].n} it is "
            f"in {interval}; {self.draws} draws"
        )


def check_exponent(
    draw: Callable[..., Any],
    exponent: float,
    *,
    remainder: Remainder | None = None,
    over: Sequence[int] = LADDER,
    epsilon: float = 0.02,
    variance: Callable[[int], float] | None = None,
    error: float = ERROR,
    budget: int = 4_000_000,
    salt: str | None = None,
) -> ExponentEvidence:
    """Check that E T_n = C n^-exponent up to a remainder, along a ladder of n.

    Parameters
    ----------
    draw
        ``draw(rng, size, n=n)`` returns `size` independent replicates of T_n, whose mean is
        positive.
    exponent
        psi > 0.
    remainder
        ``remainder(m)``: a proved bound on |log(a_N / a_m)| for every N > m, such as
        ``lambda m: 1 / m``. By default 0: an exact power.
    over, variance, error, budget, salt
        As in `numerics.testing.check_order`.
    epsilon
        Resolution, relative to the exponent.

    Returns
    -------
    ExponentEvidence
        The verdict and the local exponents.

    Raises
    ------
    InvalidInput
        If a parameter is out of its range.
    ClaimError
        If `draw` is no function of its generator, or its replicates depend on each other.

    Examples
    --------
    >>> def fall(rng, size, n):  # E = n^-1/2, by a mean of squares
    ...     return rng.chisquare(4, size) / 4 / n**0.5
    >>> asked = {"over": (2, 4, 8, 16), "variance": lambda n: 0.5 / n, "salt": "c0ffee"}
    >>> for psi in (0.5, 0.525):
    ...     print(check_exponent(fall, psi, **asked).label)
    VERIFIED
    REFUTED
    """
    ladder = validated(over, error, budget, exponent=exponent, epsilon=epsilon)
    slack = {n: 0.0 if remainder is None else float(remainder(n)) for n in ladder}
    if not all(math.isfinite(x) and x >= 0 for x in slack.values()):
        raise InvalidInput(f"remainder gives {slack}; accepted: finite numbers >= 0")
    words = [text_of(draw), repr(float(exponent)), repr(ladder), repr(sorted(slack.items()))]
    prepared = prepare(
        draw, f"E T_n ~ n^-{exponent:g}", words, ladder, variance=variance, salt=salt
    )
    found = prepared.climb(
        lambda rungs: decide_exponent(rungs, slack, epsilon * exponent),
        limit=0.0, order=exponent, error=error, budget=budget,
    )  # fmt: skip
    rungs = found.rungs
    local = tuple((rung.n, _local(rung, rungs[-1], exponent)) for rung in rungs[:-1])
    return ExponentEvidence(
        found.verdict, float(exponent), epsilon, rungs, local, variance is None, prepared.salt,
        found.screen_draws + found.confirm_draws,
    )  # fmt: skip


def _local(lower: Rung, top: Rung, exponent: float) -> Interval:
    ratio, span = log_ratio(lower, top), math.log(top.n / lower.n)
    return Interval(exponent - ratio.high / span, exponent - ratio.low / span)
