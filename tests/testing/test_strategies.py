"""The strategies: networks that AWS would accept, packets and questions that fit them, small failing examples, and the entry point."""

import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, find, given, settings
from hypothesis import strategies as st

from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.permissions import GroupPeer, ListPeer
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.subnet import Subnet
from simulator.aws.transit_gateway import TransitAttachment, TransitRouteTable
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.compile import compile_snapshot
from simulator.evaluate.result import Disposition
from simulator.packet.prefix import BITS, Prefix
from simulator.packet.service import Service
from simulator.problems import InputError, Severity
from simulator.query import reach
from simulator.testing.strategies import (
    MIXED,
    PROFILES,
    SLOPPY,
    TRANSIT_HEAVY,
    WIDE,
    any_flows,
    changed,
    edits,
    entry_names,
    flows,
    networks,
    outline,
    packets,
    prefixes,
    questions,
    ranges,
    services,
    snapshots,
)
from simulator.testing.strategies.flows import draw_packet
from simulator.testing.strategies.hand import Dice
from simulator.testing.strategies.networks import network_of
from simulator.testing.strategies.thinning import part_of, without
from tests.properties.walks import trip_of

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "property-testing.md"
TOP_LEVEL = ROOT / "simulator" / "_toplevel"
few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


FINDING = settings(few, max_examples=3000, database=None)
ROUTES = {
    "a default route": lambda entry: entry.destination == Prefix(4, 0, 0),
    "a prefix list": lambda entry: isinstance(entry.destination, str),
    "a blackhole": lambda entry: entry.blackhole,
    "propagated": lambda entry: entry.propagated,
    "to an instance": lambda entry: entry.kind == "instance",
    "to an interface": lambda entry: entry.kind == "network-interface",
    "over a peering": lambda entry: entry.kind == "vpc-peering-connection",
    "to a transit gateway": lambda entry: entry.kind == "transit-gateway" and entry.target != "tgw-unread",
    "to an egress-only gateway": lambda entry: entry.kind == "egress-only-internet-gateway",
    "for NAT64": lambda entry: entry.destination == Prefix.parse("64:ff9b::/96"),
    "to an endpoint": lambda entry: entry.kind == "vpc-endpoint",
}


# What AWS gives every VPC.
IMPLIED = frozenset({"network-acl", "security-group", "route-table"})
DRAWN = (
    *("vpc", "subnet", "internet-gateway", "route-table", "network-acl", "security-group", "prefix-list", "vpc-peering-connection"),
    *("transit-gateway", "transit-gateway-attachment", "transit-gateway-route-table", "vpc-endpoint", "nat-gateway", "instance"),
    "egress-only-internet-gateway",
    *("network-interface", "lambda-function", "database", "cache", "event-source"),
)


# --- networks --------------------------------------------------------------------------------------------------------------------


@few
@given(st.sampled_from([*PROFILES, WIDE]).flatmap(snapshots))
def test_drawn_networks_are_what_aws_accepts(snapshot):
    """Or at least says nothing against: a load balancer may face the internet without a route to it."""
    told = [problem for problem in snapshot.problems if problem.severity is not Severity.NOT_MODELLED]
    assert [problem for problem in told if not re.search("was not read|internet-facing, but its subnet", problem.message)] == []


@few
@given(snapshots(SLOPPY))
def test_sloppy_networks_can_be_read_all_the_same(snapshot):
    assert snapshot.problems.errors == []
    compile_snapshot(snapshot)


@few
@given(snapshots(replace(MIXED, gaps=0)))
def test_a_profile_without_gaps_has_read_everything(snapshot):
    assert [problem.message for problem in snapshot.problems] == []


@pytest.mark.parametrize("name", DRAWN)
def test_every_kind_turns_up(name):
    assert once(lambda snapshot: any(kind.name == name for kind, _ in snapshot.everything()))


@pytest.mark.parametrize("wanted", ROUTES.values(), ids=ROUTES)
def test_every_kind_of_route_turns_up(wanted):
    assert once(lambda snapshot: any(wanted(entry) for table in snapshot.all(RouteTable) for entry in table.routes))


