"""Flows with answers worked out by hand from docs/semantics.md: they test the bed, which all other comparisons trust."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import yaml

from simulator.packet.flow import ICMP, TCP, UDP, Flow
from simulator.packet.prefix import format_address, parse_address
from simulator.testing.kernel.bed import Answer, Bed, Probe
from simulator.testing.kernel.compare import Judge, differences
from simulator.testing.kernel.compiler import compile_network
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import INTERNET
from tests.oracle.kernel.estates import ATTACHED, PEERED
from tests.oracle.kernel.networks import snapshot_of

PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": ICMP}
OUTSIDE = "198.51.100.7"


class Sent(NamedTuple):
    """A flow in words, and what becomes of it: `answered`, `delivered` (no answer comes back) or the site where it is lost."""

    sender: str
    to: str
    service: str
    fate: str
    reply: str = ""
    as_from: str = ""
    forged: str = ""


def probe_of(network: Network, sent: Sent) -> Probe:
    names = {nic.id: i for i, nic in enumerate(network.interfaces)} | {"internet": INTERNET}
    number = names[sent.sender if sent.sender in names else f"{sent.sender}-eni"]
    own = OUTSIDE if number == INTERNET else format_address(*network.interfaces[number].addresses[0].private)
    protocol, *port = sent.service.split("/")
    ends = (parse_address(sent.forged or own)[1], parse_address(sent.to)[1])
    if protocol == "icmp":
        return Probe(number, Flow(4, *ends, ICMP, 0, 0, 8, 0))
    return Probe(number, Flow(4, *ends, PROTOCOLS[protocol], 40000, int(port[0])))


def fate(answer: Answer) -> str:
    if answer.answered:
        return "answered"
    return "delivered" if answer.delivered else str(answer.lost["forward"])


BASIC = """
vpcs: {v: {cidr: 10.0.0.0/16, internet_gateway: igw}}
subnets:
  n: {vpc: v, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}, network_acl: tight}
  p: {vpc: v, cidr: 10.0.11.0/24, routes: {0.0.0.0/0: nat, 198.51.100.0/28: blackhole}, network_acl: shut}
  q: {vpc: v, cidr: 10.0.12.0/24, route_table: bare}
route_tables: {bare: {vpc: v}}
network_acls:
  tight:
    vpc: v
    inbound: [{rule: 1, from: 10.0.0.0/16, allow: all}, {rule: 2, allow: tcp/443}, {rule: 3, allow: tcp/1024-65535}, {rule: 4, allow: icmp}]
    outbound: [{rule: 1, allow: tcp/1024-65535}, {rule: 2, allow: tcp/443}, {rule: 3, allow: icmp}]
  shut:
    vpc: v
    inbound: [{rule: 90, deny: tcp/443}, {rule: 100, allow: tcp/1-65535}]
    outbound: [{rule: 100, allow: all}]
security_groups:
  open: {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}]}
  web:  {vpc: v, inbound: [{from: 0.0.0.0/0, allow: tcp/443}]}
  ref:  {vpc: v, inbound: [{from: web, allow: tcp/8022}]}
  mute: {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}], outbound: []}
nat_gateways: {nat: {subnet: n, private_ip: 10.0.1.5, public_ip: 203.0.113.5}}
instances:
  w: {subnet: n, ip: 10.0.1.10, public_ip: 203.0.113.10, security_groups: [web]}
  x: {subnet: n, ip: 10.0.1.11, public_ip: 203.0.113.11, security_groups: [open]}
  bare: {subnet: n, ip: 10.0.1.12, security_groups: [open]}
  a: {subnet: p, ip: 10.0.11.10, security_groups: [open]}
  b: {subnet: p, ip: 10.0.11.11, security_groups: [mute]}
  r: {subnet: q, ip: 10.0.12.10, security_groups: [ref]}
