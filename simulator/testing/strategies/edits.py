"""Small changes of a network, as functions from snapshot to snapshot: a rule more or less, a route elsewhere, a machine stopped.

What users have a word for (`simulator/query/edits.py`) is drawn as that word; states and addresses are put as whole nouns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from simulator.aws.instance import RUNNING, Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.nat_gateway import AVAILABLE, NatGateway
from simulator.aws.network_acl import AclEntry, NetworkAcl
from simulator.aws.network_interface import WITHOUT_GROUPS, NetworkInterface
from simulator.aws.permissions import Permission
from simulator.aws.resource import Noun
from simulator.aws.route_table import RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.packet.prefix import Prefix
from simulator.problems import InputError, Problems
from simulator.query import edits as spoken
from simulator.query.edited import made as made_of
from simulator.testing.strategies.hand import Drawn, Hand
from simulator.testing.strategies.rules import NUMBERS, draw_traffic
from simulator.testing.strategies.sites import EVERYWHERE, REMOTE
from simulator.testing.strategies.thinning import whole_of

# What an edit says, and the changed noun, or an edit that users can say; none where the noun has nothing of the kind to change.
Made = tuple[str, Noun] | spoken.Edit | None
_CHANGEABLE = (SecurityGroup, NetworkAcl, RouteTable, Instance, NatGateway, NetworkInterface, InternetGateway)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change: what it says, and the changed nouns. Apply it by calling it."""

    about: str
    nouns: tuple[Noun, ...] = ()
    gone: tuple[Noun, ...] = ()
    line: str = ""

    @property
    def said(self) -> spoken.Edit | str:
        """The change as `Network.edit` takes it: its line, where it has one."""
        return self.line or spoken.Put(self.nouns, self.gone)

    def __call__(self, snapshot: Snapshot) -> Snapshot:
        """The changed network; the one given stays as it is."""
        return changed(snapshot, *self.nouns, gone=self.gone)

    def __str__(self) -> str:
        return self.about


def changed(snapshot: Snapshot, *nouns: Noun, gone: Iterable[Noun] = ()) -> Snapshot:
    """A snapshot with nouns put in the place of those of the same type and id, or added, and others left out.

    The nouns have to be complete, as those of a snapshot are. Problems are found anew.
    """
    by_type = {of: dict(known) for of, known in snapshot.nouns.items()}
    for noun in gone:
        del by_type[type(noun)][noun.id]
    for noun in nouns:
        by_type.setdefault(type(noun), {})[noun.id] = noun
    found = replace(snapshot, nouns=by_type, problems=Problems(), _indices={})
    for kind in found.kinds:
        if kind.check:
            for noun in found.all_of(kind):
                kind.check(noun, found, found.problems)
    return found


@st.composite
def edits(draw: st.DrawFn, snapshot: Snapshot) -> Edit:
    """A change that makes sense in the network: of one rule, route, association, state or address."""
    hand = Drawn(draw)
    nouns: list[Noun] = [noun for of in _CHANGEABLE for noun in whole_of(snapshot).all(of)]
    drawn = hand.one_of(nouns) if nouns else None
    noun = snapshot.get(type(drawn), drawn.id) if drawn else None
    if noun is None:
        return Edit("nothing to change")
    made = _made(hand, noun)
    if isinstance(made, spoken.Edit):
        try:
            return Edit(str(made), made_of(snapshot, made).nouns, line=str(made))
        except InputError:  # the rule is there already
            return Edit("nothing to change")
    return Edit(f"{noun.id}: {made[0]}", (made[1],)) if made else Edit(f"{noun.id}: nothing to change")


def _made(hand: Hand, noun: Noun) -> Made:
    match noun:
        case SecurityGroup():
            return _group(hand, noun)
        case NetworkAcl():
            return _acl(hand, noun)
        case RouteTable():
            return _table(hand, noun)
        case NetworkInterface():
            return _interface(hand, noun)
        case Instance():
            state = "stopped" if noun.state == RUNNING else RUNNING
            return state, replace(noun, state=state)
        case NatGateway():
            state = "failed" if noun.state == AVAILABLE else AVAILABLE
            return state, replace(noun, state=state)
        case InternetGateway() if noun.attached:
            return "detached", replace(noun, vpc="", attached=False)
        case _:
            return None


