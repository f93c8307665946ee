"""Addresses and prefixes, with netaddr (which no hot path uses) as the reference."""

from __future__ import annotations

import netaddr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.packet.prefix import (
    BITS,
    GLOBAL_UNICAST_V6,
    NOT_ROUTED,
    RFC1918,
    RFC6598,
    AddressError,
    Prefix,
    format_address,
    parse_address,
    prefixes_of,
)

VERSIONS = st.sampled_from((4, 6))


@st.composite
def addresses(draw: st.DrawFn) -> tuple[int, int]:
    version = draw(VERSIONS)
    return version, draw(st.integers(0, (1 << BITS[version]) - 1))


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    version, value = draw(addresses())
    length = draw(st.integers(0, BITS[version]))
    free = BITS[version] - length
    return Prefix(version, value >> free << free, length)


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Prefix, Prefix]:
    """Two blocks that are likely to have something to do with each other."""
    one = draw(prefixes())
    length = draw(st.integers(0, BITS[one.version]))
    free = BITS[one.version] - length
    near = draw(st.integers(max(0, one.first - 2), min((1 << BITS[one.version]) - 1, one.last + 2)))
    return one, Prefix(one.version, near >> free << free, length)


def reference(prefix: Prefix) -> netaddr.IPNetwork:
    return netaddr.IPNetwork(f"{netaddr.IPAddress(prefix.value, prefix.version)}/{prefix.length}")


@given(addresses())
def test_addresses_print_and_parse_like_netaddr(address: tuple[int, int]) -> None:
    version, value = address
    text = str(netaddr.IPAddress(value, version))
    assert parse_address(text) == address
    assert parse_address(format_address(version, value)) == address
    if version == 4:
        assert format_address(version, value) == text
    assert netaddr.IPAddress(format_address(version, value)) == netaddr.IPAddress(value, version)


@given(prefixes())
def test_a_prefix_is_the_block_netaddr_sees(prefix: Prefix) -> None:
    block = reference(prefix)
    assert (prefix.first, prefix.last, prefix.size) == (block.first, block.last, block.size)
    assert (prefix.bits, prefix.host_mask) == (block.hostmask.bits().count("0") + block.hostmask.bits().count("1"), int(block.hostmask))
    assert prefix.is_host == (block.size == 1)
    assert Prefix.parse(str(block)) == prefix
    assert Prefix.parse(str(prefix)) == prefix


@given(prefixes())
def test_prefixes_survive_the_way_to_netaddr_and_back(prefix: Prefix) -> None:
    assert prefix.to_netaddr() == reference(prefix)
    assert Prefix.from_netaddr(prefix.to_netaddr()) == prefix


@given(neighbours())
def test_contains_and_overlaps_as_netaddr_says(pair: tuple[Prefix, Prefix]) -> None:
    one, two = pair
    first, second = reference(one), reference(two)
    assert one.contains(two) == (second in first)
    assert two.contains(one) == (first in second)
    assert one.overlaps(two) == (first.first <= second.last and second.first <= first.last)
    assert one.overlaps(two) == two.overlaps(one)


@given(neighbours())
def test_holds_is_membership(pair: tuple[Prefix, Prefix]) -> None:
    block, other = pair
    for value in (other.first, other.last):
        assert block.holds(block.version, value) == (netaddr.IPAddress(value, block.version) in reference(block))
        assert not block.holds(10 - block.version, value)


def test_versions_never_mix_MODEL_2() -> None:
    four, six = Prefix.parse("0.0.0.0/0"), Prefix.parse("::/0")
    assert not four.contains(six)
    assert not six.contains(four)
    assert not four.overlaps(six)


@given(neighbours())
def test_sorting_puts_a_block_before_the_blocks_inside_it(pair: tuple[Prefix, Prefix]) -> None:
    one, two = pair
    assert (one < two) == ((one.first, one.length) < (two.first, two.length))
    if one.contains(two) and one != two:
        assert one < two


