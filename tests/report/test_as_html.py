"""Answers in notebooks: well-formed, without scripts, and with every name escaped."""

from html.parser import HTMLParser

import pytest

from simulator.report.as_html import answer_html
from tests.report.examples import EXAMPLES, always, never, sometimes

EVIL = '<script>alert("x")</script>'


class Tags(HTMLParser):
    """Checks that tags are closed in order and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags_of(html: str) -> set[str]:
    parser = Tags()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.seen


@pytest.mark.parametrize("name", EXAMPLES)
def test_answers_are_well_formed(name: str) -> None:
    seen = tags_of(answer_html(EXAMPLES[name]()))
    assert seen <= {"div", "p", "b", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li", "br", "code"}


def test_no_name_becomes_markup() -> None:
    answer = sometimes()
    query = answer.query._replace(source=EVIL, destination=EVIL, why_ports=EVIL)
    cases = tuple(case._replace(when={EVIL: EVIL}) for case in answer.cases)
    html = answer_html(answer._replace(query=query, cases=cases, assumptions=(EVIL,)))
    assert "script" not in tags_of(html)
    assert "&lt;script&gt;" in html


def test_the_verdict_is_a_sign_and_a_word() -> None:
    assert "✓ always" in answer_html(always())
    assert "✗ never" in answer_html(never())
    assert "✗ stopped" in answer_html(never())


def test_both_legs_and_the_cases_are_there() -> None:
    html = answer_html(sometimes())
    assert html.count("<table") == 3
    assert "SUBNET_ACL_RESTRICTION" in html
    assert "49 %" in html
