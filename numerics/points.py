"""Where a claim is tried: Hypothesis chooses points of the domain and shrinks what is refuted.

Only a refutation raises inside, so every shrink step is itself a refuted point and the last one is
the smallest counterexample that was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

from theory.domain import Number
from theory.errors import ClaimError

Point = Mapping[str, Number]


class _Refuted(Exception):
    """Tells Hypothesis that a point was refuted; never leaves this module."""


@dataclass(frozen=True)
class Hunt:
    """What a search visited, in order, and the smallest refuted point."""

    visited: tuple[Point, ...]
    smallest: Point | None


def key(point: Point) -> tuple[tuple[str, str], ...]:
    """A hashable, order-free name of a point."""
    return tuple(sorted((name, str(value)) for name, value in point.items()))


@contextmanager
def _no_borrowed_constants() -> Iterator[None]:
    """Keep Hypothesis from borrowing constants out of the modules that happen to be imported.

    It mixes literals of local source files into its draws, so the points would depend on what
    else the process has loaded, and one salt would give two tables on one and on two processes.
    """
    name = "_get_local_constants"
    if not hasattr(providers, name):  # a Hypothesis without that habit
        yield
        return
    empty = type(providers.GLOBAL_CONSTANTS)()
    providers.CONSTANTS_CACHE.cache.clear()
    with mock.patch.object(providers, name, return_value=empty):
        yield
    providers.CONSTANTS_CACHE.cache.clear()


def hunt(
    strategy: SearchStrategy[dict[str, Number]],
    refuted: Callable[[Point], bool | None],
    *,
    points: int,
    seed_value: int,
    evaluations: int,
) -> Hunt:
    """Visit up to `points` distinct points; on a refutation, shrink it.

    Parameters
    ----------
    strategy
        Draws points of the domain.
    refuted
        Judges one point; called at most once for each. Must be deterministic. None: the claim says
        nothing there, and the point does not count.
    points
        Distinct points to visit while nothing is refuted.
    seed_value
        Seed of Hypothesis' own choices: the same seed visits the same points in any process.
    evaluations
        Hard cap on calls of `refuted`, shrinking included.

    Returns
    -------
    Hunt
        The points in the order of their visit, and the smallest refuted one.

    Examples
    --------
    >>> from hypothesis import strategies as st
    >>> even = hunt(st.fixed_dictionaries({"n": st.integers(2, 100)}), lambda p: p["n"] >= 7,
    ...             points=20, seed_value=1, evaluations=200)
    >>> even.smallest
    {'n': 7}
    """
    seen: dict[tuple[tuple[str, str], ...], tuple[Point, bool]] = {}
    smallest: list[Point] = []
    faults: list[Exception] = []
    counted = 0

    def probe(point: dict[str, Number]) -> None:
        nonlocal counted
        if faults:  # Hypothesis tries again what failed: a fault must not become another one
            raise faults[0]
        name = key(point)
        if name not in seen:
            if len(seen) >= evaluations or (not smallest and counted >= points):
                return
            try:
                answer = refuted(point)
            except Exception as error:
                faults.append(error)
                raise
            counted += answer is not None
            seen[name] = (point, bool(answer))
        if seen[name][1]:
            smallest[:] = [point]
            raise _Refuted

    search = settings(
        # Hypothesis repeats itself; ask for more than the distinct points that are wanted.
        max_examples=max(10, 6 * points),
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
    )
    test = seed(seed_value)(search(given(strategy)(probe)))
    try:
        with _no_borrowed_constants():
            test()
    except _Refuted:
        pass
    except Unsatisfiable:
        raise ClaimError("the claim's domain and constraints admit no point") from None
    return Hunt(tuple(point for point, _ in seen.values()), smallest[0] if smallest else None)


def as_json(point: Point) -> dict[str, Any]:
    """A point as JSON speaks it: integers, floats, and fractions as text."""
    return {
        name: value if isinstance(value, int | float) else str(value)
        for name, value in sorted(point.items())
    }
