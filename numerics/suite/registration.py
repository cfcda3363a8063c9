"""The entry point of Hypothesis: ``from_type(Setting)`` works wherever `Setting` is known.

Hypothesis runs entry points whenever it is imported, in projects that never heard of us too. So
nothing is imported here: the strategies are registered when `theory.setting` or another of the
modules that define the types is, and built when they are asked for.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Where a type is defined, and the strategy of `numerics.settingstrategies` that draws it.
TYPES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "theory.setting": {"Setting": lambda strategies: strategies.settings()},
    "theory.family": {"Family": lambda strategies: strategies.families()},
    "theory.model": {"Model": lambda strategies: strategies.models_of()},
    "theory.vocabulary": {
        "Selection": lambda strategies: strategies.selections(20, 2),
        "Workflow": lambda strategies: strategies.workflows(20),
    },
}


def _resolver(build: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda thing: build(importlib.import_module("numerics.settingstrategies"))


def _register_types(module: ModuleType) -> None:
    from hypothesis.strategies import register_type_strategy

    for name, build in TYPES[module.__name__].items():
        register_type_strategy(getattr(module, name), _resolver(build))


class _AfterImport(Loader):
    """A loader that registers the types of a module once it has been executed."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        _register_types(module)

    def __getattr__(self, name: str) -> Any:
        # Tracebacks and `inspect` ask the loader for the source.
        return getattr(self.loader, name)


class _Watch(MetaPathFinder):
    """Finds the modules of the types as anybody would, and puts our loader around theirs."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in TYPES:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _AfterImport(spec.loader)
                return spec
        return None


def register() -> None:
    """Register strategies for the types that are known, and for the others once they are."""
    for name in TYPES:
        if name in sys.modules:
            _register_types(sys.modules[name])
    if not any(isinstance(finder, _Watch) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watch())