@given(addresses(), st.integers(0, 128))
def test_loose_parsing_cuts_off_host_bits_VPC_1(address: tuple[int, int], length: int) -> None:
    version, value = address
    length = min(length, BITS[version])
    text = f"{format_address(version, value)}/{length}"
    block = netaddr.IPNetwork(text)
    prefix, exact = Prefix.parse_loose(text)
    assert prefix == Prefix(version, block.first, length)
    assert exact == (block.first == value)
    if not exact:
        with pytest.raises(AddressError, match=f"bits set beyond the prefix length; the block is {block.cidr}"):
            Prefix.parse(text)


def test_loose_parsing_of_the_rules_own_example_VPC_1() -> None:
    assert Prefix.parse_loose("100.68.0.18/18") == (Prefix.parse("100.68.0.0/18"), False)


def test_an_address_alone_is_a_host() -> None:
    assert Prefix.parse("10.0.0.7") == Prefix.parse("10.0.0.7/32") == Prefix.host(4, 0x0A000007)
    assert Prefix.parse("2001:db8::7").length == 128
    assert Prefix.parse("2001:db8::7").is_host


@pytest.mark.parametrize(
    "text",
    [
        "", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", " 10.0.0.1", "10.0.0.0.1", "10.0.0.-1", "0x0a000001", "1", "ten",
        "fe80::1%eth0", ":::", "2001:db8", "12345::", "10.0.0.1\0", "１0.0.0.1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError, match=r"^is not an IPv4 or IPv6 address$"):
        parse_address(text)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/ 8", "10.0.0.0/８", "10.0.0.0/+8"])
def test_an_impossible_length_names_the_bounds(text: str) -> None:
    with pytest.raises(AddressError, match=r"^has no prefix length between 0 and 32$"):
        Prefix.parse(text)
    with pytest.raises(AddressError, match="between 0 and 128"):
        Prefix.parse("2001:db8::/129")


def test_a_value_with_host_bits_is_no_prefix() -> None:
    with pytest.raises(AddressError):
        Prefix(4, 1, 31)


@given(prefixes(), st.integers(-6, 6))
def test_addresses_count_from_the_start_or_the_end(prefix: Prefix, offset: int) -> None:
    block = reference(prefix)
    if not -block.size <= offset < block.size:
        with pytest.raises(IndexError):
            prefix.address(offset)
    else:
        assert prefix.address(offset) == (block.first + offset if offset >= 0 else block.last + 1 + offset)


@given(VERSIONS, st.lists(st.tuples(st.integers(0, 600), st.integers(0, 300)), max_size=3))
def test_prefixes_of_ranges_are_exact_disjoint_and_fewest(version: int, parts: list[tuple[int, int]]) -> None:
    ranges = [(first, first + width) for first, width in parts]
    found = prefixes_of(version, ranges)
    covered = [value for prefix in found for value in range(prefix.first, prefix.last + 1)]
    assert covered == [value for first, last in ranges for value in range(first, last + 1)]
    for first, last in ranges:
        wanted = netaddr.cidr_merge([netaddr.IPRange(netaddr.IPAddress(first, version), netaddr.IPAddress(last, version))])
        assert prefixes_of(version, [(first, last)]) == list(map(Prefix.from_netaddr, wanted))


def test_the_named_blocks() -> None:
    assert list(map(str, RFC1918)) == ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    assert list(map(str, RFC6598)) == ["100.64.0.0/10"]
    assert [block.holds(*parse_address("198.51.100.7")) for block in (*RFC1918, *RFC6598, *NOT_ROUTED)] == [False] * 8
    for text in ("0.1.2.3", "127.0.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255"):
        assert any(block.holds(*parse_address(text)) for block in NOT_ROUTED), text
    assert GLOBAL_UNICAST_V6.holds(*parse_address("2001:db8::1"))
    assert not GLOBAL_UNICAST_V6.holds(*parse_address("fe80::1"))
