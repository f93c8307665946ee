"""The public addresses of AWS services by Region, for `service:NAME` (SVC-4, IGW-10).

S3 and DynamoDB publish their own blocks; for every other service AWS publishes only "an address of Amazon in this Region", which is
what a question about it stands for. The data file names its source, date and licence. AWS page: "AWS IP address ranges" (2026).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from simulator.packet.prefix import Prefix

OWN_BLOCKS = ("s3", "dynamodb")
OTHER = "other"
# Services with a regional public endpoint that people ask about; the name is that of the endpoint (`sqs.us-east-1.amazonaws.com`).
NAMES = frozenset(
    {
        *OWN_BLOCKS, "sqs", "sns", "lambda", "email", "ses", "secretsmanager", "ssm", "ssmmessages", "ec2messages", "ec2", "kms", "sts",
        "logs", "monitoring", "events", "ecr.api", "ecr.dkr", "ecs", "execute-api", "kinesis", "kinesis-streams", "firehose", "athena",
        "glue", "states", "elasticloadbalancing", "autoscaling", "cloudformation", "rds", "elasticache", "xray", "codebuild", "bedrock",
    }
)  # fmt: skip


def regions() -> tuple[str, ...]:
    """The Regions that the data knows."""
    return tuple(_data())


@cache
def blocks_of(service: str, region: str) -> tuple[Prefix, ...]:
    """The public IPv4 blocks of a service in a Region; none when the Region is not known.

    >>> any(block.holds(4, 0x03050000 + 0x1000) for block in blocks_of("s3", "us-east-1"))
    True
    """
    known = _data().get(region, {})
    return tuple(map(Prefix.parse, known.get(service if service in OWN_BLOCKS else OTHER, [])))


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    text = Path(__file__).with_name("data").joinpath("service_addresses.json").read_text(encoding="utf-8")
    known: dict[str, dict[str, list[str]]] = json.loads(text)["regions"]
    return known
