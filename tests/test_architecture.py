"""The rules of the house, read from the imports: two witnesses who have not spoken.

Each rule is a function from a tree of sources to its violations. It is applied to the project, and
to the project with one planted violation, which it must name.
"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import numerics
import theory

ROOT = Path(__file__).parent.parent
Tree = Mapping[str, str]

# What settings are made of: the question, which both wings may read.
QUESTION = {
    "errors",
    "domain",
    "symbols",
    "parameters",
    "vocabulary",
    "model",
    "modelbase",
    "categorical",
    "setting",
    "family",
}
# What a claim on the shelf may be written with, besides the question.
WRITING = {"claim", "forms", "parts", "reference", "named", "special", "laplace"}
# Whatever these import is held to the same rule.
WITNESSES = (
    "simulation",
    "selection",
    "batch",
    "verifier",
    "workflow",
    "samplers",
    "models",
    "silos",
)
SIMULATING = tuple(f"numerics.{room}" for room in WITNESSES)
DERIVING = ("theory.derivation", "theory.derived", "theory.comparison", "theory.step")
# The meeting place and its rooms, and the faces above it.
MEETING = ("checking", "question", "rivalry", "recorded", "witness")
FACES = ("cli", "commands", "report", "testing", "suite")
FACADES = ("theory", "numerics")
RANDOM = ("random", "secrets", "numpy.random", "sympy.core.random", "sympy.stats", "hypothesis")


def project() -> dict[str, str]:
    """Every module of the two packages and its source."""
    tree = {}
    for package in FACADES:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = list(file.relative_to(ROOT).with_suffix("").parts)
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            tree[name] = file.read_text()
    return tree


parse = cache(ast.parse)


def within(module: str, rooms: tuple[str, ...] | set[str], package: str) -> bool:
    """Whether `module` is one of the rooms of a package, or lies in one."""
    return any(
        module == f"{package}.{room}" or module.startswith(f"{package}.{room}.") for room in rooms
    )


def imports(name: str, source: str, tree: Tree) -> Iterator[str]:
    """Full names of what a module imports, wherever in its body; lazy exports at their home."""
    homes = {
        f"{facade.__name__}.{word}": home
        for facade in (theory, numerics)
        for word, home in facade._HOME.items()  # type: ignore[attr-defined]
    }
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = any(each.startswith(f"{name}.") for each in tree)
                anchor = name.split(".")
                anchor = anchor[: len(anchor) - node.level + package]
                base = ".".join([*anchor, *([base] if base else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                known = full in tree or any(full.startswith(each) for each in RANDOM)
                yield full if known else homes.get(full, base)


def graph(tree: Tree) -> dict[str, set[str]]:
    """Imports among our own modules; the two facades import lazily and lead nowhere."""
    return {
        name: set()
        if name in FACADES
        else {each for each in imports(name, source, tree) if each in tree and each != name}
        for name, source in tree.items()
    }


def reach(name: str, edges: Mapping[str, set[str]]) -> set[str]:
    """Everything that importing a module brings in, itself left out."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        for each in edges.get(todo.pop(), ()):
            if each not in seen:
                seen.add(each)
                todo.append(each)
    return seen - {name}


def theory_stands_alone(tree: Tree) -> list[str]:
    """`theory` never imports `numerics`."""
    return [
        f"{name} imports {each}"
        for name, source in tree.items()
        if name.split(".")[0] == "theory"
        for each in imports(name, source, tree)
        if each.split(".")[0] == "numerics"
    ]


def theory_draws_nothing(tree: Tree) -> list[str]:
    """`theory` imports no source of random numbers."""
    return [
        f"{name} imports {each}"
        for name, source in tree.items()
        if name.split(".")[0] == "theory"
        for each in imports(name, source, tree)
        if any(each == banned or each.startswith(f"{banned}.") for banned in RANDOM)
    ]


def witnesses_know_the_question_alone(tree: Tree) -> list[str]:
    """What draws reaches nothing of `theory` but the question, by whatever way."""
    edges = graph(tree)
    return [
        f"{name} reaches {each}"
        for name in tree
        if within(name, WITNESSES, "numerics")
        for each in sorted(reach(name, edges))
        if each.startswith("theory.") and not within(each, QUESTION, "theory")
    ]


def the_shelf_is_written_from_the_papers(tree: Tree) -> list[str]:
    """No claim of the catalogue can look at the derivation."""
    edges = graph(tree)
    allowed = QUESTION | WRITING | {"selection", "shelf"}
    return [
        f"{name} reaches {each}"
        for name in tree
        if within(name, ("shelf",), "theory")
        for each in sorted(reach(name, edges))
        if each.startswith("theory.") and not within(each, allowed, "theory")
    ]


def evidence_knows_no_settings(tree: Tree) -> list[str]:
    """The statistics import nothing of ours but the errors."""
    return [
        f"{name} imports {each}"
        for name, source in tree.items()
        if within(name, ("evidence",), "numerics")
        for each in imports(name, source, tree)
        if each.split(".")[0] in FACADES
        and each != "theory.errors"
        and not within(each, ("evidence",), "numerics")
    ]


def wings_meet_in_one_place(tree: Tree) -> list[str]:
    """Only the meeting place, and the faces above it, know both wings."""
    edges = graph(tree)
    found = []
    for name in tree:
        known = reach(name, edges)
        both = any(each in known for each in DERIVING) and any(
            within(each, WITNESSES, "numerics") for each in known
        )
        if both and not within(name, (*MEETING, *FACES), "numerics"):
            found.append(f"{name} reaches both wings")
    return found


