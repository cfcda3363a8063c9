"""``collapse replay``: released runs draw by draw, and the same experiment with fresh noise."""

from __future__ import annotations

import click
import numpy as np
from joblib import Parallel, delayed
from rich.table import Table

from numerics.commands.arguments import JOBS
from numerics.commands.verdicts import checked_salt
from numerics.report.table import console
from numerics.silos.fresh import BEGINNING, Spread, fresh_paths
from numerics.silos.released import FAMILIES, SETTINGS, Path
from numerics.silos.replay import replay
from numerics.streams import published_generator
from theory.errors import InvalidInput

SEEDS = (42, 123, 456, 789, 2024)


def _replayed(family: str, jobs: int) -> Table:
    runs = Parallel(n_jobs=jobs)(delayed(_one)(seed, family) for seed in SEEDS)
    table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
    table.title = f"{family}: the released seeds {', '.join(str(each) for each in SEEDS)}"
    for name in ("setting", "dispersion ratio", "sd"):
        table.add_column(name, justify="left" if name == "setting" else "right", no_wrap=True)
    for setting in SETTINGS:
        values = [run[setting].dispersion_ratio for run in runs]
        table.add_row(setting, f"{np.mean(values):.9g}", f"{np.std(values, ddof=1):.6g}")
    return table


def _one(seed: int, family: str) -> dict[str, Path]:
    return replay(published_generator(seed), family)


def _fresh(family: str, seeds: int, salt: str, jobs: int) -> Table:
    paths = fresh_paths(family, seeds, salt, jobs=jobs)
    table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
    table.title = f"{family}: {seeds} fresh seeds; the change is read from the median's interval"
    for name in ("setting", "quantity", "mean", "95 %", "median", "95 %", "change"):
        table.add_column(name, no_wrap=name != "change")
    for setting, runs in paths.items():
        for word, beginning in BEGINNING.items():
            values = [getattr(run, word) for run in runs]
            if family != "unequal-mixture" and word in ("minority", "smallest"):
                continue
            found = Spread.of(values)
            table.add_row(
                setting,
                word.replace("_", " "),
                f"{found.mean:.3g}",
                f"{found.mean_interval[0]:.3g} to {found.mean_interval[1]:.3g}",
                f"{found.median:.3g}",
                f"{found.median_interval[0]:.3g} to {found.median_interval[1]:.3g}",
                found.change(beginning),
            )
    below = sum(
        selected.dispersion_ratio < plain.dispersion_ratio
        for selected, plain in zip(paths["Accumulate + Select"], paths["Accumulate"], strict=True)
    )
    table.caption = f"Accumulate + Select below Accumulate in {below} of {seeds} seeds."
    return table


@click.command("replay", short_help="Released runs beyond the Gaussian, draw by draw.")
@click.option(
    "--family", "families", type=click.Choice(FAMILIES), multiple=True, help="By default all."
)
@click.option(
    "--fresh",
    type=click.IntRange(6, 10_000),
    metavar="SEEDS",
    help="With so many seeds of our own instead.",
)
@click.option("--salt", metavar="HEX", help="Repeat the fresh noise of an earlier run.")
@click.option("--jobs", type=JOBS, default=2, show_default=True, help="Processes.")
def command(families: tuple[str, ...], fresh: int | None, salt: str | None, jobs: int) -> int:
    """Repeat the released non-Gaussian runs of Qiao et al. 2026: n = 300, 200 generations.

    A mixture takes a minute on two cores, another family some seconds; 25 fresh seeds take
    several times that.
    """
    if salt is not None and fresh is None:
        raise InvalidInput("--salt goes with --fresh; the released seeds are what they are")
    used = checked_salt(salt)
    screen = console()
    for family in [each for each in FAMILIES if not families or each in families]:
        table = _replayed(family, jobs) if fresh is None else _fresh(family, fresh, used, jobs)
        screen.print(table)
        screen.print()
    if fresh is not None:
        screen.print(f"The same noise again: --salt {used}", soft_wrap=True)
    return 0
