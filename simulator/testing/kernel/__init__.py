"""The Linux kernel as a judge: a snapshot's network built out of namespaces, real packets sent through it, both legs.

Theory of operation. Five anonymous network namespaces, held by one worker process and gone with it, even when it is killed:

    card     one TUN per interface (the guest's side, read and written by the worker) and one veth to the fabric; here are security
             groups (a conntrack zone per interface), source/destination check, NAT gateways
    fabric   the subnets: route tables (policy routing), on-link delivery, network ACLs (no conntrack), peerings
    edge     internet gateways (stateless rewriting) and the internet (one TUN), services behind gateway endpoints (a TUN each)
    transit  transit gateways: a table for each attachment's association and the zone packets come from
    guest    what NAT instances do inside: routing and source translation behind their interface

No interface has an address, so no packet is ever local to the kernel; what nobody wants goes to a sink or a logged drop, and the
log says which rule of which resource it was. Metadata that AWS keeps beside a packet (who sent it, SG-13) travels in its DSCP bits.

`compiler` turns nouns into this configuration. It is written from the specification (docs/semantics.md, sections 1 to 10, 12, 15) and
imports noun dataclasses and nothing else of the simulator: no graph, no walk, no function that derives anything from nouns. What both
believe wrongly about AWS they believe together; what this finds are errors of mechanism.

It needs Linux with user namespaces (or root), a readable and writable /dev/net/tun, `ip` and libnftables (Debian: iproute2,
libnftables1). `python -m simulator.testing.kernel.probe` says whether this machine has them. `vpcsim verify` is its face for users,
tests/oracle/kernel the search with random networks.

Not built, so not judged: IPv6, ingress routing, VPN and Direct Connect, load balancers, firewalls, link-local services, what AWS picks
(the zone of arrival behind a transit gateway, appliance mode included; among overlapping prefix lists), protocols other than TCP, UDP
and ICMP queries, ICMP errors, fragments, timeouts, running out of ports. What of a network is not built ends packets at a site of its
own, so the rest of it can be judged.

Parts: `libc`, `netlink`, `nftables`, `packets`, `pool`, `worker` run in the worker; `bed` is its other end, `probe` tries it out;
`compiler`, `network`, `links`, `fabric`, `transit`, `card`, `edge`, `filters`, `routes`, `plan` make what it is told; `scope` says what
it can judge.
Only `compare` (one packet), `samples`, `verify`, `steps` and `findings` (a user's questions) know the simulator.
"""
