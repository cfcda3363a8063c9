"""What the monitor hands back: its three answers about each metric of each loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from numerics.monitoring.laws import LawSet
from numerics.monitoring.loss import Loss


@dataclass(frozen=True)
class Trend:
    """Evidence that the loop is biased towards loss.

    Attributes
    ----------
    null, label, assumption : str
        What is tested; ``exact`` or ``calibrated``; in words.
    alarm : int or None
        First generation at which the evidence reached the threshold.
    log_e, log_threshold : float
        Largest log evidence, and log (metrics / alpha).
    path : tuple of float
        Log evidence at each generation.
    earliest : int or None
        Generations after which the steadiest fall would be noticed, with these runs.
    delay : float or None
        Expected delay of the best possible alarm, ``2 log(1/alpha) / SNR**2`` for the increments'
        drift over their noise as estimated; None if nothing falls.
    single_drop : bool
        Whether the alarm rests on one lasting drop and not on a drift: then a loop whose level
        jumps both ways, now and then, would have raised it too.
    """

    null: str
    label: str
    assumption: str
    alarm: int | None
    log_e: float
    log_threshold: float
    path: tuple[float, ...]
    earliest: int | None
    delay: float | None
    single_drop: bool = False


@dataclass(frozen=True)
class Finding:
    """The three answers about one metric of one loop."""

    loop: str
    metric: str
    runs: int
    generations: tuple[int, int]
    losses: Mapping[str, Loss]
    trend: Trend | None
    law: LawSet | None
    needed: tuple[int | None, int | None]
    single_laws: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    heights: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Report:
    """What the monitor found in a table."""

    source: str
    null: str
    alpha: float
    delta: float
    independent: bool
    findings: tuple[Finding, ...]
    ignored: tuple[str, ...]

    @property
    def alarmed(self) -> bool:
        """Whether any trend or error-controlled loss was found."""
        return any(
            (f.trend is not None and f.trend.alarm is not None)
            or any(x.generation is not None and x.alpha is not None for x in f.losses.values())
            for f in self.findings
        )

    def to_json(self) -> dict[str, Any]:
        """The report as plain values; an infinite end, such as "never", is null."""
        found = dict(_plain({**asdict(self), "alarmed": self.alarmed}))
        for plain, finding in zip(found["findings"], self.findings, strict=True):
            if finding.law is not None:
                plain["law"]["kept"] = list(finding.law.kept)
                plain["law"]["half"] = _plain(finding.law.half)
                plain["law"]["projected"] = finding.law.half is not None
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if k != "heights"}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
