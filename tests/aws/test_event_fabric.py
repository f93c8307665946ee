"""Event sources in both spellings (LAMBDA-15, LAMBDA-16); chains of them are tested in tests/query/test_chains.py."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.event_fabric import EventSource
from tests.aws.reading import Describe, Scenario, account, errors

ACCOUNT = "111122223333"


def test_an_event_source_of_a_scenario(scenario: Scenario) -> None:
    network = scenario("lambdas: {x: {}, y: {}}\nevent_sources: {api: {type: api-gateway, invokes: [x, y]}}")
    found = network.snapshot.get(EventSource, "api")
    assert found is not None
    assert (found.type, found.invokes, found.place.kind) == ("api-gateway", ("x", "y"), "api-gateway")


def test_LAMBDA_16_the_kinds_of_sources_are_known(scenario: Scenario) -> None:
    (message,) = errors(scenario, "lambdas: {x: {}}\nevent_sources: {api: {type: api-gatway, invokes: x}}")
    assert "did you mean `api-gateway`?" in message


def test_it_invokes_functions_that_exist(scenario: Scenario) -> None:
    (message,) = errors(scenario, "lambdas: {report: {}}\nevent_sources: {api: {type: sqs, invokes: raport}}")
    assert "`raport` does not exist; did you mean `report`?" in message


def mapping(arn: str, function: str, **more: Any) -> dict[str, Any]:
    target = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{function}"
    return {"UUID": f"uuid-{function}", "EventSourceArn": arn, "FunctionArn": target, **more}


@pytest.mark.parametrize(
    ("arn", "source", "kind"),
    [
        (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders", "orders", "sqs"),
        (f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks", "clicks", "kinesis"),
        (f"arn:aws:kafka:eu-west-1:{ACCOUNT}:cluster/big/1234", "big", "msk"),
    ],
)
def test_the_mapping_of_a_describe_answer(describe: Describe, arn: str, source: str, kind: str) -> None:
    found = describe(**account(), EventSourceMappings=[mapping(arn, "x")]).snapshot.get(EventSource, source)
    assert found is not None
    assert (found.type, found.invokes) == (kind, ("x",))


def test_a_dynamodb_stream_is_named_after_its_table(describe: Describe) -> None:
    arn = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders/stream/2024-01-01T00:00:00.000"
    found = describe(**account(), EventSourceMappings=[mapping(arn, "x")]).snapshot.get(EventSource, "orders")
    assert found is not None
    assert found.type == "dynamodb-streams"


def test_two_mappings_of_one_source_are_one_source(describe: Describe) -> None:
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
    found = describe(**account(), EventSourceMappings=[mapping(arn, "x"), mapping(arn, "y")]).snapshot.get(EventSource, "orders")
    assert found is not None
    assert found.invokes == ("x", "y")


def test_a_self_managed_source_has_no_arn(describe: Describe) -> None:
    found = describe(**account(), EventSourceMappings=[mapping("", "x")]).snapshot.get(EventSource, "uuid-x")
    assert found is not None
    assert (found.type, found.invokes) == ("kafka", ("x",))
