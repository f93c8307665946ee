"""Reachable by invocation: chains of event sources and functions, and packets at the end (LAMBDA-15, LAMBDA-19 to LAMBDA-22)."""

from __future__ import annotations

import pytest

import simulator
from simulator.evaluate.result import Verdict
from simulator.report.chain import chain_text
from tests.aws.reading import Scenario, errors, verdict

FABRIC = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24%s}
nat_gateways: {nat: {subnet: pub, public_ip: 198.51.100.5}}
security_groups:
  fn: {vpc: main, outbound: [{to: 0.0.0.0/0, allow: all}]}
  db: {vpc: main, inbound: {from: fn, allow: tcp/5432}}
lambdas:
  x: {invokes: y}
  y: {subnets: app, security_groups: fn, invokes: z}
  z: {subnets: app, security_groups: fn}
  hermit: {subnets: app, security_groups: fn}
databases: {orders: {subnets: app, security_groups: db}}
event_sources: {api: {type: api-gateway, invokes: x}, queue: {type: sqs, invokes: [y]}}
"""
PRIVATE, WITH_NAT = FABRIC % "", FABRIC % ", routes: {0.0.0.0/0: nat}"


BALANCED = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  app: {vpc: main, cidr: 10.0.1.0/24}
security_groups:
  alb: {vpc: main, inbound: {from: 0.0.0.0/0, allow: tcp/443}}
  web: {vpc: main, inbound: {from: alb, allow: tcp/8080}}
  fn: {vpc: main, outbound: [{to: 0.0.0.0/0, allow: all}]}
  db: {vpc: main, inbound: {from: fn, allow: tcp/5432}}
instances: {one: {subnet: app, security_groups: web}, lone: {subnet: app, security_groups: web}}
lambdas: {y: {subnets: app, security_groups: fn}, x: {invokes: y}}
databases: {orders: {subnets: app, security_groups: db}}
event_sources: {queue: {type: sqs, invokes: [y]}}
target_groups: {shop: {port: 8080, targets: one}, code: {targets: x}}
load_balancers:
  lb: {subnets: pub, public_ips: 203.0.113.20, security_groups: alb, listeners: {tcp/443: [shop, code], tcp/80: shop}}
"""


def links(chain: object) -> list[tuple[str, str, str]]:
    return [(link.caller, link.function, link.verdict.value) for link in chain.links]  # type: ignore[attr-defined]


def test_W_21_LAMBDA_21_from_an_api_over_two_functions_to_the_database(scenario: Scenario) -> None:
    """Primer S33. A function outside every VPC needs nothing to call another one."""
    chain = scenario(PRIVATE).invoke("api", "orders", "tcp/5432")
    assert links(chain) == [("api", "x", "always"), ("x", "y", "always")]
    assert chain.links[0].needs is None
    assert chain.links[1].needs is not None
    assert chain.packets is not None
    assert (chain.verdict, chain.packets.query.source) == (Verdict.ALWAYS, "lambda:y")
    assert (chain.source, chain.destination, chain.service) == ("api", "orders", "tcp/5432")


def test_LAMBDA_21_the_same_is_never_reachable_by_packets(scenario: Scenario) -> None:
    network = scenario(PRIVATE)
    assert verdict(network, "lambda:x", "orders", "tcp/5432") == "never"
    (message,) = errors(lambda: network.can("api", "orders", "tcp/5432"))
    assert "ask what it reaches by invocation" in message


def test_LAMBDA_15_an_invocation_crosses_no_vpc_element(scenario: Scenario) -> None:
    """Primer S34: a function in a subnet without any route, in closed groups and ACLs."""
    closed = PRIVATE + "network_acls: {shut: {vpc: main, subnets: app}}"
    chain = scenario(closed).invoke("queue", "lambda:y")
    assert (chain.verdict, links(chain), chain.packets) == (Verdict.ALWAYS, [("queue", "y", "always")], None)


def test_LAMBDA_19_calling_another_function_needs_the_lambda_api(scenario: Scenario) -> None:
    """Trap T40, primer S35."""
    assert scenario(PRIVATE).invoke("queue", "lambda:z").verdict is Verdict.NEVER
    assert scenario(WITH_NAT).invoke("queue", "lambda:z").verdict is Verdict.ALWAYS


