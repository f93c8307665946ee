"""The answer document: valid by its own schema, plain JSON, and as section 4 of the interface has it."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from simulator.packet.flow import ICMP, Flow
from simulator.report.answer_schema import answer_schema
from simulator.report.as_json import answer_document, header
from tests.report.examples import EXAMPLES, always, every_service, never, sometimes, unknown

VALIDATOR = Draft202012Validator(answer_schema())


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(answer_schema())


@pytest.mark.parametrize("name", EXAMPLES)
def test_documents_are_valid_and_survive_json(name: str) -> None:
    document = answer_document(EXAMPLES[name]())
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


def spoilt(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The document with one thing wrong, several ways."""
    text = json.dumps(document)
    copies = [json.loads(text) for _ in range(5)]
    copies[0]["verdict"] = "maybe"
    del copies[1]["gaps"]
    copies[2]["forward"]["hops"][0]["steps"][0]["kind"] = "stage"
    copies[3]["blockers"][0]["code"] = "NO_ROUTE"
    copies[4]["extra"] = 1
    return copies


def test_the_schema_refuses_what_is_wrong() -> None:
    for number, document in enumerate(spoilt(answer_document(sometimes()))):
        assert not VALIDATOR.is_valid(document), number


def test_the_head_of_the_document() -> None:
    document = answer_document(sometimes())
    assert document["schema"] == "vpcsim/answer/1"
    assert (document["verdict"], document["delivered"], document["answered"]) == ("sometimes", "always", "sometimes")
    assert document["query"]["service"] == "tcp/443"
    assert document["query"]["source_ports"] == "1024-65535"
    assert "allowed" not in document


def test_hops_are_in_the_order_travelled_and_none_is_folded_away() -> None:
    document = answer_document(always())
    eni = "eni-0a1b2c3d4e5f60001"
    forward = [hop["id"] for hop in document["forward"]["hops"]]
    reply = [hop["id"] for hop in document["reply"]["hops"]]
    assert forward == ["report", eni, "private", "public", "nat", "public", "igw", "internet"]
    assert reply == ["igw", "public", "nat", "public", "main", "private", eni, "report"]
    assert document["forward"]["disposition"] == "delivered"
    assert document["forward"]["end"] == "internet"


def test_choices_are_told_by_name() -> None:
    answer = sometimes()
    cases = tuple(case._replace(when={"choice": ["eni-1", "eni-2"]}) for case in answer.cases)
    document = answer_document(answer._replace(cases=cases))
    assert VALIDATOR.is_valid(document)
    assert {"what": "option", "id": "report", "value": "eni-0a1b2c3d4e5f60001"} in document["cases"][0]["witness"]["choices"]


def test_headers_show_each_translation_at_its_hop() -> None:
    hops = {hop["id"]: hop for hop in answer_document(always())["forward"]["hops"]}
    assert hops["nat"]["inbound"]["source"] == "10.0.1.7"
    assert hops["nat"]["outbound"]["source"] == "10.0.0.5"
    assert hops["igw"]["outbound"]["source"] == "198.51.100.7"


def test_the_sender_has_its_address_from_the_first_hop_on() -> None:
    hops = answer_document(always())["forward"]["hops"]
    assert {hops[n][side]["source"] for n in (0, 1) for side in ("inbound", "outbound")} == {"10.0.1.7"}


def test_steps_carry_kind_rule_and_line() -> None:
    hops = {hop["id"]: hop for hop in answer_document(always())["forward"]["hops"]}
    steps = hops["eni-0a1b2c3d4e5f60001"]["steps"]
    assert [step["kind"] for step in steps] == ["rewrite", "session-match", "filter"]
    assert steps[-1] == {
        "kind": "filter",
        "what": "security group fn egress",
        "outcome": "permitted",
        "because": {"resource": "fn", "part": "egress 1", "file": "network.yaml", "line": 12},
        "code": None,
        "detail": None,
        "others": [],
        "rules": ["SG-1"],
        "plumbing": False,
    }
    assert hops["nat"]["steps"][0]["plumbing"] is True


def test_a_blocker_says_where_and_why() -> None:
    document = answer_document(sometimes())
    blocker = document["blockers"][0]
    assert {name: blocker[name] for name in ("code", "leg", "id", "place")} == {
        "code": "SUBNET_ACL_RESTRICTION",
        "leg": "reply",
        "id": "acl-public",
        "place": "public",
    }
    assert blocker["because"] == {"resource": "acl-public", "part": "ingress rule *", "file": "network.yaml", "line": 34}
    assert blocker["message"].startswith("network ACL acl-public ingress rule * denies tcp/1024 ")


def test_cases_carry_a_witness_that_can_be_replayed() -> None:
    works, fails = answer_document(sometimes())["cases"]
    assert works["when"] == {"nat_ports": "32768-65535"}
    assert works["share"] + fails["share"] == pytest.approx(1)
    assert fails["verdict"] == "never"
    assert {"what": "port", "id": "nat", "value": 1024} in fails["witness"]["choices"]
    assert fails["witness"]["reply"] == {"disposition": "denied", "end": None, "hops": ["igw", "public"]}
    assert works["witness"]["reply"]["disposition"] == "delivered"


def test_a_refused_packet_has_no_reply() -> None:
    document = answer_document(never())
    assert document["reply"] is None
    assert document["forward"]["disposition"] == "denied"
    assert document["forward"]["end"] is None


def test_gaps_and_assumptions_are_told() -> None:
    assert answer_document(unknown())["gaps"][0]["id"] == "tgw-9"
    assert answer_document(always())["assumptions"] == ["the ACL of `private` is the open default"]


def test_allowed_services_are_there_when_none_was_asked_for() -> None:
    assert answer_document(every_service())["allowed"] == [
        {"service": "tcp/443", "source_ports": None, "verdict": "always"},
        {"service": "udp/53", "source_ports": "1024-2000", "verdict": "sometimes"},
    ]


def test_a_ping_has_no_ports() -> None:
    document = header(Flow(4, 1, 2, ICMP, icmp_type=8))
    assert (document["source_port"], document["icmp_type"], document["icmp_code"]) == (None, 8, 0)
