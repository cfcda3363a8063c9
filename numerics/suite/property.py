"""`verify`: a Hypothesis test from a claim.

Hypothesis chooses and shrinks points of the claim's domain; the noise comes from the hash of (salt,
claim, point), so that there is nothing to find by trying again. Only a confirmed refutation raises,
so every shrink step is a confirmed counterexample.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from numerics.evidence import Design
from numerics.strategies import points as points_of
from numerics.suite import plan as plans
from numerics.suite.propertybody import Algebra, Property
from theory.claim import Claim
from theory.domain import Number
from theory.errors import ClaimError
from theory.pointsets import drawable

RESOLUTION = 0.01
# The explain phase would vary a counterexample, each time at the price of a judgement.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)
# Hypothesis repeats itself; ask for more examples than the distinct points that are wanted. An
# example without a judgement costs a millisecond.
EXAMPLES_PER_POINT = 1.5

Test = Callable[..., None]


def verify(
    claim: Claim | None = None,
    *,
    epsilon: float = RESOLUTION,
    budget: int | None = None,
    points: int | None = None,
    evaluations: int | None = None,
    design: Design | None = None,
    **parts: Any,
) -> Callable[[Callable[..., Any]], Test]:
    """Make a Hypothesis test of a claim: a decorator.

    What is decorated is either the sampler itself, ``def test(rng, size, **letters)``, which then
    stands for the claim's `draw`; or a function of some of the claim's letters (or of none), and of
    `judgement` if it likes, that is called at every point that is not refuted.

    Parameters
    ----------
    claim
        In any form; left out, a claim is made from ``mean=, variance=, over=`` and the other
        `parts`, and from the decorated sampler.
    epsilon, budget
        Resolution relative to the claim's scale, and largest number of draws at one point. The
        plugin's profile sets the budget where it is left out, its option overrides it.
    points
        Distinct points to judge at most while nothing is refuted, besides those of ``@example``;
        by default the profile's. A ``@settings(max_examples=...)`` of your own lifts the limit.
    evaluations
        Points that may be judged in all, shrinking included; afterwards INCONCLUSIVE.
    design
        The whole plan, thresholds included; for experts.
    **parts
        As in `theory.Claim`.

    Returns
    -------
    callable
        A decorator. The test it makes takes ``@example(at={...})``, ``--hypothesis-seed`` and the
        example database. A ``@settings`` of your own goes below it.

    Raises
    ------
    ClaimRefuted
        In the test, with the smallest point, the worst one, and the line to pin.

    Notes
    -----
    P(any correct claim of the run is refuted) <= 1e-9 and P(any VERIFIED of the run is wrong)
    <= 1e-3, whatever Hypothesis tries. A point that stays INCONCLUSIVE is not counted as passed:
    the plugin shows the test like xfail; without it there is a warning.

    Examples
    --------
    >>> import sympy as sp
    >>> from theory import integers
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> @verify(mean=1 - 1/n, variance=2*(n - 1)/n**2, over={n: integers(2, 20)},
    ...         epsilon=0.1, points=3)
    ... def test_step(rng, size, n):
    ...     return rng.chisquare(n - 1, size) / n
    >>> test_step()
    """
    if claim is not None and parts:
        raise ClaimError(f"verify takes a claim or its parts, not both: {', '.join(parts)}")

    def decorate(function: Callable[..., Any]) -> Test:
        if not inspect.isfunction(function):
            raise ClaimError(f"@verify decorates a function, not {function!r}")
        sampler, body = _split(function)
        subject = _claim(claim, parts, function, sampler)
        return _build(subject, function, body, epsilon, budget, points, evaluations, design)

    return decorate


def property_test(claim: Claim, **options: Any) -> Test:
    """Make a Hypothesis test of a claim that needs nothing besides: `verify` without a function.

    Parameters
    ----------
    claim, **options
        As in `verify`.

    Examples
    --------
    >>> from theory import Claim, integers
    >>> import sympy as sp
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> test_step = property_test(Claim("mine.step", "E s^2 = 1", {n: integers(2, 20)}, mean=1,
    ...     variance=2/(n - 1), draw=lambda rng, size, n: rng.chisquare(n - 1, size) / (n - 1)),
    ...     epsilon=0.1, points=3)
    >>> test_step()
    """

    def test() -> None:
        pass

    frame = inspect.currentframe()
    caller = frame.f_back.f_globals.get("__name__", __name__) if frame and frame.f_back else ""
    test.__module__ = caller
    test.__name__ = test.__qualname__ = "test_" + "".join(
        letter if letter.isalnum() else "_" for letter in claim.id
    )
    test.__doc__ = claim.statement
    return verify(claim, **options)(test)


def _split(
    function: Callable[..., Any],
) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
    names = list(inspect.signature(function).parameters)
    if names[:2] == ["rng", "size"]:
        return function, None
    if names[:1] in (["self"], ["cls"]):
        raise ClaimError("@verify decorates functions, not methods; move the test out of its class")
    return None, function


def _claim(
    claim: Claim | None,
    parts: Mapping[str, Any],
    function: Callable[..., Any],
    sampler: Callable[..., Any] | None,
) -> Claim:
    if claim is None:
        words = {"id": f"{function.__module__}.{function.__qualname__}", **parts}
        words["id"] = "".join(words["id"].split()).replace("<locals>.", "")
        doc = (function.__doc__ or "").strip().splitlines()
        words.setdefault("statement", doc[0] if doc else f"E = {parts.get('mean')}")
        if sampler is not None:
            words["draw"] = sampler
        return Claim(**words)
    if sampler is None:
        return claim
    if claim.form != "sampler":
        raise ClaimError(f"{claim.id} is not about a sampler; decorate a function without rng")
    return replace(claim, draw=sampler)


def _build(
    claim: Claim,
    function: Callable[..., Any],
    body: Callable[..., Any] | None,
    epsilon: float,
    budget: int | None,
    points: int | None,
    evaluations: int | None,
    design: Design | None,
) -> Test:
    algebraic = claim.form == "holds" or claim.limit is not None
    test: Any
    if algebraic:
        test = Algebra(claim).test
    else:
        wanted = points or plans.current().points
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        examples = own.max_examples if own else math.ceil(EXAMPLES_PER_POINT * wanted)
        cap = evaluations or (examples if own else wanted) + plans.SHRINKING
        judging = Property(claim, body, epsilon, budget, None if own else wanted, cap, design)
        test = judging.test

    def wrapped(at: dict[str, Number]) -> None:
        test(at)

    def alone() -> None:
        test({})

    shown: Any = alone if algebraic else wrapped
    for word in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(shown, word, getattr(function, word))
    shown.__dict__.update(function.__dict__)
    if algebraic:
        return alone
    # Hypothesis would take the settings below for a second pair on one test.
    for word in ("_hypothesis_internal_use_settings", "_hypothesis_internal_settings_applied"):
        shown.__dict__.pop(word, None)
    search = settings(
        own or settings.default,
        max_examples=examples,
        deadline=None,
        report_multiple_bugs=False,
        phases=[phase for phase in (own.phases if own else PHASES) if phase in PHASES],
        suppress_health_check=list(HealthCheck),
    )
    # Hypothesis names a test in its database by its source, which all of ours share.
    name = f"{function.__module__}.{function.__qualname__} {claim.id}"
    shown.__dict__["_hypothesis_internal_add_digest"] = name.encode()
    strategy = points_of(drawable(claim), claim.where) if claim.over else st.just({})
    result: Test = search(given(at=strategy)(shown))
    judging.visible = result
    result.__dict__["collapse_evaluations"] = cap
    return result
