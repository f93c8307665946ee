"""Random networks of several VPCs in which most packets cross a transit gateway, a peering or an endpoint.

Five VPCs: two with clients and servers, one for egress and inspection, one behind a second transit gateway, one that may have a block
of another. What is drawn: which zones
are attached (TGW-4, TGW-6), appliance mode (TGW-7), the tables (TGW-1, TGW-3, TGW-12), references to groups of other VPCs (SG-13),
appliances, NAT gateways and endpoints behind the transit gateway (TGW-16 to TGW-18).
"""

from __future__ import annotations

import random

ZONES = {"va": "a", "vb": "b", "vc": "c", "wa": "a", "wb": "b", "ea": "a", "eb": "b", "ec": "b", "ua": "a", "ub": "c", "oa": "a"}
BLOCKS = {"v": "10.0.0.0/16", "w": "10.1.0.0/16", "e": "10.2.0.0/16", "u": "10.3.0.0/16", "o": "10.4.0.0/16"}
PUBLIC = "198.51.100."
DYNAMODB = "3.218.180.0/22"
TRAFFIC = ("all", "tcp/443", "tcp", "[tcp/22-443, udp]", "[tcp/1024-65535, icmp]", "icmp/8")


def wired_transit(seed: int) -> str:
    """The text of a scenario."""
    rng = random.Random(seed)
    blocks = dict(BLOCKS)
    if rng.random() < 0.2:
        blocks[rng.choice("uo")] = rng.choice(("10.0.0.0/16", "10.1.0.0/16"))  # TGW-12
    lines = ["network:", "  vpcs:"]
    for vpc, block in blocks.items():
        region = "eu-west-1" if vpc == "w" and rng.random() < 0.1 else "us-east-1"
        gateway = f", internet_gateway: igw-{vpc}" if vpc in "ve" else ""
        lines.append(f"    {vpc}: {{cidr: {block}, region: {region}{gateway}}}")
    lines += ["  peerings:", "    pcx-vw: {vpcs: [v, w]}", "    pcx-we: {vpcs: [w, e]}"]
    lines += _transit(rng)
    lines += ["  subnets:"]
    for number, (name, zone) in enumerate(ZONES.items()):
        acl = f", network_acl: tight-{name[0]}" if rng.random() < 0.2 else ""
        lines.append(f"    {name}: {{vpc: {name[0]}, cidr: {_block(blocks, name, number)}, zone: {zone}, route_table: rt-{name}{acl}}}")
    lines += ["  route_tables:"]
    lines += [f"    rt-{name}: {{vpc: {name[0]}, routes: [{', '.join(_routes(rng, name))}]}}" for name in ZONES]
    lines += ["  network_acls:"]
    lines += [f"    tight-{vpc}: {{vpc: {vpc}, inbound: [{_entries(rng, 'from')}], outbound: [{_entries(rng, 'to')}]}}" for vpc in BLOCKS]
    lines += [
        "  nat_gateways:",
        f"    nat-e: {{subnet: ea, public_ip: {PUBLIC}5}}",
        "    nat-w: {subnet: wb, type: private}",
        f"    nat-v: {{subnet: vc, public_ip: {PUBLIC}6}}",
        "  security_groups:",
    ]
    for name in ("v1", "v2", "w1", "w2", "e1", "u1", "o1"):
        rules = [f"{way}: [{', '.join(_rules(rng, end))}]" for way, end in (("inbound", "from"), ("outbound", "to"))]
        lines.append(f"    sg-{name}: {{vpc: {name[0]}, {', '.join(rules)}}}")
    lines += _endpoints(rng)
    lines += _hosts(rng)
    return "\n".join(lines) + "\n"


def _block(blocks: dict[str, str], subnet: str, number: int) -> str:
    return blocks[subnet[0]].replace("0.0/16", f"{number}.0/24")


def _transit(rng: random.Random) -> list[str]:
    flags = [rng.choice(("true", "true", "false")) for _ in range(2)]
    lines = ["  transit_gateways:"]
    lines += [f"    tgw{number + 1}: {{group_references: {flag}, default_association: false}}" for number, flag in enumerate(flags)]
    lines += ["  transit_attachments:"]
    for vpc in BLOCKS:
        zones = {zone: name for name, zone in rng.sample(list(ZONES.items()), len(ZONES)) if name[0] == vpc}
        chosen = rng.sample(sorted(zones.values()), len(zones) if rng.random() < 0.7 else 1)
        words = [f"transit_gateway: {'tgw2' if vpc == 'u' else 'tgw1'}", f"vpc: {vpc}", f"subnets: [{', '.join(chosen)}]"]
        if rng.random() < (0.5 if vpc == "e" else 0.1):
            words.append("appliance_mode: true")
        if rng.random() < 0.15:
            words.append("group_references: false")
        if rng.random() < 0.03:
            words.append("state: failed")
        lines.append(f"    at-{vpc}: {{{', '.join(words)}}}")
    lines.append("    joined: {transit_gateway: tgw1, peer: tgw2}")
    lines.append("  transit_route_tables:")
    ends = ["at-v", "at-w", "at-e", "at-o", "joined"]
    first = [end for end in ends if rng.random() < 0.6]
    second = [end for end in ends if end not in first and rng.random() < 0.9]
    lines.append(_table(rng, "tt1", "tgw1", first, ["at-v", "at-w", "at-e", "at-o"], ends))
    lines.append(_table(rng, "tt2", "tgw1", second, ["at-v", "at-w", "at-e", "at-o"], ends))
    lines.append(_table(rng, "tt3", "tgw2", ["at-u", "joined"], ["at-u"], ["joined", "joined", "at-u"]))
    return lines


