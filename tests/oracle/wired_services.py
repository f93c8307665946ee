"""Random networks of what the other frames have not: load balancers, PrivateLink, networks on premises, Client VPN, pods, regional NAT.

Two VPCs that a peering and a transit gateway join, and a third whose blocks are those of the first; everything in them at random.
"""

from __future__ import annotations

import random

SUBNETS = {  # name: VPC, block, zone
    "n": ("v", "10.0.0.0/24", "a"),
    "m": ("v", "10.0.1.0/24", "b"),
    "p": ("v", "10.0.2.0/24", "a"),
    "q": ("v", "10.0.3.0/24", "c"),
    "y": ("w", "10.1.0.0/24", "a"),
    "x": ("w", "10.1.1.0/24", "b"),
    "e": ("c", "10.0.0.0/24", "a"),
    "d": ("c", "10.0.1.0/24", "b"),
}
SIX = {"v": "2001:db8:1", "w": "2001:db8:2"}
PUBLIC = "198.51.100."
SITES = {"office": "192.168.10.0/24", "plant": "192.168.20.0/24", "centre": "172.20.0.0/16"}
TRAFFIC = ("all", "tcp/443", "tcp", "[tcp/22-443, udp]", "[tcp/1024-65535, icmp]", "tcp/32768-65535")


def wired_services(seed: int) -> str:
    """The text of a scenario; every third one has IPv6 too."""
    rng, six = random.Random(seed), seed % 3 == 0
    lines = ["network:", "  vpcs:"]
    v, w = (f', ipv6_cidr: "{SIX[vpc]}:0::/56"' if six else "" for vpc in "vw")
    lines.append(f"    v: {{cidr: 10.0.0.0/16{v}, internet_gateway: igw{', egress_only_gateway: eigw' if six else ''}}}")
    lines += [f"    w: {{cidr: 10.1.0.0/16{w}, internet_gateway: igw-w}}", "    c: {cidr: 10.0.0.0/16}"]
    lines += ["  peerings:", "    pcx: {vpcs: [v, w]}"]
    lines += _premises(rng, six)
    lines.append("  subnets:")
    for number, (name, (vpc, cidr, zone)) in enumerate(SUBNETS.items()):
        acl = f", network_acl: tight-{vpc}" if rng.random() < 0.25 else ""
        more = f', ipv6_cidr: "{SIX[vpc]}:{number}::/64"' if six and vpc in SIX else ""
        routes = _routes(rng, name, vpc) + _routes_v6(rng, vpc, six)
        lines.append(f"    {name}: {{vpc: {vpc}, cidr: {cidr}{more}, zone: {zone}{acl}, routes: [{', '.join(routes)}]}}")
    lines.append("  network_acls:")
    lines += [f"    tight-{vpc}: {{vpc: {vpc}, inbound: [{_entries(rng, 'from')}], outbound: [{_entries(rng, 'to')}]}}" for vpc in "vwc"]
    lines.append("  security_groups:")
    for vpc in "vwc":
        for number in (1, 2):
            inbound, outbound = (_rules(rng, vpc, end) for end in ("from", "to"))
            lines.append(f"    g{number}-{vpc}: {{vpc: {vpc}, inbound: [{inbound}], outbound: [{outbound}]}}")
    lines.append("  instances:")
    for number, subnet in enumerate(("n", "p", "q", "y", "x", "e")):
        vpc, at = SUBNETS[subnet][0], list(SUBNETS).index(subnet)
        more = f', ipv6: "{SIX[vpc]}:{at}::20"' if six and vpc in SIX else ""
        lines.append(f"    i{number}: {{{_instance(rng, number, subnet)}{more}}}")
    lines += _translators(rng)
    lines += _balancers(rng)
    if rng.random() < 0.2:
        mode = rng.choice(("block-ingress", "block-bidirectional"))
        lines += ["  block_public_access:", f"    bpa: {{mode: {mode}}}", "  public_access_exclusions:"]
        lines.append(f"    out: {{{rng.choice(('vpc: v', 'subnet: n', 'subnet: m', 'vpc: w'))}}}")
    return "\n".join(lines) + "\n"


def _instance(rng: random.Random, number: int, subnet: str) -> str:
    vpc, cidr, _ = SUBNETS[subnet]
    words = [f"subnet: {subnet}", f"ip: {cidr.removesuffix('0/24')}{20 + number}", f"security_groups: {_groups(rng, vpc)}"]
    if rng.random() < 0.4 and vpc != "c":
        words.append(f"public_ip: {PUBLIC}{20 + number}")
    if rng.random() < 0.4:
        words.append(f"prefixes: [{cidr.removesuffix('0/24')}{16 * (number + 4)}/28]")
        words.append(f"pods: {rng.choice(('translated', 'translated', 'kept'))}")
    return ", ".join(words)


