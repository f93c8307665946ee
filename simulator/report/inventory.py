"""What a network holds, as `vpcsim show` prints it: text for people, a document for scripts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from simulator.query.inventory import Inventory
from simulator.report.escape import plain
from simulator.report.names import noun
from simulator.report.text import WIDTH, Page


def inventory_document(inventory: Inventory) -> dict[str, Any]:
    """The inventory as plain dictionaries and lists, for `show --json`."""
    return {"schema": "vpcsim/inventory/1", **asdict(inventory)}


def inventory_text(inventory: Inventory, *, colour: bool = False, width: int = WIDTH) -> str:
    """The inventory as `vpcsim show` prints it.

    >>> from simulator.query.inventory import SubnetRow, VpcRow
    >>> subnet = SubnetRow("web", "a", ("10.0.0.0/24",), "public", "web-routes", "main-default-acl")
    >>> print(inventory_text(Inventory("net.yaml", (VpcRow("main", ("10.0.0.0/16",), (subnet,)),))))
    VPC main  10.0.0.0/16
      subnet  reach   zone  blocks       route table  network ACL
      web     public  a     10.0.0.0/24  web-routes   main-default-acl
    """
    page = Page(width, colour)
    for vpc in inventory.vpcs:
        _gap(page)
        page.line((f"VPC {_label(vpc.id, vpc.name)}", "strong"), f"  {', '.join(vpc.cidrs)}")
        _table(
            page,
            ("subnet", "reach", "zone", "blocks", "route table", "network ACL"),
            [
                (_label(row.id, row.name), row.reach, row.zone, ", ".join(row.cidrs), row.route_table, row.acl)
                for row in sorted(vpc.subnets, key=lambda row: (row.reach != "public", row.reach, row.zone, row.id))
            ],
        )
    _section(
        page,
        "gateways and endpoints",
        ("id", "kind", "at", "addresses"),
        [(_label(row.id, row.name), noun(row.kind), row.at, ", ".join(row.addresses)) for row in inventory.gateways],
    )
    _section(
        page,
        "workloads",
        ("id", "kind", "subnets", "addresses", "public", "security groups"),
        [
            (_label(row.id, row.name), noun(row.kind), *map(", ".join, (row.subnets, row.addresses, row.public, row.groups)))
            for row in inventory.workloads
        ],
    )
    counts = [(str(count), word) for word, count in sorted(inventory.not_modelled.items())]
    _section(page, "read but not modelled: an answer whose path meets it is unknown", ("count", "what"), counts)
    if not page.lines:
        page.line("nothing")
    return page.text()


def _label(resource: str, name: str) -> str:
    return f"{resource} ({name})" if name and name != resource else resource


def _gap(page: Page) -> None:
    if page.lines:
        page.line()


def _section(page: Page, title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    rows = list(rows)
    if rows:
        _gap(page)
        page.line((title, "strong"))
        _table(page, heads, rows)


def _table(page: Page, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Rows under their heads. A cell is as wide as its text: a table is for reading down, so nothing is wrapped."""
    cells = [[plain(cell) or "-" for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in [list(heads), *cells]) for at in range(len(heads))]
    for style, row in [("quiet", list(heads)), *(("", row) for row in cells)]:
        page.line("  ", ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)), style))