def _table(rng: random.Random, name: str, gateway: str, associations: list[str], propagations: list[str], targets: list[str]) -> str:
    learned = [end for end in propagations if rng.random() < 0.75]
    routes = {"0.0.0.0/0": rng.choice(["at-e", *targets] if gateway == "tgw1" else targets)}
    if gateway == "tgw1":
        routes[BLOCKS["u"]] = "joined"
    for block in rng.sample(["10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "10.1.4.0/24", "8.8.8.8/32", DYNAMODB], 2):
        if rng.random() < 0.5:
            routes[block] = rng.choice([*targets, "blackhole"])
    text = ", ".join(f"{block}: {target}" for block, target in routes.items())
    return (
        f"    {name}: {{transit_gateway: {gateway}, associations: [{', '.join(associations)}], propagations: [{', '.join(learned)}],"
        f" routes: {{{text}}}}}"
    )


def _routes(rng: random.Random, subnet: str) -> list[str]:
    """The way out, the way to the other VPCs, and perhaps a special one."""
    vpc, gateway = subnet[0], "tgw2" if subnet[0] == "u" else "tgw1"
    near = {"v": ["igw-v", "nat-v", gateway, gateway], "w": [gateway, gateway, "nat-w"], "u": [gateway], "o": [gateway]}
    near["e"] = ["igw-e"] if subnet == "ea" else ["nat-e", "x1", gateway]
    found = [f"{{to: 0.0.0.0/0, via: {rng.choice(near[vpc])}}}"]
    if rng.random() < 0.9:
        found.append(f"{{to: 10.0.0.0/8, via: {gateway if rng.random() < 0.85 or vpc != 'e' else 'x1'}}}")
    peer = {"v": ("10.1.0.0/16", "pcx-vw"), "w": ("10.0.0.0/16", "pcx-vw"), "e": ("10.1.0.0/16", "pcx-we")}.get(vpc)
    if peer and rng.random() < 0.4:
        found.append(f"{{to: {peer[0]}, via: {peer[1]}}}")
    inside = {"e": ("10.2.7.0/24", "x1"), "w": ("10.1.3.0/24", "nat-w"), "v": ("10.0.0.0/24", "nat-v")}.get(vpc)
    if inside and rng.random() < 0.1:
        found.append(f"{{to: {inside[0]}, via: {inside[1]}}}")
    return found


def _entries(rng: random.Random, end: str) -> str:
    blocks = ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.0.1.0/24", "10.2.0.0/16", DYNAMODB)
    found = [
        f"{{rule: {10 * (index + 1)}, {end}: {rng.choice(blocks)}, {rng.choice(('allow', 'allow', 'deny'))}: {rng.choice(TRAFFIC)}}}"
        for index in range(rng.choice((1, 2)))
    ]
    return ", ".join([*found, *(["{rule: 100, allow: all}"] if rng.random() < 0.8 else [])])


def _rules(rng: random.Random, end: str) -> list[str]:
    peers = ("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "sg-v1", "sg-v2", "sg-w1", "sg-w1", "sg-e1", "10.1.4.0/24", DYNAMODB)
    rules = [(rng.choice(peers), rng.choice(TRAFFIC)) for _ in range(rng.choice((1, 2, 3)))]
    if rng.random() < 0.5:
        rules.insert(0, ("0.0.0.0/0", "all"))
    return [f"{{{end}: {peer}, allow: {traffic}}}" for peer, traffic in rules]


def _endpoints(rng: random.Random) -> list[str]:
    lines = ["  vpc_endpoints:"]
    for vpc in "vwe":
        tables = [f"rt-{name}" for name in ZONES if name[0] == vpc and rng.random() < 0.6]
        service = rng.choice(("dynamodb", "s3"))
        lines.append(f"    gate-{vpc}: {{vpc: {vpc}, service: {service}, route_tables: [{', '.join(tables)}]}}")
    lines.append(f"    ends-w: {{vpc: w, service: sqs, subnets: [wa, wb], security_groups: [{rng.choice(('sg-w1', 'sg-w2'))}]}}")
    lines.append("    ends-v: {vpc: v, service: sns, subnets: [vb], security_groups: [sg-v1]}")
    return lines


def _hosts(rng: random.Random) -> list[str]:
    lines = ["  instances:"]
    for number, subnet in enumerate(("va", "vb", "vc", "wa", "wb", "ea", "ec", "ua", "ub", "oa")):
        groups = {"v": ("sg-v1", "sg-v2"), "w": ("sg-w1", "sg-w2"), "e": ("sg-e1",), "u": ("sg-u1",), "o": ("sg-o1",)}[subnet[0]]
        public = f", public_ip: {PUBLIC}{20 + number}" if subnet[0] in "ve" and rng.random() < 0.4 else ""
        lines.append(f"    i{number}: {{subnet: {subnet}, security_groups: [{rng.choice(groups)}]{public}}}")
    checks, forwards = rng.choice(("false", "false", "false", "true")), rng.choice(("nat", "route", "route"))
    lines.append(f"    x1: {{subnet: eb, security_groups: [sg-e1], source_dest_check: {checks}, forwards: {forwards}}}")
    lines += ["  lambdas:", f"    f: {{subnets: [{rng.choice(('va', 'va, vb', 'vb, vc'))}], security_groups: [sg-v1]}}"]
    return lines
