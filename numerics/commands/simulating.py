"""``collapse simulate``: a setting from scratch, as a table, a file or a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, cast

import click
import numpy as np
from rich.table import Table

from numerics.commands.arguments import model_options, parse_number, quantity_of
from numerics.commands.verdicts import checked_salt
from numerics.report.files import check_place, write_whole
from numerics.report.runs_plot import plot_runs
from numerics.report.table import console
from numerics.report.wording import NONE, number
from numerics.simulation import simulate
from numerics.trajectories import Trajectories
from theory.derivation import derive
from theory.errors import CollapseError, InvalidInput
from theory.foretold import foretell
from theory.model import MODELS, Model
from theory.setting import Setting
from theory.vocabulary import SELECTIONS, WORKFLOWS

# Numeric parameters of the models.
PARAMETERS = ("rate", "shape", "scale", "probability", "symbols", "zipf", "noise")
# Numbers held at once: 400 MB of doubles.
LARGEST = 50_000_000
# Generations at which the derived curve is evaluated and the table has a row, at most.
CURVE, ROWS = 100, 12


def _words(kind: type[Any]) -> set[str]:
    """Parameters of a workflow or selection rule."""
    return {item.name for item in fields(kind)}


def _part(kind: type[Any], given: dict[str, Any]) -> Any:
    """Build a workflow or selection rule from those options that it takes."""
    return kind(**{word: value for word, value in given.items() if word in _words(kind)})


def _setting(workflow: str, selection: str, options: dict[str, Any], rest: Any) -> Setting:
    given = {word: value for word, value in options.items() if value is not None}
    kinds = WORKFLOWS[workflow], SELECTIONS[selection]
    surplus = sorted(set(given) - _words(kinds[0]) - _words(kinds[1]))
    if surplus:
        option = surplus[0].replace("_", "-")
        raise InvalidInput(f"--{option} has no meaning for {workflow} with {selection}")
    for word in sorted(_words(kinds[0]) - set(given)):
        raise InvalidInput(f"--workflow {workflow} needs --{word.replace('_', '-')}")
    needed = {x.name for x in fields(cast(Any, kinds[1])) if x.default is MISSING}
    for word in sorted(needed - set(given)):
        raise InvalidInput(f"--selection {selection} needs --{word.replace('_', '-')}")
    return Setting(workflow=_part(kinds[0], given), selection=_part(kinds[1], given), **rest)


def _model(name: str, given: dict[str, Any]) -> Model:
    """The model with those options that it takes."""
    kind = MODELS[name]
    options = {word: value for word, value in given.items() if value is not None}
    surplus = sorted(set(options) - _words(kind))
    if surplus:
        raise InvalidInput(f"--{surplus[0].replace('_', '-')} has no meaning for the model {name}")
    return kind(**options)


@dataclass(frozen=True)
class _Expected:
    """What the other wing says of the same setting: by algebra, or by the flow."""

    at: list[int]
    mean: list[float]
    band: tuple[Any, Any] | None
    word: str
    source: str | None


def _expected(setting: Setting, quantity: str, generations: int) -> _Expected | None:
    """A closed form or a recursion; where there is none, a prediction; else nothing."""
    curve_at = np.linspace(0, generations, min(generations + 1, CURVE)).astype(int)
    steps = sorted({*curve_at.tolist(), *_rows(generations)})
    try:
        found = derive(setting, quantity)
        curve = [float(found.evaluate(t=t)) for t in steps]
    except CollapseError:
        seen = foretell(setting, quantity, steps)
        if seen is None:
            return None
        band = None if seen.low is None or seen.high is None else (seen.low, seen.high)
        return _Expected(steps, seen.mean.tolist(), band, "predicted", seen.source)
    return _Expected(steps, curve, None, "derived", None)


def _rows(generations: int) -> list[int]:
    if generations < ROWS:
        return list(range(generations + 1))
    return sorted({round(x) for x in np.linspace(0, generations, ROWS)})


def _table(
    trajectories: Trajectories,
    quantity: str,
    theory: _Expected | None,
) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    last = "derived" if theory is None else theory.word
    for name in ("t", f"mean {quantity}", "std. error", "5 %", "95 %", last):
        table.add_column(name, justify="right")
    values = trajectories.values[quantity]
    with np.errstate(invalid="ignore", over="ignore"):  # runs beyond the floats are shown as inf
        error = values.std(axis=0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else None
        low, high = np.percentile(values, (5, 95), axis=0)
    expected = {} if theory is None else dict(zip(theory.at, theory.mean, strict=True))
    for t in _rows(trajectories.at[-1]):
        table.add_row(
            str(t),
            number(values[:, t].mean()),
            NONE if error is None else number(error[t], 2),
            number(low[t]),
            number(high[t]),
            number(expected.get(t)),
        )
    return table


def write_runs(trajectories: Trajectories, quantity: str, path: Path) -> None:
    """Write one row for each run and generation, as CSV or Parquet.

    Raises
    ------
    InvalidInput
        If pandas is not installed, or the suffix is another.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise InvalidInput(f"--out {path.name} is neither .csv nor .parquet")
    try:
        import pandas as pd
    except ImportError:
        raise InvalidInput("--out needs pandas; install collapse-theory[runs]") from None
    count, steps = trajectories.replicates, len(trajectories.at)
    frame = pd.DataFrame(
        {
            "run": np.repeat(np.arange(1, count + 1), steps),
            "generation": np.tile(np.asarray(trajectories.at), count),
            quantity: trajectories.values[quantity].ravel(),
        }
    )
    if path.suffix == ".csv":
        write_whole(path, lambda file: frame.to_csv(file, index=False))
    else:
        write_whole(path, lambda file: frame.to_parquet(file, index=False))


