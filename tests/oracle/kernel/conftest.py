"""The bed for tests: one worker per module; without one the tests are skipped with the reason, or fail if the environment demands it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from simulator.packet.flow import UDP, Flow
from tests.oracle.kernel.bed import REQUIRE, Bed, BedError, NoBedError, Probe
from tests.oracle.kernel.compiler import compile_network
from tests.oracle.kernel.networks import snapshot_of

TRIAL = {
    "vpcs": {"v": {"cidr": "10.0.0.0/16", "internet_gateway": "igw"}},
    "subnets": {
        "n": {"vpc": "v", "cidr": "10.0.1.0/24", "routes": {"0.0.0.0/0": "igw"}},
        "m": {"vpc": "v", "cidr": "10.0.2.0/24", "routes": {"0.0.0.0/0": "nat"}},
        "p": {"vpc": "v", "cidr": "10.0.3.0/24", "routes": {"0.0.0.0/0": "box"}},
    },
    "security_groups": {"open": {"vpc": "v", "inbound": [{"from": "0.0.0.0/0", "allow": "all"}]}},
    "nat_gateways": {"nat": {"subnet": "n", "private_ip": "10.0.1.5", "public_ip": "203.0.113.5"}},
    "instances": {
        "a": {"subnet": "m", "ip": "10.0.2.10"},
        "b": {"subnet": "p", "ip": "10.0.3.10"},
        "box": {
            "subnet": "n",
            "ip": "10.0.1.6",
            "public_ip": "203.0.113.6",
            "source_dest_check": False,
            "forwards": "nat",
            "security_groups": ["open"],
        },
    },
}


def tried_out() -> Bed:
    """A bed that carried two packets through everything it is built of: tracking zones, translations, marks, sinks, logs."""
    bed = Bed()
    try:
        network, plan = compile_network(snapshot_of(TRIAL))
        bed.load(plan)
        flows = (Flow(4, 0x0A00020A, 0xC6336407, UDP, 40000, 53), Flow(4, 0x0A00030A, 0xC6336407, UDP, 40000, 53))
        answers = bed.probe([Probe(network.number(f"{name}-eni"), flow) for name, flow in zip("ab", flows, strict=True)])
    except BedError as error:
        bed.close()
        raise NoBedError(f"the trial network cannot be made: {error}") from error
    if not all(answer.answered and answer.translated for answer in answers):
        bed.close()
        raise NoBedError(f"the trial packets did not come back: {answers}")
    return bed


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
