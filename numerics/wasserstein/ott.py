"""The Sinkhorn divergence by OTT-JAX, where it is installed: an anchor for our own."""

from __future__ import annotations

import importlib
import importlib.util

from numerics.wasserstein.estimate import Array, Estimate
from numerics.wasserstein.registry import estimator
from numerics.wasserstein.sinkhorn import mean_share

MODULE = "ott"
_TOLERANCE, _MOST = 1e-8, 5000


def divergence(x: Array, y: Array, *, ratio: float = 0.5) -> Estimate:
    """The Sinkhorn divergence by OTT-JAX in double precision, epsilon as in our own."""
    jax = importlib.import_module("jax")
    solver = importlib.import_module(f"{MODULE}.tools.sinkhorn_divergence")
    # JAX works in single precision unless told; told so here for this call alone.
    home = jax if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental")
    with home.enable_x64(True):
        value, rest = solver.sinkdiv(
            jax.numpy.asarray(x),
            jax.numpy.asarray(y),
            epsilon=mean_share(x, y, ratio),
            solve_kwargs={"threshold": _TOLERANCE, "max_iterations": _MOST},
        )
        converged = all(bool(each) for each in rest.converged)
    note = "" if converged else "OTT-JAX did not converge"
    return Estimate(
        float(value), "sinkhorn_divergence", "ott-sinkhorn-divergence", converged, note=note
    )


if importlib.util.find_spec(MODULE) is not None:
    estimator("ott-sinkhorn-divergence", "sinkhorn_divergence", largest=2000, costly=True)(
        divergence
    )
