"""Transit gateways, attachments and route tables in both spellings, and what is told of them (TGW-1, TGW-3, TGW-14, TGW-21, TGW-23)."""

from __future__ import annotations

from typing import Any

import pytest

import simulator
from simulator.aws.transit_gateway import TransitAttachment, TransitGateway, TransitRouteTable
from tests.aws.reading import Describe, Scenario, errors, warnings

VPCS = """
vpcs: {v: {cidr: 10.1.0.0/16}, w: {cidr: 10.2.0.0/16}}
subnets:
  p: {vpc: v, cidr: 10.1.1.0/24, zone: a}
  p-b: {vpc: v, cidr: 10.1.2.0/24, zone: b}
  p-2: {vpc: v, cidr: 10.1.3.0/24, zone: a}
  q: {vpc: w, cidr: 10.2.1.0/24, zone: a}
"""
GATEWAY = f"""{VPCS}
transit_gateways: {{tgw: {{}}}}
transit_attachments:
  v-att: {{transit_gateway: tgw, vpc: v, subnets: [p, p-b]}}
  w-att: {{transit_gateway: tgw, vpc: w, subnets: q}}
"""


def attachment(network: simulator.Network, name: str) -> TransitAttachment:
    found = network.snapshot.get(TransitAttachment, name)
    assert found is not None
    return found


def table(network: simulator.Network, name: str) -> TransitRouteTable:
    found = network.snapshot.get(TransitRouteTable, name)
    assert found is not None
    return found


def routes(found: TransitRouteTable) -> dict[str, str]:
    return {str(route.prefix): route.attachment or "blackhole" for route in found.routes}


EVERYTHING = """
transit_gateways: {tgw: {group_references: true}, far: {default_propagation: false}}
transit_attachments:
  v-att:
    {transit_gateway: tgw, vpc: v, subnets: p, route_table: spokes, appliance_mode: true, group_references: false, state: pending}
  w-att: {transit_gateway: tgw, vpc: w, subnets: q}
  joined: {transit_gateway: tgw, peer: far}
transit_route_tables:
  spokes:
    transit_gateway: tgw
    propagations: w-att
    routes: {0.0.0.0/0: joined, 192.0.2.0/24: blackhole, "2001:db8::/32": w-att}
  hub: {transit_gateway: tgw, associations: [w-att, joined]}
"""


# --- scenario ----------------------------------------------------------------------------------------------------------------------


def test_the_short_form_is_one_table_for_everybody(scenario: Scenario) -> None:
    network = scenario(GATEWAY)
    gateway, v = network.snapshot.get(TransitGateway, "tgw"), attachment(network, "v-att")
    assert gateway is not None
    assert (gateway.association, gateway.propagation, gateway.group_references) == ("tgw-routes", "tgw-routes", False)
    assert (v.type, v.resource, v.subnets, v.gateways, v.state) == ("vpc", "v", ("p", "p-b"), ("tgw",), "available")
    assert (v.appliance_mode, v.group_references, v.table_of("tgw"), v.table_of("other")) == (False, True, "tgw-routes", None)
    assert attachment(network, "w-att").table_of("tgw") == "tgw-routes"
    default = table(network, "tgw-routes")
    assert (default.gateway, default.routes, default.propagations, default.unread) == ("tgw", (), ("v-att", "w-att"), ())
    assert list(network.problems) == []


def test_everything_a_scenario_can_say(scenario: Scenario) -> None:
    network = scenario(VPCS + EVERYTHING)
    gateway, v, joined = network.snapshot.get(TransitGateway, "tgw"), attachment(network, "v-att"), attachment(network, "joined")
    assert gateway is not None
    assert gateway.group_references
    assert (v.appliance_mode, v.group_references, v.state, v.table_of("tgw")) == (True, False, "pending", "spokes")
    assert (joined.type, joined.resource, joined.gateways) == ("peering", "far", ("tgw", "far"))
    assert (joined.table_of("tgw"), joined.table_of("far")) == ("hub", "far-routes")
    assert attachment(network, "w-att").table_of("tgw") == "hub"
    spokes = table(network, "spokes")
    assert routes(spokes) == {"0.0.0.0/0": "joined", "192.0.2.0/24": "blackhole", "2001:db8::/32": "w-att"}
    assert [route.propagated for route in spokes.routes] == [False] * 3
    assert spokes.propagations == ("w-att",)


