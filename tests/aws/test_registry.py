"""The registry: what every kind must be for readers, messages and the compiler to loop over it."""

from __future__ import annotations

import pkgutil
import sys
from collections import Counter
from importlib import import_module

import pytest

import simulator.aws
from simulator.aws.registry import RESOURCES
from simulator.aws.resource import Either, Field, FieldType, Kind, ListOf, MapOf, Record, Reference
from simulator.graph.nodes import Place

MODULES = sorted(
    {
        module
        for kind in RESOURCES
        for function in (kind.emit, kind.complete, kind.scenario)
        if (module := getattr(function, "__module__", ""))
    }
)


def test_kinds_have_names_of_their_own() -> None:
    names = [kind.name for kind in RESOURCES]
    assert len(names) == len(set(names))
    sections = [kind.section for kind in RESOURCES if kind.section]
    assert len(sections) == len(set(sections))


def test_every_kind_that_a_module_makes_is_registered() -> None:
    modules = [import_module(f"simulator.aws.{found.name}") for found in pkgutil.iter_modules(simulator.aws.__path__)]
    made = {(module.__name__, name): kind for module in modules for name, kind in vars(module).items() if isinstance(kind, Kind)}
    assert [name for name, kind in made.items() if kind not in RESOURCES] == []


def test_a_noun_has_one_kind_of_its_own() -> None:
    own = [kind.noun for kind in RESOURCES if not kind.extends]
    assert len(own) == len(set(own))


def test_a_list_of_an_aws_answer_is_read_by_one_kind() -> None:
    """But for the routes of transit gateways and of Client VPN endpoints, which AWS calls alike: their elements tell them apart."""
    keys = Counter(key for kind in RESOURCES for key in kind.describe)
    assert {key: count for key, count in keys.items() if count > 1} == {"Routes": 2}


def test_a_section_has_fields_and_a_reader() -> None:
    assert [kind.name for kind in RESOURCES if bool(kind.section) != bool(kind.scenario)] == []


def references(kind: FieldType) -> set[str]:
    match kind:
        case Reference(kinds=kinds):
            return set(kinds)
        case ListOf(item=item):
            return references(item)
        case MapOf(key=key, value=value):
            return references(key) | references(value)
        case Record(fields=fields):
            return set().union(*(references(field.type) for field in fields))
        case Either(types=types):
            return set().union(*map(references, types))
        case _:
            return set()


def fields() -> list[Field]:
    return [field for kind in RESOURCES for field in kind.fields]


def test_references_are_to_kinds_that_exist() -> None:
    known = {kind.name for kind in RESOURCES}
    assert set().union(*(references(field.type) for field in fields())) <= known


def test_every_field_tells_editors_what_it_is() -> None:
    assert [field.name for field in fields() if not field.about or field.about.endswith(".")] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_check_and_emission_of_a_module_runs(module: str, request: pytest.FixtureRequest) -> None:
    """A function that no kind names is never called, and nobody notices."""
    used = {function for kind in RESOURCES for function in (kind.check, kind.emit, kind.complete, kind.scenario, *kind.describe.values())}
    defined = {
        name: function
        for name, function in vars(sys.modules[module]).items()
        if name in ("_check", "_emit", "_complete", "_scenario", "_describe")
    }
    assert [name for name, function in defined.items() if function not in used] == []


# The word before `:` in an endpoint, and the kinds it may mean; of other kinds it is the name.
PREFIXES = {
    "cache": ["cache", "cache-group"],
    "cagw": ["carrier-gateway"],
    "cgw": ["customer-gateway"],
    "cvpn": ["client-vpn"],
    "data": ["data-service"],
    "db": ["database", "database-cluster"],
    "dxgw": ["direct-connect-gateway"],
    "dxvif": ["virtual-interface"],
    "eice": ["instance-connect-endpoint"],
    "eigw": ["egress-only-internet-gateway"],
    "event": ["event-source"],
    "fs": ["file-system"],
    "interface": ["network-interface"],
    "lambda": ["lambda-function"],
    "lb": ["load-balancer"],
    "lgw": ["local-gateway"],
    "link": ["vpc-link"],
    "nat": ["nat-gateway"],
    "pcx": ["vpc-peering-connection"],
    "sg": ["security-group"],
    "task": ["ecs-service"],
    "tgw": ["transit-gateway"],
    "vgw": ["virtual-private-gateway"],
    "vpce": ["vpc-endpoint"],
    "vpn": ["vpn-connection"],
}
# What adds to a noun that another kind reads.
EXTENDING = {
    "Vpc": ["implicit-router", "internet", "public-access-path"],
    "Subnet": ["unread-vpc", "on-link", "nat-return"],
    "RouteTable": ["outer-networks", "gateway-route-table"],
    "TransitAttachment": ["transit-gateway-peering", "transit-hybrid"],
    "TransitRoute": ["transit-gateway-routes", "transit-gateway-associations", "transit-gateway-propagations"],
    "TransitGateway": ["transit-path"],
    "VpcPeering": ["nat-crossing"],
    "VpnConnection": ["onprem"],
    "VirtualInterface": ["onprem-by-direct-connect"],
    "DirectConnectGateway": ["direct-connect-path"],
    "VirtualPrivateGateway": ["virtual-private-path"],
    "ClientVpn": ["client-vpn-associations", "client-vpn-routes", "client-vpn-rules"],
    "RegionalNatGateway": ["regional-nat-path"],
    "LoadBalancer": ["application-load-balancer", "classic-load-balancer", "network-load-balancer", "gateway-load-balancer"],
    "NetworkInterface": ["client-preservation", "private-link-answers", "interface-path"],
    "VpcEndpoint": ["private-link", "inspection-endpoint", "gateway-load-balancer-service"],
    "NetworkFirewall": ["firewall-path"],
}


def test_the_words_of_endpoints() -> None:
    found: dict[str, list[str]] = {}
    for kind in RESOURCES:
        if kind.prefix:
            found.setdefault(kind.prefix, []).append(kind.name)
    assert found == PREFIXES


def test_what_adds_to_a_noun() -> None:
    found: dict[str, list[str]] = {}
    for kind in RESOURCES:
        if kind.extends:
            found.setdefault(kind.noun.__name__, []).append(kind.name)
    assert found == EXTENDING


@pytest.mark.parametrize(
    "kind", [kind for kind in RESOURCES if not kind.extends and hasattr(kind.noun, "place")], ids=lambda kind: kind.name
)
def test_the_place_of_a_noun_is_called_as_its_kind(kind: Kind) -> None:
    noun = kind.noun.__new__(kind.noun)
    for field, value in {"id": "x", "name": "its name", "type": ""}.items():
        if field in kind.noun.__slots__:  # type: ignore[attr-defined]
            object.__setattr__(noun, field, value)
    name = {"regional-nat-gateway": "nat-gateway"}.get(kind.name, kind.name)  # packets meet NAT gateways of either sort
    assert noun.place in (Place("x", name), Place("x", name, "its name"))
