"""The printed forms of a matrix."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.query.matrix import Matrix
from simulator.report.matrix import matrix_csv, matrix_document, matrix_text, write_parquet

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return simulator.load(ROOT / "scenarios/traps/t04-ephemeral-window.yaml").matrix("tcp/443")


def test_lines_are_no_wider_than_asked_and_names_are_counted(matrix: Matrix) -> None:
    text = matrix_text(matrix, width=60)
    assert "  sometimes" in text
    assert "tcp/443" in text
    assert max(map(len, matrix_text(matrix, width=100).splitlines())) <= 100
    assert "more" not in matrix_text(matrix, everybody=True)
    assert "\x1b" not in text
    assert "\x1b[32m" in matrix_text(matrix, colour=True)


def test_csv_lists_every_pair_that_can_be_asked(matrix: Matrix) -> None:
    rows = list(csv.reader(io.StringIO(matrix_csv(matrix))))
    assert rows[0] == ["source", "destination", "service", "verdict"]
    assert [tuple(row) for row in rows[1:]] == list(matrix.rows())
    assert len(rows) - 1 == sum(matrix.counts().values())


def test_the_document_lists_what_passes(matrix: Matrix) -> None:
    document = matrix_document(matrix)
    told = {
        (source, destination, service): verdict
        for block in document["reach"]
        for source in block["sources"]
        for destination in block["destinations"]
        for verdict, services in block["services"].items()
        for service in services
    }
    for source, destination, service, verdict in matrix.rows():
        assert told.get((source, destination, service), "never") == verdict
    assert document["counts"] == matrix.counts()
    assert document["answered"]["pairs_simply"] + document["answered"]["pairs_exactly"] == sum(matrix.counts().values())


def test_parquet_has_the_same_rows(matrix: Matrix, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_parquet(matrix, tmp_path / "matrix.parquet")
    table = parquet.read_table(tmp_path / "matrix.parquet").to_pydict()
    assert list(zip(*table.values(), strict=True)) == list(matrix.rows())


def test_where_nothing_can_be_asked_it_says_so() -> None:
    empty = Matrix("net", ("internet",), ("internet",), (), np.zeros((1, 1, 0), np.uint8))
    assert matrix_text(empty) == "1 source, 1 destination, 0 services: nothing to ask"


def test_a_name_cannot_paint_on_the_terminal() -> None:
    evil = Matrix("net", ("a\x1b[2J",), ("b\u202e",), ("tcp/1",), np.ones((1, 1, 1), np.uint8))
    for text in (matrix_text(evil), matrix_csv(evil)):
        assert "\x1b" not in text
        assert "\u202e" not in text
