"""The plugin in a project of a user's own: what a claim's test says, and its options."""

from __future__ import annotations

import re

import pytest

from tests.numerics.suite.userprojects import OPEN, RIGHT, WRONG, text

pytest_plugins = ["pytester"]


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
