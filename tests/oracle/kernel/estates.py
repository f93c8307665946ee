"""Two estates made by hand: VPCs that peerings join, and VPCs behind transit gateways, with endpoints of services. Every interesting way
and every way to be refused is there and open otherwise, so a fault in one of them shows with few packets.
"""

PEERED = """
vpcs:
  a: {cidr: 10.0.0.0/16, internet_gateway: igw, region: us-east-1}
  b: {cidr: 10.1.0.0/16, region: us-east-1}
  c: {cidr: 10.2.0.0/16, region: eu-west-1}
  d: {cidr: 10.3.0.0/16, region: us-east-1}
peerings: {ab: {vpcs: [a, b]}, ac: {vpcs: [a, c]}, ad: {vpcs: [a, d], state: deleted}, bc: {vpcs: [c, b]}}
subnets:
  a-net: {vpc: a, cidr: 10.0.1.0/24, route_table: a-out}
  a-via: {vpc: a, cidr: 10.0.2.0/24, routes: {10.1.0.0/16: nat}}
  a-nat: {vpc: a, cidr: 10.0.3.0/24, routes: {10.1.0.0/16: ab, 0.0.0.0/0: igw}}
  b-net: {vpc: b, cidr: 10.1.1.0/24, routes: {10.0.0.0/16: ab, 10.2.0.0/16: bc, 0.0.0.0/0: ab}}
  b-lost: {vpc: b, cidr: 10.1.2.0/24, route_table: b-empty}
  b-shut: {vpc: b, cidr: 10.1.3.0/24, route_table: b-empty, network_acl: shut}
  c-net: {vpc: c, cidr: 10.2.1.0/24, routes: {10.0.0.0/16: ac, 10.1.0.0/16: ac}}
  d-net: {vpc: d, cidr: 10.3.1.0/24, routes: {10.0.0.0/16: ad}}
route_tables:
  a-out: {vpc: a, routes: {10.1.0.0/16: ab, 10.2.0.0/16: ac, 10.3.0.0/16: ad, 10.9.0.0/16: ab}}
  b-empty: {vpc: b}
network_acls:
  shut: {vpc: b, inbound: [{rule: 1, allow: all}], outbound: [{rule: 1, allow: tcp/1-1023}]}
security_groups:
  a-open: {vpc: a, inbound: [{from: 0.0.0.0/0, allow: all}]}
  a-to-b: {vpc: a, inbound: [{from: 0.0.0.0/0, allow: all}], outbound: [{to: b-ref, allow: all}]}
  b-open: {vpc: b, inbound: [{from: 0.0.0.0/0, allow: all}]}
  b-ref:  {vpc: b, inbound: [{from: a-open, allow: all}]}
  c-open: {vpc: c, inbound: [{from: 0.0.0.0/0, allow: all}]}
  c-ref:  {vpc: c, inbound: [{from: a-open, allow: all}]}
  d-open: {vpc: d, inbound: [{from: 0.0.0.0/0, allow: all}]}
nat_gateways: {nat: {subnet: a-nat, private_ip: 10.0.3.5, public_ip: 203.0.113.5}}
instances:
  a1: {subnet: a-net, ip: 10.0.1.10, security_groups: [a-open]}
  a2: {subnet: a-net, ip: 10.0.1.11, security_groups: [a-to-b]}
  a3: {subnet: a-via, ip: 10.0.2.10, security_groups: [a-open]}
  a4: {subnet: a-nat, ip: 10.0.3.10, public_ip: 203.0.113.10, security_groups: [a-open]}
  ghost: {subnet: a-net, ip: 10.0.1.12, security_groups: [a-open], source_dest_check: false, forwards: route}
  b1: {subnet: b-net, ip: 10.1.1.10, security_groups: [b-open]}
  b2: {subnet: b-net, ip: 10.1.1.11, security_groups: [b-ref]}
  b3: {subnet: b-lost, ip: 10.1.2.10, security_groups: [b-open]}
  b4: {subnet: b-shut, ip: 10.1.3.10, security_groups: [b-open]}
  c1: {subnet: c-net, ip: 10.2.1.10, security_groups: [c-open]}
  c2: {subnet: c-net, ip: 10.2.1.11, security_groups: [c-ref]}
  d1: {subnet: d-net, ip: 10.3.1.10, security_groups: [d-open]}
"""

