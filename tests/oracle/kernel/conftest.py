"""The bed for tests: one worker per module; without one the tests are skipped with the reason, or fail if the environment demands it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from simulator.testing.kernel.bed import Bed, NoBedError
from simulator.testing.kernel.probe import tried_out

REQUIRE = "VPCSIM_KERNEL_ORACLE"


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    """A bed that works, or a skip. VPCSIM_KERNEL_ORACLE=require turns the skip into a failure."""
    try:
        found = tried_out()
    except NoBedError as error:
        message = f"the kernel oracle does not run here: {error}"
        if os.environ.get(REQUIRE) == "require":
            pytest.fail(message)
        pytest.skip(message)
    with found:
        yield found
