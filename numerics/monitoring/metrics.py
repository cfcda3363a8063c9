"""What a recorded column measures: the scale it is read on, and which way is bad.

Every metric is turned into a height that falls when diversity is lost: the logarithm of a variance,
a log-determinant as it is, the logit of a weight, a distance with its sign flipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.errors import RunsError

Array = NDArray[np.float64]
SCALES = ("log", "raw", "logit")
DIRECTIONS = ("down", "up")
# Squares of heights are summed.
LARGEST = 1e100

# Parts of a column's name, the first that fits decides; distances before the things they are of.
_BY_NAME: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("distance", "frechet", "fréchet", "fid", "w2", "mmd", "error", "divergence"), "raw", "up"),
    (("log_det", "logdet", "log_variance", "log_trace", "log_"), "raw", "down"),
    (("entropy",), "raw", "down"),
    (("weight", "fraction", "share", "coverage", "recall", "_mass"), "logit", "down"),
    (("variance", "trace", "effective_rank", "dispersion", "diversity", "spread"), "log", "down"),
    (("vendi", "distinct", "determinant", "std"), "log", "down"),
)


@dataclass(frozen=True)
class Metric:
    """A column of the table, the scale it is read on and its bad direction.

    Attributes
    ----------
    name : str
        The column.
    scale : str
        ``log``, ``raw`` or ``logit``.
    bad : str
        ``down`` if smaller is worse (diversities), ``up`` if larger is (distances).
    """

    name: str
    scale: str
    bad: str

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise RunsError(f"metric {self.name}: no scale {self.scale!r}; accepted: log raw logit")
        if self.bad not in DIRECTIONS:
            raise RunsError(f"metric {self.name}: bad direction {self.bad!r}; accepted: down, up")

    def heights(self, values: Array) -> Array:
        """The values on the metric's scale, turned so that falling is bad.

        Raises
        ------
        RunsError
            If a value lies outside the scale: a logarithm needs positive values, a logit values
        between 0 and 1, neither included.

        Examples
        --------
        >>> Metric("variance", "log", "down").heights(np.array([1.0, np.e])).tolist()
        [0.0, 1.0]
        >>> Metric("fid", "raw", "up").heights(np.array([3.0])).tolist()
        [-3.0]
        """
        if self.scale == "log":
            bad = values[~(values > 0)]
            if bad.size:
                raise RunsError(f"metric {self.name} has {bad[0]:g}; the log scale needs > 0")
            found = np.log(values)
        elif self.scale == "logit":
            bad = values[~((values > 0) & (values < 1))]
            if bad.size:
                raise RunsError(
                    f"metric {self.name} has {bad[0]:g}; logit needs 0 < value < 1 "
                    f"(or declare {self.name}=raw:{self.bad})"
                )
            found = np.log(values) - np.log1p(-values)
        else:
            bad = values[np.abs(values) > LARGEST]
            if bad.size:
                raise RunsError(f"metric {self.name} has {bad[0]:g}; accepted: up to {LARGEST:g}")
            found = values
        return np.asarray(found if self.bad == "down" else -found)

    @property
    def is_log_det(self) -> bool:
        """Whether the column is a log-determinant, whose unit is one log per dimension."""
        return "logdet" in self.name.lower().replace("_", "")


def guess(name: str) -> Metric | None:
    """The metric that a column's name announces, or None.

    Examples
    --------
    >>> guess("trace"), guess("seed")
    (Metric(name='trace', scale='log', bad='down'), None)
    """
    low = name.lower()
    for parts, scale, bad in _BY_NAME:
        if any(part in low for part in parts):
            return Metric(name, scale, bad)
    return None


def declared(text: Mapping[str, str]) -> list[Metric]:
    """Read declarations such as ``{"quality": "log:down"}``; an empty one asks the name.

    Raises
    ------
    RunsError
        If a declaration is none, or a name announces nothing.

    Examples
    --------
    >>> declared({"quality": "log:down", "fid": ""})[1].bad
    'up'
    """
    found = []
    for name, words in text.items():
        if not isinstance(words, str):
            raise RunsError(f"metric {name}: {words!r} is no text such as log:down")
        if not words:
            metric = guess(name)
            if metric is None:
                raise RunsError(
                    f"nothing is known of a metric called {name}; declare it, as in {name}=log:down"
                )
        else:
            scale, _, bad = words.partition(":")
            metric = Metric(name, scale, bad or "down")
        found.append(metric)
    return found
