"""The registry: every kind of noun, one line each.

The order counts only for `complete`: what implies interfaces comes before the interfaces, which take their addresses last.
"""

from __future__ import annotations

from simulator.aws import (
    cache,
    database,
    event_fabric,
    gateway_route_table,
    implicit_router,
    instance,
    interface_path,
    internet_gateway,
    lambda_function,
    nat_gateway,
    nat_return,
    network_acl,
    network_interface,
    on_link,
    prefix_list,
    route_table,
    security_group,
    subnet,
    transit_gateway,
    transit_path,
    vpc,
    vpc_endpoint,
    vpc_peering,
)
from simulator.aws.resource import Kind

RESOURCES: tuple[Kind, ...] = (
    vpc.KIND,
    implicit_router.UNREAD_VPC,
    implicit_router.KIND,
    internet_gateway.TOWARDS_VPC,
    internet_gateway.KIND,
    prefix_list.KIND,
    security_group.KIND,
    network_acl.KIND,
    route_table.KIND,
    subnet.KIND,
    on_link.KIND,
    gateway_route_table.KIND,
    vpc_peering.KIND,
    transit_gateway.KIND,
    transit_gateway.ATTACHMENT,
    transit_gateway.PEERINGS,
    transit_gateway.ROUTE_TABLE,
    transit_gateway.ROUTES,
    transit_gateway.PROPAGATIONS,
    transit_path.KIND,
    vpc_endpoint.KIND,
    nat_gateway.KIND,
    nat_return.CROSSING,
    nat_return.RETURN,
    instance.KIND,
    lambda_function.KIND,
    database.KIND,
    cache.SUBNET_GROUP,
    cache.KIND,
    event_fabric.KIND,
    network_interface.KIND,
    interface_path.KIND,
)
