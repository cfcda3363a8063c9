"""Hypothesis strategies of the models that a setting can train."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from theory.errors import InvalidInput
from theory.model import (
    MODELS,
    Bernoulli,
    Categorical,
    Exponential,
    Gaussian,
    LinearRegression,
    Model,
    NegativeBinomial,
    Poisson,
)
from theory.setting import Setting
from theory.vocabulary import Accumulate, Replace, Workflow

_TENTHS = st.integers(1, 40).map(lambda j: Fraction(j, 10))


@st.composite
def _categorical(draw: DrawFn) -> Categorical:
    if draw(st.booleans()):
        return Categorical(symbols=draw(st.integers(2, 6)), zipf=draw(st.integers(0, 2)))
    weights = draw(st.lists(st.integers(0, 9), min_size=2, max_size=5).filter(any))
    return Categorical(tuple(Fraction(weight, sum(weights)) for weight in weights))


_MODELS: dict[type[Model], SearchStrategy[Model]] = {
    Gaussian: st.just(Gaussian()),
    Bernoulli: st.builds(Bernoulli, st.integers(1, 19).map(lambda j: Fraction(j, 20))),
    Categorical: _categorical(),
    Poisson: st.builds(Poisson, _TENTHS),
    NegativeBinomial: st.builds(NegativeBinomial, _TENTHS, st.integers(1, 8)),
    Exponential: st.builds(Exponential, _TENTHS),
    LinearRegression: st.builds(LinearRegression, _TENTHS, st.sampled_from(["fresh", "fixed"])),
}


def kinds(given: bool | Iterable[type[Model]]) -> tuple[type[Model], ...]:
    """The kinds of models that were asked for: all for True, the Gaussian alone for False.

    Examples
    --------
    >>> [kind.name for kind in kinds([Poisson])], len(kinds(True)), len(kinds(False))
    (['poisson'], 7, 1)
    """
    if isinstance(given, bool):
        return tuple(MODELS.values()) if given else (Gaussian,)
    found = tuple(given)
    wrong = [each for each in found if each not in _MODELS]
    if wrong or not found:
        raise InvalidInput(
            f"models = {wrong[0] if wrong else found!r} is not accepted; accepted: True, False, or "
            f"classes among {', '.join(kind.__name__ for kind in _MODELS)}"
        )
    return found


def models(given: bool | Iterable[type[Model]] = True) -> SearchStrategy[Model]:
    """Models with numbers for their parameters.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(models([Poisson]), lambda model: model.rate > 1)
    Poisson(rate=Fraction(11, 10))
    """
    return st.one_of(*(_MODELS[kind] for kind in kinds(given)))


@st.composite
def trained(
    draw: DrawFn, model: Model, workflow: Workflow, size: int, max_dimension: int
) -> Setting:
    """Settings that train a model other than the Gaussian."""
    if not isinstance(model, LinearRegression):
        return Setting(workflow=workflow, sample_size=size, model=model)
    if model.design == "fixed" and not isinstance(workflow, Replace | Accumulate):
        model = LinearRegression(model.noise)
    dimension = draw(st.integers(1, min(size, max_dimension)))
    return Setting(workflow=workflow, sample_size=size, model=model, dimension=dimension)
