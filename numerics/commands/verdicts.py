"""``collapse check``: claims of the catalogue, or one's own, get their verdicts."""

from __future__ import annotations

import contextlib
import functools
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from numerics.commands.arguments import assignments, point
from numerics.commands.claimfiles import blaming, collect, explain, file_of
from numerics.evidence import Verdict
from numerics.report import table
from numerics.report.details import details
from numerics.report.files import check_place, write_text
from numerics.report.recorded import recorded_details
from numerics.report.structured import verdicts_json, verdicts_latex
from numerics.result import Evidence
from numerics.streams import new_salt
from theory.claim import Claim
from theory.errors import InvalidInput

AS_EXPECTED, REFUTED, MISUSE, INCONCLUSIVE = 0, 1, 2, 3

Announce = Callable[[Evidence], None]


def exit_status(results: Sequence[Any]) -> int:
    """0 every verdict as expected; 1 refuted, or known false and not refuted; 3 inconclusive.

    2, before all of these, if a claim could not be judged.
    """
    if any(each.verdict is Verdict.NOT_JUDGED for each in results):
        return MISUSE
    unknown = [
        each.verdict is Verdict.INCONCLUSIVE and each.claim.known_false is None for each in results
    ]
    pairs = zip(results, unknown, strict=True)
    if any(not each.as_expected and not open_ for each, open_ in pairs):
        return REFUTED
    return INCONCLUSIVE if any(unknown) else AS_EXPECTED


def checked_salt(text: str | None) -> str:
    """The salt of the run: the user's, or a fresh one.

    Raises
    ------
    InvalidInput
        If it is not hexadecimal.
    """
    if text is None:
        return new_salt()
    if not re.fullmatch(r"[0-9a-fA-F]{1,64}", text):
        raise InvalidInput(f"--salt takes 1 to 64 hexadecimal digits, not {text!r}")
    return text.lower()


@contextlib.contextmanager
def _live(total: int, out: Console, *, silent: bool) -> Iterator[Announce]:
    """Print each row when its claim is done; on a terminal, show how far the run is."""
    begun = silent

    def rows(evidence: Evidence) -> None:
        nonlocal begun
        if not begun:  # misuse, which is found before the first row, leaves no table behind
            out.print(table.header(out.width))
            begun = True
        for line in () if silent else table.row(evidence, out.width):
            out.print(line)

    # A bar on the error stream would tear the rows if both streams are one terminal.
    screen = out if out.is_terminal and not silent else table.console(stderr=True)
    if not screen.is_terminal:
        yield rows
        return
    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("", total=total)

        def advance(evidence: Evidence) -> None:
            rows(evidence)
            progress.advance(task)

        yield advance


def _simulated(
    claims: tuple[Claim, ...],
    out: Console,
    *,
    at: dict[str, Any] | None,
    jobs: int,
    files: Sequence[Path],
    silent: bool,
    full: bool,
    **plan: Any,
) -> list[Evidence]:
    """Check by simulation, and print what was found."""
    from numerics.checking import check, check_all

    # Samplers are the user's own programs and may print; standard output is kept for the result.
    quiet = contextlib.redirect_stdout(sys.stderr) if silent else contextlib.nullcontext()
    with quiet, blaming(files), _live(len(claims), out, silent=silent) as announce:
        if at is None:
            told = functools.partial(explain, files=tuple(files))
            results = check_all(claims, jobs=jobs, progress=announce, explain=told, **plan)
        else:
            results = [check(claims[0], at=at, **plan)]
            announce(results[0])
    if not silent:
        out.print()
        for each in results if full else ():
            if each.fault is None:
                out.print(details(each))
        out.print(table.closing(results, plan["salt"]), soft_wrap=True)
    return results


def _recorded(claim: Claim, out: Console, *, silent: bool, **given: Any) -> list[Any]:
    """Hold one claim against recorded runs, and print what was found."""
    from numerics.checking import check

    evidence: Any = check(claim, **given)
    if not silent:
        out.print(recorded_details(evidence))
    return [evidence]


