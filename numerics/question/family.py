"""A claim about a family at one point: simulated whole, or step by step where proved."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from numerics import witness
from numerics.evidence import Design, Judgement, plan
from numerics.points import Point
from numerics.question.values import asked, value
from numerics.result import END_TO_END, STEP, PointResult
from numerics.simulation import Method, simulate
from theory.claim import Claim
from theory.derivation import derive
from theory.model import GAUSSIAN
from theory.moments import bounds_of, variance_at
from theory.setting import Setting
from theory.vocabulary import FixedReal, FreshReal, KeepAll, Replace

Judge = Callable[..., Judgement]

# Numbers drawn for one point up to which raw samples are affordable in a table of many claims.
RAW_NUMBERS = 10_000_000
# Beyond this squared coefficient of variation the mean lives in trajectories that nobody draws:
# where the horizon is proved, the light-tailed one-generation step is judged instead.
LARGEST_CV2 = 4.0


def start_value(setting: Setting, quantity: str) -> float | None:
    """What the quantity is before the first generation: the prediction that nothing happens."""
    if setting.model != GAUSSIAN:
        return float(
            simulate(setting, 0, 1, "start", quantities=(quantity,)).values[quantity][0, 0]
        )
    total = setting.total_variance
    if quantity == "variance":
        return total
    if quantity == "variance_squared":
        return total**2
    if quantity == "log_variance":
        return math.log(total)
    if quantity in ("squared_drift", "squared_w2", "kl_model_to_start", "kl_start_to_model"):
        return 0.0
    if quantity == "log_det" and setting.covariance is None:
        return setting.dimension * math.log(float(setting.sigma_0) ** 2)
    return None


def cost(setting: Setting, generation: int, draws: int) -> int:
    """Numbers that a raw simulation of `draws` replicates takes."""
    points = sum((setting.candidates(k) or setting.size(k)) for k in range(1, generation + 1))
    return points * setting.dimension * draws


def _homogeneous(setting: Setting) -> bool:
    """Whether every generation makes the same step, so that two of them show it whole."""
    kinds = (Replace, FreshReal, FixedReal)
    return isinstance(setting.workflow, kinds) and isinstance(setting.sample_size, int)


def of_family(
    claim: Claim,
    at: Point,
    salt: str,
    design: Design,
    judge: Judge,
    *,
    proved: bool,
    first: bool,
) -> tuple[PointResult, ...]:
    assert claim.family is not None
    assert claim.quantity is not None
    setting = claim.family.at(at)
    horizon = int(at["t"])
    mean = value(claim, claim.equals, at)
    variance = variance_at(claim.family, claim.quantity, {"sigma_0": 1, **at})
    told = asked(claim, at)
    if variance is None and "bounds" not in told:
        bounds = bounds_of(claim.family, claim.quantity, at)
        if bounds is None:
            return ()
        told["bounds"] = bounds
    if told["null"] is None:
        told["null"] = start_value(setting, claim.quantity)
    known = 0.0 if variance is None else variance
    scale = told["scale"] or math.sqrt(mean**2 + known)
    lost = told["null"] is not None and abs(mean - told["null"]) <= design.epsilon * scale
    if (
        proved
        and horizon > 2
        and _homogeneous(setting)
        and (lost or known > LARGEST_CV2 * mean**2)
        and claim.relation == "="
    ):
        return _steps(claim, at, salt, design, judge, first=first)
    planned = plan(mean, variance, design, scale=scale) if scale and variance else design.budget
    gaussian = setting.model == GAUSSIAN
    raw = (
        first
        or cost(setting, horizon, planned) <= (RAW_NUMBERS if gaussian else RAW_NUMBERS // 10)
        or not isinstance(setting.selection, KeepAll)
    )
    method: Method = "raw" if raw else "auto"
    judgement = judge(
        witness.of_family(claim, at, salt, generation=horizon, method=method),
        mean=mean,
        variance=variance,
        bounds_may_decide=True,
        design=design,
        **told,
    )
    return (PointResult(at, mean, judgement, "raw" if raw else "statistics", END_TO_END),)


def _steps(
    claim: Claim, at: Point, salt: str, design: Design, judge: Judge, *, first: bool
) -> tuple[PointResult, ...]:
    """The derived step, simulated at the first two generations: the proof does the rest.

    The state moves linearly and every generation alike, so the first generation from the start and
    the second from where the first has led show every coefficient of the step.
    """
    assert claim.family is not None
    assert claim.quantity is not None
    derivation = derive(claim.family, claim.quantity)
    # A Gaussian's points cost little; one judged point shows another model's raw.
    raw = first or claim.family.is_gaussian
    method: Method = "raw" if raw else "auto"
    results = []
    for generation in (1, 2):
        values: dict[str, Any] = {"sigma_0": 1, **at, "t": generation}
        mean = float(derivation.evaluate(**values))
        variance = variance_at(claim.family, claim.quantity, values)
        if variance is None or not math.isfinite(mean):
            return ()
        judgement = judge(
            witness.of_family(claim, at, salt, generation=generation, method=method),
            mean=mean,
            variance=variance,
            null=start_value(claim.family.at(at), claim.quantity),
            design=design,
        )
        here = {**at, "t": generation}
        results.append(PointResult(here, mean, judgement, "raw" if raw else "statistics", STEP))
    return tuple(results)
