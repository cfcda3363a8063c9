"""The face of recorded runs: the interval for the effect, and which rivals it excludes."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from numerics.recorded import RecordedEvidence
from numerics.report.details import field
from numerics.report.wording import number, where


def _interval(ends: tuple[float, float]) -> str:
    return f"[{number(ends[0])}, {number(ends[1])}]"


def recorded_details(evidence: RecordedEvidence) -> RenderableType:
    """A claim held against recorded runs, in full.

    Parameters
    ----------
    evidence
        What ``numerics.check(claim, runs=...)`` returned.
    """
    judged, claim = evidence.judgement, evidence.claim
    refuted = ", ".join(judged.refuted_rivals) or "none"
    compatible = ", ".join(each.name for each in judged.rivals if not each.refuted) or "none"
    lines: list[RenderableType] = [
        field("statement", claim.statement),
        field(
            "recorded",
            f"{evidence.source}: {evidence.runs} runs, {evidence.transitions} one-generation "
            f"ratios, at {where(evidence.at)}",
        ),
        field("verdict", str(evidence.verdict)),
        field(
            "effect c",
            f"E R_k = 1 - c (1 - rho_k), rho_k the claimed ratio: c = 1 is the claim, c = 0 that "
            f"nothing happens. Estimate {number(judged.estimate)}; at 95 % "
            f"{_interval(judged.interval_95)}; not excluded {_interval(judged.interval)}",
        ),
        field("refuted", refuted),
        field("not refuted", compatible),
        field("states", judged.guarantee),
    ]
    return Group(Text(claim.id, style="bold"), Padding(Group(*lines), (0, 0, 1, 2)))
