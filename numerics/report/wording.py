"""Short words for the numbers of a verdict, shared by the faces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numerics.evidence import Verdict
from numerics.result import Evidence, PointResult, Simulation
from theory.domain import Number

NONE = "-"


def number(value: float | None, digits: int = 4) -> str:
    """A number in `digits` significant digits.

    Examples
    --------
    >>> number(0.0123456), number(None)
    ('0.01235', '-')
    """
    return NONE if value is None else f"{value:.{digits}g}"


def count(value: int) -> str:
    """A number of draws, short.

    Examples
    --------
    >>> count(0), count(950), count(673_231), count(999_500), count(4_000_000)
    ('-', '950', '673k', '1.0M', '4.0M')
    """
    if value == 0:
        return NONE
    if value < 1000:
        return str(value)
    return f"{value / 1000:.0f}k" if value < 999_500 else f"{value / 1e6:.1f}M"


def percent(value: float | None) -> str:
    """A share in per cent.

    Examples
    --------
    >>> percent(0.01), percent(0.0005)
    ('1%', '0.05%')
    """
    return NONE if value is None else f"{100 * value:.3g}%"


def where(point: Mapping[str, Number] | None) -> str:
    """A point of the parameter space.

    Examples
    --------
    >>> where({"n": 10, "alpha": 0.25})
    'n=10 alpha=0.25'
    """
    if not point:
        return NONE
    return " ".join(
        f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in point.items()
    )


def label(evidence: Evidence) -> str:
    """The verdict with its qualification, and what algebra adds to it."""
    text = str(evidence.verdict)
    if evidence.verdict is Verdict.VERIFIED and evidence.simulation is not None:
        if evidence.simulation.coarse:
            text += " (coarse)"
        if evidence.algebra is not None and evidence.algebra.verdict == "PROVED":
            text += " + PROVED"
    return text


def mark(evidence: Evidence) -> str:
    """Two letters that need no colour: as expected, not as expected, or not known."""
    if evidence.as_expected:
        return "ok"
    return "??" if evidence.verdict is Verdict.INCONCLUSIVE else "NO"


def looseness(simulation: Simulation) -> str:
    """How loose a verified bound is over the points it was judged at; empty for an equality."""
    loose = [(p.looseness, p) for p in simulation.points if p.looseness is not None]
    if not loose:
        return ""
    loose.sort(key=lambda pair: pair[0])
    ends = dict.fromkeys(f"{_loose(p)} at {where(p.at)}" for _, p in (loose[0], loose[-1]))
    return f"bound over measured mean {' to '.join(ends)}"


def _loose(point: PointResult) -> str:
    """A ratio with its 95 % interval, which is left out where the digits shown do not move."""
    text = number(point.looseness, 3)
    ends = [number(end, 3) for end in point.looseness_interval or ()]
    return text if not ends or ends == [text, text] else f"{text} [{', '.join(ends)}]"


def coarseness(simulation: Simulation) -> str:
    """What a coarse verdict could not have told; empty if it is not coarse."""
    coarse = [point for point in simulation.points if point.judgement.coarse]
    if not coarse:
        return ""
    worst = max(coarse, key=lambda point: point.judgement.relative_tolerance or 0.0)
    judged = worst.judgement
    null = next((rival.mean for rival in judged.rivals if rival.name == "null"), 0.0)
    slack = judged.tolerance - judged.epsilon * judged.scale
    told = "a smaller --epsilon, or scale=, would"
    if slack >= abs(worst.mean - null):
        told = "the claim's slack alone is as wide"
    return (
        f"within {number(judged.tolerance, 2)} of {number(worst.mean)}{_at(worst.at)}, which does "
        f"not tell it from {number(null)}; {told}"
    )


def _at(point: Mapping[str, Number]) -> str:
    return f" at {where(point)}" if point else ""


def vacuity(simulation: Simulation) -> str:
    """At how many points the claim's bounds imply it; empty if at none."""
    empty = [point for point in simulation.points if point.judgement.vacuous]
    if not empty:
        return ""
    number = f"{len(empty)} of {len(simulation.points)} points"
    return f"says nothing at {number}, such as {where(empty[0].at)}"


def _size(difference: Any) -> str:
    try:
        return number(float(difference))
    except OverflowError:
        return "more than a float holds"


def remark(evidence: Evidence) -> str:
    """The one line that a reader of the table needs besides the verdict; empty if none."""
    claim, example = evidence.claim, evidence.counterexample
    if evidence.fault is not None:
        return evidence.fault.removeprefix(f"{claim.id}: ")
    shown = ""
    if example is not None:
        shown = f"fails{_at(example.at)}"
        if example.claimed is not None and example.measured is not None:
            if claim.form == "pair":
                shown += f": the laws are {number(example.measured)} apart (Kolmogorov)"
            else:
                shown += f": claimed {number(example.claimed)}, measured {number(example.measured)}"
        elif evidence.algebra is not None and evidence.algebra.difference is not None:
            shown += f": off by {_size(evidence.algebra.difference)}, by algebra"
    if claim.known_false is not None:
        reason = f"known to be false: {claim.known_false}"
        return f"{reason} ({shown})" if shown else reason
    if shown:
        return shown
    if evidence.as_expected:
        if evidence.simulation is None:
            return ""
        simulation = evidence.simulation
        said = (coarseness(simulation), looseness(simulation), vacuity(simulation))
        return "; ".join(filter(None, said))
    if evidence.simulation is not None:
        for each in evidence.simulation.points:
            if each.judgement.verdict is evidence.verdict:
                reason = each.judgement.note or "nothing was reached within the budget"
                return f"{_at(each.at)}: {reason}".lstrip(": ")
    reason = "" if evidence.algebra is None else evidence.algebra.reason
    if evidence.simulation is None and claim.family is not None and claim.limit is None:
        reason += "; nor is a bound for a replicate derived: bring a sampler, draw= and variance="
    return reason
