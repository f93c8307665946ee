"""`vpcsim diff`: what a change of a network opens and closes."""

from __future__ import annotations

import click

from simulator.cli.options import colour_option, json_option, network_argument, open_network, shown_progress, write, write_json


@click.command("diff")
@click.argument("before", type=click.Path(), metavar="BEFORE")
@network_argument
@click.option("--exit-code", is_flag=True, help="End with status 1 if any flow fares otherwise.")
@click.option("--verbose", "-v", is_flag=True, help="Name every end of a group.")
@json_option
@colour_option
def command(before: str, network: str, exit_code: bool, verbose: bool, as_json: bool, colour: bool, parameters: dict[str, str]) -> int:
    """Every flow whose verdict differs between BEFORE and NETWORK: what opens, what closes, and which change did it.

    Both are whatever `vpcsim can` takes. Compared are all workloads, the internet and the networks on premises, on every service; what is
    not listed fares as before.
    """
    one, other = open_network(before, parameters), open_network(network, parameters)
    from simulator.api import diff

    with shown_progress("pairs") as progress:
        found = diff(one, other, progress=progress)
    from simulator.report import diff as report

    if as_json:
        write_json(report.diff_document(found))
    else:
        write(report.diff_text(found, colour=colour, everything=verbose), colour=colour)
    return 1 if exit_code and found.changes else 0
