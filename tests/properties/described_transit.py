"""Transit gateways and endpoints of a drawn network as AWS would describe them; see `described.py`."""

from dataclasses import replace
from typing import Any

from simulator.aws.snapshot import Snapshot
from simulator.aws.transit_gateway import GONE, PEERING, VPC, TransitAttachment, TransitGateway, TransitRouteTable
from simulator.aws.vpc_endpoint import VpcEndpoint
from simulator.testing.strategies import changed

Json = dict[str, Any]


def describable(snapshot: Snapshot) -> Snapshot:
    """Attachments that are about to go are listed no more."""
    going = [one for one in snapshot.all(TransitAttachment) if one.state in GONE]
    return changed(snapshot, *(replace(one, state="modifying") for one in going))


def transit_lists(snapshot: Snapshot) -> dict[str, list[Json]]:
    attachments = list(snapshot.all(TransitAttachment))
    tables = list(snapshot.all(TransitRouteTable))
    return {
        "TransitGateways": [_gateway(noun) for noun in snapshot.all(TransitGateway)],
        "TransitGatewayAttachments": [_attachment(noun, gateway) for noun in attachments for gateway in noun.gateways],
        "TransitGatewayVpcAttachments": [_vpc_attachment(noun) for noun in attachments if noun.type == VPC],
        "TransitGatewayPeeringAttachments": [_peering(noun) for noun in attachments if noun.type == PEERING],
        "TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": noun.id, "TransitGatewayId": noun.gateway} for noun in tables],
        "TransitGatewayStaticRoutes": [_static_routes(noun) for noun in tables],
        "TransitGatewayPropagations": [_propagations(noun) for noun in tables],
        "VpcEndpoints": [_endpoint(noun) for noun in snapshot.all(VpcEndpoint)],
    }


def _gateway(gateway: TransitGateway) -> Json:
    options = {"SecurityGroupReferencingSupport": "enable" if gateway.group_references else "disable"}
    for word, table in (("Association", gateway.association), ("Propagation", gateway.propagation)):
        options[f"DefaultRouteTable{word}"] = "enable" if table else "disable"
        options[f"{word}DefaultRouteTableId"] = table
    return {"TransitGatewayId": gateway.id, "State": "available", "Options": options}


def _attachment(attachment: TransitAttachment, gateway: str) -> Json:
    """Of a peering each gateway lists its own half."""
    others = [other for other in attachment.gateways if other != gateway]
    found: Json = {
        "TransitGatewayAttachmentId": attachment.id,
        "TransitGatewayId": gateway,
        "ResourceType": attachment.type,
        "ResourceId": others[0] if others else attachment.resource,
        "State": attachment.state,
    }
    table = attachment.table_of(gateway)
    if table:
        found["Association"] = {"TransitGatewayRouteTableId": table, "State": "associated"}
    return found


def _vpc_attachment(attachment: TransitAttachment) -> Json:
    return {
        "TransitGatewayAttachmentId": attachment.id,
        "TransitGatewayId": attachment.gateways[0],
        "VpcId": attachment.resource,
        "State": attachment.state,
        "SubnetIds": list(attachment.subnets),
        "Options": {
            "ApplianceModeSupport": "enable" if attachment.appliance_mode else "disable",
            "SecurityGroupReferencingSupport": "enable" if attachment.group_references else "disable",
        },
    }


def _peering(attachment: TransitAttachment) -> Json:
    requester, accepter = attachment.gateways
    return {
        "TransitGatewayAttachmentId": attachment.id,
        "RequesterTgwInfo": {"TransitGatewayId": requester},
        "AccepterTgwInfo": {"TransitGatewayId": accepter},
        "State": attachment.state,
    }


def _static_routes(table: TransitRouteTable) -> Json:
    routes: list[Json] = []
    for route in table.routes:
        found: Json = {"DestinationCidrBlock": str(route.prefix), "Type": "static", "State": "active" if route.attachment else "blackhole"}
        if route.attachment:
            found["TransitGatewayAttachments"] = [{"TransitGatewayAttachmentId": route.attachment}]
        routes.append(found)
    return {"TransitGatewayRouteTableId": table.id, "AdditionalRoutesAvailable": False, "Routes": routes}


def _propagations(table: TransitRouteTable) -> Json:
    enabled = [{"TransitGatewayAttachmentId": name, "State": "enabled"} for name in table.propagations]
    return {"TransitGatewayRouteTableId": table.id, "TransitGatewayRouteTablePropagations": enabled}


def _endpoint(endpoint: VpcEndpoint) -> Json:
    return {
        "VpcEndpointId": endpoint.id,
        "VpcId": endpoint.vpc,
        "VpcEndpointType": endpoint.type,
        "ServiceName": f"com.amazonaws.{endpoint.region}.{endpoint.service}",
        "State": endpoint.state,
        "SubnetIds": list(endpoint.subnets),
        "NetworkInterfaceIds": list(endpoint.interfaces),
        "PrivateDnsEnabled": endpoint.private_dns,
    }