lambdas: {fn: {subnets: [q], security_groups: [open]}}
"""

BASIC_FLOWS = [
    Sent("a", "10.0.11.11", "tcp/443", "answered"),  # W-1, NACL-4: no list inside a subnet; SG-19: the group of b lets nothing out
    Sent("b", "10.0.11.10", "tcp/443", "group egress b-eni"),  # SG-3
    Sent("w", "10.0.11.10", "tcp/443", "acl ingress shut ingress rule 90"),  # NACL-2
    Sent("w", "10.0.11.10", "tcp/8080", "answered"),
    Sent("w", "10.0.11.10", "udp/1024", "acl egress tight egress rule *"),
    Sent("w", "10.0.12.10", "tcp/8022", "answered"),  # SG-11
    Sent("x", "10.0.12.10", "tcp/8022", "group ingress r-eni"),
    Sent("internet", "203.0.113.10", "tcp/443", "answered", as_from=OUTSIDE),  # W-3
    Sent("internet", "203.0.113.10", "tcp/1024", "group ingress w-eni"),
    Sent("internet", "203.0.113.10", "tcp/22", "acl ingress tight ingress rule *"),
    Sent("internet", "203.0.113.77", "tcp/443", "answered"),  # somebody else's address
    Sent("internet", "10.0.1.10", "tcp/443", "internet private internet"),  # IGW-3
    Sent("internet", "203.0.113.11", "tcp/443", "gateway private igw", forged="10.9.9.9"),  # IGW-5
    Sent("w", OUTSIDE, "tcp/443", "answered", as_from="203.0.113.10"),  # W-4
    Sent("bare", OUTSIDE, "tcp/443", "gateway egress igw"),  # IGW-2
    Sent("bare", "100.64.1.1", "tcp/443", "gateway private igw"),  # IGW-5
    Sent("x", "10.0.1.10", "tcp/443", "source check x-eni", forged="10.0.1.12"),  # ENI-4
    Sent("a", OUTSIDE, "tcp/8443", "blackhole p"),  # RT-6, RT-15
    Sent("a", "198.51.100.99", "tcp/8443", "answered", as_from="203.0.113.5"),  # W-5
    Sent("a", "198.51.100.99", "icmp", "delivered", reply="acl ingress shut ingress rule *", as_from="203.0.113.5"),  # NAT-9, NACL-3
    Sent("a", "203.0.113.11", "tcp/8443", "answered", as_from="203.0.113.5"),  # IGW-12
    Sent("w", "203.0.113.11", "tcp/443", "answered", as_from="203.0.113.10"),  # IGW-11, NACL-22
    Sent("bare", "203.0.113.11", "tcp/443", "gateway egress igw"),  # IGW-12
    Sent("internet", "203.0.113.5", "tcp/443", "nat inbound nat"),  # NAT-6
    Sent("a", "10.0.1.5", "icmp", "nat inbound nat"),  # NAT-6
    Sent("r", OUTSIDE, "tcp/443", "no route q"),  # RT-14
    Sent("r", "10.0.12.99", "tcp/443", "no address q"),  # MODEL-10
    Sent("r", "10.0.200.1", "tcp/443", "no address v"),  # MODEL-10
    Sent("r", "10.0.12.4", "tcp/443", "function fn-eni-q"),  # LAMBDA-7
    Sent("fn-eni-q", "10.0.11.10", "tcp/80", "answered"),
    Sent("fn-eni-q", "10.0.11.10", "tcp/25", "protocol fn-eni-q"),  # LAMBDA-11
]

APPLIANCES = """
vpcs: {v: {cidr: 10.0.0.0/16, internet_gateway: igw}, w: {cidr: 10.0.0.0/16, internet_gateway: igw-w}}
subnets:
  n: {vpc: v, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}
  p: {vpc: v, cidr: 10.0.11.0/24, routes: {0.0.0.0/0: box, 10.0.12.0/24: router}}
  q: {vpc: v, cidr: 10.0.12.0/24, route_table: bare}
  s: {vpc: v, cidr: 10.0.13.0/24, routes: {0.0.0.0/0: nat}}
  t: {vpc: v, cidr: 10.0.14.0/24, routes: {10.0.12.0/24: stopped, 10.0.12.10/32: blackhole, 10.0.11.0/24: deaf}}
  other: {vpc: w, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw-w}}
