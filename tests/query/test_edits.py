"""Edits: lines of text, what they do to a network, and what is told of those that cannot be made."""

from __future__ import annotations

from dataclasses import replace

import pytest

import simulator
from simulator.aws.network_interface import UNSET, InterfaceAddress, NetworkInterface
from simulator.evaluate.result import Verdict
from simulator.problems import InputError
from simulator.query.edits import SPOKEN, Check, Open, Put, SetRoute, parse_edit

TEXT = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16, internet_gateway: igw}
    other: {cidr: 10.9.0.0/16}
  subnets:
    public: {vpc: main, cidr: 10.0.0.0/24, zone: a, routes: {0.0.0.0/0: igw}}
    app: {vpc: main, cidr: 10.0.1.0/24, zone: a, route_table: private}
    data: {vpc: main, cidr: 10.0.2.0/24, zone: a, network_acl: strict}
    far: {vpc: other, cidr: 10.9.0.0/24, zone: a}
  route_tables:
    private: {vpc: main, routes: {0.0.0.0/0: nat}}
    spare: {vpc: main, routes: {}}
  network_acls:
    strict:
      vpc: main
      inbound: [{rule: 100, allow: tcp/5432, from: 10.0.0.0/16}]
      outbound: [{rule: 100, allow: all, to: 10.0.0.0/16}]
    open acl: {vpc: main, inbound: [{rule: 100, allow: all}], outbound: [{rule: 100, allow: all}]}
  nat_gateways:
    nat: {subnet: public, public_ip: 198.51.100.7}
  security_groups:
    web: {vpc: main, inbound: []}
    db: {vpc: main, inbound: [{from: web, allow: tcp/5432}], outbound: []}
    lone: {vpc: other, inbound: []}
  instances:
    one: {subnet: app, security_groups: [web]}
    two: {subnet: data, security_groups: [db]}
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> simulator.Network:
    path = tmp_path_factory.mktemp("edits") / "network.yaml"
    path.write_text(TEXT)
    return simulator.load(path)


