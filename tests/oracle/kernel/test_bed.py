"""The bed itself: it leaves nothing behind, and when it is broken on purpose that shows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.testing.kernel.bed import Bed, BedError
from simulator.testing.kernel.compare import Judge, differences
from simulator.testing.kernel.compiler import compile_network
from simulator.testing.kernel.plan import Plan
from tests.oracle.kernel.generate import network
from tests.oracle.kernel.networks import snapshot_of
from tests.oracle.kernel.record import play

ROOT = Path(__file__).parents[3]
OWN_NAMESPACE = Path("/proc/self/ns/net")


def surroundings() -> list[str]:
    """What of the host's own network a bed could have touched."""
    devices = sorted(line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text("utf-8").splitlines()[2:])
    settings = [Path(f"/proc/sys/net/ipv4/conf/all/{name}").read_text("utf-8") for name in ("forwarding", "rp_filter")]
    return [*devices, *settings, Path("/proc/net/route").read_text("utf-8"), str(OWN_NAMESPACE.readlink())]


def test_a_killed_worker_leaves_nothing_behind(bed: Bed) -> None:
    before = surroundings()
    other = Bed()
    worker = Path(f"/proc/{other.process.pid}/ns/net")
    assert worker.readlink() != OWN_NAMESPACE.readlink()
    os.kill(other.process.pid, signal.SIGKILL)
    with pytest.raises(BedError):
        other.load(Plan())
    other.close()
    assert surroundings() == before
    assert not worker.exists()


LIMITED = """
import sys
from pathlib import Path
from simulator.testing.kernel import libc, probe
libc.enter_new_user_namespace()
for name in sys.argv[1:]:
    Path(f"/proc/sys/user/{name}").write_text("0", "ascii")
sys.exit(probe.main())
"""


def probed(*none_of: str) -> tuple[int, str]:
    """What the probe says where there can be none of some namespaces."""
    run = subprocess.run([sys.executable, "-c", LIMITED, *none_of], check=False, capture_output=True, text=True, cwd=ROOT)
    return run.returncode, run.stdout + run.stderr


def test_root_needs_no_user_namespaces(bed: Bed) -> None:
    assert probed("max_user_namespaces") == (0, f"the kernel can play networks: Linux {bed.kernel}\n")


def test_the_probe_names_the_step_that_failed(bed: Bed) -> None:
    status, said = probed("max_user_namespaces", "max_net_namespaces")
    assert status == 1
    assert said.startswith("the kernel cannot play networks here: new network namespaces, their settings, and libnftables: [Errno 28]")


def test_tracking_all_interfaces_together_is_noticed(bed: Bed) -> None:
    """Without a zone for each interface a reply may pass by what another interface remembers (SG-24)."""
    for number in range(200):
        numbered, plan = compile_network(snapshot_of(network("zones", number)))
        lines = [line for line in plan.rules["card"].splitlines() if not line.startswith("ct zone set")]
        judge = Judge.of(numbered)
        bed.load(plan)
        probes = _probes(bed, number)
        bed.load(plan_with(plan, "\n".join(lines)))
        if any(difference.level in {"delivered", "answered"} for difference in differences(judge, probes, bed.probe(probes))):
            return
    pytest.fail("zones could be left out and nothing showed it")


def plan_with(plan: Plan, card: str) -> Plan:
    return Plan({**plan.rules, "card": card}, plan.routes, plan.cards, plan.sites, plan.translators, plan.translating)


def _probes(bed: Bed, number: int) -> list:  # type: ignore[type-arg]
    return play(bed, "zones", number, 60)[2]


def test_reverse_path_filtering_is_noticed(bed: Bed) -> None:
    """It would lose packets without a trace; the bed counts those, and every comparison demands that there are none."""
    with Bed("--reverse-path-filter") as broken:
        for number in range(3):
            play(broken, "reverse path", number, 40)
        assert broken.counts["lost without a trace"] > 0
