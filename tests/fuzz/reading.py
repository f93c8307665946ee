"""Reading a file that may be anything: it becomes a network, or an error for the user."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import yaml

from simulator.api import load
from simulator.cli import run
from simulator.compile import compile_snapshot
from simulator.problems import InputError

STATUS = {0, 1, 2, 3, 4}


def as_json(tree: Any) -> bytes:
    return json.dumps(tree, indent=1).encode("utf-8", "surrogatepass")


def as_yaml(tree: Any) -> bytes:
    """The tree as YAML; as JSON, which is YAML too, where it holds what YAML has no text for."""
    try:
        return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=100).encode("utf-8")
    except (yaml.YAMLError, UnicodeEncodeError):
        return json.dumps(tree, default=str).encode("utf-8", "surrogatepass")


def read(path: Path) -> bool:
    """Whether a file was read; false when it was refused. Anything else that comes out of it is a fault, the graph's too.

    A message is for people: a place or a word of theirs, and no type of Python.
    """
    try:
        network = load(path)
    except InputError as error:
        text = str(error)
        assert text.strip()
        assert not any(word in text for word in ("NoneType", "Traceback", "object at 0x", "<class", "KeyError", "TypeError")), text
        return False
    compile_snapshot(network.snapshot)
    return True


def ask_on_the_command_line(path: Path) -> int:
    """The exit status of a question about a file: 2 when it was refused, with a message and nothing else."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(["can", str(path), "internet", "10.0.0.4", "tcp/443"])
    assert status in STATUS
    assert "Traceback" not in out.getvalue() + err.getvalue()
    assert status != 2 or err.getvalue().strip()
    return status
