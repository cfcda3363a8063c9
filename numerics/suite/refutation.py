"""What a refuted test says: the smallest point, the worst one, the size of the effect, the pin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numerics.suite.record import Finding

if TYPE_CHECKING:
    from numerics.evidence import Judgement

MEAN, VARIANCE = "REFUTED", "VARIANCE REFUTED"


class ClaimRefuted(AssertionError):
    """A claim was refuted, and the refutation confirmed on fresh noise."""


class VarianceRefuted(ClaimRefuted):
    """The variance of one replicate is larger than the claim says."""


def number(value: Any) -> str:
    """A parameter as Python reads it."""
    return f"{value!r}" if isinstance(value, int | float) else f"Fraction({str(value)!r})"


def pin(at: Mapping[str, Any]) -> str:
    """The decorator that repeats a point at every run.

    Examples
    --------
    >>> from fractions import Fraction
    >>> pin({"n": 2, "f": Fraction(1, 4)})
    "@example(at={'n': 2, 'f': Fraction('1/4')})"
    """
    inside = ", ".join(f"{name!r}: {number(value)}" for name, value in at.items())
    return f"@example(at={{{inside}}})"


def place(at: Mapping[str, Any]) -> str:
    """A point as prose: ``n = 2, t = 3``."""
    return ", ".join(f"{name} = {value}" for name, value in at.items()) or "the only point"


def gap(judgement: Judgement) -> float:
    """How far the mean lies from the claimed one, in scales of the claim."""
    if judgement.effect is None or not judgement.scale:
        return 0.0
    return abs(judgement.effect.mean - judgement.mean) / judgement.scale


def measured(judgement: Judgement) -> str:
    """The size of an effect, from draws that no decision looked at."""
    effect = judgement.effect
    if effect is not None and judgement.of_laws:
        return (
            f"the laws are {effect.mean:.3g} +- {effect.standard_error:.2g} apart "
            f"(Kolmogorov distance of {effect.draws} fresh draws)"
        )
    if effect is None:
        return f"claimed {judgement.mean:.6g}"
    return (
        f"claimed {judgement.mean:.6g}, measured {effect.mean:.6g} +- {effect.standard_error:.2g} "
        f"({effect.draws} fresh draws)"
    )


def accused(findings: Sequence[Finding]) -> list[Finding]:
    """The refuted ones among the findings."""
    return [each for each in findings if str(each.judgement.verdict) in (MEAN, VARIANCE)]


def refutation(
    finding: Finding, all_findings: Sequence[Finding], statement: str, *, pinned: bool
) -> ClaimRefuted:
    """The exception for a refuted finding.

    Parameters
    ----------
    finding
        The point where the claim falls: after shrinking, the smallest one.
    all_findings
        Everything judged in the test; the worst point is looked for among them.
    statement
        What is claimed, in words.
    pinned
        Whether the test is a property that takes ``@example(at=...)``.
    """
    judgement = finding.judgement
    lines = [f"{finding.subject} is {judgement.label}: {statement}"]
    lines.append(f"  smallest: {place(finding.at)}: {measured(judgement)}")
    if str(judgement.verdict) == VARIANCE and judgement.effect is not None:
        lines.append(f"  variance of one replicate: measured {judgement.effect.variance:.6g}")
    worst = max(
        (each for each in accused(all_findings) if each.content == finding.content),
        key=lambda each: gap(each.judgement),
        default=finding,
    )
    if dict(worst.at) != dict(finding.at):
        lines.append(f"  worst:    {place(worst.at)}: {measured(worst.judgement)}")
    accuser = f" by {judgement.accused_by}" if judgement.accused_by else ""
    lines.append(f"  accused{accuser}; {judgement.guarantee}")
    if pinned:
        lines.append(f"  to pin it: {pin(finding.at)}")
    kind = VarianceRefuted if str(judgement.verdict) == VARIANCE else ClaimRefuted
    return kind("\n".join(lines))
