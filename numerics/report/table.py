"""The table of verdicts: one row a claim, printed as the claims finish, readable in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from numerics.evidence import Verdict
from numerics.report.wording import count, label, mark, percent, remark
from numerics.result import Evidence, summary

_STYLES = {"ok": "green", "NO": "bold red", "??": "yellow"}
# Columns beside the claim's own, which takes what is left of the line.
_WIDTHS = {"": 2, "verdict": 17, "eps": 5, "basis": 14, "draws": 5}
# Narrower, and columns of a table would be left out; a terminal wraps the lines instead.
_LEAST, _LARGEST = 60, 120


def console(*, stderr: bool = False) -> Console:
    """A console as this project prints to one: no guessing at numbers, never absurdly wide."""
    made = Console(stderr=stderr, highlight=False, emoji=False)
    made.width = min(max(made.width, _LEAST), _LARGEST)
    return made


def _grid(width: int, cells: Sequence[str | Text]) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    spare = width - sum(_WIDTHS.values()) - len(_WIDTHS)
    grid.add_column(width=_WIDTHS[""])
    grid.add_column(width=max(spare, 12), overflow="fold")
    for name in ("verdict", "eps", "basis", "draws"):
        right = name in ("eps", "draws")
        grid.add_column(width=_WIDTHS[name], justify="right" if right else "left")
    grid.add_row(*cells)
    return grid


def header(width: int) -> RenderableType:
    """The line above the rows."""
    names = ("", "claim", "verdict", "eps", "basis", "draws")
    return _grid(width, [Text(name, style="bold") for name in names])


def row(evidence: Evidence, width: int) -> list[RenderableType]:
    """One claim: its row, and beneath it what must not be overlooked."""
    simulation = evidence.simulation
    sign = mark(evidence)
    cells: list[str | Text] = [
        Text(sign, style=_STYLES[sign]),
        Text(evidence.claim.id),
        Text(label(evidence), style=_STYLES[sign]),
        percent(None if simulation is None else simulation.epsilon),
        evidence.basis,
        count(0 if simulation is None else simulation.draws),
    ]
    lines: list[RenderableType] = [_grid(width, cells)]
    beneath = remark(evidence)
    if beneath:
        lines.append(Padding(Text(beneath, style="dim"), (0, 0, 0, 5)))
    return lines


def closing(results: Sequence[Evidence], salt: str | None) -> str:
    """The line below the rows: how many verdicts of each kind, and what repeats the run."""
    counts = summary(list(results))
    kinds = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
    total = f"{len(results)} claim" + ("" if len(results) == 1 else "s")
    odd = [each for each in results if not each.as_expected]
    unknown = sum(each.verdict is Verdict.INCONCLUSIVE for each in odd)
    faulty = sum(each.verdict is Verdict.NOT_JUDGED for each in odd)
    parts = [
        f"{number} {words}"
        for number, words in (
            (len(odd) - unknown - faulty, "not as expected"),
            (unknown, "inconclusive"),
            (faulty, "not judged"),
        )
        if number
    ]
    outcome = "; ".join(parts) or "every verdict as expected"
    line = f"{total}: {kinds}; {outcome}."
    return line if salt is None else f"{line}\nThe same noise again: --salt {salt}"
