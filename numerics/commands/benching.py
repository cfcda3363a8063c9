"""``collapse bench``: Wasserstein estimators against closed-form truth, and advice from it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import click

from numerics.commands.arguments import JOBS
from numerics.commands.verdicts import checked_salt
from numerics.report import bench as report
from numerics.report.figures import check_picture
from numerics.report.files import check_places, write_text, write_whole
from numerics.report.structured import json_text
from numerics.report.table import console
from numerics.report.units import opened
from numerics.wasserstein.bench.advice import recommend
from numerics.wasserstein.bench.grid import FULL, QUICK, Grid, quick_estimators
from numerics.wasserstein.bench.runner import Record, run, salt_in
from numerics.wasserstein.bench.scores import Cell, cells, front
from theory.errors import InvalidInput

STORED = Path(__file__).parents[1] / "wasserstein" / "bench" / "stored"
_TABLES = (".csv", ".parquet")
_UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0}


def _duration(text: str) -> float:
    read = re.fullmatch(r"([0-9]*\.?[0-9]+)\s*(ms|s|min)?", text)
    if not read:
        raise InvalidInput(f"--time {text} is no duration; accepted: such as 50ms, 1s or 2min")
    return float(read[1]) * _UNITS[read[2] or "s"]


def _write_rows(records: list[Record], place: Path) -> None:
    try:
        import pandas as pd
    except ImportError:
        raise InvalidInput("--out needs pandas; install collapse-theory[runs]") from None
    table = pd.DataFrame(report.rows(records))
    if place.suffix == ".csv":
        table.to_csv(place, index=False)
    else:
        table.to_parquet(place, index=False)


def _check_suffix(word: str, path: str | None, accepted: tuple[str, ...]) -> None:
    if path is not None and Path(path).suffix not in accepted:
        raise InvalidInput(f"{word} {path} must end in {' or '.join(accepted)}")


def _check_asked(
    grid: Grid,
    families: tuple[str, ...],
    estimators: tuple[str, ...],
    sizes: tuple[int, ...],
    dimensions: tuple[int, ...],
) -> None:
    """Refuse what was asked for and would run nowhere, rather than leave it out."""
    runs = list(replace(grid, members=1).units())
    for word, asked, ran in (
        ("--family", families, {unit.family for unit in runs}),
        ("--estimator", estimators, {unit.estimator for unit in runs}),
        ("-n", sizes, {unit.sample_size for unit in runs}),
        ("-d", dimensions, {unit.dimension for unit in runs}),
    ):
        for value in asked:
            if value not in ran:
                raise InvalidInput(f"{word} {value}: no estimator accepts these sizes together")


@click.command("bench", short_help="Wasserstein estimators against closed-form truth.")
@click.option("--quick", is_flag=True, help="A small grid, in under two minutes on two cores.")
@click.option(
    "--family", "families", multiple=True, help="Of truths; by default those of the grid."
)
@click.option("--estimator", "estimators", multiple=True, help="By default all of squared W2.")
@click.option(
    "-n", "--n", "sizes", type=click.IntRange(1, 10**9), multiple=True, help="Sample size."
)
@click.option(
    "-d", "--d", "dimensions", type=click.IntRange(1, 10**4), multiple=True, help="Dimension."
)
@click.option("--members", type=click.IntRange(1, 10_000), help="Truths per family and dimension.")
@click.option(
    "--replicates", type=click.IntRange(2, 100_000), help="Pairs of samples per truth and size."
)
@click.option("--salt", metavar="HEX", help="Repeat the noise of an earlier run.")
@click.option("--folder", metavar="PATH", help="Keep finished units there, and go on from them.")
@click.option("--jobs", type=JOBS, default=2, show_default=True, help="Processes.")
@click.option("--json", "json_path", metavar="PATH", help="Write the scores as JSON.")
@click.option("--out", metavar="PATH", help="Write every call (.csv or .parquet).")
@click.option("--plot", metavar="PATH", help="Draw accuracy against time.")
@click.option("--recommend", "advise", is_flag=True, help="Advise for --n, --d and --time instead.")
@click.option("--time", "time", metavar="DURATION", help="Of one call: 50ms, 1s (default).")
@click.option("--from", "source", metavar="PATH", help="Scores to advise from (a --json file).")
def command(
    quick: bool,
    families: tuple[str, ...],
    estimators: tuple[str, ...],
    sizes: tuple[int, ...],
    dimensions: tuple[int, ...],
    members: int | None,
    replicates: int | None,
    salt: str | None,
    folder: str | None,
    jobs: int,
    json_path: str | None,
    out: str | None,
    plot: str | None,
    advise: bool,
    time: str | None,
    source: str | None,
) -> int:
    """Score Wasserstein estimators on truths that are known, or advise which one to use.

    Every estimator sees the same samples. Bias is printed raw, and after an exact zero-mean
    control variate; errors are relative to the true squared W2. The whole grid takes hours; with
    --folder a run that is stopped goes on where it was.
    """
    if advise:
        for word, given in (("--json", json_path), ("--out", out), ("--plot", plot)):
            if given is not None:
                raise InvalidInput(f"{word} goes with a run; --recommend makes none")
        return _advise(sizes, dimensions, time or "1s", source)
    for word, given in (("--from", source), ("--time", time)):
        if given is not None:
            raise InvalidInput(f"{word} goes with --recommend")
    check_places({"--json": json_path, "--out": out, "--plot": plot})
    check_picture(plot)
    _check_suffix("--out", out, _TABLES)
    base = replace(QUICK, estimators=quick_estimators()) if quick else FULL
    grid = Grid(
        families or base.families,
        dimensions or base.dimensions,
        sizes or base.sample_sizes,
        members or base.members,
        replicates or base.replicates,
        estimators or base.estimators,
    )
    _check_asked(grid, families, estimators, sizes, dimensions)
    fixed = None if salt is None else checked_salt(salt)  # before a folder is made
    kept = opened(folder)
    used = fixed or checked_salt(None if kept is None else salt_in(kept))
    total, finished = sum(1 for _ in grid.units()), 0

    def tell(record: Record) -> None:
        nonlocal finished
        finished += 1
        click.echo(f"{finished}/{total}: {record.unit.stem}", err=True)

    records = run(grid, salt=used, folder=kept, jobs=jobs, done=tell)
    found = cells(records)
    standings = front(found)
    text = json_text(report.document(records, found, used)) if json_path else ""
    if json_path == "-":
        click.echo(text, nl=False)
    else:
        screen = console()
        for table in (*report.cell_tables(found), report.front_table(standings)):
            screen.print(table)
            screen.print()
        screen.print(f"The same noise again: --salt {used}", soft_wrap=True)
        if json_path is not None:
            write_text(json_path, text)
    if out is not None:
        write_whole(out, lambda place: _write_rows(records, place))
    if plot is not None:
        write_whole(plot, lambda place: report.plot(standings, place))
    return 0


def _advise(
    sizes: tuple[int, ...], dimensions: tuple[int, ...], time: str, source: str | None
) -> int:
    if len(sizes) != 1 or len(dimensions) != 1:
        raise InvalidInput("--recommend takes one --n and one --d")
    places = sorted(STORED.glob("*.json")) if source is None else [Path(source)]
    found: list[Cell] = []
    for place in places:
        found += report.read_cells(place)
    advice = recommend(
        found, sample_size=sizes[0], dimension=dimensions[0], seconds=_duration(time)
    )
    origin = "the grid stored with the package" if source is None else source
    for line in report.advice_lines(advice, origin):
        click.echo(line)
    return 0
