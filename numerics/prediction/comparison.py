"""Predictions laid over recorded runs, group by group; nothing is simulated and nothing fitted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from numerics.prediction.curves import reasons_against, selected, unselected
from numerics.prediction.judgement import (
    Comparison,
    coverage,
    judge,
    make_cells,
    simultaneous_bound,
)
from numerics.prediction.scatter import chained, scatter
from numerics.prediction.setting import Group, RunsSetting
from numerics.prediction.starts import Start
from numerics.runs import Run, read_runs
from theory.errors import InvalidInput, RunsError

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# Generations judged by default: these, times powers of ten.
DIGITS = (1, 2, 3, 5)
# Relative difference of two traces that is rounding.
ROUNDING = 1e-6


def _recorded(run: Run, kind: str, source: str) -> Floats:
    if kind == "log_trace":
        return run.value
    low = np.flatnonzero(run.value <= 0)
    if low.size:
        raise RunsError(
            f"{source}: run {run.name} has trace {run.value[low[0]]:g} at generation "
            f"{run.generation[low[0]]}; a trace is positive"
        )
    return np.asarray(np.log(run.value))


def _common(runs: Sequence[Run]) -> Times:
    common = runs[0].generation
    for run in runs[1:]:
        common = np.intersect1d(common, run.generation)
    return common[common > 0]


def _judged(group: Group, common: Times) -> Times:
    if group.generations is not None:
        missing = sorted(set(group.generations) - set(common.tolist()))
        if missing:
            raise RunsError(
                f"group {group.name!r}: generation {missing[0]} is not recorded in every run"
            )
        return np.array(group.generations, dtype=np.int64)
    if common.size == 0:
        raise RunsError(f"group {group.name!r}: its runs share no generation after 0")
    last = int(common[-1]) if group.until is None else min(group.until, int(common[-1]))
    usual = {digit * 10**power for digit in DIGITS for power in range(6)}
    times = [int(t) for t in common if t <= last and (int(t) in usual or int(t) == last)]
    return np.array(times or [int(common[0])], dtype=np.int64)


def _beginnings(runs: Sequence[Run], logs: Sequence[Floats], starts: Sequence[Start]) -> list[str]:
    """What the runs record at generation 0, where it is not the start of the setting."""
    notes = []
    for run, log, start in zip(runs, logs, starts, strict=True):
        if run.generation[0] == 0:
            said, seen = float(np.trace(start.covariance)), float(np.exp(log[0]))
            if abs(seen - said) > ROUNDING * said:
                notes.append(
                    f"run {run.name} starts at trace {seen:.6g}, the setting at {said:.6g}"
                )
    return notes


def _compare(
    path: str | Path, setting: RunsSetting, group: Group, level: float, coarsest: float
) -> Comparison:
    kind = setting.value
    columns = {
        word: name for word, name in setting.columns.items() if word in ("run", "generation")
    }
    columns["value"] = setting.columns.get(kind, kind)
    table = read_runs(path, columns, group.where, gaps=True)
    runs, names = table.runs, tuple(run.name for run in table.runs)
    logs = [_recorded(run, kind, table.source) for run in runs]
    starts = [group.start(name) for name in names]
    common = _common(runs)
    shown = _judged(group, common)
    chain = chained(common[common <= shown[-1]])
    every = np.union1d(shown, chain)
    curves = (
        unselected(group, starts, every, chain)
        if group.kept_fraction is None
        else selected(group, names, starts, every, chain)
    )
    seen = np.stack(
        [log[np.searchsorted(run.generation, every)] for run, log in zip(runs, logs, strict=True)]
    )
    linked = np.isin(every, chain)
    free = not any(why for why, link in zip(reasons_against(curves), linked, strict=True) if link)
    moved = (
        scatter((seen - curves.middle)[:, linked], curves.joint, chain, group.sample_size, level)
        if free
        else None
    )
    judged = np.isin(every, shown)
    times, curves, seen = shown, curves.at(judged), seen[:, judged]
    reasons = reasons_against(curves)
    fine = np.array([not reason for reason in reasons], dtype=bool)
    bound = simultaneous_bound(level, max(int(fine.sum()), 1))
    residual, spread = (seen - curves.mean)[:, fine], curves.spread[:, fine]
    cells = make_cells(
        times[fine], residual, spread, curves.mean[:, fine], curves.own[:, fine], bound
    )
    outcome, reason = judge(cells, len(runs), bound, coarsest, moved)
    share, interval = coverage(residual, spread, group.name)
    return Comparison(
        name=group.name,
        runs=names,
        outcome=outcome,
        reason=reason,
        level=level,
        bound=bound,
        cells=cells,
        unjudged=tuple((int(t), why) for t, why in zip(times, reasons, strict=True) if why),
        coverage=share,
        coverage_interval=interval,
        scatter=moved,
        notes=tuple(_beginnings(runs, logs, starts)),
        times=times,
        predicted=curves.mean,
        spread=curves.spread,
        recorded=seen,
    )


def predict_runs(
    path: str | Path, setting: RunsSetting, *, level: float = 0.99, coarsest: float = 0.5
) -> tuple[Comparison, ...]:
    """Lay predictions over recorded runs.

    Parameters
    ----------
    path
        A ``.csv`` or ``.parquet`` file with one row for each run and generation.
    setting
        What the runs are; see `read_setting`.
    level
        Simultaneous level of each group's bound, in (0, 1).
    coarsest
        Resolution, in log Tr, beyond which agreement is no verdict.

    Returns
    -------
    tuple of Comparison
        One for each group of the setting, in its order.

    Raises
    ------
    RunsError, InvalidInput
        If the table or the setting cannot be read, or do not fit each other.

    Notes
    -----
    The mean is the population flow with its 1/n correction, the band its linearised noise
    (`theory.flow`); without selection, exact moments of the trace (`theory.unselected`). How the
    verdict is made: `numerics.prediction.judgement`.

    Examples
    --------
    >>> import tempfile
    >>> from numerics.prediction.setting import describe
    >>> file = Path(tempfile.mkdtemp()) / "runs.csv"
    >>> _ = file.write_text(
    ...     "run,generation,trace\\n" + "".join(f"{r},1,9.2\\n{r},2,8.1\\n" for r in range(5))
    ... )
    >>> group = {"workflow": "replace", "sample_size": 10}
    >>> setting = describe({"start": {"distance": 0, "dimension": 10}, "group": [group]})
    >>> str(predict_runs(file, setting)[0].outcome)
    'AGREES'
    """
    if not 0 < level < 1:
        raise InvalidInput(f"level = {level} must lie in (0, 1)")
    if not coarsest > 0:
        raise InvalidInput(f"resolution = {coarsest} must be positive")
    with threadpool_limits(1):  # matrices are small: more threads only wait for each other
        return tuple(_compare(path, setting, group, level, coarsest) for group in setting.groups)
