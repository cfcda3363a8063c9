"""Tables of recorded runs: read with the user's names, every fault named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numerics.runs import read_runs
from theory.errors import RunsError

pd = pytest.importorskip("pandas")

GOOD = "step,trace,seed,kind\n0,1.0,7,a\n1,0.9,7,a\n2,0.72,7,a\n0,2.0,8,a\n1,1.0,8,a\n0,5,9,b\n"
NAMES = {"generation": "step", "value": "trace", "run": "seed"}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "runs.csv"
    path.write_text(GOOD)
    return path


def test_ratios_never_cross_from_one_run_to_the_next(table: Path) -> None:
    step, ratio = read_runs(table, NAMES, {"kind": "a"}).transitions()
    assert step.tolist() == [1, 2, 1]
    np.testing.assert_allclose(ratio, [0.9, 0.8, 0.5], rtol=1e-15)


def test_rows_in_any_order_give_the_same_runs(table: Path, tmp_path: Path) -> None:
    shuffled = tmp_path / "shuffled.csv"
    pd.read_csv(table).sample(frac=1, random_state=3).to_csv(shuffled, index=False)
    ours = {r.name: r.value.tolist() for r in read_runs(shuffled, NAMES, {"kind": "a"}).runs}
    assert ours == {"7": [1.0, 0.9, 0.72], "8": [2.0, 1.0]}


def test_parquet_is_read_like_csv(table: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    other = tmp_path / "runs.parquet"
    pd.read_csv(table).to_parquet(other)
    ours = read_runs(other, NAMES, {"kind": "a"}).transitions()[1]
    np.testing.assert_array_equal(ours, read_runs(table, NAMES, {"kind": "a"}).transitions()[1])


@pytest.mark.parametrize(
    ("text", "names", "where", "complaint"),
    [
        (GOOD, {**NAMES, "value": "variance"}, {}, "no column 'variance'; it has step, trace"),
        (GOOD, {"value": "trace", "sample": "x"}, {}, "no role 'sample'"),
        (GOOD, {**NAMES, "value": "kind"}, {}, "has 'a' in data row 1; it must hold finite"),
        (GOOD.replace("0.72", ""), NAMES, {"kind": "a"}, "data row 3"),
        (GOOD.replace("0.72", "inf"), NAMES, {"kind": "a"}, "data row 3"),
        (GOOD, {"generation": "step", "value": "trace"}, {}, "generation 0 twice"),
        (GOOD.replace("\n1,0.9", "\n5,0.9"), NAMES, {"kind": "a"}, "gap after generation 0"),
        (GOOD.replace("\n1,0.9", "\n1.5,0.9"), NAMES, {"kind": "a"}, "not integers"),
        (GOOD, NAMES, {"kind": "c"}, "no row has kind = c; there are a, b"),
        (GOOD, NAMES, {"colour": "c"}, "no column 'colour'"),
        (GOOD, NAMES, {"kind": "b"}, "has 1 generation; a ratio needs two"),
    ],
)
def test_faults_are_named_in_one_line(
    tmp_path: Path, text: str, names: dict[str, str], where: dict[str, str], complaint: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(RunsError, match=complaint) as caught:
        read_runs(path, names, where)
    assert "\n" not in str(caught.value)


def test_ratios_of_values_that_are_not_positive_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "zero.csv"
    path.write_text("generation,value\n0,1\n1,0\n2,1\n")
    with pytest.raises(RunsError, match="value 0 at generation 1"):
        read_runs(path).transitions()


@pytest.mark.parametrize("name", ["absent.csv", "runs.txt"])
def test_unreadable_files_are_named(tmp_path: Path, name: str) -> None:
    if name.endswith("txt"):
        (tmp_path / name).write_text("x")
    with pytest.raises(RunsError, match=name):
        read_runs(tmp_path / name)
