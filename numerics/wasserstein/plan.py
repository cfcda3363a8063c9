"""The optimal plan between two weighted sets by POT's network simplex, and whether it is one."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# The network simplex of POT stops at 10**5 pivots unless told; 5000 points need more.
_PIVOTS = 10**8
_MARGINALS = 1e-9


@dataclass(frozen=True)
class Plan:
    """What the solver found.

    Attributes
    ----------
    matrix : ndarray (n, m)
    f, g : ndarray (n,), (m,)
        A vertex of the dual: with n = m and equal weights it is not unique.
    error : float
        Total of what the marginals miss.
    note : str
        Empty if the plan is optimal; else what is wrong with it.
    """

    matrix: Array
    f: Array
    g: Array
    error: float
    note: str


def optimal_plan(a: Array, b: Array, cost: Array) -> Plan:
    """Solve the transport problem exactly; warnings of the solver end up in the note.

    Parameters
    ----------
    a, b : ndarray (n,), (m,)
        Positive masses that sum to one each.
    cost : ndarray (n, m)

    Examples
    --------
    >>> half = np.full(2, 0.5)
    >>> found = optimal_plan(half, half, np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> found.matrix.tolist(), found.note
    ([[0.5, 0.0], [0.0, 0.5]], '')
    """
    import ot

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        matrix, log = ot.emd(a, b, cost, numItermax=_PIVOTS, log=True)
    error = float(np.abs(matrix.sum(axis=1) - a).sum() + np.abs(matrix.sum(axis=0) - b).sum())
    note = ""
    if log["warning"] is not None or heard or not error < _MARGINALS:
        note = str(log["warning"] or (heard[0].message if heard else "marginals off"))
    return Plan(np.asarray(matrix), np.asarray(log["u"]), np.asarray(log["v"]), error, note)
