"""The hypothesis entry point, installed beside the package `simulator` and not in it, for the reason that `vpcsim_pytest` gives.

hypothesis calls `wait_for_simulator` whenever it is imported, in every project of the environment. Nothing of the package is imported
for that: the strategies for its types are registered when somebody imports `simulator` himself, and only if that is our package.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

PACKAGE = "simulator"


def wait_for_simulator() -> None:
    """Register the strategies as soon as the package is imported, or now if it is."""
    module = sys.modules.get(PACKAGE)
    if module is None:
        sys.meta_path.insert(0, _FirstImport())
    elif _is_ours(getattr(module, "__spec__", None)):
        _register()


def _is_ours(spec: ModuleSpec | None) -> bool:
    """Whether this is the package that lies beside this file, or around it where it runs from a checkout."""
    here = Path(__file__).resolve().parent
    if spec is None or spec.origin is None:
        return False
    return Path(spec.origin).resolve() in (here / PACKAGE / "__init__.py", here.parent / "__init__.py")


def _register() -> None:
    """Types are registered with functions, so that the strategies themselves are imported when one of them is asked for."""
    from hypothesis import strategies as st

    from simulator.aws.snapshot import Snapshot
    from simulator.packet.flow import Flow
    from simulator.packet.prefix import Prefix
    from simulator.packet.ranges import Ranges
    from simulator.packet.service import Service

    for of in (Snapshot, Flow, Prefix, Ranges, Service):
        st.register_type_strategy(of, _strategy)


def _strategy(of: type[Any]) -> SearchStrategy[Any]:
    from simulator.testing.strategies.registration import strategy_of

    return strategy_of(of)


class _FirstImport(MetaPathFinder):
    """Sees the first import of `simulator`, whoever makes it, and goes."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != PACKAGE:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None and _is_ours(spec):
            spec.loader = _RegisterAfterwards(spec.loader)
            return spec
        return None  # somebody else's: the usual finders find it again


class _RegisterAfterwards(Loader):
    """Loads a module as its own loader does, then registers the strategies."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        _register()