route_tables: {bare: {vpc: v}}
security_groups:
  open:   {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}]}
  client: {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}]}
  by-group: {vpc: v, inbound: [{from: client, allow: tcp/443}, {from: 10.0.0.0/16, allow: tcp/80}, {from: 10.0.0.0/16, allow: udp/53}]}
  closed: {vpc: v, inbound: [], outbound: []}
  w-open: {vpc: w, inbound: [{from: 0.0.0.0/0, allow: all}]}
nat_gateways: {nat: {subnet: s, private_ip: 10.0.13.5, public_ip: 203.0.113.5}}
instances:
  c:      {subnet: p, ip: 10.0.11.10, security_groups: [client]}
  b:      {subnet: q, ip: 10.0.12.10, security_groups: [by-group]}
  d:      {subnet: s, ip: 10.0.13.10, security_groups: [client]}
  e:      {subnet: t, ip: 10.0.14.10, security_groups: [open]}
  box:    {subnet: n, ip: 10.0.1.6, public_ip: 203.0.113.6, security_groups: [open], source_dest_check: false, forwards: nat}
  router: {subnet: n, ip: 10.0.1.7, security_groups: [open], source_dest_check: false, forwards: route}
  deaf:   {subnet: n, ip: 10.0.1.8, security_groups: [closed], source_dest_check: false, forwards: route}
  stopped: {subnet: n, ip: 10.0.1.9, security_groups: [open], source_dest_check: false, forwards: route, state: stopped}
  twin:   {subnet: other, ip: 10.0.1.6, public_ip: 203.0.113.66, security_groups: [w-open]}
