"""Model-collapse theory by algebra: what a setting implies, derived and certified.

This wing never draws a random number and never imports `numerics`. Names are imported when they
are first used, so that ``import theory`` costs little more than nothing.

Examples
--------
>>> from theory import Family, Replace, derive
>>> derive(Family(workflow=Replace), "variance").closed_form
sigma_0**2*((n - 1)/n)**t
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from theory import shelf
    from theory.claim import Claim
    from theory.comparison import compare
    from theory.derivation import derive
    from theory.domain import Domain, integers, reals, shares
    from theory.errors import CollapseError
    from theory.family import Family
    from theory.model import (
        Bernoulli,
        Categorical,
        Exponential,
        Gaussian,
        LinearRegression,
        NegativeBinomial,
        Poisson,
    )
    from theory.reference import Reference
    from theory.setting import Setting
    from theory.vocabulary import (
        Accumulate,
        AccumulateSubsample,
        BestOf,
        ExponentialTilt,
        FixedReal,
        FreshReal,
        KeepAll,
        Replace,
        SoftVerifier,
        TopFraction,
        UpperTail,
    )

_HOMES = {
    "claim": ("Claim",),
    "comparison": ("compare",),
    "derivation": ("derive",),
    "domain": ("Domain", "integers", "reals", "shares"),
    "errors": ("CollapseError",),
    "family": ("Family",),
    "model": (
        "Bernoulli",
        "Categorical",
        "Exponential",
        "Gaussian",
        "LinearRegression",
        "NegativeBinomial",
        "Poisson",
    ),
    "reference": ("Reference",),
    "setting": ("Setting",),
    "vocabulary": (
        "Accumulate",
        "AccumulateSubsample",
        "BestOf",
        "ExponentialTilt",
        "FixedReal",
        "FreshReal",
        "KeepAll",
        "Replace",
        "SoftVerifier",
        "TopFraction",
        "UpperTail",
    ),
}
_HOME = {name: f"theory.{module}" for module, names in _HOMES.items() for name in names}

__all__ = [
    "Accumulate",
    "AccumulateSubsample",
    "Bernoulli",
    "BestOf",
    "Categorical",
    "Claim",
    "CollapseError",
    "Domain",
    "Exponential",
    "ExponentialTilt",
    "Family",
    "FixedReal",
    "FreshReal",
    "Gaussian",
    "KeepAll",
    "LinearRegression",
    "NegativeBinomial",
    "Poisson",
    "Reference",
    "Replace",
    "Setting",
    "SoftVerifier",
    "TopFraction",
    "UpperTail",
    "compare",
    "derive",
    "integers",
    "reals",
    "shares",
    "shelf",
]


def __getattr__(name: str) -> Any:
    if name == "shelf":
        return import_module("theory.shelf")
    if name not in _HOME:
        raise AttributeError(f"module 'theory' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
