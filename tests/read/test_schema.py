"""The schema for editors says what the reader says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from simulator.aws.registry import RESOURCES
from simulator.problems import InputError
from simulator.read import schema
from simulator.read.load import read
from tests.read.kinds import KINDS

ROOT = Path(__file__).parents[2]
SHIPPED = Path(schema.__file__).with_name("scenario.schema.json")
SCENARIOS = sorted(path for path in (ROOT / "scenarios").rglob("*.y*ml") if path.is_file())
GOOD = """
name: all of it
network:
  vpcs:
    main: {cidr: 10.0.0.0/16, internet_gateway: igw}
  subnets:
    a: {vpc: main, cidr: 10.0.0.0/24, zone: 1, public: true, priority: 5, tier: web, host: 10.0.0.7, nat: {ip: 10.0.0.8}}
    b: {vpc: main, cidr: 10.0.1.0/24, nat: false, routes: {0.0.0.0/0: igw, 10.0.0.0/16: local}}
  security_groups:
    g: {vpc: main, groups: g, inbound: [{from: 10.0.0.0/8, allow: tcp/22}, {allow: [udp/53-54, icmp/8/0, all, esp, proto/47]}]}
expect:
  - {can: [a, b, tcp/443], verdict: always, via: igw, source_port: 1024}
  - {can: [a, b], delivered: never, code: [A, B]}
"""


def validator(kinds: Any) -> jsonschema.Draft202012Validator:
    made = schema.scenario_schema(kinds)
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def loaded(text: str) -> Any:
    """The text as an editor sees it: YAML 1.2, where `22:22` is text; PyYAML alone would make it a number."""
    return yaml.load(text, Loader=yaml.BaseLoader) if "22:22" in text else yaml.safe_load(text)


def reader_accepts(text: str, folder: Path) -> bool:
    (folder / "n.yaml").write_text(text, "utf-8")
    try:
        read([folder / "n.yaml"], kinds=KINDS)
    except InputError:
        return False
    return True


def test_a_good_scenario_passes_both(tmp_path: Path) -> None:
    assert list(validator(KINDS).iter_errors(loaded(GOOD))) == []
    assert reader_accepts(GOOD, tmp_path)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("zone: 1", "zon: 1"),
        ("zone: 1", "zone: [1]"),
        ("zone: 1", "zone: true"),
        ("public: true", "public: 1"),
        ("priority: 5", "priority: 101"),
        ("priority: 5", "priority: '5'"),
        ("tier: web", "tier: wep"),
        ("host: 10.0.0.7", "host: here"),
        ("nat: {ip: 10.0.0.8}", "nat: {}"),
        ("nat: false", "nat: 5"),
        ("{vpc: main, cidr: 10.0.0.0/24", "{cidr: 10.0.0.0/24"),
        ("cidr: 10.0.1.0/24", "cidr: ten"),
        ("routes: {", "routes: {any: igw, "),
        ("allow: tcp/22", "allow: 22:22"),
        ("allow: tcp/22", "allow: tcp/70000"),
        ("allow: tcp/22", "allow: 22"),
        ("allow: tcp/22", "allow: tpc/22"),
        ("inbound: [{from: 10.0.0.0/8, allow: tcp/22}, {", "inbound: {"),
        ("security_groups:", "security_group:"),
        ("verdict: always", "verdict: alway"),
        ("verdict: always, ", ""),
        ("[a, b, tcp/443]", "[a]"),
        ("[a, b, tcp/443]", "[a, b, tcp/443, c]"),
        ("[a, b, tcp/443]", "[a, b, 443]"),
        ("name: all of it", "nmae: all of it"),
        ("network:", "networks:"),
    ],
)
def test_a_mistake_fails_both(right: str, wrong: str, tmp_path: Path) -> None:
    text = GOOD.replace(right, wrong, 1)
    if wrong.startswith("inbound"):
        text = text.replace("proto/47]}]", "proto/47]}")
    assert text != GOOD
    assert not reader_accepts(text, tmp_path)
    assert list(validator(KINDS).iter_errors(loaded(text)))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_scenario_passes_both(path: Path) -> None:
    assert list(validator(RESOURCES).iter_errors(yaml.safe_load(path.read_text("utf-8")))) == []
    read([path], kinds=RESOURCES)


def test_the_schema_in_the_package_is_the_one_of_the_registry() -> None:
    """After a change to a noun's fields: `python -m simulator.read.schema > simulator/read/scenario.schema.json`."""
    assert json.loads(SHIPPED.read_text("utf-8")) == schema.scenario_schema(RESOURCES)