"""

APPLIANCE_FLOWS = [
    Sent("c", OUTSIDE, "tcp/443", "answered", as_from="203.0.113.6"),  # W-6
    Sent("c", OUTSIDE, "icmp", "answered", as_from="203.0.113.6"),
    Sent("c", "10.0.1.6", "tcp/443", "answered", as_from="10.0.11.10"),  # NATI-4: the instance itself
    Sent("internet", "203.0.113.6", "udp/53", "answered"),
    Sent("c", "10.0.12.10", "tcp/443", "group ingress b-eni"),  # SG-13: a reference does not survive the router
    Sent("c", "10.0.12.10", "tcp/80", "answered", as_from="10.0.11.10"),  # but an address does; the reply comes directly (RT-5)
    Sent("d", "10.0.12.10", "tcp/443", "answered"),  # SG-11
    Sent("d", "10.0.12.10", "udp/53", "answered"),
    Sent("e", "10.0.11.10", "udp/53", "group ingress deaf-eni"),
    Sent("c", "10.0.14.10", "udp/53", "delivered", reply="group ingress deaf-eni"),  # SG-25: the reply's way is another one
    Sent("e", "10.0.12.10", "tcp/80", "state stopped"),  # RT-18: a /32 is no subnet, the route is ignored
    Sent("d", OUTSIDE, "tcp/443", "loop fabric"),  # NAT-11
    Sent("box", OUTSIDE, "tcp/443", "gateway source igw", forged="192.0.2.1"),  # ENI-5, IGW-6
    Sent("router", "10.0.11.10", "tcp/443", "delivered", forged="10.0.12.10"),  # the answer goes to b
    Sent("twin", "203.0.113.6", "tcp/443", "answered", as_from="203.0.113.66"),  # VPC-13: equal blocks, told apart by gateway
]


PEERED_FLOWS = [
    Sent("a1", "10.1.1.10", "tcp/443", "answered"),  # PCX-1, PCX-6
    Sent("a2", "10.1.1.10", "tcp/443", "group egress a2-eni"),
    Sent("a2", "10.1.1.11", "tcp/443", "group ingress b2-eni"),  # SG-14
    Sent("a1", "10.1.1.11", "tcp/443", "answered"),  # SG-13: the peer's group, one Region
    Sent("a1", "10.2.1.10", "tcp/443", "answered"),  # PCX-9
    Sent("a1", "10.2.1.11", "tcp/443", "group ingress c2-eni"),  # PCX-9: no references over Regions
    Sent("a1", "10.3.1.10", "tcp/443", "blackhole a-net"),  # PCX-11
    Sent("a1", "10.9.0.1", "tcp/443", "peering destination ab"),  # PCX-3
    Sent("b1", OUTSIDE, "tcp/443", "peering destination ab"),  # PCX-4
    Sent("ghost", "10.1.1.10", "tcp/443", "peering source ab", forged="10.2.1.10"),  # PCX-3
    Sent("b1", "10.2.1.10", "tcp/443", "delivered", reply="peering destination ac"),  # PCX-7: the reply's way is another one
    Sent("a1", "10.1.2.10", "tcp/443", "delivered", reply="no route b-lost"),  # PCX-1
    Sent("a3", "10.1.1.10", "tcp/443", "answered", as_from="10.0.3.5"),  # NAT-4
    Sent("a3", "10.1.2.10", "tcp/443", "answered", as_from="10.0.3.5"),  # NAT-14: no route back is needed
    Sent("a3", "10.1.2.10", "icmp", "answered", as_from="10.0.3.5"),  # NAT-14
    Sent("a3", "10.1.3.10", "tcp/443", "delivered", reply="acl egress shut egress rule *", as_from="10.0.3.5"),  # NAT-14: lists apply
    Sent("b1", "10.0.3.5", "icmp", "nat inbound nat"),  # NAT-6
]

ATTACHED_FLOWS = [
    Sent("v1", "10.1.1.10", "tcp/443", "answered"),  # W-10
    Sent("v1", "10.1.1.10", "tcp/23", "acl egress w-picky egress rule 1"),  # TGW-8: the list of the attachment's subnet, on arrival
    Sent("w1", "10.0.1.10", "udp/53", "acl ingress w-picky ingress rule 1"),  # TGW-8: and on the way in
    Sent("v1", "10.1.0.10", "tcp/23", "answered"),  # TGW-9: arriving in its own subnet meets no list
    Sent("w3", "10.0.1.10", "udp/53", "acl ingress w-picky ingress rule 1"),  # TGW-9: leaving meets both
    Sent("v2", "10.1.1.10", "tcp/443", "transit zone v-b"),  # TGW-4
    Sent("v1", "10.1.1.11", "tcp/443", "answered"),  # TGW-11
    Sent("v1", "10.2.1.11", "tcp/443", "group ingress e2-eni"),  # TGW-11: not over this attachment
    Sent("v1", "10.3.1.10", "tcp/443", "answered"),  # TGW-23
    Sent("v1", "10.3.1.11", "tcp/443", "group ingress x2-eni"),  # TGW-23: no references
    Sent("e1", "10.3.1.10", "tcp/443", "answered"),
    Sent("e1", "10.3.1.11", "tcp/443", "group ingress x2-eni"),  # TGW-11: not through a gateway without that support
    Sent("v1", "10.1.7.10", "tcp/443", "transit blackhole tgw"),  # TGW-2, TGW-3
    Sent("v1", "10.6.0.1", "tcp/443", "transit blackhole tgw"),
    Sent("w1", "10.77.0.1", "tcp/443", "transit no route tgw"),  # TGW-1: by its own table
    Sent("v1", "10.5.0.1", "tcp/443", "transit association mute"),  # TGW-1
    Sent("v1", "10.99.0.1", "tcp/443", "blackhole v-a"),  # RT-30
    Sent("f1", "10.0.1.10", "tcp/443", "blackhole f-net"),  # TGW-21
    Sent("w1", "10.4.1.10", "tcp/443", "transit state tgw"),  # TGW-21
    Sent("v1", OUTSIDE, "tcp/443", "answered", as_from="203.0.113.5"),  # TGW-16
    Sent("v1", OUTSIDE, "icmp", "answered", as_from="203.0.113.5"),
    Sent("internet", "203.0.113.10", "tcp/443", "answered"),
    Sent("e1", "10.0.1.10", "tcp/443", "answered", as_from="10.2.1.10"),
    Sent("v4", "3.5.16.9", "tcp/443", "answered", as_from="10.0.3.10"),  # GWE-4
    Sent("v4", "3.5.16.9", "icmp", "answered"),  # GWE-5
    Sent("v4", "3.5.16.9", "udp/443", "endpoint protocol s3"),  # GWE-5
    Sent("v5", "3.5.16.9", "tcp/443", "endpoint source s3", forged="10.1.1.10"),  # GWE-6
    Sent("v1", "3.5.16.9", "tcp/443", "answered", as_from="203.0.113.5"),  # GWE-3: another table
    Sent("v4", OUTSIDE, "tcp/443", "no route v-s3"),
    Sent("w1", "10.1.1.4", "tcp/443", "answered"),  # IFE-2
    Sent("w1", "10.1.1.4", "icmp", "protocol sqs-eni-w-a"),  # IFE-6
    Sent("v1", "10.1.1.4", "tcp/443", "group ingress sqs-eni-w-a"),  # SG-13: an endpoint knows nobody who comes by a transit gateway
]

NETWORKS = {
    "basic": (BASIC, BASIC_FLOWS),
    "appliances": (APPLIANCES, APPLIANCE_FLOWS),
    "peered": (PEERED, PEERED_FLOWS),
    "attached": (ATTACHED, ATTACHED_FLOWS),
}


@pytest.mark.parametrize(("text", "flows"), NETWORKS.values(), ids=NETWORKS)
def test_worked_out_by_hand(bed: Bed, text: str, flows: list[Sent]) -> None:
    network, plan = compile_network(snapshot_of(yaml.safe_load(text)))
    bed.load(plan)
    probes = [probe_of(network, sent) for sent in flows]
    answers = bed.probe(probes)
    wrong = [str(difference) for difference in differences(Judge.of(network), probes, answers)]
    for sent, answer in zip(flows, answers, strict=True):
        seen = format_address(4, answer.delivered[1]) if answer.delivered else ""
        reply = str(answer.lost.get("reply", ""))
        if (fate(answer), seen if sent.as_from else "", reply if sent.reply else "") != (sent.fate, sent.as_from, sent.reply):
            wrong.append(f"{sent}: {answer}")
    assert not wrong, "\n".join(wrong)
    assert bed.counts["lost without a trace"] == 0


def test_the_port_of_a_nat_gateway_decides_exactly(bed: Bed) -> None:
    """NAT-9, NACL-15: the reply passes if and only if the gateway's port is one that the list of its subnet opens."""
    text = """
    vpcs: {v: {cidr: 10.0.0.0/16, internet_gateway: igw}}
    subnets:
      n: {vpc: v, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}
      p: {vpc: v, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: nat}}
    network_acls:
      half:
        vpc: v
        subnets: [n]
        inbound: [{rule: 1, from: 10.0.0.0/16, allow: all}, {rule: 2, allow: udp/32768-65535}]
        outbound: [{rule: 1, allow: all}]
    nat_gateways: {nat: {subnet: n, private_ip: 10.0.1.5, public_ip: 203.0.113.5,
                         secondary: [{private_ip: 10.0.1.6, public_ip: 203.0.113.6}, {private_ip: 10.0.1.7, public_ip: 203.0.113.7}]}}
    instances: {a: {subnet: p, ip: 10.0.2.10}}
    """
    network, plan = compile_network(snapshot_of(yaml.safe_load(text)), (32766, 32769))
    bed.load(plan)
    sent = probe_of(network, Sent("a", OUTSIDE, "udp/53", ""))
    answers = bed.probe([sent] * 200)
    ports = {port: answered for answer in answers if answer.delivered for port, answered in [(answer.delivered[2], answer.answered)]}
    assert ports == {32766: False, 32767: False, 32768: True, 32769: True}
    addresses = {format_address(4, answer.delivered[1]) for answer in answers if answer.delivered}
    assert addresses == {"203.0.113.5", "203.0.113.6", "203.0.113.7"}  # NAT-1
    judge = Judge.of(network)
    assert all(judge.walk(sent, answer).answered == answer.answered for answer in answers)


