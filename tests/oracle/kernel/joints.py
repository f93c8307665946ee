"""What joins the VPCs of a random network: peerings, transit gateways with tables of their own, endpoints of AWS services.

What the bed does not build is drawn seldom or never: attachments in appliance mode with several subnets are not drawn, and an attachment
has subnets in several zones only now and then, since AWS would choose the zone for packets from another one.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.oracle.kernel.generate import Generator, Site

GATEWAYS = ("tgw", "tgx")


def join(made: Generator, sites: list[Site]) -> None:
    """Join the VPCs, and note in each of them where routes to the others may lead."""
    for site in sites:
        for other in sites:
            if other is not site:
                site.beyond += [*other.blocks, *(made.network["subnets"][name]["cidr"] for name in other.subnets)]
                site.foreign_groups += other.groups
    _peer(made, sites)
    if made.chance(0.7):
        _attach(made, sites)
    for site in sites:
        if made.chance(0.3):
            subnets = made.random.sample(site.subnets, min(len(site.subnets), made.random.choice((1, 1, 2))))
            made.add(
                "vpc_endpoints", f"{site.name}sqs", vpc=site.name, service="sqs", subnets=subnets, security_groups=made.some_groups(site)
            )


def serve(made: Generator, site: Site) -> None:
    """A gateway endpoint, once there are tables to associate with it."""
    tables = [
        name
        for name, table in made.network.get("route_tables", {}).items()
        if table["vpc"] == site.name
        and all(route["to"] != f"{site.name}list" for route in table.get("routes", ()))  # RT-11: AWS would pick
    ]
    if tables and made.chance(0.35):
        chosen = made.random.sample(tables, made.random.randint(1, len(tables)))
        made.add("vpc_endpoints", f"{site.name}s3", vpc=site.name, service="s3", route_tables=chosen)


def _peer(made: Generator, sites: list[Site]) -> None:
    for one, other in combinations(sites, 2):
        if made.chance(0.45):
            state = made.random.choice(("pending-acceptance", "deleted")) if made.chance(0.07) else None
            name = made.add("peerings", f"pcx{one.name}{other.name}", vpcs=[one.name, other.name], state=state)
            _lead(made, one, [other], name)
            _lead(made, other, [one], name)
            for third in sites:  # no transit (PCX-3)
                if third not in (one, other) and made.chance(0.4):
                    _lead(made, one, [third], name)
                    third.ways += [(block, name) for block in one.blocks if made.chance(0.1)]


def _lead(made: Generator, site: Site, others: list[Site], target: str) -> None:
    """Routes of a VPC to others: to their blocks, or to some of their subnets."""
    for other in others:
        subnets = [made.network["subnets"][name]["cidr"] for name in other.subnets]
        blocks = other.blocks if made.chance(0.75) else made.random.sample(subnets, made.random.randint(1, len(subnets)))
        site.ways += [(block, target) for block in blocks]


def _attach(made: Generator, sites: list[Site]) -> None:
    """One transit gateway, or two that are peered; each VPC attached to one of them, and now and then to none."""
    gateways = GATEWAYS if len(sites) > 1 and made.chance(0.25) else GATEWAYS[:1]
    for gateway in gateways:
        made.add(
            "transit_gateways",
            gateway,
            group_references=made.chance(0.6),
            default_association=made.chance(0.75),
            default_propagation=made.chance(0.85),
        )
    homes: dict[str, list[Site]] = {gateway: [] for gateway in gateways}
    for site in sites:
        gateway = made.random.choice(gateways)
        if made.chance(0.92):
            homes[gateway].append(site)
            _attachment(made, site, gateway)
        if made.chance(0.92) or gateway in homes:
            _lead(made, site, [other for other in sites if other is not site], gateway)
            if made.chance(0.25):
                site.ways.append(("0.0.0.0/0", gateway))
    if len(gateways) > 1:
        state = "pending" if made.chance(0.06) else None
        made.add("transit_attachments", "joint", transit_gateway=gateways[0], peer=gateways[1], state=state)
    for gateway in gateways:
        _tables(made, gateway, sites, homes)


def _attachment(made: Generator, site: Site, gateway: str) -> None:
    by_zone = {made.network["subnets"][name]["zone"]: name for name in made.random.sample(site.subnets, len(site.subnets))}
    zones = sorted(by_zone) if made.chance(0.3) else made.random.sample(sorted(by_zone), 1)
    more = {"group_references": False} if made.chance(0.2) else {}
    state = made.random.choice(("pending", "failed")) if made.chance(0.04) else None
    subnets = [by_zone[zone] for zone in zones]
    appliance_mode = True if len(subnets) == 1 and made.chance(0.1) else None
    made.add(
        "transit_attachments",
        f"{site.name}att",
        transit_gateway=gateway,
        vpc=site.name,
        subnets=subnets,
        appliance_mode=appliance_mode,
        state=state,
        **more,
    )


def _tables(made: Generator, gateway: str, sites: list[Site], homes: dict[str, list[Site]]) -> None:
    """The default table with routes of its own, and perhaps a second one for some attachments."""
    names = [f"{site.name}att" for site in homes[gateway]] + (["joint"] if len(homes) > 1 else [])
    mine = [name for name in names if name != "joint"]
    beyond = [block for other, there in homes.items() if other != gateway for site in there for block in site.blocks]
    blocks = [block for site in sites for block in (*site.blocks, *(made.network["subnets"][name]["cidr"] for name in site.subnets))]
    rest = list(names)
    for table in (f"{gateway}-routes", f"{gateway}second"):
        if table.endswith("second") and (made.chance(0.5) or not mine):
            continue
        routes = dict.fromkeys(beyond if made.chance(0.9) else (), "joint")
        for _ in range(made.random.choice((0, 0, 1, 1, 2))):
            block = made.random.choice([*blocks, "0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8"])
            routes[block] = made.random.choice([*names, *names, "blackhole"])
        associated = [name for name in rest if made.chance(0.5 if table.endswith("second") else 0.1)]
        rest = [name for name in rest if name not in associated]
        propagated = [name for name in mine if made.chance(0.85)]
        made.add("transit_route_tables", table, transit_gateway=gateway, associations=associated, propagations=propagated, routes=routes)
