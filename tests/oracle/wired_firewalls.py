"""Random networks whose routes lead through network firewalls: inside a VPC, at its gateway, and at a transit gateway."""

from __future__ import annotations

import random

SUBNETS = {  # name: VPC, block, zone
    "p": ("v", "10.0.0.0/24", "a"),
    "q": ("v", "10.0.1.0/24", "b"),
    "fa": ("v", "10.0.2.0/24", "a"),
    "fb": ("v", "10.0.3.0/24", "b"),
    "y": ("w", "10.1.0.0/24", "a"),
}
DOORS = ("one", "one", "two-fa", "two-fb")
SERVICES = ("all", "tcp/443", "tcp", "[tcp/22-443, udp]", "icmp", "udp", "tcp/1024-65535")
BLOCKS = ("10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/16", "10.1.0.0/16", "93.184.216.0/24")
LINES = (
    "pass tcp $HOME_NET any -> any 443 (sid:1;)",
    "drop tcp $EXTERNAL_NET any -> $HOME_NET any (sid:2;)",
    "drop ip any any -> !$HOME_NET any (sid:3;)",
    "pass tcp any any <> [10.0.0.0/16, !10.0.1.0/24] [22:443, !25] (sid:4;)",
    "drop ip any any -> $UNDEFINED any (sid:5;)",
    "pass ip $UNDEFINED any -> any any (sid:6;)",
    "drop udp $UNDEFINED any -> any 53 (sid:9;)",
    "pass tcp any any -> 10.0.0.0/16 [22, $UNDEFINED] (sid:10;)",
    "drop tcp any any <> $UNDEFINED 443 (sid:11;)",
    "drop tls any any -> any 443 (sid:12;)",
    "drop http any any -> 10.0.0.0/16 any (sid:13;)",
    "alert tcp any any -> any any (sid:7;)",
    "reject icmp any any -> any any (sid:8;)",
)


def wired_firewalls(seed: int) -> str:
    """The text of a scenario."""
    rng = random.Random(seed)
    lines = ["network:", "  vpcs:", "    v: {cidr: 10.0.0.0/16, internet_gateway: igw}", "    w: {cidr: 10.1.0.0/16}"]
    lines += ["  transit_gateways: {tgw: {default_association: false, default_propagation: false}}", "  transit_attachments:"]
    lines += ["    at-v: {transit_gateway: tgw, vpc: v, subnets: [p, q], route_table: spokes}"]
    lines += ["    at-w: {transit_gateway: tgw, vpc: w, subnets: [y], route_table: spokes}", "  transit_route_tables:"]
    lines.append(
        f"    spokes: {{transit_gateway: tgw, routes: {{{rng.choice(('0.0.0.0/0: hub', '10.0.0.0/8: hub', '10.1.0.0/16: hub'))}}}}}"
    )
    lines.append("    after: {transit_gateway: tgw, associations: hub, propagations: [at-v, at-w]}")
    lines.append("  subnets:")
    for name, (vpc, cidr, zone) in SUBNETS.items():
        lines.append(f"    {name}: {{vpc: {vpc}, cidr: {cidr}, zone: {zone}, routes: {{{', '.join(_routes(rng, name))}}}}}")
    edges = [f"{SUBNETS[name][1]}: {rng.choice(DOORS)}" for name in ("p", "q") if rng.random() < 0.7]
    lines.append(f"  route_tables: {{edge: {{vpc: v, gateways: [igw], routes: {{{', '.join(edges)}}}}}}}")
    open_group = "inbound: [{from: 0.0.0.0/0, allow: all}]"
    lines.append(f"  security_groups: {{open-v: {{vpc: v, {open_group}}}, open-w: {{vpc: w, {open_group}}}}}")
    lines.append("  instances:")
    for number, subnet in enumerate(("p", "q", "y", "p", "q")):
        vpc, cidr, _ = SUBNETS[subnet]
        public = f", public_ip: 198.51.100.{20 + number}" if vpc == "v" and rng.random() < 0.7 else ""
        address = cidr.removesuffix("0/24") + str(20 + number)
        lines.append(f"    i{number}: {{subnet: {subnet}, ip: {address}, security_groups: open-{vpc}{public}}}")
    if rng.random() < 0.2:
        lines.append(f"  block_public_access: {{bpa: {{mode: {rng.choice(('block-bidirectional', 'block-ingress'))}}}}}")
        lines.append(f"  public_access_exclusions: {{x: {{{rng.choice(('vpc: v', 'subnet: fa', 'subnet: p'))}}}}}")
    lines.append("  network_firewalls:")
    lines += ["    one: {vpc: v, subnets: fa, policy: policy-1}", "    two: {vpc: v, subnets: [fa, fb], policy: policy-2}"]
    lines.append("    hub: {transit_gateway: tgw, policy: policy-3}")
    return "\n".join([*lines, *_policies(rng)]) + "\n"


