"""What a run found: the score of each file, and the survivors nobody has judged yet."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

from tests.mutation.mutants import Source

ACCEPTED = Path(__file__).parent / "survivors.toml"


class Result(NamedTuple):
    """What became of a mutant. `status`: killed, survived, anew (still to be judged with an import) or failed (the run, not the mutant).
    `by`: the test that noticed it, `time` for one that never ended; `ran`: how many tests; `seconds` of processor time.
    """

    file: str
    digest: str
    key: str
    status: str
    by: str
    ran: int
    seconds: float
    tests: str
    budget: float


def accepted() -> dict[tuple[str, str], str]:
    """By file and mutant, why a survivor may survive."""
    entries = tomllib.loads(ACCEPTED.read_text("utf-8")).get("accepted", ()) if ACCEPTED.exists() else ()
    return {(entry["file"], key): entry["why"] for entry in entries for key in entry["mutants"]}


def print_report(sources: dict[str, Source], results: list[Result]) -> bool:
    """Print the table; whether every survivor was judged."""
    reasons, found = accepted(), {(result.file, result.key): result for result in results}
    print("| file | mutants | killed | accepted | open | score | seconds each |\n| --- | --- | --- | --- | --- | --- | --- |")
    total, left = [0, 0, 0, 0, 0.0], []
    for file, source in sources.items():
        here = [found[file, mutant.key] for mutant in source.mutants if (file, mutant.key) in found]
        killed = [result for result in here if result.status == "killed"]
        survived = [result for result in here if result.status != "killed"]
        opened = [result for result in survived if (file, result.key) not in reasons]
        row = [len(here), len(killed), len(survived) - len(opened), len(opened), sum(result.seconds for result in here)]
        total = [old + new for old, new in zip(total, row, strict=True)]
        _row(file, row)
        places = {mutant.key: mutant.line for mutant in source.mutants}
        left += [f"{file}:{places[result.key]} {result.key}" for result in opened]
        stale = [key for of_file, key in reasons if of_file == file and key not in places]
        left += [f"{file}: accepted, but no such mutant: {key}" for key in stale]
    _row("all", total)
    print("", *left, sep="\n")
    return not left


def _row(name: str, row: list[float]) -> None:
    mutants, killed, by_reason, opened, seconds = row
    if mutants:
        print(f"| {name} | {mutants} | {killed} | {by_reason} | {opened} | {killed / mutants:.1%} | {seconds / mutants:.2f} |")
