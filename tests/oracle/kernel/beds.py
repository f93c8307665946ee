"""A bed for tests, or a skip with the reason; VPCSIM_KERNEL_ORACLE=require turns the skip into a failure."""

from __future__ import annotations

import os

import pytest

from simulator.testing.kernel.bed import Bed, NoBedError
from simulator.testing.kernel.probe import tried_out

REQUIRE = "VPCSIM_KERNEL_ORACLE"


def bed_or_skip() -> Bed:
    try:
        return tried_out()
    except NoBedError as error:
        message = f"the kernel oracle does not run here: {error}"
        if os.environ.get(REQUIRE) == "require":
            pytest.fail(message)
        pytest.skip(message)
