"""`vpcsim show`: what a network holds."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.options import colour_option, json_option, network_argument, open_network, write


@click.command("show")
@network_argument
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to FILE.")
@json_option
@colour_option
def command(network: str, output: Path | None, as_json: bool, colour: bool, parameters: dict[str, str]) -> None:
    """What NETWORK holds: VPCs, subnets (public, private or isolated as derived), gateways and workloads."""
    import json

    from simulator.report.inventory import inventory_document, inventory_text

    inventory = open_network(network, parameters).inventory()
    colour = colour and output is None
    if as_json:
        text = json.dumps(inventory_document(inventory), indent=2, ensure_ascii=False)
    else:
        text = inventory_text(inventory, colour=colour)
    if output is None:
        write(text, colour=colour)
    else:
        output.write_text(text + "\n", "utf-8")