LINES = [
    "open web tcp/22 from 10.0.0.0/16",
    "close db tcp/5432 from web",
    "allow strict 90 tcp/22 from 0.0.0.0/0",
    "deny strict 90 all to ::/0",
    "clear strict 100 inbound",
    "route private 0.0.0.0/0 -> igw",
    "unroute private 0.0.0.0/0",
    "associate app with spare",
    "release app from private",
    "join one-eni db",
    "leave one-eni web",
    "check one-eni off",
    "remove nat",
    "associate data with 'open acl'",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_reads_back_as_it_prints(line: str) -> None:
    edit = parse_edit(line)
    assert str(edit) == line
    assert parse_edit(str(edit)) == edit


def test_every_verb_has_a_line() -> None:
    assert {type(parse_edit(line)) for line in LINES} == set(SPOKEN)


def test_edits_are_values() -> None:
    assert len({parse_edit(line) for line in (*LINES, *LINES)}) == len(LINES)


@pytest.mark.parametrize(
    ("question", "before", "edits", "after"),
    [
        (("one", "two", "tcp/5432"), Verdict.ALWAYS, ["close db tcp/5432 from web"], Verdict.NEVER),
        (
            ("one", "two", "tcp/22"),
            Verdict.NEVER,
            ["open db tcp/22 from 10.0.1.0/24", "allow strict 90 tcp/22 from 10.0.0.0/8"],
            Verdict.ALWAYS,
        ),
        (("one", "two", "tcp/22"), Verdict.NEVER, ["open db tcp/22 from web", "associate data with 'open acl'"], Verdict.ALWAYS),
        (("one", "two", "tcp/22"), Verdict.NEVER, ["open db tcp/22 from web", "release data from strict"], Verdict.ALWAYS),
        (("one", "two", "tcp/5432"), Verdict.ALWAYS, ["deny strict 50 tcp from 10.0.1.0/24"], Verdict.NEVER),
        (("one", "two", "tcp/5432"), Verdict.ALWAYS, ["clear strict 100 outbound"], Verdict.NEVER),
        (("one", "internet", "tcp/443"), Verdict.ALWAYS, ["unroute private 0.0.0.0/0"], Verdict.NEVER),
        (("one", "internet", "tcp/443"), Verdict.ALWAYS, ["route private 0.0.0.0/0 -> blackhole"], Verdict.NEVER),
        (("one", "internet", "tcp/443"), Verdict.ALWAYS, ["release app from private"], Verdict.NEVER),
        (("one", "internet", "tcp/443"), Verdict.ALWAYS, ["associate app with spare"], Verdict.NEVER),
        (("one", "internet", "tcp/443"), Verdict.ALWAYS, ["remove nat"], Verdict.NEVER),
        (("one", "internet", "tcp/443"), Verdict.ALWAYS, ["remove igw"], Verdict.NEVER),
        (("one", "two", "tcp/5432"), Verdict.ALWAYS, ["join one-eni db", "leave one-eni web"], Verdict.NEVER),
    ],
)
def test_an_edit_changes_the_answer_and_not_the_network(
    network: simulator.Network, question: tuple[str, str, str], before: Verdict, edits: list[str], after: Verdict
) -> None:
    assert network.can(*question).verdict is before
    assert network.edit(*edits).can(*question).verdict is after
    assert network.can(*question).verdict is before


def test_edits_that_undo_each_other_leave_the_network(network: simulator.Network) -> None:
    lines = ("check one-eni off", "open web tcp/22 to db", "check one-eni on", "close web tcp/22 to db")
    assert network.edit(*lines).snapshot.nouns == network.snapshot.nouns


def test_a_rule_that_was_opened_decides_under_a_name_of_its_own(network: simulator.Network) -> None:
    answer = network.edit("open db tcp/5433 from 10.0.1.0/24", "allow strict 90 tcp/5433 from 10.0.0.0/8").can("one", "two", "tcp/5433")
    decided = [str(step.because) for hop in answer.forward.hops for step in hop.steps if step.because and step.because.resource == "db"]
    assert decided == ["db ingress 2"]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("opne web tcp/22 from 10.0.0.0/8", "`opne` is no verb; begin with one of open, close"),
        ("open web tcp/22 out 10.0.0.0/8", "`out` stands where `from|to` should; write `open GROUP SERVICE from|to PEER`"),
        ("open web tcp/22 from 10.0.0.0/8 now", "`now` is one word too many"),
        ("open wbe tcp/22 from 10.0.0.0/8", "there is no security group `wbe`; did you mean `web`?"),
        ("open web tpc/22 from 10.0.0.0/8", "`tpc/22` is no service"),
        ("open web tcp/22 from 10.0.0.0/33", "10.0.0.0/33"),
        ("open web tcp/22 from dbs", "there is no security group or prefix list `dbs`"),
        ("open db tcp/5432 from web", "ingress 1 of `db` is that rule already"),
        ("close db tcp/22 from web", "`db` has no such rule; it has tcp/5432 from web"),
        ("allow strict 100 tcp/22 from 0.0.0.0/0", "`strict` has inbound entry 100 already; `clear strict 100 inbound` first"),
        ("allow strict 0 tcp/22 from 0.0.0.0/0", "`0` is no number of an entry; write one from 1 to 32766"),
        ("clear strict 7 inbound", "`strict` has no inbound entry 7; it has 100"),
        ("route private 0.0.0.0/0 -> nat", "`private` has that route already"),
        ("route private 0.0.0.0/0 -> nta", "target `nta` does not exist; did you mean `nat`?"),
        ("unroute private 10.1.0.0/16", "`private` has no static route for 10.1.0.0/16; it has 0.0.0.0/0"),
        ("associate far with spare", "`spare` belongs to VPC `main`, and `far` lies in `other`"),
        ("associate app with private", "`app` is associated with `private` already"),
        ("release app from spare", "`app` is not explicitly associated with `spare`"),
        ("join one-eni lone", "`lone` is a group of VPC `other`"),
        ("leave one-eni web", "`web` is the only group of `one-eni`"),
        ("leave one-eni db", "`one-eni` is not in `db`; it is in `web`"),
        ("check one-eni on", "check of `one-eni` is on already"),
        ("remove web", "security-group `db` uses `web`; change or remove that first"),
        ("remove private", "uses `private`"),
        ("remove main", "a vpc cannot be removed here"),
        ("remove nobody", "there is no resource `nobody`"),
        ("open web 'tcp/22 from", "a quotation mark is open"),
        ("", "an edit is empty"),
    ],
)
def test_what_is_wrong_with_an_edit_is_told_with_what_would_be_right(network: simulator.Network, edit: str, message: str) -> None:
    with pytest.raises(InputError) as found:
        network.edit(edit)
    assert message in str(found.value)
    assert len(found.value.problems) == 1


def test_all_that_is_wrong_is_told_at_once(network: simulator.Network) -> None:
    with pytest.raises(InputError) as found:
        network.edit("open wbe tcp/22 from web", "check one-eni off", Check("one-eni", "off"), SetRoute("x", "y", "z"))
    assert len(found.value.problems) == 3


def test_an_added_resource_is_completed_as_a_read_one_is(network: simulator.Network) -> None:
    one = network.snapshot.get(NetworkInterface, "one-eni")
    assert one
    added = network.edit(Put((replace(one, id="new", addresses=(InterfaceAddress(UNSET),)),)))
    assert added.can("new", "two", "tcp/5432").verdict is Verdict.ALWAYS


def test_a_warning_that_an_edit_makes_is_told(network: simulator.Network) -> None:
    edited = network.edit("route private 10.0.7.0/24 -> igw")
    assert len(edited.problems) == len(network.problems) + 1
    assert "AWS refuses 10.0.7.0/24 -> igw" in str(edited.problems[-1])
    assert edited.edit("unroute private 10.0.7.0/24").problems == network.problems


def test_an_edit_prints_as_its_line() -> None:
    assert str(Open("my group", "all", "to", "pl-1")) == "open 'my group' all to pl-1"
