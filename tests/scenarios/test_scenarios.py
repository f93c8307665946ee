"""Every scenario file: its expectations, its graph, and what the folders' tables say of it."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import simulator
from simulator.api import Network
from simulator.graph.verify import verify
from simulator.testing.expectations import run

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = sorted(SCENARIOS.rglob("*.yaml"))
TABLES = {
    "primer": [f"S{number}" for number in range(1, 38)],
    "walks": [f"W-{number}" for number in range(1, 23)],
    "traps": [f"T{number}" for number in range(1, 55)],
}
ROW = re.compile(r"^\| ([STW]-?[0-9]+) \| ([^|]*)\|", re.MULTILINE)
RULE = re.compile(r"\b(?:[A-Z]+[0-9]*-[0-9]+|W-[0-9]+|T[0-9]+)\b")


@cache
def network(path: Path) -> Network:
    return simulator.load(path)


@cache
def written(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def name(path: Path) -> str:
    return path.relative_to(SCENARIOS).as_posix()


def table(folder: str) -> list[tuple[str, str]]:
    """The rows of a folder's README: id, and the text beside it."""
    return [(row, text.strip()) for row, text in ROW.findall((SCENARIOS / folder / "README.md").read_text("utf-8"))]


def file_in(folder: str, text: str) -> Path | None:
    """The scenario that a row names."""
    word = text.split(",", maxsplit=1)[0]
    return (SCENARIOS / folder / word).resolve() if word.endswith(".yaml") else None


EXPECTATIONS = [(path, index) for path in FILES for index in range(len(written(path).get("expect") or ()))]


@pytest.mark.parametrize(("path", "index"), EXPECTATIONS, ids=[f"{name(path)}:{index + 1}" for path, index in EXPECTATIONS])
def test_expectation(path: Path, index: int) -> None:
    result = run(network(path), network(path).expectations[index])
    assert result.wrong == "", f"{result.title}: {result.wrong}\n{result.details}"


@pytest.mark.parametrize("path", FILES, ids=map(name, FILES))
def test_graph_is_sound(path: Path) -> None:
    verify(network(path).flow_graph)


@pytest.mark.parametrize("path", FILES, ids=map(name, FILES))
def test_scenario_is_read_without_a_warning(path: Path) -> None:
    assert [str(problem) for problem in network(path).problems] == []


@pytest.mark.parametrize("path", FILES, ids=map(name, FILES))
def test_scenario_has_a_name(path: Path) -> None:
    assert written(path)["name"]


@pytest.mark.parametrize("path", FILES, ids=map(name, FILES))
def test_scenario_asks_something_and_says_why(path: Path) -> None:
    expectations = written(path)["expect"]
    assert expectations
    if path.name != "lambda-nat.yaml":  # the README shows this one
        assert [wish for wish in expectations if not RULE.search(wish.get("why", ""))] == []


# --- the tables of the folders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", TABLES)
def test_table_has_every_id(folder: str) -> None:
    rows = {row for row, _ in table(folder)}
    assert set(TABLES[folder]) <= rows
    assert rows <= {one for ids in TABLES.values() for one in ids}


@pytest.mark.parametrize("folder", TABLES)
def test_table_names_scenarios_that_speak_of_the_row_or_says_why_there_is_none(folder: str) -> None:
    for row, text in table(folder):
        path = file_in(folder, text)
        if path is None:
            assert text.startswith(("none: ", "waits for ")), row
        else:
            assert path.is_file(), row
            told = [written(path)["name"], *(wish.get("why", "") for wish in written(path)["expect"])]
            assert [text for text in told if re.search(rf"\b{row}\b", text)] or folder == "walks", row


def whys(wanted: str) -> list[dict[str, Any]]:
    """The expectations of all scenarios whose `why` names a trap or a walk."""
    return [wish for path in FILES for wish in written(path).get("expect") or () if re.search(rf"\b{wanted}\b", wish.get("why", ""))]


@pytest.mark.parametrize("trap", TABLES["traps"])
def test_every_trap_is_asked_about_and_what_it_refuses_has_a_code(trap: str) -> None:
    told = [wish for wish in whys(trap) if wish.get("by") != "invocation"]
    refused = [wish for wish in told if wish["verdict"] in ("never", "sometimes")]
    assert [wish for wish in refused if wish.keys() & {"blocked_at", "reply_via", "via"} and "code" in wish]
    assert [wish for wish in refused if wish["verdict"] == "never" and "code" not in wish] == []


