"""The benchmark: resumed without loss, paired, and scored so that a fault is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from numerics.wasserstein.bench import Grid, Record, cells, front, recommend, run
from theory.errors import InvalidInput

GRID = Grid(("gaussian", "tanh"), (1, 2), (20, 40), 1, 3, ("exact", "assignment", "gaussian"))


def values(records: list[Record]) -> list[object]:
    return [(record.unit, record.values, record.controls) for record in records]


class Killed(Exception):
    pass


def test_a_killed_run_goes_on_with_nothing_lost_or_counted_twice(tmp_path: Path) -> None:
    whole = run(GRID, salt="c0ffee", jobs=1)
    done = []

    def die(record: Record) -> None:
        done.append(record)
        if len(done) == 7:
            raise Killed

    with pytest.raises(Killed):
        run(GRID, salt="c0ffee", folder=tmp_path, jobs=1, done=die)
    kept = {place.name: place.read_bytes() for place in tmp_path.iterdir()}
    assert len(kept) == 7
    resumed = run(GRID, salt="c0ffee", folder=tmp_path, jobs=1)
    assert values(resumed) == values(whole)
    assert len(list(tmp_path.iterdir())) == len(whole) == len(set(GRID.units()))
    assert all((tmp_path / name).read_bytes() == text for name, text in kept.items())
    assert values(run(GRID, salt="beef", jobs=1)) != values(whole)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    run(GRID, salt="c0ffee", folder=tmp_path, jobs=1)
    with pytest.raises(InvalidInput, match="another salt"):
        run(GRID, salt="beef", folder=tmp_path, jobs=1)
    with pytest.raises(InvalidInput, match="another replicates"):
        run(replace(GRID, replicates=4), salt="c0ffee", folder=tmp_path, jobs=1)
    place = next(iter(tmp_path.iterdir()))
    held = json.loads(place.read_text())
    held["record"]["values"] = held["record"]["values"][:-1]
    place.write_text(json.dumps(held))
    with pytest.raises(InvalidInput, match="no unit"):
        run(GRID, salt="c0ffee", folder=tmp_path, jobs=1)


def test_every_estimator_sees_the_same_samples() -> None:
    found = {record.unit: record for record in run(GRID, salt="c0ffee", jobs=1)}
    for unit, record in found.items():
        if unit.estimator == "exact":
            other = found[replace(unit, estimator="assignment")]
            assert other.controls == record.controls
            assert np.allclose(np.array(other.values), np.array(record.values), rtol=1e-9)


def test_the_control_variate_calms_and_leaves_the_expectation() -> None:
    grid = Grid(("mixture",), (1,), (300,), 1, 40, ("sorted",))
    record = run(grid, salt="c0ffee", jobs=1)[0]
    (cell,) = cells([record])
    assert cell.controlled_half < cell.bias_half / 5
    assert abs(cell.bias - cell.controlled) < cell.bias_half + cell.controlled_half
    # Another pair's control leaves the mean alone too, and calms nothing.
    shifted = replace(record, controls=(*record.controls[1:], record.controls[0]))
    assert cells([shifted])[0].controlled_half > cell.bias_half


def test_a_five_per_cent_fault_of_an_estimator_is_seen() -> None:
    grid = Grid(("mixture",), (1,), (2000,), 1, 20, ("sorted",))
    record = run(grid, salt="c0ffee", jobs=1)[0]
    honest = cells([record])[0]
    wrong = replace(record, values=tuple(1.05 * value for value in record.values if value))
    assert abs(honest.controlled) < 0.02
    assert cells([wrong])[0].controlled - cells([wrong])[0].controlled_half > 0.02


def test_failures_are_counted_and_not_averaged() -> None:
    record = run(Grid(("gaussian",), (2,), (20,), 1, 4, ("exact",)), salt="c0ffee", jobs=1)[0]
    partly = cells([replace(record, values=(None, *record.values[1:]))])[0]
    assert (partly.failures, partly.replicates) == (1, 3)
    never = cells([replace(record, values=(None,) * 4)])[0]
    assert np.isnan(never.rmse)
    assert not front([never])[0].best


def test_the_front_and_the_advice() -> None:
    found = cells(run(GRID, salt="c0ffee", jobs=1))
    fast, exact = (
        [replace(c, seconds=time, rmse=rmse) for c in found if c.estimator == name]
        for name, time, rmse in (("gaussian", 1e-3, 0.2), ("exact", 1.0, 0.1))
    )
    beaten = [replace(c, estimator="split", seconds=2.0, rmse=0.15) for c in exact]
    stars = {row.estimator: row.best for row in front([*fast, *exact, *beaten])}
    assert stars == {"gaussian": True, "exact": True, "split": False}
    table = [*fast, *exact, *beaten]
    assert recommend(table, sample_size=40, dimension=2, seconds=5).chosen.estimator == "exact"
    assert recommend(table, sample_size=40, dimension=2, seconds=0.5).chosen.estimator == "gaussian"
    far = recommend(table, sample_size=40, dimension=50, seconds=5)
    assert far.outside
    assert far.dimension == 2
    with pytest.raises(InvalidInput, match="fastest"):
        recommend(table, sample_size=40, dimension=2, seconds=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Grid(("nothing",), (1,), (10,), 1, 2),
        lambda: Grid(("gaussian",), (1,), (10,), 1, 2, ("nothing",)),
        lambda: Grid(("gaussian",), (), (10,), 1, 2),
        lambda: Grid(("gaussian",), (1,), (10,), 1, 1),
        lambda: cells([]),
        lambda: recommend([], sample_size=10, dimension=1, seconds=1),
        lambda: recommend([], sample_size=0, dimension=1, seconds=1),
    ],
)
def test_bad_input_is_one_line(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput) as caught:
        call()
    assert "\n" not in str(caught.value)
