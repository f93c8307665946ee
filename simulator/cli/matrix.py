"""`vpcsim matrix`: who reaches whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import colour_option, network_argument, open_network, shown_progress, what_if_option, write

if TYPE_CHECKING:
    from simulator.api import Network
    from simulator.cluster import Work

STANDARD_OUTPUT = "-"


@click.command("matrix")
@network_argument
@click.argument("service", required=False)
@click.option("--from", "sources", multiple=True, metavar="END", help="Only from here; repeatable. Default: everybody.")
@click.option("--to", "destinations", multiple=True, metavar="END", help="Only to here; repeatable. Default: everybody.")
@click.option("--csv", is_flag=False, flag_value=STANDARD_OUTPUT, metavar="[FILE]", help="Every pair in a line, to FILE or printed.")
@click.option("--json", is_flag=False, flag_value=STANDARD_OUTPUT, metavar="[FILE]", help="The groups as a document, to FILE or printed.")
@click.option("--parquet", metavar="FILE", help="Every pair in a row of FILE (needs the extra `arrow`).")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Answer on a Dask cluster (needs the extra `distributed`): `local`, or tcp://HOST:PORT of its scheduler. FILE of --parquet is "
    "then a folder for the parts, which all workers see; what is there already is not asked again.",
)
@click.option("--verbose", "-v", is_flag=True, help="Name every end of a group.")
@what_if_option
@colour_option
def command(
    network: str,
    service: str | None,
    sources: tuple[str, ...],
    destinations: tuple[str, ...],
    csv: str | None,
    json: str | None,
    parquet: str | None,
    cluster: str | None,
    verbose: bool,
    colour: bool,
    what_if: tuple[str, ...],
    parameters: dict[str, str],
) -> None:
    """Who reaches whom in NETWORK, grouped: what ends with the same answers is told together.

    SERVICE is tcp/443, udp/53, icmp and the like; left out: every service that some rule tells from another. Ends are what
    `vpcsim can` takes; left out: every workload, the internet and the networks on premises. Each answer is that of
    `vpcsim can` for the pair; what is not listed is never reached.
    """
    if cluster and (not parquet or csv or json):
        raise click.UsageError("with --cluster a matrix is written as --parquet FOLDER, and as nothing else")
    if cluster and what_if:
        raise click.UsageError("--what-if is for one machine; the workers of a cluster read the network as it is written")
    opened = open_network(network, parameters, what_if)
    if cluster and parquet:
        from simulator.cluster import asked
        from simulator.read.load import inputs_of

        _on_cluster(opened, asked(tuple(inputs_of(network)), parameters, service, sources, destinations, parquet), cluster)
        return
    with shown_progress("pairs") as progress:
        found = opened.matrix(service, sources=list(sources) or None, destinations=list(destinations) or None, progress=progress)
    from simulator.report import matrix as report

    if csv:
        _put(csv, report.matrix_csv(found))
    if json:
        import json as library

        _put(json, library.dumps(report.matrix_document(found), indent=2, ensure_ascii=False) + "\n")
    if parquet:
        report.write_parquet(found, Path(parquet))
    if not (csv or json or parquet):
        write(report.matrix_text(found, colour=colour, everybody=verbose), colour=colour)


def _on_cluster(network: Network, work: Work, address: str) -> None:
    from simulator.cluster import matrix_parts
    from simulator.report.escape import plain

    with shown_progress("parts") as progress:
        parts = matrix_parts(network, work, address, progress=progress)
    write(f"{len(parts):,} {'part' if len(parts) == 1 else 'parts'} in {plain(work.folder)}")


def _put(where: str, text: str) -> None:
    if where == STANDARD_OUTPUT:
        write(text.removesuffix("\n"))
    else:
        Path(where).write_text(text, "utf-8")
