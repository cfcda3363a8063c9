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
        (
            GOOD.replace("\n1,0.9", "\n1.5,0.9"),
            NAMES,
            {"kind": "a"},
            "generation 1.5; accepted: integers",
        ),
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


@pytest.mark.parametrize(
    ("name", "mark", "decimal"),
    [
        ("runs.tsv", "\t", "."),
        ("tabs.csv", "\t", "."),
        ("RUNS.CSV", ";", ","),
        ("a.csv", ", ", "."),
    ],
)
def test_other_marks_between_cells(table: Path, name: str, mark: str, decimal: str) -> None:
    lines = (table.read_text() if decimal == "." else table.read_text().replace(".", "_")).strip()
    text = lines.replace(",", mark).replace("_", decimal) + "\n"
    other = table.parent / name
    other.write_text(text)
    ours = read_runs(other, NAMES, {"kind": "a"}).transitions()[1]
    np.testing.assert_array_equal(ours, read_runs(table, NAMES, {"kind": "a"}).transitions()[1])


def test_numbers_are_kept_as_numbers_and_rows_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("step,trace,seed,kind\n0,1,7,2.0\n0,1,9,3.0\n1,,9,3.0\n")
    assert len(read_runs(path, NAMES, {"kind": 2}, gaps=True).runs) == 1
    with pytest.raises(RunsError, match="no row has kind = 4"):
        read_runs(path, NAMES, {"kind": 4})
    with pytest.raises(RunsError, match="'trace' has no number in data row 3"):
        read_runs(path, NAMES, {"kind": 3})


def test_a_parquet_file_may_have_its_runs_as_index(table: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    other = tmp_path / "runs.parquet"
    pd.read_csv(table).set_index(["seed", "step"]).to_parquet(other)
    assert len(read_runs(other, NAMES, {"kind": "a"}).runs) == 2


def test_a_table_without_rows_says_so(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("step,trace,seed,kind\n")
    with pytest.raises(RunsError, match="has no row"):
        read_runs(path, NAMES)
