"""From raw samples of each generation to the columns that the monitor reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.errors import InvalidInput

Array = NDArray[np.float64]
TAIL = 0.05


def _samples(name: str, values: ArrayLike, dimension: int | None) -> Array:
    found = np.asarray(values, dtype=float)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2 or len(found) < 2 or (dimension and found.shape[1] != dimension):
        wanted = f"(m, {dimension})" if dimension else "(m,) or (m, d)"
        raise InvalidInput(f"{name} has shape {np.shape(values)}; accepted: {wanted}, m >= 2")
    if not np.isfinite(found).all():
        raise InvalidInput(f"{name} has values that are not finite")
    return found


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def frechet_distance(a: Array, b: Array) -> float:
    """Squared Fréchet distance of the Gaussians with the moments of two samples.

    ``|m_a - m_b|**2 + Tr(A + B - 2 (A^(1/2) B A^(1/2))^(1/2))`` (Dowson and Landau, 1982).

    Examples
    --------
    >>> x = np.array([[0.0], [2.0]])
    >>> frechet_distance(x, x + 3.0)
    9.0
    """
    first = np.atleast_2d(np.cov(a, rowvar=False, bias=True))
    second = np.atleast_2d(np.cov(b, rowvar=False, bias=True))
    root = _root(first)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0.0)).sum()
    gap = a.mean(axis=0) - b.mean(axis=0)
    return float(max(gap @ gap + np.trace(first) + np.trace(second) - 2 * cross, 0.0))


def columns(
    generations: Sequence[ArrayLike],
    reference: ArrayLike,
    *,
    modes: Mapping[str, ArrayLike] | None = None,
    run: str = "1",
) -> Any:
    """The monitor's table of one run, from samples of each generation.

    Parameters
    ----------
    generations
        For each generation from 0 on an array of shape (m,) or (m, d); m may differ.
    reference
        Samples of the real data, of the same dimension: they give the quantiles, the counts of the
        reference row and the distance's other end.
    modes
        Centres by name; each sample belongs to the nearest one.
    run
        Name of the run.

    Returns
    -------
    pandas.DataFrame
        Columns ``trace``, ``log_det`` (left out where some covariance is singular),
        ``effective_rank`` (exponential of the entropy of the eigenvalues), ``frechet_distance``,
        ``<name>_count`` and ``<name>_n`` for both tails of each coordinate beyond the reference's
        5 and 95 per cent quantiles and for each mode, ``d``; the last row is the reference.
        The quantiles come from the reference itself, so that its tail counts are not independent
        of them; an error of the order of 1/sqrt(reference size) that the Clopper-Pearson bound of
        LOSS allows for.

    Raises
    ------
    InvalidInput
        If shapes differ or a value is not finite.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 101)
    >>> table = columns([x, x / 2], x)
    >>> table["upper_1_count"].tolist(), table["generation"].tolist()
    ([5, 0, 5], ['0', '1', 'reference'])
    """
    import pandas as pd

    base = _samples("reference", reference, None)
    d = base.shape[1]
    made = [_samples(f"generation {i}", x, d) for i, x in enumerate(generations)]
    if not made:
        raise InvalidInput("there are no generations")
    low, high = np.quantile(base, [TAIL, 1 - TAIL], axis=0)
    centres = {k: np.asarray(v, dtype=float).reshape(-1) for k, v in (modes or {}).items()}
    for name, centre in centres.items():
        if centre.size != d or not np.isfinite(centre).all():
            raise InvalidInput(f"mode {name} is no point of dimension {d}")
    rows = []
    for label, sample in [*((str(i), x) for i, x in enumerate(made)), ("reference", base)]:
        values = np.linalg.eigvalsh(np.atleast_2d(np.cov(sample, rowvar=False, bias=True)))
        values = np.maximum(values, 0.0)
        shares = values[values > 0] / values.sum() if values.sum() > 0 else np.ones(1)
        row: dict[str, Any] = {
            "run": run,
            "generation": label,
            "d": d,
            "trace": float(values.sum()),
            "log_det": float(np.log(values).sum()) if values.min() > 0 else math.nan,
            "effective_rank": float(np.exp(-(shares * np.log(shares)).sum())),
            "frechet_distance": frechet_distance(sample, base),
        }
        for j in range(d):
            row[f"lower_{j + 1}_count"] = int((sample[:, j] < low[j]).sum())
            row[f"upper_{j + 1}_count"] = int((sample[:, j] > high[j]).sum())
            row[f"lower_{j + 1}_n"] = row[f"upper_{j + 1}_n"] = len(sample)
        if centres:
            points = np.array(list(centres.values()))
            nearest = ((sample[:, None, :] - points) ** 2).sum(axis=2).argmin(axis=1)
            for j, name in enumerate(centres):
                row[f"mode_{name}_count"] = int((nearest == j).sum())
                row[f"mode_{name}_n"] = len(sample)
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.drop(columns="log_det") if table["log_det"].isna().any() else table
