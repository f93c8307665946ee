"""The public addresses of AWS services (SVC-4, IGW-10)."""

from __future__ import annotations

from simulator.aws.public_services import NAMES, OWN_BLOCKS, blocks_of, regions
from simulator.packet.prefix import RFC1918, Prefix


def test_regions_are_those_of_the_data() -> None:
    assert {"us-east-1", "eu-west-1", "eu-central-1", "ap-northeast-1"} <= set(regions())
    assert blocks_of("sqs", "mars-north-1") == ()


def test_every_region_tells_the_blocks_of_every_service() -> None:
    for region in ("us-east-1", "eu-west-1"):
        assert all(blocks_of(name, region) for name in NAMES)


def test_SVC_4_services_are_called_as_their_public_endpoints_are() -> None:
    """`NAME.REGION.amazonaws.com` ("Service endpoints and quotas"), and the short names people use."""
    messages = {"sqs", "sns", "email", "ses", "events", "kinesis", "kinesis-streams", "firehose"}
    machines = {"ec2", "ec2messages", "ssm", "ssmmessages", "autoscaling", "cloudformation", "elasticloadbalancing", "codebuild"}
    data = {"s3", "dynamodb", "rds", "elasticache", "athena", "glue", "bedrock"}
    code = {"lambda", "states", "ecs", "ecr.api", "ecr.dkr", "execute-api"}
    keys = {"kms", "secretsmanager", "sts", "logs", "monitoring", "xray"}
    assert messages | machines | data | code | keys == NAMES
    assert OWN_BLOCKS == ("s3", "dynamodb")


def test_services_without_blocks_of_their_own_share_amazons() -> None:
    assert blocks_of("sqs", "eu-west-1") == blocks_of("sns", "eu-west-1")
    assert all(blocks_of(name, "eu-west-1") != blocks_of("sqs", "eu-west-1") for name in OWN_BLOCKS)


def test_the_blocks_are_public() -> None:
    blocks = {block for name in NAMES for block in blocks_of(name, "eu-west-1")}
    assert all(isinstance(block, Prefix) and block.version == 4 for block in blocks)
    assert not [str(block) for block in blocks for private in RFC1918 if private.overlaps(block)]
