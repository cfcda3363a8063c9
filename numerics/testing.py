"""Check anything inside a test suite: properties from claims, expectations about one's own code.

`verify` makes a Hypothesis test of a claim; `expect_mean` and its kin judge one's own samplers, a
test's expectations sharing one error budget; `certify` speaks of a whole domain. Everything raises
only on a refutation that fresh noise has confirmed.

Examples
--------
>>> with expectations(salt="c0ffee"):
...     expect_mean(lambda rng, size: rng.standard_normal(size) ** 2, 1, 2).label
'VERIFIED'
"""

from numerics.guards import DependentReplicates
from numerics.modelstrategies import models
from numerics.settingstrategies import families, selections, settings, workflows
from numerics.strategies import points
from numerics.suite.certificate import Certificate, certify
from numerics.suite.expectations import (
    expect_at_least,
    expect_at_most,
    expect_equal_law,
    expect_law,
    expect_mean,
    expectations,
)
from numerics.suite.exponent import ExponentEvidence, check_exponent
from numerics.suite.ledger import Ledger
from numerics.suite.order import check_order
from numerics.suite.orderresult import OrderEvidence
from numerics.suite.property import property_test, verify
from numerics.suite.record import Inconclusive
from numerics.suite.refutation import ClaimRefuted, VarianceRefuted
from numerics.suite.shapes import covariances, schedules

__all__ = [
    "Certificate",
    "ClaimRefuted",
    "DependentReplicates",
    "ExponentEvidence",
    "Inconclusive",
    "Ledger",
    "OrderEvidence",
    "VarianceRefuted",
    "certify",
    "check_exponent",
    "check_order",
    "covariances",
    "expect_at_least",
    "expect_at_most",
    "expect_equal_law",
    "expect_law",
    "expect_mean",
    "expectations",
    "families",
    "models",
    "points",
    "property_test",
    "schedules",
    "selections",
    "settings",
    "verify",
    "workflows",
]