@pytest.mark.parametrize("peer", [Prefix, GroupPeer, ListPeer])
def test_every_kind_of_peer_turns_up(peer):
    assert once(lambda snapshot: any(isinstance(rule.peer, peer) for group in snapshot.all(SecurityGroup) for rule in group.inbound))


def test_rare_things_turn_up():
    conditions = {
        "secondary blocks": lambda s: any(sum(c.version == 4 for c in vpc.cidrs) > 1 for vpc in s.all(Vpc)),
        "a function that may use IPv6": lambda s: any(one.speaks_ipv6 for one in s.all(LambdaFunction)),
        "a subnet without IPv4": lambda s: any(all(c.version == 6 for c in subnet.cidrs) for subnet in s.all(Subnet)),
        "a delegated block": lambda s: any(one.delegated for one in s.all(NetworkInterface)),
        "IPv6": lambda s: any(c.version == 6 for vpc in s.all(Vpc) for c in vpc.cidrs),
        "a stopped instance": lambda s: any(one.state != "running" for one in s.all(Instance)),
        "a guest that forwards": lambda s: any(one.forwards for one in s.all(Instance)),
        "two interfaces": lambda s: any(len(one.interfaces) > 1 for one in s.all(Instance)),
        "several addresses": lambda s: any(
            len(one.addresses) > 1 for one in s.all(NetworkInterface) if one.type == "nat_gateway"
        ),
        "a detached gateway": lambda s: any(not one.attached for one in s.all(InternetGateway)),
        "a function outside": lambda s: any(not one.subnets for one in s.all(LambdaFunction)),
        "a local route replaced": lambda s: any(
            entry.destination in vpc.cidrs and table.vpc == vpc.id
            for vpc in s.all(Vpc)
            for table in s.all(RouteTable)
            for entry in table.routes
        ),
        "a rule that names a group of another VPC": lambda s: any(
            isinstance(rule.peer, GroupPeer) and (other := s.get(SecurityGroup, rule.peer.id)) and other.vpc != group.vpc
            for group in s.all(SecurityGroup)
            for rule in group.inbound
        ),
        "a transit gateway in appliance mode": lambda s: any(one.appliance_mode for one in s.all(TransitAttachment)),
        "transit gateways that are peered": lambda s: any(one.type == "peering" for one in s.all(TransitAttachment)),
        "an attachment without a table": lambda s: any(not table for one in s.all(TransitAttachment) for _, table in one.tables),
        "a table that an attachment names": lambda s: any(
            table and not table.endswith("-routes") for one in s.all(TransitAttachment) for _, table in one.tables
        ),
        "a static transit route": lambda s: any(route.attachment for table in s.all(TransitRouteTable) for route in table.routes),
        "a transit blackhole": lambda s: any(not route.attachment for table in s.all(TransitRouteTable) for route in table.routes),
        "propagation of some only": lambda s: any(
            0 < len(table.propagations) < sum(table.gateway in one.gateways for one in s.all(TransitAttachment))
            for table in s.all(TransitRouteTable)
        ),
        "a table of an internet gateway": lambda s: any(table.gateways and table.routes for table in s.all(RouteTable)),
        "a gateway endpoint": lambda s: any(one.type == "Gateway" for one in s.all(VpcEndpoint)),
        "an interface endpoint": lambda s: any(one.type == "Interface" for one in s.all(VpcEndpoint)),
        "an endpoint that is not modelled": lambda s: any(one.type == "GatewayLoadBalancer" for one in s.all(VpcEndpoint)),
        "what was not read": lambda s: any(prefixes.entries is None for prefixes in s.all(PrefixList)),
    }  # fmt: skip
    assert [name for name, condition in conditions.items() if not once(condition)] == []


def once(condition) -> bool:
    """Whether a condition holds in one of a few hundred drawn networks."""
    return any(condition(snapshot) for snapshot in some_networks())


def some_networks(known=[]):  # noqa: B006 - drawn once for all tests
    if not known:

        @settings(few, max_examples=400, derandomize=True, database=None)
        @given(snapshots(replace(MIXED, rare=10, gaps=60, ipv6=20, transit=50, endpoints=30)))
        def gather(snapshot):
            known.append(snapshot)

        gather()
    return known


