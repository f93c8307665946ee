"""Random networks whose routes lead through Gateway Load Balancer endpoints: inside a VPC, at its gateways and between VPCs."""

from __future__ import annotations

import random

SUBNETS = {  # name: VPC, block, zone
    "n": ("v", "10.0.0.0/24", "a"),
    "m": ("v", "10.0.1.0/24", "b"),
    "p": ("v", "10.0.2.0/24", "a"),
    "fa": ("v", "10.0.3.0/24", "a"),
    "fb": ("v", "10.0.4.0/24", "b"),
    "y": ("w", "10.1.0.0/24", "a"),
    "g": ("w", "10.1.1.0/24", "a"),
    "ta": ("tool", "10.9.0.0/24", "a"),
    "tb": ("tool", "10.9.1.0/24", "b"),
    "tx": ("tool", "10.9.2.0/24", "a"),
}
PUBLIC = "198.51.100."
TRAFFIC = ("all", "tcp/443", "tcp", "[tcp/22-443, udp]", "[tcp/1024-65535, icmp]", "tcp/32768-65535")


def wired_inspection(seed: int) -> str:
    """The text of a scenario."""
    rng = random.Random(seed)
    lines = [
        "network:",
        "  vpcs:",
        "    v: {cidr: 10.0.0.0/16, internet_gateway: igw}",
        "    w: {cidr: 10.1.0.0/16, internet_gateway: igw-w}",
    ]
    lines += ["    tool: {cidr: 10.9.0.0/16}", "  peerings:", "    pcx: {vpcs: [v, w]}", "  transit_gateways:", "    tgw: {}"]
    mode = ", appliance_mode: true" if rng.random() < 0.3 else ""
    lines += ["  transit_attachments:", f"    at-v: {{transit_gateway: tgw, vpc: v, subnets: [p, m]{mode}}}"]
    lines += ["    at-w: {transit_gateway: tgw, vpc: w, subnets: [y]}", "  transit_route_tables:"]
    lines.append(f"    hub: {{transit_gateway: tgw, routes: {{{rng.choice(('0.0.0.0/0: at-v', '10.0.0.0/8: at-v', ''))}}}}}")
    lines.append("  subnets:")
    for name, (vpc, cidr, zone) in SUBNETS.items():
        acl = f", network_acl: tight-{vpc}" if rng.random() < 0.2 else ""
        lines.append(f"    {name}: {{vpc: {vpc}, cidr: {cidr}, zone: {zone}{acl}, routes: [{', '.join(_routes(rng, name, vpc))}]}}")
    edges = [f"{block}: {rng.choice(('ea', 'ea', 'eb', 'i3'))}" for block in ("10.0.0.0/24", "10.0.1.0/24") if rng.random() < 0.6]
    lines += ["  route_tables:", f"    edge: {{vpc: v, gateways: [igw], routes: {{{', '.join(edges)}}}}}", "  network_acls:"]
    for vpc in ("v", "w", "tool"):
        lines.append(f"    tight-{vpc}: {{vpc: {vpc}, inbound: [{_entries(rng, 'from')}], outbound: [{_entries(rng, 'to')}]}}")
    lines.append("  security_groups:")
    for vpc in ("v", "w"):
        for number in (1, 2):
            inbound, outbound = (_rules(rng, vpc, end) for end in ("from", "to"))
            lines.append(f"    g{number}-{vpc}: {{vpc: {vpc}, inbound: [{inbound}], outbound: [{outbound}]}}")
    geneve = rng.choice(("udp/6081", "udp/6081", "udp", "tcp"))
    lines.append(f"    boxes: {{vpc: tool, inbound: [{{from: {rng.choice(('10.9.0.0/16', '10.9.0.0/24'))}, allow: {geneve}}}]}}")
    lines.append("  nat_gateways:")
    lines.append(f"    nat: {{subnet: n, private_ip: 10.0.0.5, public_ip: {PUBLIC}5}}")
    lines.append("  instances:")
    for number, subnet in enumerate(("n", "m", "p", "fa", "y", "tx", "tb")):
        lines.append(f"    i{number}: {{{_instance(rng, number, subnet)}}}")
    return "\n".join([*lines, *_appliances(rng)]) + "\n"


