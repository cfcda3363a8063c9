"""The faces of a prediction laid over recorded runs: a table for a terminal, and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from numerics.prediction import Column, Comparison, Outcome
from numerics.prediction.judgement import symbol
from numerics.prediction.scatter import Scatter
from numerics.report.details import field
from numerics.report.structured import json_text
from theory import __version__

_STYLES = {Outcome.AGREES: "green", Outcome.REFUTED: "bold red", Outcome.CANNOT_TELL: "yellow"}
_NOTES = 3
WIDE = 1e5  # from here on a number is shown as a power of ten


def _short(number: float, sign: str = "") -> str:
    """Two decimals, or a power of ten where these would fill the line.

    Examples
    --------
    >>> _short(-3.456, "+"), _short(1.3e38)
    ('-3.46', '1.3e+38')
    """
    return f"{number:{sign}.{'2f' if abs(number) < WIDE else '1e'}}"


def _cells(column: Column) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    first = symbol(column.label)
    for name in ("t", first, "ratio", "error", "z", "own", "seen", "spread", "in band"):
        table.add_column(name, justify="right", no_wrap=True)
    for cell in column.cells:
        table.add_row(
            str(cell.generation),
            f"{cell.predicted:.3f}",
            f"{cell.log_ratio:+.3f}",
            f"{cell.standard_error:.3f}",
            _short(cell.z, "+"),
            f"{cell.allowance:.3f}",
            f"{cell.resolution:.3f}",
            "-" if cell.spread is None else _short(cell.spread),
            f"{100 * cell.covered:.0f}%",
        )
    return table


def _column(column: Column, scatter: Scatter | None = None) -> list[RenderableType]:
    """A column's reason, its coverage, its cells, and what was left out."""
    lines: list[RenderableType] = [field("because", column.reason)]
    if column.cells:
        low, high = column.coverage_interval
        lines.append(
            field(
                "coverage",
                f"{100 * column.coverage:.1f} % of runs and generations lie in nominal 90 % "
                f"bands; 95 % bootstrap over runs: {100 * low:.1f} to {100 * high:.1f} %",
            )
        )
    if scatter is not None:
        low, high = scatter.interval
        first, last = scatter.generations
        lines.append(
            field(
                "scatter",
                f"noise of t = {first} to {last} has {scatter.ratio:.2f} times the "
                f"variance predicted (truth between {low:.2f} and {high:.2f} times); a factor of "
                f"{scatter.seen:.1f} would be seen in 90 % of experiments",
            )
        )
    if column.cells:
        lines.append(_cells(column))
    for why, entries in groupby(column.unjudged, key=lambda entry: entry[1]):
        times = ", ".join(str(t) for t, _ in entries)
        lines.append(field("not judged", f"t = {times}: {why}"))
    return lines


def comparison_face(comparison: Comparison) -> RenderableType:
    """One group: its verdict, its cells, and what was left out.

    Parameters
    ----------
    comparison
        One element of what `predict_runs` returned.
    """
    title = Text.assemble(
        (comparison.name, "bold"),
        f" ({len(comparison.runs)} runs)  ",
        (str(comparison.outcome), _STYLES[comparison.outcome]),
    )
    lines = _column(comparison.trace, comparison.scatter)
    for each in comparison.columns[1:]:
        head = Text.assemble((each.label, "bold"), "  ", (str(each.outcome), _STYLES[each.outcome]))
        lines += [head, *_column(each)]
    lines += [field("note", note) for note in comparison.notes[:_NOTES]]
    if len(comparison.notes) > _NOTES:
        lines.append(field("note", f"and {len(comparison.notes) - _NOTES} more such runs"))
    return Lines(title, Padding(Lines(*lines), (0, 0, 1, 2)))


def legend(level: float) -> str:
    """What the columns of `comparison_face` are, in one paragraph."""
    return (
        "log Tr, log mean_error, log_det: predicted mean. ratio: weighted mean over the runs of "
        "log recorded - log predicted (of mean_error, three times the difference of cube roots "
        "over the predicted one); error: its predicted standard error; z: their ratio. own: what "
        "the expansion may be off by itself. seen: the smallest shift that would be seen in 90 % "
        "of experiments. spread: observed over predicted. Each group's bound on |z| holds at all "
        f"its t and columns together, at {100 * level:g} %."
    )


def comparisons_json(comparisons: Sequence[Comparison], runs: str, setting: str) -> str:
    """Stable JSON: no times, no paths, so equal input gives equal bytes.

    Parameters
    ----------
    comparisons
        What `predict_runs` returned.
    runs, setting
        Names of the two files.
    """
    return json_text(
        {
            "version": __version__,
            "runs": runs,
            "setting": setting,
            "groups": [each.to_json() for each in comparisons],
        }
    )
