"""Variance of one replicate of a quantity that independent factors multiply, in numbers.

``E mu^a sigma^b (log sigma^2)^c`` moves by ``E z^j R^(b/2) (log R)^i``, the joint moments of the
mean's shift z and of the variance's factor ``R = held + scatter chi2_degrees + shift chi2_1``; the
second chi-square is the square of z, up to its unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import special

Powers = tuple[int, int, int]  # of mu, sigma, log sigma^2
Polynomial = dict[Powers, float]


def variance(quantity: Polynomial, laws: Iterable[Factor]) -> float | None:
    """Variance of a polynomial in mu, sigma and log sigma^2; None where it is infinite.

    Parameters
    ----------
    quantity
        Coefficients by powers, in units of the truth: mu = 0, sigma = 1 at first.
    laws
        One law a generation.

    Examples
    --------
    >>> step = Factor(held=0.0, scatter=0.5, degrees=1)
    >>> round(variance({(0, 2, 0): 1.0}, [step]), 12)
    0.5
    """
    wanted: dict[Powers, float] = {}
    for x, cx in quantity.items():
        for y, cy in quantity.items():
            key = (x[0] + y[0], x[1] + y[1], x[2] + y[2])
            wanted[key] = wanted.get(key, 0.0) + cx * cy
    keys = _downward({*wanted, *quantity})
    state = {key: float(key[0] == 0 and key[2] == 0) for key in keys}
    for law in laws:
        state = {key: _moved(key, state, law) for key in keys}
        if not all(math.isfinite(value) for value in state.values()):
            return None
    mean = sum(weight * state[key] for key, weight in quantity.items())
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


def _moved(key: Powers, state: Mapping[Powers, float], law: Factor) -> float:
    a, b, c = key
    return sum(
        math.comb(a, j) * math.comb(c, i) * state[a - j, b + j, c - i] * law.moment(j, b, i)
        for j in range(0, a + 1, 2)
        for i in range(c + 1)
    )


@dataclass
class Factor:
    """``E z^j R^(b/2) (log R)^i`` of one generation.

    Parameters
    ----------
    held, scatter, degrees, shift
        ``R = held + scatter chi2_degrees + shift x^2`` with x standard normal.
    unit
        The mean's shift is ``unit x``.
    """

    held: float
    scatter: float
    degrees: int
    shift: float = 0.0
    unit: float = 0.0
    _cache: dict[Powers, float] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
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
        """The moment, computed once."""
        key = (j, b, i)
        if key not in self._cache:
            self._cache[key] = self._moment(j, b, i)
        return self._cache[key]

    def _moment(self, j: int, b: int, i: int) -> float:
        unit = self.unit**j
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