def test_LAMBDA_19_what_the_caller_lacks_is_told(scenario: Scenario) -> None:
    chain = scenario(PRIVATE).invoke("queue", "lambda:z")
    needs = chain.links[-1].needs
    assert needs is not None
    assert (needs.query.source, needs.query.destination, needs.query.service) == ("lambda:y", "service:lambda", "tcp/443")
    assert [blocker.code for blocker in needs.blockers] == ["NO_ROUTE_TO_DESTINATION"]


def test_LAMBDA_22_the_worst_link_is_the_verdict(scenario: Scenario) -> None:
    """Of two subnets only one has a way to the API."""
    text = WITH_NAT.replace("y: {subnets: app", "y: {subnets: [app, pub]")
    assert scenario(text).invoke("queue", "lambda:z").verdict is Verdict.SOMETIMES


def test_a_function_may_be_the_start(scenario: Scenario) -> None:
    network = scenario(PRIVATE)
    assert links(network.invoke("lambda:x", "lambda:y")) == [("x", "y", "always")]
    assert network.invoke("x", "orders", "tcp/5432").verdict is Verdict.ALWAYS


def test_the_best_chain_is_told_and_the_shortest_of_equals(scenario: Scenario) -> None:
    text = PRIVATE.replace("api: {type: api-gateway, invokes: x}", "api: {type: api-gateway, invokes: [x, y]}")
    assert links(scenario(text).invoke("api", "lambda:y")) == [("api", "y", "always")]
    # The short way over `z` fails where the long way over `x` works.
    longer = PRIVATE.replace("invokes: z}", "invokes: hermit}").replace("x: {invokes: y}", "x: {invokes: [y, hermit]}")
    chain = scenario(longer.replace("queue: {type: sqs, invokes: [y]}", "queue: {type: sqs, invokes: [y, x]}")).invoke(
        "queue", "lambda:hermit"
    )
    assert links(chain) == [("queue", "x", "always"), ("x", "hermit", "always")]


def test_circles_end(scenario: Scenario) -> None:
    text = WITH_NAT.replace("z: {subnets: app, security_groups: fn}", "z: {subnets: app, security_groups: fn, invokes: y}")
    assert links(scenario(text).invoke("queue", "lambda:z")) == [("queue", "y", "always"), ("y", "z", "always")]


@pytest.mark.parametrize(
    ("source", "destination", "message"),
    [
        ("orders", "lambda:y", "`orders` invokes no function; name an event source or a function"),
        ("internet", "lambda:y", "`internet` invokes no function"),
        ("lambda:hermit", "lambda:y", "nothing that `lambda:hermit` invokes leads to `lambda:y`"),
        ("queue", "lambda:x", "nothing that `queue` invokes leads to `lambda:x`"),
        ("nobody", "lambda:x", "`nobody` is nothing in this network"),
    ],
)
def test_chains_that_do_not_exist(scenario: Scenario, source: str, destination: str, message: str) -> None:
    network = scenario(PRIVATE)
    (found,) = errors(lambda: network.invoke(source, destination))
    assert message in found


def test_packets_of_the_last_function_are_asked_with_the_service(scenario: Scenario) -> None:
    network: simulator.Network = scenario(PRIVATE)
    assert network.invoke("api", "orders", "tcp/22").verdict is Verdict.NEVER
    chain = network.invoke("api", "orders")
    assert chain.packets is not None
    assert [one.service for one in chain.packets.allowed] == ["tcp/5432"]


# --- over a load balancer --------------------------------------------------------------------------------------------------------


def test_W_13_ELB_2_a_client_over_a_load_balancer_to_its_target(scenario: Scenario) -> None:
    """The listener that works best counts: the group of the load balancer does not admit port 80."""
    chain = scenario(BALANCED).invoke("internet", "one", "tcp/8080")
    assert (chain.verdict, links(chain)) == (Verdict.ALWAYS, [("internet", "lb", "always")])
    assert (chain.links[0].caller_kind, chain.links[0].needs.query.service) == ("connection", "tcp/443")  # type: ignore[union-attr]
    assert chain.packets is not None
    assert (chain.packets.query.source, chain.packets.query.service) == ("lb:lb", "tcp/8080")
    assert verdict(scenario(BALANCED), "internet", "one", "tcp/8080") == "never"


