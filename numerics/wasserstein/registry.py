"""The list of estimators: one decorator in front of each, and one door for all of them."""

from __future__ import annotations

import difflib
import importlib
import inspect
import numbers
import pkgutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from numerics.wasserstein.estimate import Array, Estimate, samples
from theory.errors import InvalidInput

# Not clipped: the mean of clipped values is too large, and the worse the nearer the two laws are.
_NEGATIVE = "below 0: less than the bias that was taken out; for a distance, read it as 0"


@dataclass(frozen=True)
class Estimator:
    """A registered estimator: call it with two samples.

    Attributes
    ----------
    name, functional
        As in `Estimate`.
    method
        The function that was decorated; it sees checked, centred, scaled samples.
    weighted
        Whether points may have different masses.
    random
        Whether it draws, and so needs ``rng``.
    equal_sizes
        Whether it needs as many points of x as of y.
    dimension
        The only dimension it accepts, or None.
    fewest
        The least number of points in each sample.
    exact
        Whether the value is the functional of the two samples themselves, so that it vanishes
        between a sample and itself.
    consistent
        Whether it tends to the truth for every pair of laws, and not for Gaussian ones only.
    largest
        The largest sample that the benchmark gives it.
    costly
        Whether one call takes seconds: the quick benchmark then leaves it out.
    """

    name: str
    functional: str
    method: Callable[..., Estimate | float]
    weighted: bool = False
    random: bool = False
    equal_sizes: bool = False
    dimension: int | None = None
    fewest: int = 1
    exact: bool = True
    consistent: bool = True
    largest: int = 10_000
    costly: bool = False

    def __call__(
        self,
        x: Any,
        y: Any,
        *,
        weights_x: Any = None,
        weights_y: Any = None,
        rng: np.random.Generator | None = None,
        **options: Any,
    ) -> Estimate:
        """Estimate from two samples.

        Parameters
        ----------
        x, y
            Samples of shapes (n, d) and (m, d).
        weights_x, weights_y
            Masses of the points, for an estimator that is ``weighted``.
        rng
            Generator of the method's own draws, for an estimator that is ``random``.
        **options
            The method's own.

        Returns
        -------
        Estimate
            In the units of the data. Arithmetic that breaks down gives NaN and a note, never an
            exception.

        Raises
        ------
        InvalidInput
            For input outside what is accepted, in one line.
        """
        pair = samples(x, y, weights_x, weights_y)
        n, m, d = len(pair.x), len(pair.y), pair.x.shape[1]
        if self.dimension not in (None, d):
            raise InvalidInput(f"{self.name} takes d = {self.dimension}, not {d}")
        if min(n, m) < self.fewest:
            raise InvalidInput(f"{self.name} takes at least {self.fewest} points, not {min(n, m)}")
        if self.equal_sizes and n != m:
            raise InvalidInput(f"{self.name} takes samples of equal size, not {n} and {m} points")
        given: dict[str, Any] = self._checked(options)
        if self.weighted:
            given.update(weights_x=pair.weights_x, weights_y=pair.weights_y)
        elif not pair.uniform:
            able = ", ".join(name for name, each in estimators().items() if each.weighted)
            raise InvalidInput(f"{self.name} takes points of equal weight; with weights: {able}")
        if self.random:
            if not isinstance(rng, np.random.Generator):
                raise InvalidInput(
                    f"{self.name} draws, and rng = {rng!r} is not accepted; accepted: a NumPy "
                    "generator, such as numerics.streams.Stream(salt, name).generator()"
                )
            given["rng"] = rng
        begin = time.perf_counter()
        try:
            with np.errstate(all="ignore"):
                found = self.method(pair.x, pair.y, **given)
        except (np.linalg.LinAlgError, ArithmeticError) as error:
            note = f"{type(error).__name__}: {error}"
            found = Estimate(float("nan"), self.functional, self.name, False, note=note)
        seconds = time.perf_counter() - begin
        if not isinstance(found, Estimate):
            found = Estimate(float(found), self.functional, self.name)
        if not np.isfinite(found.value):
            note = found.note or "the method returned no finite value"
            return replace(found, value=float("nan"), converged=False, seconds=seconds, note=note)
        unit = pair.scale**2
        if found.value < 0 and found.functional == "squared_w2" and not found.note:
            found = replace(found, note=_NEGATIVE)
        both = found.potentials
        bound = found.lower_bound
        return replace(
            found,
            value=found.value * unit,
            potentials=None if both is None else (_times(both[0], unit), _times(both[1], unit)),
            lower_bound=None if bound is None else bound * unit,
            seconds=seconds,
        )

    def _checked(self, options: dict[str, Any]) -> dict[str, Any]:
        """Options that the method has: counts from 1 on, and numbers above 0."""
        known = {
            name: each.default
            for name, each in inspect.signature(self.method).parameters.items()
            if isinstance(each.default, (int, float))
        }
        for name, value in options.items():
            if name not in known:
                has = ", ".join(known) or "none"
                raise InvalidInput(f"{self.name} has no option {name!r}; it has {has}")
            whole = isinstance(known[name], int)
            fits = isinstance(value, numbers.Integral if whole else numbers.Real)
            if not fits or isinstance(value, bool) or not 0 < value < float("inf"):
                words = "a count from 1 on" if whole else "a number above 0"
                raise InvalidInput(f"{name} = {value!r} is not accepted; accepted: {words}")
        return dict(options)


def _times(potential: Array, unit: float) -> Array:
    return np.asarray(potential * unit)


_FOUND: dict[str, Estimator] = {}


def estimator(
    name: str, functional: str = "squared_w2", **traits: Any
) -> Callable[[Callable[..., Estimate | float]], Estimator]:
    """Register the function below as an estimator.

    Parameters
    ----------
    name, functional
        As in `Estimate`.
    **traits
        The other attributes of `Estimator`.

    Returns
    -------
    decorator
        It turns ``f(x, y, ...) -> Estimate or float`` into an `Estimator`. The function sees
        checked samples, centred together and scaled to at most 1; what it returns is scaled back
        and timed by the caller.

    Raises
    ------
    InvalidInput
        If the name is taken.
    """

    def register(method: Callable[..., Estimate | float]) -> Estimator:
        known = _FOUND.get(name)
        if known is not None and known.method.__module__ != method.__module__:
            raise InvalidInput(f"two estimators are called {name!r}")
        made = Estimator(name, functional, method, **traits)
        made.__dict__["__doc__"] = method.__doc__
        _FOUND[name] = made
        return made

    return register


def estimators() -> Mapping[str, Estimator]:
    """Every estimator of the package, by name; the modules are found by themselves.

    Examples
    --------
    >>> "exact" in estimators()
    True
    """
    package = importlib.import_module("numerics.wasserstein")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        if not module.ispkg:
            importlib.import_module(f"numerics.wasserstein.{module.name}")
    return MappingProxyType(dict(sorted(_FOUND.items())))


def find(name: str) -> Estimator:
    """The estimator with this name.

    Raises
    ------
    InvalidInput
        If there is none; the line names those that come close.

    Examples
    --------
    >>> find("exact").functional
    'squared_w2'
    """
    table = estimators()
    if name in table:
        return table[name]
    close = difflib.get_close_matches(str(name), table, n=3)
    hint = f"close: {', '.join(close)}" if close else f"there are {', '.join(table)}"
    raise InvalidInput(f"no estimator {name!r}; {hint}")
