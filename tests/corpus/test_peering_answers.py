"""What Batfish's own tests expect of its peering snapshots, and what follows from the same data (README.md beside the snapshots).

Batfish traces one way; where the reply is known too, the question is asked both ways. Its source port is 49152.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import simulator

SNAPSHOTS = Path(__file__).parent / "aws-snapshots"
ONE, MULTI = "test-vpc-peering", "test-vpc-peering-multi-account"

# VPC A is peered with B and with C; B and C have the same block.
A, B, C = "i-06ba034d88c84ef07", "i-0b14080af811fda3d", "i-04a292ff83b3aa833"
A_NET, B_NET, C_NET = "subnet-006a19c846f047bd7", "subnet-0ebf6378a79a3e534", "subnet-0af94b59d214ff20a"
A_B, A_C = "pcx-0b89b559e3319d6cf", "pcx-0d5b836985ac8ca8c"
# One VPC in each of two accounts.
R, S = "i-07ae69cc808e8804e", "i-066ce0b1efbb5602c"
R_NET, S_NET = "subnet-03a80d08017ee39ef", "subnet-088d6408a3a6129fa"
R_S = "pcx-0040f7640e10191f4"


class Asked(NamedTuple):
    """A question one way, what is met in this order, and, when it never works, the code and where."""

    snapshot: str
    source: str
    destination: str
    service: str
    verdict: str
    via: tuple[str, ...] = ()
    code: str = ""
    blocked_at: str = ""


QUESTIONS = {
    "only tcp/22 is let into B": Asked(
        ONE, A, B, "tcp/80", "never", (A, A_NET, A_B, B_NET), "ENI_SG_RULES_MISMATCH", "sg-065c26b39e45ae384"
    ),
    "only tcp/22 is let into A": Asked(
        ONE, B, A, "tcp/80", "never", (B, B_NET, A_B, A_NET), "ENI_SG_RULES_MISMATCH", "sg-09606ce9642cac154"
    ),
    "A routes two blocks of /24": Asked(
        ONE, A, "192.168.100.1", "tcp/80", "never", (A_NET,), "NO_ROUTE_TO_DESTINATION", "rtb-0891861fffaea6d52"
    ),
    "no subnet of A": Asked(ONE, B, "10.10.100.1", "tcp/80", "never", (B, B_NET, A_B), "NO_POSSIBLE_DESTINATION", "vpc-0404e08ceddf7f650"),
    "no interface of A": Asked(ONE, B, "10.10.10.11", "tcp/80", "never", (B, B_NET, A_B, A_NET), "NO_POSSIBLE_DESTINATION", A_NET),
    "A to B": Asked(ONE, A, B, "tcp/22", "always", (A, A_NET, A_B, B_NET, B)),
    "B to A": Asked(ONE, B, A, "tcp/22", "always", (B, B_NET, A_B, A_NET, A)),
    "A to C": Asked(ONE, A, C, "tcp/22", "always", (A, A_NET, A_C, C_NET, C)),
    "C is local to B, which has the same block": Asked(
        ONE, B, C, "tcp/22", "never", (B, B_NET), "NO_POSSIBLE_DESTINATION", "vpc-00a31ce9d0c06675c"
    ),
    "the default route of B is a blackhole": Asked(
        ONE, B, "8.8.8.8", "tcp/443", "never", (B_NET,), "BAD_STATE_ROUTE", "rtb-017c36290c9baf017"
    ),
    "from one account to the other": Asked(MULTI, R, S, "tcp/22", "always", (R, R_NET, R_S, S_NET, S)),
    "and back": Asked(MULTI, S, R, "tcp/22", "always", (S, S_NET, R_S, R_NET, R)),
    "a port that the other account lets in from nobody": Asked(
        MULTI, R, S, "tcp/443", "never", (R, R_NET, R_S, S_NET), "ENI_SG_RULES_MISMATCH", "sg-0ca8413f923260084"
    ),
}


@cache
def network(snapshot: str) -> simulator.Network:
    return simulator.load(SNAPSHOTS / snapshot)


@pytest.mark.parametrize("asked", QUESTIONS.values(), ids=QUESTIONS)
def test_answer(asked: Asked) -> None:
    answer = network(asked.snapshot).can(asked.source, asked.destination, asked.service, source_port=49152, one_way=True)
    assert answer.verdict.value == asked.verdict
    assert [(blocker.code, blocker.resource) for blocker in answer.blockers] == ([(asked.code, asked.blocked_at)] if asked.code else [])
    assert answer.forward is not None
    rest = iter([hop.place.id for hop in answer.forward.hops])
    assert [place for place in asked.via if place not in rest] == []  # each search goes on behind the last one


@pytest.mark.parametrize(
    "asked", [asked for asked in QUESTIONS.values() if asked.verdict == "always"], ids=lambda asked: f"{asked.source} {asked.destination}"
)
def test_the_reply_returns(asked: Asked) -> None:
    answer = network(asked.snapshot).can(asked.source, asked.destination, asked.service, source_port=49152)
    assert answer.verdict.value == "always"
    assert answer.reply is not None
    rest = iter([hop.place.id for hop in answer.reply.hops])
    assert [place for place in reversed(asked.via) if place not in rest] == []


@pytest.mark.parametrize("snapshot", [ONE, MULTI])
def test_there_is_nothing_to_complain_of(snapshot: str) -> None:
    """Deleted peerings, a terminated instance, a route to a gateway that is gone: all of it is usual."""
    assert [str(problem) for problem in network(snapshot).problems] == []
