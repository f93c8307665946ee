"""The entries of network ACLs: those AWS makes by itself, those of IPv6, where each is written, which count (NACL-2, NACL-10)."""

from __future__ import annotations

from typing import Any

from simulator.aws.network_acl import NetworkAcl, default_acl
from tests.aws.reading import Describe, Scenario, account, acl, entry, errors, refusal, warnings


def described(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The account, and an ACL with some entries at the application's subnet."""
    own = acl("acl-app", *entries, **{"Associations": [{"SubnetId": "subnet-app"}], **changes})
    return {**account(), "NetworkAcls": [*account()["NetworkAcls"], own]}


def found(describe: Describe, lists: dict[str, Any]) -> NetworkAcl:
    noun = describe(**lists).snapshot.get(NetworkAcl, "acl-app")
    assert isinstance(noun, NetworkAcl)
    return noun


def test_NACL_10_the_default_acl_as_aws_makes_it() -> None:
    made = default_acl("main")
    assert (made.id, made.name, made.vpc, made.default, made.subnets) == ("main-default-acl", "default", "main", True, ())
    for direction, entries in (("ingress", made.inbound), ("egress", made.outbound)):
        assert [(one.number, one.permit, str(one.cidr), str(one.traffic), one.origin.part) for one in entries] == [
            (100, True, "0.0.0.0/0", "all", f"{direction} rule 100"),
            (101, True, "::/0", "all", f"{direction} rule 101"),
        ]
    assert default_acl("main", "acl-of-a").id == "acl-of-a"


def test_NACL_5_an_entry_of_ipv6_and_where_each_is_written(describe: Describe) -> None:
    noun = found(describe, described(entry(90), entry(91, Ipv6CidrBlock="2001:db8::/32"), entry(92, egress=True)))
    assert [(one.number, str(one.cidr)) for one in noun.inbound] == [(90, "0.0.0.0/0"), (91, "2001:db8::/32"), (32767, "0.0.0.0/0")]
    places = [one.origin.place for one in (*noun.inbound, *noun.outbound)]
    assert len({str(place) for place in places if place is not None}) == 5


def test_NACL_2_entry_32766_is_one_that_somebody_wrote(describe: Describe) -> None:
    noun = found(describe, described(entry(32766)))
    assert [one.origin.part for one in noun.inbound] == ["ingress rule 32766", "ingress rule *"]
    counted = [entry(number) for number in (*range(1, 41), 32766)]
    assert warnings(describe(**described(*counted))) == ["network ACL `acl-app` has 41 ingress entries; AWS allows 20, and 40 at most"]


def test_more_outbound_entries_than_aws_allows_are_told(describe: Describe) -> None:
    network = describe(**described(*[entry(number, egress=True) for number in range(1, 42)]))
    assert warnings(network) == ["network ACL `acl-app` has 41 egress entries; AWS allows 20, and 40 at most"]


def test_NACL_11_a_block_that_is_cut_is_told_with_its_acl(describe: Describe) -> None:
    (message,) = warnings(describe(**described(entry(90, CidrBlock="10.0.0.99/24"))))
    assert message.startswith("network ACL `acl-app`: `10.0.0.99/24`")


def test_an_association_with_no_subnet_associates_none(describe: Describe) -> None:
    assert found(describe, described(Associations=[{"NetworkAclAssociationId": "aclassoc-1"}])).subnets == ()


def test_all_entries_that_say_nothing_are_told(scenario: Scenario) -> None:
    messages = errors(scenario, "network_acls: {edge: {vpc: main, inbound: [{rule: 1}, {rule: 2}]}}")
    assert messages == ["network ACL `edge`: an entry says `allow` or `deny`, one of them"] * 2


def test_NACL_2_each_direction_has_its_own_entries(scenario: Scenario) -> None:
    hosts = """
subnets: {a: {vpc: main, cidr: 10.0.1.0/24, network_acl: edge}, b: {vpc: main, cidr: 10.0.2.0/24}}
instances:
  one: {subnet: a, security_groups: open, ip: 10.0.1.10}
  two: {subnet: b, security_groups: open, ip: 10.0.2.10}
"""
    rules = (
        "inbound: [{rule: 1, from: 10.0.2.0/24, allow: all}], outbound: [{rule: 2, to: 10.0.2.0/24, deny: tcp/80}, {rule: 3, allow: all}]"
    )
    network = scenario(f"{hosts}\nnetwork_acls: {{edge: {{vpc: main, {rules}}}}}")
    assert refusal(network, "one", "two", "tcp/80") == ("forward", "SUBNET_ACL_RESTRICTION", "edge egress rule 2")
