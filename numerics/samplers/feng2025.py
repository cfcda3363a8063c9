"""Samplers of ``theory.shelf.feng2025``: noisy labels, of which a verifier keeps some."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler
from numerics.samplers._targets import kept_of


def selected_error(
    rng: np.random.Generator, size: int, *, p: float, keep_correct: float, keep_wrong: float
) -> Array:
    """Whether a kept label is wrong."""
    right, wrong = float(keep_correct), float(keep_wrong)
    return kept_of(
        lambda count: (rng.random(count) < float(p)).astype(float),
        lambda error: np.asarray(rng.random(len(error)) < np.where(error == 1, wrong, right)),
        size,
        0.3,
    )


def direction(
    rng: np.random.Generator,
    size: int,
    *,
    p: float,
    keep_correct: float,
    keep_wrong: float,
    margin: float,
) -> Array:
    """Kept label times point; the point lies at true label times margin, plus noise."""
    error = selected_error(rng, size, p=p, keep_correct=keep_correct, keep_wrong=keep_wrong)
    truth = 1.0 - 2.0 * rng.integers(0, 2, size)
    label = np.where(error == 1, -truth, truth)
    return np.asarray(label * (truth * float(margin) + rng.standard_normal(size)))


SAMPLERS: dict[str, Sampler] = {
    "feng2025.selected-error": selected_error,
    "feng2025.direction": direction,
}
