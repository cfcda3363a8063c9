"""``collapse monitor``: early signs of collapse in recorded generations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from numerics.commands.arguments import assignments, parse_number
from numerics.monitoring.finding import Report
from numerics.monitoring.following import follow
from numerics.monitoring.metrics import declared
from numerics.monitoring.report import monitor
from numerics.monitoring.table import LATEST, check_roles
from numerics.monitoring.trend import NULLS
from numerics.report import table
from numerics.report.figures import check_picture
from numerics.report.files import check_places, write_text
from numerics.report.monitored import monitored, plot_monitored
from theory.errors import InvalidInput, RunsError

QUIET, ALARM = 0, 1
DAY = 86400.0


def _metrics(texts: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, _, words = (part.strip() for part in text.partition("="))
        if not name or name in found:
            raise InvalidInput(f"--metric takes NAME or NAME=SCALE:BAD once each, not {text!r}")
        found[name] = words
    return found


def _at(texts: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for name, text in assignments("--at", texts).items():
        number = parse_number(name, text)
        if name not in ("n", "d") or not 1 <= number <= LATEST or number != int(number):
            raise InvalidInput(f"--at takes whole numbers n and d up to 2**53, not {name}={text}")
        found[name] = float(number)
    return found


def _show(report: Report, json_path: str | None, plot: str | None) -> None:
    text = json.dumps(report.to_json(), indent=2, allow_nan=False) + "\n"
    if json_path == "-":
        click.echo(text, nl=False)
    else:
        table.console().print(monitored(report))
        if json_path is not None:
            write_text(json_path, text)
    if plot is not None:
        plot_monitored(report, plot)


def _followed(
    path: str,
    ask: Callable[[bytes], Report],
    show: Callable[[Report], None],
    interval: float,
    patience: float | None,
) -> int:
    """Report whenever the file has changed; a faulty state of the file is told and waited out."""
    status: int | None = None
    for snapshot in follow(path, interval, patience):
        if snapshot.rewritten:
            click.echo(
                "collapse: lines seen before have changed or gone; the report is of the file as "
                "it is now",
                err=True,
            )
        if not snapshot.text.strip():
            continue
        try:
            report = ask(snapshot.text)
        except RunsError as error:
            click.echo(f"collapse: waiting: {' '.join(str(error).split())}", err=True)
            continue
        show(report)
        status = ALARM if report.alarmed else QUIET
    if status is None:  # what was never seen is not quiet
        held = "held no table to report on" if Path(path).exists() else "did not appear"
        raise InvalidInput(f"{path} {held} as long as it was followed")
    return status


@click.command("monitor", short_help="Early signs of collapse in recorded generations.")
@click.argument("runs", metavar="RUNS.csv|parquet")
@click.option(
    "--null", "null", default="loop", show_default=True, help=f"One of {', '.join(NULLS)}."
)
@click.option("--alpha", type=float, default=0.01, show_default=True, help="P(ever a false alarm).")
@click.option("--delta", type=float, default=0.25, show_default=True, help="What counts as lost.")
@click.option("--independent", is_flag=True, help="Runs share nothing, seeds included.")
@click.option("--metric", metavar="NAME[=SCALE:BAD]", multiple=True, help="As quality=log:down.")
@click.option("--column", metavar="ROLE=NAME", multiple=True, help="generation, run, loop, group.")
@click.option("--where", metavar="COLUMN=VALUE", multiple=True, help="Rows of the file to keep.")
@click.option("--at", metavar="n=100,d=10", multiple=True, help="Sizes that are no columns.")
@click.option("--floor", type=float, help="The ridge that the fit adds to a variance.")
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
@click.option("--plot", metavar="FILE", help="Draw the records and the evidence.")
@click.option("--follow", "following", is_flag=True, help="Report again as the file grows.")
@click.option(
    "--interval", type=float, default=1.0, show_default=True, help="Seconds between looks."
)
@click.option("--patience", type=float, help="Stop following after so many quiet seconds.")
def command(
    runs: str,
    null: str,
    alpha: float,
    delta: float,
    independent: bool,
    metric: tuple[str, ...],
    column: tuple[str, ...],
    where: tuple[str, ...],
    at: tuple[str, ...],
    floor: float | None,
    json_path: str | None,
    plot: str | None,
    following: bool,
    interval: float,
    patience: float | None,
) -> int:
    """Ask recorded generations what was lost, whether the loop is biased, and by which law.

    Exit status: 0 no alarm; 1 an alarm of TREND, or of LOSS with an error probability; 2 misuse.
    """
    check_places({"--json": json_path, "--plot": plot}, [runs])
    check_picture(plot)
    if not 0 < interval <= DAY:
        raise InvalidInput(f"--interval takes positive seconds up to a day, not {interval}")
    if patience is not None and not patience >= 0:
        raise InvalidInput(f"--patience takes seconds from 0 on, not {patience}")
    metrics, sizes = _metrics(metric), _at(at)
    columns, rows = assignments("--column", column), assignments("--where", where)
    # Faults of the options, which no growth of the file would mend.
    declared(metrics)
    check_roles(columns)

    def ask(source: str | bytes) -> Report:
        return monitor(
            source,
            null,
            alpha,
            delta,
            independent,
            metrics=metrics,
            columns=columns,
            where=rows,
            at=sizes,
            floor=floor,
            name=Path(runs).name,
        )

    if following:
        return _followed(
            runs, ask, lambda report: _show(report, json_path, plot), interval, patience
        )
    report = ask(runs)
    _show(report, json_path, plot)
    return ALARM if report.alarmed else QUIET
