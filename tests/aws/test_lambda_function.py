"""Functions in both spellings: outside every VPC, or behind a shared interface in each subnet (LAMBDA-1 to LAMBDA-10)."""

from __future__ import annotations

from typing import Any

from simulator.aws.lambda_function import LambdaFunction
from simulator.aws.network_interface import NetworkInterface
from tests.aws.reading import Describe, Scenario, account, errors, interface, path, refusal, reply_path, verdict, warnings

HOSTS = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: nat}}
  lone: {vpc: main, cidr: 10.0.2.0/24}
nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5}}
security_groups:
  fn: {vpc: main, outbound: [{to: 0.0.0.0/0, allow: all}]}
  db: {vpc: main, inbound: {from: fn, allow: tcp/5432}}
interfaces:
  web: {subnet: pub, security_groups: open, ip: 10.0.0.10, public_ip: 198.51.100.10}
  database: {subnet: lone, security_groups: db, ip: 10.0.2.10}
"""


def functions(*texts: str, groups: str = "") -> str:
    """The hosts with these functions, and one more security group."""
    hosts = HOSTS.replace("security_groups:\n", f"security_groups:\n  {groups}\n") if groups else HOSTS
    return f"{hosts}\nlambdas:\n" + "\n".join(f"  {text}" for text in texts)


APP = "fn: {subnets: app, security_groups: fn}"


# --- outside every VPC -------------------------------------------------------------------------------------------------------------


def test_LAMBDA_1_a_function_without_vpc_reaches_public_addresses_only(scenario: Scenario) -> None:
    network = scenario(functions("out: {}"))
    assert verdict(network, "lambda:out", "internet") == "always"
    assert verdict(network, "lambda:out", "198.51.100.10") == "always"
    assert refusal(network, "lambda:out", "10.0.0.10") == ("forward", "DISCONNECTED_VPCS", "out no VPC configuration")
    assert refusal(network, "lambda:out", "database", "tcp/5432")[1] == "DISCONNECTED_VPCS"


def test_LAMBDA_1_by_name_it_takes_the_public_address(scenario: Scenario) -> None:
    assert verdict(scenario(functions("out: {}")), "lambda:out", "web") == "always"


# --- inside ------------------------------------------------------------------------------------------------------------------------


def test_W_7_a_function_through_a_nat_gateway_and_back(scenario: Scenario) -> None:
    network = scenario(functions(APP))
    assert verdict(network, "lambda:fn", "internet") == "always"
    assert path(network, "lambda:fn", "internet") == ["fn", "fn-eni-app", "app", "pub", "nat", "pub", "igw", "internet"]
    assert reply_path(network, "lambda:fn", "internet") == [
        "internet",
        "igw",
        "main",
        "pub",
        "nat",
        "pub",
        "main",
        "app",
        "fn-eni-app",
        "fn",
    ]


def test_LAMBDA_2_groups_acls_and_routes_of_its_subnet_apply(scenario: Scenario) -> None:
    tight = "tight: {vpc: main, outbound: [{to: 10.0.2.0/24, allow: tcp/5432}]}"
    network = scenario(functions("fn: {subnets: app, security_groups: tight}", groups=tight))
    assert refusal(network, "lambda:fn", "internet")[2] == "tight no egress rule matches"
    acl = "network_acls: {edge: {vpc: main, subnets: app}}"
    assert refusal(scenario(f"{functions(APP)}\n{acl}"), "lambda:fn", "internet")[2] == "edge egress rule *"
    lone = scenario(functions("fn: {subnets: lone, security_groups: fn}"))
    assert refusal(lone, "lambda:fn", "internet")[1] == "NO_ROUTE_TO_DESTINATION"


def test_LAMBDA_2_without_groups_it_has_the_default_one(scenario: Scenario) -> None:
    network = scenario(functions("fn: {subnets: app}"))
    found = network.snapshot.get(NetworkInterface, "fn-eni-app")
    assert found is not None
    assert found.groups == ("main-default",)


def test_LAMBDA_3_functions_with_one_subnet_and_the_same_groups_share_an_interface(scenario: Scenario) -> None:
    text = functions(
        "one: {subnets: app, security_groups: [fn, db]}", "two: {subnets: app, security_groups: [db, fn]}", "three: {subnets: app}"
    )
    snapshot = scenario(text).snapshot
    used = [found.interfaces for name in ("one", "two", "three") if (found := snapshot.get(LambdaFunction, name))]
    assert used == [("one-eni-app",), ("one-eni-app",), ("three-eni-app",)]


def test_LAMBDA_3_functions_that_share_an_interface_get_their_own_replies(scenario: Scenario) -> None:
    network = scenario(functions(APP, "twin: {subnets: app, security_groups: fn}"))
    for name in ("fn", "twin"):
        assert verdict(network, f"lambda:{name}", "internet") == "always"
        assert reply_path(network, f"lambda:{name}", "internet")[-2:] == ["fn-eni-app", name]


def test_W_8_LAMBDA_4_in_a_public_subnet_it_has_no_internet(scenario: Scenario) -> None:
    network = scenario(functions("fn: {subnets: pub, security_groups: fn}"))
    assert refusal(network, "lambda:fn", "internet") == (
        "forward",
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        "igw sender has no public address",
    )
    assert verdict(network, "lambda:fn", "web") == verdict(network, "lambda:fn", "database", "tcp/5432") == "always"


def test_LAMBDA_5_public_services_need_a_way_out(scenario: Scenario) -> None:
    """Trap T40."""
    assert verdict(scenario(functions(APP)), "lambda:fn", "service:sqs") == "always"
    assert verdict(scenario(functions("fn: {subnets: lone, security_groups: fn}")), "lambda:fn", "service:sqs") == "never"


def test_LAMBDA_8_source_ports_are_1024_to_65535(scenario: Scenario) -> None:
    query = scenario(functions(APP)).can("lambda:fn", "internet", "tcp/443").query
    assert (query.source_ports, query.why_ports) == ("1024-65535", "AWS Lambda")


def test_LAMBDA_3_a_subnet_named_twice_is_one_interface(scenario: Scenario, describe: Describe) -> None:
    network = scenario(functions("fn: {subnets: [app, app], security_groups: fn}"))
    assert verdict(network, "lambda:fn", "internet") == "always"
    function = {"FunctionName": "f", "VpcConfig": {"SubnetIds": ["subnet-app", "subnet-app"]}}
    read = describe(**account(), Functions=[function])
    assert read.snapshot.get(LambdaFunction, "f").interfaces == ("f-eni-subnet-app",)


def test_LAMBDA_9_every_subnet_is_possible(scenario: Scenario) -> None:
    """Primer S28, trap T39."""
    answer = scenario(functions("fn: {subnets: [app, pub], security_groups: fn}")).can("lambda:fn", "internet", "tcp/443")
    assert answer.verdict.value == "sometimes"
    assert [(case.when, case.verdict.value, case.share) for case in answer.cases] == [
        ({"choice": ["fn-eni-pub"]}, "never", 0.5),
        ({"choice": ["fn-eni-app"]}, "always", 0.5),
    ]


def test_LAMBDA_9_subnets_that_route_alike_make_no_difference(scenario: Scenario) -> None:
    hosts = functions("fn: {subnets: [app, lone], security_groups: fn}").replace(
        "cidr: 10.0.2.0/24", "cidr: 10.0.2.0/24, routes: {0.0.0.0/0: nat}"
    )
    assert verdict(scenario(hosts), "lambda:fn", "internet") == "always"


def test_LAMBDA_10_references_to_its_group_match(scenario: Scenario) -> None:
    network = scenario(functions(APP, "other: {subnets: app, security_groups: open}"))
    assert verdict(network, "lambda:fn", "database", "tcp/5432") == "always"
    assert refusal(network, "lambda:other", "database", "tcp/5432")[1] == "ENI_SG_RULES_MISMATCH"


def test_LAMBDA_10_only_outbound_rules_are_needed(scenario: Scenario) -> None:
    groups = "only-out: {vpc: main, inbound: [], outbound: [{to: 0.0.0.0/0, allow: tcp/443}]}"
    network = scenario(functions("fn: {subnets: app, security_groups: only-out}", groups=groups))
    assert verdict(network, "lambda:fn", "internet") == "always"


# --- describe ----------------------------------------------------------------------------------------------------------------------


def described(*groups: str, subnets: tuple[str, ...] = ("subnet-app",), **more: Any) -> dict[str, Any]:
    config = {"VpcConfig": {"VpcId": "vpc-1", "SubnetIds": list(subnets), "SecurityGroupIds": list(groups)}} if subnets else {}
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:report"
    return {**account(), "Functions": [{"FunctionName": "report", "FunctionArn": arn, **config, **more}]}


def test_the_function_of_a_describe_answer(describe: Describe) -> None:
    network = describe(**described("sg-web"))
    found = network.snapshot.get(LambdaFunction, "report")
    assert found is not None
    assert (found.subnets, found.groups, found.arn) == (
        ("subnet-app",),
        ("sg-web",),
        "arn:aws:lambda:eu-west-1:111122223333:function:report",
    )
    answer = network.can(found.arn, "i-app", "tcp/8080")
    assert answer.verdict.value == "always"
    assert answer.assumptions == ("the interface of report in subnet-app was not read: a free address of the subnet is taken",)


def test_its_interface_is_found_by_subnet_and_groups(describe: Describe) -> None:
    lists = described("sg-web")
    lists["NetworkInterfaces"] = [
        *lists["NetworkInterfaces"],
        interface("eni-odd", "subnet-app", "10.0.1.70", "sg-app", InterfaceType="lambda"),
        interface("eni-fn", "subnet-app", "10.0.1.77", "sg-web", InterfaceType="lambda"),
    ]
    network = describe(**lists)
    found = network.snapshot.get(LambdaFunction, "report")
    assert found is not None
    assert found.interfaces == ("eni-fn",)
    assert network.can("lambda:report", "i-app", "tcp/8080").assumptions == ()


def test_LAMBDA_1_without_vpc_configuration_it_is_outside(describe: Describe) -> None:
    network = describe(**described(subnets=()))
    assert verdict(network, "lambda:report", "internet", "tcp/443") == "always"
    empty = {"VpcConfig": {"VpcId": "", "SubnetIds": [], "SecurityGroupIds": []}}
    assert verdict(describe(**described(subnets=(), **empty)), "lambda:report", "i-web") == "always"


def test_a_subnet_that_was_not_read_is_told(describe: Describe) -> None:
    network = describe(**described("sg-web", subnets=("subnet-9",)))
    assert "function `report` uses subnet `subnet-9`, which was not read" in warnings(network)


def test_a_function_of_which_no_subnet_was_read_is_a_gap(describe: Describe) -> None:
    network = describe(**described("sg-web", subnets=("subnet-9",)))
    assert verdict(network, "lambda:report", "i-app", "tcp/8080") == "unknown"


def test_LAMBDA_9_one_of_two_subnets_that_was_not_read_leaves_the_answer_open(describe: Describe) -> None:
    network = describe(**described("sg-web", subnets=("subnet-app", "subnet-9")))
    assert verdict(network, "lambda:report", "i-app", "tcp/8080") == "unknown"


# --- what is told ------------------------------------------------------------------------------------------------------------------


def test_subnets_of_two_vpcs_are_an_error(scenario: Scenario) -> None:
    text = functions("fn: {subnets: [app, far]}").replace("  lone:", "  far: {vpc: other, cidr: 10.9.0.0/24}\n  lone:")
    found = errors(scenario, f"vpcs: {{main: {{cidr: 10.0.0.0/16, internet_gateway: igw}}, other: {{cidr: 10.9.0.0/16}}}}\n{text}")
    assert found == ["function `fn` has subnets in several VPCs (main, other)"]


def test_a_subnet_that_does_not_exist_is_an_error(scenario: Scenario) -> None:
    messages = errors(scenario, functions("fn: {subnets: apps}"))
    assert any("subnet `apps` does not exist; did you mean `app`?" in message for message in messages)


def test_LAMBDA_1_groups_of_a_function_outside_every_vpc_are_refused(scenario: Scenario) -> None:
    told = "function `out`: `security_groups` are of its interfaces, and outside every VPC it has none; say its `subnets` (LAMBDA-1)"
    assert errors(scenario, functions("out: {security_groups: fn}")) == [told]
