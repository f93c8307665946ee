"""Answers in notebooks: one self-contained piece of HTML, without scripts and without colours that alone mean something.

Everything that came from a network is escaped. Lines are drawn in the colour of the text around them, half transparent, so that the
piece fits light and dark pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from simulator.evaluate.answer import Answer
from simulator.evaluate.result import Outcome, Step, Trace, Verdict
from simulator.report.escape import plain
from simulator.report.names import share_words, short_place
from simulator.report.text import worth_telling
from simulator.report.wording import blocker_words, case_words, example_words, gap_words, headline, note_words, step_words

# Blue and orange stay apart for every kind of colour blindness; the sign says the same.
SIGNS = {Verdict.ALWAYS: "✓", Verdict.NEVER: "✗", Verdict.SOMETIMES: "◐", Verdict.UNKNOWN: "?"}
COLOURS = {Verdict.ALWAYS: "#0072b2", Verdict.NEVER: "#d55e00", Verdict.SOMETIMES: "#b58900", Verdict.UNKNOWN: "#808080"}
STYLE = "border:1px solid rgba(128,128,128,.4);padding:.15em .5em;text-align:left;vertical-align:top"
CASES_SHOWN = 20


def answer_html(answer: Answer) -> str:
    """The answer as HTML: the verdict, a table for each leg, the cases, and what else there is to know."""
    verdict = answer.verdict
    title = f'<b style="color:{COLOURS[verdict]}">{SIGNS[verdict]} {verdict.value}</b>: {_safe(headline(answer))}'
    parts = [f"<p>{title}</p>"]
    legs = answer.witness.legs if answer.witness else ()
    parts += [_leg(name, leg) for name, leg in zip(("forward", "reply"), legs, strict=False)]
    if len(answer.cases) > 1:
        parts.append(_cases(answer))
    parts += [
        _list("blocked by", (f"{blocker_words(blocker)} [{blocker.code}]" for blocker in answer.blockers)),
        _list("services that pass", (_allowed(answer))),
        _list("not known", map(gap_words, answer.gaps)),
        _list("assumed", answer.assumptions),
        _list("note", map(note_words, answer.notes)),
    ]
    return f'<div class="vpcsim">{"".join(parts)}</div>'


def _leg(name: str, leg: Trace) -> str:
    rows: list[tuple[str, ...]] = []
    for hop in leg.hops:
        if steps := worth_telling(hop):
            rows.append((str(len(rows) + 1), _safe(short_place(hop.place)), "<br>".join(map(_step, steps))))
    return _table(f"{name}: {leg.sent}", ("", "place", "what happened"), rows)


def _step(step: Step) -> str:
    words = _safe(step_words(step))
    if step.blocks:
        return f"<b>✗ stopped</b>: {words} <code>{_safe(step.code)}</code>"
    return f"<b>? unknown</b>: {words}" if step.outcome is Outcome.UNKNOWN else words


def _cases(answer: Answer) -> str:
    rows = []
    for case in answer.cases[:CASES_SHOWN]:
        words = [case_words(case), *map(blocker_words, case.blockers), f"for example {example_words(case.trip)}"]
        rows.append((_safe(share_words(case.share)), f"{SIGNS[case.verdict]} {case.verdict.value}", "<br>".join(map(_safe, words))))
    rest = len(answer.cases) - CASES_SHOWN
    return _table(f"cases, and {rest} more" if rest > 0 else "cases", ("share", "verdict", "when"), rows)


def _allowed(answer: Answer) -> list[str]:
    return [" ".join(filter(None, (a.service, a.verdict.value, a.source_ports))) for a in answer.allowed]


def _table(caption: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells that are HTML already; caption and heads are text."""
    head = "".join(f'<th style="{STYLE}">{_safe(word)}</th>' for word in heads)
    body = "".join("<tr>" + "".join(f'<td style="{STYLE}">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return (
        '<table style="border-collapse:collapse;margin:.5em 0">'
        f'<caption style="text-align:left;caption-side:top">{_safe(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _list(title: str, items: Iterable[str]) -> str:
    words = "".join(f"<li>{_safe(item)}</li>" for item in items)
    return f"<p>{title}</p><ul>{words}</ul>" if words else ""


def _safe(text: str) -> str:
    return escape(plain(text))