# --- what this bed once found the simulator to do wrong --------------------------------------------------------------------------

REFERENCE = """
vpcs: {v: {cidr: 10.0.0.0/16}}
subnets: {p: {vpc: v, cidr: 10.0.1.0/24}}
security_groups: {g: {vpc: v, inbound: [{from: g, allow: all}]}}
instances:
  liar: {subnet: p, ip: 10.0.1.4, security_groups: [g], source_dest_check: false, forwards: route}
  b:    {subnet: p, ip: 10.0.1.5, security_groups: [g]}
"""

DEAD_REDIRECT = """
vpcs: {v: {cidr: 10.0.0.0/16}}
subnets:
  p: {vpc: v, cidr: 10.0.1.0/24, route_table: t}
  q: {vpc: v, cidr: 10.0.5.0/24}
  m: {vpc: v, cidr: 10.0.9.0/24}
route_tables: {t: {vpc: v, routes: [{to: 10.0.5.0/24, via: router, blackhole: true}]}}
security_groups: {open: {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}]}}
instances:
  a: {subnet: p, ip: 10.0.1.4, security_groups: [open]}
  b: {subnet: q, ip: 10.0.5.4, security_groups: [open]}
  router: {subnet: m, ip: 10.0.9.4, security_groups: [open], source_dest_check: false, forwards: route}
"""

