"""Small wrong changes of a syntax tree, one at a time.

Not changed, for no answer depends on it: docstrings, annotations, imports, decorators, `__slots__`, assertions, words for people (texts
with a space in them, what is said to `problems`, the keywords of `WORDING`, the names `Origin.of` gives to parts) and citations of rules.
Whether a problem is reported is changed: the statement that reports it is removed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from simulator.graph.codes import CODES

CITATION = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+")
WORDING = {"what", "about", "cites", "plumbing", "detail", "advice", "strict"}
REPORTS = {"error", "warn", "not_modelled", "assume", "of", "note", "ignored"}  # methods whose texts are words for people
ORDERINGS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
NEGATIONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}
PAIRS = (
    *(("source", "destination"), ("source_port", "destination_port"), ("inbound", "outbound"), ("INBOUND", "OUTBOUND")),
    *(("TCP", "UDP"), ("min", "max"), ("any", "all"), ("first", "last"), ("then", "miss"), ("private", "public")),
    *(("IpPermissions", "IpPermissionsEgress"), ("ingress", "egress")),
)
UNWRAPPED = {"forgotten", "reversed"}  # methods that return another value of the receiver's type
FUNCTIONS = {"min", "max", "any", "all"}
# Keywords whose absence is a TypeError: no test is needed to notice that.
DEMANDED = {"name", "noun", "place", "table", "targets", "then", "rules", "code", "how", "options", "endpoint", "operator"}
OPPOSITE = {**dict(PAIRS), **{second: first for first, second in PAIRS}}


class Edit(NamedTuple):
    """A value for a field of a node of the tree."""

    parent: Any
    field: str
    value: Any
    node: Any
    before: str
    after: str
    function: str
    first_line: int
    lines: tuple[int, int]


def _shown(node: Any, limit: int = 70) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= limit else f"{text[: limit - 20]}…{text[-19:]}"


class Finder:
    """Walks a module's tree and lists the edits."""

    def __init__(self) -> None:
        self.function, self.first_line = "", 0
        self.owner: list[str] = []
        self.lines = (0, 0)
        self.returns: ast.expr | None = None
        self.names: set[str] = set()
        self.bound: set[str] = set()  # names that have a value already in the function at hand

    def found(self, tree: ast.Module) -> Iterator[Edit]:
        self.names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | FUNCTIONS
        yield from self.block(tree, "body")

    # --- edits ---------------------------------------------------------------------------------------------------------------------

    def edit(self, parent: Any, field: str, value: Any, node: Any, before: str, after: str) -> Edit:
        return Edit(parent, field, value, node, before, after, self.function, self.first_line, self.lines)

    def put(self, parent: Any, field: str, at: int | None, new: Any, shown: str | None = None) -> Edit:
        """Another node in the place of one."""
        old = getattr(parent, field) if at is None else getattr(parent, field)[at]
        ast.copy_location(new, old)
        value = new if at is None else [*getattr(parent, field)[:at], new, *getattr(parent, field)[at + 1 :]]
        return self.edit(parent, field, value, old, _shown(old), shown or _shown(new))

    def without(self, parent: Any, field: str, at: int, before: str) -> Edit:
        """One element less."""
        elements = getattr(parent, field)
        return self.edit(parent, field, [*elements[:at], *elements[at + 1 :]], parent, before, "nothing")

    # --- statements ----------------------------------------------------------------------------------------------------------------

    def block(self, parent: Any, field: str) -> Iterator[Edit]:
        for at, statement in enumerate(getattr(parent, field)):
            yield from self.statement(parent, field, at, statement)

    def statement(self, parent: Any, field: str, at: int, node: Any) -> Iterator[Edit]:
        kept = self.lines
        bodies = [getattr(node, name) for name in ("body", "cases") if getattr(node, name, None)]
        start = bodies[0][0].pattern.lineno if bodies and isinstance(bodies[0][0], ast.match_case) else bodies and bodies[0][0].lineno
        self.lines = (node.lineno, max(node.lineno, start - 1) if bodies else node.end_lineno)
        yield from self.changed_statement(parent, field, at, node)
        self.lines = kept

    def changed_statement(self, parent: Any, field: str, at: int, node: Any) -> Iterator[Edit]:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.Pass() | ast.Global() | ast.Nonlocal():
                return
            case ast.Expr(value=ast.Constant()):
                return
            case ast.FunctionDef():
                yield from self.definition(node)
            case ast.ClassDef():
                self.owner.append(node.name)
                yield from self.block(node, "body")
                self.owner.pop()
            case ast.Expr():
                yield self.put(parent, field, at, ast.Pass())
                yield from self.expression(node, "value", None)
            case ast.AugAssign() | ast.Delete():
                yield self.put(parent, field, at, ast.Pass())
                if isinstance(node, ast.AugAssign):
                    yield from self.expression(node, "value", None)
            case ast.Assign() | ast.AnnAssign():
                yield from self.assignment(parent, field, at, node)
            case ast.Return():
                if node.value is not None:
                    yield from self.other_results(node)
                    yield from self.expression(node, "value", None, elements=False)
            case ast.Raise():
                yield self.put(parent, field, at, ast.Pass())
            case ast.Continue():
                yield self.put(parent, field, at, ast.Break())
            case ast.Break():
                yield self.put(parent, field, at, ast.Continue())
            case ast.If():
                if _shown(node.test) != "TYPE_CHECKING":
                    yield from self.condition(node, "test", None)
                    yield from self.block(node, "body")
                    yield from self.block(node, "orelse")
            case ast.While():
                yield self.put(node, "test", None, ast.Constant(False))
                yield from self.expression(node, "test", None, whole=True)
                yield from self.block(node, "body")
            case ast.For():
                yield self.put(node, "iter", None, ast.Tuple([], ast.Load()))
                yield from self.expression(node, "iter", None)
                yield from self.block(node, "body")
                yield from self.block(node, "orelse")
            case ast.Match():
                yield from self.expression(node, "subject", None)
                yield from self.cases(node)
            case ast.Try():
                for name in ("body", "orelse", "finalbody"):
                    yield from self.block(node, name)
                for handler in node.handlers:
                    yield from self.block(handler, "body")
            case ast.With():
                for one in node.items:
                    yield from self.expression(one, "context_expr", None)
                yield from self.block(node, "body")
            case _:
                raise NotImplementedError(ast.dump(node))

    def other_results(self, node: ast.Return) -> Iterator[Edit]:
        """The plainest other values of the type that is returned; a value of another type would be noticed without a test."""
        returns = ast.unparse(self.returns) if self.returns else ""
        plain = {
            "bool": ("True", "False"),
            "str": ("''",),
            "tuple": ("()",),
            "list": ("[]",),
            "dict": ("{}",),
            "frozenset": ("frozenset()",),
        }
        fixed = returns.startswith("tuple[") and not returns.endswith("...]")
        values = [*(() if fixed else plain.get(returns.split("[")[0], ())), *(("None",) if "| None" in returns else ())]
        for value in values:
            if value != ast.unparse(node.value):
                yield self.put(node, "value", None, ast.parse(value, mode="eval").body)

    def definition(self, node: ast.FunctionDef) -> Iterator[Edit]:
        """Defaults belong to the module: they are worked out at import."""
        for at in range(len(node.args.defaults)):
            yield from self.expression(node.args, "defaults", at)
        for at, default in enumerate(node.args.kw_defaults):
            if default is not None:
                yield from self.expression(node.args, "kw_defaults", at)
        kept = self.function, self.first_line, self.returns, self.bound
        self.returns = node.returns
        self.bound = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
        if not self.function:
            self.function = ".".join((*self.owner, node.name))
            self.first_line = min((one.lineno for one in node.decorator_list), default=node.lineno)
        yield from self.block(node, "body")
        self.function, self.first_line, self.returns, self.bound = kept

    def assignment(self, parent: Any, field: str, at: int, node: ast.Assign | ast.AnnAssign) -> Iterator[Edit]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is None or any(isinstance(target, ast.Name) and target.id.startswith("__") for target in targets):
            return
        if not self.function and isinstance(node.value, ast.BinOp | ast.Subscript) and _is_type(node.value):
            return
        again = {target.id for target in targets if isinstance(target, ast.Name)} & self.bound
        if again or all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets):
            yield self.put(parent, field, at, ast.Pass())
        self.bound |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        yield from self.expression(node, "value", None, elements=not isinstance(targets[0], ast.Tuple))

    def cases(self, node: ast.Match) -> Iterator[Edit]:
        for at, case in enumerate(node.cases):
            self.lines = (
                case.pattern.lineno,
                case.body[0].lineno - 1 if case.body[0].lineno > case.pattern.lineno else case.pattern.lineno,
            )
            if len(node.cases) > 1:
                yield self.edit(
                    node, "cases", [*node.cases[:at], *node.cases[at + 1 :]], case.pattern, f"case {_shown(case.pattern)}", "nothing"
                )
            if case.guard is not None:
                yield from self.condition(case, "guard", None)
            if isinstance(case.pattern, ast.MatchOr):
                for one in range(len(case.pattern.patterns)):
                    yield self.without(case.pattern, "patterns", one, f"case {_shown(case.pattern.patterns[one])}")
            yield from self.block(case, "body")

    # --- expressions ---------------------------------------------------------------------------------------------------------------

    def condition(self, parent: Any, field: str, at: int | None) -> Iterator[Edit]:
        for value in (True, False):
            yield self.put(parent, field, at, ast.Constant(value), f"{value} as condition")
        yield from self.expression(parent, field, at, whole=True)

    def expression(self, parent: Any, field: str, at: int | None, *, whole: bool = False, elements: bool = True) -> Iterator[Edit]:
        """The changes of an expression. `whole`: a condition, tried as true and as false already; `elements`: a tuple may lose some."""
        node = getattr(parent, field) if at is None else getattr(parent, field)[at]
        match node:
            case ast.Constant():
                yield from self.constant(parent, field, at, node)
            case ast.Name() | ast.Attribute():
                name = node.id if isinstance(node, ast.Name) else node.attr
                if name in OPPOSITE and (OPPOSITE[name] in self.names if isinstance(node, ast.Name) else name not in {*FUNCTIONS, "then"}):
                    other = {"id" if isinstance(node, ast.Name) else "attr": OPPOSITE[name]}
                    yield self.put(parent, field, at, type(node)(**{**dict(ast.iter_fields(node)), **other}))
                if isinstance(node, ast.Attribute):
                    yield from self.expression(node, "value", None)
            case ast.Compare():
                for number, operator in enumerate(node.ops):
                    kinds = [ORDERINGS.get(type(operator)), None if whole and len(node.ops) == 1 else NEGATIONS[type(operator)]]
                    for kind in filter(None, kinds):
                        ops = [*node.ops[:number], kind(), *node.ops[number + 1 :]]
                        yield self.put(parent, field, at, ast.Compare(node.left, ops, node.comparators))
                yield from self.expression(node, "left", None)
                for number in range(len(node.comparators)):
                    yield from self.expression(node, "comparators", number)
            case ast.BoolOp():
                for number in range(len(node.values)):
                    rest = [*node.values[:number], *node.values[number + 1 :]]
                    yield self.put(parent, field, at, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))
                    yield from self.expression(node, "values", number, whole=True)
            case ast.UnaryOp(op=ast.Not()):
                if not whole:
                    yield self.put(parent, field, at, node.operand)
                yield from self.expression(node, "operand", None, whole=whole)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                yield self.put(parent, field, at, ast.Constant(1 - node.operand.value))
            case ast.BinOp():
                yield self.put(parent, field, at, node.left)
                if isinstance(node.op, ast.Add | ast.BitOr | ast.BitAnd):
                    yield self.put(parent, field, at, node.right)
                elif isinstance(node.op, ast.Sub):
                    yield self.put(parent, field, at, ast.BinOp(node.left, ast.Add(), node.right))
                yield from self.expression(node, "left", None)
                yield from self.expression(node, "right", None)
            case ast.IfExp():
                yield from self.condition(node, "test", None)
                yield from self.expression(node, "body", None)
                yield from self.expression(node, "orelse", None)
            case ast.Call():
                yield from self.call(parent, field, at, node)
            case ast.Tuple() | ast.List() | ast.Set():
                rows = any(isinstance(one, ast.Tuple) for one in node.elts)
                for number in range(len(node.elts)):
                    if elements:
                        yield self.without(node, "elts", number, _shown(node.elts[number]))
                    yield from self.expression(node, "elts", number, elements=not rows)
            case ast.Dict():
                yield from self.entries(parent, field, at, node)
            case ast.JoinedStr():
                for number, part in enumerate(node.values):
                    if isinstance(part, ast.FormattedValue):
                        yield self.edit(
                            node,
                            "values",
                            [*node.values[:number], *node.values[number + 1 :]],
                            node,
                            _shown(node),
                            f"without {_shown(part.value)}",
                        )
            case ast.Lambda():
                yield from self.expression(node, "body", None, elements=False)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                yield from self.comprehension(node)
            case ast.Subscript():
                yield from self.expression(node, "value", None)
                yield from self.slice(node)
            case ast.Starred() | ast.Await() | ast.NamedExpr() | ast.Yield() | ast.YieldFrom() | ast.UnaryOp():
                name = "operand" if isinstance(node, ast.UnaryOp) else "value"
                if getattr(node, name) is not None:
                    yield from self.expression(node, name, None)
            case _:
                raise NotImplementedError(ast.dump(node))

    def constant(self, parent: Any, field: str, at: int | None, node: ast.Constant) -> Iterator[Edit]:
        match node.value:
            case bool():
                yield self.put(parent, field, at, ast.Constant(not node.value))
            case int():
                yield self.put(parent, field, at, ast.Constant(node.value + 1))
                yield self.put(
                    parent, field, at, ast.UnaryOp(ast.USub(), ast.Constant(1)) if node.value == 0 else ast.Constant(node.value - 1)
                )
            case str() if " " not in node.value and not CITATION.fullmatch(node.value):
                if node.value in CODES:
                    codes = sorted(CODES)
                    other = codes[(codes.index(node.value) + 1) % len(codes)]
                else:
                    other = OPPOSITE.get(node.value) or ("mutated" + node.value if node.value else "mutated")
                yield self.put(parent, field, at, ast.Constant(other))

    def call(self, parent: Any, field: str, at: int | None, node: ast.Call) -> Iterator[Edit]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        yield from self.expression(node, "func", None)
        if name in UNWRAPPED and isinstance(node.func, ast.Attribute):
            yield self.put(parent, field, at, node.func.value)
        if name == "sorted":
            yield self.put(parent, field, at, ast.Call(ast.Name("list", ast.Load()), node.args[:1], []))
        if name == "get" and len(node.args) == 2 and ast.unparse(node.func.value) not in {"snapshot", "draft"}:
            yield self.put(parent, field, at, ast.Call(node.func, node.args[:1], node.keywords))
        said = isinstance(node.func, ast.Attribute) and name in REPORTS
        for number in range(len(node.args)):
            if not said and not (name == "Field" and number == 2):
                yield from self.expression(node, "args", number)
        for number, keyword in enumerate(node.keywords):
            if keyword.arg is not None and keyword.arg not in WORDING and not said:
                flag = isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool)  # the other value is tried below
                if not flag and keyword.arg not in DEMANDED and not (keyword.arg == "miss" and name in {"Lookup", "SessionMatch"}):
                    yield self.without(node, "keywords", number, f"{keyword.arg}={_shown(keyword.value, 50)}")
                yield from self.expression(keyword, "value", None)
        yield from self.swapped(node)

    def swapped(self, node: ast.Call) -> Iterator[Edit]:
        """Two keywords that change places (`then` and `miss`)."""
        names = {keyword.arg: number for number, keyword in enumerate(node.keywords)}
        for first, second in PAIRS:
            if first in names and second in names:
                keywords = [
                    ast.copy_location(ast.keyword(OPPOSITE[one.arg] if one.arg in {first, second} else one.arg, one.value), one)
                    for one in node.keywords
                ]
                yield self.edit(node, "keywords", keywords, node, f"{first}=, {second}=", "swapped")

    def entries(self, parent: Any, field: str, at: int | None, node: ast.Dict) -> Iterator[Edit]:
        for number, key in enumerate(node.keys):
            rest = range(len(node.keys))
            other = ast.Dict([node.keys[one] for one in rest if one != number], [node.values[one] for one in rest if one != number])
            shown = f"**{_shown(node.values[number])}" if key is None else _shown(key)
            ast.copy_location(other, node)
            value = other if at is None else [*getattr(parent, field)[:at], other, *getattr(parent, field)[at + 1 :]]
            yield self.edit(parent, field, value, node, f"entry {shown}", "nothing")
            if key is not None:
                yield from self.expression(node, "keys", number)
            yield from self.expression(node, "values", number)

    def comprehension(self, node: Any) -> Iterator[Edit]:
        for generator in node.generators:
            yield from self.expression(generator, "iter", None)
            for number in range(len(generator.ifs)):
                yield self.put(generator, "ifs", number, ast.Constant(True), "True as condition")
                yield self.put(generator, "ifs", number, ast.Constant(False), "False as condition")
                yield from self.expression(generator, "ifs", number, whole=True)
        for name in ("key", "value") if isinstance(node, ast.DictComp) else ("elt",):
            yield from self.expression(node, name, None, elements=False)

    def slice(self, node: ast.Subscript) -> Iterator[Edit]:
        if not isinstance(node.slice, ast.Slice):
            yield from self.expression(node, "slice", None, elements=False)
            return
        for name in ("lower", "upper"):
            if getattr(node.slice, name) is not None:
                yield self.edit(node.slice, name, None, node, _shown(node), f"without its {name} end")
                yield from self.expression(node.slice, name, None)


def _is_type(node: ast.expr) -> bool:
    """Whether an expression at module level is a type: names, subscripts and `|` of them."""
    return all(
        isinstance(one, ast.Name | ast.Subscript | ast.BinOp | ast.BitOr | ast.Load | ast.Tuple | ast.Attribute) for one in ast.walk(node)
    )
