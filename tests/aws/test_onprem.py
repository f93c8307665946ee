"""Networks on premises: which links lead to one, what is known of them, and the link a packet takes (VPN-1, VPN-2, MODEL-6)."""

from __future__ import annotations

import simulator
from simulator.aws.onprem import networks_of
from tests.aws.hybrid import HOST, OFFICE, hybrid, office, route, vpn
from tests.aws.reading import Describe, Scenario, path, verdict

TWO_SITES = office(
    ("{office: {networks: 192.168.10.0/24}}", "{office: {networks: 192.168.10.0/24}, plant: {networks: 192.168.20.0/24}}"),
    ("customer_gateway: office}", "customer_gateway: office}, vpn-2: {gateway: vgw, customer_gateway: plant}"),
)


def blocks(network: simulator.Network) -> dict[str, list[str]]:
    return {found.place.id: list(map(str, found.blocks)) for found in networks_of(network.snapshot)}


def links(network: simulator.Network) -> dict[str, list[str]]:
    return {found.place.id: [link.place.id for link in found.links] for found in networks_of(network.snapshot)}


def test_each_site_is_a_network_of_its_own(scenario: Scenario) -> None:
    network = scenario(TWO_SITES)
    assert blocks(network) == {"office": ["192.168.10.0/24"], "plant": ["192.168.20.0/24"]}
    assert verdict(network, "onprem", "web") == verdict(network, "web", "onprem") == "always"


def test_links_of_one_site_lead_to_one_network(scenario: Scenario) -> None:
    network = scenario(TWO_SITES.replace("customer_gateway: plant", "customer_gateway: office"))
    assert links(network) == {"office": ["vpn", "vpn-2"]}
    assert "vpn, vpn-2 lead to one network on premises" in network.can(HOST, "web", "tcp/443").assumptions


def test_links_to_overlapping_blocks_lead_to_one_network(scenario: Scenario) -> None:
    assert links(scenario(TWO_SITES.replace("networks: 192.168.20.0/24", "networks: 192.168.0.0/16"))) == {"office": ["vpn", "vpn-2"]}
    assert links(scenario(TWO_SITES)) == {"office": ["vpn"], "plant": ["vpn-2"]}


def test_a_default_route_is_no_block_and_joins_nothing(scenario: Scenario) -> None:
    every = TWO_SITES.replace("customer_gateway: plant}", "customer_gateway: plant, bgp_routes: [0.0.0.0/0, 192.168.20.0/24]}")
    network = scenario(every)
    assert blocks(network) == {"office": ["192.168.10.0/24"], "plant": ["192.168.20.0/24"]}
    assert path(network, "web", "192.0.2.1")[-2:] == ["vpn-2", "plant"]
    assert verdict(network, "web", "internet") == "unknown"
    assert verdict(network, "web", "192.168.20.5") == verdict(network, "web", HOST) == "always"


def test_what_lies_on_premises_is_an_assumption_of_every_answer(scenario: Scenario) -> None:
    told = scenario(OFFICE).can(HOST, "web", "tcp/443").assumptions
    assert told == ("routers and filters of office, which are on premises, let the traffic pass",)


def test_MODEL_6_any_of_several_links_that_are_told_the_same(scenario: Scenario) -> None:
    network = scenario(TWO_SITES.replace("customer_gateway: plant", "customer_gateway: office"))
    answer = network.can(HOST, "web", "tcp/443")
    assert answer.verdict is simulator.Verdict.ALWAYS
    told = {case.trip.choices[0].labels for case in answer.cases}
    assert told == {("vpn", "vpn-2")}


def test_VPN_2_a_link_that_is_down_is_not_taken(scenario: Scenario) -> None:
    network = scenario(TWO_SITES.replace("customer_gateway: plant", "customer_gateway: office, tunnels: down"))
    assert verdict(network, HOST, "web") == verdict(network, "web", HOST) == "always"
    assert path(network, HOST, "web")[:3] == ["office", "vpn", "vgw"]
    both = TWO_SITES.replace("customer_gateway: plant", "customer_gateway: office, tunnels: down")
    both = both.replace("vpn: {gateway: vgw, customer_gateway: office}", "vpn: {gateway: vgw, customer_gateway: office, tunnels: down}")
    assert verdict(scenario(both), HOST, "web") == "never"


