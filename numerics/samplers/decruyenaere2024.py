"""Samplers of ``theory.shelf.decruyenaere2024``: tests of a true mean on synthetic points."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from numerics.samplers._raw import Array, Sampler, batch


def _naive_error(n: int, synthetic: int) -> float:
    return 1 / math.sqrt(synthetic)


def _corrected_error(n: int, synthetic: int) -> float:
    return math.sqrt(1 + synthetic / n) / math.sqrt(synthetic)


def _normal(rng: np.random.Generator, size: int, n: int, synthetic: int) -> Array:
    """Mean of the synthetic points; means of normal points are drawn as such."""
    fitted = rng.standard_normal(size) / math.sqrt(n)
    return fitted + rng.standard_normal(size) / math.sqrt(synthetic)


def naive(rng: np.random.Generator, size: int, *, n: int, synthetic: int, critical: float) -> Array:
    """Whether the naive normal test rejects."""
    mean = _normal(rng, size, n, synthetic)
    limit = float(critical) * _naive_error(n, synthetic)
    return (np.abs(mean) > limit).astype(np.float64)


def corrected(
    rng: np.random.Generator, size: int, *, n: int, synthetic: int, critical: float
) -> Array:
    """Whether the corrected normal test rejects."""
    mean = _normal(rng, size, n, synthetic)
    limit = float(critical) * _corrected_error(n, synthetic)
    return (np.abs(mean) > limit).astype(np.float64)


def _student(
    rng: np.random.Generator, size: int, n: int, synthetic: int, level: float, error: float
) -> Array:
    """Whether a t test on raw synthetic points rejects, its standard error being s * error."""
    mean, scatter, _ = batch(rng, size, n)
    deviation = np.sqrt(scatter / (n - 1))
    shift, inner, _ = batch(rng, size, synthetic)
    estimate = mean + deviation * shift
    spread = deviation * np.sqrt(inner / (synthetic - 1))
    limit = -stdtrit(synthetic - 1, float(level) / 2)
    return (np.abs(estimate) > limit * error * spread).astype(np.float64)


def student_naive(
    rng: np.random.Generator, size: int, *, n: int, synthetic: int, level: float
) -> Array:
    """Whether the naive t test rejects."""
    return _student(rng, size, n, synthetic, level, _naive_error(n, synthetic))


def student_corrected(
    rng: np.random.Generator, size: int, *, n: int, synthetic: int, level: float
) -> Array:
    """Whether the corrected t test rejects."""
    return _student(rng, size, n, synthetic, level, _corrected_error(n, synthetic))


SAMPLERS: dict[str, Sampler] = {
    "decruyenaere2024.naive": naive,
    "decruyenaere2024.corrected": corrected,
    "decruyenaere2024.student-size": student_corrected,
    "decruyenaere2024.student-naive": student_naive,
    "decruyenaere2024.student-corrected": student_corrected,
}
