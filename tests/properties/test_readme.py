"""README.md lists every property, and nothing else."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_property_has_a_line() -> None:
    listed = re.findall(r"\| `(test_\w+)` \|", (HERE / "README.md").read_text("utf-8"))
    trees = {path.name: ast.parse(path.read_text("utf-8")) for path in HERE.glob("test_*.py") if path.name != Path(__file__).name}
    tests = [node.name for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert sorted(listed) == sorted(name for name in tests if name.startswith("test_"))
