"""Who reaches whom, as `vpcsim matrix` prints it: blocks for people; a document, rows and files for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator.evaluate.result import Verdict
from simulator.problems import InputError
from simulator.query.matrix import COLUMNS, WORDS, Matrix
from simulator.query.matrix_groups import Block, blocks_of, joined
from simulator.report.escape import plain
from simulator.report.text import STYLE_OF, WIDTH, Page

NAMES_SHOWN = 4
INDENT = 7


def matrix_text(matrix: Matrix, *, colour: bool = False, width: int = WIDTH, everybody: bool = False) -> str:
    """The blocks of a matrix, and what is left. `everybody`: name all ends of a block.

    >>> from simulator import load
    >>> print(matrix_text(load("scenarios/primer/lambda-nat.yaml").matrix("tcp/443")))
    lambda:report
      -> internet  tcp/443
    <BLANKLINE>
    2 sources, 2 destinations, tcp/443: 1 always, 2 never
    """
    page = Page(width, colour)
    before: tuple[str, ...] = ()
    blocks = blocks_of(matrix)
    for block in blocks:
        if block.sources != before:
            if before:
                page.line()
            page.line((_names(block.sources, everybody=everybody), "strong"))
            before = block.sources
        _destinations(page, block, everybody=everybody)
    if blocks:
        page.line()
    page.line(_sum(matrix))
    return page.text()


def _destinations(page: Page, block: Block, *, everybody: bool) -> None:
    names = f"  -> {_names(block.destinations, everybody=everybody)}"
    for verdict, services in block.services.items():
        words = ", ".join(joined(services)) + ("" if verdict is Verdict.ALWAYS else f"  {verdict.value}")
        fits = len(names) + 2 + len(words) <= page.width
        page.row(names, words, column=len(names) + 2 if fits else INDENT, style=STYLE_OF[verdict])


def _names(words: Sequence[str], *, everybody: bool) -> str:
    shown = [plain(word) for word in (words if everybody else words[:NAMES_SHOWN])]
    return ", ".join(shown) + (f" and {len(words) - len(shown):,} more" if len(words) > len(shown) else "")


def _sum(matrix: Matrix) -> str:
    services = matrix.services[0] if len(matrix.services) == 1 else _counted(matrix.services, "service")
    counts = ", ".join(f"{count:,} {word}" for word, count in matrix.counts().items() if count)
    asked = f"{_counted(matrix.sources, 'source')}, {_counted(matrix.destinations, 'destination')}, {services}"
    return f"{asked}: {counts or 'nothing to ask'}"


def _counted(words: Sequence[str], what: str) -> str:
    return f"{len(words):,} {what}{'' if len(words) == 1 else 's'}"


def matrix_document(matrix: Matrix) -> dict[str, Any]:
    """The matrix as plain dictionaries and lists, for `matrix --json`: its blocks, and what they leave out is never."""
    return {
        "schema": "vpcsim/matrix/1",
        "network": matrix.network,
        "services": list(matrix.services),
        "sources": list(matrix.sources),
        "destinations": list(matrix.destinations),
        "counts": matrix.counts(),
        "answered": {"pairs_simply": matrix.simply, "pairs_exactly": matrix.exactly, "packets": matrix.flows},
        "reach": [
            {
                "sources": list(block.sources),
                "destinations": list(block.destinations),
                "services": {verdict.value: list(services) for verdict, services in block.services.items()},
            }
            for block in blocks_of(matrix)
        ],
    }


def matrix_csv(matrix: Matrix) -> str:
    """All pairs that can be asked, a line each, under a line of heads."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(tuple(map(plain, row)) for row in matrix.rows())
    return page.getvalue()


def write_parquet(matrix: Matrix, path: Path) -> None:
    """The rows of `matrix_csv` as a Parquet file of words in dictionaries, some sources at a time. Raises `InputError` without the extra
    `arrow`.
    """
    pyarrow = need_arrow()
    words = [pyarrow.array(of, pyarrow.string()) for of in (matrix.sources, matrix.destinations, matrix.services, WORDS)]
    kinds = [pyarrow.dictionary(pyarrow.int32(), pyarrow.string()) for _ in COLUMNS]
    schema = pyarrow.schema(list(zip(COLUMNS, kinds, strict=True)))
    with pyarrow.parquet.ParquetWriter(path, schema) as file:
        for numbers in matrix.numbers():
            columns = [
                pyarrow.DictionaryArray.from_arrays(pyarrow.array(column, pyarrow.int32()), of)
                for column, of in zip(numbers, words, strict=True)
            ]
            file.write_table(pyarrow.Table.from_arrays(columns, schema=schema))


def need_arrow() -> Any:
    """The library of the extra `arrow`. Raises `InputError` without it."""
    try:
        import pyarrow  # type: ignore[import-untyped,unused-ignore]
        import pyarrow.parquet  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise InputError("Parquet needs the extra `arrow`: pip install 'vpcsim[arrow]'") from None
    return pyarrow
