"""Where something was written, as people read it."""

from __future__ import annotations

import pytest

from simulator.origin import Origin, Spot, place_text


@pytest.mark.parametrize(
    ("spot", "text"),
    [
        (Spot("net.yaml"), "net.yaml"),
        (Spot("net.yaml", 14), "net.yaml:14"),
        (Spot("net.yaml", 14, 7), "net.yaml:14:7"),
        (Spot("net.yaml", None, 7), "net.yaml:7"),
    ],
)
def test_a_place_is_told_as_far_as_it_is_known(spot: Spot, text: str) -> None:
    assert str(spot) == place_text(spot) == text


def test_an_origin_names_the_resource_the_part_and_the_place() -> None:
    assert str(Origin("sg-1")) == "sg-1"
    assert str(Origin("sg-1", "ingress 2")) == "sg-1 ingress 2"
    assert str(Origin("sg-1", "ingress 2", Spot("net.yaml", 41))) == "sg-1 ingress 2 (net.yaml:41)"


def test_a_part_is_written_where_the_whole_is_unless_it_has_a_place_of_its_own() -> None:
    whole = Origin("sg-1", place=Spot("net.yaml", 40))
    assert whole.of("ingress 1") == Origin("sg-1", "ingress 1", Spot("net.yaml", 40))
    assert whole.of("ingress 1", Spot("net.yaml", 42)) == Origin("sg-1", "ingress 1", Spot("net.yaml", 42))
    assert Origin("sg-1").of("ingress 1").place is None


def test_any_object_with_a_file_and_a_line_is_a_place() -> None:
    class Lazy:
        file, line, column = "big.json", 7, None

    assert str(Origin("sg-1", "ingress 1", Lazy())) == "sg-1 ingress 1 (big.json:7)"
