"""Moments on the line without selection: a linear recursion of ``E mu^a sigma^b (log sigma^2)^c``.

One generation of Replace or Accumulate moves such a moment by ``E z^j R^(b/2) (log R)^i``, the
joint moments of the mean's shift and the variance's factor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy import special

from theory.setting import Setting
from theory.vocabulary import Accumulate

Powers = tuple[int, int, int]  # of mu, sigma, log sigma^2
Polynomial = dict[Powers, float]

_HALF = 0.5
QUANTITIES: dict[str, Polynomial] = {
    "variance": {(0, 2, 0): 1.0},
    "variance_squared": {(0, 4, 0): 1.0},
    "squared_drift": {(2, 0, 0): 1.0},
    "log_variance": {(0, 0, 1): 1.0},
    "log_det": {(0, 0, 1): 1.0},
    "squared_w2": {(2, 0, 0): 1.0, (0, 2, 0): 1.0, (0, 1, 0): -2.0, (0, 0, 0): 1.0},
    "kl_model_to_start": {
        (0, 2, 0): _HALF,
        (2, 0, 0): _HALF,
        (0, 0, 1): -_HALF,
        (0, 0, 0): -_HALF,
    },
    "kl_start_to_model": {
        (0, -2, 0): _HALF,
        (2, -2, 0): _HALF,
        (0, 0, 1): _HALF,
        (0, 0, 0): -_HALF,
    },
}


def line_variance(setting: Setting, quantity: str, generations: int) -> float | None:
    """Variance of a quantity of `QUANTITIES`, sigma_0 = 1; None where a moment is not finite."""
    polynomial = QUANTITIES[quantity]
    wanted: dict[Powers, float] = {}
    for x, cx in polynomial.items():
        for y, cy in polynomial.items():
            key = (x[0] + y[0], x[1] + y[1], x[2] + y[2])
            wanted[key] = wanted.get(key, 0.0) + cx * cy
    keys = _downward({*wanted, *polynomial})
    state = {key: float(key[0] == 0 and key[2] == 0) for key in keys}
    for step in range(1, generations + 1):
        law = _StepLaw(setting, step)
        state = {key: _moved(key, state, law) for key in keys}
        if not all(math.isfinite(value) for value in state.values()):
            return None
    mean = sum(weight * state[key] for key, weight in polynomial.items())
    return sum(weight * state[key] for key, weight in wanted.items()) - mean**2


def _downward(keys: set[Powers]) -> list[Powers]:
    """All moments on which `keys` depend."""
    found, frontier = set(keys), list(keys)
    while frontier:
        a, b, c = frontier.pop()
        for j in range(0, a + 1, 2):
            for i in range(c + 1):
                key = (a - j, b + j, c - i)
                if key not in found:
                    found.add(key)
                    frontier.append(key)
    return sorted(found)


def _moved(key: Powers, state: Mapping[Powers, float], law: _StepLaw) -> float:
    a, b, c = key
    return sum(
        math.comb(a, j) * math.comb(c, i) * state[a - j, b + j, c - i] * law.moment(j, b, i)
        for j in range(0, a + 1, 2)
        for i in range(c + 1)
    )


class _StepLaw:
    """``E z^j R^(b/2) (log R)^i`` of generation `step`: z the mean's shift, R the factor."""

    def __init__(self, setting: Setting, step: int) -> None:
        size = setting.size(step)
        heat = 1.0 if step == 1 and setting.first_batch == "real" else float(setting.temperature)
        self.degrees = size - 1
        self.cache: dict[tuple[int, int, int], float] = {}
        pool = 0
        if isinstance(setting.workflow, Accumulate):
            pool = sum(setting.size(j) for j in range(1, step))
        total = pool + size
        less = 0 if setting.fit == "mle" else 1
        self.weight = size / total
        self.spread = heat / size
        self.held = (pool - less) / (total - less) if pool else 0.0
        self.scatter = heat / (total - less)
        # The pool's mean lies pool/total of the way from the batch's.
        self.shift = heat * pool / (total * (total - less))
        if self.held and self.degrees:
            self._grid()

    def _grid(self) -> None:
        """Nodes for w ~ chi2 (in log w) and for a standard normal: trapezoidal, so geometric."""
        half = self.degrees / 2
        low = math.log(2 * half) - min(40 / half + 12 / math.sqrt(half), 90)
        high = math.log(2 * half + 12 * math.sqrt(4 * half) + 90)
        y = np.linspace(low, high, 600)
        density = np.exp(half * y - np.exp(y) / 2 - half * math.log(2) - special.gammaln(half))
        x = np.linspace(-11, 11, 121)
        normal = np.exp(-(x**2) / 2) * (x[1] - x[0]) / math.sqrt(2 * math.pi)
        self.weights = np.outer(density * (y[1] - y[0]), normal)
        self.normal = x
        self.factor = self.held + self.scatter * np.exp(y)[:, None] + self.shift * x[None, :] ** 2
        self.log = np.log(self.factor)

    def moment(self, j: int, b: int, i: int) -> float:
        key = (j, b, i)
        if key not in self.cache:
            self.cache[key] = self._moment(j, b, i)
        return self.cache[key]

    def _moment(self, j: int, b: int, i: int) -> float:
        unit = (self.weight * math.sqrt(self.spread)) ** j
        if self.held and self.degrees:
            values = self.factor ** (b / 2) * self.log**i * self.normal[None, :] ** j
            return unit * float(np.sum(self.weights * values))
        if self.held:
            return math.nan
        odd = math.prod(range(1, j, 2))
        return unit * odd * _chi_moment(self.scatter, self.degrees, b / 2, i)


def _chi_moment(scale: float, degrees: int, power: float, logs: int) -> float:
    """E X^power (log X)^logs for X = scale chi2_degrees; infinite where it diverges."""
    if degrees == 0:
        return math.inf if logs or power < 0 else float(power == 0)
    half = degrees / 2
    if half + power <= 0:
        return math.inf
    mean = math.exp(
        power * math.log(2 * scale) + special.gammaln(half + power) - special.gammaln(half)
    )
    level = math.log(2 * scale) + float(special.digamma(half + power))
    if logs == 0:
        return mean
    return mean * level if logs == 1 else mean * (level**2 + special.polygamma(1, half + power))
