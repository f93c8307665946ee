"""Describe snapshots: every layout and shape they come in, and nothing in them that could break the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.aws.resource import Item, Kind
from simulator.aws.snapshot import Draft
from simulator.packet.service import Service
from simulator.problems import InputError
from simulator.read import describe
from simulator.read.describe import identity
from simulator.read.load import Reading, read
from tests.read.kinds import KINDS, Instance, Subnet, Vpc

VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}
SUBNET = {"SubnetId": "subnet-1", "VpcId": "vpc-1"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, data: Any) -> None:
    path = Path("snap", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=2), "utf-8")


def load(name: str = "snap") -> Reading:
    return read([name], kinds=KINDS)


def problems() -> list[str]:
    return [str(problem) for problem in load().problems]


def errors() -> list[str]:
    with pytest.raises(InputError) as caught:
        load()
    return [str(problem) for problem in caught.value.problems]


def vpc() -> Vpc:
    (found,) = load().snapshot.all(Vpc)
    return found


# --- layouts ---


@pytest.mark.parametrize(
    ("name", "region", "account"),
    [
        ("Vpcs.json", "", ""),
        ("describe-vpcs.json", "", ""),
        ("whatever.JSON", "", ""),
        ("us-east-1/Vpcs.json", "us-east-1", ""),
        ("us-gov-west-1/ec2-describe-vpcs.json", "us-gov-west-1", ""),
        ("111122223333/eu-central-1/Vpcs.json", "eu-central-1", "111122223333"),
        ("aws_configs/Vpcs.json", "", ""),
        ("aws_configs/ap-southeast-2/Vpcs.json", "ap-southeast-2", ""),
        ("aws_configs/accounts/111122223333/us-east-1/Vpcs.json", "us-east-1", "111122223333"),
    ],
)
def test_layouts(name: str, region: str, account: str) -> None:
    write(name, {"Vpcs": [VPC]})
    found = vpc()
    assert (found.region, found.account) == (region, account)
    assert str(found.origin.place) == f"snap/{name}:3:5"


def test_region_and_account_of_an_arn_when_folders_tell_nothing() -> None:
    own = "arn:aws:ec2:eu-west-1:444455556666:vpc/vpc-1"
    write("a.json", {"Vpcs": [VPC | {"RoleArn": "arn:aws:iam::1:role/x", "VpcArn": own}]})
    assert (vpc().region, vpc().account) == ("eu-west-1", "444455556666")


def test_one_file_with_many_lists() -> None:
    write("all.json", {"Vpcs": [VPC], "Subnets": [SUBNET], "ResponseMetadata": {"RequestId": "x"}})
    snapshot = load("snap/all.json").snapshot
    assert snapshot.get(Subnet, "subnet-1") is not None
    assert snapshot.read_kinds == {"vpc", "subnet"}


def test_recorded_answers() -> None:
    write("ec2.DescribeVpcs_1.json", {"status_code": 200, "data": {"Vpcs": [VPC], "ResponseMetadata": {}}})
    assert str(vpc().origin.place) == "snap/ec2.DescribeVpcs_1.json:5:7"


def test_a_collectors_dump_with_instances_outside_reservations() -> None:
    write("dump.json", {"collector_version": "0.11.0", "provider": "aws", "vpcs": [VPC], "instances": [{"InstanceId": "i-1"}]})
    snapshot = load().snapshot
    assert snapshot.get(Vpc, "vpc-1") is not None
    instance = snapshot.get(Instance, "i-1")
    assert instance is not None
    assert str(instance.origin.place) == "snap/dump.json:12:7"
    assert snapshot.read_kinds == {"vpc", "instance"}


def test_a_file_with_a_byte_order_mark_from_windows() -> None:
    Path("snap").mkdir()
    Path("snap/Vpcs.json").write_bytes(json.dumps({"Vpcs": [VPC]}).encode("utf-16"))
    assert vpc().id == "vpc-1"


def test_an_empty_list_was_read() -> None:
    write("Vpcs.json", {"Vpcs": [VPC]})
    write("Reservations.json", {"Reservations": []})
    assert load().snapshot.read_kinds == {"vpc", "instance"}


def test_hidden_files_and_links_to_folders_are_left_out() -> None:
    write("Vpcs.json", {"Vpcs": [VPC]})
    write(".git/x.json", "not JSON")
    Path("snap/loop").symlink_to("..")
    assert problems() == []


# --- what is not used ---


def test_what_is_not_modelled_is_counted_and_told_once() -> None:
    write("a/Vpcs.json", {"Vpcs": [VPC]})
    for region in ("us-east-1", "us-east-2"):
        write(f"{region}/tgw.json", {"TransitGateways": [{"TransitGatewayId": "tgw-1"}, {"TransitGatewayId": "tgw-2"}]})
        write(f"{region}/zones.json", {"AvailabilityZones": [{"ZoneName": "a"}]})
    (problem,) = load().problems
    assert problem.message == "4 TransitGateways not modelled"
    assert str(problem.place) == "snap/us-east-1/tgw.json:2:3"


def test_other_json_is_ignored_and_named() -> None:
    write("Vpcs.json", {"Vpcs": [VPC]})
    write("package.json", {"name": "x", "files": []})
    write("policy.json", {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]})
    write("list.json", [1, 2])
    write("scope.json", {"MatchPaths": [{"Source": {}}]})
    assert problems() == [
        ("snap: warning: no AWS describe output, so it is ignored: snap/list.json, snap/package.json, snap/policy.json, snap/scope.json")
    ]


def test_many_ignored_files_are_not_all_named() -> None:
    write("Vpcs.json", {"Vpcs": [VPC]})
    for number in range(9):
        write(f"{number}.json", {})
    assert problems()[0].endswith("ignored: snap/0.json, snap/1.json, snap/2.json, snap/3.json, snap/4.json and 4 more")


def test_a_page_of_a_longer_answer() -> None:
    write("Vpcs.json", {"Vpcs": [VPC], "NextToken": "abc"})
    assert problems() == ["snap/Vpcs.json:8:3: warning: is one page of a longer answer (`NextToken`); the rest was not read"]


# --- odd shapes ---


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        (None, "an element of `Vpcs` is no object, so it was not read"),
        ([], "an element of `Vpcs` is no object, so it was not read"),
        ("vpc-1", "an element of `Vpcs` is no object, so it was not read"),
        ({}, "vpc was not read: `VpcId` is missing"),
        ({"VpcId": "vpc-1"}, "vpc `vpc-1` was not read: `CidrBlock` is missing"),
        (VPC | {"CidrBlock": "10.0.0/16"}, "vpc `vpc-1` was not read: one of its addresses is not an IPv4 or IPv6 address"),
        (VPC | {"CidrBlock": None}, "vpc `vpc-1` was not read: `CidrBlock` is missing"),
        (VPC | {"Tags": 5}, "vpc `vpc-1` was not read: a part of it has a shape that AWS does not use"),
    ],
)
def test_an_odd_element_is_told_and_the_others_are_read(element: Any, problem: str) -> None:
    write("Vpcs.json", {"Vpcs": [{**VPC, "VpcId": "vpc-0"}, element]})
    reading = load()
    assert [one.id for one in reading.snapshot.all(Vpc)] == ["vpc-0"]
    assert [str(one) for one in reading.problems] == [f"snap/Vpcs.json:7:5: warning: {problem}"]


@pytest.mark.parametrize(
    ("more", "key", "line"),
    [
        ({"CidrBlock": [1]}, "CidrBlock", 5),
        ({"OwnerId": True}, "OwnerId", 6),
        ({"Groups": [{"GroupId": "sg-1"}, {"GroupId": {}}]}, "GroupId", 11),
        ({"Tags": [{"Key": "Name"}, 5]}, "Tags", 10),
        ({"Tags": [None]}, "Tags", 7),
        ({"SubnetIds": ["subnet-1", ["x"]]}, "SubnetIds", 8),
        ({"SubnetIds": [1]}, "SubnetIds", 7),
    ],
)
def test_a_value_that_aws_never_writes_is_told_with_its_line(more: Any, key: str, line: int) -> None:
    write("Vpcs.json", {"Vpcs": [VPC | more]})
    (problem,) = problems()
    assert problem.startswith(f"snap/Vpcs.json:{line}:")
    assert problem.endswith(f"warning: vpc `vpc-1` was not read: `{key}` is not what AWS writes there")


def test_numbers_for_ids_and_nulls_for_what_is_left_out_are_tolerated() -> None:
    write("Vpcs.json", {"Vpcs": [VPC | {"VpcId": 1, "OwnerId": 111122223333, "Tags": None}]})
    assert vpc().id == "1"


@pytest.mark.parametrize("value", [None, {"VpcId": "vpc-1"}, "vpc-1", 5])
def test_a_list_that_is_none(value: Any) -> None:
    write("Vpcs.json", {"Vpcs": value})
    assert problems() == ["snap/Vpcs.json:2:3: warning: `Vpcs` is no list, so nothing of it was read"]


def test_a_service_in_a_message_of_a_reader() -> None:
    def broken(item: Item, draft: Draft) -> None:
        Service.parse("22:22")

    write("Vpcs.json", {"Vpcs": [VPC]})
    reading = read(["snap"], kinds=[Kind("vpc", Vpc, "", describe={"Vpcs": broken})])
    assert "vpc `vpc-1` was not read: `22:22` is no service" in str(reading.problems[0])


def test_a_dangling_reference_is_the_nouns_to_tell() -> None:
    write("Subnets.json", {"Subnets": [SUBNET]})
    assert problems() == ["snap/Subnets.json:4:7: warning: subnet `subnet-1`: vpc `vpc-1` was not read"]


# --- the same resource twice ---


def test_told_again_by_another_account_is_one() -> None:
    write("111122223333/us-east-1/Vpcs.json", {"Vpcs": [VPC]})
    write("444455556666/us-east-1/Vpcs.json", {"Vpcs": [VPC]})
    assert vpc().account == "111122223333"


def test_told_differently_is_an_error() -> None:
    write("a.json", {"Vpcs": [VPC]})
    write("b.json", {"Vpcs": [VPC | {"CidrBlock": "10.1.0.0/16"}]})
    (error,) = errors()
    assert "vpc `vpc-1` is described twice, differently" in error


# --- broken files and folders ---


def test_all_broken_files_are_told_at_once() -> None:
    write("Vpcs.json", '{"Vpcs": [\n')
    write("Subnets.json", "")
    write("deep.json", "[" * 100_000)
    assert errors() == [
        "snap/Subnets.json: is empty",
        "snap/Vpcs.json:2:1: is not complete: the file ends in the middle of a value",
        "snap/deep.json:1:51: lists and mappings lie more than 50 deep in each other",
    ]


def test_folders_without_snapshots() -> None:
    Path("snap").mkdir()
    assert errors() == ["snap: is an empty folder"]
    write("notes.txt", "x")
    assert errors() == ["snap: holds no AWS describe output"]
    write("package.json", {"name": "x"})
    assert errors() == ["snap: holds no AWS describe output"]
    write("net.yaml", "network: {}")
    assert errors() == ["snap: holds no AWS describe output; to read a file in it, name the file (net.yaml)"]


def test_a_folder_of_everything_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describe, "MOST_FILES", 2)
    for number in range(3):
        write(f"{number}.json", {})
    assert errors() == ["snap: holds more than 2 JSON files; name the folder of one snapshot"]


def test_a_folder_that_cannot_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("snap").mkdir()

    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert errors() == ["snap: cannot be read: permission denied"]


@pytest.mark.parametrize(
    ("key", "element", "name"),
    [
        ("Reservations", {"ReservationId": "r-1", "Instances": []}, "r-1"),
        ("Reservations", {"Instances": [{"InstanceId": "i-1"}]}, "i-1"),
        ("Addresses", {"PublicIp": "198.51.100.7"}, "198.51.100.7"),
        ("Functions", {"FunctionName": "fn", "FunctionArn": "arn:x"}, "fn"),
        ("DBInstances", {"DBInstanceIdentifier": "db"}, "db"),
        ("NetworkAcls", {"VpcId": "vpc-1", "NetworkAclId": "acl-1"}, "acl-1"),
        ("LoadBalancers", {"LoadBalancerArn": "arn:x", "LoadBalancerName": "lb"}, "lb"),
        ("Vpcs", {"VpcId": None}, ""),
        ("Vpcs", {"VpcId": {}}, ""),
    ],
)
def test_the_name_of_an_element(key: str, element: dict[str, Any], name: str) -> None:
    assert identity(key, element) == name
