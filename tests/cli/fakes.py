"""A network that gives prepared answers, in place of one that is read from files."""

from dataclasses import dataclass, field
from typing import Any

from simulator.evaluate.answer import Answer
from simulator.evaluate.result import Verdict
from simulator.problems import Problem
from simulator.query.inventory import Inventory, VpcRow
from simulator.report.as_json import answer_document
from simulator.report.text import answer_text


@dataclass
class FakeAnswer:
    answer: Answer

    @property
    def verdict(self) -> Verdict:
        return self.answer.verdict

    def to_dict(self) -> dict[str, Any]:
        return answer_document(self.answer)

    def text(self, *, verbose: bool = False, colour: bool = False) -> str:
        return answer_text(self.answer, verbose=verbose, colour=colour)


@dataclass
class FakeNetwork:
    answer: Answer
    problems: tuple[Problem, ...] = ()
    error: BaseException | None = None
    asked: list[Any] = field(default_factory=list)

    def can(self, *words: Any, **options: Any) -> FakeAnswer:
        self.asked.append((words, options))
        if self.error is not None:
            raise self.error
        return FakeAnswer(self.answer)

    def inventory(self) -> Inventory:
        return Inventory("net.yaml", (VpcRow("vpc-1", ("10.0.0.0/16",), ()),))
