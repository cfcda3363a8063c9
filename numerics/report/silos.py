"""A comparison of rules in silos: its table, its document, its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from numerics.report.figures import blank
from numerics.report.files import write_whole
from numerics.silos.training import Run


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean over seeds and the half width of its 95 % Student interval (nan for one seed)."""
    from scipy import stats

    array = np.asarray(values, dtype=float)
    if len(array) < 2:
        return float(array.mean()), float("nan")
    half = stats.t.ppf(0.975, len(array) - 1) * array.std(ddof=1) / np.sqrt(len(array))
    return float(array.mean()), float(half)


def rows(runs: Mapping[str, Sequence[Run]]) -> list[dict[str, Any]]:
    """One row a rule: the last generation, and the paired difference to random selection."""
    base = runs.get("random")
    found = []
    for rule, mine in runs.items():
        ratio, half = interval([float(run.trace_ratio[-1]) for run in mine])
        last = [float(run.relative_w2[-1]) for run in mine]
        distance, distance_half = interval(last)
        row: dict[str, Any] = {
            "rule": rule,
            "trace_ratio": ratio,
            "trace_ratio_half": _plain(half),
            "relative_w2": distance,
            "relative_w2_half": _plain(distance_half),
            "nbytes": int(sum(mine[0].by_kind.values())),
            "messages": mine[0].by_kind,
        }
        if base is not None and rule != "random":
            paired = [
                each - float(other.relative_w2[-1]) for each, other in zip(last, base, strict=True)
            ]
            gap, gap_half = interval(paired)
            row |= {"minus_random": gap, "minus_random_half": _plain(gap_half)}
        found.append(row)
    return found


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value


def _with(value: float, half: float | None) -> str:
    return f"{value:.3f}" if half is None else f"{value:.3f} ± {half:.3f}"


def table(found: Sequence[Mapping[str, Any]]) -> Table:
    """The rows as a table."""
    made = Table(box=None, header_style="bold", pad_edge=False)
    made.add_column("rule", no_wrap=True)
    for name in ("trace ratio", "W2²/trace", "minus random", "bytes"):
        made.add_column(name, justify="right")
    for row in found:
        gap = row.get("minus_random")
        made.add_row(
            row["rule"],
            _with(row["trace_ratio"], row["trace_ratio_half"]),
            _with(row["relative_w2"], row["relative_w2_half"]),
            "" if gap is None else _with(gap, row["minus_random_half"]),
            f"{row['nbytes']:,}",
        )
    return made


def draw(runs: Mapping[str, Sequence[Run]], path: Path) -> None:
    """Squared W2 over the trace by generation, the mean of the seeds, one line a rule.

    Raises
    ------
    InvalidInput
        If Matplotlib is missing or cannot write the format.
    """
    figure = blank(6.4, 4.0, path)
    axes = figure.add_subplot()
    for rule, mine in runs.items():
        values = np.mean([run.relative_w2 for run in mine], axis=0)
        axes.plot(np.arange(len(values)), np.maximum(values, 1e-6), label=rule, linewidth=1.3)
    axes.set_yscale("log")
    axes.set_xlabel("generation t")
    axes.set_ylabel("squared W2 to the world / trace")
    axes.legend(frameon=False, fontsize=8)
    write_whole(path, lambda file: figure.savefig(file, dpi=150))