def _group(hand: Hand, group: SecurityGroup) -> Made:
    name = hand.one_of(("inbound", "outbound"))
    rules = group.inbound if name == "inbound" else group.outbound
    what = hand.one_of(("add", "remove", "change") if rules else ("add",))
    way = "from" if name == "inbound" else "to"
    if what == "add":
        return spoken.Open(group.id, str(draw_traffic(hand)), way, str(hand.one_of((EVERYWHERE, *REMOTE))))
    at = hand.below(len(rules))
    if what == "remove":
        peer = rules[at].peer
        return spoken.Close(group.id, str(rules[at].traffic), way, str(peer) if isinstance(peer, Prefix) else peer.id)
    other = replace(rules[at], traffic=draw_traffic(hand))
    text = f"{rules[at].origin.part} changed from {rules[at].traffic} to {other.traffic}"
    return text, _with(group, name, (*rules[:at], other, *rules[at + 1 :]))


def _with(group: SecurityGroup, name: str, rules: tuple[Permission, ...]) -> SecurityGroup:
    return replace(group, inbound=rules) if name == "inbound" else replace(group, outbound=rules)


def _acl(hand: Hand, acl: NetworkAcl) -> Made:
    name = hand.one_of(("inbound", "outbound"))
    entries = acl.inbound if name == "inbound" else acl.outbound
    what = hand.one_of(("add", "remove", "turn") if entries else ("add",))
    if what == "add":
        free = [number for number in NUMBERS if all(entry.number != number for entry in entries)]
        if not free:
            return None
        number = hand.one_of(free)
        verb = spoken.Allow if hand.chance(50) else spoken.Deny
        block, traffic = hand.one_of((EVERYWHERE, *REMOTE)), draw_traffic(hand)
        return verb(acl.id, str(number), str(traffic), "from" if name == "inbound" else "to", str(block))
    at = hand.below(len(entries))
    if what == "remove":
        return spoken.Clear(acl.id, str(entries[at].number), name)
    turned = replace(entries[at], permit=not entries[at].permit)
    words = "allows" if turned.permit else "denies"
    return f"{entries[at].origin.part} {words}", _with_entries(acl, name, (*entries[:at], turned, *entries[at + 1 :]))


def _with_entries(acl: NetworkAcl, name: str, entries: tuple[AclEntry, ...]) -> NetworkAcl:
    return replace(acl, inbound=entries) if name == "inbound" else replace(acl, outbound=entries)


def _table(hand: Hand, table: RouteTable) -> Made:
    routes = table.routes
    subnets = table.subnets
    what = hand.one_of(("remove", "blackhole", "leave") if routes else ("leave",))
    if what == "leave":
        if not subnets:
            return None
        left = hand.one_of(subnets)
        return spoken.Release(left, table.id)
    at = hand.below(len(routes))
    if what == "remove":
        return spoken.Unroute(table.id, str(routes[at].destination))
    turned = replace(routes[at], blackhole=not routes[at].blackhole)
    if turned.blackhole or turned.target:
        words = "is a blackhole" if turned.blackhole else "works again"
        return f"{routes[at].origin.part} {words}", replace(table, routes=(*routes[:at], turned, *routes[at + 1 :]))
    return None


def _interface(hand: Hand, interface: NetworkInterface) -> Made:
    if interface.type in WITHOUT_GROUPS or interface.replies_only:
        return None
    paired = [address for address in interface.addresses if address.public]
    what = hand.one_of(("check", "public", "groups") if paired else ("check", "groups"))
    if what == "public":
        lost = hand.one_of(paired)
        kept = tuple(replace(address, public=None) if address == lost else address for address in interface.addresses)
        return "a public address taken away", replace(interface, addresses=kept)
    groups = interface.groups or ()
    if what == "groups" and len(groups) > 1:
        return spoken.Leave(interface.id, hand.one_of(groups))
    return spoken.Check(interface.id, "off" if interface.check else "on")
