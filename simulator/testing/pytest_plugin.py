"""Scenario files as pytest tests: every expectation is one test, and a failing one prints the walk.

pytest finds this module through `vpcsim_pytest` (see `simulator/_toplevel/`), which asks which files are scenarios: those named
`*.scenario.yaml`, or what the option `vpcsim_scenarios` of the project says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.problems import InputError
from simulator.testing.expectations import Asked, Result, question, run


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile:
    """The tests of a scenario file. The caller has decided that it is one."""
    return ScenarioFile.from_parent(parent, path=file_path)


class Wrong(Exception):  # noqa: N818 - no mistake of the program, but a test that fails
    """An expectation that is not met."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.wrong)
        self.result = result


class ScenarioFile(pytest.File):
    """A scenario file; read when it is collected, so that a file that cannot be read is a collection error with its problems."""

    def collect(self) -> Iterator[pytest.Item]:
        from simulator.api import load

        try:
            network = load(str(self.path))
        except InputError as error:
            raise self.CollectError(str(error)) from error
        names: dict[str, int] = {}
        for expectation in network.expectations:
            title = question(expectation)
            names[title] = names.get(title, 0) + 1
            name = title if names[title] == 1 else f"{title} #{names[title]}"
            yield ScenarioItem.from_parent(self, name=name, network=network, expectation=expectation)


class ScenarioItem(pytest.Item):
    """One expectation."""

    def __init__(self, *, network: Asked, expectation: Any, **rest: Any) -> None:
        super().__init__(**rest)
        self.network = network
        self.expectation = expectation

    def runtest(self) -> None:
        result = run(self.network, self.expectation)
        if result.wrong:
            raise Wrong(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Wrong):
            result = excinfo.value.result
            return f"{result.title}: {result.wrong}\n{result.details}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.expectation.place.line
        return self.path, line - 1 if line else None, self.name
