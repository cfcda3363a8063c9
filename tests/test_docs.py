"""Every code block of the README and of the docs is run.

A ``python`` block is executed; the blocks of a page share one namespace. ``python file=NAME`` also
writes the block to that file. In a ``console`` block the lines after ``$`` run in the page's own
folder; what the page shows below a command must be what it prints (``...`` stands for anything, and
``exit=1`` in the fence names the expected status). ``text`` and ``json`` blocks are pictures.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from numerics.cli import main
from theory.model import Categorical, LinearRegression, Model, Poisson
from theory.support import families, form_of
from theory.symbols import d
from theory.vocabulary import FITS, QUANTITIES, WORKFLOWS, KeepAll

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PICTURES = {"text", "json", "latex", "bibtex"}
CI_MARKS = ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS")
PLUGIN = "numerics.suite.plugin"
# Published runs lie beside the project, not in it.
DATA = ROOT.parent / "shared" / "data"
# Installed, the package is a plugin already; pytest refuses to load it twice.
LOADED = any(each.value == PLUGIN for each in entry_points(group="pytest11"))
LOADING = () if LOADED else ("-p", PLUGIN)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its attributes, its text, its first line."""

    language: str
    attributes: dict[str, str]
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page.

    Raises
    ------
    ValueError
        If a block is indented code or names no known language: it would go unchecked.
    """
    found = []
    for token in MarkdownIt().parse(page):
        if token.type not in ("fence", "code_block"):
            continue
        line = token.map[0] + 1 if token.map else 0
        language, *words = token.info.split() or [""]
        if language not in {"python", "console"} | PICTURES:
            raise ValueError(f"line {line}: a block of {language!r} would not be run")
        pairs = dict(word.split("=", 1) for word in words)
        found.append(Block(language, pairs, token.content, line))
    return found


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a command and the output that the page shows for it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.replace("\\\n", " ").partition("\n")
        yield command, shown


def same(shown: str, printed: str) -> bool:
    """Whether the output is the one that the page shows; a page may show none of it."""
    return not shown.strip() or doctest.OutputChecker().check_output(shown, printed, FLAGS)


def run_command(command: str) -> tuple[int, str]:
    """Run one line of a console block: ``collapse`` in this process, ``pytest``, ``cat FILE``."""
    words = shlex.split(command)
    if words[0] == "cat":
        return 0, "".join(Path(name).read_text() for name in words[1:])
    if words[0] == "pytest":
        return run_pytest(words[1:])
    if words[0] != "collapse":
        raise ValueError(f"a console block runs {words[0]!r}; it may run collapse, pytest and cat")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = main(words[1:])
    return status, out.getvalue()


def run_pytest(words: list[str]) -> tuple[int, str]:
    """Run pytest in the page's folder, with the plugin as an installed package brings it."""
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *LOADING, *words],
        # As at a reader's desk: what CI changes in Hypothesis is not what the page shows.
        env={
            **{name: x for name, x in os.environ.items() if name not in CI_MARKS},
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "80",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def lend(name: str) -> None:
    """Lay published files into the current folder; skip the rest of the page without them."""
    files = sorted((DATA / name).glob("*.csv"))
    if not files:
        pytest.skip(f"the published runs {name} are not at hand")
    for file in files:
        if not Path(file.name).exists():
            Path(file.name).symlink_to(file)


def run_page(text: str, skip: int = 0) -> None:
    """Run the blocks of a page in the current folder, without the first `skip` ones."""
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in blocks(text)[skip:]:
        where = f"line {block.line}"
        if "data" in block.attributes:
            lend(block.attributes["data"])
        if block.language == "python":
            if "file" in block.attributes:
                Path(block.attributes["file"]).write_text(block.text)
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block.text, where, "exec"), namespace)
            shown = "".join(re.findall(r"^# prints: (.*\n)", block.text, flags=re.MULTILINE))
            assert same(shown, out.getvalue()), f"{where}: prints\n{out.getvalue()}"
        elif block.language == "console":
            for command, shown in commands(block.text):
                status, printed = run_command(command)
                expected = int(block.attributes.get("exit", 0))
                assert status == expected, f"{where}: {command}: status {status}\n{printed}"
                assert same(shown, printed), f"{where}: {command} prints\n{printed}"


