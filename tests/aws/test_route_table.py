"""Route tables in both spellings: which table, which route, and what AWS refuses (RT-1 to RT-19, RT-25 to RT-29)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.route_table import RouteTable, winners
from tests.aws.reading import Describe, Scenario, account, changed, errors, path, refusal, verdict, warnings

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  a: {vpc: main, cidr: 10.0.1.0/24}
  b: {vpc: main, cidr: 10.0.2.0/24}
nat_gateways:
  nat: {subnet: pub, public_ip: 198.51.100.5, private_ip: 10.0.0.5}
  other: {subnet: pub, public_ip: 198.51.100.6, private_ip: 10.0.0.6}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
  two: {subnet: b, security_groups: open, ip: 10.0.2.10}
"""


def tables(text: str, hosts: str = HOSTS) -> str:
    return f"{hosts}\nroute_tables:\n{text}"


def via(routes: str, hosts: str = HOSTS) -> str:
    """Subnet `a` with routes of its own."""
    return hosts.replace("a: {vpc: main, cidr: 10.0.1.0/24", f"a: {{vpc: main, cidr: 10.0.1.0/24, routes: {routes}")


# --- which table -------------------------------------------------------------------------------------------------------------------


def test_RT_1_a_subnet_that_names_no_table_uses_the_main_one(scenario: Scenario) -> None:
    network = scenario(tables("  t: {vpc: main, main: true, routes: {0.0.0.0/0: nat}}"))
    assert "nat" in path(network, "one", "internet")
    assert "nat" in path(network, "two", "internet")


def test_RT_1_VPC_14_a_new_vpc_has_a_main_table_with_local_routes_only(scenario: Scenario) -> None:
    network = scenario(HOSTS)
    assert refusal(network, "one", "internet") == ("forward", "NO_ROUTE_TO_DESTINATION", "main-main no route matches")
    assert verdict(network, "one", "two") == "always"


def test_RT_1_an_explicit_table_takes_the_place_of_the_main_one(scenario: Scenario) -> None:
    network = scenario(tables("  t: {vpc: main, main: true, routes: {0.0.0.0/0: nat}}\n  own: {vpc: main, subnets: a}"))
    assert refusal(network, "one", "internet")[2] == "own no route matches"
    assert verdict(network, "two", "internet") == "always"


def test_RT_1_the_association_may_stand_in_the_subnet(scenario: Scenario) -> None:
    hosts = HOSTS.replace("  b: {vpc: main,", "  b: {vpc: main, route_table: own,")
    network = scenario(tables("  own: {vpc: main, routes: {0.0.0.0/0: nat}}", hosts))
    assert verdict(network, "two", "internet") == "always"
    assert verdict(network, "one", "internet") == "never"


def test_RT_2_one_table_may_serve_many_subnets(scenario: Scenario) -> None:
    network = scenario(tables("  shared: {vpc: main, subnets: [a, b], routes: {0.0.0.0/0: nat}}"))
    assert verdict(network, "one", "internet") == verdict(network, "two", "internet") == "always"


def test_RT_2_RT_3_another_main_table_moves_implicit_subnets_only(scenario: Scenario) -> None:
    """Trap T22: `a` is associated with the table that once was main."""
    before = "  old: {vpc: main, main: true, subnets: a, routes: {0.0.0.0/0: nat}}\n  new: {vpc: main}"
    after = before.replace(", main: true", "").replace("new: {vpc: main", "new: {vpc: main, main: true")
    assert [verdict(scenario(tables(before)), name, "internet") for name in ("one", "two")] == ["always", "always"]
    assert [verdict(scenario(tables(after)), name, "internet") for name in ("one", "two")] == ["always", "never"]


def test_RT_4_within_a_subnet_no_route_applies(scenario: Scenario) -> None:
    """Trap T2: a route for the whole own subnet to an appliance is not looked at."""
    hosts = via("{10.0.1.0/24: nat}") + "  beside: {subnet: a, security_groups: open, ip: 10.0.1.11}\n"
    assert path(scenario(hosts), "one", "beside") == ["one", "one-eni", "a", "beside-eni", "beside"]


def test_RT_5_the_table_is_that_of_the_subnet_the_packet_leaves(scenario: Scenario) -> None:
    """The receiver's table is not consulted on delivery, but for its reply."""
    network = scenario(via("{10.0.2.0/24: nat}"))
    assert "nat" in path(network, "one", "two")
    assert "nat" not in path(network, "two", "one", one_way=True)
    assert refusal(network, "two", "one")[0] == "reply"


