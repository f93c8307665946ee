"""Endpoint services in both spellings, and what AWS refuses (PL-1, PL-4)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.endpoint_service import EndpointService
from simulator.aws.vpc_endpoint import VpcEndpoint
from tests.aws.balanced import balancer, health, listener, target_group
from tests.aws.reading import Describe, Scenario, account, interface, verdict, warnings

NAME = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"
ENDPOINT = {
    "VpcEndpointId": "vpce-1",
    "VpcEndpointType": "Interface",
    "VpcId": "vpc-1",
    "ServiceName": NAME,
    "State": "available",
    "SubnetIds": ["subnet-app"],
    "Groups": [{"GroupId": "sg-web"}],
    "NetworkInterfaceIds": ["eni-vpce"],
}


def service(**more: Any) -> dict[str, Any]:
    """One element of `describe-vpc-endpoint-service-configurations`."""
    return {
        "ServiceType": [{"ServiceType": "Interface"}],
        "ServiceId": "vpce-svc-1",
        "ServiceName": NAME,
        "ServiceState": "Available",
        "AvailabilityZones": ["eu-west-1a"],
        "AcceptanceRequired": True,
        "NetworkLoadBalancerArns": [balancer(kind="network")["LoadBalancerArn"]],
        **more,
    }


def lists(**more: Any) -> dict[str, Any]:
    """The account as consumer and provider: an endpoint beside the application, a load balancer in front of the web server."""
    found = account()
    found["NetworkInterfaces"].append(interface("eni-vpce", "subnet-app", "10.0.1.50", "sg-web", InterfaceType="vpc_endpoint"))
    node = {"Description": "ELB net/web/50dc6c495c0c9188", "InterfaceType": "network_load_balancer", "SourceDestCheck": False}
    found["NetworkInterfaces"].append(interface("eni-lb", "subnet-pub", "10.0.0.20", **node))
    of = "net/web/50dc6c495c0c9188"
    return {
        **found,
        "VpcEndpoints": [ENDPOINT],
        "LoadBalancers": [balancer(kind="network")],
        "Listeners": [listener("shop", protocol="TCP", of=of)],
        "TargetGroups": [target_group(protocol="TCP", port=443)],
        "TargetHealthDescriptions": [health("i-web", port=443)],
        **more,
    }


def test_PL_1_a_service_of_the_providers_account(describe: Describe) -> None:
    network = describe(**lists(ServiceConfigurations=[service(Tags=[{"Key": "Name", "Value": "shop"}])]))
    (found,) = network.snapshot.all(EndpointService)
    assert (found.id, found.name, found.service, found.balancers) == ("vpce-svc-1", "shop", NAME, ("net/web/50dc6c495c0c9188",))
    assert (found.acceptance, found.available, found.zones) == (True, True, ("eu-west-1a",))
    assert verdict(network, "i-app", "vpce-1") == "always"
    forward = network.can("i-app", "vpce-1", "tcp/443").forward
    assert forward is not None
    assert forward.end == "eni-web"


def test_PL_1_a_load_balancer_that_was_not_read_leaves_it_open(describe: Describe) -> None:
    arn = balancer("other", "network")["LoadBalancerArn"]
    network = describe(**lists(ServiceConfigurations=[service(NetworkLoadBalancerArns=[arn])]))
    assert verdict(network, "i-app", "vpce-1") == "unknown"


def test_what_everybody_is_told_leaves_what_is_behind_assumed(describe: Describe) -> None:
    detail = {"ServiceName": NAME, "ServiceId": "vpce-svc-1", "AvailabilityZones": ["eu-west-1a"], "AcceptanceRequired": True}
    own = {"ServiceName": "com.amazonaws.eu-west-1.sqs", "ServiceId": "vpce-svc-9", "AvailabilityZones": []}
    note = f"what is behind vpce-1 ({NAME}) was not read: taken to answer"
    for more in ({"ServiceDetails": [detail, own]}, {}):
        network = describe(**lists(**more))
        answer = network.can("i-app", "vpce-1", "tcp/443")
        assert (answer.verdict.value, note in answer.assumptions) == ("always", True)
        assert [one.id for one in network.snapshot.all(EndpointService)] == ["vpce-svc-1"][: len(more)]
    both = describe(**lists(ServiceDetails=[detail], ServiceConfigurations=[service()]))
    assert [one.balancers for one in both.snapshot.all(EndpointService)] == [("net/web/50dc6c495c0c9188",)]


@pytest.mark.parametrize(("state", "wanted"), [("available", "always"), ("pendingAcceptance", "never"), ("rejected", "never")])
def test_PL_1_the_provider_tells_whom_it_accepted(describe: Describe, state: str, wanted: str) -> None:
    connection = {"ServiceId": "vpce-svc-1", "VpcEndpointId": "vpce-1", "VpcEndpointState": state, "VpcEndpointOwner": "111122223333"}
    network = describe(**lists(ServiceConfigurations=[service()], VpcEndpointConnections=[connection]))
    assert verdict(network, "i-app", "vpce-1") == wanted
    assert [one.state for one in network.snapshot.all(VpcEndpoint)] == [state.lower()]


def test_PL_4_an_endpoint_in_a_zone_without_the_service_is_told(describe: Describe) -> None:
    given = lists(ServiceConfigurations=[service()])
    given["Subnets"][1]["AvailabilityZone"] = "eu-west-1b"
    told = ["endpoint `vpce-1`: subnet `subnet-app` lies in a zone without the service `vpce-svc-1` (PL-4)"]
    assert warnings(describe(**given)) == told
    detail = {"ServiceName": NAME, "ServiceId": "vpce-svc-1", "AvailabilityZones": ["eu-west-1a"]}
    assert warnings(describe(**{**given, "ServiceConfigurations": [], "ServiceDetails": [detail]})) == told
    assert warnings(describe(**lists(ServiceConfigurations=[service()]))) == []


def test_PL_1_an_application_load_balancer_offers_no_service(scenario: Scenario) -> None:
    text = """
subnets: {a: {vpc: main, cidr: 10.0.0.0/24}}
load_balancers: {web: {subnets: a}, net: {type: network, subnets: a}}
endpoint_services: {bad: {load_balancers: web}, good: {load_balancers: net, acceptance_required: false}}
"""
    network = scenario(text)
    assert warnings(network) == [
        "endpoint service `bad`: AWS refuses the application load balancer `web`; it takes network and gateway ones (PL-1)"
    ]
    assert [(one.balancers, one.acceptance) for one in network.snapshot.all(EndpointService)] == [(("web",), True), (("net",), False)]
