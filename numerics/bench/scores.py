"""From rows to scores: bias with its interval, raw and with the control variate; RMSE; time.

All errors are relative to the truth's W2^2. The control variate is the mean of the true dual
potentials less its expectation, with the coefficient 1 fixed beforehand, so that it changes no
expectation; estimators of another functional are scored against W2^2 too, and against their own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from numerics.wasserstein.estimate import Array


@dataclass(frozen=True)
class Score:
    """How one estimator did on one truth at one size.

    Attributes
    ----------
    family, dimension, member, n, estimator, functional
        The cell.
    replicates, failures, unconverged, warnings
        Counts: of samples, of those without a value, without convergence, of warnings heard.
    bias, half_width
        Mean relative error and the half-width of its 95 % interval (Student).
    controlled_bias, controlled_half_width
        The same with the control variate.
    rmse
        Root of the mean squared relative error.
    own_bias
        Mean error relative to the estimator's own functional, or NaN where that is not known.
    seconds
        Median time of a call.
    """

    family: str
    dimension: int
    member: int
    n: int
    estimator: str
    functional: str
    replicates: int
    failures: int
    unconverged: int
    warnings: int
    bias: float
    half_width: float
    controlled_bias: float
    controlled_half_width: float
    rmse: float
    own_bias: float
    seconds: float


def interval(errors: Array) -> tuple[float, float]:
    """Mean and half-width of its 95 % interval; infinite for fewer than two numbers.

    Examples
    --------
    >>> mean, half = interval(np.array([1.0, 2.0, 3.0]))
    >>> mean, round(half, 3)
    (2.0, 2.484)
    """
    if len(errors) == 0:
        return math.nan, math.inf
    if len(errors) == 1:
        return float(errors[0]), math.inf
    spread = float(errors.std(ddof=1)) / math.sqrt(len(errors))
    return float(errors.mean()), float(stdtrit(len(errors) - 1, 0.975)) * spread


def scores(rows: Iterable[dict[str, Any]]) -> list[Score]:
    """One score for each truth, size and estimator, in order of the cells."""
    cells: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        cells[row["dimension"], row["n"], row["family"], row["member"], row["estimator"]].append(
            row
        )
    found = []
    for (dimension, n, family, member, name), own in sorted(cells.items()):
        # In the order of the replicates, so that sums do not depend on who finished first.
        own = sorted(own, key=lambda row: int(row["replicate"]))
        good = [row for row in own if row["value"] is not None]
        truth = float(own[0]["squared_w2"])
        values = np.array([row["value"] for row in good], dtype=float)
        control = np.array([row["control"] for row in good], dtype=float)
        errors = values / truth - 1
        bias, half = interval(errors)
        controlled, controlled_half = interval(errors - control / truth)
        mine = next((row["own_truth"] for row in own if row["own_truth"] is not None), None)
        found.append(
            Score(
                family,
                dimension,
                member,
                n,
                name,
                own[0]["functional"],
                len(own),
                len(own) - len(good),
                sum(not row["converged"] for row in own),
                sum(int(row["warnings"]) for row in own),
                bias,
                half,
                controlled,
                controlled_half,
                float(np.sqrt(np.mean(errors**2))) if len(errors) else math.nan,
                math.nan if mine is None or not len(values) else float(values.mean()) / mine - 1,
                float(np.median([row["seconds"] for row in own])),
            )
        )
    return found


@dataclass(frozen=True)
class Overall:
    """An estimator over all truths of one dimension and size."""

    estimator: str
    functional: str
    dimension: int
    n: int
    truths: int
    median_rmse: float
    worst_rmse: float
    worst_family: str
    seconds: float
    failures: int
    unconverged: int
    on_front: bool = False


def overall(found: Sequence[Score]) -> list[Overall]:
    """Each estimator over the truths of each (d, n), best first, with the accuracy-time front.

    An estimator is on the front if no other is both at least as accurate in the median and at
    least as fast. One that failed somewhere has an infinite worst RMSE, but keeps its median.
    """
    cells: dict[tuple[int, int, str], list[Score]] = defaultdict(list)
    for score in found:
        cells[score.dimension, score.n, score.estimator].append(score)
    lines = []
    for (dimension, n, name), own in cells.items():
        errors = [each.rmse if not each.failures else math.inf for each in own]
        worst = int(np.argmax(errors))
        lines.append(
            Overall(
                name,
                own[0].functional,
                dimension,
                n,
                len(own),
                float(np.median(errors)),
                float(errors[worst]),
                own[worst].family,
                float(np.median([each.seconds for each in own])),
                sum(each.failures for each in own),
                sum(each.unconverged for each in own),
            )
        )
    marked = []
    for line in lines:
        beaten = any(
            (other.dimension, other.n) == (line.dimension, line.n)
            and other.median_rmse <= line.median_rmse
            and other.seconds <= line.seconds
            and (other.median_rmse, other.seconds) != (line.median_rmse, line.seconds)
            for other in lines
        )
        marked.append(Overall(**{**line.__dict__, "on_front": not beaten}))
    return sorted(marked, key=lambda line: (line.dimension, line.n, line.median_rmse))
