"""Projects of a user's own, outside this repository, and a process to run one in."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

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
OPEN = """
from numerics.testing import expect_mean

def test_open():
    expect_mean(lambda rng, size: rng.random(size), 0.5, 1/12, budget=3000)
"""


def text(result):
    return result.stdout.str()


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