# --- which route -------------------------------------------------------------------------------------------------------------------


def test_RT_6_the_longest_prefix_wins(scenario: Scenario) -> None:
    network = scenario(via("{0.0.0.0/0: nat, 203.0.113.0/24: other, 203.0.113.7/32: nat}"))
    assert "other" in path(network, "one", "203.0.113.8")
    assert "nat" in path(network, "one", "203.0.113.7")
    assert "nat" in path(network, "one", "192.0.2.1")


def test_RT_6_a_propagated_route_wins_where_it_is_longer(scenario: Scenario) -> None:
    """Trap T19."""
    routes = "[{to: 0.0.0.0/0, via: nat}, {to: 203.0.113.0/24, via: other, propagated: true}]"
    assert "other" in path(scenario(via(routes)), "one", "203.0.113.8")


@pytest.mark.parametrize("order", [1, -1])
def test_RT_7_static_before_prefix_list_before_propagated(scenario: Scenario, order: int) -> None:
    static, listed = "{to: 203.0.113.0/24, via: nat}", "{to: office, via: other}"
    propagated = "{to: 203.0.113.0/24, via: other, propagated: true}"
    lists = "prefix_lists: {office: {entries: 203.0.113.0/24}}\n"

    def first_hop(*routes: str) -> str:
        hops = path(scenario(lists + via(f"[{', '.join(routes[::order])}]")), "one", "203.0.113.8")
        return next(hop for hop in hops if hop in ("nat", "other"))

    assert first_hop(static, listed) == "nat"
    assert first_hop(static, propagated) == "nat"
    assert first_hop(listed.replace("other", "nat"), propagated) == "nat"


def test_RT_9_a_propagated_route_inside_the_vpc_loses_to_local(scenario: Scenario) -> None:
    """Trap T18."""
    network = scenario(via("[{to: 10.0.2.0/24, via: nat, propagated: true}]"))
    assert "nat" not in path(network, "one", "two")
    assert verdict(network, "one", "two") == "always"
    assert warnings(network) == []


OVERLAP = "prefix_lists: {wide: {entries: 203.0.113.0/24}, narrow: {entries: 203.0.113.0/28}, same: {entries: 203.0.113.0/24}}\n"


