"""Samplers of ``theory.shelf.dohmatob2024``: noise-free fits of minimum norm, fewer points than d.

Such a fit projects the last model onto the span of the inputs.
"""

from __future__ import annotations

import numpy as np

from numerics.samplers._raw import Array, Sampler


def basis(rng: np.random.Generator, size: int, n: int, d: int) -> Array:
    """Orthonormal bases of the spans of n standard normal inputs, shape (n, d, size)."""
    inputs = rng.standard_normal((n, d, size))
    for i in range(n):
        for earlier in inputs[:i]:
            inputs[i] -= np.einsum("jr,jr->r", earlier, inputs[i]) * earlier
        inputs[i] /= np.sqrt(np.einsum("jr,jr->r", inputs[i], inputs[i]))
    return inputs


def project(span: Array, model: Array) -> Array:
    """Projection of the models, shape (d, size), onto the spans."""
    along = np.einsum("ijr,jr->ir", span, model)
    return np.asarray(np.einsum("ijr,ir->jr", span, along))


def _models(rng: np.random.Generator, size: int, d: int, n: int, t: int, *, reuse: bool) -> Array:
    model = np.zeros((d, size))
    model[0] = 1
    span = basis(rng, size, n, d)
    for step in range(t):
        if step and not reuse:
            span = basis(rng, size, n, d)
        model = project(span, model)
    return model


def norm(rng: np.random.Generator, size: int, *, d: int, n: int, t: int) -> Array:
    """Share of |w_0|^2 that is lost after t fits with fresh inputs."""
    model = _models(rng, size, d, n, t, reuse=False)
    return np.asarray(1 - np.einsum("ir,ir->r", model, model))


def _distance(model: Array) -> Array:
    model[0] -= 1
    return np.asarray(np.einsum("ir,ir->r", model, model))


def error(rng: np.random.Generator, size: int, *, d: int, n: int, t: int) -> Array:
    """|w_t - w_0|^2 after t fits with fresh inputs."""
    return _distance(_models(rng, size, d, n, t, reuse=False))


def same_inputs(rng: np.random.Generator, size: int, *, d: int, n: int, t: int) -> Array:
    """|w_t - w_0|^2 after t fits with the same inputs."""
    return _distance(_models(rng, size, d, n, t, reuse=True))


SAMPLERS: dict[str, Sampler] = {
    "dohmatob2024.norm": norm,
    "dohmatob2024.error": error,
    "dohmatob2024.same-inputs": same_inputs,
}
