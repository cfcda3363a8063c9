"""Recorded runs: no fresh noise, so one threshold, no confirmation, and bets fixed from N."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.evidence.betting import SpreadProcess
from numerics.evidence.blocks import Array, log_mean_exp
from numerics.evidence.design import Design
from numerics.evidence.predictable import (
    MULTIPLES,
    PredictableLine,
    bets_from_information,
    crossing,
)
from numerics.evidence.verdict import Verdict
from theory.errors import InvalidInput


@dataclass(frozen=True)
class RecordedRival:
    """What recorded runs say about a rival; refuted means that 2 e^(L+C) was reached."""

    name: str
    log_e: float
    refuted: bool


@dataclass(frozen=True)
class RecordedJudgement:
    """What recorded one-generation ratios say about an effect c.

    Attributes
    ----------
    verdict : Verdict
        REFUTED if the claimed effect is excluded, VARIANCE REFUTED if the variance bound is,
        VERIFIED if the interval lies within epsilon * |claimed| of the claimed effect, else
        INCONCLUSIVE: the runs are compatible with the claim, and with the rest of the interval.
    claimed : float
        The claimed effect.
    interval : (float, float)
        Effects not excluded at 2 e^(L+C).
    interval_95 : (float, float)
        The same at the conventional 2/0.05, with bets of its own.
    estimate : float
        The effect with equal evidence on both sides; no guarantee.
    log_e : float
        Larger of the two log evidences against the claimed effect.
    variance_log_e : float
        Log evidence against the variance bound.
    log_threshold : float
        ln 2 + L + C.
    count : int
        Number of ratios.
    rivals : tuple of RecordedRival
        Rival effects and rival means, refuted or not.
    guarantee : str
        The error probability, in words.
    """

    verdict: Verdict
    claimed: float
    interval: tuple[float, float]
    interval_95: tuple[float, float]
    estimate: float
    log_e: float
    variance_log_e: float
    log_threshold: float
    count: int
    rivals: tuple[RecordedRival, ...] = ()
    guarantee: str = ""

    @property
    def refuted(self) -> bool:
        """Whether the claimed effect is excluded."""
        return self.verdict is Verdict.REFUTED

    @property
    def refuted_rivals(self) -> tuple[str, ...]:
        """Names of the rivals that the runs exclude."""
        return tuple(rival.name for rival in self.rivals if rival.refuted)


def judge_recorded(
    x: ArrayLike,
    *,
    mean_of_effect: Callable[[float], ArrayLike],
    variance: ArrayLike,
    effects: Mapping[str, float] | None = None,
    rivals: Mapping[str, ArrayLike] | None = None,
    claimed: float = 1.0,
    design: Design | None = None,
) -> RecordedJudgement:
    """Judge recorded one-generation ratios against E x_i = a_i + c b_i, for every effect c.

    Parameters
    ----------
    x : array of shape (N,)
        The ratios in the order of generations; independent runs one after the other. Runs that
        share seeds must not be put together.
    mean_of_effect : callable
        c -> array (N,) of conditional means, linear in c.
    variance : array of shape (N,)
        Predictable bounds on the conditional variances: functions of what was known one generation
        before, valid whatever was not recorded.
    effects : mapping of str to float, optional
        Rival effects.
    rivals : mapping of str to array of shape (N,), optional
        Rival conditional means outside the family.
    claimed : float
        The claimed effect.
    design : Design, optional
        Error probabilities: the threshold is 2 e^(L+C).

    Returns
    -------
    RecordedJudgement
        The interval of effects not excluded, and which rivals are.

    Raises
    ------
    InvalidInput
        If shapes differ, a value is not finite, a variance not positive, or no mean depends on c.

    Examples
    --------
    Ratios of E R = 1 - c/100 that follow c = 1 closely:

    >>> x = 0.99 + 1e-3 * np.tile([1.0, -1.0], 200)
    >>> judged = judge_recorded(x, mean_of_effect=lambda c: np.full(400, 1 - c / 100),
    ...                         variance=np.full(400, 1e-6), effects={"no collapse": 0.0})
    >>> judged.verdict.value, [round(end, 2) for end in judged.interval], judged.refuted_rivals
    ('INCONCLUSIVE', [0.96, 1.04], ('no collapse',))
    """
    design = design or Design()
    ratios = _vector("x", x, None)
    base = _vector("mean_of_effect(0)", mean_of_effect(0.0), ratios.size)
    slope = _vector("mean_of_effect(1)", mean_of_effect(1.0), ratios.size) - base
    bound = _vector("variance", variance, ratios.size)
    if not (bound > 0).all():
        raise InvalidInput("variance must be positive at every ratio")
    information = float((slope**2 / bound).sum())
    if not information > 0:
        raise InvalidInput("mean_of_effect does not depend on the effect")
    probe = _vector("mean_of_effect(2)", mean_of_effect(2.0), ratios.size)
    if not np.allclose(probe, base + 2 * slope, rtol=1e-9, atol=1e-12):
        raise InvalidInput("mean_of_effect is not linear in the effect")

    threshold = math.log(2) + design.L + design.C
    conventional = math.log(2 / 0.05)
    line = PredictableLine(ratios, bound, slope, bets_from_information(information, threshold))
    usual = PredictableLine(ratios, bound, slope, bets_from_information(information, conventional))

    def evidence(of: PredictableLine, effect: float, side: int) -> float:
        return of.log_e(base + effect * slope, side)

    # Evidence above falls with the effect, evidence below rises: they meet once.
    width = 1 / math.sqrt(information)
    centre = float((slope * (ratios - base) / bound).sum()) / information
    away = 1 if evidence(line, centre, 1) >= evidence(line, centre, -1) else -1
    estimate = crossing(
        lambda c: evidence(line, c, away) < evidence(line, c, -away), centre, away * width
    )

    def interval(of: PredictableLine, level: float) -> tuple[float, float]:
        return (
            crossing(lambda c: evidence(of, c, 1) >= level, estimate, -width),
            crossing(lambda c: evidence(of, c, -1) >= level, estimate, width),
        )

    against = max(evidence(line, claimed, side) for side in (1, -1))
    # The smaller of two: a wrong effect alone must not be reported as a wrong variance.
    spread = min(
        _variance_evidence(ratios, base + effect * slope, bound) for effect in (claimed, estimate)
    )
    found = [
        RecordedRival(name, log, log >= threshold)
        for name, effect in (effects or {}).items()
        for log in [max(evidence(line, float(effect), side) for side in (1, -1))]
    ]
    for name, values in (rivals or {}).items():
        means = _vector(f"rival {name!r}", values, ratios.size)
        log = _against_means(ratios, bound, means, base + claimed * slope)
        found.append(RecordedRival(name, log, log >= threshold))
    ends = interval(line, threshold)
    return RecordedJudgement(
        verdict=_verdict(against, spread, threshold, ends, claimed, design.epsilon),
        claimed=claimed,
        interval=ends,
        interval_95=interval(usual, conventional),
        estimate=estimate,
        log_e=against,
        variance_log_e=spread,
        log_threshold=threshold,
        count=ratios.size,
        rivals=tuple(found),
        guarantee=(
            "if the variance bounds hold, the interval misses the effect with probability <= "
            f"{math.exp(-design.L - design.C):.2g}, the conventional one <= 0.05"
        ),
    )


def _verdict(
    against: float,
    spread: float,
    threshold: float,
    interval: tuple[float, float],
    claimed: float,
    epsilon: float,
) -> Verdict:
    if spread >= threshold:
        return Verdict.VARIANCE_REFUTED
    if against >= threshold:
        return Verdict.REFUTED
    if max(abs(interval[0] - claimed), abs(interval[1] - claimed)) <= epsilon * abs(claimed):
        return Verdict.VERIFIED
    return Verdict.INCONCLUSIVE


def _against_means(x: Array, variance: Array, means: Array, claimed: Array) -> float:
    """Log evidence against arbitrary means, betting towards the claimed ones (and away: halved)."""
    towards = claimed - means
    if not np.any(towards):
        return 0.0
    # At bet 1 the claimed means, if true, grow the evidence fastest.
    line = PredictableLine(x, variance, towards, MULTIPLES)
    return max(line.log_e(means, side) for side in (1, -1))


def _variance_evidence(x: Array, mean: Array, variance: Array) -> float:
    """Log evidence that (x - mean)^2 exceeds the variance bounds on average."""
    ratios = np.minimum((x - mean) ** 2 / variance, 1e300)
    bets = SpreadProcess(1.0).bets
    logs = np.array([float(np.log1p(bet * (ratios - 1)).sum()) for bet in bets])
    return log_mean_exp(logs, np.full(logs.size, 1 / logs.size))


def _vector(name: str, values: ArrayLike, size: int | None) -> Array:
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or found.size == 0 or (size is not None and found.size != size):
        wanted = "(N,), N >= 1" if size is None else f"({size},)"
        raise InvalidInput(f"{name} has shape {found.shape}; accepted: {wanted}")
    if not np.isfinite(found).all():
        raise InvalidInput(f"{name} has values that are not finite")
    return found
