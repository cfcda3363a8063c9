"""Wasserstein distances from samples: estimators with one result type and one convention.

Every estimator estimates ``squared_w2`` unless its ``functional`` says otherwise. Each is one
function in one file of this package, registered by `registry.estimator`; the axiom tests and the
benchmark pick up whatever is registered.
"""
