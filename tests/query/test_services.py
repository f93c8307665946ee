"""`service:NAME`: the public addresses of AWS services in the Regions of a network."""

from __future__ import annotations

import pytest

import simulator
from simulator.aws.public_services import blocks_of
from simulator.query.services import region_assumption, service_prefixes


def test_a_service_in_the_regions_of_the_network() -> None:
    found = service_prefixes("s3", {"eu-west-1", "us-east-1"})
    assert set(found) == {*blocks_of("s3", "eu-west-1"), *blocks_of("s3", "us-east-1")}
    assert found == sorted(found)


def test_where_no_region_is_named_it_is_us_east_1_and_that_is_told() -> None:
    assert set(service_prefixes("s3", set())) == set(blocks_of("s3", "us-east-1"))
    assert region_assumption(["web", "service:s3"], set()) == ("no VPC names its Region: the service is taken to be that of us-east-1",)
    assert region_assumption(["web", "internet"], set()) == ()
    assert region_assumption(["web", "service:s3"], {"eu-west-1"}) == ()


@pytest.mark.parametrize(
    ("name", "regions", "message"),
    [
        ("lamda", {"eu-west-1"}, "`service:lamda` is no AWS service known here; did you mean `lambda`?"),
        ("", {"eu-west-1"}, "`service:` is no AWS service known here"),
        ("s3", {"eu-west-11"}, "Region `eu-west-11` is not known; did you mean `eu-west-"),
    ],
)
def test_what_is_not_known(name: str, regions: set[str], message: str) -> None:
    with pytest.raises(simulator.InputError) as caught:
        service_prefixes(name, regions)
    assert message in str(caught.value)
