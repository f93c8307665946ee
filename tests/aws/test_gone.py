"""Things of an AWS answer that are gone, or going, are not there; those that are coming are."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.customer_gateway import CustomerGateway
from simulator.aws.direct_connect import DirectConnectAssociation, DirectConnectGateway, VirtualInterface
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.outer_networks import CarrierGateway, CoreNetwork
from simulator.aws.transit_gateway import TransitAttachment
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.aws.vpn_connection import VpnConnection
from tests.aws.reading import Describe

STATES: list[tuple[type, str, dict[str, Any], str, tuple[str, ...], tuple[str, ...]]] = [
    (CustomerGateway, "CustomerGateways", {"CustomerGatewayId": "x"}, "State", ("deleted", "deleting"), ("available", "pending")),
    (VirtualPrivateGateway, "VpnGateways", {"VpnGatewayId": "x"}, "State", ("deleted", "deleting"), ("available", "pending")),
    (VpnConnection, "VpnConnections", {"VpnConnectionId": "x"}, "State", ("deleted", "deleting"), ("available", "pending")),
    (CarrierGateway, "CarrierGateways", {"CarrierGatewayId": "x"}, "State", ("deleted", "deleting"), ("available", "pending")),
    (CoreNetwork, "CoreNetworks", {"CoreNetworkId": "x"}, "State", ("DELETING",), ("AVAILABLE", "CREATING")),
    (NatGateway, "NatGateways", {"NatGatewayId": "x", "SubnetId": "s"}, "State", ("deleted",), ("available", "pending", "deleting")),
    (
        VpcEndpoint,
        "VpcEndpoints",
        {"VpcEndpointId": "x"},
        "State",
        ("deleted", "deleting", "rejected", "failed", "expired", "Rejected"),
        ("available", "pending", "pendingAcceptance"),
    ),
    (
        TransitAttachment,
        "TransitGatewayVpcAttachments",
        {"TransitGatewayAttachmentId": "x", "TransitGatewayId": "t"},
        "State",
        ("deleted", "deleting", "rejected", "failed"),
        ("available", "pending", "modifying"),
    ),
    (
        VirtualInterface,
        "virtualInterfaces",
        {"virtualInterfaceId": "x"},
        "virtualInterfaceState",
        ("deleted", "deleting", "rejected"),
        ("available", "down", "pending"),
    ),
    (
        DirectConnectGateway,
        "directConnectGateways",
        {"directConnectGatewayId": "x"},
        "directConnectGatewayState",
        ("deleted", "deleting"),
        ("available", "pending"),
    ),
    (
        DirectConnectAssociation,
        "directConnectGatewayAssociations",
        {"associationId": "x", "directConnectGatewayId": "d", "associatedGateway": {"id": "v", "type": "virtualPrivateGateway"}},
        "associationState",
        ("disassociated", "disassociating"),
        ("associated", "updating"),
    ),
]


@pytest.mark.parametrize(("noun", "key", "element", "field", "gone", "there"), STATES, ids=[row[1] for row in STATES])
def test_what_is_gone_is_not_there(
    describe: Describe, noun: type, key: str, element: dict[str, Any], field: str, gone: tuple[str, ...], there: tuple[str, ...]
) -> None:
    for state in (*gone, *there):
        found = list(describe(**{key: [{**element, field: state}]}).snapshot.all(noun))
        assert bool(found) is (state in there), state
