"""Words for addresses and ports in rules of firewalls, and what they stand for (NFW-2, NFW-6)."""

from __future__ import annotations

import pytest

from simulator.aws.firewall_terms import NotReadError, TermError, Terms
from simulator.packet.prefix import Prefix

TERMS = Terms(
    sets={"HOME_NET": ("10.0.0.0/8", "2001:db8::/32"), "TOOLS": ("10.9.0.0/16", "!10.9.1.0/24"), "ROUND": ("$ROUND",)},
    ports={"WEB": ("80", "443"), "ROUND": ("$ROUND",)},
    references={"far": (Prefix.parse("192.0.2.0/24"),), "lost": None},
)


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("10.1.2.3", ["10.1.2.3/32"]),
        (
            "$TOOLS",
            ["10.9.0.0/24", "10.9.2.0/23", "10.9.4.0/22", "10.9.8.0/21", "10.9.16.0/20", "10.9.32.0/19", "10.9.64.0/18", "10.9.128.0/17"],
        ),
        ("[10.0.0.0/9, [10.128.0.0/9]]", ["10.0.0.0/8"]),
        ("[$HOME_NET, !2001:db8::/32, !10.0.0.0/9]", ["10.128.0.0/9"]),
        ("@far", ["192.0.2.0/24"]),
        ("[@far, 192.0.3.0/24]", ["192.0.2.0/23"]),
        ("[10.0.0.0/9, [10.128.0.0/10, 10.192.0.0/10], 192.0.2.0/24]", ["10.0.0.0/8", "192.0.2.0/24"]),
        ("[10.0.0.0/8, ![10.0.0.0/9, 10.128.0.0/10]]", ["10.192.0.0/10"]),
        ("  10.0.0.0/8 ", ["10.0.0.0/8"]),
    ],
)
def test_blocks_of_a_text(text: str, blocks: list[str]) -> None:
    assert [str(block) for block in TERMS.blocks(text) or ()] == blocks


def test_everything_and_what_is_left_of_it() -> None:
    assert TERMS.blocks("ANY") is None
    assert [str(block) for block in TERMS.blocks("![0.0.0.0/1, ::/0]") or ()] == ["128.0.0.0/1"]
    outside = TERMS.blocks("$EXTERNAL_NET") or ()
    assert not any(block.overlaps(Prefix.parse("10.0.0.0/8")) for block in outside)
    assert any(block.version == 6 for block in outside)


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("any", ((0, 65535),)),
        ("443", ((443, 443),)),
        ("1024:", ((1024, 65535),)),
        (":1023", ((0, 1023),)),
        ("1024-2048", ((1024, 2048),)),
        ("!80", ((0, 79), (81, 65535))),
        ("[$WEB, !443]", ((80, 80),)),
        ("[!80, !81]", ((0, 79), (82, 65535))),
        ("[80, [443, 8443], 9000:9010]", ((80, 80), (443, 443), (8443, 8443), (9000, 9010))),
        ("[1:100, ![20:30, 40]]", ((1, 19), (31, 39), (41, 100))),
        ("0:65535", ((0, 65535),)),
    ],
)
def test_ports_of_a_text(text: str, ports: tuple[tuple[int, int], ...]) -> None:
    assert TERMS.intervals(text) == ports


@pytest.mark.parametrize("text", ["10.0.0.300", "$NOBODY", "$ROUND", "[10.0.0.0/8", "tools"])
def test_texts_that_name_no_addresses(text: str) -> None:
    with pytest.raises(TermError):
        TERMS.blocks(text)


@pytest.mark.parametrize("text", ["https", "70000", "90:80", "$NOBODY", "$ROUND", "[80"])
def test_texts_that_name_no_ports(text: str) -> None:
    with pytest.raises(TermError):
        TERMS.intervals(text)


@pytest.mark.parametrize("text", ["@lost", "[10.0.0.0/8, @never-told]"])
def test_a_list_that_was_not_read_is_no_empty_one(text: str) -> None:
    with pytest.raises(NotReadError, match="was not read"):
        TERMS.blocks(text)


SELF_DEFINED = ["$ROUND", "!$ROUND", "[$ROUND]", "[!$ROUND]", "[80, [!$ROUND]]"]


@pytest.mark.parametrize("inner", SELF_DEFINED)
def test_a_variable_that_is_defined_by_itself_is_told(inner: str) -> None:
    """Whichever way it comes back to itself."""
    with pytest.raises(TermError, match="defined by itself"):
        Terms(sets={"ROUND": (inner.replace("80", "10.0.0.0/8"),)}).blocks("$ROUND")
    with pytest.raises(TermError, match="defined by itself"):
        Terms(ports={"ROUND": (inner,)}).intervals("$ROUND")


def test_NFW_6_the_nets_that_are_not_home_are_not_defined_by_themselves() -> None:
    with pytest.raises(TermError, match="defined by itself"):
        Terms(sets={"HOME_NET": ("$EXTERNAL_NET",)}).blocks("$EXTERNAL_NET")


def test_lists_in_lists_are_read_as_deep_as_anybody_writes_them() -> None:
    """What is deeper than eight is taken for something defined by itself."""
    text = "[" * 8 + "80" + "]" * 8
    assert Terms().intervals(text) == ((80, 80),)
    assert Terms().blocks(text.replace("80", "10.0.0.0/8")) == (Prefix.parse("10.0.0.0/8"),)
    with pytest.raises(TermError):
        Terms().intervals(f"[{text}]")
    with pytest.raises(TermError):
        Terms().blocks(f"[{text.replace('80', '10.0.0.0/8')}]")
