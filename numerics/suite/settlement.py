"""When a test has ended: what its findings come to, as plain values that processes can exchange."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from numerics.evidence import Design, Verdict
from numerics.points import as_json
from numerics.result import finite
from numerics.suite.ledger import THRESHOLD, Standing
from numerics.suite.pooling import (
    added,
    average,
    half_and_half,
    likeliest,
    point_evidence,
    pooled,
)
from numerics.suite.record import Finding, Record
from numerics.suite.refutation import accused, gap, pin

ORDER = (Verdict.REFUTED, Verdict.VARIANCE_REFUTED, Verdict.INCONCLUSIVE)


@dataclass(frozen=True)
class Settlement:
    """What a test comes to.

    Attributes
    ----------
    claims : list of dict
        One for each claim, in plain values.
    accusation : str
        What evidence over all points, or over all runs, refutes though no point does; or empty.
    doubt : str
        What stays INCONCLUSIVE, or empty.
    """

    claims: list[dict[str, Any]]
    accusation: str
    doubt: str


def digest(content: str) -> str:
    """A short name of a claim's content.

    Examples
    --------
    >>> len(digest("E R = 1 - 1/n"))
    64
    """
    return hashlib.sha256(content.encode()).hexdigest()


def vacuous(findings: Iterable[Finding]) -> bool:
    """Whether the claim's bounds imply it wherever it was tried: then nothing was tested."""
    return all(finding.judgement.vacuous for finding in findings)


def common(findings: Sequence[Finding]) -> Verdict:
    """The verdict over all points: the worst one."""
    if vacuous(findings):
        return Verdict.INCONCLUSIVE
    verdicts = {finding.judgement.verdict for finding in findings}
    return next((each for each in ORDER if each in verdicts), Verdict.VERIFIED)


def _rivals(findings: list[Finding]) -> tuple[list[str], list[str]]:
    """Names of the rivals, and of those that fell somewhere."""
    reports = [rival for each in findings for rival in each.judgement.rivals]
    names = sorted({rival.name for rival in reports})
    return names, sorted({rival.name for rival in reports if rival.refuted})


def _claim(content: str, findings: list[Finding], record: Record) -> dict[str, Any]:
    names, fallen = _rivals(findings)
    refuted = accused(findings)
    verdict = common(findings)
    reached = [each.judgement.smallest_epsilon for each in findings]
    known = [x for x in reached if x is not None]
    described: dict[str, Any] = {
        "claim": findings[0].subject,
        "content": digest(content),
        "verdict": str(verdict),
        "coarse": any(each.judgement.coarse for each in findings),
        "epsilon": max(each.judgement.epsilon for each in findings),
        "smallest_epsilon": finite(max(known)) if len(known) == len(reached) else None,
        "points": len(findings),
        "draws": sum(each.judgement.draws for each in findings),
        "rivals": names,
        "rivals_refuted": fallen,
        "smallest": None,
        "worst": None,
        "pin": None,
        "pooled": [],
        "log_e": None,
    }
    if refuted:
        smallest = record.smallest.get(content, refuted[-1])
        worst = max(refuted, key=lambda each: gap(each.judgement))
        described["smallest"] = _plain(smallest)
        described["worst"] = _plain(worst)
        described["pin"] = pin(smallest.at)
    if record.plan.pooled:
        totals = added(each.pooled for each in findings)
        points = average((point_evidence(each.judgement) for each in findings), record.cap)
        described["pooled"] = list(totals)
        described["log_e"] = half_and_half(points, pooled(totals))
    return described


def _plain(finding: Finding) -> dict[str, Any]:
    effect = finding.judgement.effect
    return {
        "at": as_json(dict(finding.at)),
        "claimed": finite(finding.judgement.mean),
        "measured": None if effect is None else finite(effect.mean),
        "standard_error": None if effect is None else finite(effect.standard_error),
    }


def _accusation(described: dict[str, Any], record: Record) -> str:
    """What the evidence of all points says where no single point does."""
    plan = record.plan
    design = Design(evaluations=plan.evaluations)
    name, totals = described["claim"], described["pooled"]
    if described["log_e"] >= design.L + design.C:
        return (
            f"{name} is REFUTED by its points together: log evidence {described['log_e']:.3g} >= "
            f"{design.L + design.C:.3g}; a shared error of about {likeliest(totals):+.2%} of the "
            "scale explains it best"
        )
    prior = plan.prior.get(described["content"])
    if prior is None:
        return ""
    together = added([prior, totals])
    standing = Standing(name, plan.runs.get(described["content"], 0) + 1, pooled(together), 0.0)
    if standing.log_e < THRESHOLD:
        return ""
    return str(Standing(name, standing.runs, standing.log_e, likeliest(together)))


def settle(record: Record) -> Settlement:
    """Settle a test that has ended.

    Parameters
    ----------
    record
        Its findings.
    """
    by_content: dict[str, list[Finding]] = {}
    for finding in record.findings:
        by_content.setdefault(finding.content, []).append(finding)
    claims = [_claim(content, found, record) for content, found in by_content.items()]
    claims += [{**_ALGEBRA, "claim": name, "verdict": verdict} for name, verdict in record.algebra]
    accusations = [_accusation(each, record) for each in claims if each["pooled"]]
    doubts = [
        f"{each.subject} at {dict(each.at)}: {each.judgement.note}"
        for each in record.findings
        if each.judgement.verdict is Verdict.INCONCLUSIVE
    ]
    doubts += [
        f"{found[0].subject}: {found[0].judgement.note} wherever it was tried"
        for found in by_content.values()
        if vacuous(found)
    ]
    doubts += record.doubts
    return Settlement(
        claims,
        "\n".join(filter(None, accusations)),
        f"{doubts[0]}{f' (and {len(doubts) - 1} more)' if len(doubts) > 1 else ''}"
        if doubts
        else "",
    )


_ALGEBRA: dict[str, Any] = {
    "content": "",
    "coarse": False,
    "epsilon": None,
    "smallest_epsilon": None,
    "points": 0,
    "draws": 0,
    "rivals": [],
    "rivals_refuted": [],
    "smallest": None,
    "worst": None,
    "pin": None,
    "pooled": [],
    "log_e": None,
}
