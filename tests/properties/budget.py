"""How much time properties may take: so many examples each, the same ones on every run in CI, new ones elsewhere."""

import os

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def examples(number: int) -> settings:
    """Settings for a property that shows itself in about so many networks. `EXAMPLES=10` tries ten times as many."""
    times = int(os.environ.get("EXAMPLES", "1"))
    return settings(max_examples=number * times, deadline=None, derandomize="CI" in os.environ, suppress_health_check=SLOW, print_blob=True)
