"""Hypothesis strategies of what is simulated: workflows, selections, settings and families."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from numerics.modelstrategies import kinds, trained
from numerics.modelstrategies import models as models_of
from numerics.strategies import lattice_reals, shares_of, whole_numbers
from theory.domain import Number
from theory.errors import InvalidInput
from theory.family import Family
from theory.model import Gaussian, Model
from theory.setting import Setting
from theory.symbols import BY_NAME
from theory.vocabulary import (
    FITS,
    SELECTIONS,
    WORKFLOWS,
    BestOf,
    ExponentialTilt,
    FixedReal,
    FreshReal,
    KeepAll,
    Law,
    Selection,
    SoftVerifier,
    TopFraction,
    UpperTail,
    Workflow,
)


@st.composite
def workflows(draw: DrawFn, sample_size: int) -> Workflow:
    """Workflows whose fits have `sample_size` points."""
    kind = draw(st.sampled_from(list(WORKFLOWS.values())))
    if kind is FreshReal:
        return FreshReal(draw(shares_of(Fraction(0), Fraction(1), sample_size)))
    if kind is FixedReal:
        return FixedReal(draw(st.integers(1, sample_size)))
    return kind()


@st.composite
def selections(draw: DrawFn, sample_size: int, dimension: int) -> Selection:
    """Selection rules that exist for fits on `sample_size` points."""
    kind = draw(st.sampled_from(list(SELECTIONS.values())))
    if kind is UpperTail:
        return UpperTail(draw(lattice_reals(0.05, 1.0, open_low=False, open_high=False)))
    if kind is BestOf:
        return BestOf(draw(st.integers(1, 8)))
    if kind is ExponentialTilt:
        return ExponentialTilt(draw(lattice_reals(0.1, 2.0, open_low=False, open_high=False)))
    if kind is SoftVerifier:
        return SoftVerifier(draw(lattice_reals(0.1, 2.0, open_low=False, open_high=False)))
    if sample_size <= dimension or kind is KeepAll:
        return KeepAll()
    if draw(st.booleans()):
        return TopFraction(candidates=draw(whole_numbers(sample_size, 10 * sample_size)))
    return TopFraction(
        kept_fraction=draw(lattice_reals(0.01, 1.0, open_low=False, open_high=False))
    )


_SOME: dict[str, SearchStrategy[Number]] = {
    "temperature": st.sampled_from([1, Fraction(1, 2), Fraction(3, 2)]),
    "ridge": st.sampled_from([0, Fraction(1, 100)]),
    "sigma_0": st.sampled_from([1, 3, Fraction(1, 10)]),
}


@st.composite
def settings(
    draw: DrawFn,
    max_sample_size: int = 200,
    max_dimension: int = 4,
    *,
    models: bool | Iterable[type[Model]] = False,
) -> Setting:
    """Numeric settings of every workflow, selection rule, fit and start.

    Parameters
    ----------
    max_sample_size, max_dimension
        Bounds of the draws.
    models
        True for settings that train any model; or the classes of the models. By default Gaussians.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(settings(), lambda setting: setting.dimension > 1).dimension
    2
    """
    if max_sample_size < 2 or max_dimension < 1:
        raise InvalidInput(
            f"settings need max_sample_size >= 2 and max_dimension >= 1, "
            f"not {max_sample_size} and {max_dimension}"
        )
    size = draw(whole_numbers(2, max_sample_size))
    if kinds(models) != (Gaussian,):
        model = draw(models_of(models))
        if not isinstance(model, Gaussian):
            return draw(trained(model, draw(workflows(size)), size, max_dimension))
    dimension = draw(st.integers(1, max_dimension))
    return Setting(
        workflow=draw(workflows(size)),
        selection=draw(selections(size, dimension)),
        fit=draw(st.sampled_from(FITS)),
        sample_size=size,
        dimension=dimension,
        temperature=draw(_SOME["temperature"]),
        first_batch=draw(st.sampled_from(["generated", "real"])),
        ridge=draw(_SOME["ridge"]),
        sigma_0=draw(_SOME["sigma_0"]),
    )


@st.composite
def families(draw: DrawFn, *, models: bool | Iterable[type[Model]] = False) -> Family:
    """Families over every workflow, selection rule, law and fit; `models` as in `settings`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(families(), lambda family: family.selection is TopFraction).law
    'population'
    """
    asked = kinds(models)
    model = Gaussian if asked == (Gaussian,) else draw(st.sampled_from(asked))
    if model is not Gaussian:
        return Family(workflow=draw(st.sampled_from(list(WORKFLOWS.values()))), model=model)
    selection = draw(st.sampled_from(list(SELECTIONS.values())))
    laws: list[Law] = ["population", "n-of-N"]
    law = draw(st.sampled_from(laws)) if selection is TopFraction else None
    return Family(
        workflow=draw(st.sampled_from(list(WORKFLOWS.values()))),
        selection=selection,
        fit=draw(st.sampled_from(FITS)),
        law=law,
        dimension=draw(st.sampled_from([1, 2, BY_NAME["d"].symbol])),
        temperature=draw(st.sampled_from([1, BY_NAME["temperature"].symbol])),
        first_batch=draw(st.sampled_from(["generated", "real"])),
    )