def test_an_association_of_its_own_does_not_end_the_propagation_to_the_default_table(scenario: Scenario) -> None:
    """Two settings: where an attachment's packets are looked up, and where its VPC is known."""
    tables = "\ntransit_route_tables: {own: {transit_gateway: tgw, associations: v-att}}"
    network = scenario(GATEWAY + tables)
    assert attachment(network, "v-att").table_of("tgw") == "own"
    assert table(network, "tgw-routes").propagations == ("v-att", "w-att")
    assert table(network, "own").propagations == ()


def test_without_default_tables_nobody_is_associated_or_known(scenario: Scenario) -> None:
    network = scenario(GATEWAY.replace("tgw: {}", "tgw: {default_association: false, default_propagation: false}"))
    assert attachment(network, "v-att").table_of("tgw") == ""
    assert network.snapshot.get(TransitRouteTable, "tgw-routes") is None


def test_the_default_table_may_be_written_out(scenario: Scenario) -> None:
    network = scenario(GATEWAY + "\ntransit_route_tables: {tgw-routes: {transit_gateway: tgw, routes: {0.0.0.0/0: w-att}}}")
    default = table(network, "tgw-routes")
    assert (routes(default), default.propagations) == ({"0.0.0.0/0": "w-att"}, ("v-att", "w-att"))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "{transit_gateway: tgw, vpc: v, subnets: p, peer: far}",
            "transit attachment `bad`: say `vpc` with its `subnets`, or `peer`, one of them",
        ),
        ("{transit_gateway: tgw}", "transit attachment `bad`: say `vpc` with its `subnets`, or `peer`, one of them"),
        ("{transit_gateway: tgw, vpc: v}", "transit attachment `bad`: say its `subnets`, one for each zone"),
        ("{transit_gateway: tgw, peer: tgw}", "transit gateway attachment `bad` joins `tgw` with itself"),
        ("{transit_gateway: tgw, vpc: v, subnets: q}", "transit gateway attachment `bad`: subnet `q` is not in VPC `v`"),
        (
            "{transit_gateway: tgw, vpc: v, subnets: [p, p-2]}",
            "transit gateway attachment `bad` has two subnets in zone `a`; AWS takes one for each zone",
        ),
        (
            "{transit_gateway: tgw, vpc: v, subnets: p, route_table: away}",
            "transit gateway attachment `bad`: route table `away` belongs to `far`, another transit gateway",
        ),
    ],
)
def test_attachments_that_aws_refuses(scenario: Scenario, written: str, message: str) -> None:
    text = f"{VPCS}\ntransit_gateways: {{tgw: {{}}, far: {{}}}}\ntransit_attachments: {{bad: {written}}}"
    assert errors(scenario, f"{text}\ntransit_route_tables: {{away: {{transit_gateway: far}}}}") == [message]


def test_a_table_cannot_be_associated_with_an_attachment_of_another_gateway(scenario: Scenario) -> None:
    text = (
        f"{GATEWAY.replace('tgw: {}', 'tgw: {}, far: {}')}\ntransit_route_tables: {{away: {{transit_gateway: far, associations: v-att}}}}"
    )
    assert errors(scenario, text) == ["transit gateway attachment `v-att`: route table `away` belongs to `far`, another transit gateway"]


def test_a_vpc_is_attached_once(scenario: Scenario) -> None:
    text = f"{GATEWAY}  again: {{transit_gateway: tgw, vpc: v, subnets: p-2}}\n"
    assert errors(scenario, text) == ["VPC `v` is attached to `tgw` 2 times; AWS allows one"]


