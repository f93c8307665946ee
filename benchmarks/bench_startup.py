"""The time of whole processes: `vpcsim --help` and one answer on a small network, beside a Python that does nothing.

Every run is a fresh process. The first one of each is told apart: it reads what the system has not read yet.
"""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks import measuring
from simulator import load
from simulator.cli.commands import COMMANDS

NETWORK = "scenarios/primer/lambda-nat.yaml"
QUESTION = ("report", "internet", "tcp/443")
NOTHING, CLICK, HELP, ANSWER = "python -c pass", "python -c 'import click'", "vpcsim --help", "vpcsim can ... report internet tcp/443"
TARGETS = {HELP: 0.12, ANSWER: 0.30}
HEAVY = {"boto3", "botocore", "hypothesis", "networkx", "numba", "numpy", "pandas", "pyarrow", "pytest"}
MODULES = "import sys; from simulator.cli import run; status = run(sys.argv[1:]); print(*sys.modules, file=sys.stderr); sys.exit(status)"
# In the order of a turn.
VARIANTS = {
    NOTHING: [sys.executable, "-c", "pass"],
    CLICK: [sys.executable, "-c", "import click"],
    HELP: [*measuring.command(), "--help"],
    ANSWER: [*measuring.command(), "can", NETWORK, *QUESTION],
}


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """A process as a user starts it, from the root of the repository; its output is not a terminal."""
    environment = {name: value for name, value in os.environ.items() if name == "PYTHONPATH" or not name.startswith("PYTHON")}
    return subprocess.run(
        command, cwd=measuring.ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def verified() -> dict[str, str]:
    """What each variant prints, after a look at it; and that nothing heavy is imported on the way."""
    found = {name: run(command) for name, command in VARIANTS.items()}
    for name, done in found.items():
        measuring.require(done.returncode == 0 and not done.stderr, f"`{name}` succeeds: {done.stderr}")
    listed = [line.split()[0] for line in found[HELP].stdout.partition("Commands:")[2].splitlines() if line[2:3].strip()]
    measuring.require(listed == list(COMMANDS), f"the help lists {', '.join(COMMANDS)}")
    os.chdir(measuring.ROOT)
    expected = load(NETWORK).can(*QUESTION).text() + "\n"
    measuring.require(expected.startswith("always: "), "the answer is always")
    measuring.require(found[ANSWER].stdout == expected, "the command prints the text of the answer, all of it")
    for name in (HELP, ANSWER):
        arguments = VARIANTS[name][len(measuring.command()) :]
        imported = {module.partition(".")[0] for module in run([sys.executable, "-c", MODULES, *arguments]).stderr.split()}
        measuring.require("simulator" in imported and not imported & HEAVY, f"`{name}` imports none of {', '.join(sorted(HEAVY))}")
    return {name: done.stdout for name, done in found.items()}


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    first, times = measuring.Times(measuring.children), measuring.Times(measuring.children)
    for name, command in VARIANTS.items():
        with first.of(name):
            run(command)
    outputs = verified()
    repetitions = 1 if options.quick else options.repetitions or 15
    for _ in range(repetitions):
        for name, command in VARIANTS.items():
            with times.of(name):
                done = run(command)
            measuring.require(done.stdout == outputs[name], f"`{name}` prints the same every time")
    rows = [
        [
            f"`{name}`",
            *measuring.milliseconds(first.wall(name))[:1],
            *measuring.milliseconds(times.wall(name)),
            *measuring.milliseconds(times.cpu(name))[:2],
            *times.ratios(name, NOTHING),
            f"{1000 * TARGETS[name]:.0f}" if name in TARGETS else "",
        ]
        for name in VARIANTS
    ]
    header = ["milliseconds", "first", "min", "median", "max", "cpu min", "cpu median", "ratio", "cpu ratio", "target"]
    how = "its console script" if len(measuring.command()) == 1 else "`python -c` with the entry point of its console script"
    body = f"""{measuring.table(header, rows)}

Whole processes, {repetitions} turns with each of them once; ratios are of minima, to `{NOTHING}`. vpcsim is run by
{how}. Targets are for medians on an idle machine with two cores.
Verified: the output of every run, and that nothing of this is imported: {", ".join(sorted(HEAVY))}."""
    measuring.publish("startup", "Starting up", body, record=options.record)


if __name__ == "__main__":
    main()
