"""`vpcsim demo`: the questions of a network that comes with the program."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from simulator.cli.options import colour_option, write

FILE = Path(__file__).with_name("demo.yaml")


@click.command("demo")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the network file itself: a start for one of your own.")
@colour_option
def command(as_yaml: bool, colour: bool) -> None:
    """A built-in network: an allowed, a refused and a "sometimes" flow, with no file and no account."""
    if as_yaml:
        write(FILE.read_text("utf-8").rstrip())
        return
    from simulator.api import load

    with contextlib.chdir(FILE.parent):  # so that the answers name the file as a user's own would be named
        network = load(FILE.name)
    for expectation in network.expectations:
        words = (FILE.name, expectation.source, expectation.destination, expectation.service)
        write(f"$ vpcsim can {' '.join(filter(None, words))}")
        if expectation.why:
            write(f"# {expectation.why}")
        answer = network.can(expectation.source, expectation.destination, expectation.service or None)
        write(answer.text(colour=colour) + "\n", colour=colour)
    write(f"`vpcsim demo --yaml > {FILE.name}` writes the network, to ask and change it")
