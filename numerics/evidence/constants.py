"""Claims that a first look decides: X is a constant, or nothing within its bounds contradicts."""

from __future__ import annotations

import math

import numpy as np

from numerics.evidence.design import FIRST_LOOK, Design
from numerics.evidence.reading import CONFIRM, SCREEN, Sampler, draw, estimate_effect
from numerics.evidence.rivals import Rival
from numerics.evidence.statement import Statement
from numerics.evidence.verdict import VACUOUS, Judgement, Verdict

ROUNDING = 1e-9


def judge_constant(
    draws: Sampler, statement: Statement, design: Design, rivals: list[Rival]
) -> Judgement:
    """Judge a claim of variance 0 on 1024 draws: all equal to m, up to 1e-9 of max(|m|, scale).

    Draws that differ from each other refute the variance; equal ones that are not m, the mean.
    """
    m, scale = statement.mean, statement.scale
    rounding = ROUNDING * max(abs(m), scale) or 1e-12
    first = draw(draws, SCREEN, 0, FIRST_LOOK, statement)
    screen = _decide(first, statement, rounding)
    verdict, confirm_draws = screen, 0
    if screen is not Verdict.VERIFIED:
        second = draw(draws, CONFIRM, 0, FIRST_LOOK, statement)
        confirm_draws = FIRST_LOOK
        if _decide(second, statement, rounding) is Verdict.VERIFIED:
            verdict = Verdict.INCONCLUSIVE
    refuted = verdict in (Verdict.REFUTED, Verdict.VARIANCE_REFUTED)
    tolerance = statement.tolerance(design.epsilon)
    off = float(np.max(np.abs(first - m)))
    for rival in rivals:
        rival.visible, rival.draws = True, FIRST_LOOK
        rival.refuted = bool(np.max(np.abs(first - rival.mean)) > rounding + statement.slack)
        rival.planned = FIRST_LOOK
    reports = tuple(rival.report() for rival in rivals)
    verified = verdict is Verdict.VERIFIED
    return Judgement(
        verdict=verdict,
        coarse=False,
        mean=m,
        epsilon=design.epsilon,
        smallest_epsilon=(max(off - statement.slack, 0.0) / scale if scale else 0.0)
        if verified and statement.relation == "="
        else None,
        scale=scale,
        tolerance=tolerance,
        relative_tolerance=tolerance / abs(m) if m else None,
        screen_draws=FIRST_LOOK,
        confirm_draws=confirm_draws,
        planned_draws=FIRST_LOOK,
        routes=("equality",),
        accused_by=None if screen is Verdict.VERIFIED else "equality",
        log_e={"equality": 0.0 if screen is Verdict.VERIFIED else math.inf},
        confirm_log_e=math.inf if refuted else None,
        unconfirmed=verdict is Verdict.INCONCLUSIVE,
        verified_by="equality" if verified else None,
        rivals=reports,
        effect=estimate_effect(draws, FIRST_LOOK, statement, design) if refuted else None,
        note=f"variance 0: every draw is compared with m, within {rounding:.2g}",
        guarantee=(
            f"all {FIRST_LOOK} draws equal m, or Var X > 0"
            if verified
            else "a draw that differs is a counterexample"
        ),
    )


def judge_vacuous(draws: Sampler, statement: Statement, design: Design) -> Judgement:
    """Judge a claim that its own bounds imply: 1024 draws that keep to them, and no more."""
    draw(draws, SCREEN, 0, FIRST_LOOK, statement)
    m, tolerance = statement.mean, statement.tolerance(design.epsilon)
    return Judgement(
        verdict=Verdict.VERIFIED,
        coarse=False,
        mean=m,
        epsilon=design.epsilon,
        smallest_epsilon=0.0,
        scale=statement.scale,
        tolerance=tolerance,
        relative_tolerance=tolerance / abs(m) if m else None,
        screen_draws=FIRST_LOOK,
        confirm_draws=0,
        planned_draws=FIRST_LOOK,
        routes=(),
        verified_by=VACUOUS,
        note=statement.vacuity,
        guarantee="the bounds imply the claim; nothing was tested but that draws keep to them",
    )


def _decide(values: np.ndarray, statement: Statement, rounding: float) -> Verdict:
    away = values - statement.mean
    beyond = {
        "=": np.abs(away) > rounding + statement.slack,
        "<=": away > rounding + statement.slack,
        ">=": -away > rounding + statement.slack,
    }[statement.relation]
    if float(np.ptp(values)) > rounding:
        return Verdict.VARIANCE_REFUTED
    return Verdict.REFUTED if bool(beyond.any()) else Verdict.VERIFIED
