"""Drawn networks are small: where a question about one falls into thousands of pieces, a property need not wait for them."""

from collections.abc import Iterator

import pytest

from simulator.query import reach


@pytest.fixture(scope="session", autouse=True)
def few_pieces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "PIECE_LIMIT", 600)
        yield
