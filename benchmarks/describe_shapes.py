"""One element of each AWS list, with the keys that the AWS command line prints: what an element looks like, not what it is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

ACCOUNT, REGION = "111122223333", "eu-west-1"
MADE = "2025-06-07T08:09:10+00:00"
# What the answer about an instance repeats of its interfaces.
OF_INSTANCE = (
    *("Association", "Attachment", "Description", "Groups", "InterfaceType", "Ipv6Addresses", "MacAddress", "NetworkInterfaceId"),
    *("OwnerId", "PrivateDnsName", "PrivateIpAddress", "PrivateIpAddresses", "SourceDestCheck", "Status", "SubnetId", "VpcId"),
)

Json = dict[str, Any]
AclLine = tuple[str, str, tuple[int, int] | None]  # block, protocol, ports


def tags(name: str) -> list[Json]:
    return [{"Key": "Name", "Value": name}, {"Key": "team", "Value": "platform"}]


def same_number(prefix: str, other: str) -> str:
    """An id with the number of another one: `igw-0123` for `vpc-0123`."""
    return f"{prefix}-{other.rpartition('-')[2]}"


def vpc(vpc_id: str, name: str, blocks: Sequence[str]) -> Json:
    associations = [
        {"AssociationId": f"vpc-cidr-assoc-{number:017x}", "CidrBlock": block, "CidrBlockState": {"State": "associated"}}
        for number, block in enumerate(blocks)
    ]
    return {
        "OwnerId": ACCOUNT,
        "InstanceTenancy": "default",
        "CidrBlockAssociationSet": associations,
        "IsDefault": False,
        "Tags": tags(name),
        "VpcId": vpc_id,
        "State": "available",
        "CidrBlock": blocks[0],
        "DhcpOptionsId": "dopt-0123456789abcdef0",
    }


def subnet(subnet_id: str, vpc_id: str, name: str, block: str, zone: str, *, public: bool) -> Json:
    return {
        "AvailabilityZoneId": f"euw1-az{ord(zone) - ord('a') + 1}",
        "MapCustomerOwnedIpOnLaunch": False,
        "OwnerId": ACCOUNT,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "Tags": tags(name),
        "SubnetArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{subnet_id}",
        "EnableDns64": False,
        "Ipv6Native": False,
        "SubnetId": subnet_id,
        "State": "available",
        "VpcId": vpc_id,
        "CidrBlock": block,
        "AvailableIpAddressCount": 251,
        "AvailabilityZone": f"{REGION}{zone}",
        "DefaultForAz": False,
        "MapPublicIpOnLaunch": public,
    }


def internet_gateway(gateway_id: str, vpc_id: str, name: str) -> Json:
    return {
        "Attachments": [{"State": "available", "VpcId": vpc_id}],
        "InternetGatewayId": gateway_id,
        "OwnerId": ACCOUNT,
        "Tags": tags(name),
    }


def nat_gateway(nat_id: str, name: str, interface: Json) -> Json:
    """A public NAT gateway, from its interface."""
    address = {
        "AllocationId": interface["Association"]["AllocationId"],
        "NetworkInterfaceId": interface["NetworkInterfaceId"],
        "PrivateIp": interface["PrivateIpAddress"],
        "PublicIp": interface["Association"]["PublicIp"],
        "AssociationId": same_number("eipassoc", nat_id),
        "IsPrimary": True,
        "Status": "succeeded",
    }
    return {
        "CreateTime": MADE,
        "NatGatewayAddresses": [address],
        "NatGatewayId": nat_id,
        "State": "available",
        "SubnetId": interface["SubnetId"],
        "VpcId": interface["VpcId"],
        "Tags": tags(name),
        "ConnectivityType": "public",
    }


def route_table(table_id: str, vpc_id: str, name: str, local: Iterable[str], default: Json | None, subnets: Sequence[str] | None) -> Json:
    """A table with the local routes and perhaps a default one; it is the main table where `subnets` is none."""
    state = {"RouteTableId": table_id, "AssociationState": {"State": "associated"}}
    if subnets is None:
        associations = [{"Main": True, "RouteTableAssociationId": same_number("rtbassoc", table_id), **state}]
    else:
        associations = [
            {"Main": False, "RouteTableAssociationId": same_number("rtbassoc", one), "SubnetId": one, **state} for one in subnets
        ]
    routes = [{"DestinationCidrBlock": block, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"} for block in local]
    if default:
        routes.append({"DestinationCidrBlock": "0.0.0.0/0", **default, "Origin": "CreateRoute", "State": "active"})
    return {
        "Associations": associations,
        "PropagatingVgws": [],
        "RouteTableId": table_id,
        "Routes": routes,
        "Tags": tags(name),
        "VpcId": vpc_id,
        "OwnerId": ACCOUNT,
    }


def network_acl(
    acl_id: str,
    vpc_id: str,
    name: str,
    subnets: Sequence[str],
    *,
    default: bool = False,
    denied: Sequence[AclLine] = (),
    inbound: Sequence[AclLine],
    outbound: Sequence[AclLine],
) -> Json:
    """An ACL that first refuses `denied` both ways, then allows what it is told to, then ends in the rule `*`."""
    entries = []
    for egress, allowed in ((True, outbound), (False, inbound)):
        lines = [(*line, "deny") for line in denied] + [(*line, "allow") for line in allowed]
        for number, (block, protocol, ports, action) in enumerate(lines, 1):
            entries.append(_acl_entry(block, protocol, ports, action, 10 * number, egress=egress))
        entries.append(_acl_entry("0.0.0.0/0", "-1", None, "deny", 32767, egress=egress))
    return {
        "Associations": [
            {"NetworkAclAssociationId": same_number("aclassoc", one), "NetworkAclId": acl_id, "SubnetId": one} for one in subnets
        ],
        "Entries": entries,
        "IsDefault": default,
        "NetworkAclId": acl_id,
        "Tags": tags(name),
        "VpcId": vpc_id,
        "OwnerId": ACCOUNT,
    }


def _acl_entry(block: str, protocol: str, ports: tuple[int, int] | None, action: str, number: int, *, egress: bool) -> Json:
    limits = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
    return {"CidrBlock": block, "Egress": egress, **limits, "Protocol": protocol, "RuleAction": action, "RuleNumber": number}


def security_group(group_id: str, vpc_id: str, name: str, inbound: Sequence[Json], outbound: Sequence[Json]) -> Json:
    return {
        "GroupId": group_id,
        "IpPermissionsEgress": list(outbound),
        "Tags": tags(name),
        "VpcId": vpc_id,
        "SecurityGroupArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group_id}",
        "OwnerId": ACCOUNT,
        "GroupName": name,
        "Description": f"{name} group",
        "IpPermissions": list(inbound),
    }


def permission(protocol: str, ports: tuple[int, int] | None = None, *, blocks: Sequence[str] = (), groups: Sequence[str] = ()) -> Json:
    """One entry of `IpPermissions`; a permission for everybody and everything is one for IPv6 too."""
    limits = {"FromPort": ports[0], "ToPort": ports[1]} if ports else {}
    return {
        "IpProtocol": protocol,
        **limits,
        "UserIdGroupPairs": [{"UserId": ACCOUNT, "GroupId": group} for group in groups],
        "IpRanges": [{"CidrIp": block} for block in blocks],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}] if "0.0.0.0/0" in blocks and not ports else [],
        "PrefixListIds": [],
    }


def association(public: str, allocation_id: str) -> Json:
    """How an interface tells its public address."""
    name = f"ec2-{public.replace('.', '-')}.{REGION}.compute.amazonaws.com"
    return {"AllocationId": allocation_id, "IpOwnerId": ACCOUNT, "PublicDnsName": name, "PublicIp": public}


def interface(
    interface_id: str,
    subnet_id: str,
    vpc_id: str,
    zone: str,
    address: str,
    groups: Sequence[str],
    *,
    kind: str = "interface",
    description: str = "",
    owner: str = ACCOUNT,
    instance: str = "",
    device: int = 1,
    public: Json | None = None,
) -> Json:
    """A network interface. `owner`: the account or service that attached it; empty: attached to nothing."""
    attachment = {
        "AttachTime": MADE,
        "AttachmentId": same_number("eni-attach", interface_id),
        "DeleteOnTermination": True,
        "DeviceIndex": device,
        "NetworkCardIndex": 0,
        **({"InstanceId": instance} if instance else {}),
        "InstanceOwnerId": owner,
        "Status": "attached",
    }
    host = {"PrivateDnsName": f"ip-{address.replace('.', '-')}.{REGION}.compute.internal", "PrivateIpAddress": address}
    shown = {"Association": public} if public else {}
    number = int(interface_id.rpartition("-")[2], 16)
    return {
        **shown,
        **({"Attachment": attachment} if owner else {}),
        "AvailabilityZone": f"{REGION}{zone}",
        "Description": description,
        "Groups": [{"GroupId": group, "GroupName": same_number("group", group)} for group in groups],
        "InterfaceType": kind,
        "Ipv6Addresses": [],
        "MacAddress": ":".join(f"{byte:02x}" for byte in (10, *(number >> shift & 255 for shift in (32, 24, 16, 8, 0)))),
        "NetworkInterfaceId": interface_id,
        "OwnerId": ACCOUNT,
        **host,
        "PrivateIpAddresses": [{**shown, "Primary": True, **host}],
        "RequesterManaged": owner not in ("", ACCOUNT),
        "SourceDestCheck": kind != "nat_gateway",
        "Status": "in-use" if owner else "available",
        "SubnetId": subnet_id,
        "TagSet": [],
        "VpcId": vpc_id,
    }


def reservation(instance_id: str, name: str, interfaces: Sequence[Json]) -> Json:
    """A reservation of one running instance, which repeats its interfaces, the first one in front."""
    first = interfaces[0]
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": same_number("vol", instance_id), "Status": "attached", "AttachTime": MADE}}
    instance = {
        "Architecture": "x86_64",
        "BlockDeviceMappings": [disk],
        "EbsOptimized": False,
        "EnaSupport": True,
        "Hypervisor": "xen",
        "NetworkInterfaces": [{key: one[key] for key in OF_INSTANCE if key in one} for one in interfaces],
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "SecurityGroups": first["Groups"],
        "SourceDestCheck": True,
        "Tags": tags(name),
        "VirtualizationType": "hvm",
        "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled"},
        "InstanceId": instance_id,
        "ImageId": "ami-0123456789abcdef0",
        "State": {"Code": 16, "Name": "running"},
        "PrivateDnsName": first["PrivateDnsName"],
        "InstanceType": "m7i.large",
        "LaunchTime": MADE,
        "Placement": {"GroupName": "", "Tenancy": "default", "AvailabilityZone": first["AvailabilityZone"]},
        "Monitoring": {"State": "disabled"},
        "SubnetId": first["SubnetId"],
        "VpcId": first["VpcId"],
        "PrivateIpAddress": first["PrivateIpAddress"],
    }
    return {"ReservationId": same_number("r", instance_id), "OwnerId": ACCOUNT, "Groups": [], "Instances": [instance]}
