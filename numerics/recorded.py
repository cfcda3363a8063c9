"""A claim against recorded runs: one-generation ratios in place of a simulator.

Recorded runs have no fresh noise, so there is one threshold and no confirmation. What is tested is
the claimed effect of each generation: with ``rho_k`` the ratio that the claim makes of generation
``k``, the recorded ratios are held against ``E R_k = 1 - c (1 - rho_k)``, where ``c = 1`` is the
claim and ``c = 0`` no effect at all. The answer is an interval for ``c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from numerics.evidence import Design, RecordedJudgement, judge_recorded
from numerics.points import Point, as_json
from numerics.result import RECORDED, Evidence, finite
from numerics.runs import Runs
from theory.claim import Claim
from theory.derivation import derive
from theory.derived import Derivation
from theory.errors import ClaimError, RunsError
from theory.evaluation import evaluate
from theory.family import Family
from theory.symbols import BY_NAME, t
from theory.vocabulary import Accumulate, KeepAll, Replace

Array = NDArray[np.float64]
RIVAL_EFFECTS: dict[str, float] = {"no effect": 0.0, "effect -5": -5.0, "effect +5": 5.0}
# Digits kept of a ratio: its distance from 1 may be 1e-7 of it.
DIGITS = 30


@dataclass(frozen=True, kw_only=True)
class RecordedEvidence(Evidence):
    """What recorded runs say of a claim.

    The verdict is REFUTED if the claimed effect ``c = 1`` is excluded, VARIANCE REFUTED if the
    spread exceeds what any spectrum allows, VERIFIED if every effect that is not excluded lies
    within epsilon of 1, else INCONCLUSIVE; the interval says what was learnt in each case.
    """

    at: Point
    source: str
    runs: int
    transitions: int
    judgement: RecordedJudgement

    def to_json(self) -> dict[str, Any]:
        """The evidence as plain values."""
        judged = self.judgement
        return {
            **super().to_json(),
            "recorded": {
                "source": self.source,
                "at": as_json(self.at),
                "runs": self.runs,
                "transitions": self.transitions,
                "effect_interval": [finite(end) for end in judged.interval],
                "effect_interval_95": [finite(end) for end in judged.interval_95],
                "effect_estimate": finite(judged.estimate),
                "log_threshold": finite(judged.log_threshold),
                "rivals": {
                    report.name: "refuted" if report.refuted else "not refuted"
                    for report in judged.rivals
                },
            },
        }


def _family(claim: Claim) -> Family:
    family = claim.family
    if (
        family is None
        or claim.quantity != "variance"
        or claim.limit is not None
        or claim.along is not None
    ):
        raise ClaimError(
            f"{claim.id} is no claim of a family's variance after t generations; only those are "
            "checked against recorded runs"
        )
    if family.workflow not in (Replace, Accumulate) or family.selection is not KeepAll:
        raise ClaimError(
            f"{claim.id} is about {family.workflow.name} with {family.selection.name}; recorded "
            "runs are checked for replace and accumulate with keep-all, where the one-generation "
            "ratio does not depend on the unrecorded state"
        )
    return family


def _ratio(numbers: list[mpmath.mpf], step: NDArray[np.int64]) -> tuple[Array, Array]:
    """Ratios of consecutive numbers at each step, and their distance from 1."""
    with mpmath.workdps(DIGITS):
        ratio = [numbers[k] / numbers[k - 1] for k in range(1, len(numbers))]
        lost = [1 - r for r in ratio]
        return np.array([float(ratio[k - 1]) for k in step]), np.array(
            [float(lost[k - 1]) for k in step]
        )


def _claimed(claim: Claim, at: Mapping[str, Any], last: int) -> list[mpmath.mpf]:
    """The claimed values at the generations 0 to `last`."""
    assert claim.equals is not None
    values = {"sigma_0": 1, **at}
    _, running = claim.equals.as_independent(t, as_Add=False)
    if not isinstance(running, sp.Product) or running.limits[0][1:] != (1, t):
        return [evaluate(claim.equals, {**values, "t": k}, DIGITS) for k in range(last + 1)]
    # A product up to t: each generation multiplies by one factor more.
    factor = running.function.xreplace({running.limits[0][0]: t})
    numbers = [evaluate(claim.equals, {**values, "t": 0}, DIGITS)]
    with mpmath.workdps(DIGITS):
        for k in range(1, last + 1):
            numbers.append(numbers[-1] * evaluate(factor, {**values, "t": k}, DIGITS))
    return numbers


def _derived(family: Family, quantity: str, at: Mapping[str, Any], last: int) -> list[mpmath.mpf]:
    derivation = derive(family, quantity)
    assert isinstance(derivation, Derivation)
    values = {"sigma_0": 1, **at}
    return [derivation.evaluate(DIGITS, **{**values, "t": k}) for k in range(last + 1)]


def variance_bound(family: Family, at: Mapping[str, Any], step: NDArray[np.int64]) -> Array:
    """A bound for the variance of a one-generation ratio of the trace, whatever the spectrum.

    Given the past, the trace of the next covariance has variance ``w_k Tr Sigma**2`` with a number
    ``w_k`` that the dimension does not enter, and ``Tr Sigma**2 <= (Tr Sigma)**2``. In one
    dimension that is an equality, so ``w_k`` is the variance of the one-dimensional ratio.
    """
    line = replace(family, dimension=1)
    here = {name: number for name, number in at.items() if name != "d"}
    last = int(step.max())
    second, _ = _ratio(_derived(line, "variance_squared", here, last), step)
    first, _ = _ratio(_derived(line, "variance", here, last), step)
    return np.asarray(second - first**2)


def _rival_means(
    claim: Claim, family: Family, at: Mapping[str, Any], step: NDArray[np.int64]
) -> dict[str, Array]:
    """Laws that a reader would like to see excluded: constant ratios and the other workflow's."""
    n = float(at["n"])
    means = {
        "constant 1 - 5/n": np.full(step.size, 1 - 5 / n),
        "constant 1 + 5/n": np.full(step.size, 1 + 5 / n),
    }
    other = Accumulate if family.workflow is Replace else Replace
    numbers = _derived(replace(family, workflow=other), "variance", at, int(step.max()))
    means[f"the law of {other.name}"] = _ratio(numbers, step)[0]
    return means


