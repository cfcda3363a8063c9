"""Every fault of a table is named in one line."""

import numpy as np
import pytest

from numerics.monitoring.table import read_table
from theory.errors import RunsError

GOOD = "run,generation,trace\na,0,1.0\na,1,0.9\nb,0,1.0\nb,1,0.8\n"


def read(text, **options):
    return read_table(text.encode(), **options)


def test_rows_may_come_in_any_order():
    lines = GOOD.splitlines()
    found = read("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert {r.run: r.columns["trace"].tolist() for r in found.records} == {
        "a": [1.0, 0.9],
        "b": [1.0, 0.8],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "b,1,0.8\n", "generation 1 twice"),
        (GOOD + "b,3,0.8\n", "gap after generation 1"),
        (GOOD + "b,2,nan\n", "data row 5"),
        (GOOD + "b,2,\n", "data row 5"),
        (GOOD + "b,2,inf\n", "data row 5"),
        (GOOD + "b,2.5,0.8\n", "integers from 0"),
        (GOOD + "b,-1,0.8\n", "integers from 0"),
        (GOOD + "b,2\n", "cannot be read"),
        (GOOD.replace("generation", "when"), "no column 'generation'"),
        ("run,generation,trace\n", "no rows"),
        ("", "cannot be read"),
        (GOOD.replace("run,generation,trace", "run,generation,run"), "two columns 'run'"),
    ],
)
def test_faults_are_named(text, said):
    with pytest.raises(RunsError, match=said) as raised:
        read(text)
    assert "\n" not in str(raised.value)


def test_a_wanted_column_must_be_there():
    with pytest.raises(RunsError, match="no column 'fid'"):
        read(GOOD, wanted=["fid"])
    with pytest.raises(RunsError, match="no role"):
        read(GOOD, columns={"epoch": "generation"})
    with pytest.raises(RunsError, match="no row has run = c"):
        read(GOOD, where={"run": "c"})


def test_words_that_other_tables_use():
    text = "iteration,variance,setting,run,seed\n0,1,A,1,7\n1,1,A,1,7\n0,1,B,1,7\n1,2,B,1,7\n"
    found = read(text)
    assert [(r.loop, r.run, r.group) for r in found.records] == [("A", "1", "7"), ("B", "1", "7")]
    assert found.grouped
    alone = read("generation,variance,seed\n0,1,7\n1,1,7\n0,1,8\n1,2,8\n")
    assert [r.run for r in alone.records] == ["7", "8"]
    assert not alone.grouped  # a name of the runs says nothing of what they share


def test_a_reference_row_is_set_apart():
    text = "generation,m_count,m_n\n0,5,10\n1,4,10\nreference,50,100\n"
    record = read(text).records[0]
    assert record.reference == {"m_count": 50, "m_n": 100}
    assert record.generation.tolist() == [0, 1]


def test_a_group_belongs_to_a_run():
    with pytest.raises(RunsError, match="two groups"):
        read("run,group,generation,trace\n1,a,0,1\n1,b,1,1\n")


def test_parquet_and_frames_are_read_alike(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"generation": [0, 1], "trace": [1.0, 0.5]})
    frame.to_parquet(tmp_path / "runs.parquet")
    for source in (frame, tmp_path / "runs.parquet"):
        assert np.array_equal(read_table(source).records[0].columns["trace"], [1.0, 0.5])
    (tmp_path / "runs.txt").write_text("x")
    with pytest.raises(RunsError, match="neither"):
        read_table(tmp_path / "runs.txt")
    with pytest.raises(RunsError, match="no file"):
        read_table(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace(",", ";"), "separated by ';'"),
        (GOOD.replace("0.9", "low"), "'low' in data row 2"),
        (GOOD.replace("a,1", ",1"), "'run' has an empty cell in data row 2"),
        (GOOD.replace("b,1", f"b,{10**18}"), "integers from 0 to 2"),
        (GOOD.replace("run", "step"), "cannot be both"),
        ("generation,trace\n2024-01-01,1\n2024-01-02,1\n", "dates or times"),
    ],
)
def test_faults_of_strangers_are_named(text, said):
    with pytest.raises(RunsError, match=said):
        read(text, columns={"run": "generation"} if text.startswith("step") else None)


def test_names_are_trimmed_and_roles_know_capitals():
    found = read(GOOD.replace("run,generation,trace", "Run , Generation, Trace"))
    assert found.names == ("Trace",)
    assert [record.run for record in found.records] == ["a", "b"]


def test_what_is_no_table_is_told():
    with pytest.raises(RunsError, match="not list"):
        read_table([1, 2])


def test_a_frame_may_hold_the_word_reference_among_numbers():
    import pandas as pd

    frame = pd.DataFrame({"generation": [0, 1, "reference"], "m_count": [5, 4, 50], "m_n": 100})
    assert read_table(frame).records[0].reference == {"m_count": 50, "m_n": 100}
