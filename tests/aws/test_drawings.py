"""Small networks, drawn whole: every rule, way, code and assumption at the places of a resource (`drawn.py` says how to read them)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.drawn import FOLDER, drawn, expected


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.txt")), ids=lambda file: file.stem)
def test_a_network_is_what_its_drawing_shows(file: Path, tmp_path: Path) -> None:
    assert drawn(file, tmp_path) == expected(file)
