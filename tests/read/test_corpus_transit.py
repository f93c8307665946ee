"""A real account with a transit gateway: every resource is read, and the questions that Batfish's tests ask have its answers."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

import simulator
from simulator.aws.registry import RESOURCES
from simulator.aws.transit_gateway import TransitAttachment, TransitRouteTable
from simulator.read.load import read

SNAPSHOT = Path(__file__).parents[1] / "corpus" / "aws-snapshots" / "test-transit-gateway"
GATEWAY = "tgw-044be4464fcc69aff"
# The attachment of VPC A is in the zone of subnet A only.
A, A2, B = "i-06ba034d88c84ef07", "i-075e846ed41670385", "i-0b14080af811fda3d"
SUBNET_A, SUBNET_A2, SUBNET_B = "subnet-006a19c846f047bd7", "subnet-0b5b8ddd5a69fcfcd", "subnet-0ebf6378a79a3e534"
ATTACHMENT_A, ATTACHMENT_B = "tgw-attach-07f5ec59e9f540021", "tgw-attach-0ae2696617bb06fb4"
GONE = {"tgw-attach-0d724909ecd7a5961", "i-04a292ff83b3aa833"}  # a deleted attachment, a terminated instance


@cache
def network() -> simulator.Network:
    return simulator.load(SNAPSHOT)


def test_every_resource_becomes_a_noun() -> None:
    """Ids of the lists' own elements, found by pattern and not by the reader; of what was deleted nothing is left."""
    written = "".join(path.read_text("utf-8") for path in SNAPSHOT.rglob("*.json"))
    kinds = "Vpc|Subnet|RouteTable|NetworkAcl|Group|InternetGateway|Instance|NetworkInterface|TransitGateway(?:Attachment|RouteTable)?"
    wanted = set(re.findall(rf'"(?:{kinds})Id": *"([^"]+)"', written))
    known = {noun.id for _, noun in network().snapshot.everything()}
    assert {GATEWAY, ATTACHMENT_A, "tgw-rtb-0fa40c8df355dce6e"} <= known
    assert wanted - known == GONE


def test_every_noun_that_was_written_knows_its_line() -> None:
    for _, noun in network().snapshot.everything():
        place = noun.origin.place
        if place is not None:
            assert place.line is not None
            assert noun.id in Path(place.file).read_text("utf-8")


def test_one_file_reads_like_the_folder(tmp_path: Path) -> None:
    lists = {}
    for path in sorted(SNAPSHOT.rglob("*.json"), reverse=True):  # another order than the folder's
        lists |= json.loads(path.read_text("utf-8"))
    (tmp_path / "all.json").write_text(json.dumps(lists), "utf-8")
    one, folder = (read([path], kinds=RESOURCES).snapshot for path in (tmp_path / "all.json", SNAPSHOT))
    assert one.read_kinds == folder.read_kinds
    for name in (ATTACHMENT_A, ATTACHMENT_B):
        first, second = one.get(TransitAttachment, name), folder.get(TransitAttachment, name)
        assert first is not None
        assert second is not None
        assert (first.name, first.subnets, first.tables, first.state) == (second.name, second.subnets, second.tables, second.state)


def test_the_table_and_the_attachments() -> None:
    snapshot = network().snapshot
    table, attachment = snapshot.get(TransitRouteTable, "tgw-rtb-0fa40c8df355dce6e"), snapshot.get(TransitAttachment, ATTACHMENT_A)
    assert table is not None
    assert attachment is not None
    assert (table.gateway, table.routes, table.propagations, table.unread) == (GATEWAY, (), (ATTACHMENT_A, ATTACHMENT_B), ())
    assert (attachment.name, attachment.subnets, attachment.table_of(GATEWAY)) == ("tgw-vpcA", (SUBNET_A,), table.id)


@pytest.mark.parametrize(
    ("source", "destination", "way", "group"),
    [
        (A, B, [A, SUBNET_A, GATEWAY, SUBNET_B], "sg-065c26b39e45ae384"),
        (B, A, [B, SUBNET_B, GATEWAY, SUBNET_A], "sg-09606ce9642cac154"),
        (B, A2, [B, SUBNET_B, GATEWAY, SUBNET_A, SUBNET_A2], "sg-051f619de836dbaf3"),
    ],
)
def test_the_groups_admit_ssh_only(source: str, destination: str, way: list[str], group: str) -> None:
    """Batfish: testFromAToB, testFromBToA and testFromBToA2; the path is Batfish's as well."""
    answer = network().can(source, destination, "tcp/80", source_port="49152", one_way=True)
    assert answer.verdict.value == "never"
    assert [(blocker.code, blocker.resource) for blocker in answer.blockers] == [("ENI_SG_RULES_MISMATCH", group)]
    assert answer.forward is not None
    passed = [hop.place.id for hop in answer.forward.hops]
    assert [hop for hop in passed if hop in way] == way


@pytest.mark.parametrize("service", ["tcp/80", "tcp/22"])
def test_TGW_4_a_subnet_of_another_zone_cannot_send(service: str) -> None:
    """Batfish: testFromA2ToB. The table is that of subnet A."""
    answer = network().can(A2, B, service, source_port="49152", one_way=True)
    assert answer.verdict.value == "never"
    assert [(blocker.code, blocker.resource) for blocker in answer.blockers] == [("TGW_ROUTE_AZ_RESTRICTION", ATTACHMENT_A)]


@pytest.mark.parametrize(
    ("source", "destination", "one_way", "whole"), [(A, B, "always", "always"), (B, A, "always", "always"), (B, A2, "always", "never")]
)
def test_ssh_gets_there_and_its_answers_back_where_they_can_be_sent(source: str, destination: str, one_way: str, whole: str) -> None:
    """What comes by the transit gateway reaches subnet A2, whose own packets cannot use it (TGW-4)."""
    asked = network().can(source, destination, "tcp/22", source_port="49152")
    assert (asked.delivered.value, asked.answered.value) == (one_way, whole)
    assert network().can(source, destination, "tcp/22", source_port="49152", one_way=True).verdict.value == one_way
