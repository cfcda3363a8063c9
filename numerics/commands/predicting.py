"""``collapse predict``: recorded runs against a prediction that simulates nothing."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from numerics.commands.arguments import assignments, parse_number
from numerics.prediction import Comparison, Outcome, predict_runs, read_setting
from numerics.prediction.setting import CHANGEABLE
from numerics.prediction.starts import LARGEST
from numerics.report.figures import check_picture
from numerics.report.files import check_places, write_text, write_whole
from numerics.report.prediction import comparison_face, comparisons_json, legend
from numerics.report.prediction_plot import plot_comparisons
from numerics.report.table import console
from theory.errors import InvalidInput

AGREES, REFUTED, CANNOT_TELL = 0, 1, 3
_WHOLE = ("sample_size", "until")


def _changes(texts: Sequence[str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for word, text in assignments("--set", texts).items():
        if word not in CHANGEABLE:
            raise InvalidInput(f"--set changes {', '.join(CHANGEABLE)}, not {word!r}")
        if word == "workflow":
            read[word] = text
            continue
        number = parse_number(word, text)
        if abs(Fraction(number)) > LARGEST:
            raise InvalidInput(f"--set {word}={text} is not accepted; accepted: up to {LARGEST:g}")
        read[word] = number if word in _WHOLE and isinstance(number, int) else float(number)
    return read


@contextlib.contextmanager
def _warnings_after_success() -> Iterator[None]:
    """Arithmetic warns on the way to an error; the error is told alone."""
    with warnings.catch_warnings(record=True) as seen:
        yield
    for each in seen:
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def exit_status(comparisons: Sequence[Comparison]) -> int:
    """0 if every group agrees, 1 if one is refuted, else 3."""
    outcomes = {each.outcome for each in comparisons}
    if Outcome.REFUTED in outcomes:
        return REFUTED
    return CANNOT_TELL if Outcome.CANNOT_TELL in outcomes else AGREES


@click.command("predict", short_help="Recorded runs against a prediction without simulation.")
@click.option("--runs", required=True, metavar="FILE", help="Recorded runs (.csv, .parquet).")
@click.option("--setting", required=True, metavar="FILE", help="What they are (.toml, .py).")
@click.option(
    "--set", "changed", multiple=True, metavar="KEY=VALUE", help="Replace a value in every group."
)
@click.option(
    "--level", default=0.99, show_default=True, help="Simultaneous level of each group's bound."
)
@click.option(
    "--resolution",
    "coarsest",
    default=0.5,
    show_default=True,
    help="Largest unseen shift of the logarithm with which runs can still be said to agree.",
)
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
@click.option("--plot", metavar="PATH", help="Draw the prediction over the runs.")
def command(
    runs: str,
    setting: str,
    changed: tuple[str, ...],
    level: float,
    coarsest: float,
    json_path: str | None,
    plot: str | None,
) -> int:
    """Predict recorded runs without simulation, and say whether they agree.

    Exit status: 0 every group AGREES, 1 one is REFUTED, 3 neither.
    """
    check_places({"--json": json_path, "--plot": plot}, (runs, setting))
    check_picture(plot)
    described = read_setting(setting, _changes(changed))
    with _warnings_after_success():
        comparisons = predict_runs(runs, described, level=level, coarsest=coarsest)
    if json_path != "-":
        screen = console()
        for each in comparisons:
            screen.print(comparison_face(each))
        screen.print(legend(level))
    if json_path is not None:
        text = comparisons_json(comparisons, Path(runs).name, Path(setting).name)
        if json_path == "-":
            click.echo(text, nl=False)
        else:
            write_text(json_path, text)
    if plot is not None:
        write_whole(plot, lambda file: plot_comparisons(comparisons, file))
    return exit_status(comparisons)