ATTACHED = """
vpcs:
  v: {cidr: 10.0.0.0/16}
  w: {cidr: 10.1.0.0/16}
  e: {cidr: 10.2.0.0/16, internet_gateway: igw}
  x: {cidr: 10.3.0.0/16}
  f: {cidr: 10.4.0.0/16}
transit_gateways: {tgw: {group_references: true}, tgx: {}, mute: {default_association: false}}
transit_attachments:
  v-att: {transit_gateway: tgw, vpc: v, subnets: [v-t]}
  w-att: {transit_gateway: tgw, vpc: w, subnets: [w-t, w-tb], route_table: second}
  e-att: {transit_gateway: tgw, vpc: e, subnets: [e-t], group_references: false}
  x-att: {transit_gateway: tgx, vpc: x, subnets: [x-t], appliance_mode: true}
  e-x: {transit_gateway: tgx, vpc: e, subnets: [e-t]}
  f-att: {transit_gateway: tgw, vpc: f, subnets: [f-net], state: pending}
  v-mute: {transit_gateway: mute, vpc: v, subnets: [v-t]}
  joint: {transit_gateway: tgw, peer: tgx}
transit_route_tables:
  tgw-routes:
    transit_gateway: tgw
    routes: {0.0.0.0/0: e-att, 10.3.0.0/16: joint, 10.1.7.0/24: blackhole, 10.1.8.0/24: e-att, 10.6.0.0/16: blackhole}
  second: {transit_gateway: tgw, propagations: [v-att, f-att], routes: {10.3.0.0/16: joint}}
  tgx-routes: {transit_gateway: tgx, routes: {10.0.0.0/15: joint}}
subnets:
  v-t:  {vpc: v, cidr: 10.0.0.0/24, zone: a, routes: {10.0.0.0/8: tgw}}
  v-a:  {vpc: v, cidr: 10.0.1.0/24, zone: a, route_table: v-out}
  v-b:  {vpc: v, cidr: 10.0.2.0/24, zone: b, route_table: v-out}
  v-s3: {vpc: v, cidr: 10.0.3.0/24, zone: a, route_table: v-end}
  w-t:  {vpc: w, cidr: 10.1.0.0/28, zone: a, network_acl: w-picky, routes: {10.0.0.0/8: tgw}}
  w-tb: {vpc: w, cidr: 10.1.0.16/28, zone: b, routes: {10.0.0.0/8: tgw}}
  w-a:  {vpc: w, cidr: 10.1.1.0/24, zone: a, routes: {0.0.0.0/0: tgw}}
  w-7:  {vpc: w, cidr: 10.1.7.0/24, zone: a, routes: {0.0.0.0/0: tgw}}
  w-8:  {vpc: w, cidr: 10.1.8.0/24, zone: a, routes: {0.0.0.0/0: tgw}}
  e-t:  {vpc: e, cidr: 10.2.0.0/24, zone: a, routes: {0.0.0.0/0: nat, 10.0.0.0/8: tgw}}
  e-n:  {vpc: e, cidr: 10.2.1.0/24, zone: a, routes: {0.0.0.0/0: igw, 10.0.0.0/8: tgw, 10.3.0.0/16: tgx}}
  x-t:  {vpc: x, cidr: 10.3.0.0/24, zone: a, routes: {10.0.0.0/8: tgx}}
  x-a:  {vpc: x, cidr: 10.3.1.0/24, zone: a, routes: {10.0.0.0/8: tgx}}
  f-net: {vpc: f, cidr: 10.4.1.0/24, zone: a, routes: {0.0.0.0/0: tgw}}
route_tables:
  v-out: {vpc: v, routes: {0.0.0.0/0: tgw, 10.5.0.0/16: mute, 10.99.0.0/16: tgx}}
  v-end: {vpc: v, routes: {10.0.0.0/8: tgw}}
vpc_endpoints:
  s3: {vpc: v, service: s3, route_tables: [v-end]}
  sqs: {vpc: w, service: sqs, subnets: [w-a], security_groups: [w-ends]}
network_acls:
  w-picky:
    vpc: w
    inbound: [{rule: 1, deny: udp/53}, {rule: 2, allow: all}]
    outbound: [{rule: 1, deny: tcp/23}, {rule: 2, allow: all}]
security_groups:
  v-open: {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}]}
  v-to-v: {vpc: v, inbound: [{from: 0.0.0.0/0, allow: all}], outbound: [{to: v-open, allow: all}]}
  w-open: {vpc: w, inbound: [{from: 0.0.0.0/0, allow: all}]}
  w-ref:  {vpc: w, inbound: [{from: v-open, allow: all}]}
  w-ends: {vpc: w, inbound: [{from: v-open, allow: all}, {from: w-open, allow: all}, {from: 10.0.2.0/24, allow: all}]}
  e-open: {vpc: e, inbound: [{from: 0.0.0.0/0, allow: all}]}
  e-ref:  {vpc: e, inbound: [{from: v-open, allow: all}]}
  x-open: {vpc: x, inbound: [{from: 0.0.0.0/0, allow: all}]}
  x-ref:  {vpc: x, inbound: [{from: v-open, allow: all}, {from: e-open, allow: all}]}
  f-open: {vpc: f, inbound: [{from: 0.0.0.0/0, allow: all}]}
nat_gateways: {nat: {subnet: e-n, private_ip: 10.2.1.5, public_ip: 203.0.113.5}}
instances:
  v1: {subnet: v-a, ip: 10.0.1.10, security_groups: [v-open]}
  v2: {subnet: v-b, ip: 10.0.2.10, security_groups: [v-open]}
  v3: {subnet: v-t, ip: 10.0.0.10, security_groups: [v-open]}
  v4: {subnet: v-s3, ip: 10.0.3.10, security_groups: [v-open]}
  v5: {subnet: v-s3, ip: 10.0.3.11, security_groups: [v-open], source_dest_check: false, forwards: route}
  v6: {subnet: v-a, ip: 10.0.1.11, security_groups: [v-to-v]}
  w1: {subnet: w-a, ip: 10.1.1.10, security_groups: [w-open]}
  w2: {subnet: w-a, ip: 10.1.1.11, security_groups: [w-ref]}
  w3: {subnet: w-t, ip: 10.1.0.10, security_groups: [w-open]}
  w7: {subnet: w-7, ip: 10.1.7.10, security_groups: [w-open]}
  w8: {subnet: w-8, ip: 10.1.8.10, security_groups: [w-open]}
  e1: {subnet: e-n, ip: 10.2.1.10, public_ip: 203.0.113.10, security_groups: [e-open]}
  e2: {subnet: e-n, ip: 10.2.1.11, security_groups: [e-ref]}
  x1: {subnet: x-a, ip: 10.3.1.10, security_groups: [x-open]}
  x2: {subnet: x-a, ip: 10.3.1.11, security_groups: [x-ref]}
  f1: {subnet: f-net, ip: 10.4.1.10, security_groups: [f-open]}
"""
