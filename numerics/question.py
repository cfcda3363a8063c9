"""From a claim at one point of its domain to a question for the judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from numerics import witness
from numerics.evidence import Design, Judgement, judge, plan
from numerics.evidence.spread import variance_of_law
from numerics.evidence.twosample import compare_laws
from numerics.points import Point
from numerics.result import END_TO_END, STEP, PointResult
from numerics.simulation import Method, simulate
from theory.claim import Claim
from theory.derivation import derive
from theory.domain import Domain, Number, shares
from theory.errors import ClaimError, InvalidInput
from theory.evaluation import evaluate_float
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
LARGEST_LOG = 600.0


def value(claim: Claim, expression: Any, at: Mapping[str, Number]) -> float:
    """The number that an expression of the claim has at a point; sigma_0 defaults to 1."""
    number = evaluate_float(expression, {"sigma_0": 1, **at})
    if not math.isfinite(number):
        where = ", ".join(f"{name}={x}" for name, x in at.items())
        raise ClaimError(f"{claim.id}: {expression} is {number} at {where}; it must be finite")
    return number


def _optional(claim: Claim, expression: Any, at: Mapping[str, Number]) -> float | None:
    return None if expression is None else value(claim, expression, at)


def implied_variance(claim: Claim, at: Mapping[str, Number]) -> float | None:
    """The variance of the law that the claim brings, by its moments or its distribution function.

    It is a part of the claim, and as refutable as a variance that is written down. None where the
    law has none, or none that can be computed.
    """
    if claim.log_mellin is not None:
        first, second = (float(claim.log_mellin(s, **at)) for s in (1, 2))
        if math.isfinite(first) and math.isfinite(second) and second < LARGEST_LOG:
            # E X^2 (1 - (E X)^2 / E X^2) without the difference of two large numbers
            return math.exp(second) * -math.expm1(min(2 * first - second, 0.0))
    if claim.cdf is not None:
        cdf = claim.cdf
        return variance_of_law(lambda x: cdf(x, **at))
    return None


def drawable(claim: Claim) -> dict[str, Domain]:
    """The domains that points are drawn from: a share of real points is a whole number of them."""
    over = dict(claim.over)
    share = over.get("f")
    fresh = claim.family is not None and claim.family.workflow is FreshReal
    if fresh and "n" in over and share is not None and share.kind == "reals":
        over["f"] = shares("n", share.low, share.high)
    return over


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


def _asked(claim: Claim, at: Point) -> dict[str, Any]:
    """What the claim itself tells the judge."""
    asked: dict[str, Any] = {
        "relation": claim.relation,
        "scale": _optional(claim, claim.scale, at),
        "slack": _optional(claim, claim.slack, at) or 0.0,
        "null": _optional(claim, claim.null, at),
        "rivals": {name: value(claim, x, at) for name, x in claim.rivals.items()},
    }
    if claim.bounds is not None:
        if any(end.is_infinite for end in claim.bounds):
            raise ClaimError(f"{claim.id}: bounds = {claim.bounds} must be finite; leave them out")
        low, high = claim.bounds
        asked["bounds"] = (value(claim, low, at), value(claim, high, at))
    if claim.cdf is not None:
        cdf = claim.cdf
        asked["cdf"] = lambda x: cdf(x, **at)
    if claim.log_mellin is not None:
        log_mellin = claim.log_mellin
        asked["log_mellin"] = lambda s: log_mellin(s, **at)
    return asked


def _sampler(
    claim: Claim, at: Point, salt: str, design: Design, judge: Judge
) -> tuple[PointResult, ...]:
    mean = value(claim, claim.mean, at)
    variance = _optional(claim, claim.variance, at)
    if variance is None and claim.bounds is None:
        variance = implied_variance(claim, at)
    judgement = judge(
        witness.of_sampler(claim, at, salt),
        mean=mean,
        variance=variance,
        bounds_may_decide=True,
        design=design,
        **_asked(claim, at),
    )
    return (PointResult(at, mean, judgement, "sampler"),)


def cost(setting: Setting, generation: int, draws: int) -> int:
    """Numbers that a raw simulation of `draws` replicates takes."""
    points = sum((setting.candidates(k) or setting.size(k)) for k in range(1, generation + 1))
    return points * setting.dimension * draws


def _homogeneous(setting: Setting) -> bool:
    """Whether every generation makes the same step, so that two of them show it whole."""
    kinds = (Replace, FreshReal, FixedReal)
    return isinstance(setting.workflow, kinds) and isinstance(setting.sample_size, int)


def _family(
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
    asked = _asked(claim, at)
    if variance is None and "bounds" not in asked:
        bounds = bounds_of(claim.family, claim.quantity, at)
        if bounds is None:
            return ()
        asked["bounds"] = bounds
    if asked["null"] is None:
        asked["null"] = start_value(setting, claim.quantity)
    known = 0.0 if variance is None else variance
    scale = asked["scale"] or math.sqrt(mean**2 + known)
    lost = asked["null"] is not None and abs(mean - asked["null"]) <= design.epsilon * scale
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
        **asked,
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


def ask(
    claim: Claim,
    at: Point,
    salt: str,
    design: Design,
    *,
    proved: bool,
    first: bool = False,
    judge: Judge = judge,
) -> tuple[PointResult, ...]:
    """Judge a claim at one point.

    Parameters
    ----------
    claim
        In any form but the deterministic one.
    at
        A point of its domain.
    salt, design
        The noise and the plan.
    proved
        Whether algebra has proved the claim; only then may the one-generation step stand in for
        a horizon that no simulation can reach.
    first
        Whether to simulate raw samples whatever they cost.
    judge
        What judges the draws: `numerics.evidence.judge`, or something that watches it.

    Returns
    -------
    tuple of PointResult
        Empty if simulation cannot answer: the variance of a replicate is not known.

    Raises
    ------
    ClaimError
        If a claim of a sampler gives nothing that bounds a replicate, or its parts contradict each
        other; the line names the claim.
    """
    if claim.form == "pair":
        judgement = compare_laws(*witness.of_pair(claim, at, salt), design)
        return (PointResult(at, 0.0, judgement, "two samplers"),)
    if claim.form == "sampler":
        if all(x is None for x in (claim.variance, claim.bounds, claim.cdf, claim.log_mellin)):
            raise ClaimError(
                f"{claim.id}: nothing bounds a replicate, so no number of draws tells its mean; "
                "give variance=, bounds=, cdf= or log_mellin="
            )
        try:
            return _sampler(claim, at, salt, design, judge)
        except InvalidInput as error:
            if claim.id in str(error):
                raise
            place = ", ".join(f"{name}={x}" for name, x in at.items())
            raise ClaimError(f"{claim.id}: {error}{place and f' (at {place})'}") from error
    return _family(claim, at, salt, design, judge, proved=proved, first=first)
