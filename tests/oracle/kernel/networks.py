"""A network as a scenario's value, a snapshot, or a scenario file for people."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from typing import Any

import yaml

from simulator.aws.registry import RESOURCES
from simulator.aws.snapshot import Snapshot
from simulator.packet.flow import WITH_PORTS, Flow
from simulator.packet.prefix import format_address
from simulator.read.load import read

Json = dict[str, Any]
SECTIONS = ("vpcs", "internet_gateways", "subnets", "prefix_lists", "route_tables", "network_acls", "security_groups")


def snapshot_of(network: Json) -> Snapshot:
    """The snapshot of the value of `network:`. Raises `InputError` as any reader does."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        file.write(json.dumps({"network": in_order(network)}))
        file.flush()
        return read([file.name], kinds=RESOURCES).snapshot


def in_order(network: Json) -> Json:
    """The same network with its sections in the usual order."""
    first = {section: network[section] for section in SECTIONS if section in network}
    return first | {section: entries for section, entries in network.items() if section not in first}


def scenario_text(network: Json, *, name: str, expect: Sequence[Json] = (), comments: Sequence[str] = ()) -> str:
    """A scenario file, one line for each resource."""
    lines = [f"# {comment}" for comment in comments]
    lines += [f"name: {_flow(name)}", "network:"]
    for section, entries in in_order(network).items():
        lines.append(f"  {section}:")
        lines += [f"    {key}: {_flow(entry)}" for key, entry in entries.items()]
    if expect:
        lines.append("expect:")
        lines += [f"  - {_flow(one)}" for one in expect]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=100_000, sort_keys=False, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def expectation(sender: str, flow: Flow, verdict: str, why: str) -> Json:
    """The question about a flow in the words of a scenario; what is on the internet is named by its address."""
    source = format_address(4, flow.source) if sender == "internet" else sender
    asked: Json = {"can": [source, format_address(4, flow.destination), flow.service], "verdict": verdict}
    if flow.protocol in WITH_PORTS:
        asked["source_port"] = str(flow.source_port)
    return asked | {"why": why}
