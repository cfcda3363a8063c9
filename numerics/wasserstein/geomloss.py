"""The Sinkhorn divergence by geomloss, where it is installed: an anchor for our own."""

from __future__ import annotations

import importlib
import importlib.util

import numpy as np

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.registry import estimator
from numerics.wasserstein.sinkhorn import mean_share, squared_distances

MODULE = "geomloss"
# Ratio of successive blurs on the way down; geomloss stops at the end of the way, converged or not.
# The nearer to 1 the closer: at .9, .95 and .99 the value was off by 6e-4, 4e-5 and 5e-6.
_SCALING = 0.99
# Marginals off by more than this, in total, are told; the value is off by about the square.
_TOLERANCE = 1e-2


def divergence(x: Array, y: Array, *, ratio: float = 0.5) -> Estimate:
    """The Sinkhorn divergence by geomloss in double precision, epsilon as in our own.

    geomloss has the cost |x - y|^2 / 2 and the temperature blur^2, so that epsilon = 2 blur^2 and
    its values are doubled. The marginals are those of the plan between the two samples.
    """
    torch = importlib.import_module("torch")
    loss = importlib.import_module(MODULE).SamplesLoss
    epsilon = mean_share(x, y, ratio)
    blur = float(np.sqrt(epsilon / 2))
    spread = np.ptp(np.concatenate([x, y]), axis=0)
    # At least the blur: points that coincide have no diameter to come down from.
    options = {
        "p": 2,
        "blur": blur,
        "scaling": _SCALING,
        "diameter": max(float(np.linalg.norm(spread)), blur),
        "backend": "tensorized",
    }
    device = "cuda" if torch.cuda.is_available() else "cpu"
    first, second = torch.as_tensor(x, device=device), torch.as_tensor(y, device=device)
    with torch.no_grad():
        value = 2 * float(loss("sinkhorn", **options)(first, second))
        both = loss("sinkhorn", debias=False, potentials=True, **options)(first, second)
    f, g = (np.asarray(each.cpu()) for each in both)
    total = 2 * np.reshape(f, (-1, 1)) + 2 * np.reshape(g, (1, -1))
    plan = np.exp((total - squared_distances(x, y)) / epsilon)
    error = float(np.abs(plan.mean(axis=1) - 1).mean() + np.abs(plan.mean(axis=0) - 1).mean())
    converged = error < _TOLERANCE
    return Estimate(
        value,
        "sinkhorn_divergence",
        "geomloss-sinkhorn-divergence",
        converged,
        error,
        note="" if converged else f"marginals off by {error:.1e} at the end of geomloss's way",
    )


if importlib.util.find_spec(MODULE) is not None:
    estimator("geomloss-sinkhorn-divergence", "sinkhorn_divergence", largest=2000, costly=True)(
        divergence
    )
