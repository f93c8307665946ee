"""VPC peerings in both spellings, what crosses them, and what AWS refuses (PCX-1 to PCX-9, SG-13, SG-16)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.vpc_peering import VpcPeering
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, reply_path, verdict, warnings

PEERED = """
vpcs: {far: {cidr: 172.31.0.0/16}}
peerings: {pcx: {vpcs: [main, far]}}
subnets:
  a: {vpc: main, cidr: 10.0.1.0/24, routes: {172.31.0.0/16: pcx}}
  b: {vpc: far, cidr: 172.31.5.0/24, routes: {10.0.0.0/16: pcx}}
security_groups: {open-far: {vpc: far, inbound: {from: [0.0.0.0/0, "::/0"], allow: all}}}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
  two: {subnet: b, security_groups: open-far, ip: 172.31.5.5}
"""


def changed_text(*changes: tuple[str, str]) -> str:
    """`PEERED` with some words put in the place of others."""
    text = PEERED
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


# --- spellings ---------------------------------------------------------------------------------------------------------------------


def test_a_peering_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(PEERED)
    found = network.snapshot.get(VpcPeering, "pcx")
    assert found is not None
    assert (found.vpcs, found.state, found.blocks, found.regions) == (("main", "far"), "active", ((), ()), ("", ""))
    assert warnings(network) == []


def described(state: str = "active", *, far: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A peering of the account's VPC with one of another account."""
    return {
        "VpcPeeringConnectionId": "pcx-1",
        "Status": {"Code": state, "Message": "as it is"},
        "RequesterVpcInfo": {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "Region": "eu-west-1", "OwnerId": "111122223333"},
        "AccepterVpcInfo": {
            "VpcId": "vpc-9",
            "CidrBlock": "172.31.0.0/16",
            "CidrBlockSet": [{"CidrBlock": "172.31.0.0/16"}, {"CidrBlock": "172.30.0.0/16"}],
            "Ipv6CidrBlockSet": [{"Ipv6CidrBlock": "2001:db8:9::/56"}],
            "Region": "us-east-1",
            **(far or {}),
        },
        **more,
    }


