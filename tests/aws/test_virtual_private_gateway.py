"""Virtual private gateways in both spellings, propagation, and what AWS refuses (VGW-1, VGW-10, RT-7 to RT-9)."""

from __future__ import annotations

from simulator.aws.route_table import RouteTable
from simulator.aws.virtual_private_gateway import VirtualPrivateGateway
from tests.aws.hybrid import HOST, OFFICE, hybrid, office, vpn_gateway
from tests.aws.reading import Describe, Scenario, path, verdict, warnings


def propagated(network: object, table: str = "main-main") -> list[str]:
    found = network.snapshot.get(RouteTable, table)  # type: ignore[attr-defined]
    return [str(entry) for entry in found.routes if entry.propagated]


def test_a_gateway_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(OFFICE)
    found = network.snapshot.get(VirtualPrivateGateway, "vgw")
    assert found is not None
    assert (found.vpc, found.attached, found.tables) == ("main", True, ("main-main",))
    assert warnings(network) == []


def test_a_gateway_of_a_describe_answer(describe: Describe) -> None:
    before = {"State": "detached", "VpcId": "vpc-0"}
    told = vpn_gateway(VpcAttachments=[before, {"State": "attached", "VpcId": "vpc-1"}], Tags=[{"Key": "Name", "Value": "hub"}])
    gone = vpn_gateway(VpnGatewayId="vgw-0", State="deleted")
    (found,) = describe(**hybrid(VpnGateways=[told, gone])).snapshot.all(VirtualPrivateGateway)
    assert (found.id, found.name, found.vpc, found.attached) == ("vgw-1", "hub", "vpc-1", True)
    (found,) = describe(**hybrid(VpnGateways=[vpn_gateway(VpcAttachments=[before])])).snapshot.all(VirtualPrivateGateway)
    assert (found.vpc, found.attached) == ("", False)
    (found,) = describe(**hybrid(VpnGateways=[vpn_gateway(VpcAttachments=[{"State": "attaching", "VpcId": "vpc-1"}])])).snapshot.all(
        VirtualPrivateGateway
    )
    assert (found.vpc, found.attached) == ("vpc-1", False)


def test_VGW_10_what_it_knows_is_propagated_to_the_tables_that_take_it(scenario: Scenario) -> None:
    assert propagated(scenario(OFFICE)) == ["192.168.10.0/24 -> vgw"]
    assert propagated(scenario(office(("{vpc: main, propagates_to: main-main}", "{vpc: main}")))) == []


def test_VGW_10_nothing_is_propagated_to_a_gateways_table(scenario: Scenario, describe: Describe) -> None:
    text = office(("propagates_to: main-main", "propagates_to: edge")) + "route_tables: {edge: {vpc: main, gateways: igw}}"
    network = scenario(text)
    told = "virtual private gateway `vgw` propagates to `edge`, the route table of a gateway; AWS refuses that (VGW-10)"
    assert warnings(network) == [told]
    assert propagated(network, "edge") == []
    lists = hybrid()
    edge = {"RouteTableId": "rtb-edge", "VpcId": "vpc-1", "Associations": [{"GatewayId": "igw-1"}], "Routes": []}
    lists["RouteTables"].append({**edge, "PropagatingVgws": [{"GatewayId": "vgw-1"}]})
    assert warnings(describe(**lists)) == [told.replace("`vgw`", "`vgw-1`").replace("`edge`", "`rtb-edge`")]


def test_a_table_of_another_vpc_takes_nothing(scenario: Scenario) -> None:
    text = office(("propagates_to: main-main", "propagates_to: far-main")) + "vpcs: {far: {cidr: 10.9.0.0/16}}"
    (message,) = warnings(scenario(text))
    assert message == "virtual private gateway `vgw` propagates to route table `far-main` of another VPC (`far`); AWS refuses that"


def test_RT_7_a_static_route_beats_what_is_propagated(scenario: Scenario) -> None:
    nat = (
        "nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.7}}\nroute_tables: {main-main: {vpc: main, main: true, routes: {R: nat}}}"
    )
    pub = (
        "{app: {vpc: main, cidr: 10.0.1.0/24}}",
        "{app: {vpc: main, cidr: 10.0.1.0/24}, pub: {vpc: main, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: vgw}}}",
    )
    same = scenario(office(pub) + nat.replace("R:", "192.168.10.0/24:"))
    assert path(same, "web", HOST)[2:5] == ["app", "pub", "nat"]
    shorter = scenario(office(pub) + nat.replace("R:", "192.168.0.0/16:"))
    assert path(shorter, "web", HOST)[2:4] == ["app", "vgw"]


def test_RT_9_a_propagated_route_inside_the_vpc_loses_to_the_local_one(scenario: Scenario) -> None:
    inside = scenario(office(("networks: 192.168.10.0/24", "networks: [192.168.10.0/24, 10.0.1.128/25]")))
    assert propagated(inside) == ["192.168.10.0/24 -> vgw", "10.0.1.128/25 -> vgw"]
    assert path(inside, "web", "10.0.1.200")[-1] == "app"
    assert verdict(inside, "web", "10.0.1.200") == "never"
