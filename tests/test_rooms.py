"""Every workflow, selection and model has its rooms in both wings: it is derived and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import pytest

from numerics.simulation import simulate
from theory.derivation import derive
from theory.family import Family
from theory.model import MODELS, Categorical, Model
from theory.setting import Setting
from theory.vocabulary import SELECTIONS, WORKFLOWS, KeepAll, Replace, Selection, Workflow

VALUES = {"n": 6, "t": 2, "alpha": 0.5, "f": Fraction(1, 3), "n_r": 2, "N": 12, "b": 1}


def missing_rooms(workflow: type[Workflow], selection: type[Selection]) -> list[str]:
    """Where a word of the vocabulary is not yet known: derived in one wing, drawn in the other."""
    family = Family(workflow=workflow, selection=selection)
    missing = []
    try:
        found = derive(family, "variance")
        # A step that does not close says why; a word that nobody knows has no such reason.
        if found.system is not None or not found.reason:
            found.evaluate(**VALUES)
    except Exception as error:
        missing.append(f"theory (step and moments): {error}")
    try:
        simulate(family.at(VALUES), 2, 3, salt="c0ffee")
    except Exception as error:
        missing.append(f"numerics (workflow and selection): {error}")
    return missing


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=list(WORKFLOWS))
@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=list(SELECTIONS))
def test_every_word_is_derived_and_drawn(
    workflow: type[Workflow], selection: type[Selection]
) -> None:
    assert missing_rooms(workflow, selection) == []


@dataclass(frozen=True)
class _Unheard(Workflow):
    name: ClassVar[str] = "unheard-of"


@dataclass(frozen=True)
class _Unseen(Selection):
    name: ClassVar[str] = "unseen"


def rooms_without(model: Model, quantity: str) -> list[str]:
    """Where a model is not yet known."""
    missing = []
    found = derive(Family(model=model), quantity)
    if found.system is None:
        missing.append(f"theory (models): {found.reason}")  # type: ignore[union-attr]
    try:
        simulate(Setting(model=model, sample_size=5), 2, 3, "c0ffee", quantities=(quantity,))
    except Exception as error:
        missing.append(f"numerics (models): {error}")
    return missing


@pytest.mark.parametrize("kind", MODELS.values(), ids=list(MODELS))
def test_every_model_is_derived_and_drawn(kind: type[Model]) -> None:
    model = kind(symbols=3) if kind is Categorical else kind()
    for quantity in kind.quantities:
        if quantity != "tail_mass":  # no moment of a Gaussian's mean and variance
            assert rooms_without(model, quantity) == []


@dataclass(frozen=True)
class _Untrained(Model):
    name: ClassVar[str] = "untrained"
    quantities: ClassVar[Mapping[str, str]] = {"mean": "the mean"}


def test_a_model_without_rooms_is_told_both() -> None:
    missing = rooms_without(_Untrained(), "mean")
    assert [each.split(" ")[0] for each in missing] == ["theory", "numerics"]


@pytest.mark.parametrize(("workflow", "selection"), [(_Unheard, KeepAll), (Replace, _Unseen)])
def test_a_word_without_rooms_is_told_both(
    workflow: type[Workflow], selection: type[Selection]
) -> None:
    missing = missing_rooms(workflow, selection)
    assert [each.split(" ")[0] for each in missing] == ["theory", "numerics"]
