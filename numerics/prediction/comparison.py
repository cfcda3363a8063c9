"""Predictions laid over recorded runs, group by group; nothing is simulated and nothing fitted."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from numerics.prediction.cells import coverage, make_cells, simultaneous_bound
from numerics.prediction.curves import Curves
from numerics.prediction.foreseen import foresee
from numerics.prediction.group import Group
from numerics.prediction.judgement import Column, Comparison, judge
from numerics.prediction.records import beginnings, missing, read_records
from numerics.prediction.scatter import Scatter, chained, scatter
from numerics.prediction.setting import DET, MEAN, RunsSetting
from theory.errors import InvalidInput, RunsError

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# Generations judged by default: these, times powers of ten.
DIGITS = (1, 2, 3, 5)


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


@dataclass(frozen=True)
class _Laid:
    """A prediction laid over one recorded column, at the generations shown."""

    label: str
    curves: Curves
    recorded: Floats
    reasons: list[str]

    @property
    def fine(self) -> NDArray[np.bool_]:
        return np.array([not reason for reason in self.reasons], dtype=bool)

    def judged(
        self, name: str, times: Times, bound: float, coarsest: float, moved: Scatter | None
    ) -> Column:
        """The column with its verdict."""
        fine = self.fine
        curves = self.curves.at(fine)
        residual = curves.ratio(self.recorded[:, fine])
        cells = make_cells(times[fine], residual, curves.spread, curves.mean, curves.own, bound)
        runs = len(self.recorded)
        outcome, reason = judge(cells, runs, bound, coarsest, self.label, moved)
        share, interval = coverage(residual, curves.spread, name)
        unjudged = tuple((int(t), why) for t, why in zip(times, self.reasons, strict=True) if why)
        return Column(
            self.label,
            outcome,
            reason,
            cells,
            unjudged,
            share,
            interval,
            curves=self.curves,
            recorded=self.recorded,
        )


def _compare(
    path: str | Path, setting: RunsSetting, group: Group, level: float, coarsest: float
) -> Comparison:
    records = read_records(path, setting, group)
    trace, names = records[0], records[0].names
    starts = [group.start(name) for name in names]
    common = trace.common()
    shown = _judged(group, common)
    chain = chained(common[common <= shown[-1]])
    every = np.union1d(shown, chain)
    foreseen = foresee(group, names, starts, every, chain)
    linked = np.isin(every, chain)
    seen, reasons = trace.at(every), foreseen.trace.reasons_against()
    # The noise is looked at as far as the mean can be judged.
    against = [bool(why) for why, link in zip(reasons, linked, strict=True) if link]
    until = against.index(True) if any(against) else chain.size
    lengths = np.full(len(names), until)
    if foreseen.lengths is not None:
        lengths = np.minimum(lengths, foreseen.lengths)
    noise = scatter(
        (seen - foreseen.middle)[:, linked],
        foreseen.joint,
        chain,
        group.sample_size,
        level,
        lengths,
    )
    here = np.isin(every, shown)
    predicted = {MEAN: foreseen.distance, DET: foreseen.det}
    laid = []
    for record in records:
        curves = predicted.get(record.word, foreseen.trace).at(here)
        label = record.word if record.word in predicted else "Tr"
        laid.append(_Laid(label, curves, record.at(shown), curves.reasons_against()))
    # One bound for all: the error probability is shared.
    bound = simultaneous_bound(level, max(sum(int(each.fine.sum()) for each in laid), 1))
    verdicts = {
        each.label: each.judged(group.name, shown, bound, coarsest, None if i else noise)
        for i, each in enumerate(laid)
    }
    return Comparison(
        name=group.name,
        runs=names,
        level=level,
        bound=bound,
        trace=verdicts["Tr"],
        mean_error=verdicts.get(MEAN),
        log_det=verdicts.get(DET),
        scatter=noise,
        notes=(*beginnings(records, starts), *missing(trace, common)),
        times=shown,
    )


def predict_runs(
    path: str | Path, setting: RunsSetting, *, level: float = 0.99, coarsest: float = 0.5
) -> tuple[Comparison, ...]:
    """Lay predictions over recorded runs.

    Parameters
    ----------
    path
        A ``.csv``, ``.tsv`` or ``.parquet`` file with one row for each run and generation.
    setting
        What the runs are; see `read_setting`.
    level
        Simultaneous level of each group's bound, in (0, 1).
    coarsest
        Resolution, in the logarithm, beyond which agreement is no verdict.

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
    Mean and band are those of `theory.flow`; without selection, exact moments
    (`theory.unselected`, `theory.unselected_mean`, `theory.unselected_det`). Where the table has a
    column of the squared distance of the mean from the true mean, or of the logarithm of the
    determinant, it is judged too. How the verdict is made:
    `numerics.prediction.judgement`.

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
    if not isinstance(setting, RunsSetting):
        kind = type(setting).__name__
        raise InvalidInput(f"setting is what read_setting or describe gives, not {kind}")
    if not isinstance(level, Real) or not 0 < level < 1:
        raise InvalidInput(f"level = {level} must lie in (0, 1)")
    if not isinstance(coarsest, Real) or not coarsest > 0:
        raise InvalidInput(f"resolution = {coarsest} must be positive")
    with threadpool_limits(1):  # matrices are small: more threads only wait for each other
        return tuple(_compare(path, setting, group, level, coarsest) for group in setting.groups)
