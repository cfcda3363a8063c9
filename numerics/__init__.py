"""Model collapse by simulation, and the one place where it meets the algebra.

The witnesses of this wing draw samples and never use a collapse formula; `check` lays both wings
side by side. Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from theory import __version__

if TYPE_CHECKING:
    from numerics.checking import check, check_all
    from numerics.monitoring.report import monitor
    from numerics.simulation import simulate

_HOME = {
    "check": "numerics.checking",
    "check_all": "numerics.checking",
    "monitor": "numerics.monitoring.report",
    "simulate": "numerics.simulation",
}

__all__ = ["__version__", "check", "check_all", "monitor", "simulate"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'numerics' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