def _routes(rng: random.Random, name: str) -> list[str]:
    if name == "y":
        return ["0.0.0.0/0: tgw"]
    if name in ("fa", "fb"):
        return ["0.0.0.0/0: igw", "10.1.0.0/16: tgw"]
    other = {"p": "q", "q": "p"}[name]
    found = [f"0.0.0.0/0: {rng.choice((*DOORS, *DOORS, 'igw'))}", f"10.1.0.0/16: {rng.choice(('tgw', 'tgw', *DOORS))}"]
    return found + [f"{SUBNETS[other][1]}: {rng.choice(DOORS)}"] * (rng.random() < 0.85)


def _policies(rng: random.Random) -> list[str]:
    policies, groups = ["  firewall_policies:"], ["  firewall_rule_groups:"]
    for number in (1, 2, 3):
        words = [f"stateless_default: {rng.choice(('forward', 'forward', 'forward', 'pass', 'drop'))}"]
        if rng.random() < 0.4:
            groups.append(f"    single-{number}: {{stateless: [{_rules(rng, ('pass', 'drop', 'forward'))}]}}")
            words.append(f"stateless: single-{number}")
        names = [f"flows-{number}-{one}" for one in range(rng.choice((0, 1, 1, 2)))]
        groups += [f"    {name}: {_stateful(rng)}" for name in names]
        words.append(f"stateful: [{', '.join(names)}]")
        if rng.random() < 0.5:
            words += ["order: strict", f"stateful_default: [{rng.choice(('', 'drop_all', 'drop_established', 'alert_all'))}]"]
        words += ["midstream: continue"] if rng.random() < 0.2 else []
        words += ["home_net: [10.0.0.0/24]"] if rng.random() < 0.2 or number == 3 else []
        policies.append(f"    policy-{number}: {{{', '.join(words)}}}")
    return policies + groups


def _stateful(rng: random.Random) -> str:
    words = [f"stateful: [{_rules(rng, ('pass', 'drop', 'pass', 'drop', 'reject', 'alert'))}]"]
    if rng.random() < 0.4:
        text = "\\n".join(rng.sample(LINES, rng.choice((1, 2))))
        words.append(f'suricata: "{text}"')
    if rng.random() < 0.15:
        words.append(f"domains: {{{rng.choice(('pass', 'drop', 'reject', 'alert'))}: [.example.com]}}")
    return f"{{{', '.join(words)}}}"


def _rules(rng: random.Random, actions: tuple[str, ...]) -> str:
    return ", ".join(_rule(rng, actions) for _ in range(rng.choice((1, 2, 3))))


def _rule(rng: random.Random, actions: tuple[str, ...]) -> str:
    words = [f"{rng.choice(actions)}: {rng.choice(SERVICES)}"]
    words += [f"{end}: {rng.choice(BLOCKS)}" for end in ("from", "to") if rng.random() < 0.5]
    words += ["both_ways: true"] if rng.random() < 0.2 else []
    words += ["payload: content"] if rng.random() < 0.2 and "forward" not in actions else []
    return f"{{{', '.join(words)}}}"
