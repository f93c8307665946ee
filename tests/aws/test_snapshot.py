"""The draft that readers fill, and the snapshot that never changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.aws.instance import Instance
from simulator.aws.registry import RESOURCES
from simulator.aws.snapshot import Draft
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.origin import Origin, Spot
from simulator.packet.prefix import Prefix

VPC = Vpc("vpc-1", "shop", (Prefix.parse("10.0.0.0/16"),), Origin("vpc-1", place=Spot("a.json", 3)))
HOST = Instance("i-1", "", (), Origin("i-1"))


def draft() -> Draft:
    return Draft(RESOURCES)


def subnet(name: str, vpc: str = "vpc-1", block: str = "10.0.1.0/24") -> Subnet:
    return Subnet(name, "", vpc, (Prefix.parse(block),), "a", Origin(name))


def test_the_same_noun_read_twice_is_one() -> None:
    made = draft()
    made.add(VPC)
    made.add(VPC)
    assert made.all(Vpc) == [VPC]
    assert list(made.problems) == []


def test_a_noun_described_twice_differently_is_an_error_at_the_second_place() -> None:
    made = draft()
    made.add(VPC)
    made.add(replace(VPC, region="eu-west-9", origin=Origin("vpc-1", place=Spot("b.json", 9))))
    (problem,) = made.problems
    assert (problem.message, str(problem.place)) == ("vpc `vpc-1` is described twice, differently", "b.json:9")
    assert made.all(Vpc) == [VPC]


@pytest.mark.parametrize("first", ["", "ours", "theirs"])
def test_MISC_2_what_is_named_differently_by_two_accounts_is_one_thing(first: str) -> None:
    made = draft()
    made.add(replace(VPC, name=first))
    made.add(replace(VPC, name="theirs"))
    assert [vpc.name for vpc in made.all(Vpc)] == [first or "theirs"]
    assert list(made.problems) == []


def test_nouns_of_two_kinds_may_share_an_id() -> None:
    made = draft()
    made.add(VPC)
    made.add(subnet("vpc-1"))
    assert made.get(Vpc, "vpc-1") == VPC
    assert made.get(Subnet, "vpc-1") == subnet("vpc-1")
    assert made.kinds_with("vpc-1", ("vpc", "subnet", "instance")) == ["vpc", "subnet"]


def test_replacing_keeps_one() -> None:
    made = draft()
    made.add(VPC)
    made.replace(replace(VPC, name="new"))
    assert [vpc.name for vpc in made.all(Vpc)] == ["new"]


def test_what_another_text_shows_counts_unless_it_is_described_itself_earlier_or_later() -> None:
    shown, own = Instance("i-1", "shown", (), Origin("i-1")), Instance("i-1", "own", (), Origin("i-1"))
    for described, wanted in ((False, "shown"), (True, "own")):
        made = draft()
        assert made.add_unless_known(shown)
        if described:
            made.add(own)
        assert [noun.name for noun in made.finish().all(Instance)] == [wanted]


def test_two_texts_that_show_different_nouns_under_one_id_are_told_apart() -> None:
    made = draft()
    assert made.add_unless_known(HOST)
    assert made.add_unless_known(HOST)
    assert not made.add_unless_known(replace(HOST, name="other"))


def test_names_and_suggestions_are_those_of_the_kinds_asked_for() -> None:
    made = draft()
    for name in ("app-a", "zebra"):
        made.add(subnet(name))
    made.add(VPC)
    assert made.names(("subnet",)) == ["app-a", "zebra"]
    assert made.suggestion("app-c", ("subnet",)) == "; did you mean `app-a`?"
    assert made.suggestion("app-c", ("vpc",)) == ""


def test_what_was_read() -> None:
    assert draft().was_read("subnet")
    parts = Draft(RESOURCES, whole=False, read_kinds={"vpc"})
    assert (parts.was_read("vpc"), parts.was_read("subnet")) == (True, False)
    snapshot = parts.finish()
    assert (snapshot.was_read("vpc"), snapshot.was_read("subnet")) == (True, False)


def test_a_snapshot_groups_and_finds() -> None:
    made = draft()
    made.add(VPC)
    for name, vpc in (("one", "vpc-1"), ("two", "vpc-1"), ("far", "vpc-9")):
        made.add(subnet(name, vpc, f"10.0.{len(made.all(Subnet))}.0/24"))
    snapshot = made.finish()
    assert [one.id for one in snapshot.by(Subnet, "vpc")["vpc-1"]] == ["one", "two"]
    assert snapshot.by(Subnet, "vpc")["nowhere"] == []
    assert snapshot.get(Subnet, "nowhere") is None
    assert snapshot.kind_of(VPC).name == "vpc"
    assert [(kind.name, noun.id) for kind, noun in snapshot.everything() if kind.name in ("vpc", "subnet")] == [
        ("vpc", "vpc-1"),
        ("subnet", "one"),
        ("subnet", "two"),
        ("subnet", "far"),
    ]


def test_an_index_is_made_once() -> None:
    snapshot = draft().finish()
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [snapshot.index("key", make), snapshot.index("key", make), snapshot.index("other", make)] == [1, 1, 2]


def test_a_draft_of_a_snapshot_leaves_the_snapshot_alone() -> None:
    made = draft()
    made.add(VPC)
    before = made.finish()
    again = Draft.of(before)
    again.add(subnet("new"))
    assert before.get(Subnet, "new") is None
    assert again.finish().get(Subnet, "new") == subnet("new")
    assert again.get(Vpc, "vpc-1") is not None