def readme_commands() -> list[str]:
    """The two set-up commands that the README begins with."""
    return [next(commands(block.text))[0] for block in blocks(PAGES[0].read_text())[:2]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_the_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    # The README's first two blocks make an environment: .ci/run runs the second as it stands.
    run_page(page.read_text(), skip=2 if page.name == "README.md" else 0)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize(
    "text",
    [
        "```python\nraise ValueError\n```",
        "```python\nprint(1)\n# prints: 2\n```",
        "```console\n$ collapse nonsense\n```",
        "```console exit=1\n$ collapse --version\n```",
        "```console\n$ collapse --version\nsomething else\n```",
        "```console\n$ rm everything\n```",
        "```bash\n$ collapse --version\n```",
        "    an indented block",
    ],
)
def test_a_false_block_fails(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((AssertionError, ValueError)):
        run_page(text)


def test_the_readme_begins_with_its_two_commands() -> None:
    check, test = readme_commands()
    for command in (check, test):
        assert command.startswith("python3 -m venv ")
        assert "pip install" in command
    assert check.endswith("bin/collapse check")
    assert "-m pytest" in test


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    """.ci/run cuts the command out of the README; here its own words do so."""
    import subprocess

    script = (ROOT / ".ci" / "run").read_text()
    cut = script[script.index("command=$(") : script.index('\necho "$command"')]
    printed = subprocess.run(
        ["bash", "-euc", f'{cut}\nprintf %s "$command"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == readme_commands()[1]
    assert 'bash -euo pipefail -c "$command"' in script


def test_the_version_is_the_same_everywhere() -> None:
    from theory import __version__

    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()


def _generator() -> Any:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.nightly if name == "support.md" else ())
        for name in _generator().PARTS
    ],
)
def test_the_generated_parts_are_up_to_date(name: str) -> None:
    """After a change: python docs/generate.py."""
    text = (ROOT / "docs" / name).read_text()
    assert _generator().generated(name, text) == text


def test_a_stale_part_would_be_noticed() -> None:
    text = (ROOT / "docs" / "reference.md").read_text()
    stale = text.replace("| `n` |", "| `m` |")
    assert stale != text
    assert _generator().generated("reference.md", stale) == text


def committed_forms() -> dict[tuple[str, str, str], tuple[str, str]]:
    """The support page read back: (workflow, "fit, selection", quantity) to the two forms."""
    found = {}
    text = (ROOT / "docs" / "support.md").read_text()
    for workflow in WORKFLOWS:
        part = text.split(f"<!-- {workflow} -->")[1].split("<!-- end of")[0]
        header, _, *rows = (
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in part.strip().splitlines()
        )
        for quantity, *cells in rows:
            for column, cell in zip(header[1:], cells, strict=True):
                line, _, matrix = cell.partition("; any d: ")
                found[workflow, column, quantity.strip("`")] = line, matrix or line
    return found


@pytest.mark.parametrize("kind", [Poisson, Categorical, LinearRegression])
def test_the_support_page_tells_what_is_derived_of_a_model(kind: type[Model]) -> None:
    page = (ROOT / "docs" / "support.md").read_text()
    assert f"<!-- {kind.name} -->\n{_generator().support_of(kind)}\n<!-- end" in page
    stale = page.replace("none", "power")
    assert f"<!-- {kind.name} -->\n{_generator().support_of(kind)}\n<!-- end" not in stale


def test_the_support_page_covers_the_grid() -> None:
    assert len(committed_forms()) == len(WORKFLOWS) * len(FITS) * 3 * len(QUANTITIES)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_support_page_tells_what_is_derived(workflow: str) -> None:
    """The quick half of the page; the whole of it, some minutes, is compared nightly."""
    committed = committed_forms()
    quick = ("replace", "accumulate-subsample")
    for place, dimension in enumerate((1, d)):
        for selection, family in families(dimension):
            if family.workflow.name != workflow or (
                family.selection is not KeepAll and workflow not in quick
            ):
                continue
            for quantity in QUANTITIES:
                shown = committed[workflow, f"{family.fit}, {selection}", quantity][place]
                assert shown == form_of(family, quantity), (selection, family, quantity)


def test_the_reference_names_every_field_option_and_key() -> None:
    from dataclasses import fields

    import click

    from numerics.cli import cli
    from theory.claim import Claim

    text = (ROOT / "docs" / "reference.md").read_text()
    for item in fields(Claim):
        assert f"`{item.name}`" in text, item.name
    with click.Context(cli) as context:
        check: Any = cli.get_command(context, "check")
        for option in check.params:
            if isinstance(option, click.Option):
                assert f"`{option.opts[0]}`" in text, option.opts
        for name in cli.list_commands(context):
            assert f"collapse {name}" in text, name
