"""Moments that the claims about fixed targets share, on the line.

The target lies ``delta`` deviations of the model from its mean; z is a kept point's place in
deviations, counted from the model's mean towards the target.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.selection import TargetMoment, seen_from_target
from theory.symbols import alpha

delta = sp.Symbol("delta", positive=True)

Moments = tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]


def towards(share: Any = alpha, away: Any = delta) -> Moments:
    """E z, E z^2, E z^3, E z^4 of a point kept by the interval of mass `share` at the target."""
    y1, y2, y3, y4 = seen_from_target(lambda j: TargetMoment(j, share, 1, away), away)
    return (
        away - y1,
        away**2 - 2 * away * y1 + y2,
        away**3 - 3 * away**2 * y1 + 3 * away * y2 - y3,
        away**4 - 4 * away**3 * y1 + 6 * away**2 * y2 - 4 * away * y3 + y4,
    )


Z1, Z2, Z3, Z4 = towards()

DRIFT = (1 - 2 * Z1 / delta - Z2) / 2
"""d log(delta) / d log(t) of accumulation: the pull on the mean against the loss of spread."""

DRIFT_VARIANCE = (Z4 + 4 * Z3 / delta + 4 * Z2 / delta**2 - (Z2 + 2 * Z1 / delta) ** 2) / 4

_c = 1 + 1 / delta**2
STEP = 1 - 2 * Z1 / delta - Z2 + Z1**2 * _c
"""Positive where one generation of Replace takes the target farther away, in the new deviations:
``((delta - E z)^2 - delta^2 Var z) / delta^2``."""

# 1 - 2 z/delta - z^2 =: A with a second, independent point w: X = A + c z w.
_a2 = 1 + 4 * Z2 / delta**2 + Z4 - 4 * Z1 / delta - 2 * Z2 + 4 * Z3 / delta
_az = Z1 - 2 * Z2 / delta - Z3
STEP_VARIANCE = _a2 + 2 * _c * Z1 * _az + _c**2 * Z2**2 - STEP**2
"""Variance of the unbiased estimate ``1 - 2 z/delta - z^2 + (1 + 1/delta^2) z w`` of `STEP`."""
