"""Services in questions: what traffic (`tcp/443`), and `service:NAME` as an end, with the service's public addresses (SVC-4)."""

from __future__ import annotations

from simulator.aws.public_services import NAMES, blocks_of, regions
from simulator.packet.prefix import Prefix
from simulator.packet.service import Service, ServiceError
from simulator.problems import InputError, did_you_mean

USUAL_REGION = "us-east-1"


def parsed_service(text: str | None) -> Service:
    """The service of a question; none: every one. Raises `InputError`."""
    try:
        return Service() if text is None else Service.parse(text)
    except ServiceError as error:
        raise InputError(str(error)) from error


def service_prefixes(name: str, in_regions: set[str]) -> list[Prefix]:
    """The public blocks of a service in the Regions of a network; in us-east-1 when the network names none.

    Raises `InputError` for a service or Region that is not known.
    """
    if name not in NAMES:
        raise InputError(f"`service:{name}` is no AWS service known here{did_you_mean(name, NAMES)}")
    found: set[Prefix] = set()
    for region in sorted(in_regions or {USUAL_REGION}):
        blocks = blocks_of(name, region)
        if not blocks:
            raise InputError(f"Region `{region}` is not known{did_you_mean(region, regions())}")
        found.update(blocks)
    return sorted(found)


def region_assumption(ends: list[str], in_regions: set[str]) -> tuple[str, ...]:
    """What a question about a service takes for granted when no VPC names its Region."""
    if in_regions or not any(end.startswith("service:") for end in ends):
        return ()
    return (f"no VPC names its Region: the service is taken to be that of {USUAL_REGION}",)