def noise_has_one_source(tree: Tree) -> list[str]:
    """Random numbers come from `numerics.streams`; elsewhere only the type is named."""
    found = []
    for name, source in tree.items():
        if name == "numerics.streams":
            continue
        # Hypothesis chooses points of the domain; it never seeds the noise.
        banned = tuple(each for each in RANDOM if each != "hypothesis")
        found += [
            f"{name} imports {each}"
            for each in imports(name, source, tree)
            if any(each == word or each.startswith(f"{word}.") for word in banned)
            and each != "numpy.random.Generator"
        ]
        for node in ast.walk(parse(source)):
            if isinstance(node, ast.Attribute):
                inner = node.value
                if (
                    isinstance(inner, ast.Attribute)
                    and inner.attr == "random"
                    and isinstance(inner.value, ast.Name)
                    and inner.value.id in ("np", "numpy")
                    and node.attr != "Generator"
                ):
                    found.append(f"{name}, line {node.lineno}: np.random.{node.attr}")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                words = {each.arg for each in node.keywords}
                if node.func.attr == "rvs" and "random_state" not in words:
                    found.append(f"{name}, line {node.lineno}: rvs without random_state")
            if isinstance(node, ast.Name) and node.id == "default_rng":
                found.append(f"{name}, line {node.lineno}: default_rng")
    return found


def imports_point_one_way(tree: Tree) -> list[str]:
    """No cycles among modules."""
    try:
        TopologicalSorter(graph(tree)).prepare()
    except CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def no_module_bears_the_name_of_an_exported_function(tree: Tree) -> list[str]:
    """`theory.derive` is the function; a module of that name would shadow it."""
    functions = {
        word
        for facade in (theory, numerics)
        for word in facade._HOME  # type: ignore[attr-defined]
        if inspect.isfunction(getattr(facade, word))
    }
    return [name for name in tree if name.split(".")[-1] in functions]


Rule = Callable[[Tree], list[str]]

# Each rule with the name and the source of a module that breaks it.
PLANTED: list[tuple[Rule, str, str]] = [
    (theory_stands_alone, "theory.planted", "from numerics.streams import Stream"),
    (theory_stands_alone, "theory.planted", "def f():\n    import numerics.simulation"),
    (theory_draws_nothing, "theory.planted", "import random"),
    (theory_draws_nothing, "theory.planted", "from numpy import random"),
    (theory_draws_nothing, "theory.planted", "from numpy.random import default_rng"),
    (
        witnesses_know_the_question_alone,
        "numerics.samplers.planted",
        "from theory.selection import KappaNofN",
    ),
    (
        witnesses_know_the_question_alone,
        "numerics.models.planted",
        "from theory.shelf import find",
    ),
    (witnesses_know_the_question_alone, "numerics.workflow.planted", "from theory import derive"),
    (
        witnesses_know_the_question_alone,
        "numerics.samplers.planted",
        "from numerics.checking import check",
    ),
    (the_shelf_is_written_from_the_papers, "theory.shelf.planted", "from theory import derive"),
    (
        the_shelf_is_written_from_the_papers,
        "theory.shelf.planted",
        "from theory.step import anything",
    ),
    (evidence_knows_no_settings, "numerics.evidence.planted", "from theory.setting import Setting"),
    (evidence_knows_no_settings, "numerics.evidence.planted", "from numerics import streams"),
    (
        wings_meet_in_one_place,
        "numerics.planted",
        "from theory import derive\nfrom numerics.simulation import simulate",
    ),
    (noise_has_one_source, "numerics.planted", "import numpy as np\nx = np.random.normal(3)"),
    (noise_has_one_source, "numerics.planted", "from numpy.random import default_rng"),
    (noise_has_one_source, "numerics.planted", "import random"),
    (noise_has_one_source, "numerics.planted", "x = norm.rvs(size=3)"),
    (
        imports_point_one_way,
        "theory.errors",
        "from theory.setting import Setting",
    ),
    (no_module_bears_the_name_of_an_exported_function, "theory.derive", "x = 1"),
    (no_module_bears_the_name_of_an_exported_function, "numerics.check", "x = 1"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in PLANTED))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    assert rule(project()) == []


@pytest.mark.parametrize(("rule", "name", "source"), PLANTED)
def test_a_planted_violation_is_named(rule: Rule, name: str, source: str) -> None:
    tree = project()
    clean = rule(tree)
    found = set(rule({**tree, name: source})) - set(clean)
    assert any(name in each for each in found), found


def test_the_types_alone_may_be_named() -> None:
    source = "import numpy as np\ndef draw(rng: np.random.Generator) -> None: ..."
    assert noise_has_one_source({"numerics.planted": source}) == []


def test_the_rooms_that_the_rules_speak_of_exist() -> None:
    """A rule about a module that was renamed would hold without saying anything."""
    tree = project()
    for room in (*SIMULATING, *DERIVING, "numerics.streams", "numerics.evidence", "theory.shelf"):
        assert room in tree, room
    for package, rooms in (("numerics", MEETING), ("theory", QUESTION | {"claim", "selection"})):
        for room in rooms:
            assert f"{package}.{room}" in tree, room


LOADING = """
import sys
{statement}
print(sorted(set(sys.modules) & {{"scipy", "hypothesis", "matplotlib", "pandas", "rich"}}))
"""


def loading(statement: str) -> str:
    """What heavy packages a statement loads in a fresh process."""
    answer = subprocess.run(
        [sys.executable, "-c", LOADING.format(statement=statement)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return answer.stdout.strip()


def test_importing_theory_loads_nothing_heavy_beyond_sympy() -> None:
    words = ", ".join(set(theory.__all__) - {"derive", "compare", "shelf"})
    assert loading(f"import theory\nfrom theory import {words}") == "[]"


def test_a_heavy_import_would_be_noticed() -> None:
    assert loading("import theory, scipy") == "['scipy']"