def test_failing_examples_are_small():
    found = find(
        snapshots(replace(MIXED, vpcs=1, rare=0, gaps=0)),
        lambda snapshot: any(group.inbound for group in snapshot.all(SecurityGroup) if not group.default),
        settings=FINDING,
        random=Random(1),
    )
    assert len(outline(found).splitlines()) <= 5  # the VPC, what AWS gives each, and the group
    assert re.search(r"security-group sg-\d vpc=vpc-1 inbound=\[0.0.0.0/0:all\]", repr(found))


@st.composite
def delivered_over_a_transit_gateway(draw):
    snapshot = draw(snapshots(replace(TRANSIT_HEAVY, vpcs=2, rare=1, gaps=0)))
    packet = draw(packets(snapshot))
    forward = trip_of(snapshot, packet).forward
    crosses = any(step.place.kind == "transit-gateway" for step in forward.steps)
    return snapshot, crosses and forward.disposition is Disposition.DELIVERED


def test_failing_examples_with_a_transit_gateway_are_small():
    """Two VPCs with their subnets, a route table, a group, who sends and who takes; the gateway, its table and attachments."""
    found = [
        find(delivered_over_a_transit_gateway(), lambda drawn: drawn[1], settings=FINDING, random=Random(seed))[0] for seed in (1, 2, 3)
    ]
    snapshot = min(found, key=lambda each: len(outline(each).splitlines()))  # what is drawn first depends on all modules that are loaded
    assert sum(kind.name not in IMPLIED for kind, _ in snapshot.everything()) <= 13
    assert len(outline(snapshot).splitlines()) <= 22


def test_what_goes_takes_along_what_cannot_be_without_it():
    whole = network_of(1, TRANSIT_HEAVY)
    nouns = [noun for _, noun in whole.everything()]
    for noun in nouns:
        if noun.id.endswith("-routes"):  # a transit gateway names its default table, which comes back
            continue
        left = without(nouns, {noun.id})
        assert noun not in left
        assert not any(f"='{noun.id}'" in repr(other) for other in left)


def test_a_packet_is_the_same_when_other_parts_go():
    whole = network_of(3, TRANSIT_HEAVY)
    nouns = [noun for _, noun in whole.everything()]
    packet = draw_packet(Dice(5), whole)
    last = next(noun for noun in reversed(nouns) if noun.id != packet.entry and isinstance(noun, NetworkInterface))
    part = part_of(whole, changed(whole, gone=[last]))
    assert draw_packet(Dice(5), part) == packet


def test_drawing_is_fast():
    """About five hundred networks a second on an idle machine; a tenth of that would make every property slow."""
    count = 0

    @settings(few, max_examples=100, derandomize=True, database=None)
    @given(snapshots())
    def draw(snapshot):
        nonlocal count
        count += 1

    start = time.process_time()
    draw()
    assert (time.process_time() - start) / count < 0.02


# --- packets, questions, edits ---------------------------------------------------------------------------------------------------


@few
@given(st.data())
def test_entries_are_those_of_the_graph(data):
    snapshot = data.draw(st.sampled_from([MIXED, WIDE]).flatmap(snapshots))
    assert set(entry_names(snapshot)) == set(compile_snapshot(snapshot).entries)


@few
@given(st.data())
def test_flows_are_headers_as_they_can_be(data):
    snapshot = data.draw(snapshots())
    flow = data.draw(st.one_of(flows(snapshot), packets(snapshot).map(lambda packet: packet.flow), any_flows()))
    assert 0 <= flow.source < 1 << BITS[flow.version]
    assert 0 <= flow.destination < 1 << BITS[flow.version]
    assert flow.has_ports or (flow.source_port, flow.destination_port) == (0, 0)
    assert flow.has_types or (flow.icmp_type, flow.icmp_code) == (0, 0)


@few
@given(st.data())
def test_questions_can_be_asked(data):
    network = data.draw(st.sampled_from([MIXED, WIDE]).flatmap(networks))
    question = data.draw(questions(network))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "PIECE_LIMIT", 600)
        try:
            question.ask(network)
        except InputError as error:
            if "different pieces" not in str(error):  # has a meaning all the same
                raise


