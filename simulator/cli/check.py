"""`vpcsim check`: what is wrong or superfluous in a network, by rules with stable ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.options import colour_option, network_argument, open_network, write, write_json

if TYPE_CHECKING:
    from simulator.query.findings import Checked

FORMATS = ("text", "json", "github", "sarif")


def _words(_ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> list[str]:
    return [word for text in texts for word in text.split(",")]


@click.command("check")
@network_argument
@click.option("--exit-code", is_flag=True, help="End with status 1 if anything is found.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", help="github: annotations of a workflow; sarif: version 2.1.0."
)
@click.option("--select", multiple=True, metavar="RULE,...", callback=_words, help="These rules only: VS101, or VS1 for all that begin so.")
@click.option("--ignore", multiple=True, metavar="RULE,...", callback=_words, help="All rules but these.")
@colour_option
def command(
    network: str,
    exit_code: bool,
    form: str,
    select: list[str],
    ignore: list[str],
    colour: bool,
    parameters: dict[str, str],
) -> int:
    """What is wrong or superfluous in NETWORK: dead routes, rules that never decide, answers that get lost, open ports, quotas.

    Each finding names its rule (docs/checks.md lists them), its file and line, and what would be right. Whether traffic works is judged as
    `vpcsim can` does; what was not read gives no finding.
    """
    from simulator.query.checks.rules import chosen

    chosen(select, ignore)  # a rule that does not exist is told before anything is read
    checked = open_network(network, parameters).check(select=select, ignore=ignore)
    _write(checked, form, colour=colour)
    return 1 if exit_code and checked.findings else 0


def _write(checked: Checked, form: str, *, colour: bool) -> None:
    from simulator.report import findings as report

    if form == "json":
        write_json(report.findings_document(checked))
    elif form == "sarif":
        from simulator.report.sarif import sarif_document

        write_json(sarif_document(checked, _version()))
    elif form == "github":
        if checked.findings:
            write(report.github_annotations(checked))
    else:
        write(report.findings_text(checked, colour=colour), colour=colour)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("vpcsim")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return ""
