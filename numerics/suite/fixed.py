"""Recorded numbers: no fresh noise, so one threshold and no confirmation.

An accusation needs e^(L+C) times the number of possible accusations in one go, VERIFIED needs
e^(L+C) on both sides. The bets are fixed from the number of values, before any of them is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics.evidence import Design, Judgement, Verdict, plan, smallest_epsilon
from numerics.evidence.blocks import Array, blocks
from numerics.evidence.law import KolmogorovBand, kolmogorov_plan
from numerics.evidence.reading import draw
from numerics.evidence.routes import (
    SPREAD,
    LawVerification,
    VerifyingPair,
    accusers,
)
from numerics.evidence.statement import Statement
from numerics.evidence.wording import guarantee_of
from theory.errors import InvalidInput


def judge_array(
    values: ArrayLike,
    *,
    mean: float,
    variance: float | None = None,
    scale: float | None = None,
    slack: float = 0.0,
    relation: str = "=",
    bounds: tuple[float, float] | None = None,
    cdf: Callable[[Array], Array] | None = None,
    nonnegative: bool = False,
    law_claim: bool = False,
    design: Design | None = None,
    **unused: Any,
) -> Judgement:
    """Judge a claim about independent recorded values.

    Parameters
    ----------
    values : array of shape (N,)
        Independent replicates of one law, in the order of their recording.
    mean, variance, scale, slack, relation, bounds, cdf, nonnegative, law_claim, design
        As in `numerics.evidence.judge`; `budget` plays no part.

    Returns
    -------
    Judgement
        `effect` is None: nothing fresh is left to estimate it on.

    Raises
    ------
    InvalidInput
        If the values are not a vector of at least 2 finite numbers, or the claim has variance 0.

    Examples
    --------
    >>> from numerics.streams import Stream
    >>> x = Stream("c0ffee", "doctest").generator().normal(1.0, 1.0, 20_000)
    >>> judge_array(x, mean=1.0, variance=1.0, design=Design(epsilon=0.1)).label
    'VERIFIED'
    >>> judge_array(x, mean=1.2, variance=1.0).label
    'REFUTED'
    """
    surplus = sorted(name for name, value in unused.items() if value)
    if surplus:
        raise InvalidInput(f"recorded values take no {surplus[0]}=; give a sampler")
    design = design or Design()
    array = np.asarray(values)
    if array.ndim != 1 or array.size < 2:
        raise InvalidInput(f"recorded values have shape {array.shape}; accepted: (N,), N >= 2")
    statement = Statement(
        mean=float(mean),
        variance=variance,
        declared_scale=scale,
        slack=slack,
        relation=relation,
        bounds=bounds,
        cdf=cdf,
        nonnegative=nonnegative,
        law_claim=law_claim,
    )
    if statement.is_constant:
        raise InvalidInput("a claim of variance 0 takes a sampler, not recorded values")
    checked = draw(lambda stage, start, count: array, "", 0, array.size, statement)
    return _decide(checked, statement, design)


def _decide(values: Array, statement: Statement, design: Design) -> Judgement:
    count = values.size
    level = design.L + design.C
    v, m, s = statement.planning_variance, statement.mean, statement.scale
    verifier: VerifyingPair | LawVerification
    if statement.law_claim and statement.cdf is not None:
        planned = kolmogorov_plan(design.epsilon, level)
        aim = design.epsilon * max(1.0, math.sqrt(planned / count))
        verifier = LawVerification(KolmogorovBand(statement.cdf, aim, level), design.epsilon)
    else:
        planned = plan(m, v, design, scale=s)
        aim = max(design.epsilon, smallest_epsilon(count, m, v, design, scale=s))
        verifier = VerifyingPair(statement, aim, design.epsilon)
    charges = accusers(statement, aim)
    threshold = level + math.log(max(len(charges), 1))
    processes = {id(charge.process): charge.process for charge in charges}.values()
    for block in blocks(values):
        for user in (*processes, verifier):
            user.add(block)
    crossed = [charge for charge in charges if charge.log_e() >= threshold]
    verdict, charge, smallest = Verdict.INCONCLUSIVE, None, None
    if crossed:
        charge = max(crossed, key=lambda each: (each.route == SPREAD, each.log_e()))
        verdict = Verdict.VARIANCE_REFUTED if charge.route == SPREAD else Verdict.REFUTED
    elif verifier.look(level):
        smallest = verifier.smallest_epsilon(level)
        if smallest <= design.epsilon:
            verdict = Verdict.VERIFIED
    law = statement.law_claim
    tolerance = design.epsilon if law else statement.tolerance(design.epsilon)
    estimate = float(values.mean())
    return Judgement(
        verdict=verdict,
        coarse=False,
        mean=m,
        epsilon=design.epsilon,
        smallest_epsilon=smallest,
        scale=1.0 if law else s,
        tolerance=tolerance,
        relative_tolerance=tolerance / abs(m) if m and not law else None,
        screen_draws=count,
        confirm_draws=0,
        planned_draws=planned,
        routes=tuple(dict.fromkeys(each.route for each in charges)),
        accused_by=None if charge is None else charge.name,
        log_e={each.name: each.log_e() for each in charges},
        verified_by=verifier.route if verdict is Verdict.VERIFIED else None,
        note=f"recorded values, mean {estimate:.6g}: one threshold, nothing is confirmed",
        guarantee=guarantee_of(
            verdict,
            design,
            asymptotic=False,
            needs_variance=verifier.needs_variance
            if charge is None
            else charge.route == "two moments",
            law=law,
        ),
    )
