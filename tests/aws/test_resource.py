"""What every noun's file builds on: places of values, and elements of AWS answers."""

from __future__ import annotations

import pytest

from simulator.aws.resource import Item, Values
from simulator.origin import Spot
from simulator.problems import Problems

WHOLE, KEY = Spot("net.yaml", 3), Spot("net.yaml", 5)


def test_values_know_where_each_key_was_written() -> None:
    values = Values({"cidr": "10.0.0.0/16"}, WHOLE, {"cidr": KEY})
    assert (values["cidr"], values.place_of("cidr"), values.place_of("zone")) == ("10.0.0.0/16", KEY, WHOLE)


def item(data: dict[str, object]) -> Item:
    return Item(data, lambda path: Spot("/".join(map(str, path)) or "all", None), Problems())


def test_null_is_as_good_as_absent() -> None:
    assert (item({"a": None}).get("a", 1), item({}).get("a", 1), item({"a": 0}).get("a", 1)) == (1, 1, 0)


@pytest.mark.parametrize("key", ["Tags", "TagSet", "TagList"])
def test_tags_by_every_name_that_aws_gives_the_list(key: str) -> None:
    tags = [{"Key": "env", "Value": "test"}, {"Key": "Name", "Value": "web"}]
    assert (item({key: tags}).tag(), item({key: tags}).tag("env"), item({key: tags}).tag("none")) == ("web", "test", "")


@pytest.mark.parametrize("tags", [None, [], ["Name"], [{"Key": "Name"}]])
def test_an_untagged_thing_has_no_name(tags: object) -> None:
    assert item({"Tags": tags}).tag() == ""


def test_a_place_inside_an_element() -> None:
    assert (str(item({}).place()), str(item({}).place("Routes", 2))) == ("all", "Routes/2")


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("tgw-rtb-0ab/routes.json", "tgw-rtb-0ab"),
        ("account/routes tgw-rtb-0ab.json", "tgw-rtb-0ab"),
        ("tgw-rtb-1/routes-tgw-rtb-2.json", "tgw-rtb-2"),
        ("tgw-rtb-0ab/more/routes.json", ""),
        ("tgw-rtb-0ab", "tgw-rtb-0ab"),
        ("routes.json", ""),
    ],
)
def test_an_id_that_the_file_or_its_folder_is_named_after(file: str, found: str) -> None:
    assert Item({}, lambda path: Spot(file, None), Problems()).named(r"tgw-rtb-[0-9a-z]+") == found
