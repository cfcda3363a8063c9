"""The plugin in a project of a user's own, outside this repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from hypothesis import settings

import numerics.testing  # noqa: F401  (loaded here once, rather than in every project below)
from numerics.suite.ledger import Ledger

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[3]
PLUGIN = "numerics.suite.plugin"
# Installed, the package is a plugin already; pytest refuses to load it twice.
LOADED = any(each.value == PLUGIN for each in entry_points(group="pytest11"))
LOADING = () if LOADED else ("-p", PLUGIN)

RIGHT = """
import sympy as sp
from theory import integers
from numerics.testing import verify

n = sp.Symbol("n", integer=True, positive=True)


@verify(mean=1 - 1/n, variance=2*(n - 1)/n**2, over={n: integers(2, 200)})
def test_step(rng, size, n):
    return rng.standard_normal((size, n)).var(axis=1) if n < 9 else rng.chisquare(n - 1, size) / n
"""
# The unbiased fit's variance ratio, claimed for maximum likelihood; right below n = 7.
WRONG = """
import sympy as sp
from theory import integers
from numerics.testing import verify

n = sp.Symbol("n", integer=True, positive=True)


@verify(mean=1 - 1/n, variance=2*(n - 1)/n**2, over={n: integers(2, 200)}, points=30)
def test_step(rng, size, n):
    return rng.chisquare(n - 1, size) / n + (0 if n < 7 else 1 / n)
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """Runs pytest in this process on the files of a project, with the plugin."""
    for word in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(word, raising=False)

    # Where CI is set, Hypothesis derandomises and keeps no database; a user's machine does neither.
    outer = settings.get_current_profile_name()

    def run(*options, **files):
        if files:
            pytester.makepyfile(**files)
        return pytester.runpytest_inprocess(*LOADING, "--hypothesis-profile=default", *options)

    yield run
    settings.load_profile(outer)


def text(result):
    return result.stdout.str()


def salt_of(result):
    return re.search(r"collapse: salt ([0-9a-f]+)", text(result))[1]


def test_a_correct_claim_passes_and_is_in_the_table(project):
    result = project(test_right=RIGHT)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["collapse: salt *pinned*profile dev*", "*test_right.test_step*VERIFIED*0.01*"]
    )


def test_a_wrong_claim_fails_with_the_smallest_point_and_the_line_to_pin_it(project):
    result = project(test_wrong=WRONG)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_wrong.test_step is REFUTED: *",
            "*smallest: n = 7: claimed 0.857143, measured * fresh draws*",
            "*to pin it: @example(at={'n': 7})*",
            "*test_wrong.test_step*REFUTED*",
        ]
    )


def test_the_line_to_pin_works_as_it_is_printed(project):
    """Pinned, the counterexample is tried first and alone fails; on a mended sampler it passes."""
    head, _, rest = WRONG.partition("@verify")
    pinned = "from hypothesis import example, Phase, settings\n" + head
    only = "\n@settings(phases=[Phase.explicit])\ndef test_step"
    pinned += "@example(at={'n': 7})\n@verify" + rest.replace("\ndef test_step", only)
    result = project(test_pinned=pinned)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*smallest: n = 7:*"])
    mended = pinned.replace(" + (0 if n < 7 else 1 / n)", "")
    project(test_pinned=mended).assert_outcomes(passed=1)


