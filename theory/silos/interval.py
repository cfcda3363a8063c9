"""Where one axis alone decides: ``a z^2 + b z <= c`` keeps an interval, or all but one.

The moments are those of a truncated normal, by parts: with edges l < h, the mass is
``Phi(h) - Phi(l)``, ``E[z; l < z < h] = phi(l) - phi(h)`` and
``E[z^2; l < z < h] = mass + l phi(l) - h phi(h)``.
"""

from __future__ import annotations

import math

from scipy import optimize, special

# Beyond so many deviations a normal has no mass that a double can hold.
_REACH = 40.0


def kept_on_a_line(kept_fraction: float, a: float, b: float) -> tuple[float, float, float]:
    """``alpha E z``, ``alpha E z^2`` and the threshold c, for standard normal z.

    Parameters
    ----------
    kept_fraction : float
        alpha in (0, 1).
    a, b : float
        Not both zero.

    Examples
    --------
    >>> mean, square, threshold = kept_on_a_line(0.25, 1.0, 0.0)
    >>> mean, round(square / 0.25, 6), round(threshold, 6)  # kappa_1(1/4)
    (0.0, 0.033388, 0.101531)
    >>> round(kept_on_a_line(0.25, 0.0, -1.0)[0] / 0.25, 6)  # the upper quarter
    1.271106
    """
    # The middle of the interval, mirrored to the left: its right edge is then the near one, and a
    # middle far away, or infinitely far, leaves a half-line.
    turned = -1.0 if (-b if a < 0 else b) < 0 else 1.0
    middle = -abs(b) / (2 * abs(a)) if a != 0 else -math.inf
    inside = 1 - kept_fraction if a < 0 else kept_fraction

    def mass(edge: float) -> float:
        return float(special.ndtr(edge) - special.ndtr(2 * middle - edge))

    low = max(middle, -_REACH)
    near = float(optimize.brentq(lambda edge: mass(edge) - inside, low, _REACH, xtol=1e-15))
    far = 2 * middle - near
    mean = _density(far) - _density(near)
    square = inside - near * _density(near) + (far * _density(far) if math.isfinite(far) else 0.0)
    if a < 0:
        mean, square = -mean, 1 - square
    edge = turned * near
    return turned * mean, square, a * edge * edge + b * edge


def _density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
