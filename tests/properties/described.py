"""A drawn network as AWS would describe it: one JSON list for each kind, as `aws ... describe-*` prints them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.aws.cache import Cache
from simulator.aws.database import Database
from simulator.aws.egress_only_gateway import EgressOnlyGateway
from simulator.aws.event_fabric import EventSource
from simulator.aws.instance import Instance
from simulator.aws.internet_gateway import InternetGateway
from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.nat_gateway import NatGateway
from simulator.aws.network_acl import AclEntry, NetworkAcl
from simulator.aws.network_interface import NetworkInterface
from simulator.aws.permissions import GroupPeer, ListPeer, Permission, Traffic
from simulator.aws.prefix_list import PrefixList
from simulator.aws.route_table import LOCAL, TARGET_FIELDS, RouteEntry, RouteTable
from simulator.aws.security_group import SecurityGroup
from simulator.aws.snapshot import Snapshot
from simulator.aws.subnet import Subnet
from simulator.aws.vpc import Vpc
from simulator.aws.vpc_peering import VpcPeering
from simulator.packet.flow import ICMP, ICMPV6
from simulator.packet.prefix import Prefix, format_address
from simulator.testing.strategies import changed
from tests.properties import described_transit

Json = dict[str, Any]
FIELD_OF = (
    {kind: key for key, kind in TARGET_FIELDS.items()}
    | {"internet-gateway": "GatewayId", "virtual-private-gateway": "GatewayId"}
    | {"vpc-endpoint": "GatewayId"}
)
ARN = "arn:aws:{}:us-east-1:123456789012:{}"
FUNCTION_ARN = ARN.format("lambda", "function:{}")


def describable(snapshot: Snapshot) -> Snapshot:
    """The network without what these answers do not tell: guests that forward, DNS settings, Regions, gateways long gone."""
    return changed(
        described_transit.describable(snapshot),
        *(replace(vpc, dns_support=True, region="") for vpc in snapshot.all(Vpc)),
        *(replace(instance, forwards="") for instance in snapshot.all(Instance)),
        *(replace(gateway, state="failed") for gateway in snapshot.all(NatGateway) if gateway.state == "deleted"),
    )


def write(snapshot: Snapshot, folder: Path) -> None:
    """One file for each list."""
    for key, elements in lists_of(snapshot).items():
        (folder / f"{key}.json").write_text(json.dumps({key: elements}), "utf-8")


def lists_of(snapshot: Snapshot) -> dict[str, list[Json]]:
    every = snapshot.all
    return {
        "Vpcs": [_vpc(noun) for noun in every(Vpc)],
        "Subnets": [_subnet(noun) for noun in every(Subnet)],
        "InternetGateways": [_internet_gateway(noun) for noun in every(InternetGateway)],
        "RouteTables": [_table(snapshot, noun) for noun in every(RouteTable)],
        "NetworkAcls": [_acl(noun) for noun in every(NetworkAcl)],
        "SecurityGroups": [_group(noun) for noun in every(SecurityGroup)],
        "PrefixLists": [_list(noun) for noun in every(PrefixList)],
        "NetworkInterfaces": [_interface(snapshot, noun) for noun in every(NetworkInterface)],
        "Reservations": [{"Instances": [_instance(noun)]} for noun in every(Instance)],
        "NatGateways": [_nat_gateway(snapshot, noun) for noun in every(NatGateway)],
        "VpcPeeringConnections": [_peering(snapshot, noun) for noun in every(VpcPeering)],
        "EgressOnlyInternetGateways": [_egress_only(noun) for noun in every(EgressOnlyGateway)],
        "Functions": [_function(snapshot, noun) for noun in every(LambdaFunction)],
        "DBInstances": [_database(snapshot, noun) for noun in every(Database)],
        "CacheClusters": [_cache(snapshot, noun) for noun in every(Cache)],
        "CacheSubnetGroups": [_cache_subnets(snapshot, noun) for noun in every(Cache)],
        "EventSourceMappings": [
            {
                "UUID": f"{noun.id}-{name}",
                "EventSourceArn": ARN.format("sqs", noun.id),
                "FunctionArn": FUNCTION_ARN.format(name),
            }
            for noun in every(EventSource)
            for name in noun.invokes
        ],
        **described_transit.transit_lists(snapshot),
    }


def _vpc(vpc: Vpc) -> Json:
    four, six = ([str(cidr) for cidr in vpc.cidrs if cidr.version == version] for version in (4, 6))
    state = {"State": "associated"}
    return {
        "VpcId": vpc.id,
        "CidrBlock": four[0],
        "CidrBlockAssociationSet": [{"CidrBlock": text, "CidrBlockState": state} for text in four],
        "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": text, "Ipv6CidrBlockState": state} for text in six],
    }


def _subnet(subnet: Subnet) -> Json:
    four, six = ([str(cidr) for cidr in subnet.cidrs if cidr.version == version] for version in (4, 6))
    return {
        "SubnetId": subnet.id,
        "VpcId": subnet.vpc,
        "EnableDns64": subnet.dns64,
        **({"CidrBlock": four[0]} if four else {"Ipv6Native": True}),
        "AvailabilityZone": subnet.zone,
        "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": text, "Ipv6CidrBlockState": {"State": "associated"}} for text in six],
    }


def _internet_gateway(gateway: InternetGateway) -> Json:
    attachments = [{"State": "available", "VpcId": gateway.vpc}] if gateway.attached else []
    return {"InternetGatewayId": gateway.id, "Attachments": attachments}


def _egress_only(gateway: EgressOnlyGateway) -> Json:
    attachments = [{"State": "attached", "VpcId": gateway.vpc}] if gateway.attached else []
    return {"EgressOnlyInternetGatewayId": gateway.id, "Attachments": attachments}


def _table(snapshot: Snapshot, table: RouteTable) -> Json:
    vpc = snapshot.get(Vpc, table.vpc)
    replaced = {entry.destination for entry in table.routes if not entry.propagated}
    local = [RouteEntry(block, LOCAL, "", table.origin) for block in (vpc.cidrs if vpc else ()) if block not in replaced]
    associations: list[Json] = [{"SubnetId": name, "Main": False} for name in table.subnets]
    associations += [{"GatewayId": name, "Main": False} for name in table.gateways]
    if table.main:
        associations.append({"Main": True})
    return {
        "RouteTableId": table.id,
        "VpcId": table.vpc,
        "Associations": associations,
        "Routes": [_route(entry) for entry in (*local, *table.routes)],
    }


def _route(entry: RouteEntry) -> Json:
    if isinstance(entry.destination, Prefix):
        key = "DestinationCidrBlock" if entry.destination.version == 4 else "DestinationIpv6CidrBlock"
    else:
        key = "DestinationPrefixListId"
    found: Json = {key: str(entry.destination), "State": "blackhole" if entry.blackhole else "active"}
    found["Origin"] = "EnableVgwRoutePropagation" if entry.propagated else "CreateRoute"
    if entry.kind == LOCAL:
        found["GatewayId"] = "local"
    elif entry.target:
        found[FIELD_OF[entry.kind]] = entry.target
    else:
        found["NatGatewayId"] = "nat-gone"
    return found


def _acl(acl: NetworkAcl) -> Json:
    entries = [_entry(entry, egress=False) for entry in acl.inbound] + [_entry(entry, egress=True) for entry in acl.outbound]
    last = [
        {"RuleNumber": 32767, "Egress": egress, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"}
        for egress in (False, True)
    ]
    return {
        "NetworkAclId": acl.id,
        "VpcId": acl.vpc,
        "IsDefault": acl.default,
        "Associations": [{"SubnetId": name} for name in acl.subnets],
        "Entries": [*entries, *last],
    }


def _entry(entry: AclEntry, *, egress: bool) -> Json:
    traffic = entry.traffic
    found: Json = {
        "RuleNumber": entry.number,
        "Egress": egress,
        "Protocol": _protocol(traffic),
        "RuleAction": "allow" if entry.permit else "deny",
        "CidrBlock" if entry.cidr.version == 4 else "Ipv6CidrBlock": str(entry.cidr),
    }
    if traffic.ports:
        found["PortRange"] = {"From": traffic.ports[0], "To": traffic.ports[1]}
    if traffic.protocol in (ICMP, ICMPV6):
        found["IcmpTypeCode"] = {"Type": _or_any(traffic.icmp_type), "Code": _or_any(traffic.icmp_code)}
    return found


def _protocol(traffic: Traffic) -> str:
    return "-1" if traffic.protocol is None else str(traffic.protocol)


def _or_any(number: int | None) -> int:
    return -1 if number is None else number


def _group(group: SecurityGroup) -> Json:
    return {
        "GroupId": group.id,
        "GroupName": "default" if group.default else group.id,
        "VpcId": group.vpc,
        "IpPermissions": [_permission(rule) for rule in group.inbound],
        "IpPermissionsEgress": [_permission(rule) for rule in group.outbound],
    }


def _permission(rule: Permission) -> Json:
    traffic = rule.traffic
    found: Json = {"IpProtocol": _protocol(traffic)}
    if traffic.protocol in (ICMP, ICMPV6):
        found |= {"FromPort": _or_any(traffic.icmp_type), "ToPort": _or_any(traffic.icmp_code)}
    elif traffic.ports:
        found |= {"FromPort": traffic.ports[0], "ToPort": traffic.ports[1]}
    match rule.peer:
        case GroupPeer(name):
            found["UserIdGroupPairs"] = [{"GroupId": name}]
        case ListPeer(name):
            found["PrefixListIds"] = [{"PrefixListId": name}]
        case Prefix(version=4):
            found["IpRanges"] = [{"CidrIp": str(rule.peer)}]
        case _:
            found["Ipv6Ranges"] = [{"CidrIpv6": str(rule.peer)}]
    return found


def _list(prefixes: PrefixList) -> Json:
    return {"PrefixListId": prefixes.id, "PrefixListName": prefixes.id} | (
        {} if prefixes.entries is None else {"Cidrs": [str(block) for block in prefixes.entries]}
    )


def _interface(snapshot: Snapshot, interface: NetworkInterface) -> Json:
    words = ""
    if any(interface.id in one.interfaces for one in snapshot.all(Database)):
        words = "RDSNetworkInterface"
    if any(interface.id in one.interfaces for one in snapshot.all(Cache)):
        words = "ElastiCache"
    private = [address for address in interface.addresses if address.private[0] == 4]
    found: Json = {
        "NetworkInterfaceId": interface.id,
        "VpcId": interface.vpc,
        "SubnetId": interface.subnet,
        "Description": words,
        "InterfaceType": interface.type,
        "SourceDestCheck": interface.check,
        "Status": "in-use" if interface.attached else "available",
        "Groups": [{"GroupId": name} for name in interface.groups or ()],
        "PrivateIpAddresses": [
            {"PrivateIpAddress": format_address(*address.private), "Primary": index == 0}
            | ({"Association": {"PublicIp": format_address(*address.public)}} if address.public else {})
            for index, address in enumerate(private)
        ],
        "Ipv6Prefixes": [{"Ipv6Prefix": str(block)} for block in interface.delegated],
        "Ipv6Addresses": [{"Ipv6Address": format_address(*address.private)} for address in interface.addresses if address.private[0] == 6],
    }
    owner = next((one.id for one in snapshot.all(Instance) if interface.id in one.interfaces), "")
    if interface.attached:
        found["Attachment"] = {"InstanceId": owner} if owner else {"AttachmentId": f"attachment-of-{interface.id}"}
    return found


def _instance(instance: Instance) -> Json:
    return {
        "InstanceId": instance.id,
        "State": {"Name": instance.state},
        "NetworkInterfaces": [
            {"NetworkInterfaceId": name, "Attachment": {"DeviceIndex": index}} for index, name in enumerate(instance.interfaces)
        ],
    } | ({"Platform": "windows"} if instance.os == "windows" else {})


def _nat_gateway(snapshot: Snapshot, gateway: NatGateway) -> Json:
    interface = snapshot.get(NetworkInterface, gateway.interface)
    assert interface is not None
    return {
        "NatGatewayId": gateway.id,
        "VpcId": interface.vpc,
        "SubnetId": gateway.subnet,
        "State": gateway.state,
        "ConnectivityType": "public" if gateway.public else "private",
        "NatGatewayAddresses": [
            {"NetworkInterfaceId": interface.id, "PrivateIp": format_address(*address.private), "IsPrimary": index == 0}
            | ({"PublicIp": format_address(*address.public)} if address.public else {})
            for index, address in enumerate(interface.addresses)
        ],
    }


def _peering(snapshot: Snapshot, peering: VpcPeering) -> Json:
    ends = [
        {"VpcId": name, "CidrBlockSet": [{"CidrBlock": str(block)} for block in vpc.cidrs if block.version == 4]}
        for name in peering.vpcs
        if (vpc := snapshot.get(Vpc, name))
    ]
    return {
        "VpcPeeringConnectionId": peering.id,
        "Status": {"Code": peering.state},
        "RequesterVpcInfo": ends[0],
        "AccepterVpcInfo": ends[1],
    }


def _function(snapshot: Snapshot, function: LambdaFunction) -> Json:
    first = snapshot.get(NetworkInterface, function.interfaces[0]) if function.interfaces else None
    found: Json = {"FunctionName": function.id, "FunctionArn": FUNCTION_ARN.format(function.id)}
    if first:
        found["VpcConfig"] = {"SubnetIds": list(function.subnets), "SecurityGroupIds": list(first.groups or ())}
        found["VpcConfig"]["Ipv6AllowedForDualStack"] = function.ipv6
    return found


def _database(snapshot: Snapshot, database: Database) -> Json:
    return {
        "DBInstanceIdentifier": database.id,
        "MultiAZ": True,
        "Endpoint": {"Port": database.port},
        "DBSubnetGroup": {"Subnets": [{"SubnetIdentifier": name} for name in database.subnets]},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": name} for name in _groups_of(snapshot, database)],
    }


def _cache(snapshot: Snapshot, cache: Cache) -> Json:
    return {
        "CacheClusterId": cache.id,
        "CacheSubnetGroupName": f"{cache.id}-subnets",
        "SecurityGroups": [{"SecurityGroupId": name} for name in _groups_of(snapshot, cache)],
    }


def _cache_subnets(snapshot: Snapshot, cache: Cache) -> Json:
    interfaces = [found for name in cache.interfaces if (found := snapshot.get(NetworkInterface, name))]
    return {
        "CacheSubnetGroupName": f"{cache.id}-subnets",
        "Subnets": [{"SubnetIdentifier": interface.subnet} for interface in interfaces],
    }


def _groups_of(snapshot: Snapshot, service: Database | Cache) -> tuple[str, ...]:
    interface = snapshot.get(NetworkInterface, service.interfaces[0])
    return (interface.groups or ()) if interface else ()
