"""Imports: what the contracts in pyproject.toml cannot say, and that no outside library lacks a contract."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "simulator"


def imports() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every import of the package: where it stands, the module, and the names taken from it, if any."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                yield from ((place, alias.name, ()) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield place, node.module or "", tuple(alias.name for alias in node.names)


def is_module(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


def test_nothing_inside_imports_the_public_face() -> None:
    offenders = [
        place for place, module, names in imports() if module == "simulator" and not (names and all(is_module(name) for name in names))
    ]
    assert offenders == []


def test_every_outside_library_has_a_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    fenced = {name for contract in contracts for name in contract.get("forbidden_modules", ())}
    roots = {module.partition(".")[0]: place for place, module, _ in imports()}
    outside = roots.keys() - sys.stdlib_module_names - {"simulator"}
    assert {library: roots[library] for library in outside - fenced} == {}
