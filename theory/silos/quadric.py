"""Moments of a Gaussian point that is kept by a quadratic score: ``x'Ax + b'x <= c``.

In deviations of the model, z ~ N(0, I), the score is ``sum a_j z_j^2 + beta_j z_j`` along the
eigenvectors of ``Sigma^(1/2) A Sigma^(1/2)``, with any signs of a. With ``h_j = 1 - 2 i tau a_j``
and ``g_j = i tau beta_j/h_j`` its characteristic function is

    phi(tau) = prod h_j^(-1/2) exp(-tau^2 beta_j^2/(2 h_j)),

and Gil-Pelaez's inversion gives (Imhof 1961; Davies 1973), with P(score <= c) = alpha,

    alpha = 1/2 - (1/pi) int_0^inf Im(e^{-i tau c} phi) dtau/tau,
    alpha E z_j = -(1/pi) int Im(e^{-i tau c} phi g_j) dtau/tau,
    alpha E z_j z_k = d_jk/2 - (1/pi) int Im(e^{-i tau c} phi (g_j g_k + d_jk/h_j)) dtau/tau.

The integrands are smooth at 0 and oscillate like ``e^{-i tau c}``: the trapezoidal rule on a
uniform grid converges geometrically until the period of the grid, ``2 pi/step``, reaches into the
law of the score (Davies 1973), so the step follows the spread of the score. The integrand falls
off like ``tau^(-1-d/2)``; where it has not fallen to 1e-7 within the nodes that are held, which
happens with one axis far ahead of all others, the score is refused. In one dimension, or where the
other axes have no part in the score, `theory.silos.interval` has the moments in closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from theory.errors import CollapseError, InvalidInput
from theory.silos.interval import kept_on_a_line

Floats = NDArray[np.float64]
_NODES = 2**17
_ENOUGH = 1e-7


@dataclass(frozen=True)
class KeptByScore:
    """Moments of one kept point, in deviations of the model from its mean.

    Attributes
    ----------
    mean : ndarray (d,)
        ``E z``.
    second : ndarray (d, d)
        ``E z z'``.
    threshold : float
        The c that keeps the fraction.
    """

    mean: Floats
    second: Floats
    threshold: float


def kept_by_score(kept_fraction: float, form: Floats, linear: Floats) -> KeptByScore:
    """Moments of a standard normal point kept because ``z'Az + b'z`` is among the lowest.

    Parameters
    ----------
    kept_fraction : float
        In (0, 1).
    form : ndarray (d, d)
        A, symmetric, of any signature.
    linear : ndarray (d,)
        b.

    Raises
    ------
    InvalidInput
        If an argument lies outside, or the score is constant.
    CollapseError
        If one axis decides nearly, but not wholly, alone, or so few are kept that what the grid
        leaves out (1e-7 of the mass) would count: the score is then too rough to invert.

    Examples
    --------
    >>> kept = kept_by_score(0.5, np.eye(2), np.zeros(2))  # Tallis: 1 - log 2
    >>> np.diag(kept.second).round(7).tolist(), round(kept.threshold, 7)
    ([0.3068528, 0.3068528], 1.3862944)
    """
    matrix, vector = np.asarray(form, dtype=float), np.asarray(linear, dtype=float)
    if not 0 < kept_fraction < 1:
        raise InvalidInput(f"kept_fraction = {kept_fraction!r} is not in (0, 1)")
    if vector.ndim != 1 or matrix.shape != (len(vector), len(vector)):
        raise InvalidInput(f"a form of shape {matrix.shape} with a linear part {vector.shape}")
    if not (np.isfinite(matrix).all() and np.isfinite(vector).all()):
        raise InvalidInput("a score holds NaN or Inf; accepted: finite numbers")
    a, axes = np.linalg.eigh((matrix + matrix.T) / 2)
    beta = axes.T @ vector
    spread = math.sqrt(float(2 * a @ a + beta @ beta))
    if spread == 0:
        raise InvalidInput("the score is constant: it keeps no point before another")
    # What rounding left in an axis is no part of the score.
    deciding = np.flatnonzero(np.maximum(np.abs(a), np.abs(beta)) > 1e-14 * spread)
    if len(deciding) == 1:
        return _by_one_axis(kept_fraction, axes, int(deciding[0]), a, beta)
    # A score without scale: only its order matters.
    rarer = min(kept_fraction, 1 - kept_fraction)
    inner = _Inversion(a / spread, beta / spread, min(_ENOUGH, 1e-3 * rarer))
    c = inner.quantile(kept_fraction)
    mean, second = inner.moments(c)
    return KeptByScore(
        axes @ mean / kept_fraction, axes @ (second / kept_fraction) @ axes.T, c * spread
    )


def _by_one_axis(
    kept_fraction: float, axes: Floats, deciding: int, a: Floats, beta: Floats
) -> KeptByScore:
    first, square, threshold = kept_on_a_line(
        kept_fraction, float(a[deciding]), float(beta[deciding])
    )
    mean, second = np.zeros(len(a)), np.ones(len(a))
    mean[deciding], second[deciding] = first / kept_fraction, square / kept_fraction
    return KeptByScore(axes @ mean, (axes * second) @ axes.T, threshold)


class _Inversion:
    """The characteristic function of a score of unit variance on one grid, for all thresholds."""

    def __init__(self, a: Floats, beta: Floats, enough: float) -> None:
        self.a, self.beta = a, beta
        self.centre = float(a.sum())
        # Beyond this reach the score has a mass below 1e-10, be it a normal or chi-square tail;
        # with this step the images of the grid lie beyond it.
        largest = float(np.abs(a).max())
        reach = 9.0 + 50.0 * largest
        self.step = 2 * math.pi / (2 * reach)
        count = min(int(self._last(1e-2 * enough) / self.step) + 2, _NODES)
        left = math.exp(self._size(count * self.step)) / (count * self.step)
        if left > enough:
            raise CollapseError(
                f"the law of this score is too rough to invert: {left:.2g} is left after "
                f"{count} nodes, of {enough:.2g} accepted (one axis decides nearly alone, or too "
                "few are kept)"
            )
        # Midpoints: the pole at 0 is never met, and the rule is as accurate.
        self.tau = (np.arange(count) + 0.5) * self.step
        h = 1 - 2j * np.multiply.outer(self.tau, a)
        g = 1j * self.tau[:, None] * beta / h
        logs = -0.5 * np.log(h) - (self.tau[:, None] * beta) ** 2 / (2 * h)
        self.phi = np.exp(logs.sum(axis=1)) * (self.step / math.pi)
        self.h, self.g = h, g

    def _size(self, tau: float) -> float:
        grown = 1 + (2 * tau * self.a) ** 2
        return float((-0.25 * np.log(grown) - (tau * self.beta) ** 2 / (2 * grown)).sum())

    def _last(self, cut: float) -> float:
        tau = 1.0
        while self._size(tau) - math.log(tau) > math.log(cut) and tau < 1e9:
            tau *= 1.25
        return tau

    def below(self, c: float) -> float:
        """P(score <= c)."""
        return 0.5 - float((np.exp(-1j * self.tau * c) * self.phi / self.tau).imag.sum())

    def quantile(self, share: float) -> float:
        low, high = self.centre - 1.0, self.centre + 1.0
        while self.below(low) > share:
            low -= high - low
        while self.below(high) < share:
            high += high - low
        return float(optimize.brentq(lambda c: self.below(c) - share, low, high, xtol=1e-12))

    def moments(self, c: float) -> tuple[Floats, Floats]:
        turned = np.exp(-1j * self.tau * c) * self.phi / self.tau
        mean = -(turned @ self.g).imag
        second = -((turned[:, None] * self.g).T @ self.g).imag
        second[np.diag_indices(len(self.a))] += 0.5 - (turned @ (1 / self.h)).imag
        return mean, second