def _plot(runs: Trajectories, quantity: str, path: str, theory: _Expected | None) -> None:
    if theory is None:
        plot_runs(runs, quantity, path)
        return
    label = f"{theory.word} expectation"
    plot_runs(runs, quantity, path, theory.mean, at=theory.at, band=theory.band, label=label)


def _checked_places(paths: Sequence[tuple[str, str | None, tuple[str, ...]]]) -> None:
    """Complain before the simulation, not after it."""
    for option, path, accepted in paths:
        if path is not None and Path(path).suffix not in accepted:
            raise InvalidInput(f"{option} {path} must end in {' or '.join(accepted)}")
        if path is not None:
            check_place(path)


@click.command("simulate", short_help="A setting from scratch: a table, a file, a picture.")
@model_options
@click.option("-n", "--sample-size", required=True, help="Points in a fit (in a batch).")
@click.option("-t", "--generations", required=True, help="Number of fits.")
@click.option("--replicates", default="1000", show_default=True, help="Independent runs.")
@click.option("-d", "--dimension", default="1", show_default=True, help="Dimension of a point.")
@click.option("--kept-fraction", help="Share that the verifier keeps (top-fraction).")
@click.option("--candidates", help="Points generated, of which the nearest n are kept.")
@click.option(
    "--target", metavar="X,Y,...", help="The verifier's target; the model's mean if left out."
)
@click.option(
    "--metric", type=click.Choice(["model", "identity"]), help="Of top-fraction's distance."
)
@click.option("--strength", help="Of a soft verifier or a tilt.")
@click.option("--filter-real", is_flag=True, help="Fresh real points pass the verifier too.")
@click.option("--temperature", default="1", show_default=True, help="Covariance of new points.")
@click.option("--fraction", help="Share of fresh real points (fresh-real).")
@click.option("--real-size", help="Number of fixed real points (fixed-real).")
@click.option("--sigma-0", default="1", show_default=True, help="True standard deviation.")
@click.option("--rate", help="True mean (poisson, negative-binomial).")
@click.option("--shape", help="Shape of a negative-binomial law.")
@click.option("--scale", help="True mean of an exponential law.")
@click.option("--probability", help="True probability of a bernoulli event.")
@click.option("--probabilities", metavar="P,Q,...", help="True law of a categorical model.")
@click.option("--symbols", help="Instead: so many symbols, in proportion to i^-zipf.")
@click.option("--zipf", help="Exponent of --symbols; 0, the default, is all alike.")
@click.option("--noise", help="Standard deviation of a label's noise (linear-regression).")
@click.option(
    "--design", type=click.Choice(["fresh", "fixed"]), help="Inputs of linear-regression."
)
@click.option("--salt", metavar="HEX", help="Repeat the noise of an earlier run.")
@click.option("--out", metavar="PATH", help="Write the runs (.csv, .parquet).")
@click.option("--plot", metavar="PATH", help="Draw the derived or predicted curve over the runs.")
def command(
    model: str,
    workflow: str,
    selection: str,
    fit: str,
    first_batch: str,
    quantity: str | None,
    salt: str | None,
    out: str | None,
    plot: str | None,
    target: str | None,
    metric: str | None,
    filter_real: bool,
    probabilities: str | None,
    design: str | None,
    **numbers: str | None,
) -> int:
    """Simulate a setting from scratch, and lay the expectation beside it.

    It is derived where algebra has a closed form or a recursion, and predicted by the flow where
    selection has a fixed target.
    """
    _checked_places(
        [("--out", out, (".csv", ".parquet")), ("--plot", plot, (".png", ".pdf", ".svg"))]
    )
    read = {
        word: None if text is None else parse_number(word, text) for word, text in numbers.items()
    }
    given = ("kept_fraction", "candidates", "strength", "fraction", "real_size")
    options: dict[str, Any] = {word: read[word] for word in given}
    options["metric"] = metric
    if target is not None:
        options["target"] = tuple(float(parse_number("target", x)) for x in target.split(","))
    words = ("sample_size", "dimension", "temperature", "sigma_0")
    rest: dict[str, Any] = {word: read[word] for word in words} | {
        "fit": fit,
        "first_batch": first_batch,
    }
    rest["filter_real"] = filter_real
    parameters: dict[str, Any] = {word: read[word] for word in PARAMETERS}
    parameters["design"] = design
    if probabilities is not None:
        parameters["probabilities"] = tuple(
            parse_number("probabilities", x) for x in probabilities.split(",")
        )
    rest["model"] = _model(model, parameters)
    quantity = quantity_of(MODELS[model], quantity)
    setting = _setting(workflow, selection, options, rest)
    generations, replicates = read["generations"], read["replicates"]
    if (generations + 1) * replicates > LARGEST:  # type: ignore[operator]
        raise InvalidInput(
            f"{replicates} replicates of {generations} generations are more than {LARGEST:.0e} "
            "numbers; ask for fewer"
        )
    used = checked_salt(salt)
    runs = simulate(setting, generations, replicates, used, quantities=(quantity,))  # type: ignore[arg-type]
    theory = _expected(setting, quantity, runs.at[-1])
    screen = console()
    screen.print(_table(runs, quantity, theory))
    if theory is not None and theory.source is not None:
        screen.print(f"predicted: {theory.source}", soft_wrap=True)
    if out is not None:
        write_runs(runs, quantity, Path(out))
    if plot is not None:
        _plot(runs, quantity, plot, theory)
    screen.print(f"The same noise again: --salt {used}", soft_wrap=True)
    return 0