def check_recorded(
    claim: Claim, runs: Runs, at: Mapping[str, Any], design: Design
) -> RecordedEvidence:
    """Hold a claim against recorded runs.

    Parameters
    ----------
    claim
        A family claim of the variance under Replace or Accumulate, without selection.
    runs
        The recorded traces. Pool only runs that do not share seeds.
    at
        The sizes of the recorded setting, such as ``{"n": 100}``.
    design
        Error probabilities; the threshold is ``2 e^(L + C)``.

    Raises
    ------
    ClaimError, RunsError
        If the claim is of another kind, a size is missing, or the table has no positive ratios.
    """
    family = _family(claim)
    # Ratios depend neither on the dimension nor on the unit; claims over them are read at one.
    at = {**{name: 1 for name in ("d", "sigma_0") if name in claim.over}, **at}
    missing = [name for name in claim.over if name != "t" and name not in at]
    if missing:
        raise RunsError(f"{claim.id} needs {missing[0]}; give the recorded setting's {missing[0]}")
    for name in set(at) & set(claim.over):
        # The claim's own domain says where points are drawn; runs are where they are.
        domain = BY_NAME[name].domain if name in BY_NAME else claim.over[name]
        at[name] = domain.validate(name, at[name])
    step, ratio = runs.transitions()
    _, lost = _ratio(_claimed(claim, at, int(step.max())), step)
    if not np.any(lost):
        raise ClaimError(f"{claim.id} claims that nothing happens; there is no effect to measure")
    judgement = judge_recorded(
        ratio,
        mean_of_effect=lambda c: 1 - c * lost,
        variance=variance_bound(family, at, step),
        effects=RIVAL_EFFECTS,
        rivals=_rival_means(claim, family, at, step),
        design=design,
    )
    return RecordedEvidence(
        claim=claim,
        verdict=judgement.verdict,
        basis=RECORDED,
        algebra=None,
        simulation=None,
        at=at,
        source=runs.source,
        runs=len(runs.runs),
        transitions=int(step.size),
        judgement=judgement,
    )
