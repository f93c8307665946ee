"""The command `vpcsim`: arguments in, exit status out. Answers go to standard output, everything else to standard error.

Exit status: 0 done (for `can`: always), 1 findings (`can`: never), 2 wrong usage or input that cannot be used, 3 sometimes,
4 unknown, 70 a fault of the program, 130 interrupted, 141 nobody reads the output any more.

Starting up costs what is imported, so this package imports click and nothing else before a command runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from simulator.cli.commands import vpcsim

USAGE, FAULT, INTERRUPTED, CLOSED = 2, 70, 130, 141
COMPLETE = "_VPCSIM_COMPLETE"


def main() -> None:
    """The console command: runs it and leaves with its exit status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit status. No exception leaves this function, and no traceback is shown unless it is asked for."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name the terminal cannot show must not end the program
    try:
        if COMPLETE in os.environ:
            vpcsim.main(list(arguments), prog_name="vpcsim", complete_var=COMPLETE)
        status = _invoke(list(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return CLOSED
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("\n")
        return INTERRUPTED
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return USAGE
    except Exception as error:
        return _told(error)
    return status


def _invoke(arguments: list[str]) -> int:
    """Not `vpcsim.main`: that leaves with status 1 when the output is closed, which says "never" here."""
    try:
        with vpcsim.make_context("vpcsim", arguments) as context:
            return int(vpcsim.invoke(context) or 0)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE


def _told(error: Exception) -> int:
    """Say what is wrong: with the input if it is that, else with the program."""
    from simulator.problems import InputError

    if isinstance(error, InputError):
        for problem in error.problems:
            _complain(str(problem))
        return USAGE
    if os.environ.get("VPCSIM_DEBUG"):
        import traceback

        traceback.print_exc()
    _complain(f"vpcsim: internal error: {type(error).__name__}: {error}")
    _complain("this is a fault of vpcsim and not of the input; please report it to its issue tracker, with the command")
    _complain("and what it prints when the environment variable VPCSIM_DEBUG=1 is set")
    return FAULT


def _complain(message: str) -> None:
    from simulator.report.escape import plain

    click.echo(plain(message), err=True)


def _forget_output() -> None:
    """Let the interpreter's last flush go nowhere: it would complain about the closed pipe once more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file, as in tests
        return
