"""Customer gateways in both spellings."""

from __future__ import annotations

from simulator.aws.customer_gateway import CustomerGateway
from tests.aws.hybrid import customer_gateway, hybrid, office
from tests.aws.reading import Describe, Scenario, errors, warnings


def test_a_customer_gateway_of_a_scenario(scenario: Scenario) -> None:
    network = scenario(office(("networks: 192.168.10.0/24", "networks: [192.168.10.0/24, 192.168.11.0/24], ip: 198.51.100.9, asn: 65010")))
    found = network.snapshot.get(CustomerGateway, "office")
    assert found is not None
    assert (list(map(str, found.networks)), found.address, found.as_number) == (
        ["192.168.10.0/24", "192.168.11.0/24"],
        (4, 0xC6336409),
        65010,
    )


def test_an_as_number_out_of_range_is_an_error(scenario: Scenario) -> None:
    (message,) = errors(scenario, office(("networks: 192.168.10.0/24", "asn: 0")))
    assert message == "customer gateway `office`, asn: `0` is not a number from 1 to 4294967294"


def test_a_customer_gateway_of_a_describe_answer(describe: Describe) -> None:
    told = customer_gateway(Tags=[{"Key": "Name", "Value": "berlin"}])
    gone = customer_gateway(CustomerGatewayId="cgw-0", State="deleted")
    network = describe(**hybrid(CustomerGateways=[told, gone]))
    (found,) = network.snapshot.all(CustomerGateway)
    assert (found.id, found.name, found.address, found.as_number) == ("cgw-1", "berlin", (4, 0xC6336463), 65010)
    assert warnings(network) == []


def test_two_with_one_address_and_number_are_told(describe: Describe) -> None:
    twin = customer_gateway(CustomerGatewayId="cgw-2")
    network = describe(**hybrid(CustomerGateways=[customer_gateway(), twin]))
    assert warnings(network) == ["customer gateways `cgw-1` and `cgw-2` have one address and AS number; AWS refuses the second one"]
    other = customer_gateway(CustomerGatewayId="cgw-2", BgpAsn="65011")
    assert warnings(describe(**hybrid(CustomerGateways=[customer_gateway(), other]))) == []
