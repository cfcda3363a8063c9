"""Pairs of laws that can be sampled and whose W2^2 is known: what estimators are scored against.

Each family draws its members from a named stream, so that a truth is fixed by its family, its
dimension and a number. Nothing here looks at an estimator.
"""

from numerics.wasserstein.truths.catalogue import FAMILIES, of_gaussians, truth
from numerics.wasserstein.truths.general import GENERAL, general_truth
from numerics.wasserstein.truths.pair import Draw, Truth

__all__ = ["FAMILIES", "GENERAL", "Draw", "Truth", "general_truth", "of_gaussians", "truth"]