def test_a_deleted_attachment_may_be_listed_beside_the_present_one(scenario: Scenario) -> None:
    network = scenario(f"{GATEWAY}  before: {{transit_gateway: tgw, vpc: v, subnets: p-2, state: deleted}}\n")
    assert list(network.problems) == []


def test_one_vpc_may_be_attached_to_two_gateways(scenario: Scenario) -> None:
    network = scenario(f"{GATEWAY.replace('tgw: {}', 'tgw: {}, far: {}')}  far-att: {{transit_gateway: far, vpc: v, subnets: p}}\n")
    assert list(network.problems) == []


def test_a_route_to_an_attachment_that_does_not_exist(scenario: Scenario) -> None:
    text = GATEWAY + "\ntransit_route_tables: {own: {transit_gateway: tgw, routes: {0.0.0.0/0: w-at}}}"
    assert errors(scenario, text) == [
        "transit gateway route table `own`: `w-at` is no attachment of `tgw`; did you mean `w-att` or `v-att`?"
    ]


def test_a_route_to_an_attachment_of_another_gateway(scenario: Scenario) -> None:
    text = (
        GATEWAY.replace("tgw: {}", "tgw: {}, far: {}")
        + "\ntransit_route_tables: {away: {transit_gateway: far, routes: {0.0.0.0/0: w-att}}}"
    )
    assert errors(scenario, text) == ["transit gateway route table `away`: `w-att` is no attachment of `far`"]


def test_TGW_23_propagation_from_a_peering_is_told(scenario: Scenario) -> None:
    text = f"{GATEWAY.replace('tgw: {}', 'tgw: {}, far: {}')}  joined: {{transit_gateway: tgw, peer: far}}\n"
    network = scenario(text + "transit_route_tables: {own: {transit_gateway: tgw, propagations: joined}}")
    assert warnings(network) == [
        "transit gateway route table `own`: nothing is propagated from peering `joined`; it takes static routes (TGW-23)"
    ]


# --- AWS answers -------------------------------------------------------------------------------------------------------------------


def listed(name: str, vpc: str = "vpc-1", **more: Any) -> dict[str, Any]:
    """One of `TransitGatewayAttachments`, associated with `tgw-rtb-1`."""
    return {
        "TransitGatewayAttachmentId": name,
        "TransitGatewayId": "tgw-1",
        "ResourceType": "vpc",
        "ResourceId": vpc,
        "State": "available",
        "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"},
        **more,
    }


def detailed(name: str, vpc: str = "vpc-1", *subnets: str, **more: Any) -> dict[str, Any]:
    """One of `TransitGatewayVpcAttachments`."""
    return {
        "TransitGatewayAttachmentId": name,
        "TransitGatewayId": "tgw-1",
        "VpcId": vpc,
        "State": "available",
        "SubnetIds": list(subnets or ("subnet-1",)),
        "Options": {},
        **more,
    }


def peered(name: str, **more: Any) -> dict[str, Any]:
    """One of `TransitGatewayPeeringAttachments`."""
    return {
        "TransitGatewayAttachmentId": name,
        "RequesterTgwInfo": {"TransitGatewayId": "tgw-1"},
        "AccepterTgwInfo": {"TransitGatewayId": "tgw-2"},
        "State": "available",
        **more,
    }


def told(**more: Any) -> dict[str, Any]:
    vpcs = [{"VpcId": f"vpc-{number}", "CidrBlock": f"10.{number}.0.0/16"} for number in (1, 2)]
    subnets = [
        {"SubnetId": f"subnet-{number}", "VpcId": f"vpc-{number}", "CidrBlock": f"10.{number}.1.0/24", "AvailabilityZone": "eu-west-1a"}
        for number in (1, 2)
    ]
    return {"Vpcs": vpcs, "Subnets": subnets, "TransitGateways": [{"TransitGatewayId": "tgw-1", "State": "available"}], **more}


