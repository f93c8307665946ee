r"""A program in one file: written once, and mapped read-only by as many processes as like to run it.

    VPCSIM-PROGRAM-2 <length of the header>\n <header, JSON> <arrays, each at a multiple of 64 bytes>

The header names the arrays with type, shape and place, and lists the names of endpoints. Files are not portable between versions of the
format or machines of another byte order, and are refused there; nothing in them is executed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simulator.evaluate.batch.arrays import Array
from simulator.evaluate.batch.boxes import Boxes
from simulator.evaluate.batch.directory import Directory
from simulator.evaluate.batch.intervals import Intervals
from simulator.evaluate.batch.program import Marks, Nodes, Program, Tables
from simulator.evaluate.batch.space import Space
from simulator.evaluate.batch.words import Words
from simulator.problems import InputError

MAGIC = b"VPCSIM-PROGRAM-2 "
LINE = 64
TABLES = {"routes": Intervals, "rules": Boxes, "unread": Boxes, "huge": Directory}
PARTS = TABLES | {"inner": Intervals, "by_word": Words, "tables": Intervals}  # columns that are several


def save(program: Program, file: Path) -> None:
    """Write a program. The file appears whole or not at all."""
    columns, place = [], 0
    for name, array in _arrays(program):
        columns.append({"name": name, "type": array.dtype.str, "shape": array.shape, "at": place})
        place += -(-array.nbytes // LINE) * LINE
    header = json.dumps({"order": sys.byteorder, "endpoints": program.endpoints, "arrays": columns}).encode()
    begin = MAGIC + f"{len(header):016d}\n".encode()
    header += b" " * (-(len(begin) + len(header)) % LINE)
    aside = file.with_name(f".{file.name}.part")
    try:
        with aside.open("wb") as out:
            out.write(begin + header)
            for _, array in _arrays(program):
                out.write(np.ascontiguousarray(array).tobytes())
                out.write(b"\0" * (-array.nbytes % LINE))
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def open_mapped(file: Path) -> Program:
    """A program whose arrays are the file's, read-only and shared with every other process that maps it. Raises `InputError` for a file
    that is no program of this format, or is cut short.
    """
    try:
        whole = np.memmap(file, np.uint8, "r")
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be mapped: {error}") from error
    start = len(MAGIC) + 17
    begin = whole[:start].tobytes()
    if not begin.startswith(MAGIC) or not begin[len(MAGIC) :].strip().isdigit():
        raise InputError(f"{file}: is no program of this version of vpcsim")
    length = int(begin[len(MAGIC) :])
    if start + length > len(whole):
        raise InputError(f"{file}: is cut short")
    try:
        header = json.loads(whole[start : start + length].tobytes())
    except ValueError as error:
        raise InputError(f"{file}: its header is damaged") from error
    if header["order"] != sys.byteorder:
        raise InputError(f"{file}: was written on a machine of the other byte order")
    data = -(-(start + length) // LINE) * LINE
    found = {column["name"]: _array(whole, data, column, file) for column in header["arrays"]}
    tables = {version: _tuple(Tables, found, f"tables.{version}") for version in (4, 6)}
    spaces = {version: _space(version, found) for version in (4, 6)}
    return Program(_tuple(Nodes, found, "nodes"), _tuple(Marks, found, "marks"), tables, spaces, tuple(header["endpoints"]))


def _arrays(program: Program) -> Iterator[tuple[str, Array]]:
    """Every array of a program with its name."""
    yield from _columns(program.nodes, "nodes")
    yield from _columns(program.marks, "marks")
    for version, tables in program.tables.items():
        yield from _columns(tables, f"tables.{version}")
    for version, space in program.spaces.items():
        yield from ((f"space.{version}.high", space.high), (f"space.{version}.low", space.low))
        yield from _columns(space.by_word, f"space.{version}.by_word")


def _columns(values: Any, part: str) -> Iterator[tuple[str, Array]]:
    for name in values._fields:
        value = getattr(values, name)
        if name in PARTS:
            yield from _columns(value, f"{part}.{name}")
        else:
            yield f"{part}.{name}", value


def _array(whole: Array, data: int, column: dict[str, Any], file: Path) -> Array:
    kind, shape = np.dtype(column["type"]), tuple(column["shape"])
    begin = data + column["at"]
    size = kind.itemsize * int(np.prod(shape, dtype=np.int64))
    if begin + size > len(whole):
        raise InputError(f"{file}: is cut short")
    found: Array = whole[begin : begin + size].view(kind).reshape(shape)
    return found


def _tuple(of: Any, found: dict[str, Array], part: str) -> Any:
    values = (_tuple(PARTS[name], found, f"{part}.{name}") if name in PARTS else found[f"{part}.{name}"] for name in of._fields)
    return of(*values)


def _space(version: int, found: dict[str, Array]) -> Space:
    part = f"space.{version}"
    return Space(version, found[f"{part}.high"], found[f"{part}.low"], _tuple(Words, found, f"{part}.by_word"))
