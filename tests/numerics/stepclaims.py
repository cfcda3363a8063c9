"""The step of maximum likelihood as a claim, right or changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from theory.claim import Claim
from theory.domain import integers
from theory.symbols import n


def draw(rng: np.random.Generator, size: int, n: int) -> Any:
    return rng.chisquare(n - 1, size) / n


def step(name: str = "mine.step", mean: sp.Expr = 1 - 1 / n, **given: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": name,
        "statement": "E s^2 = (1 - 1/n) sigma^2",
        "over": {n: integers(2, 200)},
        "mean": mean,
        "variance": 2 * (n - 1) / n**2,
        "draw": draw,
        **given,
    }
    return Claim(**fields)