def peered(*peerings: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The account, with a default route of its private subnet to the peering; the far VPC is another account's and not read."""
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    onward = {"DestinationCidrBlock": "0.0.0.0/0", "VpcPeeringConnectionId": "pcx-1", "State": "active", "Origin": "CreateRoute"}
    lists = changed(account(), "RouteTables", "rtb-main", Routes=[local, onward])
    return {**lists, "VpcPeeringConnections": list(peerings), **more}


def both(*peerings: dict[str, Any], region: str = "eu-west-1", **more: Any) -> dict[str, Any]:
    """The account with the far VPC read too: a host in it that admits the application's group, and one that admits its block."""
    lists = peered(*(peerings or (described(far={"Region": region}),)), **more)
    back = {"DestinationCidrBlock": "10.0.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "active", "Origin": "CreateRoute"}
    local = {"DestinationCidrBlock": "172.31.0.0/16", "GatewayId": "local", "State": "active"}
    table = {"RouteTableId": "rtb-far", "VpcId": "vpc-9", "Associations": [{"Main": True}], "Routes": [local, back]}
    pairs = [{"GroupId": "sg-app", "UserId": "111122223333", "VpcId": "vpc-1", "VpcPeeringConnectionId": "pcx-1"}]
    lists["Vpcs"].append({"VpcId": "vpc-9", "CidrBlock": "172.31.0.0/16"})
    lists["Subnets"].append({"SubnetId": "subnet-far", "VpcId": "vpc-9", "CidrBlock": "172.31.5.0/24"})
    lists["RouteTables"].append(table)
    lists["NetworkAcls"].append({**lists["NetworkAcls"][0], "NetworkAclId": "acl-far", "VpcId": "vpc-9"})
    for name, address, peers in (
        ("far", "172.31.5.5", {"UserIdGroupPairs": pairs}),
        ("cidr", "172.31.5.6", {"IpRanges": [{"CidrIp": "10.0.1.0/24"}]}),
    ):
        group = {"GroupId": f"sg-{name}", "GroupName": name, "VpcId": "vpc-9", "IpPermissionsEgress": []}
        lists["SecurityGroups"].append({**group, "IpPermissions": [{"IpProtocol": "-1", **peers}]})
        held = {"PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}], "Groups": [{"GroupId": f"sg-{name}"}]}
        lists["NetworkInterfaces"].append(
            {"NetworkInterfaceId": f"eni-{name}", "VpcId": "vpc-9", "SubnetId": "subnet-far", "Status": "in-use", **held}
        )
    return lists


def test_a_peering_of_a_describe_answer(describe: Describe) -> None:
    found = describe(**peered(described(Tags=[{"Key": "Name", "Value": "to-nine"}]))).snapshot.get(VpcPeering, "pcx-1")
    assert found is not None
    assert (found.name, found.vpcs, found.state, found.regions) == ("to-nine", ("vpc-1", "vpc-9"), "active", ("eu-west-1", "us-east-1"))
    assert [list(map(str, blocks)) for blocks in found.blocks] == [
        ["10.0.0.0/16"],
        ["172.31.0.0/16", "172.30.0.0/16", "2001:db8:9::/56"],
    ]


def test_both_accounts_tell_of_a_peering_with_tags_and_options_of_their_own(describe: Describe) -> None:
    mine = described(Tags=[{"Key": "Name", "Value": "ours"}])
    theirs = described(Tags=[{"Key": "Name", "Value": "yours"}], far={"PeeringOptions": {"AllowDnsResolutionFromRemoteVpc": True}})
    network = describe(**both(mine, theirs))
    assert warnings(network) == []
    assert [(found.id, found.name) for found in network.snapshot.all(VpcPeering)] == [("pcx-1", "ours")]
    assert verdict(network, "i-app", "eni-cidr") == "always"


def test_a_peering_that_does_not_say_its_vpcs_was_not_read(describe: Describe) -> None:
    network = describe(**peered({"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}}))
    assert ["`pcx-1` was not read: `VpcId` is missing" in message for message in warnings(network)] == [True]
    assert verdict(network, "i-app", "172.31.5.5") == "unknown"


# --- what crosses ------------------------------------------------------------------------------------------------------------------


def test_PCX_6_one_meets_group_acl_route_acl_group(scenario: Scenario) -> None:
    network = scenario(PEERED)
    assert path(network, "one", "two") == ["one", "one-eni", "a", "pcx", "far", "b", "two-eni", "two"]
    assert reply_path(network, "one", "two") == ["two", "two-eni", "b", "pcx", "main", "a", "one-eni", "one"]
    answer = network.can("one", "two", "tcp/443")
    assert answer.forward is not None
    assert [step.node.what for hop in answer.forward.hops for step in hop.steps if not step.node.plumbing] == [
        "security group state",
        "security group open egress",
        "network ACL main-default-acl egress",
        "route table a-routes",
        "network ACL far-default-acl ingress",
        "security group state",
        "security group open-far ingress",
        "arrived",
    ]


def test_PCX_1_either_side_may_begin_and_each_needs_its_route(scenario: Scenario) -> None:
    network = scenario(PEERED)
    assert verdict(network, "one", "two") == verdict(network, "two", "one") == "always"
    one_sided = scenario(changed_text((", routes: {10.0.0.0/16: pcx}", "")))
    assert refusal(one_sided, "one", "two") == ("reply", "NO_ROUTE_TO_DESTINATION", "far-main no route matches")
    assert refusal(one_sided, "two", "one") == ("forward", "NO_ROUTE_TO_DESTINATION", "far-main no route matches")
    assert verdict(one_sided, "one", "two", one_way=True) == "always"


@pytest.mark.parametrize("block", ["172.31.0.0/16", "172.31.5.0/24", "172.31.5.5/32", "172.16.0.0/12", "0.0.0.0/0"])
def test_PCX_1_a_route_may_be_for_a_part_of_the_peer_or_for_more(scenario: Scenario, block: str) -> None:
    assert verdict(scenario(changed_text(("{172.31.0.0/16: pcx}", f"{{{block}: pcx}}"))), "one", "two") == "always"


@pytest.mark.parametrize("address", ["192.0.2.1", "10.1.0.1", "192.168.1.1"])
def test_PCX_3_only_addresses_of_the_peer_are_reached(scenario: Scenario, address: str) -> None:
    network = scenario(
        changed_text(("{172.31.0.0/16: pcx}", "{0.0.0.0/0: pcx}"), ("172.31.0.0/16}", "172.31.0.0/16, internet_gateway: x}"))
    )
    assert refusal(network, "one", address) == ("forward", "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "pcx addresses of far only")


def test_PCX_3_blocks_added_to_the_peer_are_the_peers(scenario: Scenario) -> None:
    second = ("cidr: 172.31.0.0/16}", "cidr: [172.31.0.0/16, 172.30.0.0/16]}")
    hosts = ("subnets:", "subnets:\n  c: {vpc: far, cidr: 172.30.1.0/24, routes: {10.0.0.0/16: pcx}}")
    three = ("instances:", "instances:\n  three: {subnet: c, security_groups: open-far, ip: 172.30.1.10}")
    network = scenario(changed_text(second, hosts, three, ("{172.31.0.0/16: pcx}", "{172.16.0.0/12: pcx}")))
    assert verdict(network, "one", "three") == verdict(network, "one", "two") == "always"


def test_PCX_5_functions_and_databases_are_in_it_as_hosts_are(scenario: Scenario) -> None:
    more = """
lambdas: {job: {subnets: a, security_groups: open}}
databases: {store: {subnets: [b], security_groups: open-far}}
"""
    network = scenario(PEERED + more)
    assert verdict(network, "lambda:job", "two") == verdict(network, "one", "store") == verdict(network, "lambda:job", "store") == "always"


def test_PCX_7_a_reply_takes_the_longest_prefix_of_its_own_table(scenario: Scenario) -> None:
    third = ("far: {cidr: 172.31.0.0/16}", "far: {cidr: 172.31.0.0/16}, third: {cidr: 10.0.0.0/16}")
    more = ("peerings: {", "peerings: {other: {vpcs: [far, third]}, ")
    network = scenario(changed_text(third, more, ("{10.0.0.0/16: pcx}", "{10.0.0.0/16: pcx, 10.0.1.0/24: other}")))
    assert refusal(network, "one", "two") == ("reply", "NO_POSSIBLE_DESTINATION", "third its blocks")
    assert reply_path(network, "one", "two") == ["two", "two-eni", "b", "other", "third"]


def test_PCX_8_the_dns_server_of_the_peer_does_not_answer(scenario: Scenario) -> None:
    network = scenario(PEERED)
    assert verdict(network, "one", "10.0.0.2", "udp/53") == verdict(network, "two", "172.31.0.2", "udp/53") == "always"
    assert verdict(network, "one", "172.31.0.2", "udp/53") == "never"
    assert path(network, "one", "172.31.0.2", "udp/53") == ["one", "one-eni", "a", "pcx", "far"]


def test_PCX_9_ipv6_crosses_by_routes_of_its_own(scenario: Scenario) -> None:
    text = """
    vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8:1::/56"}, far: {cidr: 172.31.0.0/16, ipv6_cidr: "2001:db8:2::/56"}}
    peerings: {pcx: {vpcs: [main, far]}}
    subnets:
      a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1::/64", routes: {172.31.0.0/16: pcx, "2001:db8:2::/56": pcx}}
      b: {vpc: far, cidr: 172.31.5.0/24, ipv6_cidr: "2001:db8:2::/64", routes: {"2001:db8:1::/56": pcx}}
    security_groups: {open-far: {vpc: far, inbound: {from: [0.0.0.0/0, "::/0"], allow: all}}}
    interfaces:
      one: {subnet: a, security_groups: open, ip: 10.0.1.10, secondary_ips: {"2001:db8:1::10": }}
      two: {subnet: b, security_groups: open-far, ip: 172.31.5.5, secondary_ips: {"2001:db8:2::5": }}
    """
    network = scenario(text)
    assert verdict(network, "one", "2001:db8:2::5") == "always"
    assert refusal(network, "one", "172.31.5.5")[:2] == ("reply", "NO_ROUTE_TO_DESTINATION")


def test_PCX_11_a_deleted_peering_carries_nothing(scenario: Scenario, describe: Describe) -> None:
    network = scenario(changed_text(("vpcs: [main, far]", "vpcs: [main, far], state: deleted")))
    assert refusal(network, "one", "two") == ("forward", "BAD_STATE_ROUTE", "pcx state deleted")
    gone = described("deleted", far={"CidrBlock": None, "CidrBlockSet": None, "Ipv6CidrBlockSet": None})  # AWS tells no blocks then
    assert refusal(describe(**both(gone)), "i-app", "eni-cidr") == ("forward", "BAD_STATE_ROUTE", "pcx-1 state deleted")


def test_PCX_11_a_deleted_peering_beside_its_successor_says_nothing(describe: Describe) -> None:
    network = describe(**both(described(), described("deleted", VpcPeeringConnectionId="pcx-0")))
    assert warnings(network) == []
    assert verdict(network, "i-app", "eni-cidr") == "always"


# --- references to groups ----------------------------------------------------------------------------------------------------------


def test_SG_13_references_hold_in_one_region(scenario: Scenario, describe: Describe) -> None:
    network = describe(**both())
    assert verdict(network, "i-app", "eni-far") == "always"
    assert refusal(network, "i-app", "172.31.5.99")[1] == "NO_POSSIBLE_DESTINATION"
    servers, clients = "{vpc: far, inbound: {from: clients, allow: all}}", "{vpc: main, outbound: {to: servers, allow: all}}"
    text = changed_text(
        ("security_groups: {", f"security_groups: {{servers: {servers}, clients: {clients}, "),
        ("subnet: a, security_groups: open", "subnet: a, security_groups: clients"),
        ("subnet: b, security_groups: open-far", "subnet: b, security_groups: servers"),
    )
    assert verdict(scenario(text), "one", "two") == "always"


@pytest.mark.parametrize("end", ["main", "far"])
def test_SG_13_a_region_that_is_not_told_is_taken_to_be_the_same(scenario: Scenario, end: str) -> None:
    regions = {"main": "vpcs: {main: {cidr: 10.0.0.0/16, region: eu-west-1}, ", "far": "vpcs: {"}
    text = changed_text(
        ("vpcs: {", regions[end]),
        ("172.31.0.0/16}", "172.31.0.0/16, region: us-east-1}" if end == "far" else "172.31.0.0/16}"),
        ('inbound: {from: [0.0.0.0/0, "::/0"], allow: all}', "inbound: {from: open, allow: all}"),
    )
    assert verdict(scenario(text), "one", "two") == "always"


def test_PCX_9_between_regions_rules_for_groups_never_match_and_rules_for_blocks_do(describe: Describe) -> None:
    network = describe(**both(region="us-east-1"))
    assert refusal(network, "i-app", "eni-far") == ("forward", "SG_REFERENCES_NOT_PRESERVED", "sg-far ingress 1")
    assert verdict(network, "i-app", "eni-cidr") == "always"


def test_PCX_9_between_regions_an_outbound_rule_for_a_group_has_no_members(describe: Describe) -> None:
    to_group = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-cidr"}]}]
    for region, expected in (("eu-west-1", "always"), ("us-east-1", "never")):
        network = describe(**changed(both(region=region), "SecurityGroups", "sg-app", IpPermissionsEgress=to_group))
        assert verdict(network, "i-app", "eni-cidr") == expected


def test_SG_16_a_rule_for_a_group_beyond_a_deleted_peering_matches_nothing(describe: Describe) -> None:
    to_group = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-cidr", "PeeringStatus": "deleted"}]}]
    network = describe(**changed(both(described("deleted")), "SecurityGroups", "sg-app", IpPermissionsEgress=to_group))
    assert refusal(network, "i-app", "eni-cidr") == ("forward", "ENI_SG_RULES_MISMATCH", "sg-app no egress rule matches")


def test_SG_13_references_reach_no_further_than_the_peer(scenario: Scenario) -> None:
    """Two spokes of one hub: what the rule names is no member of a VPC that the hub is between."""
    text = """
    vpcs: {far: {cidr: 172.31.0.0/16}, hub: {cidr: 192.168.0.0/16}}
    peerings: {left: {vpcs: [main, hub]}, right: {vpcs: [hub, far]}}
    subnets:
      a: {vpc: main, cidr: 10.0.1.0/24, routes: {172.31.0.0/16: left}}
      b: {vpc: far, cidr: 172.31.5.0/24}
    security_groups: {narrow: {vpc: main, outbound: {to: servers, allow: all}}, servers: {vpc: far}}
    instances:
      one: {subnet: a, security_groups: narrow}
      two: {subnet: b, security_groups: servers}
    """
    assert refusal(scenario(text), "one", "two") == ("forward", "ENI_SG_RULES_MISMATCH", "narrow no egress rule matches")


# --- what was not read -------------------------------------------------------------------------------------------------------------


def test_a_far_vpc_that_was_not_read_is_a_gap_within_its_blocks(describe: Describe) -> None:
    network = describe(**peered(described()))
    answer = network.can("i-app", "172.31.5.5", "tcp/443")
    assert answer.verdict.value == "unknown"
    assert [gap.place for gap in answer.gaps] == ["vpc-9"]
    assert verdict(network, "i-app", "172.30.5.5") == "unknown"


def test_PCX_3_outside_the_blocks_that_the_peering_tells_it_is_never(describe: Describe) -> None:
    network = describe(**peered(described()))
    assert refusal(network, "i-app", "192.0.2.1") == ("forward", "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "pcx-1 addresses of vpc-9 only")


def test_blocks_that_nobody_tells_are_a_gap(describe: Describe) -> None:
    bare = described(far={"CidrBlock": None, "CidrBlockSet": None, "Ipv6CidrBlockSet": None})
    network = describe(**peered(bare))
    assert verdict(network, "i-app", "172.31.5.5") == verdict(network, "i-app", "192.0.2.1") == "unknown"


def test_peerings_that_were_not_asked_for_are_a_gap(describe: Describe) -> None:
    lists = peered()
    del lists["VpcPeeringConnections"]
    answer = describe(**lists).can("i-app", "172.31.5.5", "tcp/443")
    assert (answer.verdict.value, [gap.place for gap in answer.gaps]) == ("unknown", ["pcx-1"])


FAR_GROUP = "an outbound rule for a group of a peer that was not read is taken to have no members; who they are is not known"


def test_SG_13_an_outbound_rule_for_a_group_of_an_unread_peer_is_a_gap(describe: Describe) -> None:
    to_far = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-9", "VpcId": "vpc-9", "VpcPeeringConnectionId": "pcx-1"}]}]
    network = describe(**changed(peered(described(far={"Region": "eu-west-1"})), "SecurityGroups", "sg-app", IpPermissionsEgress=to_far))
    assert verdict(network, "i-app", "172.31.5.5") == "unknown"


def test_T51_the_internet_does_not_begin_in_a_public_block_of_an_unread_peer(describe: Describe) -> None:
    public = described(far={"CidrBlock": "198.51.0.0/16", "CidrBlockSet": None})
    (message,) = errors(lambda: describe(**peered(public)).can("198.51.7.7", "i-web", "tcp/443"))
    assert message == "`198.51.7.7` belongs to no interface that was read, so nothing starts there"


# --- what is told ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vpcs", ["[main]", "[main, far, main]", "[far, far]"])
def test_a_peering_joins_two_vpcs(scenario: Scenario, vpcs: str) -> None:
    assert "peering `pcx`: `vpcs` names the two VPCs it joins" in errors(scenario, changed_text(("[main, far]", vpcs)))


def test_a_described_peering_with_itself_is_an_error(describe: Describe) -> None:
    assert errors(describe, **peered(described(far={"VpcId": "vpc-1"}))) == ["peering `pcx-1` joins `vpc-1` with itself"]


def test_a_vpc_that_does_not_exist_is_an_error_with_a_suggestion(scenario: Scenario) -> None:
    (message, *_) = errors(scenario, changed_text(("[main, far]", "[main, fra]")))
    assert "`fra` does not exist; did you mean `far`?" in message


@pytest.mark.parametrize("blocks", ["10.0.0.0/16", "10.0.128.0/20", "[10.1.0.0/16, 10.0.5.0/24]"])
def test_PCX_2_peers_do_not_overlap(scenario: Scenario, blocks: str) -> None:
    (message,) = warnings(scenario(f"vpcs: {{far: {{cidr: {blocks}}}}}\npeerings: {{pcx: {{vpcs: [main, far]}}}}"))
    assert message.startswith("peering `pcx`: the blocks 10.0.0.0/16 of `main` and 10.0.")
    assert message.endswith("of `far` overlap; AWS refuses such a peering (PCX-2)")


def test_PCX_2_ipv6_blocks_do_not_overlap_either(scenario: Scenario) -> None:
    vpcs = 'vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56"}, far: {cidr: 10.1.0.0/16, ipv6_cidr: "2001:db8::/56"}}'
    (message,) = warnings(scenario(f"{vpcs}\npeerings: {{pcx: {{vpcs: [main, far]}}}}"))
    assert "2001:db8::/56 of `main` and 2001:db8::/56 of `far` overlap" in message


def test_PCX_2_overlapping_blocks_of_an_unread_peer_are_told(describe: Describe) -> None:
    (message,) = warnings(describe(**peered(described(far={"CidrBlock": "10.0.5.0/24", "CidrBlockSet": None}))))
    assert "10.0.0.0/16 of `vpc-1` and 10.0.5.0/24 of `vpc-9` overlap" in message


def test_PCX_2_a_peering_that_was_never_made_may_overlap(scenario: Scenario) -> None:
    text = "vpcs: {far: {cidr: 10.0.0.0/16}}\npeerings: {pcx: {vpcs: [main, far], state: failed}}"
    assert warnings(scenario(text)) == []


def test_PCX_2_a_pair_has_one_active_peering(scenario: Scenario) -> None:
    twice = "peerings: {pcx: {vpcs: [main, far]}, again: {vpcs: [far, main]}, old: {vpcs: [main, far], state: deleted}}"
    (message,) = warnings(scenario(changed_text(("peerings: {pcx: {vpcs: [main, far]}}", twice))))
    assert message == "peering `again` joins the same VPCs as `pcx`; AWS allows one active peering of a pair (PCX-2)"
