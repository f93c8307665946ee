"""Application load balancers: proxies for HTTP (ALB-1 to ALB-5, W-13). What their nodes do stands in `proxy.py`.

Not modelled: what a node starts beside connections to targets (log delivery, identity providers). Functions as targets are invoked
(`query/chains.py`). AWS page: "Target groups for your Application Load Balancers" (2026).
"""

from __future__ import annotations

from dataclasses import replace

from simulator.aws.load_balancer import APPLICATION, LoadBalancer
from simulator.aws.proxy import emit_proxy
from simulator.aws.resource import Kind
from simulator.aws.snapshot import Snapshot
from simulator.graph.builder import Builder


def _emit(balancer: LoadBalancer, build: Builder, snapshot: Snapshot) -> None:
    if balancer.type == APPLICATION:  # it always balances across zones (ELB-3)
        emit_proxy(replace(balancer, cross_zone=True), build, snapshot, code="ELBV2_LISTENERS_MISMATCH", rule="ALB-1")


KIND = Kind(name="application-load-balancer", noun=LoadBalancer, about="proxies for HTTP", emit=_emit, extends=True)
