"""EC2 Instance Connect Endpoints in both spellings (SVC-9)."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.instance_connect_endpoint import ConnectEndpoint
from tests.aws.reading import Describe, Scenario, account, interface, path, refusal, reply_path, verdict

HOSTS = """
subnets:
  ends: {vpc: main, cidr: 10.0.0.0/24}
  app: {vpc: main, cidr: 10.0.1.0/24}
security_groups:
  ends: {vpc: main, inbound: INBOUND, outbound: {to: 10.0.0.0/16, allow: [tcp/22, udp/22]}}
  named: {vpc: main, inbound: {from: ends, allow: all}}
  by-address: {vpc: main, inbound: {from: 10.0.0.5/32, allow: all}}
connect_endpoints: {eice: {subnet: ends, security_groups: ends, ip: 10.0.0.5}}
instances:
  one: {subnet: app, security_groups: named}
  two: {subnet: app, security_groups: by-address}
  three: {subnet: app}
"""


def hosts(inbound: str = "[]", *changes: tuple[str, str]) -> str:
    text = HOSTS.replace("INBOUND", inbound)
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_SVC_9_it_reaches_instances_on_private_addresses_under_its_own(scenario: Scenario) -> None:
    network = scenario(hosts())
    assert verdict(network, "eice", "one", "tcp/22") == verdict(network, "eice:eice", "two", "tcp/22") == "always"
    assert path(network, "eice", "one", "tcp/22") == ["eice", "eice-eni", "ends", "main", "app", "one-eni", "one"]
    assert reply_path(network, "eice", "one", "tcp/22")[-2:] == ["eice-eni", "eice"]
    assert refusal(network, "eice", "three", "tcp/22")[2] == "main-default no ingress rule matches"


def test_SVC_9_its_outbound_rules_count(scenario: Scenario) -> None:
    assert refusal(scenario(hosts()), "eice", "one", "tcp/3389")[2] == "ends no egress rule matches"


def test_SVC_9_tcp_only(scenario: Scenario) -> None:
    assert refusal(scenario(hosts()), "eice", "one", "udp/22")[1] == "PROTOCOL_RESTRICTION"


def test_SVC_9_its_inbound_rules_do_not(scenario: Scenario) -> None:
    """Replies pass without one, and with any nothing else does."""
    network = scenario(hosts("{from: 0.0.0.0/0, allow: all}"))
    assert verdict(network, "eice", "one", "tcp/22") == "always"
    assert refusal(network, "one", "eice", "tcp/22") == ("forward", "SIM_REPLIES_ONLY", "eice replies only")


def test_SVC_9_whose_address_is_preserved_nobody_tells(scenario: Scenario) -> None:
    network = scenario(hosts("[]", ("ip: 10.0.0.5}", "ip: 10.0.0.5, preserve_client_ip: true}")))
    assert verdict(network, "eice", "one", "tcp/22") == "unknown"


def described(**more: Any) -> dict[str, Any]:
    return {
        **account(),
        "InstanceConnectEndpoints": [
            {
                "InstanceConnectEndpointId": "eice-1",
                "NetworkInterfaceIds": ["eni-eice"],
                "VpcId": "vpc-1",
                "SubnetId": "subnet-app",
                "SecurityGroupIds": ["sg-web"],
                "PreserveClientIp": False,
                "State": "create-complete",
                "Tags": [{"Key": "Name", "Value": "door"}],
                **more,
            }
        ],
    }


def test_the_endpoint_of_a_describe_answer(describe: Describe) -> None:
    lists = described()
    lists["NetworkInterfaces"].append(
        interface("eni-eice", "subnet-app", "10.0.1.77", "sg-web", InterfaceType="ec2_instance_connect_endpoint")
    )
    network = describe(**lists)
    found = network.snapshot.get(ConnectEndpoint, "eice-1")
    assert found is not None
    assert (found.name, found.interfaces) == ("door", ("eni-eice",))
    answer = network.can("door", "i-app", "tcp/8080")
    assert (answer.verdict.value, answer.assumptions) == ("always", ())


def test_an_interface_that_was_not_read_is_assumed(describe: Describe) -> None:
    answer = describe(**described()).can("eice-1", "i-app", "tcp/8080")
    assert answer.verdict.value == "always"
    assert answer.assumptions == ("the interface of eice-1 in subnet-app was not read: a free address of the subnet is taken",)


def test_one_that_is_not_ready_opens_nothing(describe: Describe) -> None:
    assert refusal(describe(**described(State="create-in-progress")), "eice-1", "i-app", "tcp/8080")[1] == "BAD_STATE"


@pytest.mark.parametrize("state", ["delete-complete", "create-failed"])
def test_one_that_is_gone_is_not_there(describe: Describe, state: str) -> None:
    assert list(describe(**described(State=state)).snapshot.all(ConnectEndpoint)) == []
