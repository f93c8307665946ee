"""AWS describe output: folders and files of what `aws ... describe-*` prints, whoever collected and named them.

A file counts when its keys are names of AWS lists (`Vpcs`, `Reservations`); its name and folder only tell region and
account. Every element goes to the reader of each kind that claims its list. What has no reader is counted, told once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from simulator.aws.resource import Item, Kind
from simulator.aws.snapshot import Draft
from simulator.origin import Place, Spot
from simulator.packet.prefix import AddressError
from simulator.packet.service import ServiceError
from simulator.read.fields import spoken
from simulator.read.files import read_text
from simulator.read.json_text import JsonDocument, JsonPlace, parse_json

Read = Callable[[Item, Draft], None]
Where = Callable[[tuple[str | int, ...]], Place]

# Lists that say nothing about who reaches whom, or nothing that others do not say (an address is told by its interface).
IRRELEVANT = """
AccountAttributes Accounts Addresses Aliases AutoScalingGroups AvailabilityZones Certificates CertificateSummaryList
DBParameterGroups DBSnapshots DhcpOptions Failures FlowLogs Hosts IamInstanceProfileAssociations Images InstanceStatuses
InstanceTypes KeyPairs LaunchConfigurations LaunchTemplates LaunchTemplateVersions Layers LogGroups MetricAlarms
MovingAddressStatuses NetworkInsightsAnalyses NetworkInsightsPaths NetworkInterfacePermissions OptionGroupsList
PlacementGroups Policies Regions ReservedInstances Roles ServiceNames Snapshots SpotInstanceRequests Tags
Users Volumes VolumeStatuses
Firewalls FirewallPolicies RuleGroups ResolverEndpoints ResolverRules RouteServers RouteServerAssociations RouteServerEndpoints
RouteServerPeers SecurityGroupRules SecurityGroupVpcAssociations TrafficMirrorFilters TrafficMirrorSessions TrafficMirrorTargets
cluster clusters clusterArns connections containerInstanceArns directConnectGatewayAttachments failures lags serviceArns taskArns
taskDefinition taskDefinitionArns virtualGateways
"""
# What AWS answers with one object and no list of them.
SINGLE = frozenset(
    {
        "Configuration",
        "DomainStatus",
        "EnableDnsHostnames",
        "EnableDnsSupport",
        "Firewall",
        "FirewallPolicyResponse",
        "RuleGroupResponse",
        "VpcBlockPublicAccessOptions",
        "VpcEndpointAssociation",
    }
)
# What AWS answers with the fields of one resource and nothing around them: a field that only it has, and the list it would stand in.
BARE = {"FunctionArn": "Functions", "BrokerId": "Brokers"}
LIST_NAME = re.compile(r"[A-Z][A-Za-z0-9]*(?:s|List|Set)")
TEXT_KEY = re.compile(r"(?!PreserveClientIp$).*(?:Id|Identifier|Arn|Name|Address|Ip|Cidr|CidrBlock|CidrIpv6|Protocol)")
REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d")
ACCOUNT = re.compile(r"\d{12}")
MOST_FILES = 10_000
DEEPEST_FOLDER = 6
MOST_NAMES = 5


class Found(NamedTuple):
    """A list in a document: its AWS name, the path to it, its value, which may be no list at all, and what it stands in."""

    key: str
    path: tuple[str | int, ...]
    value: Any
    beside: Mapping[str, Any]


def lists_of(data: Any, known: frozenset[str]) -> list[Found]:
    """The AWS lists of a JSON value; none when it is no AWS output.

    Answers as the command line prints them, as recorded by placebo (`{"status_code": 200, "data": {...}}`) and as
    dumped by np-guard's collector (`internet_gateways`).

    >>> [found.key for found in lists_of({"status_code": 200, "data": {"Subnets": []}}, frozenset({"Subnets"}))]
    ['Subnets']
    >>> lists_of({"Version": "2012-10-17", "Statement": []}, frozenset({"Subnets"}))
    []
    """
    if not isinstance(data, dict):
        return []
    path: tuple[str | int, ...] = ()
    if "status_code" in data and isinstance(data.get("data"), dict):
        data, path = data["data"], ("data",)
    if "collector_version" in data:
        names = {key: "".join(word.capitalize() for word in key.split("_")) for key in data}
        return [Found(names[key], (*path, key), value, {}) for key, value in data.items() if isinstance(value, list)]
    bare = next((key for word, key in BARE.items() if isinstance(data.get(word), str)), "")
    if bare:
        return [Found(bare, path, data, {})]
    if known.isdisjoint(data) and not all(key[:1].isupper() for key in data):
        return []
    return [
        Found(key, (*path, key), value, data)
        for key, value in data.items()
        if key in known or (LIST_NAME.fullmatch(key) and isinstance(value, list) and all(map(_is_resource, value)))
    ]


def _is_resource(element: Any) -> bool:
    """Whether an element of a list nobody claims looks like an AWS resource: it has a name of some sort."""
    return isinstance(element, dict) and any(key.endswith(("Id", "Identifier", "Arn", "Name")) for key in element)


@dataclass(slots=True)
class Describe:
    """Gathers snapshots, and reads them into a draft when all of them are there."""

    draft: Draft
    readers: dict[str, list[tuple[Kind, Read]]] = field(init=False)
    known: frozenset[str] = field(init=False)
    lists: list[tuple[Found, JsonDocument]] = field(default_factory=list)
    not_modelled: dict[str, tuple[int, Place]] = field(default_factory=dict)
    seen: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.readers = {}
        for kind in self.draft.kinds:
            for key, read in kind.describe.items():
                self.readers.setdefault(key, []).append((kind, read))
        self.known = frozenset(self.readers) | frozenset(IRRELEVANT.split()) | {"Instances"}

    def knows(self, data: Any) -> bool:
        """Whether a JSON value is AWS output."""
        return bool(lists_of(data, self.known))

    def folder(self, path: Path, name: str) -> None:
        """Gather all AWS output in a folder and the folders in it."""
        problems = self.draft.problems
        try:
            files = sorted(_json_files(path, DEEPEST_FOLDER))
        except OSError as error:
            problems.error(f"cannot be read: {error.strerror}".lower(), Spot(name))
            return
        if len(files) > MOST_FILES:
            problems.error(f"holds more than {MOST_FILES} JSON files; name the folder of one snapshot", Spot(name))
            return
        errors = len(problems.errors)
        ignored: list[str] = []
        for file in files:
            shown = str(Path(name) / file.relative_to(path))
            text = read_text(file, shown, problems)
            parsed = parse_json(text, shown, problems) if text is not None else None
            if parsed and not self.document(*parsed):
                ignored.append(shown)
        if len(ignored) == len(files) and len(problems.errors) == errors:
            problems.error(_nothing_in(path), Spot(name))
        elif ignored:
            shown = ", ".join(ignored[:MOST_NAMES]) + (f" and {len(ignored) - MOST_NAMES} more" * (len(ignored) > MOST_NAMES))
            problems.warn(f"no AWS describe output, so it is ignored: {shown}", Spot(name))

    def document(self, data: Any, document: JsonDocument) -> bool:
        """Keep the lists of one document for `finish`; false when it is no AWS output."""
        lists = lists_of(data, self.known)
        for found in lists:
            if isinstance(found.value, list) or found.key in SINGLE or found.key in BARE.values():
                self.draft.read_kinds.update(kind.name for kind, _ in self._readers(found.key))
        self.lists += [(found, document) for found in lists]
        for key in ("NextToken", "NextMarker"):
            if isinstance(data, dict) and data.get(key):
                message = f"is one page of a longer answer (`{key}`); the rest was not read"
                self.draft.problems.warn(message, document.place((key,)))
        return bool(lists)

    def finish(self) -> None:
        """Read every list, and report each that has no reader with how many elements all files had together.

        Not before all inputs were seen: some answers repeat parts of others (instances their interfaces), and a reader takes
        those only where the other answer is not among the inputs, whatever the order of the files.
        """
        for found, document in self.lists:
            self._list(found, document)
        for key, (count, place) in self.not_modelled.items():
            self.draft.problems.not_modelled(f"{count} {key} not modelled", place)

    def _readers(self, key: str) -> Sequence[tuple[Kind, Read]]:
        if key == "Instances" and key not in self.readers:  # instances without the reservations around them
            key = "Reservations"
        return self.readers.get(key, ())

    def _list(self, found: Found, document: JsonDocument) -> None:
        key, path, value, beside = found
        readers = self._readers(key)
        if (key in SINGLE or key in BARE.values()) and isinstance(value, dict):
            self._element(key, value, _where(document, path, drop=0), readers, _folder_says(document.file), beside)
            return
        if not isinstance(value, list) and not readers:
            return
        if not isinstance(value, list):
            self.draft.problems.warn(f"`{key}` is no list, so nothing of it was read", document.place(path))
            return
        if not readers:
            if value and key not in self.known:
                count, place = self.not_modelled.get(key, (0, document.place(path)))
                self.not_modelled[key] = count + len(value), place
            return
        flat = key == "Instances" and key not in self.readers
        region, account = _folder_says(document.file)
        for index, element in enumerate(value):
            where = _where(document, (*path, index), drop=2 if flat else 0)
            self._element(key, {"Instances": [element]} if flat else element, where, readers, (region, account), beside)

    def _element(
        self,
        key: str,
        element: Any,
        where: Where,
        readers: Sequence[tuple[Kind, Read]],
        folder: tuple[str, str],
        beside: Mapping[str, Any],
    ) -> None:
        problems = self.draft.problems
        if not isinstance(element, dict):
            problems.warn(f"an element of `{key}` is no object, so it was not read", where(()))
            return
        odd = clean(element)
        name = identity(key, element)
        shown = f" `{name}`" if name else ""
        if name and self.seen.get((key, name)) == element:
            return  # told again by another account or region; if told differently, the draft complains
        if name:
            self.seen[key, name] = element
        if odd:
            message = f"{spoken(readers[0][0].name)}{shown} was not read: `{_key(odd)}` is not what AWS writes there"
            problems.warn(message, where(odd))
            return
        region, account = folder if all(folder) else (one or other for one, other in zip(folder, _arn_says(element), strict=True))
        item = Item(element, where, problems, region, account, beside)
        for kind, read in readers:
            try:
                read(item, self.draft)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                problems.warn(f"{spoken(kind.name)}{shown} was not read: {_reason(error)}", where(()))


def clean(element: dict[str, Any]) -> tuple[str | int, ...]:
    """Make an element regular in place, and return the path to what cannot be made so, or an empty one.

    Some collectors write null for what AWS leaves out, and numbers for ids that have only digits. Anything else but text
    under a name such as `SubnetId` would break what builds on it much later, where nobody could tell its place.

    >>> element = {"VpcId": "vpc-1", "OwnerId": 111122223333, "CarrierIp": None, "Groups": [{"GroupId": True}]}
    >>> clean(element)
    ('Groups', 0, 'GroupId')
    >>> element
    {'VpcId': 'vpc-1', 'OwnerId': '111122223333', 'Groups': [{'GroupId': True}]}
    """
    waiting: list[tuple[Any, tuple[str | int, ...]]] = [(element, ())]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, list):
            waiting += [(member, (*path, index)) for index, member in enumerate(value)]
            listed = str(path[-1])
            named = listed.endswith("Ids") and listed != "PrefixListIds"  # a permission's holds objects
            kind = str if named else type(value[0]) if value else None
            odd = next((index for index, member in enumerate(value) if type(member) is not kind or member is None), None)
            if odd is not None:
                return (*path, odd)
            continue
        if not isinstance(value, dict):
            continue
        if None in value.values():
            for key in [key for key, member in value.items() if member is None]:
                del value[key]
        for key, member in value.items():
            if isinstance(member, list | dict):
                waiting.append((member, (*path, key)))
            if not isinstance(member, str) and is_text_key(key):
                if type(member) is not int:
                    return (*path, key)
                value[key] = str(member)
    return ()


@cache
def is_text_key(key: str) -> bool:
    """Whether AWS writes text under a key; there are few keys and many values."""
    return TEXT_KEY.fullmatch(key) is not None


def identity(key: str, element: Mapping[str, Any]) -> str:
    """The id or name of an element of an AWS list, or empty.

    >>> identity("Subnets", {"VpcId": "vpc-1", "SubnetId": "subnet-1"})
    'subnet-1'
    >>> identity("SecurityGroups", {"GroupName": "web", "GroupId": "sg-1"})
    'sg-1'
    """
    nested = element.get("Instances")
    if isinstance(nested, list) and len(nested) == 1 and isinstance(nested[0], dict):
        return identity("Instances", nested[0])
    singular = key.removesuffix("es") if key.endswith("sses") else key.removesuffix("s")
    words = re.findall(r"[A-Z]+[a-z0-9]*", singular)
    endings = [f"{''.join(words[start:])}{end}" for start in range(len(words)) for end in ("Id", "Identifier", "Name")]
    endings.append(f"{singular}Arn")  # ECS, which writes all its keys in lower case
    names = [*endings, "AllocationId", "PublicIp", *(one for one in element if one.endswith("Arn"))]
    return next((element[name] for name in names if isinstance(element.get(name), str)), "")


def _key(path: tuple[str | int, ...]) -> str:
    """The innermost name in a path."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _json_files(folder: Path, depth: int) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if depth and not path.is_symlink():  # a link may lead back to where we come from
                yield from _json_files(path, depth - 1)
        elif path.suffix.lower() == ".json":
            yield path


