"""Networks with a network firewall, for the tests: two hosts who reach each other through it."""

from __future__ import annotations

from typing import Any

from tests.aws.test_inspection_endpoint import described

ARN = "arn:aws:network-firewall:eu-west-1:111122223333"
BETWEEN = """
vpcs: {main: {cidr: [10.0.0.0/16, 10.1.0.0/16], internet_gateway: igw}}
subnets:
  p: {vpc: main, cidr: 10.0.1.0/24, zone: a, routes: {10.0.2.0/24: fw}}
  q: {vpc: main, cidr: 10.0.2.0/24, zone: a, routes: {10.0.1.0/24: fw}}
  f: {vpc: main, cidr: 10.0.3.0/24, zone: a}
instances: {one: {subnet: p, security_groups: open, ip: 10.0.1.10}, two: {subnet: q, security_groups: open, ip: 10.0.2.10}}
network_firewalls: {fw: {vpc: main, subnets: f, policy: pol}}
"""


def between(policy: str, groups: str = "{}", more: str = "") -> str:
    """A scenario with this policy and these rule groups; `more` are further sections."""
    return f"{BETWEEN}firewall_policies: {{pol: {policy}}}\nfirewall_rule_groups: {groups}\n{more}"


def firewall(**more: Any) -> dict[str, Any]:
    """What `describe-firewall` prints."""
    attachment = {"SubnetId": "subnet-f", "EndpointId": "vpce-f", "Status": "READY"}
    return {
        "UpdateToken": "1",
        "Firewall": {
            "FirewallName": "fw",
            "FirewallArn": f"{ARN}:firewall/fw",
            "FirewallPolicyArn": f"{ARN}:firewall-policy/pol",
            "VpcId": "vpc-1",
            "SubnetMappings": [{"SubnetId": "subnet-f", "IPAddressType": "IPV4"}],
        },
        "FirewallStatus": {"Status": "READY", "SyncStates": {"eu-west-1a": {"Attachment": {**attachment, **more}}}},
    }


def policy(**content: Any) -> dict[str, Any]:
    """What `describe-firewall-policy` prints."""
    defaults = {"StatelessDefaultActions": ["aws:forward_to_sfe"], "StatelessFragmentDefaultActions": ["aws:drop"]}
    return {
        "UpdateToken": "1",
        "FirewallPolicyResponse": {
            "FirewallPolicyName": "pol",
            "FirewallPolicyArn": f"{ARN}:firewall-policy/pol",
            "FirewallPolicyStatus": "ACTIVE",
        },
        "FirewallPolicy": {**defaults, **content},
    }


def group(name: str, kind: str = "STATEFUL", **content: Any) -> dict[str, Any]:
    """What `describe-rule-group` prints."""
    return {
        "UpdateToken": "1",
        "RuleGroup": content,
        "RuleGroupResponse": {
            "RuleGroupArn": group_arn(name, kind),
            "RuleGroupName": name,
            "Type": kind,
            "RuleGroupStatus": "ACTIVE",
        },
    }


def group_arn(name: str, kind: str = "STATEFUL") -> str:
    return f"{ARN}:{kind.lower()}-rulegroup/{name}"


def asked(name: str, priority: int = 1, kind: str = "STATEFUL", **more: Any) -> dict[str, Any]:
    """A reference to a rule group in a policy."""
    return {"ResourceArn": group_arn(name, kind), "Priority": priority, **more}


def network(*answers: dict[str, Any], **lists: Any) -> list[dict[str, Any]]:
    """The answers that describe the account, whose private subnet reaches the web server's through `vpce-f`, and a firewall."""
    known = described(**lists)
    if not lists:
        del known["VpcEndpoints"]
    return [known, *answers]
