"""From paths to a network: formats told by content, inputs merged, includes followed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.problems import InputError
from simulator.read.load import Reading, inputs_of, read
from tests.read.kinds import KINDS, Subnet, Vpc

NETWORK = "network:\n  vpcs: {main: {cidr: 10.0.0.0/16}}\n"
SUBNET = "network:\n  subnets: {a: {vpc: main, cidr: 10.0.0.0/24}}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, "utf-8")


def load(*names: str) -> Reading:
    return read(names, kinds=KINDS)


def errors(*names: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(*names)
    return [str(problem) for problem in caught.value.problems]


# --- formats ---


@pytest.mark.parametrize("name", ["net.yaml", "net.yml", "net.txt", "net"])
def test_yaml_under_any_name(name: str) -> None:
    write(name, NETWORK)
    assert load(name).snapshot.get(Vpc, "main") is not None


@pytest.mark.parametrize("name", ["net.json", "net.yaml", "net"])
def test_the_same_as_json(name: str) -> None:
    write(
        name,
        json.dumps({"network": {"vpcs": {"main": {"cidr": "10.0.0.0/16"}}}, "expect": [{"can": ["a", "b"], "verdict": "never"}]}),
    )
    reading = load(name)
    assert reading.snapshot.get(Vpc, "main") is not None
    assert reading.expectations[0].source == "a"


def test_mistakes_in_json_have_places_too() -> None:
    write("net.json", '{"network": {"vpcs":\n {"main": {"cidr": "10.0.0.0/16", "x": 1.5}}}}')
    assert errors("net.json") == ["net.json:2:35: vpc `main`: unknown key `x`; known keys are cidr, internet_gateway"]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("plan.json", '{"format_version": "1.2", "planned_values": {}}', "Terraform JSON"),
        ("x.tfstate", '{"version": 4, "terraform_version": "1.9.0", "resources": []}', "Terraform JSON"),
        ("cf.yaml", "Resources:\n  V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: !Ref C}}", "a CloudFormation template"),
        ("cf.template", "AWSTemplateFormatVersion: 2010-09-09\n", "a CloudFormation template"),
        ("cf.json", '{"Resources": {"V": {"Type": "AWS::EC2::VPC"}}}', "a CloudFormation template"),
    ],
)
def test_formats_that_are_not_read_yet(name: str, text: str, what: str) -> None:
    write(name, text)
    known = "vpcsim scenarios and folders of AWS describe output are"
    assert errors(name) == [f"{name}: is {what}, which is not read yet; {known}"]


def test_a_live_account_is_not_read_yet() -> None:
    assert errors("aws:prod/eu-west-1") == [
        "`aws:prod/eu-west-1`: live accounts are not read yet; vpcsim scenarios and folders of AWS describe output are"
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("main.tf", 'resource "aws_vpc" "main" {}', "main.tf: is Terraform source, which is not read; "),
        ("x.json", "null", "x.json: is no known input; "),
        ("x.json", '{"name": "x"}', "x.json: is no known input; "),
        ("x.json", "[1]", "x.json: is no known input; "),
        ("x.json", "", "x.json: is empty"),
        ("x.yaml", "a: [", "x.yaml:2:1: a value is missing"),
    ],
)
def test_what_is_no_input(name: str, text: str, message: str) -> None:
    write(name, text)
    (error,) = errors(name)
    assert error.startswith(message)


# --- paths ---


def test_a_missing_path_and_its_neighbours() -> None:
    write("scenarios/lambda-nat.yaml", NETWORK)
    assert errors("scenarios/lamda-nat.yaml", "nowhere/x.yaml", "zzz", "", "a\0b") == [
        "`scenarios/lamda-nat.yaml` does not exist; did you mean `lambda-nat.yaml`?",
        "`nowhere/x.yaml` does not exist; there is no folder `nowhere`",
        "`zzz` does not exist",
        "`` is no path",
        "`a\0b` is no path",
    ]


def test_a_name_that_the_system_refuses() -> None:
    assert errors("x" * 5000) == [f"`{'x' * 5000}` does not exist"]


def test_no_input() -> None:
    assert errors() == ["no input was named"]


def test_two_inputs_in_one_word() -> None:
    assert inputs_of("a.json,b.yaml") == ["a.json", "b.yaml"]
    write("a,b.yaml", NETWORK)
    assert inputs_of("a,b.yaml") == ["a,b.yaml"]


# --- several inputs ---


def test_inputs_are_merged() -> None:
    write("vpc.yaml", NETWORK)
    write("snap/Subnets.json", '{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "main"}]}')
    reading = load("vpc.yaml", "snap")
    assert reading.snapshot.get(Subnet, "subnet-1") is not None
    assert reading.problems == ()
    assert reading.name == "vpc.yaml,snap"
    assert reading.snapshot.read_kinds == {"vpc", "subnet"}  # what neither speaks of may still exist


def test_a_reference_may_lead_to_another_input() -> None:
    write("a.yaml", SUBNET)
    write("b.yaml", NETWORK)
    assert load("a.yaml", "b.yaml").problems == ()
    assert errors("a.yaml") == ["a.yaml:2:22: subnet `a`, vpc: vpc `main` does not exist"]


def test_errors_of_all_inputs_in_their_order() -> None:
    write("b.yaml", SUBNET + "colour: red\n")
    write("a.yaml", "network: [\n")
    assert [error.partition(": ")[0] for error in errors("b.yaml", "missing.yaml", "a.yaml")] == [
        "b.yaml:2:22",
        "b.yaml:3:1",
        "`missing.yaml` does not exist",
        "a.yaml:2:1",
    ]


def test_parameters_without_a_template_are_told() -> None:
    write("a.yaml", NETWORK)
    (problem,) = read(["a.yaml"], {"Zone": "b", "Env": "x"}, kinds=KINDS).problems
    assert str(problem) == "warning: no input takes parameters, so `Env`, `Zone` had no effect"


# --- include ---


def test_includes_are_relative_to_their_file() -> None:
    write("dir/a.yaml", SUBNET + "include: [../shared/vpc.yaml, snap]\n")
    write("shared/vpc.yaml", NETWORK + "expect:\n  - {can: [a, b], verdict: never}\n")
    write("dir/snap/Subnets.json", '{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "main"}]}')
    reading = load("dir/a.yaml")
    assert {one.id for one in reading.snapshot.all(Subnet)} == {"a", "subnet-1"}
    vpc = reading.snapshot.get(Vpc, "main")
    assert vpc is not None
    assert str(vpc.origin.place) == "shared/vpc.yaml:2:10"
    assert reading.expectations == ()  # those of an included scenario are about it alone


def test_a_file_included_twice_is_read_once() -> None:
    write("a.yaml", "include: [b.yaml, c.yaml]\n")
    write("b.yaml", SUBNET + "include: vpc.yaml\n")
    write("c.yaml", "include: ./vpc.yaml\n")
    write("vpc.yaml", NETWORK)
    assert load("a.yaml").problems == ()


def test_includes_that_go_round() -> None:
    write("a.yaml", NETWORK + "include: b.yaml\n")
    write("b.yaml", "include: a.yaml\n")
    assert errors("a.yaml") == ["b.yaml:1:10: `a.yaml` includes itself (a.yaml -> b.yaml -> a.yaml)"]


def test_an_include_that_is_missing() -> None:
    write("dir/main.yaml", "include: [b.yml, aws:prod]\n")
    write("dir/b.yaml", NETWORK)
    assert errors("dir/main.yaml") == [
        "dir/main.yaml:1:11: `dir/b.yml` does not exist; did you mean `b.yaml`?",
        "dir/main.yaml:1:18: `aws:prod`: live accounts are not read yet; vpcsim scenarios and folders of AWS describe output are",
    ]


# --- start-up ---


def test_reading_imports_little() -> None:
    script = "import sys; from simulator.read.load import read; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert {"yaml", "netaddr", "numpy", "networkx", "click", "email", "http", "jsonschema"} & set(run.stdout.split()) == set()
