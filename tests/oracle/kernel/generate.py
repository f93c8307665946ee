"""Random small networks in the scenario format: network number N of seed S is the same everywhere.

Bias matters more than size. Ports and blocks come from few boundary values, so that rules overlap and touch; most filters are open, so
that packets get far enough to meet the ones that are not; default routes are the rule. A third of the networks are several VPCs that
peerings or transit gateways join. Four profiles rotate: everything mixed, open
with half-closed lists, one restrictive filter in an open network, and a forwarding instance between two subnets.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.packet.prefix import Prefix, format_address
from tests.oracle.kernel.joints import join, serve

Json = dict[str, Any]
PROFILES = ("mixed", "half open", "one restrictive", "between")
BETWEEN = "between"
VPC_BLOCKS = ("10.0.0.0/16", "10.0.0.0/16", "172.31.0.0/16", "100.64.0.0/16", "11.22.0.0/16")
SEPARATE_BLOCKS = ("10.0.0.0/16", "10.2.0.0/16", "172.31.0.0/16", "100.64.0.0/16", "11.22.0.0/16")
SECOND_BLOCKS = ("100.65.0.0/16", "10.1.0.0/16")
PORTS = (22, 53, 80, 443, 1023, 1024, 5432, 32767, 32768, 49152, 60999, 61000, 65535)
WORLD = ("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "198.51.100.0/24", "198.51.100.7/32", "203.0.113.0/24", "10.0.0.0/8", "8.0.0.0/7")
REGIONS = ("us-east-1", "eu-west-1")
FURTHER_ROUTES = ("198.51.100.0/24", "198.51.100.7/32", "0.0.0.0/1", "203.0.113.0/24", "10.0.0.0/8", "8.8.8.8/32")


@dataclass
class Site:
    """A VPC under construction: names of what is there, to refer to. `beyond` are blocks of the VPCs it is joined with, `ways` routes
    that lead to them.
    """

    name: str
    gateway: str = ""
    blocks: list[str] = field(default_factory=list)
    subnets: list[str] = field(default_factory=list)
    front: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    appliances: list[str] = field(default_factory=list)
    publics: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    foreign_groups: list[str] = field(default_factory=list)
    ways: list[tuple[str, str]] = field(default_factory=list)


class Generator:
    """One network: `network` grows section by section."""

    def __init__(self, seed: object) -> None:
        self.random = random.Random(f"kernel oracle {seed}")
        self.profile = self.random.choice(PROFILES)
        self.joined = self.chance(0.36)
        self.far = self.joined and self.chance(0.12)
        self.blocks = self.random.sample(SEPARATE_BLOCKS, 3)
        self.network: Json = {}
        self.taken: set[str] = set()
        self.next_public = 10

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def add(self, section: str, name: str, **fields: Any) -> str:
        self.network.setdefault(section, {})[name] = {key: value for key, value in fields.items() if value not in (None, [], {})}
        return name

    def build(self) -> Json:
        """The network; sections refer to each other, so the order of the calls matters."""
        count = self.random.choice((2, 2, 3)) if self.joined else 2 if self.chance(0.2) else 1
        sites = []
        for number in range(count):
            site = self._vpc(number)
            sites.append(site)
            for letter in range(self.random.randint(3 if self.profile == BETWEEN else 1, 4)):
                self._subnet(site, letter)
            self._lists(site)
            self._groups(site)
            self._translators(site)
            self._hosts(site)
        if self.joined:
            join(self, sites)
        for site in sites:
            self._rules(site)
            self._tables(site)
            if self.joined:
                serve(self, site)
        return self.network

    # --- what stands there -----------------------------------------------------------------------------------------------------------

    def _vpc(self, number: int) -> Site:
        block = self.blocks[number] if self.joined and self.chance(0.94) else self.random.choice(VPC_BLOCKS)
        site = Site(f"v{number}", blocks=[block])
        if self.chance(0.12):
            second = self.random.choice(SECOND_BLOCKS)
            if not Prefix.parse(second).overlaps(Prefix.parse(site.blocks[0])):
                site.blocks.append(second)
        if self.chance(0.95):
            site.gateway = f"igw{number}"
        region = self.random.choice(REGIONS) if self.far else None
        self.add("vpcs", site.name, cidr=list(site.blocks), internet_gateway=site.gateway or None, region=region)
        if self.chance(0.03):
            self.add("internet_gateways", f"loose{number}")
            site.appliances.append(f"loose{number}")
        return site

    def _subnet(self, site: Site, letter: int) -> None:
        block = Prefix.parse(self.random.choice(site.blocks))
        # Neighbours, so that the address before and after a block is another subnet's.
        offset = letter * 256
        cidr = f"{format_address(4, block.value + offset)}/{self.random.choice((24, 24, 25, 28))}"
        zone = self.random.choice("aaab") if self.joined else None
        name = self.add("subnets", f"{site.name}s{letter}", vpc=site.name, cidr=cidr, zone=zone)
        site.subnets.append(name)
        if letter == 0 or self.chance(0.15):
            site.front.append(name)

    def _address(self, subnet: str) -> str | None:
        """A free address: the first ones, the last one, or one in between."""
        block = Prefix.parse(self.network["subnets"][subnet]["cidr"])
        offsets = [4, 5, 6, 7, block.size // 2, block.size - 2]
        self.random.shuffle(offsets)
        for offset in offsets:
            address = format_address(4, block.value + offset)
            if f"{subnet} {address}" not in self.taken:
                self.taken.add(f"{subnet} {address}")
                return address
        return None

    def _public(self, site: Site, share: float) -> str | None:
        if not self.chance(share):
            return None
        self.next_public += 1
        address = f"203.0.113.{self.next_public}"
        site.publics.append(address)
        return address

    def _translators(self, site: Site) -> None:
        for number in range(self.random.choice((0, 1, 1, 2))):
            subnet, name = self._for_appliance(site), f"{site.name}nat{number}"
            private = self._address(subnet)
            public = self._public(site, 0.9)
            if private is None:
                continue
            more = []
            if self.chance(0.35) and (second := self._address(subnet)):
                more = [{"private_ip": second} | ({"public_ip": other} if public and (other := self._public(site, 0.9)) else {})]
            state = self.random.choice(("failed", "deleted", "pending")) if self.chance(0.04) else None
            kind = None if public else "private"
            self.add("nat_gateways", name, subnet=subnet, private_ip=private, public_ip=public, type=kind, secondary=more, state=state)
            site.appliances.append(name)
        for forwards, share in (("nat", 0.4), ("route", 0.5)):
            if self.chance(share) or (forwards == "route" and self.profile == BETWEEN):
                subnet, name = self._for_appliance(site), f"{site.name}{forwards}box"
                address = self._address(subnet)
                public = self._public(site, 0.9 if forwards == "nat" else 0.3)
                check = None if self.chance(0.1) else False
                if address:
                    self._instance(site, name, subnet, address, public, source_dest_check=check, forwards=forwards)
                    site.appliances.append(name if self.chance(0.5) else f"{name}-eni")

    def _for_appliance(self, site: Site) -> str:
        return self.random.choice(site.front if self.chance(0.85) else site.subnets)

    def _hosts(self, site: Site) -> None:
        for number in range(self.random.randint(2, 3 if self.joined else 5)):
            subnet = site.subnets[number + 1] if self.profile == BETWEEN and number < 2 else self.random.choice(site.subnets)
            address = self._address(subnet)
            if address is None:
                continue
            more = {}
            if self.chance(0.15) and (second := self._address(subnet)):
                more[second] = self._public(site, 0.5)
            name = f"{site.name}i{number}"
            self._instance(site, name, subnet, address, self._public(site, 0.45), secondary_ips=more)
        if self.chance(0.25):
            subnets = self.random.sample(site.subnets, min(len(site.subnets), self.random.choice((1, 1, 2))))
            self.add("lambdas", f"{site.name}fn", subnets=subnets, security_groups=self.some_groups(site))

    def _instance(self, site: Site, name: str, subnet: str, address: str, public: str | None, **more: Any) -> None:
        state = "stopped" if self.chance(0.03) else None
        groups = self.some_groups(site)
        self.add("instances", name, subnet=subnet, ip=address, public_ip=public, security_groups=groups, state=state, **more)

    # --- filters ---------------------------------------------------------------------------------------------------------------------

    def _lists(self, site: Site) -> None:
        if self.chance(0.35):
            entries = self.random.sample(("198.51.100.0/24", "8.8.8.0/24", "0.0.0.0/1", "192.0.2.0/24", "203.0.113.0/24"), 2)
            self.add("prefix_lists", f"{site.name}list", entries=entries)

    def _groups(self, site: Site) -> None:
        site.groups = [self.add("security_groups", f"{site.name}g{n}", vpc=site.name) for n in range(self.random.randint(1, 4))]

    def some_groups(self, site: Site) -> list[str] | None:
        if self.chance(0.05):
            return None
        return self.random.sample(site.groups, min(len(site.groups), self.random.choice((1, 1, 1, 2))))

    def _rules(self, site: Site) -> None:
        """The rules come last, so that they can name the addresses of everything."""
        blocks = self._blocks(site)
        restrictive = self.random.choice([*site.groups, *site.subnets])
        for name in site.groups:
            group = self.network["security_groups"][name]
            open_share = {"half open": 0.75, "one restrictive": 0.0 if name == restrictive else 0.95}.get(self.profile, 0.45)
            group["inbound"] = (
                [{"from": "0.0.0.0/0", "allow": "all"}] if self.chance(open_share) else self._group_rules(site, "from", blocks)
            )
            if self.profile == BETWEEN and self.chance(0.5):
                group["inbound"] = [{"from": self.random.choice(site.groups), "allow": "all"}]
            if not self.chance(max(open_share, 0.75)):
                group["outbound"] = self._group_rules(site, "to", blocks)
        for number, subnet in enumerate(site.subnets):
            share = {BETWEEN: 0.2, "one restrictive": 1.0 if subnet == restrictive else 0.08}.get(self.profile, 0.5)
            if self.chance(share):
                name = self.add("network_acls", f"{site.name}acl{number}", vpc=site.name, subnets=[subnet])
                acl = self.network["network_acls"][name]
                acl["inbound"], acl["outbound"] = self._acl_rules("from", blocks), self._acl_rules("to", blocks)

    def _blocks(self, site: Site) -> list[str]:
        subnets = [self.network["subnets"][name]["cidr"] for name in site.subnets]
        hosts = [entry["ip"] for entry in self.network.get("instances", {}).values()] + site.publics
        near = []
        for text in hosts:
            value = Prefix.parse(text).value
            near += [f"{text}/32", str(Prefix(4, value >> 1 << 1, 31)), str(Prefix(4, value >> 4 << 4, 28))]
        return [*site.blocks, *subnets * 2, *near, *site.beyond, *WORLD, "0.0.0.0/0", "0.0.0.0/0"]

    def _ports(self) -> str:
        first, last = sorted(self.random.choices(PORTS, k=2))
        if self.chance(0.4):
            last = first
        elif self.chance(0.5):
            first, last = self.random.choice(((0, 65535), (1024, 65535), (32768, 65535), (32768, 60999), (0, 1023), (1, 65535)))
        return str(first) if first == last else f"{first}-{last}"

    def _service(self) -> str:
        kind = self.random.choice(("all", "all", "tcp", "tcp", "tcp", "tcp", "udp", "udp", "icmp"))
        if kind == "icmp":
            return self.random.choice(("icmp", "icmp/8", "icmp/0", "icmp/8/0", "icmp/13", "icmp/14"))
        return kind if kind == "all" or self.chance(0.15) else f"{kind}/{self._ports()}"

    def _group_rules(self, site: Site, end: str, blocks: Sequence[str]) -> list[Json]:
        peers = [*blocks, *site.groups * 5, *site.foreign_groups * 3, *([f"{site.name}list"] * 3 if "prefix_lists" in self.network else [])]
        return [{end: self._peer(peers), "allow": self._service()} for _ in range(self.random.randint(0, 4))]

    def _peer(self, peers: Sequence[str]) -> str:
        peer = self.random.choice(peers)
        return peer if peer not in {"v0list", "v1list", "v2list"} or peer in self.network.get("prefix_lists", {}) else "0.0.0.0/0"

    def _acl_rules(self, end: str, blocks: Sequence[str]) -> list[Json]:
        """Some denials and permissions, and mostly a last rule that opens everything or the ephemeral ports."""
        numbers = self.random.sample(range(90, 130), self.random.randint(0, 4))
        open_share = 0.95 if self.profile == "half open" else 0.8
        rules = [
            {"rule": number, end: self.random.choice(blocks), ("deny" if self.chance(0.5) else "allow"): self._service()}
            for number in numbers
        ]
        if self.chance(open_share):
            last = self.random.choice(("all", "all", "all", "tcp/1024-65535", "tcp/32768-65535", "udp/1024-65535", "tcp/32768-60999"))
            rules.append({"rule": 200, "allow": last})
        return rules

    # --- routes ----------------------------------------------------------------------------------------------------------------------

    def _tables(self, site: Site) -> None:
        """A table that leads to the internet gateway for the front, one or two that lead to appliances for the rest, and a main one."""
        rest = [name for name in site.subnets if name not in site.front]
        front = site.front if self.chance(0.9) else rest
        self.add("route_tables", f"{site.name}tfront", vpc=site.name, subnets=front, routes=self._routes(site, 0.9))
        box = f"{site.name}routebox"
        if self.profile == BETWEEN and box in self.network["instances"]:
            one, other = (name for name in site.subnets[1:3])
            routes = [*self._routes(site, 0.4), {"to": self.network["subnets"][other]["cidr"], "via": box}]
            if one not in front:
                kept = {(route["to"], "propagated" in route): route for route in routes}
                self.add("route_tables", f"{site.name}tbetween", vpc=site.name, subnets=[one], routes=list(kept.values()))
        for number in range(self.random.choice((0, 1, 1, 2))):
            subnets = [name for name in site.subnets if self.chance(0.6) and not self._is_associated(name)]
            self.add("route_tables", f"{site.name}t{number}", vpc=site.name, subnets=subnets, routes=self._routes(site, 0.15))
        if self.chance(0.8):
            self.add("route_tables", f"{site.name}main", vpc=site.name, main=True, routes=self._routes(site, 0.3))

    def _is_associated(self, subnet: str) -> bool:
        return any(subnet in table.get("subnets", ()) for table in self.network.get("route_tables", {}).values())

    def _routes(self, site: Site, gateway_share: float) -> list[Json]:
        routes: list[Json] = []
        if self.chance(0.93):
            routes.append({"to": "0.0.0.0/0", "via": self._target(site, gateway_share)})
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            target = "blackhole" if self.chance(0.2) else self._target(site, gateway_share)
            routes.append({"to": self.random.choice(FURTHER_ROUTES), "via": target})
        routes += [{"to": block, "via": target} for block, target in site.ways if self.chance(0.8)]
        if self.chance(0.4):  # RT-17, RT-18; some of them such as AWS refuses
            blocks = [*site.blocks, *[self.network["subnets"][name]["cidr"] for name in site.subnets] * 3]
            routes.append({"to": self.random.choice(blocks), "via": self._target(site, 0.05)})
        if self.chance(0.6) and f"{site.name}list" in self.network.get("prefix_lists", {}):
            routes.append({"to": f"{site.name}list", "via": self._target(site, gateway_share)})
        if self.chance(0.15):
            blocks = [*FURTHER_ROUTES, "0.0.0.0/0", self.network["subnets"][site.subnets[0]]["cidr"]]
            routes.append({"to": self.random.choice(blocks), "via": self._target(site, gateway_share), "propagated": True})
        kept: dict[tuple[str, bool], Json] = {(route["to"], "propagated" in route): route for route in routes}
        joints = {target for _, target in site.ways}  # AWS takes none of them inside the VPC's own blocks, so none can be gone there
        for route in kept.values():
            inside = route["via"] in joints and route["to"] in site.blocks
            if route["via"] not in {site.gateway, "blackhole"} and self.chance(0.04) and not inside:
                route["blackhole"] = True
        return list(kept.values())

    def _target(self, site: Site, gateway_share: float) -> str:
        if site.gateway and self.chance(gateway_share):
            return site.gateway
        if site.appliances and self.chance(0.95):
            return self.random.choice(site.appliances)
        return "blackhole" if self.chance(0.5) or not site.gateway else site.gateway


def network(seed: object, number: int) -> Json:
    """Network `number` of a seed, as the value of `network:` in a scenario."""
    return Generator(f"{seed} {number}").build()
