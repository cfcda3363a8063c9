"""Write the generated parts of the docs; the tests compare the pages with what this returns.

Run ``python docs/generate.py`` from the root of the project after a change of the alphabet, of the
vocabulary, of the shelf, or of what can be derived (the last takes minutes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import cache, partial
from pathlib import Path

from theory import shelf
from theory.claim import Claim
from theory.model import MODELS, PARAMETERS, Gaussian, Model
from theory.shelf._entries import ENTRIES, PARTLY, WITHOUT
from theory.support import Cell, model_forms, support_table
from theory.symbols import ALPHABET
from theory.vocabulary import QUANTITIES, WORKFLOWS

DOCS = Path(__file__).parent


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    header = tuple(header)
    cells = ([cell.replace("|", r"\|") for cell in row] for row in rows)
    lines = [header, ("---",) * len(header), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def alphabet() -> str:
    """Every letter: its word, its meaning, what is accepted."""
    return table(
        ("letter", "word", "meaning", "accepted"),
        ((f"`{each.name}`", f"`{each.word}`", each.meaning, str(each.domain)) for each in ALPHABET),
    )


def quantities() -> str:
    """Every quantity by name."""
    rows = ((f"`{name}`", meaning) for name, meaning in QUANTITIES.items())
    return table(("quantity", "expectation of"), rows)


def _named(claim: Claim) -> str:
    mark = {"=": "", "<=": " ≤", ">=": " ≥"}[claim.relation]
    return f"`{claim.id}`{mark}{' *false*' if claim.known_false else ''}"


def catalogue() -> str:
    """Every entry of the catalogue: its claims, or why it has none."""
    rows = []
    for entry, about in ENTRIES.items():
        found = [_named(claim) for claim in shelf.claims() if claim.entry == entry]
        note = WITHOUT.get(entry) or PARTLY.get(entry) or ""
        rows.append((entry, about, "<br>".join(found) or "none", note))
    return table(("entry", "about", "claims", "remarks"), rows)


def support(workflow: str) -> str:
    """What is derived under a workflow: a row a quantity, a column a fit and selection."""
    cells = [cell for cell in _support_table() if cell.workflow == workflow]
    columns = list(dict.fromkeys((cell.fit, cell.selection) for cell in cells))
    found = {(cell.fit, cell.selection, cell.quantity): cell for cell in cells}
    rows = []
    for quantity in dict.fromkeys(cell.quantity for cell in cells):
        row = [f"`{quantity}`"]
        for fit, selection in columns:
            cell = found[fit, selection, quantity]
            same = cell.line == cell.any_dimension
            row.append(cell.line if same else f"{cell.line}; any d: {cell.any_dimension}")
        rows.append(row)
    return table(("quantity", *(f"{fit}, {selection}" for fit, selection in columns)), rows)


def models() -> str:
    """Every model: its parameters, and what is followed of it."""
    rows = []
    for kind in MODELS.values():
        words = ", ".join(f"`{x.name}`" for x in fields(kind)) or "those of the setting"
        names = ", ".join(f"`{name}`" for name in kind.quantities)
        rows.append((f"`{kind.name}`", f"`{kind.__name__}`", words, names))
    return table(("`--model`", "class", "parameters", "quantities"), rows)


def parameters() -> str:
    """Every letter of a model's parameters."""
    return table(
        ("letter", "word", "meaning", "accepted"),
        (
            (f"`{each.name}`", f"`{each.word}`", each.meaning, str(each.domain))
            for each in PARAMETERS.values()
        ),
    )


def support_of(model: type[Model]) -> str:
    """What is derived of a model: a row a quantity, a column a workflow."""
    found = model_forms(model)
    rows = (
        (f"`{quantity}`", *(found[quantity, workflow] for workflow in WORKFLOWS))
        for quantity in model.quantities
    )
    return table(("quantity", *WORKFLOWS), rows)


@cache
def _support_table() -> tuple[Cell, ...]:
    return support_table()


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "reference.md": {
        "alphabet": alphabet,
        "quantities": quantities,
        "models": models,
        "parameters": parameters,
    },
    "reference-catalogue.md": {"catalogue": catalogue},
    "support.md": {
        **{name: partial(support, name) for name in WORKFLOWS},
        **{
            name: partial(support_of, kind) for name, kind in MODELS.items() if kind is not Gaussian
        },
    },
}


def generated(page: str, text: str) -> str:
    """The text of a page with its generated parts as they should be.

    Raises
    ------
    ValueError
        If the page lacks the marks of a part.
    """
    for name, make in PARTS[page].items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if begin not in text or end not in text:
            raise ValueError(f"{page} has no {begin} ... {end}")
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n{make()}\n{end}{after}"
    return text


if __name__ == "__main__":
    for name in PARTS:
        path = DOCS / name
        path.write_text(generated(name, path.read_text()))
