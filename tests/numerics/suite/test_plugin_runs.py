"""What a run with the plugin keeps: report, ledger, database, and one error budget."""

from __future__ import annotations

import json

import pytest

from numerics.suite.ledger import Ledger
from tests.numerics.suite.userprojects import OPEN, RIGHT, WRONG, apart

pytest_plugins = ["pytester"]

MANY = (
    RIGHT.replace("test_step", "test_a")
    + WRONG.replace("test_step", "test_b")
    + OPEN.replace("test_open", "test_c")
    + """
@verify(mean=1, variance=2/(n - 1), over={n: integers(2, 200)})
def test_d(rng, size, n):
    return rng.chisquare(n - 1, size) / (n - 1)
"""
)


def test_the_report_is_json_and_the_same_salt_and_seed_repeat_it(project, pytester):
    options = ("--collapse-salt=c0ffee", "--hypothesis-seed=5", "-p", "no:cacheprovider")
    files = []
    for name in ("one.json", "two.json"):
        result = project(*options, f"--collapse-json={name}", test_many=MANY)
        result.assert_outcomes(passed=2, failed=1, xfailed=1)
        files.append((pytester.path / name).read_text())
    assert files[0] == files[1]
    found = json.loads(files[0])
    assert found["summary"] == {
        "VERIFIED": 2,
        "PROVED": 0,
        "INCONCLUSIVE": 1,
        "REFUTED": 1,
        "VARIANCE REFUTED": 0,
    }
    wrong = found["tests"][1]["claims"][0]
    assert wrong["pin"] == "@example(at={'n': 7})"
    assert wrong["smallest"]["measured"] == pytest.approx(1.0, abs=0.05)


def test_under_xdist_verdicts_are_those_of_one_process(pytester):
    pytest.importorskip("xdist")
    options = ("--collapse-salt=c0ffee", "--hypothesis-seed=5")
    pytester.makepyfile(test_many=MANY)
    # A process of its own too: Hypothesis borrows constants from whatever else is imported.
    apart(pytester, *options, "--collapse-json=one.json")
    shown = apart(
        pytester, "-n2", *options, "--collapse-json=two.json", "--collapse-ledger=ledger.json"
    )
    assert "1 failed, 2 passed, 1 xfailed" in shown
    assert "salt c0ffee" in shown
    assert (pytester.path / "one.json").read_text() == (pytester.path / "two.json").read_text()
    # One session, one run of each claim in the ledger, whichever process found it.
    ledger = Ledger.read(pytester.path / "ledger.json")
    assert [len(entry.runs) for entry in ledger.entries.values()] == [1, 1, 1, 1]


def test_the_error_budget_is_split_over_all_tests_of_the_run(project, pytester):
    """Enough tests raise the thresholds: every verdict then rests on more evidence."""
    # One point: other thresholds lead the search elsewhere, where a verdict has another price.
    few = RIGHT.replace("integers(2, 200)", "integers(20, 20)")
    many = few + "".join(f"\ndef test_{i}():\n    pass\n" for i in range(2000))
    draws = []
    for name, source in (("few", few), ("many", many)):
        project(
            "--collapse-salt=c0ffee",
            "--hypothesis-seed=5",
            f"--collapse-json={name}.json",
            "-k",
            "test_step or test_1",
            **{"test_suite": source},
        )
        found = json.loads((pytester.path / f"{name}.json").read_text())
        draws.append(found["tests"][0]["claims"][0]["draws"])
    assert draws[1] > draws[0]


def test_a_failure_is_replayed_from_the_database_on_new_noise(pytester):
    """The database keeps points, not noise: a replay fails again on another salt."""
    pytester.makepyfile(test_wrong=WRONG)
    assert "smallest: n = 7:" in apart(pytester, "--collapse-salt=aa")
    # One example: generated afresh it would be the smallest point, n = 2, where nothing is wrong.
    short = WRONG.replace("points=30", "points=1")
    other = short.partition("@verify")[2].replace("test_step", "test_other")
    pytester.makepyfile(test_wrong=f"{short}\n@verify{other}")
    again = apart(pytester, "--collapse-salt=bb")
    assert "smallest: n = 7:" in again
    assert "1 failed, 1 passed" in again


def test_other_seeds_try_other_points(project, pytester):
    draws = []
    for seed in (1, 2):
        project(
            "--collapse-salt=c0ffee",
            f"--hypothesis-seed={seed}",
            "--collapse-json=r.json",
            test_right=RIGHT,
        )
        found = json.loads((pytester.path / "r.json").read_text())
        draws.append(found["tests"][0]["claims"][0]["draws"])
    assert draws[0] != draws[1]


def test_the_ledger_remembers_runs_and_accuses_in_the_end(project, pytester):
    """An error of 0.4 % at every point: no run sees it, a few runs together do."""
    source = RIGHT.replace("mean=1 - 1/n", "mean=(1 - 1/n)*1.004").replace(
        "over={n: integers(2, 200)}", "over={n: integers(20, 60)}, points=20, epsilon=0.02"
    )
    source = source.partition("    return")[0] + "    return rng.chisquare(n - 1, size) / n\n"
    outcomes = []
    for run in range(12):
        result = project(f"--collapse-salt={run:x}a", "--collapse-ledger=l.json", test_small=source)
        outcomes.append(result.ret)
        if result.ret:
            break
    assert outcomes[0] == 0
    assert outcomes[-1] == 1
    result.stdout.fnmatch_lines(["*REFUTED by the ledger*after * runs*"])
    # The twin: the right mean over as many runs is never accused.
    for run in range(len(outcomes)):
        right = source.replace("*1.004", "")
        result = project(f"--collapse-salt={run:x}b", "--collapse-ledger=r.json", test_small=right)
        assert result.ret == 0


def test_a_ledger_that_is_no_ledger_stops_the_run(project, pytester):
    (pytester.path / "l.json").write_text("{}")
    result = project("--collapse-ledger=l.json", test_right=RIGHT)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*l.json is a foreign file*"])
    assert (pytester.path / "l.json").read_text() == "{}"


def test_a_report_that_cannot_be_written_is_an_error(project):
    result = project("--collapse-json=missing/folder/r.json", test_right=RIGHT)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["ERROR: *cannot be written*"])
