"""Random networks, live: every single probe must be answered by walker and exact analysis as by the kernel.

Bounded by time and count. VPCSIM_KERNEL_SECONDS and VPCSIM_KERNEL_SEED make it a longer or another search.
"""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest
import yaml

from simulator.testing.kernel.bed import Bed
from simulator.testing.kernel.compare import Judge, differences, exact_differences
from simulator.testing.kernel.network import Network
from simulator.testing.kernel.plan import NOT_BUILT
from tests.oracle.kernel.networks import snapshot_of
from tests.oracle.kernel.record import play
from tests.oracle.kernel.reduce import Case, report
from tests.oracle.kernel.wrong import WRONG_GRAPHS

SECONDS = float(os.environ.get("VPCSIM_KERNEL_SECONDS", "15"))
SEED = os.environ.get("VPCSIM_KERNEL_SEED", "live")
PROBES, MOST_NETWORKS = 100, 100_000


def test_random_networks(bed: Bed) -> None:
    end = time.monotonic() + SECONDS
    mix: Counter[str] = Counter()
    for number in range(MOST_NETWORKS):
        if time.monotonic() > end:
            break
        network, numbered, probes, answers, ports = play(bed, SEED, number, PROBES)
        judge = Judge.of(numbered)
        found = [*differences(judge, probes, answers), *exact_differences(judge, probes, answers)]
        for difference in found:
            case = Case(network, judge.name(difference.probe.sender), difference.probe.flow, ports)
            pytest.fail(f"network {number} of seed {SEED}\n{report(bed, case, difference.level)}")
        for answer in answers:
            mix["answered" if answer.answered else "delivered only" if answer.delivered else "lost"] += 1
            mix.update(site.kind for site in answer.lost.values())
    assert bed.counts["lost without a trace"] == 0, bed.counts
    print(dict(mix))
    total = mix["answered"] + mix["delivered only"] + mix["lost"]
    assert mix["answered"] > 0.1 * total
    assert mix["delivered only"] > 0.01 * total
    assert mix[NOT_BUILT] < 0.02 * total
    if SECONDS >= 15:
        kinds = "acl egress,acl ingress,group egress,group ingress,no route,blackhole,source check,gateway egress,nat inbound,loop,state"
        kinds += ",transit no route,transit zone,transit association,peering destination,endpoint protocol"
        assert [kind for kind in kinds.split(",") if not mix[kind]] == []


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
