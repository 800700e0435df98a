"""Parameter expressions over the music's features, evaluated for a whole track at once.

`parse` checks the text (engine.expression_syntax); `evaluate` walks the tree with float64 arrays [frames]. Every
operation is one that IEEE 754 defines exactly (see engine.portable), so the values are the same on every CPU; the
caller rounds what reaches a kernel with engine.timeline.to_grid.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.errors import ExpressionError
from engine.expression_functions import FUNCTIONS
from engine.expression_memory import Array, Signals, hash_unit
from engine.expression_names import FEATURES, bind, constant, signature
from engine.expression_syntax import Expression, check_names, column_of, parse
from engine.timeline import Timeline

__all__ = ["FEATURES", "FUNCTIONS", "Environment", "Expression", "check_names", "evaluate", "parse", "signature"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Environment:
    """What an expression may read: the timeline's features, the job's seed, and the preset's own parameters.

    locals: name -> float64 or float32 [frames]; they go before a feature of the same name.
    """

    timeline: Timeline
    seed: int = 0
    locals: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @cached_property
    def signals(self) -> Signals:
        """The track as functions see it."""
        fps = self.timeline.fps
        seconds = np.arange(self.timeline.frames, dtype=np.float64) * fps.denominator / fps.numerator
        return Signals(self.timeline, seconds, self.seed)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that is defined here."""
        return (*FEATURES, *self.locals)

    def lookup(self, name: str) -> Array:
        """The values of a name of `names`: float64 [frames]."""
        if name in self.locals:
            return np.asarray(self.locals[name], dtype=np.float64)
        seconds = self.signals.seconds
        if name == "t":
            return seconds
        if name == "progress":
            return np.minimum(seconds * self.timeline.sample_rate / max(self.timeline.samples, 1), 1.0)
        if name == "seed":
            return np.full(len(seconds), hash_unit(self.seed, 0, np.zeros(1, dtype=np.int64))[0])
        return self.timeline.features[name].astype(np.float64)


def evaluate(expression: Expression, environment: Environment) -> NDArray[np.float64]:
    """The expression's value at every frame of the track: float64 [frames], all finite.

    A comparison, `and`, `or` and `not` give 1 or 0; what is not 0 is true. The branch that `if`, `and` or `or` does not
    take is not computed at that frame, so `bass / rms if rms > 0 else 0` is safe.
    Raises ExpressionError for an unknown name, a division by zero, an overflow or no value, with the first time of it.
    """
    check_names(expression, environment.names)
    with np.errstate(all="ignore"):
        active = np.ones(environment.timeline.frames, dtype=np.bool_)
        return _Walk(expression, environment).value(expression.tree, active)


class _Walk:
    """One evaluation. `active` marks the frames whose value somebody will use; errors elsewhere do not count."""

    def __init__(self, expression: Expression, environment: Environment) -> None:
        self.expression = expression
        self.environment = environment

    def value(self, node: ast.expr, active: Mask) -> Array:
        match node:
            case ast.Constant():
                return np.full(len(active), float(node.value))  # type: ignore[arg-type]  # the checker saw a number
            case ast.Name():
                result = self.environment.lookup(node.id)
            case ast.BinOp():
                result = self.binary(node, active)
            case ast.UnaryOp():
                operand = self.value(node.operand, active)
                result = _UNARY[type(node.op)](operand)
            case ast.Compare():
                result = self.compare(node, active)
            case ast.BoolOp():
                result = self.logic(node, active)
            case ast.IfExp():
                chosen = self.value(node.test, active) != 0.0
                result = np.where(
                    chosen, self.value(node.body, active & chosen), self.value(node.orelse, active & ~chosen)
                )
            case ast.Call():
                result = self.call(node, active)
            case _:  # the checker lets nothing else through
                raise AssertionError(ast.dump(node))
        return self.checked(result, node, active)

    def binary(self, node: ast.BinOp, active: Mask) -> Array:
        left, right = self.value(node.left, active), self.value(node.right, active)
        if isinstance(node.op, ast.Div | ast.Mod):
            self.fail_where(active & (right == 0.0), "divides by zero", "guard it: a / max(b, 0.001)", node)
        if isinstance(node.op, ast.Pow):
            return self.power(left, right, node)
        return _BINARY[type(node.op)](left, right)

    def power(self, left: Array, right: Array, node: ast.BinOp) -> Array:
        exponent = constant(node.right)
        if exponent == 0.5:
            root: Array = np.sqrt(left)
            return root
        if exponent is not None and exponent == np.floor(exponent):
            whole = portable.integer_power(left, int(abs(exponent)))
            return whole if exponent >= 0.0 else 1.0 / whole
        return portable.power(left, right)

    def compare(self, node: ast.Compare, active: Mask) -> Array:
        values = [self.value(one, active) for one in (node.left, *node.comparators)]
        result = np.ones(len(active), dtype=np.bool_)
        for operator, left, right in zip(node.ops, values, values[1:], strict=False):
            result &= _COMPARE[type(operator)](left, right)
        return result.astype(np.float64)

    def logic(self, node: ast.BoolOp, active: Mask) -> Array:
        ends_at = isinstance(node.op, ast.Or)  # `or` is settled by a true value, `and` by a false one
        settled = np.zeros(len(active), dtype=np.bool_)
        for one in node.values:
            settled |= (self.value(one, active & ~settled) != 0.0) == ends_at
        return (settled if ends_at else ~settled).astype(np.float64)

    def call(self, node: ast.Call, active: Mask) -> Array:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = FUNCTIONS[name]
        if function.history:
            active = np.ones_like(active)
        bound = bind(node, function)
        if function.variadic:
            return function.call(self.environment.signals, *(self.value(one, active) for one in bound.values()))
        arguments: list[Array | float] = []
        for parameter, default in function.parameters.items():
            given = bound.get(parameter)
            if parameter in function.constants:
                arguments.append((constant(given) if given is not None else default) or 0.0)
            else:
                filled = np.full(len(active), default) if given is None else self.value(given, active)
                arguments.append(filled)
        return function.call(self.environment.signals, *arguments)

    def checked(self, values: Array, node: ast.expr, active: Mask) -> Array:
        finite = np.isfinite(values)
        if finite.all():
            return values
        undefined = np.isnan(values)
        self.fail_where(
            active & undefined,
            "has no value (NaN)",
            "keep what goes in within its range, for example sqrt(max(x, 0))",
            node,
        )
        self.fail_where(active & ~finite, "overflows", "limit it with clamp(x, low, high)", node)
        return np.where(finite, values, 0.0)

    def fail_where(self, wrong: Mask, what: str, hint: str, node: ast.expr) -> None:
        if not wrong.any():
            return
        seconds = float(self.environment.signals.seconds[int(np.argmax(wrong))])
        part = ast.unparse(node)
        within = "" if part == ast.unparse(self.expression.tree) else f" in `{self.expression.source}`"
        raise ExpressionError(
            f"`{part}`{within} {what} at {seconds:.2f} s", hint, column_of(self.expression.source, node)
        )


_BINARY: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Mod: np.mod,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Array], Array]] = {
    ast.UAdd: np.positive,
    ast.USub: np.negative,
    ast.Not: lambda x: (x == 0.0).astype(np.float64),
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Array, Array], Mask]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
