"""How much time properties may take: so many examples each, the same ones on every run; `EXAMPLES` asks for new ones."""

import os

from hypothesis import HealthCheck, settings

# Of an example hypothesis makes up to five more with parts of it exchanged: other packets in the same network.
EACH = 2
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def examples(number: int) -> settings:
    """Settings for a property that shows itself in about twice so many examples. `EXAMPLES=10` tries ten times as many, and new ones."""
    times = os.environ.get("EXAMPLES", "")
    return settings(
        max_examples=number * EACH * int(times or "1"), deadline=None, derandomize=not times, suppress_health_check=SLOW, print_blob=True
    )
