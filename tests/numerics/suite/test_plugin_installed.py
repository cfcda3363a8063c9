"""The plugin as it is installed: entry points, and what it loads."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.numerics.suite.userprojects import RIGHT, ROOT

pytest_plugins = ["pytester"]


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
