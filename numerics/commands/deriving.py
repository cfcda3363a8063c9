"""``collapse derive``: the closed form of a quantity, and its value at a point."""

from __future__ import annotations

from typing import Any

import click
import mpmath
from rich.console import Group
from rich.text import Text

from numerics.commands.arguments import model_options, parse_number, point, quantity_of
from numerics.commands.flowing import flow_document, flow_lines, read_problem
from numerics.report.files import write_text
from numerics.report.structured import json_text
from numerics.report.table import console
from theory.derivation import derive
from theory.derived import Derivation, NoClosedForm
from theory.domain import Number
from theory.errors import InvalidInput
from theory.evaluation import NamedRoot
from theory.family import Family
from theory.model import MODELS, PARAMETERS, LinearRegression, Model
from theory.symbols import BY_WORD
from theory.vocabulary import SELECTIONS, WORKFLOWS

DIGITS = 15


def _number_or_letter(word: str, text: str) -> Any:
    """A number, or the letter itself: any of them."""
    symbol = BY_WORD[word].symbol
    return symbol if text == symbol.name else parse_number(word, text)


def _model(name: str, design: str | None) -> Model:
    """The model with letters for its parameters."""
    kind = MODELS[name]
    if design is None:
        return kind.any()
    if kind is not LinearRegression:
        raise InvalidInput(f"--design has no meaning for {name}; it is of linear-regression")
    return LinearRegression(LinearRegression.any().noise, design)  # type: ignore[arg-type]


def _family(
    model: Model,
    workflow: str,
    selection: str,
    fit: Any,
    first_batch: Any,
    law: Any,
    dimension: str,
    temperature: str,
    names: set[str],
) -> Family:
    family = Family(
        workflow=WORKFLOWS[workflow],
        selection=SELECTIONS[selection],
        fit=fit,
        law=law,
        dimension=_number_or_letter("dimension", dimension),
        temperature=_number_or_letter("temperature", temperature),
        first_batch=first_batch,
        model=model,
    ).resolved(names)
    known = (*family.letters, "t", *family.units)
    surplus = sorted(names - set(known))
    if surplus:
        raise InvalidInput(
            f"--at gives {surplus[0]}, which "
            f"{workflow} with {selection if family.is_gaussian else model.name} does not have; "
            f"it has {', '.join(known)}"
        )
    return family


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _step(found: Derivation | NoClosedForm) -> str | None:
    """The equations of one generation, in SymPy's own notation."""
    equations = [str(equation) for equation in found.step]
    if not equations:
        return None
    return equations[0] if len(equations) == 1 else f"({', '.join(equations)})"


def document(found: Derivation | NoClosedForm, value: mpmath.mpf | None) -> dict[str, Any]:
    """The derivation as plain values, in the stable format of the command line.

    Parameters
    ----------
    found
        What `theory.derive` returned.
    value
        Its value at a point, if one was asked for. JSON holds it as a double.
    """
    closed = found if isinstance(found, Derivation) else None
    return {
        "closed_form": None if closed is None else str(closed.closed_form),
        "latex": None if closed is None else closed.latex(),
        "step": _step(found),
        "rate": None if closed is None else _text(closed.rate),
        "exponent": None if closed is None else _text(closed.exponent),
        "certified": closed is not None and bool(closed.certificate),
        "value": None if value is None or not mpmath.isfinite(value) else float(value),
        "definitions": {
            str(name): meaning_of(meaning) for name, meaning in found.definitions.items()
        },
        "reason": found.reason if isinstance(found, NoClosedForm) else None,
    }


def meaning_of(meaning: Any) -> str:
    """What a name in a closed form stands for.

    Examples
    --------
    >>> from theory.vocabulary import Accumulate, TopFraction
    >>> found = derive(Family(workflow=Accumulate, selection=TopFraction), "variance")
    >>> sorted(str(name) for name in found.definitions)
    ['kappa', 'r_1', 'r_2']
    """
    if isinstance(meaning, NamedRoot):
        return f"root {meaning.index + 1} of {meaning.polynomial} in {meaning.variable}"
    return str(meaning)