def _single(claims: tuple[Claim, ...], option: str) -> Claim:
    if len(claims) != 1:
        raise InvalidInput(f"{option} takes one claim, not {len(claims)}; name ID or FILE.py::ID")
    return claims[0]


def _default_jobs(claims: Sequence[Claim]) -> int:
    from joblib import cpu_count

    return min(cpu_count(), len(claims))


@click.command("check", short_help="Verdicts on claims: the catalogue's, or your own.")
@click.argument("names", metavar="[ID | FILE.py | FILE.py::ID]...", nargs=-1)
@click.option("--epsilon", type=float, default=0.01, show_default=True, help="Resolution.")
@click.option("--points", type=int, default=10, show_default=True, help="Points a claim.")
@click.option(
    "--budget", type=int, default=4_000_000, show_default=True, help="Draws a point, at most."
)
@click.option("--salt", metavar="HEX", help="Repeat the noise of an earlier run.")
@click.option("--jobs", type=int, help="Processes; verdicts do not depend on it.")
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
@click.option("--latex", "latex_path", metavar="PATH", help="Write a LaTeX table; - likewise.")
@click.option("--details", "wants_details", is_flag=True, help="Everything each verdict rests on.")
@click.option("--rivals", is_flag=True, help="Plant faults, and tell which would be caught.")
@click.option("--at", metavar="n=100,t=50", multiple=True, help="One point of the domain.")
@click.option("--runs", metavar="FILE", help="Recorded runs (.csv, .parquet) for a simulator.")
@click.option(
    "--column", metavar="ROLE=NAME", multiple=True, help="Your column for run, generation, value."
)
@click.option("--where", metavar="COLUMN=VALUE", multiple=True, help="Rows of the file to keep.")
def command(
    names: tuple[str, ...],
    epsilon: float,
    points: int,
    budget: int,
    salt: str | None,
    jobs: int | None,
    json_path: str | None,
    latex_path: str | None,
    wants_details: bool,
    rivals: bool,
    at: tuple[str, ...],
    runs: str | None,
    column: tuple[str, ...],
    where: tuple[str, ...],
) -> int:
    """Check claims: the whole catalogue, claims of it by ID, those of FILE.py, or one of them.

    Exit status: 0 every verdict as expected; 1 a claim refuted, or a claim that is known to be
    false not refuted; 2 misuse, or a claim that cannot be judged as it is written, told in one line
    each; 3 nothing refuted, but something inconclusive.
    """
    if jobs is not None and jobs < 1:
        raise InvalidInput(f"--jobs takes 1 or more, not {jobs}")
    if runs is None and (column or where):
        raise InvalidInput("--column and --where speak of recorded runs; give --runs FILE too")
    if json_path == "-" and latex_path == "-":
        raise InvalidInput("only one of --json and --latex can go to standard output")
    for path in (json_path, latex_path):
        if path not in (None, "-"):
            check_place(str(path))
    used = checked_salt(salt)
    claims = collect(names)
    values = point(at, _single(claims, "--at").over) if at else None
    silent = "-" in (json_path, latex_path)
    out = table.console()
    results: list[Any]
    if runs is not None:
        if latex_path is not None or rivals:
            raise InvalidInput("--runs goes with --json; it has no --latex and no --rivals")
        results = _recorded(
            _single(claims, "--runs"),
            out,
            silent=silent,
            at=values,
            runs=runs,
            columns=assignments("--column", column),
            where=assignments("--where", where),
            epsilon=epsilon,
        )
    else:
        results = _simulated(
            claims,
            out,
            at=values,
            jobs=_default_jobs(claims) if jobs is None else jobs,
            files=[file for file in map(file_of, names) if file is not None],
            silent=silent,
            full=wants_details or rivals or len(claims) == 1,
            salt=used,
            points=points,
            epsilon=epsilon,
            budget=budget,
            rivals=rivals,
        )
    for path, write in ((json_path, verdicts_json), (latex_path, verdicts_latex)):
        if path == "-":
            click.echo(write(results, used), nl=False)
        elif path is not None:
            write_text(path, write(results, used))
    for each in results:
        if each.verdict is Verdict.NOT_JUDGED:
            print(f"collapse: {each.fault}", file=sys.stderr)
    return exit_status(results)
