"""Answers of the AWS command line about load balancers, on top of `reading.account`."""

from __future__ import annotations

from typing import Any

ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"


def balancer(name: str = "web", kind: str = "application", *, subnets: tuple[str, ...] = ("subnet-pub",), **more: Any) -> dict[str, Any]:
    """One element of `describe-load-balancers`."""
    short = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
    return {
        "LoadBalancerArn": f"{ARN}loadbalancer/{short}/{name}/50dc6c495c0c9188",
        "DNSName": f"{name}-1.eu-west-1.elb.amazonaws.com",
        "LoadBalancerName": name,
        "Scheme": "internet-facing",
        "VpcId": "vpc-1",
        "State": {"Code": "active"},
        "Type": kind,
        "AvailabilityZones": [{"ZoneName": "eu-west-1a", "SubnetId": subnet, "LoadBalancerAddresses": []} for subnet in subnets],
        **({"SecurityGroups": ["sg-web"]} if kind == "application" else {}),
        "IpAddressType": "ipv4",
        **more,
    }


def listener(*groups: str, port: int = 443, protocol: str = "HTTPS", of: str = "app/web/50dc6c495c0c9188", **more: Any) -> dict[str, Any]:
    """One element of `describe-listeners` that forwards to some groups."""
    found = [{"TargetGroupArn": group_arn(group), "Weight": 1} for group in groups]
    action = {"Type": "forward", "TargetGroupArn": group_arn(groups[0]), "ForwardConfig": {"TargetGroups": found}} if groups else {}
    return {
        "ListenerArn": f"{ARN}listener/{of}/{port}",
        "LoadBalancerArn": f"{ARN}loadbalancer/{of}",
        "Port": port,
        "Protocol": protocol,
        "DefaultActions": [action or {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        **more,
    }


def group_arn(name: str) -> str:
    return f"{ARN}targetgroup/{name}/73e2d6bc24d8a067"


def target_group(name: str = "shop", *, port: int = 8080, kind: str = "instance", protocol: str = "HTTP", **more: Any) -> dict[str, Any]:
    """One element of `describe-target-groups`."""
    return {
        "TargetGroupArn": group_arn(name),
        "TargetGroupName": name,
        "Protocol": protocol,
        "Port": port,
        "VpcId": "vpc-1",
        "TargetType": kind,
        "LoadBalancerArns": [],
        **more,
    }


def health(target: str, state: str = "healthy", *, port: int = 8080, **more: Any) -> dict[str, Any]:
    """One element of `describe-target-health`."""
    return {"Target": {"Id": target, "Port": port, **more}, "HealthCheckPort": str(port), "TargetHealth": {"State": state}}