def _value(found: Derivation | NoClosedForm, values: dict[str, Number]) -> mpmath.mpf | None:
    """The value at a point; None where there is neither a closed form nor a recursion."""
    return None if found.system is None else found.evaluate(DIGITS, **values)


def _lines(found: Derivation | NoClosedForm, value: mpmath.mpf | None, *, asked: bool) -> Group:
    lines = found.steps()
    if asked:
        lines.append(f"Value: {'none' if value is None else mpmath.nstr(value, DIGITS)}")
    return Group(*(Text(line) for line in lines))


@click.command("derive", short_help="The closed form of a quantity, and its value.")
@model_options
@click.option("--law", type=click.Choice(["population", "n-of-N"]), help="Of top-fraction.")
@click.option("--dimension", default="1", show_default=True, help="A number, or d: any.")
@click.option("--temperature", default="1", show_default=True, help="A number, or temperature.")
@click.option(
    "--design", type=click.Choice(["fresh", "fixed"]), help="Inputs of linear-regression."
)
@click.option("--at", metavar="n=100,t=50", multiple=True, help="Give the value at a point.")
@click.option(
    "--distance", metavar="DELTA", help="Of a fixed target from the true mean, in deviations."
)
@click.option("--latex", is_flag=True, help="Print the closed form in LaTeX, alone.")
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
def command(
    model: str,
    workflow: str,
    selection: str,
    fit: str,
    first_batch: str,
    quantity: str | None,
    design: str | None,
    law: str | None,
    dimension: str,
    temperature: str,
    at: tuple[str, ...],
    distance: str | None,
    latex: bool,
    json_path: str | None,
) -> int:
    """Derive the expectation of a quantity after t generations in closed form.

    With --at, its value too; there alpha means the population law of top-fraction, N the law of
    n of N candidates, and d and temperature need no option of their own. A --model's parameters are
    letters too: rate, scale, shape, p, symbols, noise.

    With --distance, top-fraction keeps what is nearest to a fixed target. That has no closed form:
    the exponent, the reach and the threshold of its flow are told, and with --at n,t a finite run.
    """
    values = point(at, () if model == "gaussian" else PARAMETERS)
    if distance is not None:
        if selection != "top-fraction" or latex:
            raise InvalidInput("--distance goes with --selection top-fraction and without --latex")
        if (model, fit, first_batch, temperature) != ("gaussian", "mle", "generated", "1") or (
            quantity not in (None, "variance")
        ):
            raise InvalidInput(
                "--distance goes with --model gaussian, --fit mle, --first-batch generated, "
                "--temperature 1 and no --quantity: it tells trace and mean together"
            )
        if dimension != "1":
            values["d"] = parse_number("d", dimension)
        return _told(workflow, distance, values, json_path)
    family = _family(
        _model(model, design),
        workflow,
        selection,
        fit,
        first_batch,
        law,
        dimension,
        temperature,
        set(values),
    )
    found = derive(family, quantity_of(MODELS[model], quantity))
    value = _value(found, values) if at else None
    text = json_text(document(found, value))
    if json_path == "-":
        click.echo(text, nl=False)
        return 0
    if json_path is not None:
        write_text(json_path, text)
    if latex:
        click.echo(found.latex())
    else:
        console().print(_lines(found, value, asked=bool(at)))
    return 0


def _told(workflow: str, distance: str, values: dict[str, Number], json_path: str | None) -> int:
    """Around a fixed target: what the flow says."""
    problem = read_problem(workflow, parse_number("distance", distance), values)
    told = flow_document(problem, int(values["t"]) if "t" in values else None)
    if json_path == "-":
        click.echo(json_text(told), nl=False)
        return 0
    if json_path is not None:
        write_text(json_path, json_text(told))
    for line in flow_lines(problem, told):
        console().print(line, soft_wrap=True, markup=False, highlight=False)
    return 0
