"""`vpcsim completion`: the script that makes a shell complete `vpcsim`."""

from __future__ import annotations

import click

from simulator.cli.options import write

HOW = {
    "bash": 'eval "$(vpcsim completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(vpcsim completion zsh)" in ~/.zshrc',
    "fish": "vpcsim completion fish > ~/.config/fish/completions/vpcsim.fish",
}


@click.command("completion", epilog="\b\n" + "\n".join(f"{shell}: {line}" for shell, line in HOW.items()))
@click.argument("shell", type=click.Choice(list(HOW)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that makes SHELL complete commands, options and files."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:  # not with the choices above
        ctx.fail(f"click cannot complete for {shell}")
    write(kind(ctx.find_root().command, {}, "vpcsim", "_VPCSIM_COMPLETE").source())
