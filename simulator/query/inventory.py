"""What a network holds, as values for `vpcsim show`: blocks and addresses come as people write them. Filled in by `listing.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SubnetRow:
    """One subnet. `reach` is derived from its route table: `public` (a default route to an internet gateway), `private` (some
    other way out of the VPC), or `isolated` (local routes only).
    """

    id: str
    zone: str
    cidrs: tuple[str, ...]
    reach: str
    route_table: str
    acl: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class VpcRow:
    """One VPC with its subnets."""

    id: str
    cidrs: tuple[str, ...]
    subnets: tuple[SubnetRow, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """A way in or out: internet, NAT or transit gateway, endpoint, peering. `at` is the VPC or subnet it belongs to."""

    id: str
    kind: str
    at: str
    addresses: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class WorkloadRow:
    """Something that sends or answers. `public` are the public addresses that lead to it."""

    id: str
    kind: str
    subnets: tuple[str, ...]
    addresses: tuple[str, ...]
    public: tuple[str, ...]
    groups: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All of a network. `not_modelled` counts what was read and is not followed, by the input's word for it."""

    network: str
    vpcs: tuple[VpcRow, ...] = ()
    gateways: tuple[GatewayRow, ...] = ()
    workloads: tuple[WorkloadRow, ...] = ()
    not_modelled: Mapping[str, int] = field(default_factory=dict)
