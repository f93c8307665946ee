"""Reachable by invocation or over load balancers, for people and machines: who invokes or connects to whom, and then the last packets.

The values come from `query`, which stands below this room and is not known here; what is read of them is said by protocols.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from simulator.evaluate.answer import Answer
from simulator.evaluate.result import Verdict
from simulator.report.as_json import answer_document
from simulator.report.text import STYLE_OF, WIDTH, Page, answer_text
from simulator.report.wording import chain_headline, link_words


class LinkLike(Protocol):
    """One invocation, or (kind `connection`) one connection to a load balancer. `needs` is the caller's way to the Lambda API or to the
    load balancer, where it needs one.
    """

    @property
    def caller(self) -> str: ...
    @property
    def caller_kind(self) -> str: ...
    @property
    def function(self) -> str: ...
    @property
    def needs(self) -> Answer | None: ...
    @property
    def verdict(self) -> Verdict: ...


class ChainLike(Protocol):
    """Invocations from a source to a function, and the function's packets to the destination, unless it is the destination."""

    @property
    def source(self) -> str: ...
    @property
    def destination(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def links(self) -> Sequence[LinkLike]: ...
    @property
    def packets(self) -> Answer | None: ...
    @property
    def verdict(self) -> Verdict: ...


def chain_document(chain: ChainLike) -> dict[str, Any]:
    """A chain as plain dictionaries and lists; answers in it are answer documents."""
    return {
        "schema": "vpcsim/chain/1",
        "verdict": chain.verdict.value,
        "source": chain.source,
        "destination": chain.destination,
        "service": chain.service or None,
        "links": [
            {
                "caller": link.caller,
                "kind": link.caller_kind,
                "function": link.function,
                "verdict": link.verdict.value,
                "needs": answer_document(link.needs) if link.needs else None,
            }
            for link in chain.links
        ],
        "packets": answer_document(chain.packets) if chain.packets else None,
    }


def chain_text(chain: ChainLike, *, verbose: bool = False, colour: bool = False, width: int = WIDTH) -> str:
    """A chain as text: the verdict, a line for each invocation, and the answers that a verdict other than always rests on."""
    page = Page(width, colour)
    page.line(
        (f"{chain.verdict.value}: ", STYLE_OF[chain.verdict]),
        (chain_headline(chain.source, chain.destination, chain.verdict, connects=_connects(chain)), "strong"),
    )
    page.line()
    for number, link in enumerate(chain.links, 1):
        page.row(f"  {number:2}", _words(link), column=5)
    answers = [link.needs for link in chain.links if link.needs and (verbose or link.verdict is not Verdict.ALWAYS)]
    answers += [chain.packets] if chain.packets else []
    return "\n\n".join([page.text(), *(answer_text(answer, verbose=verbose, colour=colour, width=width) for answer in answers)])


def _words(link: LinkLike) -> str:
    unread = link.needs is None and link.verdict is Verdict.UNKNOWN
    return link_words(link.caller, link.caller_kind, link.function, calls=link.needs is not None, unread=unread)


def _connects(chain: ChainLike) -> bool:
    return bool(chain.links) and chain.links[0].caller_kind == "connection"