def test_an_example_outside_the_domain_is_one_clear_line(project):
    source = "from hypothesis import example\n" + RIGHT.replace(
        "@verify", "@example(at={'n': 1})\n@verify"
    )
    result = project(test_outside=source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*n = 1 is not an integer in [[]2, 200]*"])


OPEN = """
from numerics.testing import expect_mean

def test_open():
    expect_mean(lambda rng, size: rng.random(size), 0.5, 1/12, budget=3000)
"""


def test_inconclusive_is_shown_like_xfail_and_fails_when_strict(project):
    result = project("-rx", test_open=OPEN)
    result.assert_outcomes(xfailed=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*XFAIL*INCONCLUSIVE*reached*the budget is 3000*"])
    strict = project("--collapse-strict", test_open=OPEN)
    strict.assert_outcomes(failed=1)
    assert strict.ret == 1


def test_the_error_budget_of_a_property_ends_in_inconclusive(project):
    source = RIGHT.replace("over=", "evaluations=2, points=10, over=")
    result = project("-rx", "--hypothesis-seed=1", test_short=source)
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["*XFAIL*more than 2 evaluations*"])


def test_salts(project, monkeypatch):
    """Pinned locally, fresh in CI, or given; printed in any case."""
    first, second = project(test_open=OPEN), project(test_open=OPEN)
    assert salt_of(first) == salt_of(second)
    assert salt_of(project("--collapse-salt=C0FFEE", test_open=OPEN)) == "c0ffee"
    assert salt_of(project("--collapse-salt=fresh", test_open=OPEN)) != salt_of(first)
    monkeypatch.setenv("CI", "true")
    fresh = [project(test_open=OPEN) for _ in range(2)]
    assert salt_of(fresh[0]) != salt_of(fresh[1])
    fresh[0].stdout.fnmatch_lines(["*profile ci*"])
    refused = project("--collapse-salt=noise", test_open=OPEN)
    assert refused.ret == 4
    refused.stderr.fnmatch_lines(["*--collapse-salt takes*not 'noise'*"])


def test_options_that_make_no_sense_are_refused(project):
    for option in ("--collapse-budget=10", "--collapse-jobs=0"):
        result = project(option, test_open=OPEN)
        assert result.ret == 4
        result.stderr.fnmatch_lines(["*takes*"])


def test_the_budget_option_overrides_the_profile(project):
    result = project("--collapse-budget=2000", test_right=RIGHT)
    result.assert_outcomes(xfailed=1)


def verdicts(path):
    found = json.loads(Path(path).read_text())
    return {
        each["test"].split("::")[-1]: [claim["verdict"] for claim in each["claims"]]
        for each in found["tests"]
    }


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


def apart(pytester, *options):
    """The project in a process of its own; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *LOADING, "--hypothesis-profile=default", *options],
        cwd=pytester.path,
        env={
            **{name: x for name, x in os.environ.items() if name not in ("CI", "BUILD_NUMBER")},
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
    )
    return done.stdout


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


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        ("np.random.standard_normal(size)", "*not a function of its rng*"),
        ("np.random.default_rng(1).standard_normal(size)", "*ignores its rng*"),
        ("np.repeat(rng.standard_normal(size), 2)[:size]", "*not independent (neighbours)*"),
        ("rng.standard_normal(2 * size)", "*draw returned shape*"),
    ],
)
def test_bad_samplers_fail_loudly_and_without_flaky_errors(project, draw, message):
    source = RIGHT.replace("mean=1 - 1/n, variance=2*(n - 1)/n**2", "mean=0, variance=1")
    body, _, _ = source.partition("    return")
    result = project(test_bad=f"import numpy as np\n{body}    return {draw}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message])
    assert "Flaky" not in text(result)
    # One line says it; what the package called on the way to it is left out.
    assert not re.search(r"numerics/(?!suite/property\.py)\S*\.py:", text(result))


def test_what_algebra_refutes_is_told_with_its_point(project):
    """Of a statement without a quantity too: 1 - 1/n is not at least 3/4 before n = 4."""
    source = """
import sympy as sp
from theory import Claim, integers
from numerics.testing import verify

n = sp.Symbol("n", integer=True, positive=True)


@verify(Claim("mine.holds", "three quarters", {n: integers(2, 50)},
              holds=sp.Ge(1 - 1/n, sp.Rational(3, 4), evaluate=False)))
def test_holds(): ...
"""
    result = project(test_holds=source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*mine.holds is REFUTED by algebra at n = 2: three quarters;*"])


def test_a_point_without_moments_fails_loudly(project):
    source = RIGHT.replace("2*(n - 1)/n**2", "2*(n - 1)/(n - 150)**2")
    result = project(test_pole=source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*variance*does not exist at n = 150*"])


def test_a_function_without_rng_sees_the_letters_and_the_judgement(project):
    source = """
from theory import shelf
from numerics.testing import property_test, verify
from hypothesis import settings

CLAIM = shelf.find("folklore.mean-square")

@verify(CLAIM, points=2)
def test_extra(n, judgement):
    assert judgement.draws >= 1024 and n >= 1

test_built = property_test(CLAIM, points=2)
"""
    result = project("-v", test_shelf=source)
    result.assert_outcomes(passed=2)


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


def installed(folder: Path) -> dict[str, str]:
    """An environment in which the package is installed, as its pyproject.toml declares it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    info = folder / "collapse_theory-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: collapse-theory\nVersion: 0\n")
    groups = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text(groups)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


def test_entry_points_load_the_plugin_and_register_the_strategies(pytester):
    environment = installed(pytester.path / "site")
    pytester.makepyfile(
        test_mine=RIGHT
        + """
from hypothesis import given
from theory import Family, Setting
from hypothesis.strategies import from_type

@given(from_type(Setting), from_type(Family))
def test_types(setting, family):
    assert isinstance(setting, Setting) and isinstance(family, Family)
"""
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v"],
        cwd=pytester.path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "2 passed" in done.stdout, done.stdout
    assert "collapse: salt" in done.stdout
    assert "test_mine.test_step  VERIFIED" in done.stdout


def test_the_plugin_imports_neither_sympy_nor_numpy(pytester):
    script = (
        "import sys, hypothesis, numerics.suite.plugin as plugin\n"
        "print([name for name in ('sympy', 'numpy', 'scipy', 'theory.setting') "
        "if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=installed(pytester.path / "site"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
