"""Believed, not found on an AWS page: further services of the host (LL-1), names without a way out (LL-5), functions (LL-7)."""

from __future__ import annotations

import pytest

from tests.aws.reading import Scenario, verdict
from tests.aws.test_link_local import SHUT, TIME


@pytest.mark.parametrize("address", [TIME, "169.254.170.2", "169.254.169.250", "169.254.169.251"])
def test_LL_1_time_credentials_and_activation(scenario: Scenario, address: str) -> None:
    assert verdict(scenario(SHUT), "one", address, "udp/123") == "always"


def test_LL_5_names_resolve_in_a_vpc_without_an_internet_gateway(scenario: Scenario) -> None:
    assert verdict(scenario("vpcs: {main: {cidr: 10.0.0.0/16}}\n" + SHUT), "one", "10.0.0.2", "udp/53") == "always"


def test_LL_7_a_function_has_the_resolver_and_no_instance_metadata(scenario: Scenario) -> None:
    network = scenario(f"{SHUT}\nlambdas: {{fn: {{subnets: a, security_groups: shut}}}}")
    assert verdict(network, "lambda:fn", "10.0.0.2", "udp/53") == "always"
    assert verdict(network, "lambda:fn", "169.254.169.254", "tcp/80") == "never"
