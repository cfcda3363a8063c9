"""Simulate a setting from scratch: trajectories of recursive training.

This wing never uses a collapse formula. The only approximation is floating-point arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, cast

import numpy as np

from numerics.chunks import chunks
from numerics.measure import OF_THE_SPREAD
from numerics.models import law_of
from numerics.models.training import Trained, trained
from numerics.steps import Step, plan
from numerics.streams import Stream, new_salt
from numerics.trajectories import Trajectories
from numerics.triangular import Array
from numerics.workflow import Chain, chain
from theory.domain import as_number, integers
from theory.errors import InvalidInput
from theory.model import GAUSSIAN, Model, check_quantity
from theory.setting import Setting
from theory.vocabulary import AccumulateSubsample

Method = Literal["auto", "raw", "statistics"]
METHODS: tuple[Method, ...] = ("auto", "raw", "statistics")


def simulate(
    setting: Setting,
    generations: int,
    replicates: int,
    salt: str | None = None,
    *,
    method: Method = "auto",
    quantities: Iterable[str] | None = None,
    at: Iterable[int] | None = None,
    content: str = "simulate",
) -> Trajectories:
    """Simulate independent runs of a setting.

    Parameters
    ----------
    setting
        What to simulate.
    generations
        Number of fits; generation 0 has the true parameters.
    replicates
        Number of independent runs.
    salt
        Names the noise; a fresh one is drawn from the operating system if left out.
    method
        ``"raw"`` draws every point. ``"statistics"`` draws means and scatters (sums, counts, cross
        products) instead, at a cost independent of the sample size; it exists where nothing is
        selected and no points are kept. ``"auto"`` takes statistics where they exist.
    quantities
        Names of the model's quantities; the model's first one if left out.
    at
        Generations to record; all from 0 on if left out.
    content
        Names the noise together with the salt and the setting.

    Returns
    -------
    Trajectories

    Raises
    ------
    InvalidInput
        If a value lies outside what is accepted, or the method does not exist for this setting.

    Examples
    --------
    >>> runs = simulate(Setting(sample_size=10), 2, replicates=1000, salt="c0ffee")
    >>> runs.at, runs.method, runs.values["variance"].shape
    ((0, 1, 2), 'statistics', (1000, 3))
    >>> bool((runs.values["variance"] == simulate(
    ...     Setting(sample_size=10), 2, 1000, "c0ffee").values["variance"]).all())
    True
    """
    generations = _count("generations", generations, least=0)
    replicates = _count("replicates", replicates)
    recorded = _recorded(range(generations + 1) if at is None else at, generations)
    names = _names(setting.model, quantities)
    steps = plan(setting, recorded[-1])
    method = chosen_method(setting, steps, method)
    salt = new_salt() if salt is None else salt
    stream = Stream(salt, content, _parameters(setting), method)
    values = {name: np.empty((replicates, len(recorded))) for name in names}
    for number, rows in enumerate(chunks(setting, steps, replicates, method)):
        rng = stream.generator(number)
        _run(setting, steps, rng, rows, recorded, method, values)
    return Trajectories(setting, recorded, values, method, salt)


def replicates(
    setting: Setting,
    quantity: str,
    generation: int,
    rng: np.random.Generator,
    count: int,
    method: Method = "auto",
) -> Array:
    """Draw `count` independent replicates of one quantity at one generation.

    Parameters
    ----------
    setting, quantity, generation, method
        As in `simulate`.
    rng
        The only source of noise.
    count
        Number of replicates.

    Returns
    -------
    ndarray (count,)

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> replicates(Setting(sample_size=10), "variance", 5, rng, 1000).shape
    (1000,)
    """
    return paths(setting, (quantity,), (generation,), rng, count, method)[quantity][:, 0]


def paths(
    setting: Setting,
    quantities: Iterable[str],
    at: Iterable[int],
    rng: np.random.Generator,
    count: int,
    method: Method = "auto",
) -> dict[str, Array]:
    """Draw several quantities at several generations of the same runs: (count, len(at)) each.

    For instance one-generation ratios: record generations ``t - 1`` and ``t``.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> paths(Setting(sample_size=10), ["variance"], [4, 5], rng, 100)["variance"].shape
    (100, 2)
    """
    recorded = _recorded(at, None)
    names = _names(setting.model, quantities)
    steps = plan(setting, recorded[-1])
    count = _count("count", count)
    method = chosen_method(setting, steps, method)
    values = {name: np.empty((count, len(recorded))) for name in names}
    for rows in chunks(setting, steps, count, method):
        _run(setting, steps, rng, rows, recorded, method, values)
    return values


def chosen_method(setting: Setting, steps: tuple[Step, ...], method: str) -> Method:
    """The method that will be used: ``"raw"`` or ``"statistics"``.

    Raises
    ------
    InvalidInput
        If `method` is unknown, or is ``"statistics"`` where there are none.
    """
    if method not in METHODS:
        raise InvalidInput(f"method = {method!r} is not one of {', '.join(METHODS)}")
    obstacle = ""
    if isinstance(setting.workflow, AccumulateSubsample):
        obstacle = "AccumulateSubsample keeps the points of its pool"
    elif any(step.rule.selects for step in steps):
        obstacle = "selection looks at every point"
    if method == "statistics" and obstacle:
        raise InvalidInput(f"method = 'statistics' does not exist here: {obstacle}; use 'raw'")
    if method == "auto":
        return "raw" if obstacle else "statistics"
    return cast(Method, method)


def _run(
    setting: Setting,
    steps: tuple[Step, ...],
    rng: np.random.Generator,
    rows: slice,
    recorded: tuple[int, ...],
    method: str,
    values: dict[str, Array],
) -> None:
    runs = _begin(setting, steps, rows.stop - rows.start, method, values)
    for generation in range(len(steps) + 1):
        if generation:
            runs.advance(rng, steps[generation - 1])
        if generation in recorded:
            column = recorded.index(generation)
            for name, table in values.items():
                table[rows, column] = runs.value(name)


def _begin(
    setting: Setting, steps: tuple[Step, ...], count: int, method: str, quantities: Iterable[str]
) -> Chain | Trained:
    statistics = method == "statistics"
    if setting.model != GAUSSIAN:
        return trained(setting, law_of(setting), steps, count, statistics=statistics)
    displaced = not OF_THE_SPREAD.issuperset(quantities)
    return chain(setting, steps, count, statistics=statistics, displaced=displaced)


def _count(word: str, value: Any, least: int = 1) -> int:
    return int(integers(least).validate(word, value))


def _recorded(at: Iterable[int], last: int | None) -> tuple[int, ...]:
    recorded = tuple(sorted({_count("generation", each, least=0) for each in at}))
    if not recorded:
        raise InvalidInput("at = () records nothing; name at least one generation")
    if last is not None and recorded[-1] > last:
        raise InvalidInput(f"at = {recorded[-1]} lies beyond the last generation, {last}")
    return recorded


def _names(model: Model, quantities: Iterable[str] | None) -> tuple[str, ...]:
    if quantities is None:
        return tuple(model.quantities)[:1]
    asked = (quantities,) if isinstance(quantities, str) else tuple(quantities)
    if not asked:
        raise InvalidInput("quantities = () records nothing; name at least one")
    return tuple(dict.fromkeys(check_quantity(model, name) for name in asked))


def _parameters(setting: Setting) -> dict[str, object]:
    """Name the setting for its stream, so that equal settings have equal noise."""
    named: dict[str, object] = {
        "workflow": setting.workflow.name,
        "selection": setting.selection.name,
        "fit": setting.fit,
        "first_batch": setting.first_batch,
        "sample_size": str(setting.sample_size),
        "covariance": str(setting.covariance),
    }
    for word in ("dimension", "temperature", "ridge", "sigma_0"):
        named[word] = as_number(word, getattr(setting, word))
    for part in (setting.workflow, setting.selection):
        for word, value in vars(part).items():
            # The model's own metric is what the rule meant before it could have another.
            if value is not None and (word, value) != ("metric", "model"):
                shown = str(value) if isinstance(value, tuple) else value
                named[f"{part.name} {word}"] = shown
    if setting.filter_real:
        named["filter_real"] = "yes"
    if setting.model != GAUSSIAN:
        named["model"] = repr(setting.model)
    return named
