"""Wasserstein distances from samples: estimators with one result type and one convention.

Every estimator estimates ``squared_w2`` unless its ``functional`` says otherwise. `estimators`
lists them, `find` returns one by its name, and a call gives an `Estimate`; which one to trust at
your sample size and dimension is answered by `numerics.wasserstein.bench.recommend`, or on the
command line by ``collapse bench --recommend``. Each is one function in one file of this package,
registered by `registry.estimator`; the axiom tests and the benchmark pick up whatever is
registered.

Examples
--------
>>> find("exact")([0.0, 1.0], [2.0, 5.0]).value
10.0
"""

from numerics.wasserstein.estimate import Estimate
from numerics.wasserstein.registry import Estimator, estimators, find

__all__ = ["Estimate", "Estimator", "estimators", "find"]
