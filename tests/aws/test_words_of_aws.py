"""The words of AWS's interfaces that decide something, as its API references list them, and what the house takes them to mean.

A word that is missing here and there is one that nobody tells from the others; what each does is a matter of the resource's own tests.
"""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws import (
    balancing,
    direct_connect,
    ecs_service,
    encryption_control,
    event_fabric,
    file_system,
    firewall_policy,
    firewall_rules,
    gateway_route_table,
    instance_connect_endpoint,
    kubernetes_pods,
    link_local,
    listener,
    load_balancer,
    nat_gateway,
    network_interface,
    outer_networks,
    public_services,
    regional_nat_path,
    route_table,
    suricata,
    target_group,
    transit_gateway,
    vpc_endpoint,
    vpc_peering,
    vpn_connection,
)
from simulator.aws.registry import RESOURCES
from simulator.packet.flow import ICMP, ICMPV6, TCP, UDP


def words(value: Any) -> list[str]:
    return sorted(map(str, value))


# Nouns that are not there, or on their way out: the word of the API, by the table of the module.
GONE = {
    "EC2 VpnState, VpnStaticRoute": (vpn_connection.GONE, "deleted deleting"),
    "EC2 NatGatewayState": (nat_gateway.DELETED, "deleted deleting"),
    "EC2 NatGatewayState, of the others but available": (nat_gateway.FAILED, "failed pending"),
    "EC2 TransitGatewayAttachmentState": (transit_gateway.GONE, "deleted deleting failed rejected"),
    "DX VirtualInterfaceState, gateway and association states": (
        direct_connect.GONE,
        "deleted deleting disassociated disassociating rejected",
    ),
    "EFS LifeCycleState": (file_system.GONE, "deleted deleting error"),
    "ECS status of services, lastStatus of tasks": (ecs_service.GONE, "DELETED DEPROVISIONING INACTIVE STOPPED"),
    "EC2 Ec2InstanceConnectEndpointState": (
        instance_connect_endpoint.GONE,
        "create-failed delete-complete delete-failed delete-in-progress",
    ),
}
TYPES_OF_INTERFACES = {
    "IFE-7: start nothing": (network_interface.STARTS_NOTHING, "client_vpn vpc_endpoint"),
    "SVC-10: run by AWS": (network_interface.RUN_BY_AWS, "global_accelerator_managed"),
    "SG-10: without groups": (
        network_interface.WITHOUT_GROUPS,
        "gateway_load_balancer gateway_load_balancer_endpoint nat_gateway transit_gateway",
    ),
    "IGW-16: no internet gateway reaches them": (network_interface.CLOSED_TO_INTERNET, "gateway_load_balancer_endpoint vpc_endpoint"),
    "ELB: types of nodes": (
        load_balancer.NODE_TYPES.values(),
        "gateway_load_balancer interface interface network_load_balancer",
    ),
}
STATES = {
    "ELB LoadBalancerStateEnum": (load_balancer.STATES, "active active_impaired failed provisioning"),
    "NLB-1: types that always have groups": (load_balancer.WITH_GROUPS, "application classic"),
    "ELB-2: types whose nodes make connections of their own": (balancing.PROXIES, "application classic"),
    "ELB states that serve": (load_balancer.ACTIVE, "active active_impaired"),
    "ELB TargetHealthStateEnum": (target_group.STATES, "draining healthy initial unavailable unhealthy unused"),
    "ELB-4: gets new connections": (target_group.HEALTHY - {""}, "healthy unavailable"),
    "ELB-4: gets none at all": (target_group.LEAVING, "draining unhealthy.draining unused"),
    "EC2 VPC endpoint State": (vpc_endpoint.STATES, "available expired failed pending pendingacceptance rejected"),
    "EC2 VpcPeeringConnectionStateReasonCode": (
        vpc_peering.STATES,
        "active deleted deleting expired failed initiating-request pending-acceptance provisioning rejected",
    ),
    "EC2 RouteOrigin, of what was not written by hand (RT-24)": (route_table.PROPAGATED, "Advertisement EnableVgwRoutePropagation"),
}
OTHERS = {
    "LAMBDA-18: polled inside a VPC": (event_fabric.POLLED_INSIDE, "kafka mq msk"),
    "LAMBDA-16": (
        event_fabric.TYPES,
        (
            "alexa api-gateway cloudformation cloudfront cloudwatch-logs codecommit cognito config dynamodb-streams eventbridge"
            " function-url kafka kinesis lex load-balancer mq msk s3 ses sns sqs step-functions"
        ),
    ),
    "tags of the nodes of a cluster": (kubernetes_pods.NODE_TAGS, "eks:cluster-name eks:nodegroup-name kubernetes.io/cluster/"),
    "how attributes of target groups begin": (
        target_group.OF_GROUPS,
        "deregistration_delay preserve_client_ip proxy_protocol slow_start stickiness target_",
    ),
    "ELB: protocols of target groups": (target_group.PROTOCOLS, "geneve http https tcp tcp_udp tls udp"),
    "Suricata actions": (suricata.ACTIONS, "alert drop pass reject"),
    "Suricata keywords that narrow nothing": (
        suricata.TELLING,
        "classtype gid metadata msg noalert priority reference rev sid target",
    ),
    "Suricata flow words of a first packet": (suricata.PLAIN_FLOWS, "from_client not_established to_server"),
    "LL-1: addresses of the host": (
        (*link_local.METADATA, *link_local.DNS, *link_local.SERVICES),
        "169.254.169.123/32 169.254.169.250/31 169.254.169.253/32 169.254.169.254/32 169.254.170.2/32 fd00:ec2::253/128 fd00:ec2::254/128",
    ),
    "LL-8: never routed": (link_local.NOWHERE, "169.254.0.0/16 fd00:ec2::/32 fe80::/10"),
    "services with a regional public endpoint": (
        public_services.NAMES,
        (
            "athena autoscaling bedrock cloudformation codebuild dynamodb ec2 ec2messages ecr.api ecr.dkr ecs elasticache"
            " elasticloadbalancing email events execute-api firehose glue kinesis kinesis-streams kms lambda logs monitoring rds s3"
            " secretsmanager ses sns sqs ssm ssmmessages states sts xray"
        ),
    ),
    "those of them with blocks of their own": (public_services.OWN_BLOCKS, "dynamodb s3"),
}
ALL = {**GONE, **TYPES_OF_INTERFACES, **STATES, **OTHERS}