def table_1(**more: Any) -> dict[str, Any]:
    return {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1", **more}


@pytest.mark.parametrize("first", ["TransitGatewayAttachments", "TransitGatewayVpcAttachments"])
def test_an_attachment_is_told_by_two_lists(describe: Describe, first: str) -> None:
    options = {"ApplianceModeSupport": "enable", "SecurityGroupReferencingSupport": "enable"}
    lists = {
        "TransitGatewayAttachments": [listed("att", Tags=[{"Key": "Name", "Value": "spoke"}])],
        "TransitGatewayVpcAttachments": [detailed("att", "vpc-1", "subnet-1", "subnet-9", Options=options, CreationTime="2020-01-01")],
    }
    found = attachment(describe(**told(**dict(sorted(lists.items(), key=lambda pair: pair[0] != first)))), "att")
    assert (found.name, found.type, found.resource, found.gateways) == ("spoke", "vpc", "vpc-1", ("tgw-1",))
    assert (found.subnets, found.appliance_mode, found.group_references) == (("subnet-1", "subnet-9"), True, True)
    assert (found.table_of("tgw-1"), found.state, found.created) == ("tgw-rtb-1", "available", "2020-01-01")


def test_options_that_are_not_listed_are_off(describe: Describe) -> None:
    """Answers of 2019 know neither appliance mode nor security group referencing."""
    network = describe(**told(TransitGatewayVpcAttachments=[detailed("att")]))
    found, gateway = attachment(network, "att"), network.snapshot.get(TransitGateway, "tgw-1")
    assert gateway is not None
    assert (found.appliance_mode, found.group_references, gateway.group_references) == (False, False, False)


def test_the_options_of_a_gateway(describe: Describe) -> None:
    options = {
        "DefaultRouteTableAssociation": "enable",
        "AssociationDefaultRouteTableId": "tgw-rtb-1",
        "DefaultRouteTablePropagation": "disable",
        "PropagationDefaultRouteTableId": "tgw-rtb-1",
        "SecurityGroupReferencingSupport": "enable",
    }
    lists = told(TransitGateways=[{"TransitGatewayId": "tgw-1", "Options": options, "Tags": [{"Key": "Name", "Value": "hub"}]}])
    gateway = describe(**lists).snapshot.get(TransitGateway, "tgw-1")
    assert gateway is not None
    assert (gateway.name, gateway.association, gateway.propagation, gateway.group_references) == ("hub", "tgw-rtb-1", "", True)


def test_described_attachments_are_not_put_into_the_default_table(describe: Describe) -> None:
    """What AWS associated is in its answer; an attachment made while the default was off has no table."""
    options = {"DefaultRouteTableAssociation": "enable", "AssociationDefaultRouteTableId": "tgw-rtb-1"}
    gateways = [{"TransitGatewayId": "tgw-1", "Options": options}]
    network = describe(**told(TransitGateways=gateways, TransitGatewayAttachments=[listed("att", Association=None)]))
    assert attachment(network, "att").table_of("tgw-1") == ""


@pytest.mark.parametrize("state", ["associating", "disassociating", "disassociated"])
def test_an_association_that_does_not_hold_is_none(describe: Describe, state: str) -> None:
    association = {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": state}
    network = describe(**told(TransitGatewayAttachments=[listed("att", Association=association)]))
    assert attachment(network, "att").table_of("tgw-1") == ""


def test_the_list_of_vpc_attachments_alone_tells_no_association(describe: Describe) -> None:
    assert attachment(describe(**told(TransitGatewayVpcAttachments=[detailed("att")])), "att").table_of("tgw-1") is None


@pytest.mark.parametrize("state", ["deleted", "deleting", "rejected", "failed"])
def test_attachments_that_are_gone_are_ignored(describe: Describe, state: str) -> None:
    network = describe(
        **told(
            TransitGatewayAttachments=[
                listed("vpc-att", State=state),
                listed("vpn-att", "vpn-1", ResourceType="vpn", State=state, Association=None),
                listed("pcx-att", "tgw-2", ResourceType="peering", State=state),
            ],
            TransitGatewayVpcAttachments=[detailed("vpc-att", State=state)],
            TransitGatewayPeeringAttachments=[peered("pcx-att", State=state)],
        )
    )
    assert list(network.snapshot.all(TransitAttachment)) == []
    assert warnings(network) == []


def test_other_types_of_attachments_are_kept(describe: Describe) -> None:
    found = attachment(describe(**told(TransitGatewayAttachments=[listed("att", "vpn-1", ResourceType="vpn")])), "att")
    assert (found.type, found.resource, found.table_of("tgw-1")) == ("vpn", "vpn-1", "tgw-rtb-1")


def test_TGW_23_a_peering_is_told_from_both_ends_and_by_its_own_list(describe: Describe) -> None:
    other_end = {"TransitGatewayRouteTableId": "tgw-rtb-2", "State": "associated"}
    network = describe(
        **told(
            TransitGatewayAttachments=[
                listed("att", "tgw-2", ResourceType="peering"),
                listed("att", "tgw-1", ResourceType="peering", TransitGatewayId="tgw-2", Association=other_end),
            ],
            TransitGatewayPeeringAttachments=[peered("att")],
        )
    )
    found = attachment(network, "att")
    assert (found.type, set(found.gateways)) == ("peering", {"tgw-1", "tgw-2"})
    assert (found.table_of("tgw-1"), found.table_of("tgw-2")) == ("tgw-rtb-1", "tgw-rtb-2")


def test_the_end_of_a_peering_that_was_not_told_of_has_no_known_table(describe: Describe) -> None:
    network = describe(**told(TransitGatewayAttachments=[listed("att", "tgw-2", ResourceType="peering")]))
    found = attachment(network, "att")
    assert (found.gateways, found.table_of("tgw-1"), found.table_of("tgw-2")) == (("tgw-1", "tgw-2"), "tgw-rtb-1", None)


def test_routes_and_propagations_of_tables_as_collectors_write_them(describe: Describe) -> None:
    to = [{"TransitGatewayAttachmentId": "att", "ResourceType": "vpc", "ResourceId": "vpc-1"}]
    static = [
        {"DestinationCidrBlock": "10.8.0.0/16", "Type": "static", "State": "active", "TransitGatewayAttachments": to},
        {"DestinationCidrBlock": "10.9.0.0/16", "Type": "static", "State": "blackhole"},
        {"DestinationCidrBlock": "10.7.0.0/16", "Type": "static", "State": "deleted", "TransitGatewayAttachments": to},
        {"DestinationCidrBlock": "2001:db8::/32", "Type": "static", "State": "active", "TransitGatewayAttachments": to},
    ]
    propagations = [
        {"TransitGatewayAttachmentId": "att", "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "enabled"},
        {"TransitGatewayAttachmentId": "att-2", "ResourceType": "vpc", "ResourceId": "vpc-2", "State": "disabled"},
    ]
    table_id = {"TransitGatewayRouteTableId": "tgw-rtb-1"}
    network = describe(
        **told(
            TransitGatewayVpcAttachments=[detailed("att")],
            TransitGatewayRouteTables=[table_1(Tags=[{"Key": "Name", "Value": "spokes"}])],
            TransitGatewayStaticRoutes=[{**table_id, "Routes": static, "AdditionalRoutesAvailable": False}],
            TransitGatewayPropagations=[{**table_id, "TransitGatewayRouteTablePropagations": propagations}],
        )
    )
    found = table(network, "tgw-rtb-1")
    assert (found.name, found.gateway, found.propagations, found.unread) == ("spokes", "tgw-1", ("att",), ())
    assert routes(found) == {"10.8.0.0/16": "att", "10.9.0.0/16": "blackhole", "2001:db8::/32": "att"}
    assert found.routes[1].origin.place is not None


STATIC_ROUTES = {"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": []}
PROPAGATIONS = {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayRouteTablePropagations": []}
TO_ATT = [{"TransitGatewayAttachmentId": "att"}]
LEARNT = [{"DestinationCidrBlock": "10.2.0.0/16", "Type": "propagated", "State": "active", "TransitGatewayAttachments": TO_ATT}]


@pytest.mark.parametrize(
    ("lists", "unread"),
    [
        ({}, ("static routes", "propagations")),
        ({"TransitGatewayStaticRoutes": [STATIC_ROUTES]}, ("propagations",)),
        ({"TransitGatewayPropagations": [PROPAGATIONS]}, ("static routes",)),
        ({"TransitGatewayStaticRoutes": [STATIC_ROUTES], "TransitGatewayPropagations": [PROPAGATIONS]}, ()),
        ({"TransitGatewayStaticRoutes": [{**STATIC_ROUTES, "Routes": LEARNT}]}, ()),
        (
            {
                "TransitGatewayStaticRoutes": [{**STATIC_ROUTES, "AdditionalRoutesAvailable": True}],
                "TransitGatewayPropagations": [PROPAGATIONS],
            },
            ("static routes",),
        ),
        ({"TransitGatewayStaticRoutes": [{**STATIC_ROUTES, "TransitGatewayRouteTableId": "tgw-rtb-9"}]}, ("static routes", "propagations")),
    ],
    ids=["neither", "static", "propagations", "both", "all routes", "truncated", "another table"],
)
def test_what_of_a_table_was_not_read(describe: Describe, lists: dict[str, Any], unread: tuple[str, ...]) -> None:
    assert table(describe(**told(TransitGatewayRouteTables=[table_1()], **lists)), "tgw-rtb-1").unread == unread


def test_propagated_routes_may_be_listed_with_the_static_ones(describe: Describe) -> None:
    network = describe(
        **told(
            TransitGatewayVpcAttachments=[detailed("att")],
            TransitGatewayRouteTables=[table_1()],
            TransitGatewayStaticRoutes=[{**STATIC_ROUTES, "Routes": LEARNT}],
        )
    )
    (route,) = table(network, "tgw-rtb-1").routes
    assert (str(route.prefix), route.attachment, route.propagated) == ("10.2.0.0/16", "att", True)


def test_a_described_route_to_an_attachment_that_was_not_listed_is_told(describe: Describe) -> None:
    to = [{"TransitGatewayAttachmentId": "att-9"}]
    static = [{"DestinationCidrBlock": "10.8.0.0/16", "Type": "static", "State": "active", "TransitGatewayAttachments": to}]
    network = describe(
        **told(
            TransitGatewayVpcAttachments=[detailed("att")],
            TransitGatewayRouteTables=[table_1()],
            TransitGatewayStaticRoutes=[{**STATIC_ROUTES, "Routes": static}],
        )
    )
    assert warnings(network) == ["transit gateway route table `tgw-rtb-1`: `att-9` is no attachment of `tgw-1`; did you mean `att`?"]


def test_bits_beyond_the_length_of_a_route_are_told(describe: Describe) -> None:
    static = [{"DestinationCidrBlock": "10.8.0.1/16", "Type": "static", "State": "blackhole"}]
    network = describe(**told(TransitGatewayRouteTables=[table_1()], TransitGatewayStaticRoutes=[{**STATIC_ROUTES, "Routes": static}]))
    assert routes(table(network, "tgw-rtb-1")) == {"10.8.0.0/16": "blackhole"}
    assert ["10.8.0.1/16" in message for message in warnings(network)] == [True]


def test_an_attached_vpc_that_was_not_read_is_told(describe: Describe) -> None:
    network = describe(**told(TransitGatewayAttachments=[listed("att", "vpc-9")]))
    assert warnings(network) == ["transit gateway attachment `att` attaches VPC `vpc-9`, which was not read"]
