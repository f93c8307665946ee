"""Prefix lists: named lists of blocks that routes and security group rules point at (SG-9, RT-12).

A list that is referenced but was not read (AWS-managed lists are often left out) makes what it decides unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.aws.permissions import cidr_of
from simulator.aws.resource import Cidr, Field, Item, Kind, ListOf, Values
from simulator.aws.snapshot import Draft
from simulator.origin import Origin
from simulator.packet.prefix import Prefix

LIST = r"pl-[0-9a-f]+"


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A prefix list; `entries` is none when only its name is known, `assumed` says why entries that were not read are taken to be."""

    id: str
    name: str
    entries: tuple[Prefix, ...] | None
    origin: Origin
    assumed: str = ""


def _scenario(name: str, values: Values, draft: Draft) -> None:
    draft.add(PrefixList(name, "", tuple(values["entries"]), Origin(name, place=values.place)))


def _describe(item: Item, draft: Draft) -> None:
    # DescribePrefixLists tells the blocks, DescribeManagedPrefixLists only the name; either may come first.
    list_id = item.data["PrefixListId"]
    cidrs = item.get("Cidrs")
    entries = None if cidrs is None else tuple(cidr_of(item, text, f"prefix list `{list_id}`") for text in cidrs)
    known = draft.get(PrefixList, list_id)
    if known is None or known.entries is None:
        draft.replace(PrefixList(list_id, item.get("PrefixListName", ""), entries, Origin(list_id, place=item.place())))


def _describe_entry(item: Item, draft: Draft) -> None:
    """One of `Entries`, as `get-managed-prefix-list-entries` prints them: AWS does not repeat the id, the name of the file may have it."""
    name = item.named(LIST)
    if not item.get("Cidr") or not name:
        told = "entries that do not say of which prefix list they are are not modelled; name the file after it (`pl-...`)"
        item.problems.not_modelled(told, item.place())
        return
    draft.later(_add_entry, name, cidr_of(item, item.data["Cidr"], f"prefix list `{name}`"), Origin(name, place=item.place()))


def _add_entry(draft: Draft, name: str, block: Prefix, origin: Origin) -> None:
    known = draft.get(PrefixList, name) or PrefixList(name, "", None, origin)
    if block not in (known.entries or ()):
        draft.replace(replace(known, entries=(*(known.entries or ()), block)))


KIND = Kind(
    name="prefix-list",
    noun=PrefixList,
    about="named blocks of addresses for routes and rules",
    section="prefix_lists",
    fields=(Field("entries", ListOf(Cidr()), "the blocks in the list", required=True),),
    scenario=_scenario,
    describe={"PrefixLists": _describe, "Entries": _describe_entry},
)
