"""Values: the little expressions that give a mention its fields, and the constraints of `where:`.

In: an expression (`grammar/value.lark`) and the captures of a match. Out: a value (text, number, None, a mention, or a
tuple of those), or for a constraint whether it holds.

    value: <count.value> * <scale.size>     qualifier: at_least     min: <n.min> | <n.value>
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from extractor import numerals


@dataclass(slots=True, unsafe_hash=True)
class Constant:
    value: str | float | int | None


@dataclass(slots=True, unsafe_hash=True)
class FieldOf:
    """`<name.field>`; with `all` (`<name.field*>`) every iteration, as a tuple."""

    name: str
    path: tuple[str, ...]
    all: bool


@dataclass(slots=True, unsafe_hash=True)
class Computed:
    function: str
    arguments: tuple[Expression, ...]


@dataclass(slots=True, unsafe_hash=True)
class FirstOf:
    items: tuple[Expression, ...]


Expression = Constant | FieldOf | Computed | FirstOf


def names_in(expression: Expression) -> set[str]:
    """The captures that an expression speaks of."""
    match expression:
        case FieldOf(name=name):
            return {name}
        case Computed(arguments=items) | FirstOf(items=items):
            return set().union(*(names_in(i) for i in items))
    return set()


# --- Evaluation ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Captured:
    """One iteration of a capture, as values see it: its words (folded), its span and the fields it brings."""

    start: int
    end: int
    text: str
    words: tuple[str, ...]
    fields: Mapping[str, Any]
    mention: Any = None
    features: tuple[frozenset[str], ...] = ()


Bindings = Mapping[str, tuple[Captured, ...]]


def evaluate(expression: Expression, bindings: Bindings) -> Any:
    """The value of an expression; None when a capture or field it needs is not there."""
    match expression:
        case Constant(value=value):
            return value
        case FieldOf(name=name, path=path, all=every):
            found = bindings.get(name, ())
            if every:
                return tuple(_field(c, path) for c in found)
            return _field(found[0], path) if found else None
        case FirstOf(items=items):
            return next((v for i in items if (v := evaluate(i, bindings)) is not None), None)
        case Computed(function=function, arguments=arguments):
            return FUNCTIONS[function](*(_argument(a, bindings) for a in arguments))


def _argument(expression: Expression, bindings: Bindings) -> Any:
    if isinstance(expression, FieldOf) and not expression.path and not expression.all:
        found = bindings.get(expression.name, ())
        return found[0] if found else None
    return evaluate(expression, bindings)


def _field(captured: Captured, path: tuple[str, ...]) -> Any:
    if not path:
        return captured.mention if captured.mention is not None else captured.text
    if path[0] == "text":
        return captured.text
    value: Any = captured.fields.get(path[0])
    for key in path[1:]:
        fields = getattr(value, "values", value)
        value = fields.get(key) if isinstance(fields, Mapping) else None
    return value


def _arithmetic(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compute(left: Any, right: Any) -> Any:
        left, right = _plain(left), _plain(right)
        if isinstance(left, int | float) and isinstance(right, int | float):
            result = operation(left, right)
            return int(result) if isinstance(result, float) and result.is_integer() else result
        return None
    return compute


def _comparison(operation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compute(left: Any, right: Any) -> bool:
        left, right = _plain(left), _plain(right)
        if left is None or right is None:
            return False
        if isinstance(left, str) != isinstance(right, str):
            left, right = str(left), str(right)
        return operation(left, right)
    return compute


def _plain(value: Any) -> Any:
    if isinstance(value, Captured):
        return value.fields.get("value", value.text)
    if isinstance(value, str) and is_number(value):
        return to_number(value)
    return value


def to_number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def is_number(text: str) -> bool:
    """Whether text is a number in our own notation: a leading zero (a code, a date) is text."""
    return (text.isdigit() and (text == "0" or text[0] != "0")) or (
        text.count(".") == 1 and all(part.isdigit() for part in text.split(".")))


def read_number(value: Any) -> int | float | None:
    """The number that words or digits say: `deux cent mille`, `330.000`, `1,5 million`."""
    words = value.words if isinstance(value, Captured) else tuple(str(value).split()) if value is not None else ()
    if len(words) == 1 and (found := numerals.read_digits(words[0])) is not None:
        return found
    return numerals.read_number_words(words)


def read_figure(value: Any, position: Any = 1) -> int | None:
    """The n-th run of figures in the words: of `27/02/2020`, 27, 2 and 2020; of `14h30`, 14 and 30."""
    figures = re.findall(r"\d+", value.text if isinstance(value, Captured) else str(value or ""))
    return int(figures[position - 1]) if 0 < position <= len(figures) else None


def _distance(left: Any, right: Any) -> int | None:
    if isinstance(left, Captured) and isinstance(right, Captured):
        return max(0, right.start - left.end, left.start - right.end)
    return None


def _agree(left: Any, right: Any) -> bool:
    """Soft agreement: false only when both sides are known words and no reading of both shares gender and number."""
    if not (isinstance(left, Captured) and isinstance(right, Captured)):
        return True
    pairs = [(a, b) for a in left.features for b in right.features]
    return not pairs or any(_compatible(a, b) for a, b in pairs)


def _compatible(left: frozenset[str], right: frozenset[str]) -> bool:
    kinds = (frozenset("mf"), frozenset("sp"))
    return all(not (left & kind) or not (right & kind) or bool(left & right & kind) for kind in kinds)


def _bound(index: int) -> Callable[[Any], int | None]:
    def compute(size: Any) -> int | None:
        size = _plain(size)
        return numerals.magnitude_bounds(int(size))[index] if isinstance(size, int | float) else None
    return compute


#: What expressions may call. All take values or captures and give None when an argument is missing.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "=": _comparison(lambda a, b: bool(a == b)),
    "!=": _comparison(lambda a, b: bool(a != b)),
    "<": _comparison(lambda a, b: bool(a < b)),
    "<=": _comparison(lambda a, b: bool(a <= b)),
    ">": _comparison(lambda a, b: bool(a > b)),
    ">=": _comparison(lambda a, b: bool(a >= b)),
    "number": read_number,
    "figure": read_figure,
    "least_of_many": _bound(0),
    "most_of_many": _bound(1),
    "distance": _distance,
    "agree": _agree,
}
