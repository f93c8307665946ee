"""The bed for tests: one worker per module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.testing.kernel.bed import Bed
from tests.oracle.kernel.beds import bed_or_skip


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with bed_or_skip() as found:
        yield found
