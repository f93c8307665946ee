"""What the worker is told about a network: rule sets, routes, roles. Plain values, so that they travel through a pipe as JSON.

Devices, by the number of an interface (`i`), an internet gateway (`j`) and a NAT instance (`k`):

    card     t{i} the guest's side (TUN)    c{i} the veth to the fabric
    fabric   f{i} the other end of c{i}     g{j} the veth to the edge      a{n} the veth of a transit attachment's subnet
             l{p}, r{p} a peering's veth, both ends here                   s{q} the veth to a gateway endpoint's service
    edge     e{j} the other end of g{j}     h0 the internet (TUN)          o{q} the other end of s{q}    w{q} the service (TUN)
    transit  b{n} the other end of a{n}     y{m}, z{m} a veth that joins two transit gateways
    guest    u{k} from and to t{i} (the worker carries packets over)       v{k} for the instance itself

    fabric, edge and transit have sinks, x...

Tables: card 1000 + i for packets from t{i}, 2000 + i for packets from c{i}. Fabric: a packet is looked up in the on-link table of its
subnet, the way back of a peering (NAT-14), the route table, the local table of its VPC, the last table. A mark that its input device
gives it selects them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything a bed has; the usual ones serve small networks in little time."""

    interfaces: int = 48
    gateways: int = 8
    nat_instances: int = 10
    subnets: int = 40
    tables: int = 40
    vpcs: int = 8
    peerings: int = 6
    ports: int = 12
    transit_tables: int = 24
    joints: int = 3
    services: int = 3

    def holds(self, other: Sizes) -> str:
        """What of `other` does not fit, in words; empty when all of it does."""
        mine, theirs = asdict(self), asdict(other)
        return ", ".join(f"{theirs[name]} {name.replace('_', ' ')} (at most {most})" for name, most in mine.items() if theirs[name] > most)

    def with_all_of(self, other: Sizes) -> Sizes:
        """At least this much of everything, and at least as much as `other`."""
        mine, theirs = asdict(self), asdict(other)
        return Sizes(**{name: max(most, theirs[name]) for name, most in mine.items()})


USUAL = Sizes()
MOST = Sizes(250, 60, 60, 190, 190, 90, peerings=45, ports=120, transit_tables=250, joints=20, services=20)  # bits of marks, tables

FROM_GUEST, FROM_FABRIC = 1000, 2000
ON_LINK, ROUTED, LOCAL, LAST = 100, 300, 500, 999
RETURN, RETURN_ORDER = 600, 299
INTERNET_TABLE = 900
TO_SERVICE, FROM_SERVICE = 700, 800
TRANSIT = 100
GUEST_TABLE = 100

SINKS = {
    "fabric": ("xonlink", "xnoroute", "xblackhole", "xnoaddr", "xzone", "xnotbuilt"),
    "edge": ("xprivate", "xnogateway"),
    "transit": ("xnoroute", "xblackhole", "xdead", "xnotbuilt"),
}
LOG_GROUP = 1
DROPPED, TRANSLATED, PASSED = "D", "T", "P"
TRACED = ("card", "fabric", "edge", "transit")
NOT_BUILT = "not built"
"""The kind of the sites behind which something of the network is that the bed does not build."""

# A packet whose time to live is nearly over has gone round in circles; no honest way is that long.
LAST_STEPS = 6

INTERNET = -1
"""The number of the internet where a place is wanted; services behind gateway endpoints follow below it."""
SERVICE = -2


def mark(*, subnet: int = -1, table: int = -1, vpc: int = -1, back: int = -1) -> int:
    """The mark of packets from a device; 0 in a part: it has none."""
    return (subnet + 1) | (table + 1) << 8 | (vpc + 1) << 16 | (back + 1) << 24


@dataclass(frozen=True, slots=True)
class Site:
    """Where a packet can be lost: what kind of check, the resource it belongs to, and its rule (`ingress rule 100`), if it has one."""

    kind: str
    place: str
    rule: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.place, self.rule)))


@dataclass(frozen=True, slots=True)
class Card:
    """An interface as the worker plays its guest. `forwards`: `route` writes packets for others back, `nat` takes them to the guest
    namespace under the number `nat`, those for a `nat-gateway` never get here; otherwise none should come.
    """

    own: tuple[int, ...]
    forwards: str = ""
    nat: int = -1


@dataclass(slots=True)
class Plan:
    """Everything about one network. `rules` are texts for nft, `routes` lists of (table, first address, length, device), by namespace.

    `sites` (and back: `numbers`) and `translators` are what the prefixes of log entries number; `translating` are the addresses of
    NATs, inner and outer. `memories` are the sets of the fabric that packets write.
    """

    rules: dict[str, str] = field(default_factory=dict)
    routes: dict[str, list[tuple[int, int, int, str]]] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    translators: list[str] = field(default_factory=list)
    translating: list[int] = field(default_factory=list)
    memories: list[str] = field(default_factory=list)
    numbers: dict[Site, int] = field(default_factory=dict, repr=False)

    def site(self, kind: str, place: str, rule: str = "") -> str:
        """The nft statement that logs a packet as lost at a site, and drops it."""
        found = Site(kind, place, rule)
        number = self.numbers.setdefault(found, len(self.sites))
        if number == len(self.sites):
            self.sites.append(found)
        return f"{_log(f'{DROPPED}{number}')} drop"

    def sighting(self, place: str) -> str:
        """The nft statement that logs a packet as translated by a NAT."""
        if place not in self.translators:
            self.translators.append(place)
        return _log(f"{TRANSLATED}{self.translators.index(place)}")

    def trace(self) -> None:
        """Have every room log each packet that it carries on, with the devices it came by and goes out by."""
        for room, text in self.rules.items():
            if room in TRACED:
                chain = f"chain passing {{ type filter hook forward priority -10;\n{_log(PASSED)}\n}}\n"
                self.rules[room] = text.removesuffix("}") + chain + "}"

    def for_worker(self) -> dict[str, Any]:
        """What the worker needs of it."""
        return {"rules": self.rules, "routes": self.routes, "cards": [asdict(card) for card in self.cards], "memories": self.memories}


def _log(prefix: str) -> str:
    return f'log prefix "{prefix}" group {LOG_GROUP} snaplen 64 queue-threshold 1'
