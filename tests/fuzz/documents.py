"""Documents to break: scenario files, answers of AWS out of real accounts and of drawn networks, and such as nobody wrote."""

from __future__ import annotations

import inspect
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from simulator.aws.registry import RESOURCES
from simulator.aws.resource import (
    Address,
    Cidr,
    Either,
    FieldType,
    Flag,
    Kind,
    ListOf,
    MapOf,
    Number,
    Peer,
    Record,
    Reference,
    ServiceText,
    Text,
)
from simulator.testing.strategies import MIXED, TRANSIT_HEAVY, network_of
from simulator.testing.strategies.hand import Hand
from tests.fuzz.mutations import ODD
from tests.properties.described import describable, lists_of

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*/*.yaml"))
ACCOUNTS = sorted(path for path in (ROOT / "tests" / "corpus" / "aws-snapshots").iterdir() if path.is_dir())
DRAWN = 8
WORD = re.compile(r'"([A-Z][A-Za-z0-9]+)"')


@cache
def scenarios() -> list[tuple[str, bytes, Any]]:
    """Scenario files: name, text, tree. What they include is not beside them where they are broken."""
    found = []
    for path in SCENARIOS:
        data = path.read_bytes()
        found.append((path.name, data, yaml.safe_load(data)))
    return found


@cache
def answers() -> list[tuple[str, Any]]:
    """Answers of AWS, all lists of an account in one document."""
    found = [(folder.name, _account(folder)) for folder in ACCOUNTS]
    found += [(path.name, json.loads(path.read_bytes())) for path in sorted((ROOT / "scenarios").glob("*/*.json"))]
    for seed in range(DRAWN):
        found.append((f"drawn {seed}", lists_of(describable(network_of(seed, (MIXED, TRANSIT_HEAVY)[seed % 2])))))
    return found


def _account(folder: Path) -> Any:
    lists: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.json")):
        for key, elements in json.loads(path.read_bytes()).items():
            lists.setdefault(key, []).extend(elements)
    return lists


# --- documents that nobody wrote -------------------------------------------------------------------------------------------------


def invented_answer(hand: Hand) -> Any:
    """One to three lists of AWS, of elements with the words that their readers look for, and anything in them."""
    readers = [(key, read) for kind in RESOURCES for key, read in kind.describe.items()]
    chosen = hand.some(readers, most=3, least=1)
    return {key: [_element(hand, words_of(read), 0) for _ in range(1 + hand.below(3))] for key, read in chosen}


@cache
def words_of(read: Any) -> tuple[str, ...]:
    """The keys that a reader and its neighbours mention."""
    module = inspect.getmodule(read)
    assert module is not None
    return tuple(dict.fromkeys(WORD.findall(inspect.getsource(module))))


def _element(hand: Hand, words: tuple[str, ...], depth: int) -> Any:
    keys = [word for word in words if hand.chance(75)] if depth == 0 else hand.some(words, most=6)
    return {key: _anything(hand, key, words, depth) for key in keys}


def _anything(hand: Hand, key: str, words: tuple[str, ...], depth: int) -> Any:
    """Mostly what the key looks like: an id, a block, a list; sometimes anything else."""
    if hand.chance(10):
        return hand.one_of(ODD)
    if key.endswith("s") and depth < 3 and hand.chance(60):
        return [
            _element(hand, words, depth + 1) if hand.chance(60) else f"{key[:-1].lower()}-{hand.below(3)}" for _ in range(hand.below(3))
        ]
    if "Cidr" in key:
        return hand.one_of(("10.0.0.0/16", "10.0.1.0/24", "2001:db8::/56", "0.0.0.0/0"))
    if key.endswith(("Ip", "IpAddress")):
        return hand.one_of(("10.0.0.4", "198.51.100.1", "10.0.1.4"))
    if key.endswith(("Port", "Number", "Type", "Code")) and hand.chance(50):
        return hand.one_of((443, 0, 65535, -1, 100))
    if depth < 3 and hand.chance(30):
        return _element(hand, words, depth + 1)
    return hand.one_of((f"{key.lower().removesuffix('id')}-{hand.below(3)}", "available", "active", True, False, "tcp"))


def invented_scenario(hand: Hand) -> Any:
    """Sections of a scenario with the fields of their kinds, mostly of the right shape."""
    kinds = [kind for kind in RESOURCES if kind.section]
    chosen = hand.some(kinds, most=5, least=1, percent=80)
    network = {"vpcs": {"v": {"cidr": "10.0.0.0/16"}}, "subnets": {"subnet-0": {"vpc": "v", "cidr": "10.0.0.0/24"}}}
    for kind in chosen:
        network[kind.section] = {f"{kind.name}-{number}": _record(hand, kind) for number in range(1 + hand.below(2))}
    return {"network": network}


def _record(hand: Hand, kind: Kind) -> Any:
    return {field.name: _value(hand, field.type, 0) for field in kind.fields if field.required or hand.chance(60)}


def _value(hand: Hand, of: FieldType, depth: int) -> Any:
    """A value of a field's type, sometimes of another."""
    if hand.chance(6) or depth > 5:
        return hand.one_of(ODD)
    match of:
        case Text(words):
            return hand.one_of(words or ("a", "text", ""))
        case Number(first, last):
            return hand.one_of((first, last, first - 1, last + 1))
        case Flag():
            return hand.chance(50)
        case Cidr():
            return hand.one_of(("10.0.0.0/16", "10.0.1.0/24", "0.0.0.0/0", "2001:db8::/64"))
        case Address():
            return hand.one_of(("10.0.0.9", "198.51.100.9", "2001:db8::9"))
        case ServiceText():
            return hand.one_of(("tcp/443", "all", "udp/53", "icmp"))
        case Reference(kinds):
            return "v" if "vpc" in kinds else f"{hand.one_of(kinds)}-{hand.below(2)}"
        case Peer():
            return hand.one_of(("0.0.0.0/0", "security-group-0", "internet", "10.0.0.0/8"))
        case ListOf(item):
            return [_value(hand, item, depth + 1) for _ in range(hand.below(3))]
        case MapOf(key, value):
            return {str(_value(hand, key, depth + 1)): _value(hand, value, depth + 1) for _ in range(hand.below(3))}
        case Record(fields):
            return {field.name: _value(hand, field.type, depth + 1) for field in fields if field.required or hand.chance(60)}
        case Either(types):
            return _value(hand, hand.one_of(types), depth + 1)
