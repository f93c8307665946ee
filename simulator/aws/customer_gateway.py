"""Customer gateways: the router at the far end of VPN connections, and what is known of the networks behind it.

AWS knows a public address and an AS number. Which networks lie behind is told by static routes and by BGP; a scenario says it here, and
`onprem.py` puts together what all links tell.

Not modelled: the device itself; its routes and filters are taken to let traffic pass. AWS page: "Customer gateway options for your AWS
Site-to-Site VPN connection" (2026).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.resource import Address, Cidr, Field, Item, Kind, ListOf, Number, Values
from simulator.aws.snapshot import Draft, Snapshot
from simulator.graph.nodes import Address as AddressValue
from simulator.graph.nodes import Place
from simulator.origin import Origin
from simulator.packet.prefix import Prefix, parse_address
from simulator.problems import Problems

LARGEST_AS = 2**32 - 2


@dataclass(frozen=True, slots=True)
class CustomerGateway:
    """A customer gateway. `networks`: the blocks behind it, in a scenario; AWS does not show them."""

    id: str
    name: str
    origin: Origin
    networks: tuple[Prefix, ...] = ()
    address: AddressValue | None = None
    as_number: int | None = None

    @property
    def place(self) -> Place:
        """The hop of the networks behind it."""
        return Place(self.id, "customer-gateway", self.name)


def _scenario(name: str, values: Values, draft: Draft) -> None:
    origin = Origin(name, place=values.place)
    draft.add(CustomerGateway(name, "", origin, tuple(values.get("networks", ())), values.get("ip"), values.get("asn")))


def _describe(item: Item, draft: Draft) -> None:
    gateway_id = item.data["CustomerGatewayId"]
    if item.get("State") in ("deleted", "deleting"):
        return
    address, number = item.get("IpAddress"), str(item.get("BgpAsnExtended") or item.get("BgpAsn") or "")
    origin = Origin(gateway_id, place=item.place())
    draft.add(
        CustomerGateway(gateway_id, item.tag(), origin, (), parse_address(address) if address else None, int(number) if number else None)
    )


def _check(gateway: CustomerGateway, snapshot: Snapshot, problems: Problems) -> None:
    """Two customer gateways cannot have one address, type and AS number."""
    if gateway.address is None:
        return
    others = [
        other.id for other in snapshot.all(CustomerGateway) if (other.address, other.as_number) == (gateway.address, gateway.as_number)
    ]
    if len(others) > 1 and others[0] == gateway.id:
        told = " and ".join(f"`{name}`" for name in others)
        problems.warn(f"customer gateways {told} have one address and AS number; AWS refuses the second one", gateway.origin.place)


KIND = Kind(
    name="customer-gateway",
    noun=CustomerGateway,
    about="the router on premises at the end of VPN connections",
    section="customer_gateways",
    fields=(
        Field("networks", ListOf(Cidr()), "the blocks of the networks behind it"),
        Field("ip", Address(), "its public address"),
        Field("asn", Number(1, LARGEST_AS), "its BGP AS number"),
    ),
    scenario=_scenario,
    describe={"CustomerGateways": _describe},
    prefix="cgw",
    check=_check,
)
