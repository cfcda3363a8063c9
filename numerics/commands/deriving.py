"""``collapse derive``: the closed form of a quantity, and its value at a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import mpmath
from rich.console import Group

from numerics.commands.arguments import model_options, parse_number, point
from numerics.report.details import field
from numerics.report.files import write_text
from numerics.report.structured import json_text
from numerics.report.table import console
from theory.domain import Number
from theory.errors import InvalidInput
from theory.family import Family
from theory.symbols import BY_WORD
from theory.vocabulary import SELECTIONS, WORKFLOWS

DIGITS = 15


def _number_or_letter(word: str, text: str) -> Any:
    """A number, or the letter itself: any of them."""
    symbol = BY_WORD[word].symbol
    return symbol if text == symbol.name else parse_number(word, text)


def _family(
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
    ).resolved(names)
    surplus = sorted(names - set(family.letters) - {"t", "sigma_0"})
    if surplus:
        raise InvalidInput(
            f"--at gives {surplus[0]}, which {workflow} with {selection} does not have; "
            f"it has {', '.join((*family.letters, 't', 'sigma_0'))}"
        )
    return family


def _value(derivation: Any, family: Family, at: Mapping[str, Number]) -> mpmath.mpf:
    family.at(at)
    if "t" not in at:
        raise InvalidInput("t has no value; --at needs it")
    return derivation.evaluate(DIGITS, **{"sigma_0": 1, **at})


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def document(derivation: Any, value: mpmath.mpf | None) -> dict[str, Any]:
    """The derivation as plain values, in the stable format of the command line."""
    return {
        "closed_form": _text(derivation.closed_form),
        "latex": derivation.latex() if derivation.closed_form is not None else None,
        "step": _text(derivation.step),
        "rate": _text(derivation.rate),
        "exponent": _text(derivation.exponent),
        "certified": derivation.certified,
        "value": None if value is None else float(value),
    }


def _lines(derivation: Any, value: mpmath.mpf | None) -> Group:
    shown = [
        ("closed form", derivation.closed_form),
        ("step", derivation.step),
        ("rate", derivation.rate),
        ("exponent", derivation.exponent),
        ("certified", "yes" if derivation.certified else "no"),
        ("value", None if value is None else mpmath.nstr(value, DIGITS)),
    ]
    return Group(*(field(word, str(text)) for word, text in shown if text is not None))


@click.command("derive", short_help="The closed form of a quantity, and its value.")
@model_options
@click.option("--law", type=click.Choice(["population", "n-of-N"]), help="Of top-fraction.")
@click.option("--dimension", default="1", show_default=True, help="A number, or d: any.")
@click.option("--temperature", default="1", show_default=True, help="A number, or temperature.")
@click.option("--at", metavar="n=100,t=50", multiple=True, help="Give the value at a point.")
@click.option("--latex", is_flag=True, help="Print the closed form in LaTeX, alone.")
@click.option("--json", "json_path", metavar="PATH", help="Write JSON; - is standard output.")
def command(
    workflow: str,
    selection: str,
    fit: str,
    first_batch: str,
    quantity: str,
    law: str | None,
    dimension: str,
    temperature: str,
    at: tuple[str, ...],
    latex: bool,
    json_path: str | None,
) -> int:
    """Derive the expectation of a quantity after t generations in closed form.

    With --at, its value too; there alpha means the population law of top-fraction, N the law of
    n of N candidates, and d and temperature need no option of their own.
    """
    from theory.derivation import derive

    values = point(at)
    family = _family(
        workflow, selection, fit, first_batch, law, dimension, temperature, set(values)
    )
    derivation: Any = derive(family, quantity)
    value = _value(derivation, family, values) if at else None
    text = json_text(document(derivation, value))
    if json_path == "-":
        click.echo(text, nl=False)
        return 0
    if json_path is not None:
        write_text(json_path, text)
    if latex:
        click.echo(derivation.latex())
    else:
        console().print(_lines(derivation, value))
    return 0
