"""`vpcsim can`: one question, one answer, and an exit status that says the verdict."""

from __future__ import annotations

import click

from simulator.cli.options import colour_option, json_option, network_argument, open_network, what_if_option, write, write_json

STATUS = {"always": 0, "never": 1, "sometimes": 3, "unknown": 4}


@click.command("can")
@network_argument
@click.argument("source")
@click.argument("destination")
@click.argument("service", required=False)
@click.option("--source-port", metavar="N[-M]", help="Default: the ephemeral range of the source's kind.")
@click.option("--one-way", is_flag=True, help="Judge the forward leg only.")
@click.option("--all-blockers", is_flag=True, help="Go on past every denial and list all of them.")
@click.option("--verbose", "-v", is_flag=True, help="Show plumbing steps and every case too.")
@json_option
@what_if_option
@colour_option
def command(
    network: str,
    source: str,
    destination: str,
    service: str | None,
    source_port: str | None,
    one_way: bool,
    all_blockers: bool,
    verbose: bool,
    as_json: bool,
    colour: bool,
    what_if: tuple[str, ...],
    parameters: dict[str, str],
) -> int:
    """Can SOURCE reach DESTINATION?

    Prints the verdict, both legs hop by hop, and why. SOURCE and DESTINATION are ids, names (lambda:report), addresses,
    blocks, `internet`, or `new:SUBNET` for a thing that is not there yet. SERVICE is tcp/443, udp/53, icmp and the like;
    left out: every service, and the answer lists which pass.

    Exit status: 0 always, 1 never, 3 sometimes, 4 unknown, 2 wrong usage or input.
    """
    answer = open_network(network, parameters, what_if).can(
        source, destination, service, source_port=source_port, one_way=one_way, all_blockers=all_blockers
    )
    if as_json:
        write_json(answer.to_dict())
    else:
        write(answer.text(verbose=verbose, colour=colour), colour=colour)
    return STATUS[answer.verdict.value]
