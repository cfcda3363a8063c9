"""How many draws a question costs, and what a budget can see: computed before drawing."""

from __future__ import annotations

import math

from numerics.evidence.design import FIRST_LOOK, Design
from theory.errors import InvalidInput

# Beyond the evidence itself: the mixture over bets, the inflated variance, the spread of paths.
POWER_ALLOWANCE = 10.0


def default_scale(mean: float, variance: float) -> float:
    """Return the root mean square of one draw, sqrt(mean^2 + variance).

    Examples
    --------
    >>> default_scale(3.0, 16.0)
    5.0
    """
    return math.hypot(mean, math.sqrt(variance))


def draws_to_refute(gap: float, variance: float, design: Design | None = None) -> int:
    """Return the draws that refute a mean off by `gap`: about 2 v (L + 10)/gap^2, at least 1024.

    Examples
    --------
    >>> draws_to_refute(0.05, 0.18)
    3762
    """
    design = design or Design()
    if not (gap > 0 and 0 <= variance < math.inf):
        raise InvalidInput(
            f"gap={gap!r}, variance={variance!r} are not accepted; "
            "accepted: gap > 0 and a finite variance >= 0"
        )
    need = 2 * variance * (design.L + POWER_ALLOWANCE) / gap / gap
    return max(FIRST_LOOK, math.ceil(need)) if need < 1e18 else 10**18


def plan(
    mean: float, variance: float, design: Design | None = None, *, scale: float | None = None
) -> int:
    """Return the draws a decision takes at the resolution asked for: 2 (v/s^2)(L + 10)/epsilon^2.

    Never above 522,400 at epsilon = 1 % with the default scale, the root mean square. This is
    about the mean (measured: 0.92 to 1.05 of it for five laws); one decision in a hundred takes
    more than twice as many, so a budget should hold two plans.

    Parameters
    ----------
    mean, variance : float
        The claimed moments of one draw.
    design : Design
        Resolution and error probabilities.
    scale : float, optional
        Scale s of the resolution; ``sqrt(mean^2 + variance)`` if left out.

    Examples
    --------
    >>> plan(0.9, 0.18), plan(0.0, 1.0)
    (94975, 522362)
    """
    design = design or Design()
    scale = default_scale(mean, variance) if scale is None else scale
    return draws_to_refute(design.epsilon * scale, variance, design)


def smallest_epsilon(
    budget: int,
    mean: float,
    variance: float,
    design: Design | None = None,
    *,
    scale: float | None = None,
) -> float:
    """Return the smallest resolution that a budget of draws is planned to reach.

    Examples
    --------
    >>> round(smallest_epsilon(94_975, 0.9, 0.18), 4)
    0.01
    """
    design = design or Design()
    scale = default_scale(mean, variance) if scale is None else scale
    if not scale > 0:
        raise InvalidInput(f"scale={scale!r} is not accepted; accepted: scale > 0")
    return math.sqrt(2 * variance * (design.L + POWER_ALLOWANCE) / budget) / scale