def test_the_longest_block_that_a_gateway_told_decides(scenario: Scenario) -> None:
    """The VPC of one gateway has a block inside that of the other; the host in it is reached by its own gateway."""
    far = """
    vpcs: {far: {cidr: [10.9.0.0/16]}}
    vpn_gateways: {vgw-far: {vpc: far, propagates_to: far-main}}
    subnets: {far-app: {vpc: far, cidr: 10.9.1.0/24}}
    security_groups: {open-far: {vpc: far, inbound: {from: 0.0.0.0/0, allow: all}}}
    instances: {host: {subnet: far-app, security_groups: open-far}}
    """
    sections = OFFICE.replace("customer_gateway: office}", "customer_gateway: office}, vpn-2: {gateway: vgw-far, customer_gateway: office}")
    merged = _merged(sections, far)
    network = scenario(merged)
    assert path(network, HOST, "web")[1:3] == ["vpn", "vgw"]
    assert path(network, HOST, "host")[1:3] == ["vpn-2", "vgw-far"]
    assert verdict(network, HOST, "web") == verdict(network, HOST, "host") == "always"
    assert verdict(network, "web", "host") == "never"


def _merged(*texts: str) -> str:
    """Sections of several texts, entry by entry."""
    import yaml

    sections: dict[str, dict[str, object]] = {}
    for text in texts:
        for name, entries in yaml.safe_load(text).items():
            sections.setdefault(name, {}).update(entries)
    return yaml.safe_dump(sections)


# --- what AWS answers show -----------------------------------------------------------------------------------------------------------


def test_blocks_that_bgp_told_are_those_that_route_tables_show(describe: Describe) -> None:
    network = describe(**hybrid(route("192.168.10.0/24", propagated=True), shown=True, VpnConnections=[vpn()]))
    assert blocks(network) == {"cgw-1": ["192.168.10.0/24"]}
    assert verdict(network, HOST, "i-app") == verdict(network, "i-app", HOST) == "always"
    assert verdict(network, "i-app", "onprem") == "always"


def test_a_private_address_may_be_of_a_network_whose_blocks_were_not_read(describe: Describe) -> None:
    network = describe(**hybrid(route("192.168.0.0/16"), VpnConnections=[vpn()]))
    assert blocks(network) == {"cgw-1": []}
    assert verdict(network, HOST, "i-app") == verdict(network, "i-app", HOST) == "unknown"
    assert verdict(network, HOST, "i-app", one_way=True) == "always"
    assert verdict(network, "i-web", HOST) == "never"  # its subnet has no route there


def test_an_on_premises_site_that_was_not_read_goes_by_the_id_of_the_connection(describe: Describe) -> None:
    network = describe(**hybrid(route("192.168.0.0/16"), CustomerGateways=None, VpnConnections=[vpn("192.168.10.0/24")]))
    assert blocks(network) == {"cgw-1": ["192.168.10.0/24"]}
    assert path(network, "i-app", HOST)[-2:] == ["vpn-1", "cgw-1"]


def told(*routes: str) -> str:
    """Connections of sites of their own, each with the blocks that BGP tells; `vpn-0` first."""
    sites = ", ".join(f"site-{number}: {{}}" for number in range(len(routes)))
    lines = "".join(f"\n  vpn-{n}: {{gateway: vgw, customer_gateway: site-{n}, bgp_routes: [{one}]}}" for n, one in enumerate(routes))
    return f"vpn_gateways: {{vgw: {{vpc: main}}}}\ncustomer_gateways: {{{sites}}}\nvpn_connections:{lines}\n"


def test_links_of_one_site_lead_to_one_network_whatever_each_is_told(scenario: Scenario) -> None:
    text = told("192.168.10.0/24", "172.31.0.0/16").replace("customer_gateway: site-1", "customer_gateway: site-0")
    assert links(scenario(text)) == {"site-0": ["vpn-0", "vpn-1"]}
    assert blocks(scenario(text)) == {"site-0": ["172.31.0.0/16", "192.168.10.0/24"]}


def test_blocks_overlap_whatever_is_told_between_them(scenario: Scenario) -> None:
    """The widest comes last, and joins what came before it with what a link of its own is told."""
    text = told("10.50.1.0/24", "192.168.0.0/16", "10.60.0.0/16", "10.0.0.0/8")
    assert links(scenario(text)) == {"site-0": ["vpn-0", "vpn-2", "vpn-3"], "site-1": ["vpn-1"]}


def test_a_block_as_long_as_eight_is_one_and_a_shorter_one_stands_for_everything_else(scenario: Scenario) -> None:
    assert blocks(scenario(told("10.0.0.0/8", "192.0.0.0/7"))) == {"site-0": ["10.0.0.0/8"], "site-1": []}
