"""That no ACL judges at a regional NAT gateway follows from its having no subnet, and is believed (RNAT-4)."""

from __future__ import annotations

from tests.aws.reading import Scenario, refusal, verdict
from tests.aws.test_regional_nat_gateway import OUTSIDE, SITE


def test_RNAT_4_only_the_clients_acl_judges(scenario: Scenario) -> None:
    acl = "network_acls: {edge: {vpc: main, subnets: app-a, inbound: [{rule: 1, allow: IN}], outbound: [{rule: 1, allow: OUT}]}}"
    open_ports = SITE + acl.replace("IN", "tcp/1024-65535").replace("OUT", "tcp/443")
    assert verdict(scenario(open_ports), "one", OUTSIDE) == "always"
    assert refusal(scenario(SITE + acl.replace("IN", "tcp/443").replace("OUT", "all")), "one", OUTSIDE)[:2] == (
        "reply",
        "SUBNET_ACL_RESTRICTION",
    )
    assert refusal(scenario(SITE + acl.replace("IN", "all").replace("OUT", "tcp/80")), "one", OUTSIDE)[0] == "forward"
