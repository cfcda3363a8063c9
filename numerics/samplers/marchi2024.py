"""Sampler of ``theory.shelf.marchi2024``: one point of the mixture of real and generated data."""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler


def step(
    rng: np.random.Generator, size: int, *, f: float, temperature: float, level: float
) -> Array:
    """Square of a point, real with probability f, else of the model at the temperature."""
    generated = np.sqrt(float(temperature) * float(level))
    scale = np.where(rng.random(size) < float(f), 1.0, generated)
    return (scale * rng.standard_normal(size)) ** 2


SAMPLERS: dict[str, Sampler] = {"marchi2024.step": step}
