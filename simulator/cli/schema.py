"""`vpcsim schema`: the JSON Schema of scenario files, for editors, and of answer documents, for scripts."""

from __future__ import annotations

import click

from simulator.cli.options import write_json


@click.command("schema")
@click.argument("what", type=click.Choice(["scenario", "answer"]))
def command(what: str) -> None:
    """Print the JSON Schema of scenario files (`scenario`) or of answer documents (`answer`).

    With the YAML language server, a first line `# yaml-language-server: $schema=scenario.schema.json` makes an editor complete
    a scenario file.
    """
    if what == "answer":
        from simulator.report.answer_schema import answer_schema

        write_json(answer_schema())
    else:
        from simulator.aws.registry import RESOURCES
        from simulator.read.schema import scenario_schema

        write_json(scenario_schema(RESOURCES))
