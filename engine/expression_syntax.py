"""The language of parameter expressions: Python's arithmetic, parsed by `ast` and checked against a whitelist.

Nothing is ever executed: engine.expressions walks the checked tree. Job files come from strangers, so length, depth and
powers are limited here.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.errors import ExpressionError
from engine.expression_functions import FUNCTIONS, Function
from engine.expression_names import bind, constant, signature, suggest

MAX_LENGTH = 1000
MAX_DEPTH = 40
MAX_POWER = 64

_OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow, ast.UAdd, ast.USub),
    *(ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.And, ast.Or, ast.Not),
)
_HINTS: Mapping[type[ast.AST], tuple[str, str]] = {
    ast.Attribute: ("attribute access (a dot after a name) is not part of the language", "use a feature by its name"),
    ast.Subscript: ("brackets are not part of the language", "a band of the spectrum is band(3)"),
    ast.BitXor: ("`^` is not part of the language", "a power is written `**`"),
    ast.FloorDiv: ("`//` is not part of the language", "write floor(a / b)"),
    ast.Lambda: ("lambda is not part of the language", ""),
    ast.NamedExpr: ("`:=` is not part of the language", ""),
    ast.JoinedStr: ("text is not part of the language", "a parameter is a number"),
}


@dataclass(frozen=True)
class Expression:
    """A checked expression; `names` are the features and parameters it reads, without functions."""

    source: str
    names: frozenset[str]
    tree: ast.expr = field(repr=False, compare=False)
    columns: Mapping[str, int] = field(repr=False, compare=False, default_factory=dict)


def parse(source: str | float, known: Collection[str] | None = None) -> Expression:
    """Parse and check. With `known`, a name outside it is an error; without, `evaluate` or `check_names` finds it.

    Raises ExpressionError, with the column (from 1) of what is wrong.
    """
    text = source if isinstance(source, str) else repr(float(source))
    if not isinstance(source, str) and not math.isfinite(source):
        raise ExpressionError(f"{text} is not a finite number", "give a number such as 0.5")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text)} characters; {MAX_LENGTH} are allowed", "split it over parameters"
        )
    if not text.strip():
        raise ExpressionError("the expression is empty", "give a number such as 0.5")
    checker = _Checker(text)
    tree = checker.parse()
    expression = Expression(text, frozenset(checker.names), tree, checker.names)
    if known is not None:
        check_names(expression, known)
    return expression


def check_names(expression: Expression, known: Collection[str]) -> None:
    """Raise ExpressionError for the first name that is not in `known`."""
    for name, column in expression.columns.items():
        if name not in known:
            raise ExpressionError(f"unknown name `{name}`", suggest(name, known), column)


def column_of(text: str, node: ast.expr) -> int:
    """Where a node starts, in characters from 1; ast counts the bytes of UTF-8 after the leading blanks."""
    lead = len(text) - len(text.lstrip())
    return lead + len(text[lead:].encode()[: node.col_offset].decode(errors="replace")) + 1


class _Checker:
    """Walks one tree; collects names with the column of their first use."""

    def __init__(self, text: str) -> None:
        # A folded YAML scalar may span lines; the language has none. Same length, so columns stand.
        self.text = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
        self.names: dict[str, int] = {}

    def parse(self) -> ast.expr:
        if "#" in self.text:
            raise ExpressionError("`#` is not part of the language", "", self.text.index("#") + 1)
        lead = len(self.text) - len(self.text.lstrip())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python's advice on "0or 1" is not ours to print
                tree = ast.parse(self.text.lstrip(), mode="eval").body
        except SyntaxError as error:
            column = min(lead + error.offset if error.offset else len(self.text), len(self.text))
            hint = "write `and`, `or`, `not`" if any(s in self.text for s in ("&&", "||", "!")) else ""
            raise ExpressionError(
                f"cannot be parsed: {error.msg}", hint or "for example 0.3 + 0.2*bass", column
            ) from None
        except (RecursionError, MemoryError):
            raise self._too_deep() from None
        except ValueError as error:
            raise ExpressionError(f"cannot be parsed: {error}", "for example 0.3 + 0.2*bass") from None
        self.check(tree, 1)
        return tree

    def check(self, node: ast.expr, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._too_deep()
        if isinstance(node, ast.Call):
            self.call(node, depth)
            return
        if isinstance(node, ast.Constant):
            self.number(node)
        elif isinstance(node, ast.Name):
            self.name(node)
        elif not isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.BoolOp | ast.IfExp):
            raise self.refuse(node, node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.check(child, depth + 1)
            elif not isinstance(child, (*_OPERATORS, ast.expr_context)):
                raise self.refuse(node, child)
        if isinstance(node, ast.BinOp):
            self.power(node)

    def number(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            kind = "text" if isinstance(node.value, str | bytes) else repr(node.value)
            raise self.error(f"{kind} is not part of the language", "use numbers; 1 is true, 0 is false", node)
        try:
            finite = math.isfinite(float(node.value))
        except OverflowError:
            finite = False
        if not finite:
            raise self.error("this number is too large", "numbers go up to 1e308", node)

    def name(self, node: ast.Name) -> None:
        if node.id in FUNCTIONS:
            raise self.error(f"`{node.id}` is a function", f"call it: {signature(node.id)}", node)
        self.names.setdefault(node.id, column_of(self.text, node))

    def power(self, node: ast.BinOp) -> None:
        exponent = constant(node.right)
        if isinstance(node.op, ast.Pow) and exponent is not None and abs(exponent) > MAX_POWER:
            raise self.error(
                f"the power {exponent:g} is too large", f"powers go from -{MAX_POWER} to {MAX_POWER}", node.right
            )

    def call(self, node: ast.Call, depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node.func, node.func)
        name = node.func.id
        if name not in FUNCTIONS:
            raise self.error(f"unknown function `{name}`", suggest(name, FUNCTIONS), node)
        for parameter, value in self.bind(node, name, FUNCTIONS[name]).items():
            if parameter in FUNCTIONS[name].constants:
                self.constant(name, parameter, value)
            else:
                self.check(value, depth + 1)

    def bind(self, node: ast.Call, name: str, function: Function) -> dict[str, ast.expr]:
        """Arguments by parameter's name; raises for one too many, missing, repeated, unknown or starred."""
        for one in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg is None)):
            if isinstance(one, ast.Starred) or one not in node.args:
                raise self.error("starred arguments are not part of the language", signature(name), node)
        bound = bind(node, function)
        needed = [one for one, default in function.parameters.items() if default is None and one not in bound]
        keywords = [str(one.arg) for one in node.keywords]
        given = len(node.args) + len(keywords)
        wrong_count = given < 2 if function.variadic else len(bound) != given or bool(needed)
        unknown = [one for one in keywords if one not in function.parameters]
        if wrong_count or unknown:
            what = f"has no argument `{unknown[0]}`" if unknown else f"got {given} argument{'s' * (given != 1)}"
            raise self.error(f"`{name}` {what}", f"use it as {signature(name)}", node)
        return bound

    def constant(self, name: str, parameter: str, node: ast.expr) -> None:
        low, high = FUNCTIONS[name].constants[parameter]
        value = constant(node)
        kind = "a whole number" if FUNCTIONS[name].whole else "a number"
        if value is None or not low <= value <= high or (FUNCTIONS[name].whole and value != math.floor(value)):
            raise self.error(
                f"`{parameter}` of `{name}` must be {kind} in {low:g}..{high:g}", f"use it as {signature(name)}", node
            )

    def refuse(self, node: ast.expr, what: ast.AST) -> ExpressionError:
        message, hint = _HINTS.get(type(what), (f"{type(what).__name__} is not part of the language", ""))
        return self.error(
            message, hint or "use numbers, names, + - * / % **, comparisons, and/or/not, if/else and functions", node
        )

    def error(self, message: str, hint: str, node: ast.expr) -> ExpressionError:
        return ExpressionError(message, hint, column_of(self.text, node))

    def _too_deep(self) -> ExpressionError:
        return ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep", "split it over parameters")
