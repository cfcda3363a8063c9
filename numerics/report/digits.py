"""The digits experiment as a table on the screen, as Markdown, as plain values and as a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

from numerics.report.figures import blank
from numerics.silos.campaign import Block
from numerics.silos.comparison import BASELINE, Cell, cells

_STYLES = {"below": "green", "above": "red", "undecided": ""}
COLUMNS = ("rule", "Fréchet", "minus random's", "", "prec.", "recall", "classes", "trace", "kB")
SPLITS: Mapping[str, str] = {
    "iid": "IID",
    "dirichlet": "Dirichlet(.1)",
    "two-class": "two classes a silo",
}
GENERATORS: Mapping[str, str] = {
    "kde": "KDE at its cross-validated bandwidth",
    "kde-preserving": "variance-preserving KDE",
    "mixture": "Gaussian mixture at held-out k",
}


def groups(found: Sequence[Block]) -> dict[tuple[str, str], list[Cell]]:
    """Cells by split and generator, in order."""
    made: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells(found):
        made.setdefault((cell.split, cell.generator), []).append(cell)
    return made


def row(cell: Cell) -> tuple[str, ...]:
    """One rule as text, a string for each of `COLUMNS`."""
    mean, step = cell.mean, cell.difference
    own = cell.rule == BASELINE
    return (
        cell.rule,
        f"{mean.frechet:.3f}",
        "" if own else f"{step.mean:+.3f} ± {step.half:.3f}",
        "" if own else step.sign,
        f"{mean.precision:.2f}",
        f"{mean.recall:.2f}",
        f"{mean.effective_classes:.2f}",
        f"{mean.trace_ratio:.2f}",
        f"{mean.nbytes / 1000:.0f}",
    )


def heading(split: str, generator: str, found: Sequence[Block]) -> str:
    """What a cell is, with the constants that were tuned."""
    mine = [each for each in found if (each.split, each.generator) == (split, generator)]
    tuned = ", ".join(dict.fromkeys(each.constant for each in mine))
    word = "k" if generator == "mixture" else "h"
    return f"{SPLITS[split]}, {GENERATORS[generator]} ({word} = {tuned}), {len(mine)} seeds"


def tables(found: Sequence[Block]) -> list[Table]:
    """One table for each split and generator."""
    made = []
    for (split, generator), group in groups(found).items():
        table = Table(
            box=None,
            header_style="bold",
            pad_edge=False,
            title=heading(split, generator, found),
            title_justify="left",
        )
        for name in COLUMNS:
            left = name in ("rule", "")
            table.add_column(name, justify="left" if left else "right", no_wrap=True)
        for cell in group:
            table.add_row(*(Text(each, style=_STYLES.get(each, "")) for each in row(cell)))
        made.append(table)
    return made


def markdown(found: Sequence[Block], salt: str) -> str:
    """The same tables as a page of Markdown, a heading above each; it tells how to repeat them."""
    seeds = len({each.replicate for each in found})
    parts = [
        "# Digits in silos: the tables",
        f"`collapse digits --replicates {seeds} --salt {salt}`; what the columns mean is told in "
        "[digits](digits.md).",
    ]
    for (split, generator), group in groups(found).items():
        rows = [COLUMNS, ("---", *("---:" if name else "---" for name in COLUMNS[1:]))]
        rows += [row(cell) for cell in group]
        lines = [f"| {' | '.join(each)} |" for each in rows]
        parts.append("\n".join([f"## {heading(split, generator, found)}", "", *lines]))
    return "\n\n".join(parts) + "\n"


def document(found: Sequence[Block], plan: Mapping[str, Any], salt: str) -> dict[str, Any]:
    """Plain values: the plan, every cell with means and half intervals, and every single run."""
    summary = [
        {**asdict(cell), "sign": None if cell.rule == BASELINE else cell.difference.sign}
        for cell in cells(found)
    ]
    return {
        "salt": salt,
        "plan": dict(plan),
        "cells": summary,
        "blocks": [asdict(each) for each in found],
    }


def plot(found: Sequence[Block], path: Path) -> None:
    """Draw the mean Fréchet distance over the generations: a panel a cell, a line a rule.

    Parameters
    ----------
    found
        Blocks of the experiment.
    path
        Where the picture goes; its suffix names the format.

    Raises
    ------
    InvalidInput
        If matplotlib is not installed, or does not write such a format.
    """
    made = groups(found)
    splits = list(dict.fromkeys(split for split, _ in made))
    generators = list(dict.fromkeys(generator for _, generator in made))
    figure = blank(3.2 * len(generators), 2.5 * len(splits) + 0.9, path)
    from matplotlib import colormaps

    axes = figure.subplots(len(splits), len(generators), sharex=True, squeeze=False)
    rules = list(dict.fromkeys(cell.rule for group in made.values() for cell in group))
    colours = colormaps["tab10"]
    for (split, generator), group in made.items():
        axis = axes[splits.index(split)][generators.index(generator)]
        for cell in group:
            own = cell.rule == BASELINE
            axis.plot(
                np.arange(len(cell.path)),
                cell.path,
                label=cell.rule,
                color="black" if own else colours(rules.index(cell.rule) % 10),
                linewidth=2 if own else 1.2,
                linestyle="--" if cell.rule == "pooled-oracle" else "-",
            )
        axis.set_yscale("log")
        axis.set_title(f"{SPLITS[split]}, {generator}", fontsize=9)
        if split == splits[-1]:
            axis.set_xlabel("generation")
        if generator == generators[0]:
            axis.set_ylabel("Fréchet distance")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)