def test_RT_11_overlapping_prefix_lists_are_aws_choice(scenario: Scenario) -> None:
    """Trap T46. `other` is out of order, so the choice shows."""
    hosts = HOSTS.replace("198.51.100.6,", "198.51.100.6, state: failed,")
    network = scenario(OVERLAP + via("[{to: wide, via: nat}, {to: narrow, via: other}]", hosts))
    answer = network.can("one", "203.0.113.8", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert [case.when["choice"] for case in answer.cases] == [["narrow -> other"], ["wide -> nat"]]
    assert verdict(network, "one", "203.0.113.77") == "always"


@pytest.mark.parametrize("order", [1, -1])
def test_RT_11_two_lists_with_one_block_are_aws_choice_too(scenario: Scenario, order: int) -> None:
    hosts = HOSTS.replace("198.51.100.6,", "198.51.100.6, state: failed,")
    routes = ["{to: wide, via: nat}", "{to: same, via: other}"][::order]
    assert verdict(scenario(OVERLAP + via(f"[{', '.join(routes)}]", hosts)), "one", "203.0.113.8") == "sometimes"


def test_RT_11_lists_with_one_target_leave_no_choice(scenario: Scenario) -> None:
    network = scenario(OVERLAP + via("[{to: wide, via: nat}, {to: narrow, via: nat}]"))
    answer = network.can("one", "203.0.113.8", "tcp/443")
    assert (answer.verdict.value, len(answer.cases)) == ("always", 1)


def test_RT_12_a_prefix_list_is_a_route_for_each_entry(scenario: Scenario) -> None:
    lists = "prefix_lists: {office: {entries: [203.0.113.0/24, 192.0.2.0/24]}}\n"
    network = scenario(lists + via("{office: nat}"))
    assert [verdict(network, "one", ip) for ip in ("203.0.113.8", "192.0.2.1", "192.0.3.1")] == ["always", "always", "never"]


def test_RT_12_a_prefix_list_may_be_written_below_the_route(scenario: Scenario) -> None:
    network = scenario(f"{via('{office: nat}')}\nprefix_lists: {{office: {{entries: 203.0.113.0/24}}}}")
    assert verdict(network, "one", "203.0.113.8") == "always"


def test_RT_13_an_ipv4_default_route_does_not_carry_ipv6(scenario: Scenario) -> None:
    network = scenario(
        """
        vpcs: {main: {cidr: 10.0.0.0/16, ipv6_cidr: "2001:db8::/56", internet_gateway: igw}}
        subnets: {a: {vpc: main, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64", routes: {0.0.0.0/0: igw}}}
        interfaces: {one: {subnet: a, security_groups: open, secondary_ips: {"2001:db8::10": }}}
        """
    )
    assert refusal(network, "one", "2a00::1") == ("forward", "NO_ROUTE_TO_DESTINATION", "a-routes no route matches")


def test_RT_14_no_route_no_way(scenario: Scenario) -> None:
    network = scenario(via("{203.0.113.0/24: nat}"))
    assert refusal(network, "one", "192.0.2.1") == ("forward", "NO_ROUTE_TO_DESTINATION", "a-routes no route matches")


def test_RT_15_a_blackhole_route_drops(scenario: Scenario) -> None:
    network = scenario(via("[{to: 0.0.0.0/0, via: nat, blackhole: true}]"))
    assert refusal(network, "one", "192.0.2.1") == ("forward", "BAD_STATE_ROUTE", "a-routes route 0.0.0.0/0")


def test_RT_15_blackhole_may_be_written_as_the_target(scenario: Scenario) -> None:
    assert refusal(scenario(via("{0.0.0.0/0: blackhole}")), "one", "192.0.2.1")[1] == "BAD_STATE_ROUTE"


# --- local routes ------------------------------------------------------------------------------------------------------------------


def test_RT_17_routes_cannot_isolate_subnets_of_one_vpc(scenario: Scenario) -> None:
    """Trap T1, primer S14."""
    assert verdict(scenario(tables("  none: {vpc: main, subnets: [a, b]}")), "one", "two") == "always"


def test_RT_17_the_local_route_may_be_replaced(scenario: Scenario) -> None:
    network = scenario(via("{10.0.0.0/16: nat}"))
    assert "nat" in path(network, "one", "two")
    assert warnings(network) == []


def test_RT_17_a_replaced_local_route_counts_whatever_the_order_in_the_answer(describe: Describe) -> None:
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    replaced = {"DestinationCidrBlock": "10.0.0.0/16", "NetworkInterfaceId": "eni-web", "State": "active"}
    network = describe(**changed(account(), "RouteTables", "rtb-main", Routes=[replaced]))
    assert "eni-web" in path(network, "i-app", "10.0.0.99")
    assert "eni-web" not in path(describe(**changed(account(), "RouteTables", "rtb-main", Routes=[local])), "i-app", "10.0.0.99")


def test_RT_18_a_route_for_a_whole_subnet_to_a_nat_gateway_or_interface_counts(scenario: Scenario) -> None:
    for target in ("nat", "one-eni"):
        hosts = HOSTS.replace("b: {vpc: main, cidr: 10.0.2.0/24", f"b: {{vpc: main, cidr: 10.0.2.0/24, routes: {{10.0.1.0/24: {target}}}")
        network = scenario(hosts)
        assert warnings(network) == []
        table = network.snapshot.get(RouteTable, "b-routes")
        assert table is not None
        assert [str(winner.entry) for winner in winners(network.snapshot, table)] == ["10.0.0.0/16 -> local", f"10.0.1.0/24 -> {target}"]


@pytest.mark.parametrize(
    ("block", "target"), [("10.0.2.10/32", "nat"), ("10.0.2.0/25", "nat"), ("10.0.2.0/24", "igw"), ("10.0.99.0/24", "nat")]
)
def test_RT_18_what_aws_refuses_is_told_and_ignored(scenario: Scenario, block: str, target: str) -> None:
    network = scenario(via(f"{{{block}: {target}}}"))
    (message,) = warnings(network)
    assert message.startswith(f"route table `a-routes`: AWS refuses {block} -> {target}; inside the VPC a route must be for a whole subnet")
    assert "nat" not in path(network, "one", "two")
    assert verdict(network, "one", "two") == "always"


def test_RT_18_what_aws_refuses_is_no_dead_route_either(scenario: Scenario) -> None:
    network = scenario(via("[{to: 10.0.2.0/24, via: igw, blackhole: true}]"))
    assert verdict(network, "one", "two") == "always"


def test_RT_15_a_redirection_to_what_is_gone_drops(scenario: Scenario) -> None:
    for gone in ("via: nat, blackhole: true", "via: blackhole"):
        network = scenario(via(f"[{{to: 10.0.2.0/24, {gone}}}]"))
        assert refusal(network, "one", "two")[1] == "BAD_STATE_ROUTE"


def test_RT_19_what_the_redirection_does_not_cover_stays_local(scenario: Scenario) -> None:
    hosts = via("{10.0.2.0/24: nat}").replace(
        "instances:", "interfaces: {three: {subnet: pub, security_groups: open, ip: 10.0.0.30}}\ninstances:"
    )
    network = scenario(hosts)
    assert "nat" in path(network, "one", "two")
    assert "nat" not in path(network, "one", "three")


# --- targets -----------------------------------------------------------------------------------------------------------------------


def test_RT_26_an_instance_means_its_only_interface(scenario: Scenario) -> None:
    hosts = via("{0.0.0.0/0: natter}") + (
        "  natter: {subnet: pub, security_groups: open, ip: 10.0.0.9, public_ip: 198.51.100.9, source_dest_check: false, forwards: nat}\n"
    )
    assert verdict(scenario(hosts), "one", "internet") == "always"


def described(*routes: dict[str, Any]) -> dict[str, Any]:
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    return changed(account(), "RouteTables", "rtb-main", Routes=[local, *routes])


def route(to: str = "0.0.0.0/0", **target: Any) -> dict[str, Any]:
    return {"DestinationCidrBlock": to, "State": "active", "Origin": "CreateRoute", **target}


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ({"GatewayId": "igw-9"}, "igw-9"),
        ({"GatewayId": "vgw-9"}, "vgw-9"),
        ({"GatewayId": "vpce-9"}, "vpce-9"),
        ({"NatGatewayId": "nat-9"}, "nat-9"),
        ({"TransitGatewayId": "tgw-9"}, "tgw-9"),
        ({"VpcPeeringConnectionId": "pcx-9"}, "pcx-9"),
        ({"InstanceId": "i-9", "NetworkInterfaceId": "eni-9"}, "eni-9"),
        ({"EgressOnlyInternetGatewayId": "eigw-9"}, "eigw-9"),
        ({"LocalGatewayId": "lgw-9"}, "lgw-9"),
        ({"CarrierGatewayId": "cagw-9"}, "cagw-9"),
        ({"CoreNetworkArn": "arn:aws:networkmanager::1:core-network/x"}, "arn:aws:networkmanager::1:core-network/x"),
    ],
)
def test_RT_25_a_route_to_what_was_not_read_is_a_gap_at_the_target(describe: Describe, target: dict[str, str], name: str) -> None:
    answer = describe(**described(route(**target))).can("i-app", "192.0.2.1", "tcp/443")
    assert answer.verdict.value == "unknown"
    assert [gap.place for gap in answer.gaps] == [name]


