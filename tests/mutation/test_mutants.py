"""The machine that makes mutants: what it changes, what it leaves alone, and that a mutant is what its key says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.mutation import mutants
from tests.mutation.mutants import ROOT, Source
from tests.mutation.report import accepted


def made(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(mutants, "ROOT", folder)
    (folder / "module.py").write_text(text, "utf-8")
    return Source("module.py")


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("def f(a, b):\n    return a < b", {"a < b -> a <= b", "a < b -> a >= b"}),
        ("def f(a, b):\n    return a and b", {"a and b -> a", "a and b -> b"}),
        ("def f(a):\n    return not a", {"not a -> a"}),
        ("def f(a) -> bool:\n    return a.b", {"a.b -> True", "a.b -> False"}),
        ("def f(a):\n    if a:\n        a()", {"a -> True as condition", "a -> False as condition", "a() -> pass"}),
        ("def f():\n    return 4", {"4 -> 5", "4 -> 3"}),
        ("def f(g):\n    return g(x=g)", {"x=g -> nothing"}),
        ("def f(g):\n    return g(then=g, miss=g)", {"miss=g -> nothing", "then=, miss= -> swapped"}),
        ("def f(g):\n    return g((g, f))", {"g -> nothing", "f -> nothing"}),
        ("def f(g):\n    for a in g:\n        continue", {"g -> ()", "continue -> break"}),
        ("def f(g):\n    g.problems.warn('no ' + g)", {"g.problems.warn('no ' + g) -> pass"}),
        ("def f(g):\n    return [a for a in g if a]", {"a -> True as condition", "a -> False as condition"}),
        ("def f(g):\n    match g:\n        case 1: pass\n        case 2: pass", {"case 1 -> nothing", "case 2 -> nothing"}),
        ("def f(g):\n    g = g.forgotten()", {"g = g.forgotten() -> pass", "g.forgotten() -> g"}),
        ("def f(a):\n    return a.source", {"a.source -> a.destination"}),
        ("CODE = 'SIM_ROUTING_LOOP'", {"'SIM_ROUTING_LOOP' -> 'SIM_SERVICE_STARTS_NOTHING'"}),
    ],
)  # fmt: skip
def test_changes(text: str, changes: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(text, tmp_path, monkeypatch).mutants
    assert {f"{mutant.before} -> {mutant.after}" for mutant in found} == changes


@pytest.mark.parametrize(
    "text",
    [
        '"""A docstring."""\nimport os\nfrom os import path',
        "def f(a: int | None) -> int | None:\n    '''Says.'''\n    assert a == 1, 'never'",
        "Alias = int | str\nclass A:\n    __slots__ = ('a',)",
        "def f(g):\n    return g(what='words', cites=('NAT-1',))",
        "WORDS = 'words for people'",
    ],
)
def test_left_alone(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(text, tmp_path, monkeypatch).mutants == []


def test_each_mutant_is_another_function_and_the_source_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = made("def f(a, b):\n    return a < b and b != 3\n", tmp_path, monkeypatch)

    def values(code: Any) -> tuple[bool, ...]:
        module: dict[str, Any] = {}
        exec(code, module)
        return tuple(module["f"](a, b) for a in range(1, 6) for b in range(2, 6))

    known = values(compile(source.tree, "module.py", "exec"))
    assert {values(source.compiled(mutant)) == known for mutant in source.mutants} == {False}
    assert values(compile(source.tree, "module.py", "exec")) == known


def test_keys_are_one_each() -> None:
    keys = [mutant.key for mutant in Source("simulator/evaluate/walk.py").mutants]
    assert len(keys) == len(set(keys))


def test_accepted_survivors_are_in_files_that_are_there() -> None:
    assert {file for file, _ in accepted() if not (ROOT / file).is_file()} == set()
    assert all(accepted().values())
