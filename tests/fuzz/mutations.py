"""Changes that break a document: of its tree, and of its text. Each is drawn, so that what fails shrinks to one small change."""

from __future__ import annotations

import copy
from typing import Any

from simulator.testing.strategies.hand import Hand

Tree = Any
Path = tuple[Any, ...]
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 65536, 2**31, 2**63, -(2**64), 10**400, 0.5, 1e308, float("inf"), float("nan"),
    "", " ", "\n", "\0", "\ufeff", "\u202e", "\ud800", "é", "☃" * 3, "x" * 5000, "'", '"', "`", "%s", "{}", "../../etc/passwd",
    "0.0.0.0/0", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "256.1.1.1", "1.2.3", "::/0", "::1", "fe80::1%eth0", "1::2::3",
    "/", ":", "tcp/443", "tcp/0-65535", "tcp/65535-0", "tcp/99999999999999999999", "tcp/", "icmp/8/0/0", "udp/-1", "all", "-1", "proto/256",
    "internet", "local", "blackhole", "*", "arn:aws:lambda:us-east-1:1:function:f", "arn:", ":::::::", "vpc-1", "sg-1", "subnet-1",
    "yes", "no", "~", "0x10", "1_0",
    [], [[]], [None], [{}], ["a", 1, None, {}], {}, {"": ""}, {"a": None}, {"State": {}}, {"Key": "Name", "Value": {}}, [[["deep"]]],
)  # fmt: skip
NOISE = (
    b"\x00", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\t", b"\r", b"\x0c", b"\x1b[31m", b"\xe2\x80\xa8",
    b"&a ", b"*a", b"!!python/object:os.system ", b"!x ", b"<<: *a\n", b"--- \n", b"...\n", b"%YAML 9.9\n", b"? ", b"- - - - ",
    b"{", b"}", b"[", b"]", b"'", b'"', b"|\n", b">\n", b"#", b": ", b"\\u0000", b"\\ud800", b"1e999", b"NaN",
)  # fmt: skip


def mutated(hand: Hand, tree: Tree) -> Tree:
    """A copy with one to four changes."""
    root = [copy.deepcopy(tree)]  # so that the document itself can be changed too
    for _ in range(1 + hand.below(4)):
        _change(hand, root)
    return root[0]


def _places(tree: Tree) -> list[Path]:
    """The path of every value."""
    found: list[Path] = []
    work: list[tuple[Path, Tree]] = [((), tree)]
    while work:
        path, value = work.pop()
        if path:
            found.append(path)
        if isinstance(value, dict):
            work += [((*path, key), part) for key, part in value.items()]
        elif isinstance(value, list):
            work += [((*path, index), part) for index, part in enumerate(value)]
    return found


def _at(tree: Tree, path: Path) -> Tree:
    for step in path:
        tree = tree[step]
    return tree


def _change(hand: Hand, root: list[Tree]) -> None:
    places = _places(root)
    path = hand.one_of(places)
    holder, last = _at(root, path[:-1]), path[-1]
    old = holder[last]
    match hand.below(9):
        case 0:
            holder[last] = copy.deepcopy(hand.one_of(ODD))
        case 1:
            del holder[last]
            if not root:
                root.append(None)
        case 2:
            holder[last] = copy.deepcopy(_at(root, hand.one_of(places)))
        case 3:
            other = hand.one_of(places)
            holder[last] = copy.deepcopy(_at(root, other))
            if other[: len(path)] != path:
                _at(root, other[:-1])[other[-1]] = old
        case 4:
            _again(hand, holder, last)
        case 5:
            holder[last] = [old] if hand.chance(50) else {hand.one_of(("a", "Name", "vpc", "from")): old}
        case 6:
            _renamed(hand, holder, last)
        case 7:
            holder[last] = _near(hand, old)
        case _:
            holder[last] = _deep(hand, old)


def _again(hand: Hand, holder: Tree, last: Any) -> None:
    """The same value twice, many times, or under another name."""
    if isinstance(holder, list):
        holder[last:last] = [copy.deepcopy(holder[last]) for _ in range(hand.one_of((1, 2, 300)))]
    else:
        holder[hand.one_of((f"{last}-2", f"{last}", "", "x" * 300))] = copy.deepcopy(holder[last])


def _renamed(hand: Hand, holder: Tree, last: Any) -> None:
    if isinstance(holder, dict):
        name = hand.one_of((f"{last}s", str(last)[1:], str(last).upper(), None, 7, 1.5, True, "", "\ud800", "network"))
        holder[name] = holder.pop(last)


def _near(hand: Hand, old: Tree) -> Tree:
    """Nearly the same value."""
    if isinstance(old, bool) or old is None:
        return hand.one_of((not old, str(old), 0))
    if isinstance(old, int | float):
        return hand.one_of((old + 1, old - 1, -old, old * 65536, str(old), float(old) if abs(old) < 1 << 60 else 0.0))
    if isinstance(old, str):
        at = hand.below(len(old) + 1)
        return hand.one_of(
            (old[:at], old[at:], old[:at] + "-" + old[at:], old[:at] + old[at + 1 :], old.swapcase(), old + old, f" {old} ", old[::-1])
        )
    return hand.one_of((str(old), len(old), None))


def _deep(hand: Hand, old: Tree) -> Tree:
    """The value inside many lists or mappings."""
    as_list = hand.chance(50)
    for _ in range(hand.one_of((3, 40, 150))):
        old = [old] if as_list else {"a": old}
    return old


def noisy(hand: Hand, data: bytes) -> bytes:
    """The bytes of a file with one to three changes."""
    for _ in range(1 + hand.below(3)):
        data = _noise(hand, data)
    return data


def _noise(hand: Hand, data: bytes) -> bytes:
    at = hand.below(len(data) + 1)
    lines = data.splitlines(keepends=True) or [b""]
    line = hand.below(len(lines))
    match hand.below(9):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + hand.one_of(NOISE) + data[at:]
        case 2:
            return data[:at] + bytes([hand.below(256)]) + data[at + 1 :]
        case 3:
            return b"".join([*lines[:line], *lines[line + 1 :]])
        case 4:
            return b"".join([*lines[:line], lines[line] * hand.one_of((2, 100)), *lines[line:]])
        case 5:
            other = hand.below(len(lines))
            lines[line], lines[other] = lines[other], lines[line]
            return b"".join(lines)
        case 6:
            lines[line] = hand.one_of((b"  ", b" ", b"\t")) + lines[line]
            return b"".join(lines)
        case 7:
            lines[line] = lines[line].lstrip() if hand.chance(50) else lines[line].rstrip(b"\n")
            return b"".join(lines)
        case _:
            return hand.one_of((data.decode("utf-8", "replace").encode("utf-16"), data.replace(b"\n", b"\r\n"), data[::-1], data + data))
