"""Both traces of a packet in words: what the kernel did with it, step by step, and what the walker says."""

from __future__ import annotations

from itertools import zip_longest

from simulator.evaluate.result import Disposition, RoundTrip, Trace
from simulator.packet.prefix import format_address
from simulator.report.names import short_place
from simulator.testing.kernel.bed import Answer, Passage
from simulator.testing.kernel.compare import Judge

LEGS = ("forward", "reply")
WIDTH = 76


def kernel_steps(judge: Judge, answer: Answer, leg: str) -> list[str]:
    """The steps of a leg through the kernel, each with the header where it is new, and how it ended."""
    lines: list[str] = []
    header = ""
    for passage in (one for one in answer.passed if one.leg == leg):
        now = _ends(passage.source, passage.source_port, passage.destination, passage.destination_port)
        lines += [_passage(judge, passage)] + [f"  {now}"] * (now != header)
        header = now
    if leg in answer.lost:
        lines.append(f"LOST: {answer.lost[leg]}")
    elif leg == "forward" and answer.delivered:
        place, address, port = answer.delivered
        lines.append(f"arrives at {judge.name(place)}, from {_end(address, port)}")
    elif leg == "reply" and answer.back:
        expected = "" if answer.answered else ", which is not what the sender waits for"
        place, address, port, _ = answer.back
        lines.append(f"arrives at {judge.name(place)}, from {_end(address, port)}{expected}")
    elif leg == "forward":
        lines.append("LOST without a trace")
    return lines


def simulator_steps(trip: RoundTrip, leg: str) -> list[str]:
    """The hops of a leg as the walker has them, each with the header where it is new, and how it ended."""
    trace = trip.forward if leg == "forward" else trip.back
    if trace is None:
        return []
    lines: list[str] = []
    header = ""
    for hop in trace.hops:
        after = hop.steps[-1].after
        now = _ends(after.source, after.source_port, after.destination, after.destination_port)
        lines += [short_place(hop.place)] + [f"  {now}"] * (now != header)
        header = now
    return [*lines, _ending(trace)]


def _ending(trace: Trace) -> str:
    last = trace.steps[-1]
    if trace.disposition is Disposition.DELIVERED:
        return f"arrives at {trace.end}, from {_end(trace.received.source, trace.received.source_port)}"
    word = "UNKNOWN" if trace.disposition is Disposition.GAP else "LOST"
    rule = f", {last.because.resource} {last.because.part}".rstrip() if last.because else ""
    return f"{word}: {last.code or trace.disposition.value} at {last.place.id}{rule}"


def side_by_side(kernel: list[str], simulator: list[str]) -> list[str]:
    """Two lists of lines in two columns."""
    rows = zip_longest(("the kernel", *kernel), ("the simulator", *simulator), fillvalue="")
    width = min(max((len(line) for line in kernel), default=0), WIDTH)
    return [f"{left:{max(width, 12)}} | {right}".rstrip() for left, right in rows]


def _passage(judge: Judge, passage: Passage) -> str:
    """A step in words: through which resource, and where to."""
    came, went = _device(judge, passage.came), _device(judge, passage.went)
    match passage.room, passage.came[0], passage.went[0]:
        case "card", "t", _:
            return f"{came} sends"
        case "card", _, "t":
            return f"{came} receives"
        case "card", _, _:
            return f"{came} translates"
        case "fabric", _, _:
            return f"{_side(judge, passage.came)} to {_side(judge, passage.went)}"
        case _:
            return f"{came} to {went}" if came != went else came


def _side(judge: Judge, device: str) -> str:
    """What lies behind a device of the fabric: an interface stands in a subnet, a transit gateway's packets come out in one."""
    if device[0] == "f":
        return f"subnet {judge.network.interfaces[int(device[1:])].subnet}"
    return _device(judge, device)


def _device(judge: Judge, device: str) -> str:
    number = device[1:]
    match device[0]:
        case "t" | "c" | "f":
            return f"interface {judge.network.interfaces[int(number)].id}"
        case "g" | "e":
            return f"internet gateway {judge.network.gateways[int(number)].id}"
        case "a" | "b":
            return f"transit gateway {judge.network.links.ports[int(number)].gateway}"
        case "l" | "r":
            return f"peering {judge.network.links.peerings[int(number)].id}"
        case "s" | "o" | "w":
            return f"endpoint {judge.network.links.services[int(number)].id}"
        case "y" | "z":
            joint = judge.network.links.joints[int(number)]
            return f"transit gateway {joint.gateways['yz'.index(device[0])]}"
        case "h":
            return "the internet"
        case _:
            return "nowhere"


def _end(address: int, port: int) -> str:
    return format_address(4, address) + (f":{port}" if port else "")


def _ends(source: int, source_port: int, destination: int, destination_port: int) -> str:
    return f"{_end(source, source_port)} > {_end(destination, destination_port)}"
