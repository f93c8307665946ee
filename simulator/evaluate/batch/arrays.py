"""The type of a column. Which numbers it holds stands in the docstring of its owner: numpy's types for them are too narrow to help."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
