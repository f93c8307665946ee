"""Answers for people at a terminal: the verdict first, then both legs hop by hop, then what else there is to know.

One hop is a few lines at most, and a usual answer fits on one screen. Everything is complete without colour. Every text is escaped
where it enters a line (`Page`), so that a name cannot paint on the terminal.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.evaluate.answer import Answer, Blocker, Case
from simulator.evaluate.result import Hop, Outcome, Step, Trace, Verdict
from simulator.report.escape import plain
from simulator.report.names import share_words, short_place
from simulator.report.wording import blocker_words, case_words, example_words, gap_words, headline, note_words, step_words

WIDTH = 100
WIDEST_PLACE = 30
CASES_SHOWN = 6
VALUES_SHOWN = 3
ALLOWED_SHOWN = 12
STYLES = {"good": "32", "bad": "31", "open": "33", "strong": "1", "quiet": "2"}
STYLE_OF = {Verdict.ALWAYS: "good", Verdict.NEVER: "bad", Verdict.SOMETIMES: "open", Verdict.UNKNOWN: "open"}
# What the header at the head of the leg, or the next step, says as well.
QUIET = frozenset({Outcome.SENT, Outcome.NEW, Outcome.NO_ROUTE, Outcome.NO_TRANSLATION})
CASE_WORDS = {Verdict.ALWAYS: "works", Verdict.NEVER: "fails", Verdict.SOMETIMES: "varies", Verdict.UNKNOWN: "unknown"}


@dataclass(slots=True)
class Page:
    """Lines of a given width: escapes, wraps and colours them.

    >>> page = Page(40)
    >>> page.row("  1 nat", "source 10.0.1.7:40000 -> 10.0.0.5:40000", column=10)
    >>> print(page.text())
      1 nat   source 10.0.1.7:40000 ->
              10.0.0.5:40000
    """

    width: int = WIDTH
    colour: bool = False
    lines: list[str] = field(default_factory=list)

    def line(self, *pieces: tuple[str, str] | str) -> None:
        """A line of pieces, each a text or a text with its style."""
        self.lines.append("".join(self._painted(*((piece, "") if isinstance(piece, str) else piece)) for piece in pieces).rstrip())

    def row(self, head: str, body: str, *, column: int, style: str = "", head_style: str = "") -> None:
        """A line whose body starts at a column, and goes on there when it is too long. A long head gets a line of its own."""
        head = plain(head)
        if len(head) >= column:
            self.line((head, head_style))
            head = ""
        wrapped = textwrap.wrap(plain(body), max(self.width - column, 20), break_long_words=False, break_on_hyphens=False)
        for text in wrapped or [""]:
            self.line((head, head_style), " " * (column - len(head)), (text, style))
            head = ""

    def text(self) -> str:
        """The page, without a line end at its end."""
        return "\n".join(self.lines)

    def _painted(self, text: str, style: str) -> str:
        text = plain(text)
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style and self.colour and text.strip() else text


def answer_text(answer: Answer, *, verbose: bool = False, colour: bool = False, width: int = WIDTH) -> str:
    """The answer as `vpcsim can` prints it.

    `verbose` shows the steps that most readers may skip, every case, and both legs of a case that fails beside one that works.
    """
    page = Page(width, colour)
    page.line((f"{answer.verdict.value}: ", STYLE_OF[answer.verdict]), (headline(answer), "strong"))
    shown = _legs(page, answer, verbose)
    _allowed(page, answer, verbose)
    shown |= _cases(page, answer, verbose)
    _blockers(page, answer, shown)
    _facts(page, answer)
    return page.text()


def _legs(page: Page, answer: Answer, verbose: bool) -> set[object]:
    """Both legs of the witness; what stops the packet in them is told there and need not be told again."""
    mixed = answer.works is not None and answer.fails is not None
    trips = [(answer.works, " (a case that works)" if mixed else ""), (answer.fails, " (a case that fails)")]
    if not mixed or not verbose:
        trips = [(answer.witness, trips[0][1])]
    shown: set[object] = set()
    for trip, words in trips:
        for name, leg in zip(("forward", "reply"), trip.legs if trip else (), strict=False):
            page.line()
            page.line((f"{name}{words}", "strong"), f": {leg.sent}")
            _hops(page, leg, verbose)
            shown |= {(name, step.code, step.because) for step in leg.blockers}
    return shown


def _hops(page: Page, leg: Trace, verbose: bool) -> None:
    hops = [(hop.place, steps) for hop in leg.hops if (steps := worth_telling(hop, verbose=verbose))]
    heads = [f"  {number:2} {plain(short_place(place))}" for number, (place, _) in enumerate(hops, 1)]
    column = max((len(head) for head in heads if len(head) < WIDEST_PLACE), default=0) + 2
    for head, (_, steps) in zip(heads, hops, strict=True):
        for step in steps:
            body, style = _step(step)
            page.row(head, body, column=column, style=style)
            head = ""


def worth_telling(hop: Hop, *, verbose: bool = False) -> list[Step]:
    """The steps of a hop to show. A step that stops the packet is always worth it."""
    if verbose:
        return list(hop.steps)
    return [step for step in hop.steps if step.code or not (step.node.plumbing or step.outcome in QUIET)]


def _step(step: Step) -> tuple[str, str]:
    """A step's line and its style."""
    words = step_words(step)
    if step.blocks:
        return f"STOPPED: {words} [{step.code}]", "bad"
    if step.outcome is Outcome.UNKNOWN:
        return f"UNKNOWN: {words} [{step.code}]", "open"
    return words, "quiet" if step.node.plumbing else ""


