"""`vpcsim verify`: the questions of a network put to this machine's Linux kernel, with real packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.options import network_argument, open_network, write, write_json

if TYPE_CHECKING:
    from simulator.api import Network
    from simulator.query.expectation import Expectation

NO_MACHINE = 69


@click.command("verify")
@network_argument
@click.argument("question", nargs=-1, metavar="[SOURCE DESTINATION [SERVICE]]")
@click.option("--source-port", metavar="N[-M]", help="For a question asked here: the source ports.")
@click.option("--one-way", is_flag=True, help="For a question asked here: judge the forward leg only.")
@click.option("--samples", type=click.IntRange(0, 10_000), default=24, show_default=True, help="Packets drawn at random, a pair of ends.")
@click.option(
    "--repeats", type=click.IntRange(0, 1000), default=16, show_default=True, help="Tries for a case that AWS chooses among addresses."
)
@click.option("--cases", type=click.IntRange(1, 20_000), default=300, show_default=True, help="Cases of a question sent at most.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the findings.")
@click.option("--verbose", "-v", is_flag=True, help="Both traces of every question, not only of those that differ.")
def command(
    network: str,
    question: tuple[str, ...],
    source_port: str | None,
    one_way: bool,
    samples: int,
    repeats: int,
    cases: int,
    form: str,
    verbose: bool,
    parameters: dict[str, str],
) -> int:
    """Build NETWORK in this machine's Linux kernel and send real packets through it.

    Asked is what the scenario's `expect:` asks, or the one question named here. Every case of the simulator's answer is sent,
    and packets drawn at random; kernel and simulator must agree on whether they arrive, are answered, and where they are lost.
    A NAT's ports are set so that each case of a "sometimes" is met.

    What the kernel cannot judge is told with the reason and never counts as agreeing: what AWS does beyond packets
    (invocations, policies), services of the host, what the bed does not build. It checks mechanism, not what AWS documents.

    Needs Linux with user namespaces, /dev/net/tun, `ip` and libnftables; nothing of this machine's network is touched.

    Exit status: 0 all that was judged agrees, 1 something differs, 2 wrong usage or input, 4 nothing could be judged,
    69 this machine cannot play networks.
    """
    if len(question) not in {0, 2, 3}:
        raise click.UsageError("a question is SOURCE DESTINATION [SERVICE]")
    opened = open_network(network, parameters)
    asked = _asked(opened, question, source_port, one_way)
    from simulator.testing.kernel.bed import NoBedError
    from simulator.testing.kernel.findings import finding_text, findings_document, sum_text
    from simulator.testing.kernel.probe import tried_out
    from simulator.testing.kernel.verify import Options, Status, sizes_for, verified

    try:
        bed = tried_out(sizes_for(opened.snapshot))
    except NoBedError as error:
        click.echo(f"this machine's kernel cannot play networks: {error}", err=True)
        return NO_MACHINE
    with bed:
        found = []
        for finding in verified(bed, opened.snapshot, opened.flow_graph, asked, Options(samples, repeats, cases)):
            found.append(finding)
            if form == "text":
                write(finding_text(finding, verbose=verbose))
    if form == "json":
        write_json(findings_document(opened.name, bed.kernel, found))
    else:
        write(sum_text(bed.kernel, found))
    statuses = {one.status for one in found}
    if Status.DIFFERS in statuses:
        return 1
    return 4 if statuses == {Status.NOT_JUDGED} else 0


def _asked(network: Network, question: tuple[str, ...], source_port: str | None, one_way: bool) -> list[Expectation]:
    """The question of the command line, or those of the scenario."""
    from simulator.origin import Spot
    from simulator.problems import InputError
    from simulator.query.expectation import Expectation

    if question:
        source, destination, service = (*question, "")[:3]
        network.can(source, destination, service or None, source_port=source_port, one_way=one_way)  # says what is wrong with it
        return [Expectation(source, destination, service, Spot("command line"), source_port=source_port or "", one_way=one_way)]
    if source_port or one_way:
        raise click.UsageError("--source-port and --one-way belong to a question asked here")
    if not network.expectations:
        raise InputError(f"{network.name} asks nothing: name SOURCE DESTINATION [SERVICE], or write questions under `expect:`")
    return list(network.expectations)
