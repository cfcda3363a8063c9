"""Samplers of ``theory.shelf.gerstgrasser2024``: test error of recursively trained regressions."""

from __future__ import annotations

import numpy as np

from numerics.models.regression import Regression
from numerics.models.training import train
from numerics.samplers._raw import Array, Sampler
from theory.vocabulary import Accumulate, Replace, Workflow


def _error(workflow: Workflow, *, reuse: bool) -> Sampler:
    def error(rng: np.random.Generator, size: int, *, d: int, n: int, t: int) -> Array:
        """|w_t - w_0|^2 after t fits."""
        model = Regression(d, reuse=reuse)
        shift = train(rng, model, workflow, size=size, n=n, t=t)
        return np.asarray(np.einsum("ir,ir->r", shift, shift))

    return error


_accumulated = _error(Accumulate(), reuse=True)
_fresh = _error(Accumulate(), reuse=False)

SAMPLERS: dict[str, Sampler] = {
    "gerstgrasser2024.replace": _error(Replace(), reuse=False),
    "gerstgrasser2024.replace-same-inputs": _error(Replace(), reuse=True),
    "gerstgrasser2024.accumulate-same-inputs": _accumulated,
    "gerstgrasser2024.accumulate-bound": _accumulated,
    "gerstgrasser2024.accumulate-fresh": _fresh,
    "gerstgrasser2024.accumulate-fresh-bound": _fresh,
    "gerstgrasser2024.accumulate-fresh-equality": _fresh,
}
