"""The public face: `simulator.__all__` is sorted, complete and cheap to import."""

import subprocess
import sys
import types
from pathlib import Path

import simulator

ROOT = Path(__file__).parents[2]


def test_names_are_sorted_and_unique() -> None:
    assert list(simulator.__all__) == sorted(set(simulator.__all__))


def test_every_name_is_there() -> None:
    assert [name for name in simulator.__all__ if getattr(simulator, name, None) is None] == []


def test_every_public_name_is_listed() -> None:
    for name in simulator.__all__:
        getattr(simulator, name)
    found = {
        name
        for name, value in vars(simulator).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and getattr(value, "__module__", "simulator").startswith("simulator")  # helpers of `typing` are no names of ours
    }
    assert found - set(simulator.__all__) - {"TYPE_CHECKING", "annotations"} == set()


def test_the_names_of_the_interface_are_there() -> None:
    assert {"InputError", "Verdict", "load"} <= set(simulator.__all__)


def test_every_public_function_and_class_is_documented() -> None:
    public = {name: getattr(simulator, name) for name in simulator.__all__}
    assert [name for name, value in public.items() if callable(value) and not value.__doc__] == []


def test_importing_the_package_imports_no_room() -> None:
    script = "import simulator, sys; print(*(name for name in sys.modules if name.startswith('simulator.')))"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert run.stdout.split() == []
