"""The assignment by lapx, where it is installed: an anchor for `assignment`."""

from __future__ import annotations

import importlib
import importlib.util

import numpy as np

from numerics.wasserstein.estimate import Array
from numerics.wasserstein.registry import estimator
from numerics.wasserstein.sinkhorn import squared_distances

# What the package is imported as.
MODULE = "lap"


def assignment(x: Array, y: Array) -> float:
    """W2^2 between samples of equal size, as the cheapest assignment (lapx, Jonker-Volgenant)."""
    cost = squared_distances(x, y)
    partners = importlib.import_module(MODULE).lapjv(cost)[1]
    return float(cost[np.arange(len(x)), partners].mean())


if importlib.util.find_spec(MODULE) is not None:
    estimator("lapx", equal_sizes=True, largest=2000)(assignment)