def _cases(page: Page, answer: Answer, verbose: bool) -> set[object]:
    """The cases, unless all end for the same reason; which blockers were told. Those that do share a few lines."""
    groups = _reasons(answer.cases)
    if len(groups) < 2:
        return set()
    page.line()
    page.line(("cases", "strong"))
    shown = groups if verbose else groups[:CASES_SHOWN]
    heads = [f"  {share_words(sum(case.share for case in group)):>7} {CASE_WORDS[group[0].verdict]}" for group in shown]
    column = max(map(len, heads), default=0) + 2
    for head, group in zip(heads, shown, strict=True):
        values = group if verbose else group[:VALUES_SHOWN]
        words = "; ".join(dict.fromkeys(case_words(case) for case in values))
        words += f"; and {len(group) - len(values)} more" if len(values) < len(group) else ""
        page.row(head, words, column=column, head_style=STYLE_OF[group[0].verdict])
        for blocker in group[0].blockers:
            page.row("", f"{blocker_words(blocker)} [{blocker.code}]", column=column, style="bad")
        if group[0].trip is not answer.witness:
            page.row("", f"for example {example_words(group[0].trip)}", column=column, style="quiet")
    if len(shown) < len(groups):
        page.line(f"  and {len(groups) - len(shown)} more")
    return {_key(blocker) for group in shown for blocker in group[0].blockers}


def _reasons(cases: tuple[Case, ...]) -> list[list[Case]]:
    """The cases, grouped by what they end in."""
    groups: dict[object, list[Case]] = {}
    for case in cases:
        groups.setdefault((case.verdict, *map(_key, case.blockers)), []).append(case)
    return list(groups.values())


def _blockers(page: Page, answer: Answer, shown: set[object]) -> None:
    """The blockers that neither the legs nor the cases have told."""
    rest = [blocker for blocker in answer.blockers if _key(blocker) not in shown]
    _list(page, "blocked by", (f"{blocker_words(blocker)} [{blocker.code}]" for blocker in rest), style="bad")


def _key(blocker: Blocker) -> object:
    return blocker.leg, blocker.code, blocker.step.because


def _allowed(page: Page, answer: Answer, verbose: bool) -> None:
    if answer.query.service_given:
        return
    words = [
        f"{allowed.service}: {allowed.verdict.value}" + (f", source ports {allowed.source_ports}" if allowed.source_ports else "")
        for allowed in answer.allowed
    ]
    if not verbose and len(words) > ALLOWED_SHOWN:
        words = [*words[:ALLOWED_SHOWN], f"and {len(words) - ALLOWED_SHOWN} more"]
    _list(page, "services that pass", words or ["none"])


def _facts(page: Page, answer: Answer) -> None:
    """What the answer rests on: the source ports asked about, what is not known, what was taken for granted."""
    query = answer.query
    _list(page, "not known", map(gap_words, answer.gaps), style="open")
    _list(page, "assumed", answer.assumptions)
    _list(page, "note", map(note_words, answer.notes))
    if query.source_ports:
        page.line()
        page.row("source ports", query.source_ports + (f": {query.why_ports}" if query.why_ports else ""), column=14, style="quiet")


def _list(page: Page, title: str, items: Iterable[str], style: str = "") -> None:
    items = list(items)
    if not items:
        return
    page.line()
    page.line((title, "strong"))
    for item in items:
        page.row("  -", item, column=4, style=style)