def _instance(rng: random.Random, number: int, subnet: str) -> str:
    vpc, cidr, _ = SUBNETS[subnet]
    words = [f"subnet: {subnet}", f"ip: {cidr.removesuffix('0/24')}{20 + number}"]
    names = ["boxes"] if vpc == "tool" else rng.sample((f"g1-{vpc}", f"g2-{vpc}"), rng.choice((1, 2)))
    words.append(f"security_groups: [{', '.join(names)}]")
    if rng.random() < 0.6 and vpc != "tool":
        words.append(f"public_ip: {PUBLIC}{20 + number}")
    if number == 3:
        words.append("source_dest_check: false, forwards: route")
    return ", ".join(words)


def _appliances(rng: random.Random) -> list[str]:
    targets = [f"{{target: {name}, health: {rng.choice(('healthy', 'healthy', 'unhealthy'))}}}" for name in ("i5", "i6")]
    lines = ["  target_groups:", f"    targets: {{protocol: geneve, targets: [{', '.join(rng.sample(targets, rng.choice((1, 2, 2))))}]}}"]
    rules = ", ".join(f"{{{rng.choice(('deny', 'allow'))}: {rng.choice(TRAFFIC[1:])}}}" for _ in range(rng.choice((1, 2))))
    words = [f"inspection: [{rules}{', {allow: all}' if rng.random() < 0.8 else ''}]"] if rng.random() < 0.7 else []
    words += [f"keeps_state: {rng.choice(('true', 'false'))}"] if rng.random() < 0.5 else []
    words += [f"cross_zone: {rng.choice(('true', 'false'))}"] if rng.random() < 0.6 else []
    words = ["type: gateway", f"subnets: {rng.choice(('[ta, tb]', '[ta, tb]', '[ta]'))}", "listeners: {udp/6081: targets}", *words]
    lines += [
        "  load_balancers:",
        f"    gwlb: {{{', '.join(words)}}}",
        "  endpoint_services:",
        "    svc: {load_balancers: gwlb}",
        "  vpc_endpoints:",
    ]
    return lines + [f"    {name}: {{vpc: {vpc}, service: svc, subnets: {subnet}}}" for name, vpc, subnet in ENDPOINTS]


ENDPOINTS = (("ea", "v", "fa"), ("eb", "v", "fb"), ("ew", "w", "g"))


def _routes(rng: random.Random, name: str, vpc: str) -> list[str]:
    """Default routes, routes inside the VPC (RT-18), and those to the other VPC."""
    if vpc == "tool":
        return []
    ends = {"v": ("ea", "ea", "eb"), "w": ("ew",)}[vpc]
    out = {"v": ("igw", "nat", "tgw"), "w": ("igw-w", "tgw")}[vpc]
    if name in ("fa", "fb", "g"):
        ends = out
    found = [f"{{to: 0.0.0.0/0, via: {rng.choice((*ends, *out))}}}"]
    far = "10.1.0.0/16" if vpc == "v" else "10.0.0.0/16"
    if rng.random() < 0.7:
        found.append(f"{{to: {far}, via: {rng.choice((*ends, 'pcx', 'tgw'))}}}")
    if name in ("n", "m", "p", "y") and rng.random() < 0.5:
        blocks = [cidr for other, (where, cidr, _) in SUBNETS.items() if where == vpc and other != name]
        found.append(f"{{to: {rng.choice(blocks)}, via: {rng.choice(ends)}}}")
    return found


def _rules(rng: random.Random, vpc: str, end: str) -> str:
    peers = ("0.0.0.0/0", f"g1-{vpc}", f"g2-{vpc}", "10.0.0.0/16", "10.0.0.0/24", "93.184.216.0/24", "10.1.0.0/24")
    rules = [(rng.choice(peers), rng.choice(TRAFFIC)) for _ in range(rng.choice((1, 2)))]
    if rng.random() < 0.7:
        rules.append(("0.0.0.0/0", "all"))
    return ", ".join(f"{{{end}: {peer}, allow: {traffic}}}" for peer, traffic in rules)


def _entries(rng: random.Random, end: str) -> str:
    blocks = ("0.0.0.0/0", "10.0.0.0/16", "10.9.0.0/24", "93.184.216.0/24")
    entry = f"{{rule: 10, {end}: {rng.choice(blocks)}, {rng.choice(('allow', 'deny'))}: {rng.choice(TRAFFIC)}}}"
    return f"{entry}, {{rule: 100, allow: all}}"
