"""Columns of a recorded table: files opened with Arrow, labels coded, numbers checked."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.sources import existing
from theory.errors import RunsError

Array = NDArray[np.float64]
REFERENCE = "reference"


def open_table(source: str | Path | bytes | Any, name: str) -> Any:
    """An Arrow table from a file, the bytes of a CSV file, or a data frame; names are trimmed."""
    try:
        import pyarrow as pa
    except ImportError:
        raise RunsError(
            "reading recorded runs needs pyarrow; install collapse-theory[runs]"
        ) from None
    try:
        table = _opened(source, name)
        names = [str(column).strip() for column in table.column_names]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunsError(f"{name} cannot be read: {reason}") from None
    for column, kind in zip(names, table.schema.types, strict=True):
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise RunsError(f"{name}: column {column!r} holds bytes that are no UTF-8 text")
    return table.rename_columns(names)


def _opened(source: str | Path | bytes | Any, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    if isinstance(source, bytes):
        return csv.read_csv(io.BytesIO(source))
    if isinstance(source, str | Path):
        path = existing(source, RunsError)
        if path.suffix == ".csv":
            return csv.read_csv(path)
        if path.suffix in (".parquet", ".pq"):
            return pq.read_table(path)
        raise RunsError(f"{name} is neither .csv nor .parquet")
    if isinstance(source, pa.Table):
        return source
    if not (hasattr(source, "columns") and hasattr(source, "dtypes")):
        kind = type(source).__name__
        raise RunsError(f"runs are a file, bytes of CSV or a data frame, not {kind}")
    # Numbers beside the word reference are objects to pandas; Arrow wants one type.
    texts = {c: source[c].map(str, na_action="ignore") for c in _mixed(source)}
    return pa.Table.from_pandas(source.assign(**texts), preserve_index=False)


def _mixed(frame: Any) -> list[Any]:
    """Columns of a data frame whose cells are of several types."""
    names = list(frame.columns)
    if len(set(names)) < len(names):
        twice = next(each for each in names if names.count(each) > 1)
        raise RunsError(f"the table has two columns {twice!r}")
    objects = [name for name in names if frame[name].dtype == object]
    return [name for name in objects if frame[name].dropna().map(type).nunique() > 1]


def labels(
    table: Any, name: str | None, missing: str, source: str
) -> tuple[NDArray[np.int64], list[str]]:
    """Codes and names of a column of labels, in order of appearance."""
    import pyarrow as pa
    import pyarrow.compute as compute

    if name is None:
        return np.zeros(table.num_rows, dtype=np.int64), [missing]
    column = table.column(name).combine_chunks()
    empty = np.asarray(column.is_null().to_numpy(zero_copy_only=False))
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        blank = compute.equal(compute.utf8_trim_whitespace(column), "")
        empty = empty | np.asarray(compute.fill_null(blank, True).to_numpy(zero_copy_only=False))
    if empty.any():
        row = int(np.flatnonzero(empty)[0]) + 1
        raise RunsError(f"{source}: column {name!r} has an empty cell in data row {row}")
    coded = column.dictionary_encode()
    return (
        coded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        [str(each) for each in coded.dictionary.to_pylist()],
    )


def numbers_of(table: Any, name: str, source: str) -> Array:
    import pyarrow as pa

    column = table.column(name)
    if pa.types.is_temporal(column.type):
        raise RunsError(f"{source}: column {name!r} holds dates or times; it must hold numbers")
    try:
        numbers = np.asarray(column.cast("float64").to_numpy(), dtype=float)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # Text among the numbers: find the row, so that the complaint can name it.
        import pandas as pd

        numbers = pd.to_numeric(column.to_pandas(), errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        given = column[int(bad[0])].as_py()
        shown = "no number" if given is None else f"{str(given)!r}"
        raise RunsError(
            f"{source}: column {name!r} has {shown} in data row {bad[0] + 1}; "
            "it must hold finite numbers"
        )
    return numbers


def holds_numbers(table: Any, name: str) -> bool:
    """Whether a column is of numbers, or is text in which some cell is one.

    The second kind is a column of numbers with a fault, and is read so that the fault is named.
    """
    import pandas as pd
    import pyarrow.types as kinds

    kind = table.schema.field(name).type
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        return True
    if not (kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_dictionary(kind)):
        return False
    return bool(pd.to_numeric(table.column(name).to_pandas(), errors="coerce").notna().any())


def split_reference(table: Any, generation: str) -> tuple[Any, Any]:
    """Rows of generations, and the rows whose generation is the word ``reference``."""
    import pyarrow as pa
    import pyarrow.compute as compute

    column = table.column(generation)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return table, None
    word = compute.equal(compute.utf8_lower(compute.utf8_trim_whitespace(column)), REFERENCE)
    word = compute.fill_null(word, False)
    return table.filter(compute.invert(word)), table.filter(word)


def rows_where(table: Any, where: Mapping[str, str], source: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as compute

    for name, wanted in where.items():
        if name not in table.column_names:
            raise RunsError(f"{source} has no column {name!r}")
        keep = compute.equal(table.column(name).cast(pa.string()), str(wanted))
        if not compute.any(keep).as_py():
            seen = sorted(map(str, compute.unique(table.column(name)).to_pylist()))[:8]
            raise RunsError(f"{source}: no row has {name} = {wanted}; there are {', '.join(seen)}")
        table = table.filter(keep)
    return table
