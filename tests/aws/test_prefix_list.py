"""Prefix lists in both spellings (SG-9, RT-12)."""

from __future__ import annotations

import pytest

from simulator.aws.prefix_list import PrefixList
from tests.aws.reading import Describe, Scenario, account, errors, warnings


def test_a_prefix_list_of_a_scenario(scenario: Scenario) -> None:
    found = scenario("prefix_lists: {office: {entries: [203.0.113.0/24, '2001:db8::/32']}}").snapshot.get(PrefixList, "office")
    assert found is not None
    assert found.entries is not None
    assert list(map(str, found.entries)) == ["203.0.113.0/24", "2001:db8::/32"]


def test_a_list_has_entries(scenario: Scenario) -> None:
    (message,) = errors(scenario, "prefix_lists: {office: {}}")
    assert "`entries` is missing" in message


@pytest.mark.parametrize("order", [1, -1])
def test_the_blocks_come_from_the_one_answer_that_tells_them(describe: Describe, order: int) -> None:
    """DescribePrefixLists tells blocks, DescribeManagedPrefixLists names only; the order is that of the files."""
    answers = [
        {"PrefixListId": "pl-1", "PrefixListName": "s3", "Cidrs": ["192.0.2.0/24"]},
        {"PrefixListId": "pl-1", "PrefixListName": "s3"},
    ]
    found = describe(**account(), PrefixLists=answers[::order]).snapshot.get(PrefixList, "pl-1")
    assert found is not None
    assert found.entries is not None
    assert list(map(str, found.entries)) == ["192.0.2.0/24"]


def test_blocks_are_cut_to_their_prefix(describe: Describe) -> None:
    network = describe(**account(), PrefixLists=[{"PrefixListId": "pl-1", "Cidrs": ["192.0.2.9/24"]}])
    assert warnings(network) == ["prefix list `pl-1`: `192.0.2.9/24` has bits set beyond the prefix length; read as 192.0.2.0/24"]