def _routes_v6(rng: random.Random, vpc: str, six: bool) -> list[str]:
    if not six or vpc not in SIX:
        return []
    far = f'{{to: "{SIX["w" if vpc == "v" else "v"]}:0::/56", via: {rng.choice(("pcx", "tgw"))}}}'
    ways = ("igw", "eigw", "vgw", "tgw") if vpc == "v" else ("igw-w", "tgw")
    return [f'{{to: "::/0", via: {rng.choice(ways)}}}', far][: rng.choice((1, 2, 2))]


def _premises(rng: random.Random, six: bool) -> list[str]:
    """A virtual private gateway for the first VPC, a transit gateway for both, and sites that reach either or both."""
    lines = ["  vpn_gateways:", "    vgw: {vpc: v}", "  transit_gateways:", "    tgw: {}", "  transit_attachments:"]
    lines += ["    at-v: {transit_gateway: tgw, vpc: v, subnets: [p, m]}", "    at-w: {transit_gateway: tgw, vpc: w, subnets: [y, x]}"]
    lines += ["  customer_gateways:"] + [f"    {name}: {{networks: [{block}]}}" for name, block in SITES.items() if name != "centre"]
    lines.append("  vpn_connections:")
    for number, site in enumerate(("office", "office", "plant", "plant")):
        end = rng.choice(("gateway: vgw", "gateway: vgw", "transit_gateway: tgw"))
        told = rng.choice((f"static_routes: [{SITES[site]}]", f"bgp_routes: [{SITES[site]}]", "bgp_routes: [192.168.0.0/16]"))
        tunnels = ", tunnels: [down, down]" if rng.random() < 0.15 else ""
        lines.append(f"    vpn{number}: {{{end}, customer_gateway: {site}, {told}{tunnels}}}")
    to_transit = rng.random() < 0.5
    lines += ["  direct_connect_gateways:", "    dx: {}", "  direct_connect_associations:"]
    end, allowed = ("transit_gateway: tgw", "10.0.0.0/16, 10.1.0.0/16") if to_transit else ("gateway: vgw", "10.0.0.0/16")
    allowed += f', "{SIX["v"]}:0::/56"' if six else ""
    lines.append(f"    joined: {{direct_connect_gateway: dx, {end}, allowed_prefixes: [{allowed}]}}")
    kind = "type: transit, " if to_transit else ""
    state = ", state: down" if rng.random() < 0.1 else ""
    told = [SITES["centre"], *(['"fd00:900::/48"'] if six else [])]
    lines += ["  virtual_interfaces:", f"    line: {{{kind}gateway: dx, bgp_routes: [{', '.join(told)}]{state}}}"]
    return lines


def _routes(rng: random.Random, subnet: str, vpc: str) -> list[str]:
    if vpc == "c":
        return []
    outward = ["igw", "regional", "tgw"] if vpc == "v" else ["igw-w", "tgw"]
    found = [f"{{to: 0.0.0.0/0, via: {rng.choice(outward)}}}"] if rng.random() < 0.8 else []
    far = "10.1.0.0/16" if vpc == "v" else "10.0.0.0/16"
    if rng.random() < 0.8:
        found.append(f"{{to: {far}, via: {rng.choice(('pcx', 'pcx', 'tgw'))}}}")
    for block in ("192.168.0.0/16", SITES["centre"]):
        if rng.random() < 0.8:
            found.append(f"{{to: {block}, via: {rng.choice(('vgw', 'vgw', 'tgw')) if vpc == 'v' else 'tgw'}}}")
    if subnet != "q" and vpc == "v" and rng.random() < 0.15:
        found.append("{to: 10.0.3.0/24, via: i1}")
    return found


def _groups(rng: random.Random, vpc: str) -> str:
    return "[" + ", ".join(rng.sample((f"g1-{vpc}", f"g2-{vpc}"), rng.choice((1, 1, 2)))) + "]"


def _rules(rng: random.Random, vpc: str, end: str) -> str:
    peers = ("0.0.0.0/0", f"g1-{vpc}", f"g2-{vpc}", "10.0.0.0/16", "10.0.0.0/24", "192.168.0.0/16", "93.184.216.0/24", "10.1.0.0/24")
    rules = [(rng.choice(peers), rng.choice(TRAFFIC)) for _ in range(rng.choice((1, 2, 3)))]
    if rng.random() < 0.6:
        rules.append(('[0.0.0.0/0, "::/0"]', "all"))
    return ", ".join(f"{{{end}: {peer}, allow: {traffic}}}" for peer, traffic in rules)


