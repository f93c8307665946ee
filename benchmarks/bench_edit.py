"""A matrix after one edit, out of the matrix before it, against compiling the edited network anew and answering every pair.

Reads a snapshot of describe answers; the edits are a rule of a security group, an entry of a network ACL and a route.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks import measuring
from benchmarks.topologies import describe_estate
from simulator import Network, load
from simulator.aws.network_acl import NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.query.matrix import Matrix

SERVICE = "tcp/443"
AGAIN, ANEW = "again", "anew"
STAGES = ("graph", "program", "matrix")


def edits(network: Network) -> dict[str, str]:
    """A line of each sort, by what it is about."""
    snapshot = network.snapshot
    used: dict[str, int] = {}
    for interface in snapshot.all(NetworkInterface):
        for group in interface.groups or ():
            used[group] = used.get(group, 0) + 1
    known = [group.id for group in snapshot.all(SecurityGroup) if group.id in used]
    small, large = min(known, key=used.__getitem__), max(known, key=used.__getitem__)
    acl = max(snapshot.all(NetworkAcl), key=lambda one: len(one.subnets))
    table = min((one for one in snapshot.all(RouteTable) if one.subnets and one.routes), key=lambda one: len(one.subnets))
    return {
        f"rule of a group of {used[small]}": f"open {small} {SERVICE} from 10.0.0.0/9",
        f"rule of a group of {used[large]}": f"open {large} {SERVICE} from 10.0.0.0/9",
        f"entry of an ACL of {len(acl.subnets)} subnets": f"deny {acl.id} 3 {SERVICE} from 10.1.0.0/16",
        f"route of a table of {len(table.subnets)} subnets": f"unroute {table.id} {table.routes[-1].destination}",
    }


def answered(network: Network, ends: list[str], times: measuring.Times, name: str) -> Matrix:
    """The matrix of a network that was not asked yet, each stage timed."""
    with times.of(f"{name} graph"):
        network.flow_graph  # noqa: B018  # compiled when first asked for
    with times.of(f"{name} program"):
        network._program  # noqa: B018  # lowered when first asked for
    with times.of(f"{name} matrix"):
        found = network.matrix(SERVICE, sources=ends, destinations=ends)
    times.added(name, [f"{name} {stage}" for stage in STAGES])
    return found


def measure(before: Network, ends: list[str], line: str, repetitions: int) -> tuple[measuring.Times, Matrix]:
    """Both ways in turns, after they have said the same once."""
    untimed = measuring.Times()
    again = answered(before.edit(line), ends, untimed, AGAIN)
    anew = answered(Network(before.edit(line).snapshot, "anew"), ends, untimed, ANEW)
    measuring.require(np.array_equal(again.seen, anew.seen), f"`{line}` gives the matrix that is computed anew")
    times = measuring.Times()
    for _ in range(repetitions):
        answered(before.edit(line), ends, times, AGAIN)
        answered(Network(before.edit(line).snapshot, "anew"), ends, times, ANEW)
    return times, again


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    repetitions = 1 if options.quick else options.repetitions or 5
    sizes = (60,) if options.quick else (1000, 10_000)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for size in sizes:
            folder = Path(place, str(size))
            folder.mkdir()
            describe_estate(folder, size, max(size // 25, 40))
            network = load(folder)
            ends = [one.id for one in network.snapshot.all(NetworkInterface) if one.has_groups]
            network._compiled  # noqa: B018  # made once for all edits, so it is not timed
            network.matrix(SERVICE, sources=ends, destinations=ends, remember=True)
            for about, line in edits(network).items():
                times, found = measure(network, ends, line, repetitions)
                share = f"{found.asked / max(len(found.sources) * len(found.destinations), 1):.1%}"
                for name in (AGAIN, *(f"{AGAIN} {stage}" for stage in STAGES), ANEW):
                    wall = measuring.milliseconds(times.wall(name))
                    rows.append([f"{size:,}, {about}: {name}", *wall, times.ratios(name, ANEW)[0], share if name == AGAIN else ""])
    body = f"""{measuring.table(["milliseconds", "min", "median", "max", "cost", "asked again"], rows)}

Interfaces, and what is edited. Costs are ratios of minima to `{ANEW}` for the same edit: compiling, lowering and answering all pairs of
the edited network; {repetitions} turns with both. `asked again` is the share of pairs that nobody remembered. The watched compile of the
network before the edit is done once for all its edits, and not timed. Verified before: both matrices are equal in every cell."""
    measuring.publish("edit", "A matrix after one edit", body, record=options.record)


if __name__ == "__main__":
    main()
