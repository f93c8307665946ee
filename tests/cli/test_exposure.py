"""`vpcsim exposure`: what is printed, what programs get, and the exit status."""

import json
from pathlib import Path

import pytest

from simulator.cli import run

Captured = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
OPEN = str(ROOT / "scenarios/primer/s18-public-addresses.yaml")
CLOSED = str(ROOT / "scenarios/primer/lambda-nat.yaml")


def test_ways_in_are_printed_with_what_lets_them_in(capsys: Captured) -> None:
    assert run(["exposure", OPEN]) == 0
    out, err = capsys.readouterr()
    lines = [line.strip() for line in out.splitlines()]
    assert lines[:3] == ["instance:server (198.51.100.10)", "tcp/443 from anywhere", "by shop-default-acl ingress rule 100"]
    assert lines[3].startswith("by web ingress 1 (")
    assert lines[4] == "path internet > igw > shop > public > server-eni > server"
    assert lines[-1] == "internet reaches 1 of 3 destinations"
    assert err == ""


def test_the_exit_code_is_for_pipelines(capsys: Captured) -> None:
    assert (run(["exposure", OPEN, "--exit-code"]), run(["exposure", CLOSED, "--exit-code"])) == (1, 0)
    assert capsys.readouterr().out.endswith("internet reaches 0 of 1 destinations\n")


def test_what_reaches_one_thing(capsys: Captured) -> None:
    assert run(["exposure", OPEN, "--to", "server"]) == 0
    out = capsys.readouterr().out
    assert "tcp/443 from anywhere" in out
    assert "reach 1 of 1 destinations" in out


def test_a_document_for_programs(capsys: Captured) -> None:
    assert run(["exposure", OPEN, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["reached"]) == ("vpcsim/exposure/1", ["instance:server"])
    (way,) = document["ways"]
    assert (way["addresses"], way["from"], way["services"]) == (
        ["198.51.100.10"], "all", [{"service": "tcp/443", "verdict": "always"}]
    )  # fmt: skip
    assert [hop["id"] for hop in way["path"]] == ["internet", "igw", "shop", "public", "server-eni", "server"]
    assert way["because"][-1]["resource"] == "web"


@pytest.mark.parametrize(("words", "told"), [(["--from", "nobody"], "`nobody` is nothing"), (["--to", "nobody"], "`nobody` is nothing")])
def test_what_means_nothing_is_told(words: list[str], told: str, capsys: Captured) -> None:
    assert run(["exposure", OPEN, *words]) == 2
    out, err = capsys.readouterr()
    assert (out, told in err, "Traceback" in err) == ("", True, False)
