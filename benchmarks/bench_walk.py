"""Explained round trips in a second, and exact answers in a second, on the network of `scenarios/primer/lambda-nat.yaml`.

A round trip is `evaluate.walk.round_trip`: both legs, one step for each decision, with the rule or route that decided. An answer is
`Network.can`: the exact analysis over all source ports, NAT ports and internet addresses; with its text it is what a user sees.
"""

from __future__ import annotations

from benchmarks import measuring
from simulator import Network, load
from simulator.evaluate.result import Disposition, Outcome, RoundTrip, Step, Verdict
from simulator.evaluate.walk import round_trip
from simulator.packet.flow import Flow

NETWORK = "scenarios/primer/lambda-nat.yaml"
TARGET = 3000
FORWARD = ["report", "report-eni-private", "private", "public", "nat", "public", "igw", "internet"]
BACK = ["internet", "igw", "main", "public", "nat", "public", "main", "private", "report-eni-private", "report"]
SENT = Flow.tcp("10.0.1.4", 40000, "203.0.113.7", 443)
RECEIVED = Flow.tcp("198.51.100.7", 40000, "203.0.113.7", 443)
STEPS, TRIP, ANSWER, TEXT = "its steps alone", "round trip", "exact answer", "exact answer and its text"


def trip_of(network: Network) -> RoundTrip:
    """One packet of the function to a host on the internet, and its reply."""
    graph = network.flow_graph
    start = graph.entries["report"].node
    assert isinstance(start, int)
    return round_trip(graph, start, SENT, expected=frozenset({"internet"}))


def verify(network: Network) -> RoundTrip:
    """The trip, after a look at everything in it: both legs hop by hop, headers, and who decided each step."""
    trip = trip_of(network)
    require, back = measuring.require, trip.back
    require(trip.forward.disposition is Disposition.DELIVERED, "the packet is delivered")
    require(back is not None and back.disposition is Disposition.DELIVERED and trip.answered, "its reply comes back")
    require([hop.place.id for hop in trip.forward.hops] == FORWARD, f"its hops are {FORWARD}")
    require(back is not None and [hop.place.id for hop in back.hops] == BACK, f"the hops of the reply are {BACK}")
    require((trip.forward.sent, trip.forward.received) == (SENT, RECEIVED), f"it leaves as {SENT} and arrives as {RECEIVED}")
    require(back is not None and back.received == SENT.reversed(), "the reply is the reverse of what was sent")
    deciding = {Outcome.ROUTED, Outcome.PERMITTED, Outcome.DENIED}
    require(all(step.because for step in trip.steps if step.outcome in deciding), "every rule and route that decided is told")
    answer = network.can("report", "internet", "tcp/443")
    require(answer.verdict is Verdict.ALWAYS and answer.works is not None, "the exact answer is always")
    require(answer.works and [hop.place.id for hop in answer.works.forward.hops] == FORWARD, "its witness goes the same way")
    require(network.can("internet", "report", "tcp/443").verdict is Verdict.NEVER, "the way back is never open")
    return trip


def measure(network: Network, trip: RoundTrip, repetitions: int, count: int) -> measuring.Times:
    """Each variant once in each turn; `count` round trips at a time, and a tenth of it answers."""
    times = measuring.Times()
    for _ in range(repetitions):
        with times.of(STEPS):
            for _ in range(count):
                tuple(Step(*step) for step in trip.steps)
        with times.of(TRIP):
            for _ in range(count):
                trip_of(network)
        with times.of(ANSWER):
            for _ in range(count // 10):
                network.can("report", "internet", "tcp/443")
        with times.of(TEXT):
            for _ in range(count // 10):
                network.can("report", "internet", "tcp/443").text()
    return times


def main() -> None:
    options = measuring.options(__doc__.partition("\n")[0])
    network = load(measuring.ROOT / NETWORK)
    trip = verify(network)
    repetitions, count = (1, 20) if options.quick else (options.repetitions or 25, 200)
    times = measure(network, trip, repetitions, count)
    rows = []
    for name, fewer in ((STEPS, 1), (TRIP, 1), (ANSWER, 10), (TEXT, 10)):
        wall, cpu = (measuring.per_second(figures, count // fewer) for figures in (times.wall(name), times.cpu(name)))
        rows.append([name, *wall, *cpu[1:], *times.ratios(name, STEPS, fewer)])
    header = ["per second", "min", "median", "max", "cpu median", "cpu max", "cost", "cpu cost"]
    body = f"""{measuring.table(header, rows)}

A round trip here has {len(FORWARD)} + {len(BACK)} hops and {len(trip.steps)} steps. Costs are ratios of minima to `{STEPS}`: the same steps
made again and nothing else, which no walker in Python can beat. {repetitions} turns of {count:,} round trips and {count // 10} answers.

Target: {TARGET:,} round trips per second on an idle machine; here {count / times.wall(TRIP).median:,.0f} in the median."""
    measuring.publish("walk", "Walks and answers on one small network", body, record=options.record)


if __name__ == "__main__":
    main()