MEANINGS = {
    "RT-26: targets in DescribeRouteTables": (
        route_table.TARGET_FIELDS,
        {
            "NatGatewayId": "nat-gateway",
            "NetworkInterfaceId": "network-interface",
            "InstanceId": "instance",
            "TransitGatewayId": "transit-gateway",
            "VpcPeeringConnectionId": "vpc-peering-connection",
            "EgressOnlyInternetGatewayId": "egress-only-internet-gateway",
            "LocalGatewayId": "local-gateway",
            "CarrierGatewayId": "carrier-gateway",
            "CoreNetworkArn": "core-network",
            "OdbNetworkArn": "odb-network",
        },
    ),
    "how a GatewayId begins": (
        route_table.GATEWAY_PREFIXES,
        {"igw": "internet-gateway", "vgw": "virtual-private-gateway", "vpce": "vpc-endpoint"},
    ),
    "ENC-1: exclusions, and what each lets be there": (
        encryption_control.EXCLUSIONS,
        {
            "internet-gateway": "internet-gateway",
            "egress-only-internet-gateway": "egress-only-internet-gateway",
            "nat-gateway": "nat-gateway",
            "virtual-private-gateway": "virtual-private-gateway",
            "vpc-peering": "vpc-peering-connection",
            "lambda": "lambda-function",
            "elastic-file-system": "file-system",
            "vpc-lattice": "",
        },
    ),
    "ELB: types of targets": (
        target_group.KINDS_OF_TARGETS,
        {"instance": "instance", "alb": "load-balancer", "lambda": "lambda-function"},
    ),
    "ELB: protocols of listeners": (
        listener.PROTOCOLS,
        {"HTTP": (TCP,), "HTTPS": (TCP,), "TCP": (TCP,), "TLS": (TCP,), "UDP": (UDP,), "QUIC": (UDP,)}
        | {"TCP_UDP": (TCP, UDP), "TCP_QUIC": (TCP, UDP)},
    ),
    "NFW-4: default actions": (
        firewall_policy.DEFAULTS,
        {
            "aws:drop_strict": "drop_all",
            "aws:drop_established": "drop_established",
            "aws:drop_established_app_layer": "drop_application_established",
            "aws:alert_strict": "alert_all",
            "aws:alert_established": "alert_established",
            "aws:alert_established_app_layer": "alert_established",
        },
    ),
    "NFW-2: actions of stateless rules": (
        firewall_rules.BY_AWS,
        {"aws:pass": "pass", "aws:drop": "drop", "aws:forward_to_sfe": "forward"},
    ),
    "NFW-6: lists of domains": (
        firewall_rules.LISTS,
        {"ALLOWLIST": "pass", "DENYLIST": "drop", "REJECTLIST": "reject", "ALERTLIST": "alert"},
    ),
    "Suricata protocols of the header": (
        suricata.CARRIERS,
        {"ip": (), "pkthdr": (), "tcp": (TCP,), "udp": (UDP,), "icmp": (ICMP, ICMPV6)},
    ),
}
# Words of the house: names of kinds.
KINDS = {
    "RT-17: what a more specific route may lead to": (
        route_table.MORE_SPECIFIC_TARGETS,
        "instance local-gateway nat-gateway network-interface regional-nat-gateway vpc-endpoint",
    ),
    "RT-21: what a gateway's table may lead to": (gateway_route_table.APPLIANCES, "instance network-interface vpc-endpoint"),
    "what a regional NAT gateway's table may lead to": (regional_nat_path.MIDDLEBOXES, "instance network-interface vpc-endpoint"),
    "what owns an interface alone": (network_interface.OWNERS, "instance nat-gateway vpc-endpoint"),
    "ENC-1: what no exclusion lets be there": (encryption_control.NEVER, "load-balancer network-firewall"),
}
NOT_READ = {"odb-network"}  # kinds of targets that nothing reads


@pytest.mark.parametrize("name", ALL)
def test_words_are_those_of_aws(name: str) -> None:
    found, wanted = ALL[name]
    assert words(found) == wanted.split()


@pytest.mark.parametrize("name", MEANINGS)
def test_words_mean_what_aws_says(name: str) -> None:
    found, wanted = MEANINGS[name]
    assert found == wanted


@pytest.mark.parametrize("name", KINDS)
def test_kinds_are_those_of_the_rule(name: str) -> None:
    found, wanted = KINDS[name]
    assert words(found) == wanted.split()


def test_words_for_kinds_are_names_of_kinds() -> None:
    names = {kind.name for kind in RESOURCES}
    used = [*route_table.TARGET_FIELDS.values(), *route_table.GATEWAY_PREFIXES.values(), *encryption_control.EXCLUSIONS.values()]
    used += [*target_group.KINDS_OF_TARGETS.values(), *outer_networks.WHAT, *(word for found, _ in KINDS.values() for word in found)]
    assert {*used} - {""} - names == NOT_READ


def test_GWLB_1_geneve_has_its_port() -> None:
    assert target_group.GENEVE_PORT == 6081
