"""Everything a verdict rests on: its resolution, its points, its rivals, its counterexample."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from numerics.report.wording import NONE, count, label, looseness, number, percent, where
from numerics.result import Counterexample, Evidence, Simulation


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for position, name in enumerate(names):
        numeric = name in ("claimed", "scale s", "tol", "tol/|m|", "draws", "gap")
        table.add_column(
            name,
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=numeric,
            min_width=10 if position == 0 else None,
        )
    return table


def _points(simulation: Simulation) -> Table:
    table = _table("at", "claimed", "scale s", "tol", "tol/|m|", "draws", "cannot tell it from")
    for point in simulation.points:
        judged = point.judgement
        inside = ", ".join(judged.rivals_inside)
        table.add_row(
            f"{where(point.at)} [{point.method}]".replace("[", r"\["),
            number(point.mean),
            number(judged.scale, 3),
            number(judged.tolerance, 3),
            percent(judged.relative_tolerance),
            count(judged.draws),
            inside or NONE,
        )
    return table


def _rivals(evidence: Evidence) -> Table:
    table = _table("rival", "status", "gap", "largest gap at", "smallest refuted")
    for rival in evidence.rivals:
        table.add_row(
            Text(f"{rival.name}: {rival.expression}"),
            rival.status,
            number(rival.gap, 3),
            where(rival.at),
            where(rival.smallest),
        )
    return table


def _counterexample(example: Counterexample) -> str:
    text = f"smallest at {where(example.at)}, by {example.by}"
    if example.claimed is not None and example.measured is not None:
        text += (
            f": claimed {number(example.claimed, 6)}, measured {number(example.measured, 6)}"
            f" +- {number(example.standard_error, 2)}"
        )
    if example.worst is not None and example.worst != example.at:
        text += f"; worst at {where(example.worst)}"
    return text


def field(word: str, text: str) -> Table:
    """A word in the margin and the text that belongs to it."""
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_column(width=14, style="bold")
    line.add_column(overflow="fold")
    line.add_row(Text(word), Text(text))
    return line


def details(evidence: Evidence) -> RenderableType:
    """One claim in full.

    Parameters
    ----------
    evidence
        What `numerics.check` returned.

    Returns
    -------
    rich renderable
        For a console of 80 columns or more.
    """
    claim, simulation = evidence.claim, evidence.simulation
    outcome = "as expected" if evidence.as_expected else f"expected {evidence.expected}"
    lines: list[RenderableType] = [field("statement", claim.statement)]
    if claim.reference is not None:
        lines.append(field("reference", str(claim.reference)))
        if claim.reference.note:
            lines.append(field("", claim.reference.note))
    lines.append(field("verdict", f"{label(evidence)}, {outcome}"))
    if claim.known_false is not None:
        lines.append(field("known false", claim.known_false))
    lines.append(field("basis", evidence.basis))
    if evidence.algebra is not None:
        algebra = evidence.algebra
        reason = f": {algebra.reason}" if algebra.reason else ""
        lines.append(field("algebra", f"{algebra.verdict}{reason}"))
        if algebra.counterexample is not None:
            lines.append(field("", f"fails at {where(algebra.counterexample)}"))
    if simulation is not None:
        reached = simulation.smallest_epsilon
        lines.append(
            field(
                "simulation",
                f"{simulation.verdict} at epsilon = {percent(simulation.epsilon)} of the scale s "
                f"(tol = epsilon s + slack), {count(simulation.draws)} draws at "
                f"{len(simulation.points)} point{'' if len(simulation.points) == 1 else 's'}"
                + (f"; smallest epsilon reached {percent(reached)}" if reached else ""),
            )
        )
        guarantees = dict.fromkeys(point.judgement.guarantee for point in simulation.points)
        lines += [field("states", text) for text in guarantees if text]
        slack = looseness(simulation)
        if slack:
            lines.append(field("looseness", slack))
        notes = dict.fromkeys(point.judgement.note for point in simulation.points)
        lines += [field("note", text) for text in notes if text]
    if evidence.counterexample is not None:
        lines.append(field("counterexample", _counterexample(evidence.counterexample)))
    if simulation is not None:
        lines.append(_points(simulation))
    if evidence.rivals:
        lines.append(_rivals(evidence))
    return Group(Text(claim.id, style="bold"), Padding(Group(*lines), (0, 0, 1, 2)))
