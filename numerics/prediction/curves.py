"""Predicted curves of the runs of a group, and where they cannot be held against a record.

Everything is a logarithm, and what is judged is nearly normal. That is the logarithm of a trace;
of a squared distance, it is the cube root (`theory.flow.cuberoot`): the logarithm of a distance
that may be 0 has a long tail. `Curves.power` is 0 and 1/3, and the log ratio of recorded x to
predicted m is ``((x/m)^power - 1) / power``, which is ``log(x/m)`` up to its square.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Share of a standard error of the mean that the ridge may move the population law by.
MOVED = 0.1


@dataclass(frozen=True)
class Curves:
    """What is predicted of one recorded column, per run; every array has shape (runs, T).

    Attributes
    ----------
    power
        Power of the recorded number that is nearly normal; 0 for its logarithm.
    mean, spread
        Logarithm of the number at which the mean of that lies, and standard deviation of the log
        ratio; NaN where a run is not predicted.
    own
        What the mean may be off by itself, see `numerics.prediction.judgement`.
    ridge
        What the largest isotropic ridge that contains the true one moves the population law by,
        where the ridge is not part of the prediction.
    """

    power: float
    mean: Floats
    spread: Floats
    own: Floats
    ridge: Floats

    def at(self, chosen: NDArray[np.bool_]) -> Curves:
        """Some of the generations."""
        words = ("mean", "spread", "own", "ridge")
        return replace(self, **{word: getattr(self, word)[:, chosen] for word in words})

    def ratio(self, logs: Floats) -> Floats:
        """Log ratios of recorded numbers, whose logarithms are given, to the predicted ones."""
        with np.errstate(invalid="ignore"):
            away = np.asarray(logs - self.mean)
        return np.asarray(np.expm1(self.power * away) / self.power) if self.power else away

    def band(self, deviations: float) -> tuple[Floats, Floats]:
        """Logarithms of the ends of a band of so many deviations; -inf for a distance of 0."""
        ends = (-deviations * self.spread, deviations * self.spread)
        if not self.power:
            return self.mean + ends[0], self.mean + ends[1]
        with np.errstate(divide="ignore"):
            low, high = (np.log1p(np.maximum(self.power * x, -1.0)) / self.power for x in ends)
        return self.mean + low, self.mean + high

    def reasons_against(self) -> list[str]:
        """Why a generation cannot be judged; empty where it can."""
        predicted = np.isfinite(self.mean) & np.isfinite(self.spread)
        some = predicted.sum(axis=0)
        variance = np.where(predicted, self.spread**2, 0.0).sum(axis=0)
        error = np.sqrt(variance) / np.maximum(some, 1)
        found = []
        for i in range(self.mean.shape[1]):
            if 2 * some[i] < len(predicted):
                found.append("fewer than half of the runs can be predicted that far")
            elif np.abs(self.ridge[:, i]).mean() > MOVED * error[i]:
                found.append("the ridge may matter, and is not in the flow of three numbers")
            else:
                found.append("")
        return found


def neglected(correction: Floats, apart: Floats, spread: Floats | float = 0.0) -> Floats:
    """Size of what is left out, from the correction that was made and from a second form of it.

    Two forms of the law of a run that agree in 1/n differ by terms in 1/n^2, which both leave out.
    Where the first correction is all there is, and `apart` NaN: were its terms a geometric series,
    the next would be its square; with a verifier terms also fall as the runs scatter, `spread`. The
    largest up to a generation counts, as corrections change their sign.
    """
    size, single = np.abs(correction), np.isnan(apart)
    scatter = np.where(single, np.maximum.accumulate(np.nan_to_num(spread + 0 * size), axis=1), 0.0)
    size = np.maximum.accumulate(np.nan_to_num(size), axis=1)
    own = np.fmax(size * np.maximum(size, scatter), apart)
    return np.asarray(np.maximum.accumulate(np.nan_to_num(own), axis=1))
