"""What a user types: numbers, assignments such as ``n=100``, and the options that commands share.

Text is parsed, never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeVar

import click

from theory.domain import Number
from theory.errors import InvalidInput
from theory.model import ALL_QUANTITIES, MODELS, Model
from theory.symbols import BY_NAME, BY_WORD, letter
from theory.vocabulary import FITS, SELECTIONS, WORKFLOWS

Command = TypeVar("Command", bound=Callable[..., Any])

# As many processes are started as are asked for.
JOBS = click.IntRange(1, 1024)
# Lengths are limited: Fraction("1e999999999") would fill the memory with digits.
_NUMBER = re.compile(r"[+-]?(\d{1,40}/\d{1,40}|(\d{1,40}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,3})?)")


def parse_number(name: str, text: str) -> Number:
    """Read an integer, a decimal or a fraction, exactly.

    Raises
    ------
    InvalidInput
        If `text` is no such number.

    Examples
    --------
    >>> parse_number("alpha", "0.1"), parse_number("n", "1e9"), parse_number("f", "1/4")
    (Fraction(1, 10), 1000000000, Fraction(1, 4))
    """
    text = text.strip().lower()
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(f"{name} = {text!r} is not a number such as 100, 0.1, 1e-3 or 1/4")
    try:
        value = Fraction(text)
    except ZeroDivisionError:
        raise InvalidInput(f"{name} = {text!r} divides by zero") from None
    return int(value) if value.denominator == 1 else value


def assignments(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Split ``name=value`` texts, several of them separated by commas.

    Raises
    ------
    InvalidInput
        If a part is no assignment, or a name is given twice.

    Examples
    --------
    >>> assignments("--at", ["n=100,t=50", "d=3"])
    {'n': '100', 't': '50', 'd': '3'}
    """
    found: dict[str, str] = {}
    for part in (each for text in texts for each in text.split(",")):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise InvalidInput(f"{option} takes name=value, not {part.strip()!r}")
        if name in found:
            raise InvalidInput(f"{option} gives {name} twice")
        found[name] = value
    return found


def point(texts: Iterable[str], own: Iterable[str] = ()) -> dict[str, Number]:
    """Read the point of ``--at``: letters or words of the alphabet, and the names in `own`.

    Examples
    --------
    >>> point(["sample_size=100,t=50"])
    {'n': 100, 't': 50}
    """
    own = set(own)
    values: dict[str, Number] = {}
    for name, text in assignments("--at", texts).items():
        if own and name not in own and name not in BY_NAME and name not in BY_WORD:
            raise InvalidInput(f"no symbol named {name!r}; it has {', '.join(sorted(own))}")
        key = name if name in own else letter(name).name
        if key in values:
            raise InvalidInput(f"--at gives {key} twice")
        number = parse_number(key, text)
        values[key] = number if name in own else letter(key).domain.validate(key, number)
    return values


def quantity_of(model: type[Model], asked: str | None) -> str:
    """The quantity that was asked for, or the one that the model has first.

    Examples
    --------
    >>> quantity_of(MODELS["gaussian"], None), quantity_of(MODELS["linear-regression"], None)
    ('variance', 'test_error')
    """
    if asked is not None:
        return asked
    return "variance" if "variance" in model.quantities else next(iter(model.quantities))


def model_options(command: Command) -> Command:
    """The options that name a family of settings."""
    for option in reversed(
        (
            click.option(
                "--model",
                type=click.Choice(list(MODELS)),
                default="gaussian",
                show_default=True,
                help="What is fitted.",
            ),
            click.option(
                "--workflow",
                type=click.Choice(list(WORKFLOWS)),
                default="replace",
                show_default=True,
                help="What the next fit sees.",
            ),
            click.option(
                "--selection",
                type=click.Choice(list(SELECTIONS)),
                default="keep-all",
                show_default=True,
                help="What the verifier keeps.",
            ),
            click.option(
                "--fit",
                type=click.Choice(FITS),
                default="mle",
                show_default=True,
                help="Divisor of the fitted covariance: n, or n - 1.",
            ),
            click.option(
                "--first-batch",
                type=click.Choice(["generated", "real"]),
                default="generated",
                show_default=True,
                help="Whether selection and temperature act on the first batch too.",
            ),
            click.option(
                "--quantity",
                type=click.Choice(ALL_QUANTITIES),
                help="What is followed through the generations; by default the variance.",
            ),
        )
    ):
        command = option(command)
    return command