def test_RT_15_the_state_of_a_described_route(describe: Describe) -> None:
    network = describe(**described(route(NatGatewayId="nat-9", State="blackhole")))
    assert refusal(network, "i-app", "192.0.2.1") == ("forward", "BAD_STATE_ROUTE", "rtb-main route 0.0.0.0/0")


def test_RT_7_the_origin_of_a_described_route(describe: Describe) -> None:
    propagated = route(GatewayId="vgw-9", Origin="EnableVgwRoutePropagation")
    network = describe(**described(propagated, route(GatewayId="igw-1")))
    assert refusal(network, "i-app", "192.0.2.1")[1] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"


@pytest.mark.parametrize(
    "target",
    [
        {"GatewayId": "igw-9"},
        {"GatewayId": "vpce-9"},
        {"NatGatewayId": "nat-9"},
        {"TransitGatewayId": "tgw-9"},
        {"VpcPeeringConnectionId": "pcx-9"},
        {"NetworkInterfaceId": "eni-9"},
        {"InstanceId": "i-9", "NetworkInterfaceId": "eni-9"},
        {"GatewayId": "vgw-8"},
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_RT_10_whatever_the_target_a_static_route_beats_a_propagated_one(describe: Describe, target: dict[str, str], order: int) -> None:
    both = [route(GatewayId="vgw-9", Origin="EnableVgwRoutePropagation"), route(**target)]
    answer = describe(**described(*both[::order])).can("i-app", "192.0.2.1", "tcp/443")
    assert [gap.place for gap in answer.gaps] == [list(target.values())[-1]]
    longer = [{**both[0], "DestinationCidrBlock": "192.0.2.0/24"}, both[1]]
    answer = describe(**described(*longer[::order])).can("i-app", "192.0.2.1", "tcp/443")
    assert [gap.place for gap in answer.gaps] == ["vgw-9"]


def test_the_table_of_a_describe_answer(describe: Describe) -> None:
    snapshot = describe(**account()).snapshot
    public, main = snapshot.get(RouteTable, "rtb-pub"), snapshot.get(RouteTable, "rtb-main")
    assert public is not None
    assert main is not None
    assert (public.subnets, public.main, main.subnets, main.main) == (("subnet-pub",), False, (), True)
    assert [str(entry) for entry in public.routes] == ["10.0.0.0/16 -> local", "0.0.0.0/0 -> igw-1"]


def test_an_association_that_was_removed_does_not_count(describe: Describe) -> None:
    gone = [{"Main": False, "SubnetId": "subnet-pub", "AssociationState": {"State": "disassociated"}}]
    network = describe(**changed(account(), "RouteTables", "rtb-pub", Associations=gone))
    assert refusal(network, "i-web", "192.0.2.1")[2] == "rtb-main no route matches"


def test_RT_29_a_gateway_endpoint_route_is_a_gap_where_its_list_was_read(describe: Describe) -> None:
    endpoint = {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1", "State": "active", "Origin": "CreateRoute"}
    lists = [{"PrefixListId": "pl-s3", "PrefixListName": "com.amazonaws.eu-west-1.s3", "Cidrs": ["192.0.2.0/24"]}]
    network = describe(**described(endpoint, route(GatewayId="igw-1")), PrefixLists=lists)
    assert verdict(network, "i-app", "192.0.2.1") == "unknown"
    assert verdict(network, "i-app", "203.0.113.1") == "never"
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"


def test_a_prefix_list_that_was_not_read_leaves_every_way_out_unknown_but_not_the_vpc(describe: Describe) -> None:
    endpoint = {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1", "State": "active", "Origin": "CreateRoute"}
    network = describe(**described(endpoint, route(GatewayId="igw-1")))
    assert verdict(network, "i-app", "192.0.2.1") == "unknown"
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"


def test_a_table_that_was_not_read_has_its_local_routes(describe: Describe) -> None:
    lists = account()
    del lists["RouteTables"]
    network = describe(**lists)
    assert verdict(network, "i-web", "i-app", "tcp/8080") == "always"
    assert verdict(network, "i-app", "192.0.2.1") == "unknown"


# --- what is told ------------------------------------------------------------------------------------------------------------------


def test_a_target_that_does_not_exist_is_an_error_with_a_suggestion(scenario: Scenario) -> None:
    (message,) = errors(scenario, via("{0.0.0.0/0: natt}"))
    assert message == "route table `a-routes`: target `natt` does not exist; did you mean `nat`?"


def test_one_destination_has_one_route(scenario: Scenario) -> None:
    (message,) = errors(scenario, via("[{to: 0.0.0.0/0, via: nat}, {to: 0.0.0.0/0, via: other}]"))
    assert message == "route table `a-routes`: the route for 0.0.0.0/0 is there twice"


@pytest.mark.parametrize(
    ("word", "reason"), [("10.0.0.0/33", "has no prefix length between 0 and 32"), ("offce", "is not an IPv4 or IPv6 address")]
)
def test_a_destination_is_a_block_or_a_list(scenario: Scenario, word: str, reason: str) -> None:
    (message,) = errors(scenario, "prefix_lists: {office: {entries: 203.0.113.0/24}}\n" + via(f"{{{word}: nat}}"))
    hint = "; did you mean `office`?" if word == "offce" else ""
    assert message == f"route table `a-routes`: `{word}` {reason}, nor the name of a prefix list{hint}"


def test_bits_beyond_the_length_are_cut_with_a_warning(scenario: Scenario) -> None:
    network = scenario(via("{203.0.113.9/24: nat}"))
    assert warnings(network) == ["route table `a-routes`: `203.0.113.9/24` has bits set beyond the prefix length; read as 203.0.113.0/24"]
    assert verdict(network, "one", "203.0.113.200") == "always"


def test_routes_and_a_table_at_once_are_an_error(scenario: Scenario) -> None:
    hosts = via("{0.0.0.0/0: nat}, route_table: own")
    assert errors(scenario, tables("  own: {vpc: main}", hosts)) == ["subnet `a`: say `routes` or `route_table`, one of them"]


def test_local_may_be_written_out(scenario: Scenario) -> None:
    network = scenario(via("{10.0.0.0/16: local, 0.0.0.0/0: nat}"))
    assert warnings(network) == []
    assert verdict(network, "one", "two") == "always"
