"""Believed, not found on an AWS page: nothing connects to a function (LAMBDA-7), TCP and UDP only without port 25 (LAMBDA-11)."""

from __future__ import annotations

import pytest

from tests.aws.reading import Scenario, errors, refusal, verdict
from tests.aws.test_lambda_function import APP, functions

WIDE_OPEN = "fn: {subnets: [app, lone], security_groups: open}"


@pytest.mark.parametrize("source", ["web", "lambda:other"])
def test_LAMBDA_7_nothing_connects_to_a_function_even_with_open_groups(scenario: Scenario, source: str) -> None:
    """Trap T39."""
    network = scenario(functions(WIDE_OPEN, "other: {subnets: pub, security_groups: open}"))
    answer = network.can(source, "lambda:fn", "tcp/443")
    assert answer.verdict.value == "never"
    assert {(blocker.code, blocker.origin.part if blocker.origin else "") for blocker in answer.blockers} == {
        ("SIM_LAMBDA_NO_INBOUND", "a function takes replies only")
    }
    assert {case.when["destination"] for case in answer.cases} == {"fn (fn-eni-app)", "fn (fn-eni-lone)"}


def test_LAMBDA_7_nor_do_functions_that_share_its_interface(scenario: Scenario) -> None:
    network = scenario(functions(APP, "twin: {subnets: app, security_groups: fn}"))
    assert refusal(network, "lambda:twin", "lambda:fn")[1] == "SIM_LAMBDA_NO_INBOUND"


def test_LAMBDA_7_from_the_internet_it_has_no_address(scenario: Scenario) -> None:
    assert refusal(scenario(functions(APP)), "internet", "lambda:fn")[1] == "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"


def test_LAMBDA_7_a_function_outside_every_vpc_has_no_address_at_all(scenario: Scenario) -> None:
    network = scenario(functions("out: {}"))
    (message,) = errors(lambda: network.can("web", "lambda:out", "tcp/443"))
    assert "has no address: nothing connects to it (LAMBDA-7)" in message


@pytest.mark.parametrize("function", [APP, "fn: {}"])
@pytest.mark.parametrize("service", ["icmp", "esp", "tcp/25"])
def test_LAMBDA_11_what_a_function_cannot_send(scenario: Scenario, function: str, service: str) -> None:
    assert refusal(scenario(functions(function)), "lambda:fn", "192.0.2.1", service) == (
        "forward",
        "PROTOCOL_RESTRICTION",
        "fn TCP and UDP only, TCP port 25 closed",
    )


@pytest.mark.parametrize("service", ["tcp/24", "tcp/26", "udp/25"])
def test_LAMBDA_11_what_it_can(scenario: Scenario, service: str) -> None:
    assert verdict(scenario(functions(APP)), "lambda:fn", "192.0.2.1", service) == "always"
