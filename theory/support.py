"""What is derived for which cell: workflow x fit x selection x quantity, generated, never typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from theory.derivation import derive
from theory.derived import Derivation
from theory.family import Family
from theory.model import Model
from theory.symbols import d
from theory.vocabulary import FITS, QUANTITIES, WORKFLOWS, Fit, KeepAll, Law, Selection, TopFraction


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: in one dimension, and in any."""

    workflow: str
    fit: str
    selection: str
    quantity: str
    line: str
    any_dimension: str


_RULES: tuple[tuple[type[Selection], Law | None, str], ...] = (
    (KeepAll, None, "keep-all"),
    (TopFraction, "population", "top-fraction (population)"),
    (TopFraction, "n-of-N", "top-fraction (n of N)"),
)


def families(dimension: Any = 1) -> Iterator[tuple[str, Family]]:
    """All families of the grid, with the name of their selection."""
    for workflow in WORKFLOWS.values():
        for fit in FITS:
            for selection, law, name in _RULES:
                yield name, _family(workflow, fit, selection, law, dimension)


def _family(
    workflow: type, fit: Fit, selection: type[Selection], law: Law | None, dimension: Any
) -> Family:
    return Family(
        workflow=workflow,
        fit=fit,
        selection=selection,
        law=law,
        dimension=dimension,
    )


def form_of(family: Family, quantity: str) -> str:
    """The form of the closed form; ``"recursion"`` or ``"none"`` where there is none.

    Examples
    --------
    >>> form_of(Family(), "variance"), form_of(Family(), "tail_mass")
    ('power', 'none')
    """
    found = derive(family, quantity)
    if isinstance(found, Derivation):
        return found.form
    return "none" if found.system is None else "recursion"


def support_table() -> tuple[Cell, ...]:
    """The whole grid, for the documentation: about a minute of algebra."""
    lines = dict.fromkeys(families(1))
    matrices = dict.fromkeys(families(d))
    cells = []
    for (name, line), (_, matrix) in zip(lines, matrices, strict=True):
        for quantity in QUANTITIES:
            cells.append(
                Cell(
                    line.workflow.name,
                    line.fit,
                    name,
                    quantity,
                    form_of(line, quantity),
                    form_of(matrix, quantity),
                )
            )
    return tuple(cells)


def model_forms(model: type[Model]) -> dict[tuple[str, str], str]:
    """The form of each quantity of a model under each workflow, by (quantity, workflow).

    Examples
    --------
    >>> from theory.model import Poisson
    >>> forms = model_forms(Poisson)
    >>> forms["squared_drift", "replace"], forms["survival", "replace"]
    ('linear', 'recursion')
    """
    dimension = d if "dimension" in model.takes else 1
    return {
        (quantity, workflow.name): form_of(
            Family(workflow=workflow, model=model, dimension=dimension), quantity
        )
        for quantity in model.quantities
        for workflow in WORKFLOWS.values()
    }
