"""Random networks in which most packets come far: one frame, with everything in it wired up at random.

The drawn networks of `simulator.testing.strategies` are small and varied; most packets end early in them. These are for the long
ways: chains of NAT gateways and appliances, routes inside the VPC (RT-17, RT-18), prefix lists that overlap (RT-11), reflection.
"""

from __future__ import annotations

import random

SUBNETS = {"n": "10.0.0.0/24", "m": "10.0.1.0/24", "p": "10.0.2.0/24", "q": "10.0.3.0/24", "s": "10.1.0.0/24"}
BLOCKS = ("10.0.0.0/16", "10.1.0.0/16")
PUBLIC = "198.51.100."
TRAFFIC = ("all", "tcp/443", "tcp", "[tcp/22-443, udp]", "[tcp/1024-65535, icmp]", "icmp/8", "tcp/32768-65535")
GROUPS = ("ga", "gb", "gc")


def wired(seed: int) -> str:
    """The text of a scenario."""
    rng = random.Random(seed)
    lines = ["network:", "  vpcs:", f"    v: {{cidr: [{', '.join(BLOCKS)}], internet_gateway: igw}}", "  prefix_lists:"]
    for name in ("l1", "l2"):
        entries = rng.sample(["8.0.0.0/7", "8.8.8.8/32", "203.0.113.0/24", "0.0.0.0/1", PUBLIC + "0/24", "10.0.3.0/24"], 2)
        lines.append(f"    {name}: {{entries: [{', '.join(entries)}]}}")
    lines.append("  subnets:")
    for name, cidr in SUBNETS.items():
        acl = rng.choice(["", "", "", ", network_acl: tight"])
        lines.append(f"    {name}: {{vpc: v, cidr: {cidr}{acl}, routes: [{', '.join(_routes(rng, name))}]}}")
    lines += ["  network_acls:", f"    tight: {{vpc: v, inbound: [{_entries(rng, 'from')}], outbound: [{_entries(rng, 'to')}]}}"]
    lines.append("  nat_gateways:")
    lines.append(
        f"    nat1: {{subnet: n, private_ip: 10.0.0.5, public_ip: {PUBLIC}5, secondary: [{{private_ip: 10.0.0.6, public_ip: {PUBLIC}6}}]}}"
    )
    lines.append(f"    nat2: {{subnet: m, private_ip: 10.0.1.5, public_ip: {PUBLIC}15}}")
    lines.append("    nat3: {subnet: q, private_ip: 10.0.3.5, type: private}")
    lines.append("  security_groups:")
    for name in GROUPS:
        inbound = ", ".join(f"{{from: {peer}, allow: {traffic}}}" for peer, traffic in _rules(rng))
        outbound = ", ".join(f"{{to: {peer}, allow: {traffic}}}" for peer, traffic in _rules(rng))
        lines.append(f"    {name}: {{vpc: v, inbound: [{inbound}], outbound: [{outbound}]}}")
    lines.append("  instances:")
    for number, subnet in enumerate(("n", "m", "p", "p", "q", "s")):
        public = f", public_ip: {PUBLIC}{20 + number}" if rng.random() < 0.4 else ""
        lines.append(f"    i{number}: {{subnet: {subnet}, ip: {_address(subnet, 20 + number)}{public}, security_groups: {_groups(rng)}}}")
    for number, subnet in enumerate(("m", "q")):
        public = f", public_ip: {PUBLIC}{30 + number}" if rng.random() < 0.7 else ""
        state = ", state: stopped" if rng.random() < 0.1 else ""
        forwards = rng.choice(("nat", "route"))
        lines.append(
            f"    x{number}: {{subnet: {subnet}, ip: {_address(subnet, 30 + number)}{public}, security_groups: {_groups(rng)},"
            f" source_dest_check: {rng.choice(('false', 'false', 'false', 'true'))}, forwards: {forwards}{state}}}"
        )
    lines.append("  lambdas:")
    lines.append(f"    f: {{subnets: {rng.choice(('[p]', '[p, q]', '[n, s]'))}, security_groups: {_groups(rng)}}}")
    return "\n".join(lines) + "\n"


def _address(subnet: str, last: int) -> str:
    return SUBNETS[subnet].removesuffix("0/24") + str(last)


def _groups(rng: random.Random) -> str:
    return "[" + ", ".join(rng.sample(GROUPS, rng.choice((1, 1, 2)))) + "]"


def _rules(rng: random.Random) -> list[tuple[str, str]]:
    peers = ("0.0.0.0/0", "0.0.0.0/0", "ga", "gb", "10.0.0.0/16", "l1", PUBLIC + "0/24", "10.0.0.5/32", "10.0.1.0/24")
    rules = [(rng.choice(peers), rng.choice(TRAFFIC)) for _ in range(rng.choice((0, 1, 1, 2)))]
    return [("0.0.0.0/0", "all"), *rules] if rng.random() < 0.6 else rules


def _entries(rng: random.Random, end: str) -> str:
    blocks = ("0.0.0.0/0", "10.0.0.0/16", "10.0.2.0/24", "8.8.8.8/32", PUBLIC + "0/24")
    found = [
        f"{{rule: {10 * (index + 1)}, {end}: {rng.choice(blocks)}, {rng.choice(('allow', 'allow', 'deny'))}: {rng.choice(TRAFFIC)}}}"
        for index in range(rng.choice((1, 2)))
    ]
    return ", ".join([*found, "{rule: 100, allow: all}"])


def _routes(rng: random.Random, subnet: str) -> list[str]:
    """A default route, perhaps one inside the VPC (RT-17, RT-18), by prefix list (RT-7, RT-11), propagated or dead."""
    middle = ("nat1", "nat2", "nat3", "x0", "x1")
    outward = ("igw", *middle)
    default = rng.choice(("igw", "igw", "igw", "nat2")) if subnet in "nm" else rng.choice(("nat1", "nat2", "x0", "x1", "nat3", "igw"))
    found = [f"{{to: 0.0.0.0/0, via: {default}}}"]
    if rng.random() < 0.4:
        inside = [cidr for name, cidr in SUBNETS.items() if name != subnet]
        found.append(f"{{to: {rng.choice([*inside, *BLOCKS])}, via: {rng.choice(middle)}}}")
    for name in ("l1", "l2"):
        if rng.random() < 0.25:
            found.append(f"{{to: {name}, via: {rng.choice(outward)}}}")
    if rng.random() < 0.2:
        found.append(f"{{to: {rng.choice(('8.8.8.8/32', '203.0.113.0/24'))}, via: {rng.choice(outward)}, blackhole: true}}")
    return found
