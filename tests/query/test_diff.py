"""`simulator.diff`: every flow whose verdict changed, and no other."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import simulator
from simulator.api import Network, diff
from simulator.evaluate.result import Verdict
from simulator.packet.prefix import format_address
from simulator.problems import InputError
from simulator.query.changes import Change, Difference
from simulator.query.parties import parties
from simulator.query.told_apart import Borders
from simulator.testing.strategies import PROFILES, Profile, edits, snapshots
from tests.query.test_exposure import covers, service_of

ROOT = Path(__file__).parents[2]
LAMBDA = ROOT / "scenarios/primer/lambda-nat.yaml"


def told(found: Difference) -> list[tuple[str, str, tuple[str, ...], str, str]]:
    return [
        (source, destination, one.services, one.before.value if one.before else "-", one.after.value if one.after else "-")
        for one in found.changes
        for source in one.sources
        for destination in one.destinations
        if source != destination
    ]


def test_a_route_that_is_gone_and_what_it_carried() -> None:
    network = simulator.load(LAMBDA)
    found = diff(network, network.edit("unroute private-routes 0.0.0.0/0"))
    assert told(found) == [("lambda:report", "internet", ("tcp/443",), "always", "never")]
    (cause,) = found.changes[0].causes
    assert (cause.kind, cause.before, cause.what) == ("route-table", "private-routes", ("route 0.0.0.0/0 (0.0.0.0/0 -> nat) is gone",))
    works, fails = found.changes[0].trips
    assert works is not None
    assert fails is not None
    assert (works.answered, fails.answered) == (True, False)


def test_the_same_network_read_twice_differs_in_nothing(tmp_path: Path) -> None:
    """Where a rule is written does not count."""
    copy = tmp_path / "copy.yaml"
    copy.write_text("# moved down\n\n" + LAMBDA.read_text("utf-8"), "utf-8")
    found = diff(simulator.load(LAMBDA), simulator.load(copy))
    assert (found.changes, found.nouns, found.pairs) == ((), (), 4)


def test_internet_blocks_that_come_and_go_are_told_exactly(tmp_path: Path) -> None:
    """Both before and after only some of the internet gets in; which part changed shows, and that alone."""
    text = (ROOT / "scenarios/primer/s18-public-addresses.yaml").read_text("utf-8")
    rule = "{from: 0.0.0.0/0, allow: tcp/443}"
    assert rule in text
    files = []
    for name, block in (("a", "203.0.113.0/25"), ("b", "203.0.113.0/24")):
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(text.replace(rule, f"{{from: {block}, allow: tcp/443}}"), "utf-8")
    found = diff(*map(simulator.load, files))
    assert told(found) == [("internet", "instance:server", ("tcp/443",), "never", "always")]
    assert found.changes[0].senders == ("203.0.113.128/25",)
    assert [cause.before for cause in found.changes[0].causes] == ["web"]


def test_new_ends_are_told_with_what_they_reach(tmp_path: Path) -> None:
    text = LAMBDA.read_text("utf-8")
    more = tmp_path / "more.yaml"
    more.write_text(text.replace("  nat_gateways:", "  instances:\n    extra: {subnet: private}\n  nat_gateways:", 1), "utf-8")
    found = diff(simulator.load(LAMBDA), simulator.load(more))
    assert (found.new, found.gone) == (("instance:extra",), ())
    assert ("instance:extra", "internet", ("tcp", "udp", "icmp"), "-", "always") in [
        (*one[:2], one[2][:3], *one[3:]) for one in told(found)
    ]
    back = diff(simulator.load(more), simulator.load(LAMBDA))
    assert (back.new, back.gone) == ((), ("instance:extra",))
    assert {(one.before, one.after) for one in back.changes} == {(Verdict.ALWAYS, None)}


def test_ends_under_new_ids_are_the_same_ends(tmp_path: Path) -> None:
    other = tmp_path / "renamed.yaml"
    other.write_text((ROOT / "scenarios/primer/s18-public-addresses.yaml").read_text("utf-8").replace("server:", "machine:"), "utf-8")
    network = simulator.load(ROOT / "scenarios/primer/s18-public-addresses.yaml")
    found = diff(network, simulator.load(other))
    assert found.renamed == (("instance:server", "instance:machine"),)
    assert found.changes == ()


# --- against `can` ---------------------------------------------------------------------------------------------------------------


def verdict(network: Network, change: Change, number: int, found: Difference) -> Verdict | None:
    """What `can` says of the witness's header in one of the networks."""
    trip = next(trip for trip in change.trips if trip)
    flow = trip.forward.sent
    names = {new: old for old, new in found.renamed} if number == 0 else {}
    source, destination = (names.get(word, word) for word in (change.sources[0], change.destinations[0]))
    source = format_address(flow.version, flow.source) if change.senders or source == "internet" else source
    destination = format_address(flow.version, flow.destination) if change.receivers or destination == "internet" else destination
    port = flow.source_port if flow.has_ports else None
    return network.can(source, destination, service_of(flow), source_port=port).verdict


@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data(), profile=st.sampled_from(PROFILES))
def test_what_changed_and_nothing_else(data: st.DataObject, profile: Profile) -> None:
    """Against `can` in both networks: each change's witness has its two verdicts, and a question answered otherwise lies in a change."""
    snapshot = data.draw(snapshots(profile))
    changed = snapshot
    for _ in range(data.draw(st.integers(1, 3))):
        changed = data.draw(edits(changed))(changed)
    before, after = Network(snapshot, "before"), Network(changed, "after")
    found = diff(before, after)
    for change in found.changes[:8]:
        if change.before and change.after and not change.destinations[0].startswith("onprem"):
            assert [verdict(network, change, number, found) for number, network in enumerate((before, after))] == [
                change.before,
                change.after,
            ], (
                change.source,
                change.destination,
                change.services,
                change.senders,
                change.receivers,
                next(str(t.forward.sent) for t in change.trips if t),
            )
    words = [word for word, _ in parties(after.flow_graph, changed, None)]
    services = [name for name, _ in Borders.of(after.flow_graph).services()]
    for _ in range(8 if words else 0):
        source, destination = data.draw(st.sampled_from(words)), data.draw(st.sampled_from(words))
        service = data.draw(st.sampled_from(services)).partition(",")[0].partition("-")[0]
        try:
            was, now = (network.can(source, destination, service).verdict for network in (before, after))
        except InputError:
            continue
        if was is not now:
            some = [one for one in found.changes if source in one.sources and destination in one.destinations]
            assert any(covers(word, service) for one in some for word in one.services), (source, destination, service, was, now)
