"""``collapse bench``: estimators of Wasserstein distances against truths."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib import resources
from pathlib import Path
from typing import Any

import click
from joblib import Parallel, delayed
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from numerics.bench.advice import recommend
from numerics.bench.grid import QUICK, Grid, measure
from numerics.bench.plot import plot_front
from numerics.bench.scores import Overall, overall, scores
from numerics.bench.store import Store, export, read
from numerics.report.table import console
from numerics.streams import new_salt
from theory.errors import InvalidInput

_TIME = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|min)?")
_UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0, None: 1.0}


def seconds(text: str) -> float:
    """Read a time such as 200ms, 1s, 2.5 or 3min.

    Raises
    ------
    InvalidInput
        If it is none, or not above 0.

    Examples
    --------
    >>> seconds("200ms"), seconds("3min")
    (0.2, 180.0)
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or not float(found[1]) > 0:
        raise InvalidInput(f"--time {text!r} is not a time such as 200ms, 1s or 3min")
    return float(found[1]) * _UNITS[found[2]]


def _whole(option: str, text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = [each.strip() for each in text.split(",")]
    if not all(re.fullmatch(r"\d{1,9}", each) for each in parts):
        raise InvalidInput(f"{option} {text!r} is no list of whole numbers such as 100,500")
    return tuple(dict.fromkeys(int(each) for each in parts))


def _words(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(dict.fromkeys(each.strip() for each in text.split(",")))


def _grid(quick: bool, **given: Any) -> Grid:
    return replace(QUICK if quick else Grid(), **{k: v for k, v in given.items() if v is not None})


def run(grid: Grid, store: Store, jobs: int, show: bool) -> None:
    """Measure what the store does not have yet, cell by cell."""
    todo: list[tuple[tuple[str, int, int, int, int], tuple[str, ...]]] = []
    for place in grid.samples():
        names = grid.fitting(place[1], place[3], place[4])
        missing = tuple(name for name in names if (*place, name) not in store.done)
        if missing:
            todo.append((place, missing))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    screen = console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not show) as progress:
        task = progress.add_task("samples", total=len(todo))
        # In whatever order they finish: each is on the disk as soon as it is there.
        for rows in Parallel(n_jobs=jobs, return_as="generator_unordered")(
            delayed(measure)(*place, names, store.salt) for place, names in todo
        ):
            store.add(rows)
            progress.advance(task)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else "inf" if math.isinf(value) else f"{value:.3g}"


def show_overall(lines: Sequence[Overall]) -> None:
    """One table for each (d, n)."""
    out = console()
    for dimension, n in dict.fromkeys((line.dimension, line.n) for line in lines):
        cell = [line for line in lines if (line.dimension, line.n) == (dimension, n)]
        title = f"d = {dimension}, n = {n}: relative RMSE over {max(x.truths for x in cell)} truths"
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for name in ("", "estimator", "median", "worst", "on", "seconds", "failed", "unsettled"):
            table.add_column(name, justify="left" if name in ("", "estimator", "on") else "right")
        for line in cell:
            foreign = "" if line.functional == "squared_w2" else " †"
            table.add_row(
                "*" if line.on_front else "",
                line.estimator + foreign,
                _number(line.median_rmse),
                _number(line.worst_rmse),
                line.worst_family,
                _number(line.seconds),
                str(line.failures),
                str(line.unconverged),
            )
        out.print(table)
        out.print()
    out.print("* on the accuracy-time front; † estimates another functional, scored against W2^2.")


def show_bias(rows: list[dict[str, Any]]) -> None:
    """Relative bias, raw and with the control variate, truth by truth."""
    out = console()
    cells: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for score in scores(rows):
        cells[score.dimension, score.n].append(score)
    for (dimension, n), own in cells.items():
        title = f"d = {dimension}, n = {n}: relative bias, 95 % intervals"
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for name in ("truth", "estimator", "raw", "with control", "of its own"):
            table.add_column(name)
        for each in own:
            table.add_row(
                f"{each.family}-{each.member}",
                each.estimator,
                f"{each.bias:+.3f} ± {each.half_width:.3f}",
                f"{each.controlled_bias:+.3f} ± {each.controlled_half_width:.3f}",
                "-" if math.isnan(each.own_bias) else f"{each.own_bias:+.3f}",
            )
        out.print(table)
        out.print()


def measured(path: str | None) -> tuple[list[Overall], str]:
    """The stored grid: a file of this command, or the one that comes with the package."""
    if path is not None:
        return overall(scores(read(Path(path))[1])), path
    shipped = resources.files("numerics.bench") / "measured.json"
    document = json.loads(shipped.read_text(encoding="utf-8"))
    return [Overall(**line) for line in document["lines"]], str(document["about"])


def advise(path: str | None, n: int | None, dimension: int | None, limit: str) -> int:
    """Print the recommendation; 1 if nothing is fast enough."""
    if n is None or dimension is None:
        raise InvalidInput("--recommend needs --n and --d, one whole number each")
    lines, about = measured(path)
    advice = recommend(lines, n, dimension, seconds(limit))
    out = console()
    if advice.best is None:
        out.print(f"No estimator of squared_w2 is done within {limit} there.")
    else:
        best = advice.best
        out.print(f"Use {best.estimator}: about {_number(advice.seconds)} s at n = {n}.")
        out.print(
            f"Relative RMSE {_number(best.median_rmse)} in the median, "
            f"{_number(best.worst_rmse)} at worst (on {best.worst_family})."
        )
    out.print(f"Based on: {advice.basis}.")
    out.print(f"Source: {about}")
    for line, predicted in advice.others[:5]:
        out.print(
            f"  otherwise {line.estimator}: median {_number(line.median_rmse)}, worst "
            f"{_number(line.worst_rmse)} ({line.worst_family}), about {_number(predicted)} s"
        )
    return 0 if advice.best is not None else 1


@click.command("bench", short_help="Wasserstein estimators against known truths.")
@click.option("--quick", is_flag=True, help="A small grid: under two minutes on two cores.")
@click.option("--store", metavar="PATH", default="bench.jsonl", show_default=True, help="Rows.")
@click.option("--n", "sizes", metavar="LIST", help="Sample sizes, such as 100,500.")
@click.option("--d", "dimensions", metavar="LIST", help="Dimensions, such as 2,20.")
@click.option("--families", metavar="LIST", help="Families of truths.")
@click.option("--estimators", metavar="LIST", help="Estimators by name.")
@click.option("--members", type=int, help="Truths of each family and dimension.")
@click.option("--replicates", type=int, help="Samples of each truth.")
@click.option("--jobs", type=int, default=1, show_default=True, help="Processes.")
@click.option("--salt", metavar="TEXT", help="Repeat a run's noise.")
@click.option("--export", "target", metavar="PATH", help="Rows as .json, .parquet or .csv.")
@click.option("--plot", "picture", metavar="PATH", help="The accuracy-time front.")
@click.option("--bias", is_flag=True, help="Bias of each estimator on each truth, too.")
@click.option("--recommend", "advice", is_flag=True, help="Which to use at --n, --d and --time.")
@click.option("--time", "limit", metavar="TIME", default="1s", show_default=True, help="At most.")
@click.option("--from", "source", metavar="PATH", help="A stored grid for --recommend.")
def command(
    quick: bool,
    store: str,
    sizes: str | None,
    dimensions: str | None,
    families: str | None,
    estimators: str | None,
    members: int | None,
    replicates: int | None,
    jobs: int,
    salt: str | None,
    target: str | None,
    picture: str | None,
    bias: bool,
    advice: bool,
    limit: str,
    source: str | None,
) -> int:
    """Score estimators of W2^2 on pairs of laws whose W2^2 is known.

    Every estimator sees the same samples. Rows go to --store as they are measured; the same
    command again goes on where it stopped, and more replicates are added to those that are there.
    """
    at_n, at_d = _whole("--n", sizes), _whole("--d", dimensions)
    if advice:
        many = [option for option, each in (("--n", at_n), ("--d", at_d)) if each and len(each) > 1]
        if many:
            raise InvalidInput(f"{many[0]} takes one number with --recommend")
        one_n, one_d = (None if each is None else each[0] for each in (at_n, at_d))
        return advise(source, one_n, one_d, limit)
    if jobs == 0:
        raise InvalidInput("--jobs 0 is not accepted; a number from 1 on, or -1 for all cores")
    grid = _grid(
        quick,
        sizes=at_n,
        dimensions=at_d,
        families=_words(families),
        names=_words(estimators),
        members=members,
        replicates=replicates,
    )
    kept = Store(Path(store), salt, new_salt())
    run(grid, kept, jobs, show=console(stderr=True).is_terminal)
    lines = overall(scores(kept.rows))
    show_overall(lines)
    if bias:
        show_bias(kept.rows)
    if target is not None:
        export(kept.rows, Path(target))
    if picture is not None:
        plot_front(lines, Path(picture))
    console().print(f"{len(kept.rows)} rows in {store}. The same noise again: --salt {kept.salt}")
    return 0


def shipped(lines: Sequence[Overall], about: str) -> str:
    """The text of the grid that comes with the package.

    Examples
    --------
    >>> shipped([], "nothing")
    '{"about": "nothing", "lines": []}\\n'
    """
    return json.dumps({"about": about, "lines": [asdict(line) for line in lines]}) + "\n"
