"""The list of commands, its help and completion, and what none of them may cost."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from simulator.cli import run
from simulator.cli.commands import COMMANDS
from tests.cli.fakes import FakeNetwork
from tests.report.examples import always

Captured = pytest.CaptureFixture[str]


def test_the_help_lists_every_command(capsys: Captured) -> None:
    assert run(["--help"]) == 0
    listed = re.findall(r"^  (\w+)  ", capsys.readouterr().out.split("Commands:")[1], re.MULTILINE)
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_of_its_own(name: str, capsys: Captured) -> None:
    assert importlib.import_module(f"simulator.cli.{COMMANDS[name][0]}").command.name == name
    assert run([name, "--help"]) == 0
    assert f"Usage: vpcsim {name} " in capsys.readouterr().out


def test_an_unknown_command_names_the_nearest(capsys: Captured) -> None:
    assert run(["shwo"]) == 2
    assert "there is no command `shwo`; did you mean `show`?" in capsys.readouterr().err


def test_no_command_is_wrong_usage() -> None:
    assert run([]) == 2


def test_the_version_is_told(capsys: Captured) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("vpcsim ")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["completion", "zsh"]])
def test_help_version_and_completion_import_click_and_nothing_else(arguments: list[str]) -> None:
    script = "import sys; from simulator.cli import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    ours = {name for name in done.stderr.split() if name.startswith("simulator.")}
    assert {name for name in ours if not name.startswith("simulator.cli")} == set()
    outside = {name.partition(".")[0] for name in done.stderr.split()} - sys.stdlib_module_names
    assert {name for name in outside if not name.startswith("_")} - {"click", "simulator"} <= {"sitecustomize"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_command(shell: str, capsys: Captured) -> None:
    assert run(["completion", shell]) == 0
    assert "_VPCSIM_COMPLETE" in capsys.readouterr().out


def test_the_shell_gets_commands_and_options() -> None:
    def completed(*words: str) -> str:
        environment = {
            "_VPCSIM_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        }
        script = "from simulator.cli import main; main()"
        command = [sys.executable, "-c", script]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout

    assert completed("vpcsim", "sh") == "plain,show\n"
    assert "plain,--one-way\n" in completed("vpcsim", "can", "--")


@pytest.mark.parametrize("what", ["answer", "scenario"])
def test_schemas_are_printed(what: str, capsys: Captured) -> None:
    assert run(["schema", what]) == 0
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_the_inventory_is_printed_or_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured) -> None:
    monkeypatch.setattr("simulator.api.load", lambda *_, **__: FakeNetwork(always()))
    assert run(["show", "net.yaml"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("VPC vpc-1  10.0.0.0/16\n")
    assert run(["show", "net.yaml", "-o", str(tmp_path / "inventory.txt")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "inventory.txt").read_text("utf-8") == printed
    assert run(["show", "net.yaml", "-o", str(tmp_path / "missing" / "inventory.txt")]) == 2
    assert "missing" in capsys.readouterr().err
    assert run(["show", "net.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "vpcsim/inventory/1"


def test_a_closed_pipe_ends_the_command_quietly() -> None:
    script = "import sys; from simulator.cli import main; main()"
    command = [sys.executable, "-c", script, "schema", "answer"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (141, "")
