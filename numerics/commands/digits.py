"""``collapse digits``: handwritten digits in silos, every rule, paired over seeds."""

from __future__ import annotations

from typing import cast

import click

from numerics.commands.arguments import JOBS
from numerics.commands.verdicts import checked_salt
from numerics.report import digits as report
from numerics.report.figures import check_picture
from numerics.report.files import check_places, write_text, write_whole
from numerics.report.structured import json_text
from numerics.report.table import console
from numerics.report.units import opened
from numerics.silos.campaign import Block, blocks, salt_in
from numerics.silos.digits import projection_bytes
from numerics.silos.plan import GENERATORS, PANEL, SPLITS, VERIFIERS, Plan, Verifier
from numerics.silos.rules import RULES


@click.command("digits", short_help="Handwritten digits in silos: every rule, table and figure.")
@click.option(
    "--replicates",
    type=click.IntRange(2, 10_000),
    default=6,
    show_default=True,
    help="Paired seeds.",
)
@click.option("--generations", type=click.IntRange(1), default=10, show_default=True)
@click.option("--silos", type=click.IntRange(1), default=10, show_default=True)
@click.option("--split", "splits", type=click.Choice(SPLITS), multiple=True, help="By default all.")
@click.option(
    "--generator", "generators", type=click.Choice(GENERATORS), multiple=True, help="As --split."
)
@click.option("--rule", "rules", type=click.Choice(list(RULES)), multiple=True, help="As --split.")
@click.option(
    "--verifier",
    type=click.Choice(VERIFIERS),
    default="fixed",
    show_default=True,
    help="Whether one silo judges throughout, or another in each generation.",
)
@click.option("--salt", metavar="HEX", help="Repeat the noise of an earlier run.")
@click.option("--folder", metavar="PATH", help="Keep finished parts there, and go on from them.")
@click.option("--jobs", type=JOBS, default=2, show_default=True, help="Processes.")
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
@click.option("--markdown", "markdown_path", metavar="PATH", help="Write the tables (.md).")
@click.option("--plot", metavar="PATH", help="Draw the Fréchet distance over the generations.")
def command(
    replicates: int,
    generations: int,
    silos: int,
    splits: tuple[str, ...],
    generators: tuple[str, ...],
    rules: tuple[str, ...],
    verifier: str,
    salt: str | None,
    folder: str | None,
    jobs: int,
    json_path: str | None,
    markdown_path: str | None,
    plot: str | None,
) -> int:
    """Train on scikit-learn's digits in silos, and compare every rule with random selection.

    The whole of it takes some 20 minutes on two cores; narrow it by --split, --generator and
    --rule. With --folder an interrupted run goes on where it stopped.
    """
    check_places({"--json": json_path, "--markdown": markdown_path, "--plot": plot})
    check_picture(plot)
    plan = Plan(generations=generations, silos=silos, verifier=cast(Verifier, verifier))
    given = None if salt is None else checked_salt(salt)  # before a folder is made
    kept = opened(folder)
    used = given or checked_salt(None if kept is None else salt_in(kept))
    chosen_splits = tuple(each for each in SPLITS if not splits or each in splits)
    chosen_generators = tuple(each for each in GENERATORS if not generators or each in generators)
    total = len(chosen_splits) * len(chosen_generators) * replicates
    finished = 0

    def tell(block: Block) -> None:
        nonlocal finished
        finished += 1
        place = f"{block.split}, {block.generator}, seed {block.replicate + 1}"
        click.echo(f"{finished}/{total}: {place}", err=True)

    found = blocks(
        rules or PANEL,
        plan=plan,
        salt=used,
        replicates=replicates,
        splits=chosen_splits,
        generators=chosen_generators,
        folder=kept,
        jobs=jobs,
        done=tell,
    )
    screen = console()
    text = json_text(report.document(found, plan.as_dict(), used)) if json_path else ""
    if json_path == "-":
        click.echo(text, nl=False)
    else:
        for table in report.tables(found):
            screen.print(table)
            screen.print()
        screen.print(
            f"kB a generation; the projection that all share cost "
            f"{projection_bytes(silos) / 1000:.0f} kB more, once.",
            soft_wrap=True,
        )
        if json_path is not None:
            write_text(json_path, text)
    if markdown_path is not None:
        write_text(markdown_path, report.markdown(found, used))
    if plot is not None:
        write_whole(plot, lambda file: report.plot(found, file))
    if json_path != "-":
        screen.print(f"The same noise again: --salt {used}", soft_wrap=True)
    return 0
