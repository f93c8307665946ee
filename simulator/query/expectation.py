"""The expectations of scenarios, as the reader leaves them: questions with the answers they must have.

One name for those above `query`, who compare answers with them.
"""

from simulator.read.scenario import ExpectationText as Expectation

__all__ = ["Expectation"]
