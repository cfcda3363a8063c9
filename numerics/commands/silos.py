"""``collapse silos``: Gaussian silos, every rule on the same noise, and who beats random."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from joblib import Parallel, delayed

from numerics.commands.arguments import JOBS
from numerics.commands.verdicts import checked_salt
from numerics.report.figures import check_picture
from numerics.report.files import check_places, write_text
from numerics.report.silos import draw, rows, table
from numerics.report.structured import json_text
from numerics.report.table import console
from numerics.silos.context import Options
from numerics.silos.generators import Gaussian
from numerics.silos.references import GaussianLaw, gaussian_silos
from numerics.silos.rules import RULES, find
from numerics.silos.training import WORKFLOWS, Plan, Run, pooled_truth, train
from numerics.streams import Stream
from theory.errors import InvalidInput

# Runs are counted before the first is made.
MOST = 10_000
# exp of it, and powers of it, are numbers still.
WIDEST, HOTTEST = 50.0, 1e3


def experiment(
    rule: str,
    plan: Plan,
    *,
    silos: int,
    dimension: int,
    points: int,
    heterogeneity: float,
    temperature: float,
    salt: str,
    seed: int,
) -> Run:
    """One run of one rule: the same silos and first batch for every rule of a seed."""
    place = {"K": silos, "d": dimension, "heterogeneity": heterogeneity, "seed": seed}
    rng = Stream(salt, "silos", place, "world").generator()
    references = [
        law.sample(rng, points) for law in gaussian_silos(rng, silos, dimension, heterogeneity)
    ]
    world = pooled_truth(references, np.full(silos, 1 / silos))
    real = GaussianLaw(world.mean, world.covariance).sample(rng, plan.kept)
    return train(
        references,
        rule,
        plan,
        Stream(salt, "silos", place, "training"),
        real=real,
        truth=world,
        generator=Gaussian(temperature, ridge=0.0),
    )


@click.command("silos")
@click.option("--rule", "rules", multiple=True, help="A rule, again for several; default: all.")
@click.option(
    "--silos",
    type=click.IntRange(1, MOST),
    default=10,
    show_default=True,
    help="Number of silos K.",
)
@click.option(
    "-d",
    "--dimension",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Dimension of a point.",
)
@click.option(
    "--points", type=click.IntRange(2), default=97, show_default=True, help="Points a silo holds."
)
@click.option(
    "-n",
    "--sample-size",
    type=click.IntRange(2),
    default=200,
    show_default=True,
    help="Kept points; N = 4n.",
)
@click.option(
    "-t",
    "--generations",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Generations.",
)
@click.option("--heterogeneity", default=0.3, show_default=True, help="How silos differ; 0: not.")
@click.option("--temperature", default=1.0, show_default=True, help="On the covariance drawn.")
@click.option(
    "--workflow",
    type=click.Choice(WORKFLOWS),
    default=WORKFLOWS[0],
    show_default=True,
    help="What the next fit sees.",
)
@click.option(
    "--dual",
    type=click.Choice(["exact", "gaussian"]),
    default="gaussian",
    show_default=True,
    help="Transport between points, or between Gaussians of their moments.",
)
@click.option("-s", "--interpolation", default=0.5, show_default=True, help="Of geodesic proxies.")
@click.option("--rebuilt", is_flag=True, help="Proxies anew in every generation.")
@click.option(
    "--seeds", type=click.IntRange(1, MOST), default=5, show_default=True, help="Runs of each rule."
)
@click.option(
    "--jobs",
    type=JOBS,
    default=1,
    show_default=True,
    help="Processes; they change no number.",
)
@click.option("--salt", default=None, help="The noise of an earlier run.")
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path), help="Rows; - is standard output."
)
@click.option("--plot", "plot_path", type=click.Path(path_type=Path), help="Write a picture here.")
def command(
    rules: tuple[str, ...],
    silos: int,
    dimension: int,
    points: int,
    sample_size: int,
    generations: int,
    heterogeneity: float,
    temperature: float,
    workflow: str,
    dual: str,
    interpolation: float,
    rebuilt: bool,
    seeds: int,
    jobs: int,
    salt: str | None,
    json_path: Path | None,
    plot_path: Path | None,
) -> int:
    """Train on what silos keep, with every rule, and tell who beats random selection.

    Distances are squared W2 to the pooled world over its trace, with 95 % intervals over seeds;
    "minus random" is paired seed by seed.
    """
    check_places({"--json": json_path, "--plot": plot_path})
    check_picture(plot_path)
    if not 0 <= heterogeneity <= WIDEST:
        raise InvalidInput(f"--heterogeneity {heterogeneity}; accepted: 0 to {WIDEST:g}")
    if not 0 < temperature <= HOTTEST:
        raise InvalidInput(f"--temperature {temperature}; accepted: above 0, to {HOTTEST:g}")
    # With --rebuilt the anchored rules are those that send scores, but for the bytes.
    names = list(dict.fromkeys(("random", *(rules or (n for n in RULES if "rebuilt" not in n)))))
    for name in names:
        find(name)
    chosen = checked_salt(salt)
    plan = Plan(
        sample_size,
        generations,
        workflow=workflow,
        options=Options(interpolation=interpolation, anchored=not rebuilt, dual=dual),  # type: ignore[arg-type]
    )
    given = {
        "silos": silos,
        "dimension": dimension,
        "points": points,
        "heterogeneity": heterogeneity,
        "temperature": temperature,
        "salt": chosen,
    }
    pairs = [(name, seed) for name in names for seed in range(seeds)]
    done = Parallel(n_jobs=jobs)(
        delayed(experiment)(name, plan, seed=seed, **given) for name, seed in pairs
    )
    runs = {
        name: [run for (mine, _), run in zip(pairs, done, strict=True) if mine == name]
        for name in names
    }
    found = rows(runs)
    if str(json_path) != "-":
        console().print(table(found))
        click.echo(f"{seeds} seeds, t = {generations}. The same noise again: --salt {chosen}")
    if json_path is not None:
        setting = {
            **given,
            "kept": plan.kept,
            "candidates": plan.drawn,
            "generations": generations,
            "workflow": workflow,
            "dual": dual,
            "interpolation": interpolation,
            "rebuilt": rebuilt,
            "seeds": seeds,
        }
        text = json_text({"setting": setting, "rules": found})
        if str(json_path) == "-":
            click.echo(text, nl=False)
        else:
            write_text(json_path, text)
    if plot_path is not None:
        draw(runs, plot_path)
    return 0
