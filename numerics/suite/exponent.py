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
from numerics.evidence.reading import CONFIRM, SCREEN
from numerics.suite.ladder import ERROR, LADDER, prepare, validated
from numerics.suite.orderresult import Rung
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
    climb = prepare(
        draw, f"E T_n ~ n^-{exponent:g}", words, ladder, limit=0.0, order=exponent,
        variance=variance, error=error, budget=budget, salt=salt,
    )  # fmt: skip
    looks = climb.looks

    def decided(rungs: tuple[Rung, ...]) -> Verdict:
        return decide(rungs, slack, epsilon * exponent)

    screen, confirmed = climb.reader(SCREEN), 0
    rungs: tuple[Rung, ...] = ()
    verdict = Verdict.INCONCLUSIVE
    for i, look in enumerate(looks):
        rungs = screen.read(look)
        verdict = decided(rungs)
        if verdict is Verdict.REFUTED:
            screen.drawn.clear()  # of millions of draws
            fresh, verdict = climb.reader(CONFIRM), Verdict.INCONCLUSIVE
            for again in looks[i:]:
                confirmed = again * len(ladder)
                if decided(fresh.read(again)) is Verdict.REFUTED:
                    verdict = Verdict.REFUTED
                    break
            break
        if verdict is Verdict.VERIFIED:
            break
    local = tuple((rung.n, _local(rung, rungs[-1], exponent)) for rung in rungs[:-1])
    draws = sum(rung.draws for rung in rungs) + confirmed
    return ExponentEvidence(
        verdict, float(exponent), epsilon, rungs, local, variance is None, climb.salt, draws
    )


def _ratio(lower: Rung, top: Rung) -> Interval:
    """An interval for log(a_N / a_m)."""
    if lower.scaled.low <= 0 or top.scaled.low <= 0:
        return Interval(-math.inf, math.inf)
    return Interval(
        math.log(top.scaled.low / lower.scaled.high), math.log(top.scaled.high / lower.scaled.low)
    )


def _local(lower: Rung, top: Rung, exponent: float) -> Interval:
    ratio, span = _ratio(lower, top), math.log(top.n / lower.n)
    return Interval(exponent - ratio.high / span, exponent - ratio.low / span)


def decide(rungs: Sequence[Rung], slack: dict[int, float], tolerance: float) -> Verdict:
    """Decide from simultaneous intervals of the scaled expectations whether they are constant.

    Examples
    --------
    >>> def ladder(*values):
    ...     return [Rung(2**j, 1, a, Interval(0.999 * a, 1.001 * a)) for j, a in enumerate(values)]
    >>> none = dict.fromkeys((1, 2, 4, 8), 0.0)
    >>> for values in ((1, 1, 1, 1), (1, 1.1, 1.2, 1.3), (1, 1, 1, 1.005)):
    ...     print(decide(ladder(*values), none, 0.02))
    VERIFIED
    REFUTED
    REFUTED
    """
    *lower, top = rungs
    inside = True
    for rung in lower:
        ratio, allowed = _ratio(rung, top), slack[rung.n]
        if ratio.low > allowed or ratio.high < -allowed:
            return Verdict.REFUTED
        room = allowed + tolerance * math.log(top.n / rung.n)
        inside = inside and ratio.high < room and ratio.low > -room
    return Verdict.VERIFIED if inside else Verdict.INCONCLUSIVE
