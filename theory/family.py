"""A family of settings: what a claim quantifies over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.domain import Number
from theory.errors import InvalidInput
from theory.model import GAUSSIAN, MODELS, Model, check_words, shown
from theory.parameters import check_value
from theory.setting import Setting
from theory.symbols import BY_NAME, BY_WORD, canonical, d, n
from theory.vocabulary import (
    FITS,
    SELECTIONS,
    WORKFLOWS,
    FirstBatch,
    Fit,
    KeepAll,
    Law,
    Replace,
    Selection,
    TopFraction,
    Workflow,
    check_choice,
)


@dataclass(frozen=True)
class Family:
    """A setting without the numbers: what a claim quantifies over.

    Parameters
    ----------
    workflow, selection
        Classes, such as ``Replace`` and ``TopFraction``.
    fit, first_batch
        As in `Setting`.
    law
        For TopFraction: ``"population"`` (letter ``alpha``) or ``"n-of-N"`` (letter ``N``).
    dimension
        A number, or the symbol ``d``.
    temperature
        A number, or the symbol ``temperature``.
    sizes
        Size of generation ``k``: the symbol ``n``, an expression in ``k``, or ``n(k)`` for an
        arbitrary schedule.
    model
        A class, such as ``Poisson``, whose parameters are then letters; or a model whose parameters
        are numbers or expressions in letters, such as ``Categorical((p, 1 - p))``.

    Examples
    --------
    >>> family = Family(workflow=Replace)
    >>> family.at({"n": 100, "sigma_0": 2}).sample_size
    100
    """

    workflow: type[Workflow] = Replace
    selection: type[Selection] = KeepAll
    fit: Fit = "mle"
    law: Law | None = None
    dimension: int | sp.Symbol = 1
    temperature: Number | sp.Symbol = 1
    first_batch: FirstBatch = "generated"
    sizes: sp.Expr = BY_NAME["n"].symbol
    model: Model | type[Model] = GAUSSIAN

    __repr__ = shown

    def __post_init__(self) -> None:
        for word, value, base, table in (
            ("workflow", self.workflow, Workflow, WORKFLOWS),
            ("selection", self.selection, Selection, SELECTIONS),
        ):
            if not (isinstance(value, type) and issubclass(value, base)):
                raise InvalidInput(
                    f"{word} = {value!r} is not a class among "
                    f"{', '.join(kind.__name__ for kind in table.values())}"
                )
        check_choice("fit", self.fit, FITS)
        check_choice("first_batch", self.first_batch, ("generated", "real"))
        if self.law not in (None, "population", "n-of-N"):
            raise InvalidInput(f"law = {self.law!r} is not 'population' or 'n-of-N'")
        if self.selection is TopFraction and self.law is None:
            object.__setattr__(self, "law", "population")
        if self.selection is not TopFraction and self.law is not None:
            raise InvalidInput(f"{self.selection.__name__} has one law; leave law out")
        for word in ("dimension", "temperature"):
            value = getattr(self, word)
            symbol = BY_WORD[word].symbol
            fixed = symbol if str(value) == str(symbol) else check_value(word, value)
            object.__setattr__(self, word, fixed)
        object.__setattr__(self, "sizes", canonical(sp.sympify(self.sizes)))
        if isinstance(self.model, type) and issubclass(self.model, Model):
            object.__setattr__(self, "model", self.model.any())
        if not isinstance(self.model, Model):
            raise InvalidInput(
                f"model = {self.model!r} is not a class among "
                f"{', '.join(kind.__name__ for kind in MODELS.values())}, nor one of their models"
            )
        check_words(self, self.model)

    @property
    def is_gaussian(self) -> bool:
        """Whether a Gaussian is trained."""
        return self.model == GAUSSIAN

    @property
    def units(self) -> tuple[str, ...]:
        """Letters that have a default: they set the unit."""
        return ("sigma_0",) if self.is_gaussian else ()

    @property
    def trained(self) -> Model:
        """The model, whose parameters may be letters."""
        assert isinstance(self.model, Model)
        return self.model

    @property
    def letters(self) -> tuple[str, ...]:
        """Names of the letters that a member of the family needs (sigma_0 has a default)."""
        names = [s.name for s in sorted(self.sizes.free_symbols, key=str) if s.name != "k"]
        names += list(self.workflow.letters)
        if self.selection is TopFraction:
            names.append("alpha" if self.law == "population" else "N")
        else:
            names += list(self.selection.letters)
        for word in ("dimension", "temperature"):
            if isinstance(getattr(self, word), sp.Symbol):
                names.append(BY_WORD[word].name)
        names += sorted(symbol.name for symbol in self.trained.free_symbols)
        return tuple(dict.fromkeys(names))

    def resolved(self, names: set[str]) -> Family:
        """The family as a claim over the letters `names` means it.

        A claim that ranges over ``d`` or ``temperature`` speaks of any of them; one that ranges
        over ``N`` and not ``alpha`` speaks of the n-of-N law.
        """
        changes: dict[str, Any] = {}
        if "d" in names and self.dimension == 1 and "dimension" in self.trained.takes:
            changes["dimension"] = BY_NAME["d"].symbol
        if "temperature" in names and self.temperature == 1 and self.is_gaussian:
            changes["temperature"] = BY_NAME["temperature"].symbol
        if self.selection is TopFraction and "N" in names and "alpha" not in names:
            changes["law"] = "n-of-N"
        return replace(self, **changes) if changes else self

    def at(self, values: Mapping[str, Any]) -> Setting:
        """The member of the family with these numbers.

        Parameters
        ----------
        values
            Numbers by letter; ``sigma_0`` defaults to 1, other names are ignored.

        Raises
        ------
        InvalidInput
            If a letter has no value, or a value lies outside its domain.
        """
        missing = [name for name in self.letters if name not in values]
        if missing:
            raise InvalidInput(f"{', '.join(missing)} has no value; this family needs it")
        numbers = {name: values[name] for name in values}
        parameters: dict[str, Any] = {
            BY_NAME[name].word: numbers[name] for name in self.workflow.letters
        }
        selection: Selection
        if self.selection is TopFraction:
            if self.law == "population":
                selection = TopFraction(kept_fraction=numbers["alpha"])
            else:
                selection = TopFraction(candidates=numbers["N"])
        else:
            given = {BY_NAME[name].word: numbers[name] for name in self.selection.letters}
            selection = self.selection(**given)
        others = {s: numbers[s.name] for s in self.sizes.free_symbols if s.name in numbers}
        return Setting(
            workflow=self.workflow(**parameters),
            selection=selection,
            fit=self.fit,
            sample_size=self.sizes.subs(others),
            dimension=numbers["d"] if isinstance(self.dimension, sp.Symbol) else self.dimension,
            temperature=(
                numbers["temperature"]
                if isinstance(self.temperature, sp.Symbol)
                else self.temperature
            ),
            first_batch=self.first_batch,
            sigma_0=numbers.get("sigma_0", 1) if self.is_gaussian else 1,
            model=self.trained.at(numbers),
        )


def family_of(setting: Setting) -> tuple[Family, dict[str, Any]]:
    """The family of a setting, and the setting's numbers by letter."""
    numbers: dict[str, Any] = {"sigma_0": setting.sigma_0, "d": setting.dimension}
    model, parameters = setting.model.general()
    numbers |= parameters
    if setting.covariance is not None or setting.ridge:
        raise InvalidInput("derive knows isotropic starts without a ridge; give a plain Setting")
    if not setting.selection.closed or setting.filter_real:
        raise InvalidInput(
            "derive knows verifiers that see every generation alike: without a fixed target or a "
            "metric of their own, and who leave real data alone"
        )
    sizes: sp.Expr = n
    if isinstance(setting.sample_size, tuple):
        sizes = sp.Function("n")(BY_NAME["k"].symbol)
        numbers["n"] = setting.sample_size
    elif isinstance(setting.sample_size, sp.Expr):
        sizes = setting.sample_size
    else:
        numbers["n"] = setting.sample_size
    law = None
    if isinstance(setting.selection, TopFraction):
        law = setting.selection.law
        if law == "population":
            numbers["alpha"] = setting.selection.kept_fraction
        else:
            numbers["N"] = setting.candidates(2 if setting.first_batch == "real" else 1)
    else:
        for name in setting.selection.letters:
            numbers[name] = getattr(setting.selection, BY_NAME[name].word)
    if setting.temperature != 1:
        numbers["temperature"] = setting.temperature
    for name in setting.workflow.letters:
        numbers[name] = getattr(setting.workflow, BY_NAME[name].word)
    family = Family(
        workflow=type(setting.workflow),
        selection=type(setting.selection),
        fit=setting.fit,
        law=law,
        dimension=1 if setting.dimension == 1 else d,
        temperature=1 if setting.temperature == 1 else BY_NAME["temperature"].symbol,
        first_batch=setting.first_batch,
        sizes=sizes,
        model=model,
    )
    keep = {*family.letters, "sigma_0", *(("n",) if isinstance(numbers.get("n"), tuple) else ())}
    return family, {name: value for name, value in numbers.items() if name in keep}
