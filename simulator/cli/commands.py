"""The list of commands. Each lives in a module of its own, which is imported when the command is used."""

from __future__ import annotations

import importlib

import click

# The name, the module, and the line in the list of commands: the help must not import what it lists.
COMMANDS = {
    "demo": ("demo", 'a built-in network: an allowed, a refused and a "sometimes" flow'),
    "can": ("can", "can SOURCE reach DESTINATION: the verdict, both legs hop by hop, and why"),
    "matrix": ("matrix", "who reaches whom: all pairs, grouped"),
    "exposure": ("exposure", "what the internet reaches, exactly, and what lets it in"),
    "diff": ("diff", "what a change opens and closes: every flow whose verdict differs"),
    "check": ("check", "what is wrong or superfluous: dead routes, rules that never decide, answers that get lost"),
    "show": ("show", "what a network holds: VPCs, subnets, gateways, workloads"),
    "test": ("scenarios", "run scenario files: questions with expected answers"),
    "verify": ("verify", "the same questions put to this machine's Linux kernel, with real packets"),
    "schema": ("schema", "the JSON Schema of scenario files or of answers"),
    "completion": ("completion", "a script that makes the shell complete commands"),
}


class Commands(click.Group):
    """A group that knows its commands by name and help, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of a name; none when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"simulator.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command to run; an unknown one is a usage error that names the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from simulator.problems import did_you_mean

            ctx.fail(f"there is no command `{args[0]}`{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands in the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"vpcsim {version('vpcsim')}")
    except PackageNotFoundError:  # run from a checkout that is not installed
        click.echo("vpcsim (not installed)")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version.")
def vpcsim() -> None:
    """Does a packet get through an AWS network and back, and if not, why?

    NETWORK is a scenario file, a folder of AWS describe output, or several inputs joined by commas.
    """