@pytest.mark.parametrize("walk", TABLES["walks"])
def test_every_walk_works_once_and_is_broken_at_several_checks(walk: str) -> None:
    told = whys(walk)
    broken = [wish for wish in told if wish["verdict"] in ("never", "sometimes")]
    assert len({(str(wish.get("code")), str(wish.get("blocked_at"))) for wish in broken}) >= 2
    assert walk == "W-8" or any(wish["verdict"] == "always" for wish in told)


@pytest.mark.parametrize("folder", TABLES)
def test_table_leaves_no_scenario_out(folder: str) -> None:
    named = {file_in(folder, text) for _, text in table(folder)}
    assert [name(path) for path in FILES if path.parent.name == folder and path not in named] == []


def test_the_folder_of_rules_lists_its_scenarios_and_what_they_are_about() -> None:
    folder = SCENARIOS / "rules"
    rows = re.findall(r"^\| (\S+\.yaml) \| ([^:|]*):", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(file for file, _ in rows) == sorted(path.name for path in folder.glob("*.yaml"))
    for file, rules in rows:
        told = {rule for wish in written(folder / file)["expect"] for rule in RULE.findall(wish["why"])}
        assert set(rules.split(", ")) <= told, file


@pytest.mark.parametrize("path", FILES, ids=map(name, FILES))
def test_id_in_the_name_of_a_file_is_in_the_table_and_in_its_text(path: Path) -> None:
    for letter, number in re.findall(r"(?:^|(?<=-))([stw])([0-9]+)(?=-)", path.name):
        row = f"{letter.upper()}{'-' if letter == 'w' else ''}{int(number)}"
        assert (row, path) in [(one, file_in(path.parent.name, text)) for one, text in table(path.parent.name)]
        assert re.search(rf"\b{row}\b", written(path)["name"])
        assert any(re.search(rf"\b{row}\b", wish["why"]) for wish in written(path)["expect"])


# --- expectations can fail --------------------------------------------------------------------------------------------

NETWORK = """
network:
  vpcs:
    v: {cidr: 10.0.0.0/16, internet_gateway: igw}
  subnets:
    n: {vpc: v, cidr: 10.0.0.0/24, routes: {0.0.0.0/0: igw}}
  instances:
    open: {subnet: n, public_ip: 203.0.113.10}
    shut: {subnet: n}
  lambdas:
    x: {}
  event_sources:
    api: {type: api-gateway, invokes: [x]}
expect:
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("{can: [open, internet, tcp/443], verdict: always}", "{can: [open, internet, tcp/443], verdict: never}"),
        ("{can: [shut, internet, tcp/443], delivered: never}", "{can: [shut, internet, tcp/443], delivered: always}"),
        ("{can: [shut, internet, tcp/443], answered: never}", "{can: [shut, internet, tcp/443], answered: always}"),
        ("{can: [open, internet, tcp/443], verdict: always, via: [n, igw]}", "{can: [open, internet, tcp/443], verdict: always, via: [v]}"),
        (
            "{can: [open, internet, tcp/443], verdict: always, reply_via: [igw, n]}",
            "{can: [open, internet, tcp/443], verdict: always, reply_via: [n, igw]}",
        ),
        (
            "{can: [open, internet, tcp/443], verdict: always, not_via: [shut]}",
            "{can: [open, internet, tcp/443], verdict: always, not_via: [igw]}",
        ),
        (
            "{can: [shut, internet, tcp/443], verdict: never, blocked_at: [igw]}",
            "{can: [shut, internet, tcp/443], verdict: never, blocked_at: [n]}",
        ),
        (
            "{can: [shut, internet, tcp/443], verdict: never, code: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS}",
            "{can: [shut, internet, tcp/443], verdict: never, code: NO_ROUTE_TO_DESTINATION}",
        ),
        ("{can: [nobody, internet, tcp/443], verdict: error}", "{can: [nobody, internet, tcp/443], verdict: never}"),
        ("{can: [api, x], by: invocation, verdict: always}", "{can: [api, x], by: invocation, verdict: never}"),
    ],
)
def test_wrong_expectation_fails(tmp_path: Path, right: str, wrong: str) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(f"{NETWORK}  - {right}\n  - {wrong}\n", "utf-8")
    asked = simulator.load(path)
    assert [bool(run(asked, wish).wrong) for wish in asked.expectations] == [False, True]
