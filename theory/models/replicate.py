"""Variance of one replicate of a polynomial in the fitted mean, in numbers.

A fit's mean is a weighted sum of the last one, of a batch's deviation from it, and of real means.
The deviation has cumulants that are polynomials in the last mean (`theory.models.meanstep`), so
the moments of fitted and frozen mean up to the fourth move linearly among themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from theory.models.meanstep import Variance, batch_moments
from theory.setting import Setting
from theory.vocabulary import Accumulate, AccumulateSubsample, FixedReal

ORDER = 4
_X, _M = sp.symbols("x m")


@dataclass(frozen=True)
class Weights:
    """What the next mean is made of, less the true mean: weights and numbers of points."""

    old: float
    frozen: float
    fresh: float
    made: float
    batch: int
    real: int


def weights(setting: Setting, generations: int) -> Iterator[Weights]:
    """The weights of each generation; the fit's mean is a pool's, so that they add up to 1."""
    pool = 0
    for step in range(1, generations + 1):
        size, real = setting.size(step), setting.real_size(step)
        batch = size - real
        if isinstance(setting.workflow, Accumulate):
            pool += size
            yield Weights(1, 0, 0, size / pool, size, 0)
            continue
        frozen = real / size if isinstance(setting.workflow, FixedReal) else 0.0
        # A generated point brings the last mean along, and its own deviation.
        old = batch / size
        yield Weights(old, frozen, real / size - frozen, old, batch, real)


@lru_cache(maxsize=64)
def _central(law: Variance) -> list[list[list[float]]]:
    """Coefficients in (1/size, x) of the central moments of a batch's mean, by order."""
    found = []
    for order in range(ORDER + 1):
        moment = batch_moments(law, _X, 1 / _M)((order, 0))
        poly = sp.Poly(sp.expand(moment), _M, _X)
        table = [[0.0] * (ORDER + 1) for _ in range(ORDER + 1)]
        for (i, j), weight in poly.terms():
            table[i][j] = float(weight)
        found.append(table)
    return found


def _moments(law: Variance, size: int) -> list[np.ndarray]:
    """Central moments of a batch's mean of `size` points, as polynomials in the model's mean."""
    inverse = np.array([1 / size**i for i in range(ORDER + 1)]) if size else np.zeros(ORDER + 1)
    found = [inverse @ np.array(table) for table in _central(law)]
    found[0] = np.eye(ORDER + 1)[0]
    return found


def variance(
    law: Variance, quantity: Mapping[int, float], setting: Setting, generations: int
) -> float | None:
    """Variance of ``sum c_j (m_t - m_0)^j``, j at most 2, after so many generations.

    Parameters
    ----------
    law
        The variance of the law in numbers, as a function of its mean.
    quantity
        The coefficients c_j, by power.
    setting, generations
        A setting that trains this law.

    Returns
    -------
    float or None
        None where the fit sees a part of a pool.

    Examples
    --------
    >>> from theory.model import Poisson
    >>> poisson = Variance(sp.Integer(2), sp.Integer(1), sp.Integer(0))
    >>> variance(poisson, {1: 1.0}, Setting(model=Poisson(2), sample_size=10), 5)
    1.0
    """
    if isinstance(setting.workflow, AccumulateSubsample):
        return None
    real = setting.real_size(1) if isinstance(setting.workflow, FixedReal) else 0
    # Moments of the two means, all 0 but those of the frozen one.
    powers = range(ORDER + 1)
    state = {(a, b): 0.0 for a in powers for b in powers if a + b <= ORDER and (real or not b)}
    frozen = [float(each[0]) for each in _moments(law, real)]
    for b in powers if real else (0,):
        state[0, b] = frozen[b]
    for step in weights(setting, generations):
        state = _next(state, step, law)
    terms = [(power, float(weight)) for power, weight in quantity.items() if power]
    first = sum(weight * state[power, 0] for power, weight in terms)
    second = sum(one * other * state[i + j, 0] for i, one in terms for j, other in terms)
    value = second - first**2
    return max(value, 0.0) if math.isfinite(value) else None


def _next(
    state: Mapping[tuple[int, int], float], step: Weights, law: Variance
) -> dict[tuple[int, int], float]:
    made = _moments(law, step.batch)
    fresh = [float(each[0]) for each in _moments(law, step.real if step.fresh else 0)]
    found = {}
    for a, b in state:
        total = 0.0
        for i, j, u, v in _compositions(a):
            if (j and not step.frozen) or (u and not step.fresh):
                continue
            # i factors of the old mean, j of the frozen one, u of fresh real data, v of the batch
            share = (
                math.factorial(a)
                / math.prod(math.factorial(x) for x in (i, j, u, v))
                * step.old**i
                * step.frozen**j
                * step.fresh**u
                * step.made**v
                * fresh[u]
            )
            if share:
                total += share * sum(
                    float(weight) * state[i + power, b + j]
                    for power, weight in enumerate(made[v])
                    if weight
                )
        found[a, b] = total
    return found


@lru_cache(maxsize=8)
def _compositions(total: int) -> tuple[tuple[int, int, int, int], ...]:
    spans = range(total + 1)
    return tuple(
        (i, j, u, total - i - j - u)
        for i in spans
        for j in spans
        for u in spans
        if i + j + u <= total
    )