def _entries(rng: random.Random, end: str) -> str:
    blocks = ("0.0.0.0/0", "10.0.0.0/16", "10.0.2.0/24", "192.168.0.0/16", "93.184.216.0/24")
    entry = f"{{rule: 10, {end}: {rng.choice(blocks)}, {rng.choice(('allow', 'deny'))}: {rng.choice(TRAFFIC)}}}"
    return f'{entry}, {{rule: 100, allow: all}}, {{rule: 101, {end}: "::/0", allow: all}}'


def _translators(rng: random.Random) -> list[str]:
    """A regional NAT gateway, and a Client VPN endpoint with one or two associations."""
    where = rng.choice((f"public_ips: [{PUBLIC}5]", f"zones: {{a: [{PUBLIC}6, {PUBLIC}7], b: [{PUBLIC}8]}}"))
    lines = ["  regional_nat_gateways:", f"    regional: {{vpc: v, {where}}}", "  client_vpns:"]
    subnets = rng.choice(("[p]", "[n, m]", "[n]"))
    rules = rng.choice(("{0.0.0.0/0: all}", "{10.0.0.0/16: all, 10.0.2.0/24: admins}", "{10.0.0.0/8: admins, 192.168.0.0/16: all}"))
    lines.append(
        f"    people: {{client_cidr: 172.30.0.0/16, subnets: {subnets}, security_groups: {_groups(rng, 'v')}, authorize: {rules}}}"
    )
    return lines


def _balancers(rng: random.Random) -> list[str]:
    lines = ["  target_groups:"]
    for number in range(3):
        targets = rng.sample(("i0", "i1", "i2"), rng.choice((1, 2)))
        healths = [rng.choice(("healthy", "healthy", "unhealthy", "draining")) for _ in targets]
        listed = ", ".join(f"{{target: {target}, health: {health}}}" for target, health in zip(targets, healths, strict=True))
        more = rng.choice(("", "", ", preserve_client_ip: false", ", cross_zone: true"))
        lines.append(f"    t{number}: {{port: {rng.choice((443, 8080))}, protocol: tcp, targets: [{listed}]{more}}}")
    keeps = rng.choice(("true", "false"))
    lines.append(f"    far: {{port: 443, protocol: tcp, targets: [{{target: 10.1.0.23, zone: all}}], preserve_client_ip: {keeps}}}")
    lines += ["    web: {port: 443, protocol: http, targets: [i0, i2]}", "  load_balancers:"]
    for number, (kind, group) in enumerate(
        (("network", "t0"), ("network", "t1"), ("network", "t2"), ("application", "web"), ("classic", "web"))
    ):
        subnets = rng.choice((["n"], ["n", "m"], ["p"]))
        ips = [SUBNETS[subnet][1].removesuffix("0/24") + str(40 + number) for subnet in subnets]
        public = [f"{PUBLIC}{50 + 2 * number + index}" for index in range(len(subnets))] if rng.random() < 0.5 else []
        words = [f"type: {kind}", f"subnets: [{', '.join(subnets)}]", f"ips: [{', '.join(ips)}]"]
        words += [f"public_ips: [{', '.join(public)}]"] if public else []
        words += [f"security_groups: {_groups(rng, 'v')}"] if kind != "network" or rng.random() < 0.5 else []
        words += [f"cross_zone: {rng.choice(('true', 'false'))}"] if kind != "application" and rng.random() < 0.6 else []
        words += ["enforce_private_link: false"] if kind == "network" and "security_groups" in words[-1] and rng.random() < 0.3 else []
        second = ", tcp/22: far" if kind == "network" and rng.random() < 0.6 else ""
        lines.append(f"    lb{number}: {{{', '.join(words)}, listeners: {{tcp/443: {group}{second}}}}}")
    lines += ["  endpoint_services:", "    shop: {load_balancers: [lb0]}", "  vpc_endpoints:"]
    lines.append(f"    ends: {{vpc: c, service: shop, subnets: {rng.choice(('[e]', '[e, d]'))}, security_groups: {_groups(rng, 'c')}}}")
    lines.append(f"    sqs: {{vpc: v, service: sqs, subnets: [p], security_groups: {_groups(rng, 'v')}}}")
    return lines
