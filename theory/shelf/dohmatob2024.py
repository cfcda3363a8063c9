"""Dohmatob et al. (2024): regression with fewer points than inputs; catalogue entry E3.

The paper's statement (exponential collapse without any noise) is recalled, the formula derived. A
noise-free fit of minimum norm on n < d points projects the last model onto the span of its n
standard normal inputs. |w_0| = 1.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Reference
from theory.domain import integers
from theory.symbols import d, n, t

REFERENCE = Reference(
    "Dohmatob et al.",
    2024,
    title="Model collapse demystified: the case of regression",
    arxiv="2402.07712",
    note="statement recalled; formula derived",
)
_kept = n / d
_square = n * (n + 2) / (d * (d + 2))
"""E of the squared share that a random n-dimensional subspace keeps of a squared length."""
_mixed = _square - (_kept - _square) / (d - 1)
_overlap = _mixed**t + (_kept**t - _mixed**t) / d
"""E (w_0'w_t)^2."""
_error = 1 - _kept**t

_over = {d: integers(2, 8), n: integers(1, 7), t: integers(1, 4)}
_fewer = (n < d,)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="dohmatob2024.norm",
        title="Regression: the model shrinks without noise",
        statement="With n < d fresh inputs, no noise and fits of minimum norm, "
        "E |w_t|^2 = |w_0|^2 (n/d)^t: the share 1 - (n/d)^t is lost.",
        reference=REFERENCE,
        entry="E3",
        mean=_error,
        variance=_square**t - _kept ** (2 * t),
        over=_over,
        where=_fewer,
        null=sp.Integer(0),
    ),
    Claim(
        id="dohmatob2024.error",
        title="Regression: test error without noise",
        statement="With n < d fresh inputs, no noise and fits of minimum norm, the test error is "
        "E |w_t - w_0|^2 = |w_0|^2 (1 - (n/d)^t).",
        reference=REFERENCE,
        entry="E3",
        mean=_error,
        variance=1 + _square**t + 4 * _overlap - 2 * _kept**t - 4 * _square**t - _error**2,
        over=_over,
        where=_fewer,
        null=sp.Integer(0),
    ),
    Claim(
        id="dohmatob2024.same-inputs",
        title="Regression: the same inputs lose once",
        statement="With the same n < d inputs in every generation the test error is "
        "|w_0|^2 (1 - n/d) after the first fit and after every later one.",
        reference=REFERENCE,
        entry="E3",
        mean=1 - _kept,
        variance=_square - _kept**2,
        over=_over,
        where=_fewer,
        null=sp.Integer(0),
        rivals={"the second fit loses too": 1 - _kept**2},
    ),
)
