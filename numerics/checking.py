"""The one place where the two witnesses meet: a claim gets its verdict.

`check` asks algebra (`theory.comparison`), then simulation at points that Hypothesis chooses, and
puts the two answers side by side.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from numerics import witness
from numerics.conclusion import basis, common_verdict, counterexample, overall
from numerics.evidence import Design, Verdict
from numerics.points import Point, hunt, key
from numerics.question import ask
from numerics.recorded import check_recorded
from numerics.result import ALGEBRA, NOTHING, Evidence, PointResult, Simulation
from numerics.rivalry import hunt_rivals
from numerics.runs import Runs, read_runs
from numerics.shrinking import candidate_design
from numerics.strategies import points as points_of
from numerics.streams import new_salt
from theory.claim import Claim
from theory.comparison import compare
from theory.domain import Number
from theory.errors import ClaimError, CollapseError, InvalidInput
from theory.pointsets import drawable

__all__ = ["check", "check_all"]

# Evaluations that shrinking a refuted point may take; the run's error budget counts on it.
SHRINK_EVALUATIONS = 60
# What is known to be false may be false in a corner only: it is looked for longer.
SEARCH_FACTOR = 8


def _wanted(claim: Claim, points: int) -> int:
    """Distinct points to visit while nothing is refuted; every rung of a ladder counts as one."""
    if claim.along is not None:
        points = -(-points // len(claim.along[1]))
    return points if claim.known_false is None else SEARCH_FACTOR * points


def _seed(salt: str, claim: Claim) -> int:
    digest = hashlib.sha256(f"points\n{salt}\n{witness.content(claim)}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _simulate(
    claim: Claim, salt: str, points: int, design: Design, proved: bool, at: Point | None
) -> tuple[Simulation | None, Point | None]:
    """Judge the claim at one given point, or hunt over its domain."""
    results: dict[tuple[tuple[str, str], ...], tuple[PointResult, ...]] = {}
    plan = design

    def refuted(point: Point) -> bool | None:
        nonlocal plan
        if not results and claim.draw is not None:
            witness.check_independence(claim, point, salt, design)
        answers = ask(claim, point, salt, plan, proved=proved, first=not results)
        results[key(point)] = answers
        if answers and all(answer.judgement.vacuous for answer in answers):
            return None
        fallen = [each.judgement for each in answers if each.judgement.verdict is Verdict.REFUTED]
        if fallen and plan is design:
            plan = candidate_design(design, fallen[0].screen_draws)
        return bool(fallen)

    smallest: Point | None = None
    if at is not None:
        smallest = at if refuted(at) is True else None
    elif not claim.over:
        smallest = {} if refuted({}) is True else None
    else:
        found = hunt(
            points_of(drawable(claim), claim.where),
            refuted,
            points=_wanted(claim, points),
            seed_value=_seed(salt, claim),
            evaluations=_wanted(claim, points) + SHRINK_EVALUATIONS,
        )
        smallest = found.smallest
    judged = tuple(answer for answers in results.values() for answer in answers)
    if not judged or any(not answers for answers in results.values()):
        # At some point nothing bounds a replicate's variance: simulation cannot answer.
        return None, None
    if all(answer.judgement.vacuous for answer in judged):
        raise ClaimError(f"{claim.id}: {judged[0].judgement.note}; so it is wherever it was tried")
    return Simulation(common_verdict(judged), judged, design.epsilon), smallest


def _validated(claim: Claim, at: Mapping[str, Any]) -> dict[str, Number]:
    point: dict[str, Number] = {}
    for name, domain in claim.over.items():
        if name not in at:
            raise InvalidInput(f"{claim.id}: {name} has no value; give it a {domain}")
        point[name] = domain.validate(name, at[name])
    surplus = sorted(set(at) - set(point) - {"sigma_0"})
    if surplus:
        raise InvalidInput(f"{claim.id} has no symbol {surplus[0]!r}; it has {', '.join(point)}")
    if not claim.admits(point):
        raise InvalidInput(f"{claim.id}: {dict(at)} does not meet {list(map(str, claim.where))}")
    return point


def _content(claim: Claim) -> str | None:
    """The content to send along; none where it is at fault, which its own check will say."""
    try:
        return witness.content(claim)
    except CollapseError:
        return None


def _check_points(points: int) -> None:
    if points < 1:
        raise InvalidInput(f"points = {points} is not accepted; accepted: 1 or more")


def check(
    claim: Claim,
    *,
    salt: str | None = None,
    at: Mapping[str, Any] | None = None,
    points: int = 10,
    epsilon: float = 0.01,
    budget: int = 4_000_000,
    runs: Runs | str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, Any] | None = None,
    rivals: bool = False,
    design: Design | None = None,
) -> Evidence:
    """Check a claim: what algebra says of it, and what simulation says.

    Parameters
    ----------
    claim
        What is to be checked.
    salt
        Names the noise: the same salt gives the same verdict. By default fresh.
    at
        One point of the domain to check at, by letter. By default Hypothesis chooses `points`
        points and shrinks what is refuted to a smallest counterexample.
    points
        Distinct points to visit.
    epsilon
        Resolution, relative to the claim's scale at each point.
    budget
        Largest number of draws on one stream.
    runs, columns, where
        Recorded runs instead of a simulator: a table, or a file with the names of its columns
        (see `numerics.runs.read_runs`); `at` then gives the sizes of the recorded setting.
    rivals
        Also plant faults in the claim, and tell which of them the claim's own draws refute.
    design
        The whole plan; overrides `epsilon` and `budget`.

    Returns
    -------
    Evidence
        The verdict, its basis, and what both witnesses said.

    Raises
    ------
    InvalidInput
        On misuse: a point outside the domain, a sampler that returns something else than
        replicates.

    Examples
    --------
    >>> import sympy as sp
    >>> from theory import Claim, integers
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> claim = Claim("mine.step", "E s^2 = 1 - 1/n", {n: integers(2, 200)},
    ...               mean=1 - 1/n, variance=2*(n - 1)/n**2,
    ...               draw=lambda rng, size, n: rng.chisquare(n - 1, size) / n)
    >>> check(claim, salt="example", at={"n": 10}).verdict.value
    'VERIFIED'
    """
    _check_points(points)
    design = design or Design(epsilon=epsilon, budget=budget)
    salt = new_salt() if salt is None else salt
    if runs is not None:
        table = runs if isinstance(runs, Runs) else read_runs(runs, columns, where)
        return check_recorded(claim, table, dict(at or {}), design)
    algebra = compare(claim)
    if claim.form == "holds" or claim.limit is not None:
        verdict = overall(claim, algebra, None)
        return Evidence(claim, verdict, ALGEBRA, algebra, None, counterexample(algebra, None, None))
    point = None if at is None else _validated(claim, at)
    proved = algebra.verdict == "PROVED"
    with threadpool_limits(1):  # a sum must not depend on how many cores a machine has
        simulation, smallest = _simulate(claim, salt, points, design, proved, point)
        planted = hunt_rivals(claim, simulation, salt, design, _seed(salt, claim)) if rivals else ()
    verdict = overall(claim, algebra, simulation)
    return Evidence(
        claim,
        verdict,
        basis(algebra, simulation, verdict),
        algebra,
        simulation,
        counterexample(algebra, simulation, smallest),
        planted,
    )


def check_all(
    claims: Iterable[Claim],
    *,
    salt: str | None = None,
    points: int = 10,
    epsilon: float = 0.01,
    budget: int = 4_000_000,
    jobs: int = 1,
    rivals: bool = False,
    progress: Callable[[Evidence], None] | None = None,
    explain: Callable[[Exception], str] | None = None,
) -> list[Evidence]:
    """Check many claims; one error budget covers them all.

    A claim whose own sampler or formulas are at fault is NOT JUDGED, and does not keep the others
    from their verdicts.

    Parameters
    ----------
    claims
        Their order is the order of the results.
    salt, points, epsilon, budget, rivals
        As in `check`.
    jobs
        Processes to use; the verdicts do not depend on it.
    progress
        Called with each evidence, in order, as it is reached.
    explain
        One line for an exception that a claim's own functions raised; by default only errors of
        this project are told as faults of a claim, and every other exception is passed on.

    Raises
    ------
    ClaimError
        If two claims share an id.
    """
    _check_points(points)
    listed = list(claims)
    names = [claim.id for claim in listed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ClaimError(f"two claims have the id {twice[0]!r}")
    salt = new_salt() if salt is None else salt
    evaluations = sum(_wanted(claim, points) + SHRINK_EVALUATIONS for claim in listed)
    design = Design(
        epsilon=epsilon,
        budget=budget,
        evaluations=max(Design().evaluations, evaluations),
    )

    def ask(claim: Claim, text: str | None = None) -> Evidence:
        if text is not None:
            witness.learn(claim, text)
        try:
            return check(claim, salt=salt, points=points, design=design, rivals=rivals)
        except Exception as error:
            if explain is None and not isinstance(error, CollapseError):
                raise
            fault = str(error) if explain is None else explain(error)
            if isinstance(error, CollapseError) and not fault.startswith(claim.id):
                fault = f"{claim.id}: {fault}"
            return Evidence(claim, Verdict.NOT_JUDGED, NOTHING, None, None, fault=fault)

    # Algebra's own claims are quick, and stay here: sending them would take longer.
    sent = [(claim, _content(claim)) for claim in listed if claim.form != "holds"]
    answers = Parallel(n_jobs=jobs, return_as="generator")(delayed(ask)(*c) for c in sent)
    results = []
    try:
        for claim in listed:
            evidence = ask(claim) if claim.form == "holds" else next(answers)
            results.append(evidence)
            if progress is not None:
                progress(evidence)
    finally:
        with warnings.catch_warnings():  # whoever stops early knows that work is left undone
            warnings.simplefilter("ignore")
            answers.close()
    return results
