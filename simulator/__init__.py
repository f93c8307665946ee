"""vpcsim: can A reach B in an AWS network? The public names; everything else is internal and may move.

>>> import simulator
>>> sorted(name for name in simulator.__all__ if name[0].islower())
['diff', 'load']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.api import Network, Reached, diff, load
    from simulator.evaluate.answer import Allowed, Answer, Blocker, Case, Gap
    from simulator.evaluate.result import Disposition, Hop, RoundTrip, Step, Trace, Verdict
    from simulator.problems import InputError, Problem, VpcsimError

# Resolved when first used (PEP 562): a question on a small network should not pay for what it does not use.
_HOMES = {
    "Allowed": "evaluate.answer",
    "Answer": "evaluate.answer",
    "Blocker": "evaluate.answer",
    "Case": "evaluate.answer",
    "Disposition": "evaluate.result",
    "Gap": "evaluate.answer",
    "Hop": "evaluate.result",
    "InputError": "problems",
    "Network": "api",
    "Problem": "problems",
    "Reached": "api",
    "RoundTrip": "evaluate.result",
    "Step": "evaluate.result",
    "Trace": "evaluate.result",
    "Verdict": "evaluate.result",
    "VpcsimError": "problems",
    "diff": "api",
    "load": "api",
}

__all__ = [
    "Allowed",
    "Answer",
    "Blocker",
    "Case",
    "Disposition",
    "Gap",
    "Hop",
    "InputError",
    "Network",
    "Problem",
    "Reached",
    "RoundTrip",
    "Step",
    "Trace",
    "Verdict",
    "VpcsimError",
    "diff",
    "load",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    value = getattr(import_module(f"simulator.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