@few
@given(st.data())
def test_the_ends_of_questions_can_be_given(data):
    network = data.draw(networks())
    assert data.draw(questions(network, source="internet")).source == "internet"
    question = data.draw(questions(network, destination="8.8.8.8", services=("udp/53",)))
    assume(question.source not in {"internet", "8.8.8.8", "203.0.113.0/24", "service:s3"})
    assert (question.destination, question.service) == ("8.8.8.8", "udp/53")
    question.ask(network)


@few
@given(st.data())
def test_a_word_of_version_six_is_asked_about_where_version_six_is_spoken(data):
    network = data.draw(networks(replace(MIXED, ipv6=100, vpcs=1, subnets=1, rare=0)))
    assume(any(version == 6 for one in network.snapshot.all(NetworkInterface) for version, _ in one.private_addresses))
    question = data.draw(questions(network, destination="2001:db8:ffff::9", services=("tcp/443",)))
    assert question.source != "internet"
    question.ask(network)


@few
@given(st.data())
def test_edits_change_something_or_say_that_there_is_nothing(data):
    snapshot = data.draw(snapshots())
    edit = data.draw(edits(snapshot))
    after = edit(snapshot)
    assert (after.nouns != snapshot.nouns) == bool(edit.nouns) or "changed" in str(edit)
    compile_snapshot(after)


def test_a_change_of_ones_own_leaves_the_old_network_alone():
    old = next(iter(some_networks()))
    vpc = next(old.all(Vpc))
    new = changed(old, replace(vpc, name="other"))
    assert (next(old.all(Vpc)).name, new.get(Vpc, vpc.id).name) == ("", "other")


# --- values and types ------------------------------------------------------------------------------------------------------------


@few
@given(prefixes(), prefixes(version=6), services(), ranges())
def test_values_are_what_their_types_allow(prefix, six, service, some):
    assert Prefix.parse(str(prefix)) == prefix
    assert six.version == 6
    assert Service.parse(str(service)) == service
    assert all(first <= last for first, last in some)


def run(code: str, *, path: list[Path]) -> str:
    script = f"import sys; sys.path[:0] = {[str(folder) for folder in path]!r}\n{code}"
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


REGISTERED = """
import hypothesis, vpcsim_hypothesis
vpcsim_hypothesis.wait_for_simulator()
before = [name for name in sys.modules if name.startswith("simulator")]
from simulator.packet.prefix import Prefix
after = "simulator.testing.strategies" in sys.modules
from hypothesis import given, settings, strategies as st
@settings(max_examples=5, database=None)
@given(st.from_type(Prefix))
def test(prefix):
    assert isinstance(prefix, Prefix)
test()
print(before, after)
"""


def test_types_are_registered_when_the_package_is_imported_and_not_before():
    assert run(REGISTERED, path=[TOP_LEVEL, ROOT]).strip() == "[] False"


def test_types_are_registered_where_the_package_came_first():
    early = REGISTERED.replace("import hypothesis,", "import simulator, hypothesis,")
    assert run(early, path=[TOP_LEVEL, ROOT]).strip().endswith("False")


def test_a_package_simulator_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "simulator").mkdir()
    (tmp_path / "simulator" / "__init__.py").write_text("OWNER = 'stranger'\n", "utf-8")
    code = "import vpcsim_hypothesis; vpcsim_hypothesis.wait_for_simulator(); import simulator; print(simulator.OWNER, len(sys.meta_path))"
    assert run(code, path=[TOP_LEVEL, tmp_path]).split()[0] == "stranger"


@pytest.mark.parametrize("number", [0, 1])
def test_the_guide_runs(number, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    code = blocks[number].replace('"scenarios/', f'"{ROOT}/scenarios/')
    (tmp_path / "test_network.py").write_text(code, "utf-8")
    run_pytest = (
        f"import os, pytest; os.chdir({str(tmp_path)!r}); sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_network.py']))"
    )
    assert "1 passed" in run(run_pytest, path=[ROOT])
