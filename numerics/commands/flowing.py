"""``collapse derive --distance``: around a fixed target there is no closed form, but a flow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from numerics.report.wording import number
from theory.domain import Number
from theory.errors import InvalidInput
from theory.flow import (
    FlowProblem,
    Trajectory,
    asymptotic_exponent,
    half_life,
    predict,
    threshold,
    trajectory,
)
from theory.flow.problem import FLOWING
from theory.foretold import FURTHEST, LEVEL
from theory.vocabulary import WORKFLOWS, Accumulate, AccumulateSubsample, FreshReal, Replace

_KINDS: dict[str, type[Replace | Accumulate | AccumulateSubsample]] = {
    each.name: each for each in (Replace, Accumulate, AccumulateSubsample)
}
LETTERS = ("alpha", "d", "n", "t", "f")
# The population flow is known in log time.
LATEST = 10**8
# A gap that is nothing but rounding.
ROUNDING = 1e-12


def read_problem(workflow: str, distance: Number, values: Mapping[str, Number]) -> FlowProblem:
    """The flow problem of the options of the command line.

    Parameters
    ----------
    workflow
        Name of the workflow.
    distance
        Of the target from the true mean, in true deviations.
    values
        Numbers for alpha and, where they are asked for, d, n, t and f.

    Raises
    ------
    InvalidInput
        If alpha is missing, a letter has no meaning here, or a value is not accepted.
    """
    surplus = sorted(set(values) - set(LETTERS))
    if surplus:
        raise InvalidInput(
            f"--at gives {surplus[0]}, which a fixed target does not have; it has "
            f"{', '.join(LETTERS)}"
        )
    if "alpha" not in values:
        raise InvalidInput("--distance needs the kept fraction: --at alpha=0.1")
    kind = WORKFLOWS[workflow]
    if kind not in FLOWING:
        accepted = ", ".join(each.name for each in FLOWING)
        raise InvalidInput(f"{workflow} with a fixed target has no flow; accepted: {accepted}")
    if kind is AccumulateSubsample and "n" in values:
        raise InvalidInput(f"{workflow} has a population flow but no 1/n correction; leave n out")
    if kind is FreshReal and "f" not in values:
        raise InvalidInput("fresh-real needs its share of real points: --at f=0.2")
    if "n" in values and "t" not in values:
        raise InvalidInput("--at gives n and no t; the correction for finite n is of a generation")
    made = FreshReal(values["f"]) if kind is FreshReal else _KINDS[kind.name]()
    size = values.get("n")
    return FlowProblem(
        made,
        dimension=int(values.get("d", 1)),
        distance=float(distance),
        kept_fraction=float(values["alpha"]),
        sample_size=None if size is None else int(size),
    )


def flow_document(problem: FlowProblem, t: int | None) -> dict[str, Any]:
    """What the flow says, as plain values; None for what is infinite or does not exist."""
    if t is not None and not 0 <= t <= LATEST:
        raise InvalidInput(f"t = {t} is not in [0, {LATEST:.0e}]")
    grows = not isinstance(problem.workflow, Replace | FreshReal)
    share, d = problem.kept_fraction, problem.dimension
    times = sorted({LATEST // 10, LATEST, LATEST if t is None else t})
    seen = trajectory(problem, times)
    told: dict[str, Any] = {
        "arrives": _arrives(problem, seen),
        "final_gap": float(seen.gap[-1]),
        "half_life": _finite(half_life(problem)),
        "exponent": asymptotic_exponent(share, d) if grows else None,
        "threshold": _finite(threshold(share, d)) if grows else None,
    }
    if t is None:
        return told
    place = times.index(t)
    told |= {
        "t": t,
        "log_trace_population": float(seen.log_trace[place]),
        "gap_population": float(seen.gap[place]),
        "psi": _finite(float(seen.psi[place])) if grows else None,
    }
    if problem.sample_size is None:
        return told
    if t > FURTHEST:
        raise InvalidInput(f"t = {t}: the correction for finite n is known up to t = {FURTHEST}")
    run = predict(problem, [t], LEVEL)
    low, high = run.log_trace_band
    return told | {
        "log_trace": _finite(float(run.log_trace[0])),
        "log_trace_band": [_finite(float(low[0])), _finite(float(high[0]))],
        "squared_drift": _finite(float(run.distance[0])),
    }


def _arrives(problem: FlowProblem, seen: Trajectory) -> bool:
    """Whether the mean reaches the target: at last the gap falls faster than the deviation."""
    if isinstance(problem.workflow, FreshReal):  # real points pull it back
        return problem.distance == 0
    if seen.gap[-1] <= ROUNDING * max(problem.distance, 1.0):
        return True
    early, late = np.log(seen.gap[-2:]) - 0.5 * seen.log_along[-2:]
    return bool(late <= early)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def flow_lines(problem: FlowProblem, told: Mapping[str, Any]) -> list[str]:
    """The same in sentences, one a line."""
    name, gap = problem.workflow.name, told["final_gap"]
    lines = [
        f"{name}, top-fraction {problem.kept_fraction:g} around a fixed target "
        f"{problem.distance:g} deviations from the true mean, d = {problem.dimension}",
        "No closed form: the state is the gap and two variances. Its population flow says:",
    ]
    if told["arrives"]:
        lines.append("  the mean arrives at the target")
    else:
        lines.append(f"  the mean stops {number(gap)} deviations short of the target")
    if told["exponent"] is not None and told["arrives"]:
        lines.append(f"  then Tr Σ_t falls like t^-{number(told['exponent'])}: 1 - κ_d(α)")
    if told["threshold"] is not None:
        lines.append(
            f"  a target beyond {number(told['threshold'])} deviations of the model is not reached"
        )
    half = told["half_life"]
    lines.append(
        "  Tr Σ_t stays above half the true trace"
        if half is None
        else f"  half the true trace is left at t = {number(half)}"
    )
    if "t" not in told:
        return lines
    shown = f"at t = {told['t']}"
    lines.append(
        f"  {shown} log Tr Σ is {number(told['log_trace_population'])}, the gap "
        f"{number(told['gap_population'])}"
        + ("" if told["psi"] is None else f", the local exponent {number(told['psi'])}")
    )
    if "log_trace" in told:
        lines.append(_finite_run(problem, told, shown))
    return lines


def _finite_run(problem: FlowProblem, told: Mapping[str, Any], shown: str) -> str:
    n = problem.sample_size
    if told["log_trace"] is None:
        return f"With n = {n}: not known, rounding has eaten the correction {shown}"
    low, high = told["log_trace_band"]
    drift = told["squared_drift"]
    moved = "" if drift is None else f"; E |μ_t - μ_0|² = {number(drift)}"
    return (
        f"With n = {n}, {shown}: E log Tr Σ = {number(told['log_trace'])}, "
        f"{LEVEL:.0%} of runs in [{number(low)}, {number(high)}]{moved}"
    )
