"""Who may invoke whom: event sources and the functions they invoke, outside the packet world (LAMBDA-15 to LAMBDA-22).

An invocation crosses no VPC element: no group, ACL or route plays a part. It emits nothing; `query/chains.py` joins invocations
and packets. A function that calls another one from its code needs the Lambda API first, which is ordinary traffic (LAMBDA-19). So do the
pollers of Kafka and MQ, which stand in the subnets of what they poll, with its groups (LAMBDA-18).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.resource import Field, Item, Kind, ListOf, Reference, Text, Values
from simulator.aws.snapshot import Draft
from simulator.graph.nodes import Place
from simulator.origin import Origin

# LAMBDA-16: synchronous, asynchronous and polled invokers.
TYPES = (
    "api-gateway", "load-balancer", "function-url", "cognito", "lex", "alexa", "cloudfront", "step-functions",
    "s3", "sns", "eventbridge", "ses", "cloudformation", "codecommit", "config", "cloudwatch-logs",
    "sqs", "kinesis", "dynamodb-streams", "msk", "kafka", "mq",
)  # fmt: skip


POLLED_INSIDE = frozenset({"msk", "kafka", "mq"})  # LAMBDA-18


@dataclass(frozen=True, slots=True)
class EventSource:
    """Something that invokes functions: an API, a queue, a bucket, a schedule. `polled`: for Kafka and MQ, the id of what is polled."""

    id: str
    name: str
    type: str
    invokes: tuple[str, ...]
    origin: Origin
    polled: str = ""

    @property
    def place(self) -> Place:
        """The source as a place of a chain."""
        return Place(self.id, self.type or "event-source", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    polled = values.get("polls", "")
    if polled and values["type"] not in POLLED_INSIDE:
        kinds = ", ".join(sorted(POLLED_INSIDE))
        draft.problems.error(f"event source `{name}`: only {kinds} are polled in a VPC", values.place_of("polls"))
    draft.add(EventSource(name, "", values["type"], tuple(values["invokes"]), Origin(name, place=values.place), polled))


def _describe(item: Item, draft: Draft) -> None:
    arn, function = item.get("EventSourceArn", ""), item.data["FunctionArn"]
    function_name = function.split(":")[6]
    words = arn.split(":", 5)  # arn:partition:service:region:account:resource
    resource = words[5].split("/") if len(words) == 6 else [item.data["UUID"]]
    source = resource[1] if len(resource) > 1 else resource[0]
    kind = {"dynamodb": "dynamodb-streams", "kafka": "msk"}.get(words[2], words[2]) if len(words) == 6 else "kafka"
    known = draft.get(EventSource, source)
    invokes = (*(known.invokes if known else ()), function_name)
    polled = source if kind == "msk" else ""
    draft.replace(EventSource(source, "", kind, invokes, Origin(source, place=item.place()), polled))


KIND = Kind(
    name="event-source",
    noun=EventSource,
    about="something that invokes functions without any network path",
    section="event_sources",
    fields=(
        Field("type", Text(TYPES), "what it is", required=True),
        Field("invokes", ListOf(Reference(("lambda-function",))), "the functions it invokes", required=True),
        Field("polls", Reference(("data-service", "instance")), "Kafka and MQ: what is polled; its subnets and groups are the poller's"),
    ),
    scenario=_scenario,
    describe={"EventSourceMappings": _describe},
    prefix="event",
)
