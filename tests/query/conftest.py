from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.reading import Describe, Scenario, describe_in, scenario_in


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return scenario_in(tmp_path)


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    return describe_in(tmp_path)
