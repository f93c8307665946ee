"""The Python face of interface.md, section 3."""

from __future__ import annotations

import json
from pathlib import Path

import networkx
import pytest

import simulator

SCENARIO = Path(__file__).parents[1] / "scenarios" / "primer" / "lambda-nat.yaml"
TEXT = """
network:
  vpcs: {main: {cidr: 10.0.0.0/16}}
  subnets: {a: {vpc: main, cidr: 10.0.1.0/24}}
  instances: {one: {subnet: a}, two: {subnet: a}}
"""


@pytest.fixture(scope="module")
def network() -> simulator.Network:
    return simulator.load(SCENARIO)


def test_a_network_knows_its_name_problems_and_questions(network: simulator.Network) -> None:
    assert network.name == str(SCENARIO)
    assert network.problems == ()
    assert [expectation.verdict for expectation in network.expectations]
    assert repr(network).startswith(f"<Network {SCENARIO}: ")


def test_the_graph_is_compiled_when_first_needed_and_kept(network: simulator.Network) -> None:
    assert network.flow_graph is network.flow_graph
    assert isinstance(network.graph(), networkx.MultiDiGraph)


def test_an_answer_prints_itself_in_every_form(network: simulator.Network) -> None:
    answer = network.can("lambda:report", "internet", "tcp/443")
    assert isinstance(answer, simulator.Answer)
    assert str(answer) == answer.text()
    assert answer.text(verbose=True) != answer.text()
    document = answer.to_dict()
    assert json.loads(json.dumps(document)) == document
    assert (document["verdict"], document["schema"]) == ("always", "vpcsim/answer/1")
    assert answer._repr_html_().lstrip().startswith("<")


def test_answers_say_what_interface_md_promises(network: simulator.Network) -> None:
    answer = network.can("lambda:report", "internet", "tcp/443")
    assert answer.verdict is answer.answered is simulator.Verdict.ALWAYS
    assert answer.delivered is simulator.Verdict.ALWAYS
    assert answer.forward is not None
    assert answer.reply is not None
    assert (answer.forward.disposition, answer.forward.end) == (simulator.Disposition.DELIVERED, "internet")
    assert answer.forward.hops[0].place.id == "report"
    assert network.can("internet", "lambda:report", "tcp/443").reply is None


def test_several_inputs_make_one_network(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(TEXT.replace("instances: {one: {subnet: a}, two: {subnet: a}}", "instances: {one: {subnet: a}}"), "utf-8")
    two.write_text("network: {instances: {two: {subnet: a}}}", "utf-8")
    both = simulator.load([one, two])
    assert both.name == f"{one},{two}"
    assert both.can("one", "two", "tcp/443").verdict is simulator.Verdict.ALWAYS


def test_one_input_may_be_a_text_or_a_path(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT, "utf-8")
    assert repr(simulator.load(str(path))) == repr(simulator.load(path))


def test_an_input_that_cannot_be_used_tells_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT.replace("10.0.1.0/24", "10.0.1.0/30").replace("two: {subnet: a}", "two: {subnet: b}"), "utf-8")
    with pytest.raises(simulator.InputError) as caught:
        simulator.load(path)
    assert len(caught.value.problems) == 2
    assert all(problem.place is not None and problem.place.file == str(path) for problem in caught.value.problems)
    with pytest.raises(simulator.VpcsimError, match="does not exist"):
        simulator.load(tmp_path / "nowhere.yaml")


def test_only_the_obvious_is_positional(network: simulator.Network) -> None:
    with pytest.raises(TypeError):
        network.can("lambda:report", "internet", "tcp/443", 40000)  # type: ignore[misc]


def test_an_invocation_is_asked_apart_from_packets(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT + "  lambdas: {x: {}}\n  event_sources: {api: {type: api-gateway, invokes: x}}\n", "utf-8")
    chain = simulator.load(path).invoke("api", "lambda:x")
    assert (chain.verdict, [link.function for link in chain.links]) == (simulator.Verdict.ALWAYS, ["x"])


def test_a_hypothetical_end_is_kept_for_the_next_question(network: simulator.Network) -> None:
    answers = [network.can("new:private,sg=open", "internet", "tcp/443") for _ in range(2)]
    assert answers[0].verdict is answers[1].verdict is simulator.Verdict.ALWAYS
    assert answers[0].query.source == answers[1].query.source
