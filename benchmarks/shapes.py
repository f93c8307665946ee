"""Networks of 1 to 10,000 small VPCs in the shapes that accounts have, written as scenario files for the benchmarks.

alone: VPCs that nothing joins. hub: every VPC is peered with the first, which is transitive to none of them. mesh: every two VPCs are
peered, which grows with the square of their number. transit: all hang on one transit gateway. regions: as many transit gateways as
REGIONS, which know nothing of each other. Each VPC has a /22 of 10.0.0.0/8, two subnets and four instances that take tcp/443.
"""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

ALONE, HUB, MESH, TRANSIT, APART = "alone", "hub", "mesh", "transit", "regions"
SHAPES = (ALONE, HUB, MESH, TRANSIT, APART)
SUBNETS, INSTANCES, REGIONS = 2, 4, 4
LARGEST = 10_000
MOST_PEERINGS = 125  # of one VPC: AWS's highest quota; a hub of more is beyond it, and there for its size alone
WHOLE = "10.0.0.0/8"
Network = dict[str, dict[str, Any]]


def write_shape(file: Path, shape: str, vpcs: int) -> None:
    """Write a network of `vpcs` VPCs to a scenario file. Raises `ValueError` for an unknown shape, above 10,000 VPCs, and for a mesh of
    more than 126, since a VPC has at most 125 peerings.
    """
    if shape not in SHAPES or not 1 <= vpcs <= (MOST_PEERINGS + 1 if shape == MESH else LARGEST):
        raise ValueError(f"no network of {vpcs} VPCs in the shape {shape}")
    sections = "vpcs", "subnets", "route_tables", "security_groups", "instances", "peerings", "transit_gateways", "transit_attachments"
    network: Network = {section: {} for section in sections}
    for number in range(vpcs):
        _vpc(network, number)
    pairs = {HUB: ((0, number) for number in range(1, vpcs)), MESH: combinations(range(vpcs), 2)}.get(shape, ())
    for one, other in pairs:
        _peered(network, one, other)
    if shape in (TRANSIT, APART):
        for number in range(vpcs):
            _attached(network, number, gateway_of(shape, number))
    filled = {section: entries for section, entries in network.items() if entries}
    file.write_text(json.dumps({"name": f"{vpcs} VPCs: {shape}", "network": filled}), "utf-8")


def gateway_of(shape: str, number: int) -> str:
    """The transit gateway of a VPC."""
    return f"tgw-{number % REGIONS if shape == APART else 0}"


def reaches(shape: str, one: int, other: int) -> bool:
    """Whether instances of two VPCs reach each other on tcp/443."""
    if one == other or shape in (MESH, TRANSIT):
        return True
    return 0 in (one, other) if shape == HUB else shape == APART and one % REGIONS == other % REGIONS


def instance(number: int, at: int) -> str:
    """The name of an instance of a VPC."""
    return f"i-{number}-{at}"


def _block(number: int) -> str:
    return f"10.{number // 64}.{number % 64 * 4}.0/22"


def _vpc(network: Network, number: int) -> None:
    vpc = f"vpc-{number}"
    network["vpcs"][vpc] = {"cidr": _block(number)}
    network["route_tables"][f"rtb-{number}"] = {"vpc": vpc, "routes": {}}
    inbound, outbound = [{"from": WHOLE, "allow": "tcp/443"}], [{"to": "0.0.0.0/0", "allow": "all"}]
    network["security_groups"][f"sg-{number}"] = {"vpc": vpc, "inbound": inbound, "outbound": outbound}
    for at in range(SUBNETS):
        block = f"10.{number // 64}.{number % 64 * 4 + at}.0/24"
        network["subnets"][f"subnet-{number}-{at}"] = {"vpc": vpc, "cidr": block, "zone": "ab"[at], "route_table": f"rtb-{number}"}
    for at in range(INSTANCES):
        network["instances"][instance(number, at)] = {"subnet": f"subnet-{number}-{at % SUBNETS}", "security_groups": [f"sg-{number}"]}


def _peered(network: Network, one: int, other: int) -> None:
    name = f"pcx-{one}-{other}"
    network["peerings"][name] = {"vpcs": [f"vpc-{one}", f"vpc-{other}"]}
    for here, there in ((one, other), (other, one)):
        network["route_tables"][f"rtb-{here}"]["routes"][_block(there)] = name


def _attached(network: Network, number: int, gateway: str) -> None:
    network["transit_gateways"].setdefault(gateway, {})
    subnets = [f"subnet-{number}-{at}" for at in range(SUBNETS)]
    network["transit_attachments"][f"attachment-{number}"] = {"transit_gateway": gateway, "vpc": f"vpc-{number}", "subnets": subnets}
    network["route_tables"][f"rtb-{number}"]["routes"][WHOLE] = gateway
