"""Random networks, live: every single packet must fare with the walker, the exact analysis and the batch evaluator as with the kernel.

Bounded by time and count. VPCSIM_KERNEL_SECONDS and VPCSIM_KERNEL_SEED make it a longer or another search; `just truth` is the long form.
"""

from __future__ import annotations

import os

import pytest
import yaml

from simulator.testing.kernel.bed import Bed
from simulator.testing.kernel.compare import Judge, differences
from simulator.testing.kernel.network import Network
from tests.oracle.kernel.networks import snapshot_of
from tests.oracle.kernel.record import play
from tests.oracle.kernel.reduce import Case, report
from tests.oracle.kernel.search import Pace, search
from tests.oracle.kernel.wrong import WRONG_GRAPHS

SECONDS = float(os.environ.get("VPCSIM_KERNEL_SECONDS", "6"))
SEED = os.environ.get("VPCSIM_KERNEL_SEED", "live")
MOST_NETWORKS = 100_000
PACE = Pace(probes=100, exact_every=2, batch_every=4)
# What a search of some length has to meet, so that it is one.
SITES = (
    "acl egress,acl ingress,group egress,group ingress,no route,blackhole,source check,gateway egress,nat inbound,loop,state,"
    "transit no route,transit zone,transit association,peering destination,endpoint protocol"
)


def test_random_networks(bed: Bed) -> None:
    counts = search(bed, SEED, iter(range(MOST_NETWORKS)), SECONDS, PACE)
    print(counts.networks, "networks", counts.flows, "flows", dict(counts.mix), dict(counts.sites))
    assert not counts.differences, f"{dict(counts.differences)}\n" + "\n".join(counts.reports)
    assert counts.mix["answered"] > 0.1 * counts.flows
    assert counts.mix["delivered only"] > 0.01 * counts.flows
    assert counts.not_built < 0.02 * counts.flows
    if counts.networks >= 300:
        assert [kind for kind in SITES.split(",") if not counts.sites[kind]] == []


def wrong_simulator(network: Network) -> Judge:
    judge = Judge.of(network)
    return Judge(network, WRONG_GRAPHS["ACLs with state"](judge.graph), judge.expected, judge.function_of)


def test_a_difference_is_reduced_to_a_small_scenario(bed: Bed) -> None:
    for number in range(100):
        network, numbered, probes, answers, ports = play(bed, "reduce", number, 60)
        judge = wrong_simulator(numbered)
        found = next((one for one in differences(judge, probes, answers) if one.level == "answered"), None)
        if found is None:
            continue
        case = Case(network, judge.name(found.probe.sender), found.probe.flow, ports, wrong_simulator)
        text = report(bed, case, "answered")
        print(text)
        scenario = yaml.safe_load(text)
        assert scenario["expect"][0]["verdict"] in {"never", "sometimes"}
        assert sum(map(len, scenario["network"].values())) <= 9
        snapshot_of(scenario["network"])
        return
    pytest.fail("a wrong simulator was not found")
