"""What nobody found on an AWS page about IPv6: at functions, in references to groups, of ICMP (LAMBDA-7, LAMBDA-11, SG-8, SG-12)."""

from __future__ import annotations

from tests.aws.reading import Scenario, refusal, verdict
from tests.aws.test_addresses_ipv6 import NETWORK as HOSTS
from tests.aws.test_lambda_ipv6 import NETWORK as FUNCTIONS


def test_LAMBDA_7_nothing_connects_to_a_function_over_ipv6(scenario: Scenario) -> None:
    assert refusal(scenario(FUNCTIONS), "2001:db8:0:2::10", "2001:db8:0:1::4")[1] == "SIM_LAMBDA_NO_INBOUND"
    assert verdict(scenario(FUNCTIONS), "db", "fn") == "never"


def test_LAMBDA_11_no_icmpv6(scenario: Scenario) -> None:
    assert refusal(scenario(FUNCTIONS), "fn", "db", "icmpv6")[1] == "PROTOCOL_RESTRICTION"


def test_SG_12_references_cover_ipv6_and_delegated_blocks(scenario: Scenario) -> None:
    groups = "security_groups: {g: {vpc: main, inbound: {from: g, allow: all}, outbound: {to: g, allow: all}}}"
    network = scenario(HOSTS.replace("security_groups: open", "security_groups: g") + groups)
    assert verdict(network, "one", "two") == "always"
    assert verdict(network, "one", "2001:db8:0:100:1::7") == "always"
    assert verdict(network, "2001:db8:0:100:1::7", "one") == "always"


def test_SG_8_a_rule_for_icmp_admits_no_icmpv6(scenario: Scenario) -> None:
    def of(service: str) -> str:
        return HOSTS.replace("two:  {subnet: both, security_groups: open", "two:  {subnet: both, security_groups: g") + (
            f'security_groups: {{g: {{vpc: main, inbound: {{from: ["0.0.0.0/0", "::/0"], allow: {service}}}}}}}'
        )

    assert [verdict(scenario(of("icmp")), "one", "two", service) for service in ("icmp", "icmpv6")] == ["always", "never"]
    assert [verdict(scenario(of("icmpv6/128")), "one", "two", service) for service in ("icmp", "icmpv6")] == ["never", "always"]