APPLIANCE_ITSELF = """
vpcs: {v: {cidr: 10.0.0.0/16}}
subnets:
  m: {vpc: v, cidr: 10.0.0.0/24}
  p: {vpc: v, cidr: 10.0.2.0/24, routes: {10.0.0.0/24: box}}
security_groups: {g: {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}], outbound: [{to: g, allow: all}]}}
instances:
  box: {subnet: m, ip: 10.0.0.7, security_groups: [g], source_dest_check: false, forwards: route}
  a:   {subnet: p, ip: 10.0.2.6, security_groups: [g]}
"""

FOUND = [
    # SG-11: a reference means packets with one of the sender's own private addresses; a member's forged source is no such.
    pytest.param(REFERENCE, Sent("liar", "10.0.1.5", "tcp/443", "group ingress b-eni", forged="192.0.2.1"), id="SG-11"),
    # RT-15, RT-18: a route to a gone appliance, for a whole subnet, wins over the local route and drops.
    pytest.param(DEAD_REDIRECT, Sent("a", "10.0.5.4", "tcp/443", "blackhole p"), id="RT-15"),
    # SG-13: a packet for the appliance itself is not routed through it; a reference out of the sender's group holds.
    pytest.param(APPLIANCE_ITSELF, Sent("a", "10.0.0.7", "tcp/443", "answered"), id="SG-13"),
]


@pytest.mark.parametrize(("text", "sent"), FOUND)
def test_what_was_found_once(bed: Bed, text: str, sent: Sent) -> None:
    network, plan = compile_network(snapshot_of(yaml.safe_load(text)))
    bed.load(plan)
    probe = probe_of(network, sent)
    answer = bed.probe([probe])[0]
    assert fate(answer) == sent.fate
    assert bool(Judge.of(network).walk(probe, answer).answered) == answer.answered
