"""The inventory of `vpcsim show`."""

import json

from simulator.query.inventory import GatewayRow, Inventory, SubnetRow, VpcRow, WorkloadRow
from simulator.report.inventory import inventory_document, inventory_text


def subnet(name: str, reach: str) -> SubnetRow:
    return SubnetRow(name, "a", ("10.0.0.0/24",), reach, f"{name}-routes", "acl-1")


NETWORK = Inventory(
    "net.yaml",
    (VpcRow("vpc-1", ("10.0.0.0/16",), (subnet("data", "isolated"), subnet("web", "public")), "shop\x1b[2J"),),
    (GatewayRow("nat-1", "nat-gateway", "web", ("10.0.0.5", "198.51.100.7")),),
    (WorkloadRow("i-1", "instance", ("web",), ("10.0.0.9",), (), ("sg-1", "sg-2"), "server"),),
    {"aws_networkfirewall_rule_group": 3},
)


def test_public_subnets_come_first_and_columns_line_up() -> None:
    lines = inventory_text(NETWORK).splitlines()
    assert lines[0] == r"VPC vpc-1 (shop\x1b[2J)  10.0.0.0/16"
    assert [line.split()[:2] for line in lines[2:4]] == [["web", "public"], ["data", "isolated"]]
    assert len({line.index("10.0.0.0/24") for line in lines[2:4]}) == 1


def test_gateways_workloads_and_what_is_not_modelled_are_listed() -> None:
    text = inventory_text(NETWORK)
    assert "nat-1  NAT gateway  web  10.0.0.5, 198.51.100.7" in text
    assert "i-1 (server)  instance  web      10.0.0.9   -       sg-1, sg-2" in text
    assert "3      aws_networkfirewall_rule_group" in text


def test_an_empty_network_is_told() -> None:
    assert inventory_text(Inventory("net.yaml")) == "nothing"


def test_the_document_is_plain_json() -> None:
    document = json.loads(json.dumps(inventory_document(NETWORK)))
    assert document["schema"] == "vpcsim/inventory/1"
    assert document["vpcs"][0]["subnets"][1]["reach"] == "public"
