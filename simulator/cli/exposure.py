"""`vpcsim exposure`: what the internet reaches, or any other source."""

from __future__ import annotations

import click

from simulator.cli.options import (
    colour_option,
    json_option,
    network_argument,
    open_network,
    shown_progress,
    what_if_option,
    write,
    write_json,
)


@click.command("exposure")
@network_argument
@click.option("--from", "sources", multiple=True, metavar="END", help="Who asks; repeatable. Default: the internet; with --to, everybody.")
@click.option("--to", "destinations", multiple=True, metavar="END", help="What is asked about; repeatable. Default: everything.")
@click.option("--exit-code", is_flag=True, help="End with status 1 if anything is reached, or may be.")
@click.option("--verbose", "-v", is_flag=True, help="Name every destination and block.")
@json_option
@what_if_option
@colour_option
def command(
    network: str,
    sources: tuple[str, ...],
    destinations: tuple[str, ...],
    exit_code: bool,
    verbose: bool,
    as_json: bool,
    colour: bool,
    what_if: tuple[str, ...],
    parameters: dict[str, str],
) -> int:
    """What the internet reaches in NETWORK, exactly: addresses, services, the path and the rules that let it in.

    A service counts as reached where packets arrive and the answers come back, as `vpcsim can` judges it. With --from, what that source
    reaches; with --to alone, everything that reaches those destinations. Ends are what `vpcsim can` takes.
    """
    opened = open_network(network, parameters, what_if)
    with shown_progress("pairs") as progress:
        found = opened.exposure(sources=list(sources) or None, destinations=list(destinations) or None, progress=progress)
    from simulator.report import exposure as report

    if as_json:
        write_json(report.exposure_document(found))
    else:
        write(report.exposure_text(found, colour=colour, everything=verbose), colour=colour)
    return 1 if exit_code and found.ways else 0
