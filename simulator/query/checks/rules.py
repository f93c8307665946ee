"""The table of all rules of `vpcsim check`. An id is for ever: a rule that goes takes its id with it.

VS1xx security groups, VS2xx network ACLs, VS3xx routes and NAT, VS4xx address ranges, VS5xx functions, VS6xx answers that do not come back,
VS7xx what the internet reaches, VS8xx quotas.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.problems import InputError, Problem, did_you_mean
from simulator.query.findings import Level, Rule

_TABLE = (
    Rule("VS101", "security group rule implied by others", Level.NOTE, "delete it: nothing changes", ("SG-1",)),
    Rule("VS102", "group reference that matches nobody", Level.WARNING, "name a group that senders have, or a block", ("SG-11", "SG-13")),
    Rule("VS103", "security group that nobody uses", Level.NOTE, "delete it, or give it to an interface", ("SG-10",)),
    Rule("VS104", "default security group on a workload", Level.WARNING, "give the workload a group of its own", ("SG-4",)),
    Rule("VS105", "security group rule for addresses that nobody has", Level.NOTE, "correct the block, or delete the rule", ("SG-9",)),
    Rule("VS106", "security group rule that parts a subnet", Level.NOTE, "name the whole subnet, a group, or the hosts", ("SG-9",)),
    Rule("VS201", "network ACL entry that never decides", Level.WARNING, "give it a lower number, or delete it", ("NACL-2",)),
    Rule("VS202", "network ACL entry that changes nothing", Level.NOTE, "delete it: a later entry permits the same", ("NACL-2",)),
    Rule("VS203", "network ACL that serves no subnet", Level.NOTE, "associate it with a subnet, or delete it", ("NACL-1",)),
    Rule("VS204", "network ACL entry for addresses that nobody has", Level.NOTE, "correct the block, or delete the entry", ("NACL-5",)),
    Rule("VS205", "network ACL entry that parts a subnet", Level.NOTE, "name the whole subnet", ("NACL-5",)),
    Rule("VS301", "route to a target that is gone", Level.WARNING, "delete the route, or give it a target that exists", ("RT-15",)),
    Rule(
        "VS302", "route that never decides", Level.WARNING, "delete it: another route wins for all its addresses", ("RT-7", "RT-9", "RT-18")
    ),
    Rule("VS303", "route table that serves nothing", Level.NOTE, "associate it with a subnet, or delete it", ("RT-1",)),
    Rule("VS304", "NAT gateway in another zone", Level.NOTE, "lead each zone to the NAT gateway that stands in it", ("NAT-20",)),
    Rule(
        "VS305",
        "NAT gateway without a way out",
        Level.ERROR,
        "put it into a subnet with a route to an internet gateway",
        ("NAT-3", "NAT-12"),
    ),
    Rule("VS306", "route for addresses that its peer does not have", Level.WARNING, "correct the block, or delete the route", ("PCX-3",)),
    Rule("VS401", "peered VPCs with overlapping blocks", Level.ERROR, "give one of the VPCs other addresses", ("PCX-2",)),
    Rule(
        "VS402", "VPCs with overlapping blocks on one transit gateway", Level.WARNING, "give one of the VPCs other addresses", ("TGW-12",)
    ),
    Rule(
        "VS501",
        "function in a public subnet that expects the internet",
        Level.WARNING,
        "route its subnets to a NAT gateway",
        ("LAMBDA-4", "IGW-2"),
    ),
    Rule(
        "VS502",
        "function whose subnets disagree",
        Level.WARNING,
        "give its subnets the same routes and network ACLs",
        ("LAMBDA-9", "MODEL-6"),
    ),
    Rule(
        "VS601",
        "answers that never come back",
        Level.WARNING,
        "let the answers through, or refuse the connection at once",
        ("MODEL-3", "NACL-4"),
    ),
    Rule("VS602", "answers to some source ports only", Level.WARNING, "open 1024-65535 for answers", ("NACL-14", "NACL-15")),
    Rule(
        "VS603",
        "answers that depend on what AWS picks",
        Level.WARNING,
        "give every way the same rules, and a way back",
        ("MODEL-6", "TGW-7"),
    ),
    Rule(
        "VS701",
        "remote administration open to the internet",
        Level.ERROR,
        "admit known addresses only, or use a bastion or Session Manager",
        ("IGW-3",),
    ),
    Rule("VS702", "database open to the internet", Level.ERROR, "admit the clients' groups or addresses only", ("IGW-3",)),
    Rule("VS801", "more than AWS's default quota", Level.NOTE, "ask AWS to raise the quota, or make do with less", ("VPC-3",)),
    Rule("VS802", "more than AWS ever allows", Level.ERROR, "split it up: this quota cannot be raised so far", ("VPC-3",)),
)
RULES = {rule.id: rule for rule in _TABLE}


def chosen(select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """The rules to look at: `select` (none: all) without `ignore`; a word is an id or the beginning of one (`VS1`).

    Raises `InputError` for every word that is the beginning of none.

    >>> [rule.id for rule in chosen(["VS10", "VS301"], ["VS103"])]
    ['VS101', 'VS102', 'VS104', 'VS105', 'VS106', 'VS301']
    """
    wanted, unwanted = [word.strip() for word in select], [word.strip() for word in ignore]
    wrong = dict.fromkeys(word for word in (*wanted, *unwanted) if not word or not any(name.startswith(word.upper()) for name in RULES))
    if wrong:
        raise InputError([Problem(f"there is no rule `{word}`{did_you_mean(word.upper(), RULES)}") for word in wrong])
    starts, without = tuple(map(str.upper, wanted)) or ("",), tuple(map(str.upper, unwanted))
    return tuple(rule for name, rule in RULES.items() if name.startswith(starts) and not (without and name.startswith(without)))
