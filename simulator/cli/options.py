"""What several commands share: the argument NETWORK and its parameters, colour, and how a network is opened."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from simulator.api import Network

PATIENCE, BETWEEN = 1.0, 0.2  # seconds before progress is shown, and between two figures
Command = TypeVar("Command", bound=Callable[..., Any])


def network_argument(command: Command) -> Command:
    """The argument NETWORK, one word that may name several inputs, and `--parameter`."""
    command = click.option(
        "--parameter",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_parameters,
        help="A value for a parameter of a template or plan; repeatable.",
    )(command)
    return click.argument("network", type=click.Path(), metavar="NETWORK")(command)


def what_if_option(command: Command) -> Command:
    """The option `--what-if`."""
    return click.option(
        "--what-if",
        multiple=True,
        metavar="EDIT",
        help='Ask the network as it would be after a change, "open sg-1 tcp/443 from 10.0.0.0/8"; repeatable, in this order.',
    )(command)


def colour_option(command: Command) -> Command:
    """The option `--color`."""
    return click.option(
        "--color",
        "--colour",
        "colour",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="auto: on a terminal, unless NO_COLOR is set.",
        callback=_colour,
    )(command)


def json_option(command: Command) -> Command:
    """The option `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead of text.")(command)


def _parameters(_ctx: click.Context, _parameter: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"`{word}` is not of the form NAME=VALUE")
        found[name] = value
    return found


def _colour(_ctx: click.Context, _parameter: click.Parameter, choice: str) -> bool:
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def open_network(text: str, parameters: dict[str, str], edits: Sequence[str] = ()) -> Network:
    """Read a network, change a copy as `edits` say, and tell on standard error what the user should know of it. No file is changed.

    Raises `InputError` when it cannot be read, or an edit cannot be made.
    """
    from simulator.api import load
    from simulator.read.load import inputs_of

    network = load(inputs_of(text), parameters=parameters)
    network = network.edit(*edits) if edits else network
    tell_problems(network)
    return network


def tell_problems(network: Network) -> None:
    """The warnings of a network, one a line, on standard error."""
    from simulator.report.escape import plain

    for problem in network.problems:
        click.echo(plain(str(problem)), err=True)


def write(text: str, *, colour: bool = False) -> None:
    """A text on standard output; its own control sequences are the only ones in it, and stay."""
    click.echo(text, color=colour)


def write_json(document: object) -> None:
    """A document on standard output."""
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Something to tell how far work is; on a terminal it is shown once a second has passed."""
    shown = started = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown > BETWEEN and now - started > PATIENCE and sys.stderr.isatty():
            shown = now
            click.echo(f"\r{done:,} of {of:,} {what}", err=True, nl=False)

    yield tell
    if shown != started:
        click.echo("\r\x1b[K", err=True, nl=False)
