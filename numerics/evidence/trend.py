"""Exponents and orders at one point of a claim's domain, judged like any other statement."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from numerics.evidence.design import Design
from numerics.evidence.interval import Interval
from numerics.evidence.ladder import (
    Climb,
    Rung,
    climb,
    decide_exponent,
    decide_order,
    log_ratio,
)
from numerics.evidence.reading import EFFECT, EFFECT_DRAWS, Sampler
from numerics.evidence.routes import SPREAD
from numerics.evidence.verdict import Effect, Judgement, RivalReport, Verdict

ROUTE = "ladder"
# An error of order k - GAP is what has to be told from one of order k.
GAP = 0.5

Decide = Callable[[tuple[Rung, ...]], Verdict]


@dataclass(frozen=True)
class Trend:
    """What is claimed of E T_n along a ladder.

    Parameters
    ----------
    power
        The exponent, or the order.
    bounds
        A bound on the variance of a replicate at every rung.
    scale
        What epsilon is relative to: for an exponent a number, for an order the n^order T that
        errors are compared with.
    slack
        For an exponent: a proved bound on |log(a_N/a_m)| at every rung m; None for an order.
    limit
        For an order: the limit.
    rivals
        Other exponents or orders.
    """

    power: float
    bounds: Mapping[int, float]
    scale: float
    slack: Mapping[int, float] | None = None
    limit: float = 0.0
    rivals: Mapping[str, float] | None = None

    def decide(self, power: float, epsilon: float) -> Decide:
        """Decide for or against a power, from rungs that are scaled by the claimed one."""

        def rescaled(rungs: tuple[Rung, ...]) -> Verdict:
            others = [_rescaled(rung, power - self.power) for rung in rungs]
            if self.slack is None:
                return decide_order(others, GAP, epsilon * self.scale)
            return decide_exponent(others, self.slack, epsilon * self.scale, whole=True)

        return rescaled

    def tolerance(self, epsilon: float) -> float:
        """How far off the power may be where it is VERIFIED, remainder included.

        Examples
        --------
        >>> exact = Trend(1.0, {}, 1.0, {4: 0.0, 16: 0.0, 64: 0.0})
        >>> loose = Trend(1.0, {}, 1.0, {4: 0.5, 16: 0.125, 64: 0.0})
        >>> exact.tolerance(0.01), round(loose.tolerance(0.01), 3)
        (0.01, 0.11)
        """
        if self.slack is None:
            return epsilon * self.scale
        *lower, top = self.slack
        room = epsilon * self.scale * math.log(top / lower[0])
        return min((self.slack[n] + room) / math.log(top / n) for n in lower)

    def resolution(self, rungs: tuple[Rung, ...]) -> float | None:
        """The smallest epsilon at which the rungs verify an exponent."""
        if self.slack is None:
            return None
        *lower, top = rungs
        ratios = {rung.n: log_ratio(rung, top) for rung in lower}
        beyond = [max(x.high, -x.low) - self.slack[n] for n, x in ratios.items()]
        return max(0.0, *beyond) / math.log(top.n / lower[0].n) / self.scale


def _rescaled(rung: Rung, power: float) -> Rung:
    if power == 0:
        return rung
    factor = float(rung.n) ** power
    return Rung(rung.n, rung.draws, factor * rung.estimate, rung.scaled.times(factor))


def judge_trend(
    draws: Mapping[int, Sampler], trend: Trend, design: Design | None = None
) -> Judgement:
    """Judge an exponent or an order.

    Parameters
    ----------
    draws
        ``draws(stage, start, count)`` for every rung, on independent streams.
    trend
        What is claimed.
    design
        Resolution, budget of each rung, and error probabilities.

    Returns
    -------
    Judgement
        Its `mean` is the claimed exponent or order, its effect the one that was measured.

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> def falling(n):  # E T_n = n^-1/2
    ...     return lambda stage, start, count: Stream("c0ffee", "fall", {"n": n}, stage).generator(
    ...         start).chisquare(8, count) / 8 / n**0.5
    >>> rungs = (4, 8, 32)
    >>> for psi in (0.5, 0.525):
    ...     trend = Trend(psi, {n: 0.25 / n for n in rungs}, psi, dict.fromkeys(rungs, 0.0))
    ...     print(judge_trend({n: falling(n) for n in rungs}, trend, Design(epsilon=0.02)).label)
    VERIFIED
    REFUTED
    """
    design = design or Design()
    found = climb(
        draws,
        trend.decide(trend.power, design.epsilon),
        limit=trend.limit,
        order=trend.power,
        bounds=trend.bounds,
        budget=design.budget,
        screen=design.L,
        confirm=design.C,
    )
    verdict, rungs = found.verdict, found.rungs
    unconfirmed = found.accused and verdict is Verdict.INCONCLUSIVE
    accuser = SPREAD if verdict is Verdict.VARIANCE_REFUTED else ROUTE
    tolerance = trend.tolerance(design.epsilon)
    resolution = None if found.accused else trend.resolution(rungs)
    return Judgement(
        verdict=verdict,
        coarse=verdict is Verdict.VERIFIED and trend.slack is not None and trend.power <= tolerance,
        mean=trend.power,
        epsilon=design.epsilon,
        smallest_epsilon=resolution if resolution is None or math.isfinite(resolution) else None,
        scale=trend.scale,
        tolerance=tolerance,
        relative_tolerance=None if trend.slack is None else tolerance / trend.power,
        screen_draws=found.screen_draws,
        confirm_draws=found.confirm_draws,
        planned_draws=design.budget * len(draws),
        routes=(ROUTE,),
        accused_by=accuser if found.accused else None,
        unconfirmed=unconfirmed,
        verified_by=ROUTE if verdict is Verdict.VERIFIED else None,
        rivals=tuple(_rivals(trend, rungs, design)),
        effect=_effect(draws, trend, rungs, design) if verdict is Verdict.REFUTED else None,
        note=_note(found, trend, resolution, design),
        guarantee=_guarantee(verdict, trend, design),
    )


def _rivals(trend: Trend, rungs: tuple[Rung, ...], design: Design) -> list[RivalReport]:
    """What the last rungs say of the rivals: the intervals hold for all of them at once."""
    reports = []
    for name, power in (trend.rivals or {}).items():
        refuted = trend.decide(power, design.epsilon)(rungs) is Verdict.REFUTED
        gap = abs(power - trend.power)
        inside = trend.slack is not None and gap <= trend.tolerance(design.epsilon)
        count = sum(rung.draws for rung in rungs)
        reports.append(
            RivalReport(name, power, gap / trend.scale, inside, refuted, True, count, count)
        )
    return reports


def _effect(
    draws: Mapping[int, Sampler], trend: Trend, rungs: tuple[Rung, ...], design: Design
) -> Effect | None:
    """The exponent, or the order, from the rung that is at odds most to the top, on new draws."""
    *lower, top = rungs
    slack = trend.slack
    worst = lower[0]
    if slack is not None:
        worst = max(lower, key=lambda rung: _excess(log_ratio(rung, top), slack[rung.n]))
    count = min(max(top.draws, EFFECT_DRAWS[0]), EFFECT_DRAWS[1])
    means, spreads = [], []
    for rung in (worst, top):
        parts = [draws[rung.n](EFFECT, start, size) for start, size in design.chunks(0, count)]
        values = np.concatenate(parts) - trend.limit
        means.append(abs(float(values.mean())))
        spreads.append(float(values.var(ddof=1)))
    if min(means) == 0:
        return None
    span = math.log(top.n / worst.n)
    variance = sum(v / m**2 for v, m in zip(spreads, means, strict=True)) / span**2
    measured = math.log(means[0] / means[1]) / span
    return Effect(measured, math.sqrt(variance / count), variance, count)


def _excess(ratio: Interval, allowed: float) -> float:
    return max(ratio.low, -ratio.high) - allowed


def _note(found: Climb, trend: Trend, resolution: float | None, design: Design) -> str:
    if found.verdict is Verdict.VARIANCE_REFUTED:
        return "a bound on Var T_n is too small, so nothing is said of the trend"
    if found.verdict is not Verdict.INCONCLUSIVE:
        return ""
    if found.accused:
        return (
            "the screen stream accused the claim, fresh noise did not confirm it within the budget"
        )
    if trend.slack is None:
        return "the budget does not settle how the scaled error grows to the top rung"
    if resolution is None or not math.isfinite(resolution):
        return "the budget does not tell the mean of some rung from 0"
    return f"reached {resolution:.3g} instead of {design.epsilon:g} with {design.budget} a rung"


def _guarantee(verdict: Verdict, trend: Trend, design: Design) -> str:
    caveat = "or Var T_n beyond its bound at a rung"
    wrong = design.evaluations * math.exp(-design.L - design.C)
    accusation = f"P(any correct claim of the run is refuted) <= {wrong:.2g}"
    if verdict is Verdict.VARIANCE_REFUTED:
        return f"accuses a bound on Var T_n; {accusation}"
    if verdict is Verdict.VERIFIED:
        what = f"growth of the scaled error like n^{GAP:g} excluded"
        if trend.slack is not None:
            what = "the exponent over the ladder is within tol, beyond the remainder"
        return (
            f"{what}, {caveat}; P(any VERIFIED of the run is wrong) <= {design.error:.2g} "
            f"over {design.evaluations} evaluations"
        )
    if verdict is Verdict.REFUTED:
        return f"accuses the claim, {caveat}; {accusation}"
    return "nothing is stated"
