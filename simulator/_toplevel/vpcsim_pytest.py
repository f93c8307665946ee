"""The pytest plugin's door, installed beside the package `simulator` and not in it.

pytest imports the modules of entry points whenever it starts, in every project of the environment. If that imported
`simulator`, a project with a folder `simulator/` of its own would end before its first test, or test our package
instead of its own. So nothing of the package is imported before a scenario file is met, and where `simulator` is
somebody else's, scenario files are left alone with a warning.
"""

from __future__ import annotations

import fnmatch
import warnings
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a project say in its configuration which files are scenarios."""
    parser.addini("vpcsim_scenarios", "patterns for the names of scenario files", "args", ["*.scenario.yaml"])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Hand a scenario file to `simulator.testing.pytest_plugin`."""
    if not any(fnmatch.fnmatch(file_path.name, pattern) for pattern in parent.config.getini("vpcsim_scenarios")):
        return None
    try:
        from simulator.testing import pytest_plugin
    except ImportError as error:
        warnings.warn(pytest.PytestWarning(f"{file_path}: not tested, `simulator` is another package: {error}"), stacklevel=1)
        return None
    return pytest_plugin.pytest_collect_file(file_path, parent)