def _nothing_in(folder: Path) -> str:
    """What to say of a folder without AWS output."""
    names = sorted(path.name for path in folder.iterdir())
    if not names:
        return "is an empty folder"
    scenarios = [name for name in names if name.endswith((".yaml", ".yml"))]
    hint = f"; to read a file in it, name the file ({', '.join(scenarios[:MOST_NAMES])})" if scenarios else ""
    return f"holds no AWS describe output{hint}"


def _where(document: JsonDocument, start: tuple[str | int, ...], *, drop: int) -> Where:
    """A function from a path inside an element to its place; the first `drop` steps are ours and not the document's."""
    return lambda path: JsonPlace(document, start + path[drop:])


def _folder_says(file: str) -> tuple[str, str]:
    """Region and account as far as names of folders tell them; the innermost counts."""
    parts = Path(file).parts[-2::-1]
    region = next((part for part in parts if REGION.fullmatch(part)), "")
    return region, next((part for part in parts if ACCOUNT.fullmatch(part)), "")


def _arn_says(element: Mapping[str, Any]) -> tuple[str, str]:
    """Region and account of an element's own ARN."""
    for key, value in element.items():
        if key.endswith("Arn") and isinstance(value, str) and value.count(":") >= 5:
            _, _, _, region, account, _ = value.split(":", 5)
            if region:
                return region, account
    return "", ""


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"`{error.args[0]}` is missing"
    if isinstance(error, AddressError):
        return f"one of its addresses {error}"
    if isinstance(error, ServiceError):
        return str(error)
    return "a part of it has a shape that AWS does not use"
