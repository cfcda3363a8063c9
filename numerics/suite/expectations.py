"""Expectations about one's own code: a mean, a law, a bound, two samplers of one law.

How `samples` is given. As a sampler ``draw(rng, size, **at)`` that returns `size` independent
replicates made with `rng`: the noise comes from the hash of (salt, test, sampler, claim, `at`), a
refutation is confirmed on fresh noise, and draws are made until the question is decided. Or as an
array of recorded values: then there is one threshold, e^(L+C), and no confirmation.

All expectations of one test share its error budget: a fixed number of evaluations, each of which
accuses a correct claim with probability at most e^-(L+C).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from numerics.evidence import Design, Judgement, Verdict, judge
from numerics.evidence.twosample import compare_laws
from numerics.suite import plan as plans
from numerics.suite.expectation import Expectation
from numerics.suite.fixed import judge_array
from numerics.suite.pooling import pooling_judge
from numerics.suite.record import Record
from numerics.suite.texts import text_of
from theory.errors import InvalidInput

RESOLUTION = 0.01


@contextmanager
def expectations(
    name: str = "expectations",
    *,
    salt: str | None = None,
    evaluations: int = plans.CAP,
    strict: bool = False,
) -> Iterator[Record]:
    """Let all expectations inside share one error budget; the pytest plugin does so for each test.

    Parameters
    ----------
    name
        Names the noise.
    salt
        Names the noise of the run; fresh by default.
    evaluations
        Points that may be judged inside.
    strict
        Whether an expectation that stays INCONCLUSIVE is a failure.

    Yields
    ------
    Record
        Its `findings` are what was judged.

    Raises
    ------
    AssertionError
        On leaving, if `strict` and something is INCONCLUSIVE.

    Examples
    --------
    >>> def draw(rng, size, n):
    ...     return rng.chisquare(n - 1, size) / n
    >>> with expectations(salt="c0ffee") as record:
    ...     judgement = expect_mean(draw, 0.9, 0.18, at={"n": 10})
    >>> judgement.label, len(record.findings)
    ('VERIFIED', 1)
    """
    plan = plans.current()
    if salt is not None:
        plan = replace(plan, salt=salt)
    record = Record(name, plan, cap=evaluations)
    with record.active():
        yield record
    open_ = [each for each in record.findings if each.judgement.verdict is Verdict.INCONCLUSIVE]
    if strict and (open_ or record.doubts):
        raise AssertionError(f"{name}: {len(open_) + len(record.doubts)} times INCONCLUSIVE")


def _mean(
    kind: str,
    samples: Any,
    asked: dict[str, Any],
    statement: str,
    at: Mapping[str, Any] | None,
    label: str | None,
    epsilon: float,
    budget: int | None,
    design: Design | None,
) -> Judgement:
    """Judge a claim about one sampler, or about recorded values."""
    __tracebackhide__ = True
    claim = tuple(f"{word}={text_of(value)}" for word, value in sorted(asked.items()))
    case = Expectation(kind, (samples,), claim, statement, at, label, epsilon, budget, design)

    def judged() -> tuple[Judgement, tuple[float, ...]]:
        if not callable(samples):
            return judge_array(samples, design=case.design, **asked), ()
        if not case.plan.pooled:
            return judge(case.draws(), design=case.design, **asked), ()
        pooled: list[tuple[float, ...]] = []
        judgement = pooling_judge(pooled)(case.draws(), design=case.design, **asked)
        return judgement, pooled[0]

    return case.settle(judged)


def expect_mean(
    samples: Any,
    mean: float,
    variance: float | None = None,
    *,
    at: Mapping[str, Any] | None = None,
    epsilon: float = RESOLUTION,
    budget: int | None = None,
    label: str | None = None,
    design: Design | None = None,
    **asked: Any,
) -> Judgement:
    """Expect E X = mean, within epsilon scales.

    Parameters
    ----------
    samples : callable or array
        ``draw(rng, size, **at)``, or recorded values (see the head of this module).
    mean, variance : float
        Moments of one replicate under the claim; `variance` may be left out with ``bounds=``.
    at : mapping, optional
        The parameters of the sampler: passed to it, and part of the name of the noise. Whatever a
        search chooses (Hypothesis, a loop over settings) belongs here.
    epsilon, budget : optional
        Resolution relative to the scale, and largest number of draws.
    label : str, optional
        What messages and tables call it.
    design : Design, optional
        The whole plan, thresholds included.
    **asked
        ``scale, slack, bounds, nonnegative, cdf, log_mellin, null, rivals``, as in
        `numerics.evidence.judge`.

    Returns
    -------
    Judgement
        VERIFIED or INCONCLUSIVE; the plugin shows the latter like xfail.

    Raises
    ------
    ClaimRefuted
        If the claim is refuted, and the refutation confirmed.
    InvalidInput
        On misuse; `numerics.guards` says how a sampler may be at fault.

    Examples
    --------
    >>> with expectations(salt="c0ffee"):
    ...     expect_mean(lambda rng, size: rng.random(size), 0.5, 1 / 12).label
    'VERIFIED'
    """
    __tracebackhide__ = True
    words = {"mean": mean, "variance": variance, **asked}
    statement = f"E X = {mean:.6g}"
    return _mean("expect_mean", samples, words, statement, at, label, epsilon, budget, design)


def expect_at_most(
    samples: Any,
    bound: float,
    variance: float | None = None,
    *,
    at: Mapping[str, Any] | None = None,
    epsilon: float = RESOLUTION,
    budget: int | None = None,
    label: str | None = None,
    design: Design | None = None,
    **asked: Any,
) -> Judgement:
    """Expect E X <= bound; of an event (draws 0 and 1, ``bounds=(0, 1)``) that P <= bound.

    `variance`, if given, must hold for every law that meets the bound. The other parameters, the
    result and the errors are those of `expect_mean`. VERIFIED says E X < bound + tolerance.

    Examples
    --------
    >>> with expectations(salt="c0ffee"):
    ...     rare = lambda rng, size: rng.random(size) < 0.03
    ...     expect_at_most(rare, 0.05, bounds=(0, 1)).label
    'VERIFIED'
    """
    __tracebackhide__ = True
    words = {"mean": bound, "variance": variance, "relation": "<=", **asked}
    statement = f"E X <= {bound:.6g}"
    return _mean("expect_at_most", samples, words, statement, at, label, epsilon, budget, design)


def expect_at_least(
    samples: Any,
    bound: float,
    variance: float | None = None,
    *,
    at: Mapping[str, Any] | None = None,
    epsilon: float = RESOLUTION,
    budget: int | None = None,
    label: str | None = None,
    design: Design | None = None,
    **asked: Any,
) -> Judgement:
    """Expect E X >= bound; otherwise as `expect_at_most`."""
    __tracebackhide__ = True
    words = {"mean": bound, "variance": variance, "relation": ">=", **asked}
    statement = f"E X >= {bound:.6g}"
    return _mean("expect_at_least", samples, words, statement, at, label, epsilon, budget, design)


def expect_law(
    samples: Any,
    cdf: Callable[[Any], Any],
    *,
    at: Mapping[str, Any] | None = None,
    epsilon: float = RESOLUTION,
    budget: int | None = None,
    label: str | None = None,
    design: Design | None = None,
) -> Judgement:
    """Expect that X has the continuous distribution function `cdf`.

    VERIFIED says that the Kolmogorov distance is at most epsilon. The other parameters, the result
    and the errors are those of `expect_mean`.

    Examples
    --------
    >>> with expectations(salt="c0ffee"):
    ...     expect_law(lambda rng, size: rng.random(size), lambda x: x, epsilon=0.05).label
    'VERIFIED'
    """
    __tracebackhide__ = True
    words = {"mean": 0.0, "scale": 1.0, "cdf": cdf, "law_claim": True}
    name = getattr(cdf, "__name__", "cdf")
    statement = f"X has the distribution function {name}"
    return _mean("expect_law", samples, words, statement, at, label, epsilon, budget, design)


def expect_equal_law(
    one: Callable[..., Any],
    two: Callable[..., Any],
    *,
    at: Mapping[str, Any] | None = None,
    epsilon: float = RESOLUTION,
    budget: int | None = None,
    label: str | None = None,
    design: Design | None = None,
) -> Judgement:
    """Expect that two samplers draw from one law, discrete or continuous.

    Parameters
    ----------
    one, two : callable
        ``draw(rng, size, **at)``; each has noise of its own.
    at, epsilon, budget, label, design
        As in `expect_mean`; epsilon is a Kolmogorov distance, `budget` the draws of each sampler.

    Returns
    -------
    Judgement
        VERIFIED: the distance is at most epsilon.

    Raises
    ------
    ClaimRefuted
        If the laws differ; the effect is the distance of fresh samples.
    InvalidInput
        If one of the two is no sampler: recorded values cannot be drawn again.

    Examples
    --------
    >>> def squares(rng, size):
    ...     return (rng.standard_normal((size, 3)) ** 2).sum(axis=1)
    >>> with expectations(salt="c0ffee"):
    ...     chi = lambda rng, size: rng.chisquare(3, size)
    ...     expect_equal_law(squares, chi, epsilon=0.05).label
    'VERIFIED'
    """
    __tracebackhide__ = True
    if not (callable(one) and callable(two)):
        raise InvalidInput("expect_equal_law takes two samplers draw(rng, size), not arrays")
    statement = "both samplers draw from one law"
    case = Expectation(
        "expect_equal_law", (one, two), (), statement, at, label, epsilon, budget, design
    )
    return case.settle(lambda: (compare_laws(case.draws(0), case.draws(1), case.design), ()))
