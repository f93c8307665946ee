"""Can this machine play networks? A small network is built and two packets sent through everything the bed is made of.

python -m simulator.testing.kernel.probe        says yes, or which step failed; exit status 0 or 1
"""

from __future__ import annotations

import json
import sys
import tempfile

from simulator.packet.flow import UDP, Flow
from simulator.testing.kernel.bed import Bed, BedError, NoBedError, Probe
from simulator.testing.kernel.compiler import compile_network
from simulator.testing.kernel.plan import USUAL, Sizes

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


def tried_out(sizes: Sizes = USUAL) -> Bed:
    """A bed that carried two packets through everything it is built of: tracking zones, translations, marks, sinks, logs.

    Raises `NoBedError` with the step that failed.
    """
    if sys.platform != "linux":
        raise NoBedError(f"it needs Linux, and this is {sys.platform}")
    from simulator.aws.registry import RESOURCES
    from simulator.read.load import read

    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump({"network": TRIAL}, file)
        file.flush()
        snapshot = read([file.name], kinds=RESOURCES).snapshot
    bed = Bed(sizes=sizes)
    try:
        network, plan = compile_network(snapshot)
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


def main() -> int:
    """Say whether this machine can play networks."""
    try:
        with tried_out() as bed:
            sys.stdout.write(f"the kernel can play networks: Linux {bed.kernel}\n")
    except NoBedError as error:
        sys.stdout.write(f"the kernel cannot play networks here: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
