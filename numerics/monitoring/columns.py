"""Columns of a recorded table: files opened with Arrow, labels coded, numbers checked."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import RunsError

Array = NDArray[np.float64]
REFERENCE = "reference"


def open_table(source: str | Path | bytes, name: str) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.csv as csv
        import pyarrow.parquet as pq
    except ImportError:
        raise RunsError(
            "reading recorded runs needs pyarrow; install collapse-theory[runs]"
        ) from None
    try:
        if isinstance(source, bytes):
            return csv.read_csv(io.BytesIO(source))
        path = Path(source)
        if not path.is_file():
            raise RunsError(f"no file {path}")
        if path.suffix == ".csv":
            return csv.read_csv(path)
        if path.suffix in (".parquet", ".pq"):
            return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunsError(f"{name} cannot be read: {reason}") from None
    raise RunsError(f"{name} is neither .csv nor .parquet")


def labels(table: Any, name: str | None, missing: str) -> tuple[NDArray[np.int64], list[str]]:
    """Codes and names of a column of labels, in order of appearance."""
    if name is None:
        return np.zeros(table.num_rows, dtype=np.int64), [missing]
    column = table.column(name).combine_chunks()
    if column.null_count:
        raise RunsError(f"column {name!r} has an empty cell")
    coded = column.dictionary_encode()
    return (
        coded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        [str(each) for each in coded.dictionary.to_pylist()],
    )


def numbers_of(table: Any, name: str, source: str) -> Array:
    import pyarrow as pa

    column = table.column(name)
    try:
        numbers = np.asarray(column.cast("float64").to_numpy(), dtype=float)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # Text among the numbers: find the row, so that the complaint can name it.
        import pandas as pd

        numbers = pd.to_numeric(column.to_pandas(), errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        given = column[int(bad[0])].as_py()
        raise RunsError(
            f"{source}: column {name!r} has {given!r} in data row {bad[0] + 1}; "
            "it must hold finite numbers"
        )
    return numbers


def is_numeric(table: Any, name: str) -> bool:
    import pyarrow.types as kinds

    kind = table.schema.field(name).type
    return bool(kinds.is_integer(kind) or kinds.is_floating(kind))


def split_reference(table: Any, generation: str) -> tuple[Any, Any]:
    """Rows of generations, and the rows whose generation is the word ``reference``."""
    import pyarrow as pa
    import pyarrow.compute as compute

    column = table.column(generation)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return table, None
    word = compute.equal(column, REFERENCE)
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