def test_ELB_2_each_of_the_two_connections_can_break_it(scenario: Scenario) -> None:
    shut = BALANCED.replace("{from: 0.0.0.0/0, allow: tcp/443}", "{from: 10.0.0.0/16, allow: tcp/443}")
    chain = scenario(shut).invoke("internet", "one", "tcp/8080")
    assert (chain.verdict, links(chain)[0][2], chain.packets.verdict) == (Verdict.NEVER, "never", Verdict.ALWAYS)  # type: ignore[union-attr]
    chain = scenario(BALANCED.replace("{from: alb, allow: tcp/8080}", "{from: db, allow: tcp/8080}")).invoke("internet", "one", "tcp/8080")
    assert (chain.verdict, links(chain)[0][2]) == (Verdict.NEVER, "always")
    assert scenario(BALANCED).invoke("internet", "one", "tcp/22").verdict is Verdict.NEVER


def test_ALB_3_a_load_balancer_invokes_a_function_without_a_network_leg(scenario: Scenario) -> None:
    chain = scenario(BALANCED).invoke("internet", "lambda:x")
    assert (chain.verdict, links(chain), chain.packets) == (Verdict.ALWAYS, [("internet", "lb", "always"), ("lb", "x", "always")], None)
    assert links(scenario(BALANCED).invoke("lb:lb", "lambda:x")) == [("lb", "x", "always")]


def test_LAMBDA_21_what_it_invokes_goes_on(scenario: Scenario) -> None:
    chain = scenario(BALANCED).invoke("internet", "orders", "tcp/5432")
    assert (chain.verdict, links(chain)[1:]) == (Verdict.ALWAYS, [("lb", "x", "always"), ("x", "y", "always")])


def test_a_destination_that_no_load_balancer_leads_to_is_an_error(scenario: Scenario) -> None:
    network = scenario(BALANCED.replace("[shop, code]", "shop"))
    nothing = "nothing that `internet` invokes or connects to leads to `lone`"
    assert errors(lambda: network.invoke("internet", "lone", "tcp/8080")) == [nothing]
    assert errors(lambda: network.invoke("queue", "lambda:x")) == ["nothing that `queue` invokes leads to `lambda:x`"]


def test_the_load_balancer_itself_may_be_the_start(scenario: Scenario) -> None:
    chain = scenario(BALANCED).invoke("lb:lb", "one", "tcp/8080")
    assert (chain.verdict, chain.links) == (Verdict.ALWAYS, ())


POLLED = """
subnets:
  pub: {vpc: main, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  brokers: {vpc: main, cidr: 10.0.1.0/24%s}
nat_gateways: {nat: {subnet: pub, public_ip: 203.0.113.5}}
security_groups: {kafka: {vpc: main, outbound: %s}}
data_services: {logs: {subnets: brokers, security_groups: kafka}}
lambdas: {x: {}}
event_sources: {topic: {type: msk, invokes: x, polls: logs}, foreign: {type: kafka, invokes: x}}
"""
ANYWHERE = "{to: 0.0.0.0/0, allow: all}"


@pytest.mark.parametrize(
    ("routes", "rules", "told"),
    [
        (", routes: {0.0.0.0/0: nat}", ANYWHERE, Verdict.ALWAYS),
        ("", ANYWHERE, Verdict.NEVER),
        (", routes: {0.0.0.0/0: nat}", "[]", Verdict.NEVER),
    ],
)
def test_LAMBDA_18_the_poller_of_a_kafka_cluster_needs_the_lambda_api(scenario: Scenario, routes: str, rules: str, told: Verdict) -> None:
    """From the subnets and groups of the cluster, though the function is in no VPC."""
    chain = scenario(POLLED % (routes, rules)).invoke("topic", "lambda:x")
    assert chain.verdict is told
    assert chain.links[0].needs is not None
    assert chain.links[0].needs.query.source == "data:logs"


def test_LAMBDA_18_where_the_poller_stands_was_not_read(scenario: Scenario) -> None:
    chain = scenario(POLLED % ("", ANYWHERE)).invoke("foreign", "lambda:x")
    assert (chain.verdict, chain.links[0].needs) == (Verdict.UNKNOWN, None)
    assert "kafka foreign invokes function x by a poller in its own subnets, which were not read" in chain_text(chain)


def test_only_kafka_and_mq_are_polled_in_a_vpc(scenario: Scenario) -> None:
    (message,) = errors(scenario, (POLLED % ("", ANYWHERE)).replace("type: msk", "type: sqs"))
    assert message == "event source `topic`: only kafka, mq, msk are polled in a VPC"
