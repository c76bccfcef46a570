"""The pattern language as a tree. The node classes below *are* the meaning of the language.

Every node keeps the `Spot` it was written at, so that errors and explanations can point at it. `patternreader` makes
the tree from text, `show` writes it as text again. Nodes are never changed; they are not frozen, because frozen ones
are read from the cache three times as slowly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extractor.diagnostics import Diagnostic, Place
from extractor.source import SourceFile, Text

MAX_GAP = 60
MAX_REPEAT = 1000


@dataclass(slots=True, unsafe_hash=True)
class Spot:
    """Where a node was written: a stretch of one scalar of a rule file."""

    text: Text
    start: int
    end: int

    def place(self) -> Place:
        return self.text.place(self.start, max(1, self.end - self.start))

    def __str__(self) -> str:
        return self.text.value[self.start : self.end]


def inline(value: str, name: str = "<pattern>") -> Text:
    """A scalar for pattern text that stands in no file (API, tests, arguments)."""
    return Text(value, SourceFile(name, value), 0, 0)


# --- Tests on one token or mention -----------------------------------------------------------------------------------


@dataclass(slots=True, unsafe_hash=True)
class Comparison:
    """`field op value`; op is one of = != < <= > >= in has; a regular expression is `pattern`."""

    field: str
    op: str
    values: tuple[str, ...]
    regex: bool = False
    exact: bool = False
    spot: Spot | None = None


@dataclass(slots=True, unsafe_hash=True)
class Not:
    item: Test


@dataclass(slots=True, unsafe_hash=True)
class All:
    items: tuple[Test, ...]


@dataclass(slots=True, unsafe_hash=True)
class Either:
    items: tuple[Test, ...]


Test = Comparison | Not | All | Either


# --- Nodes -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Word:
    """A word, compared on its folded form; exact when written in double quotes."""

    word: str
    exact: bool
    spot: Spot


@dataclass(slots=True)
class Regex:
    """A regular expression that must match the whole token."""

    source: str
    spot: Spot


@dataclass(slots=True)
class Lemma:
    """All inflected forms of a lemma, or those with every tag: `~tuer`, `~tuer:pp.f`."""

    lemma: str
    tags: tuple[str, ...]
    spot: Spot


@dataclass(slots=True)
class Named:
    """`$name`: a word list, or a macro; `tags` and `test` narrow the entries of a list."""

    name: str
    tags: tuple[str, ...]
    test: Test | None
    spot: Spot


@dataclass(slots=True)
class Call:
    """`$name(a; b)`: a macro with arguments."""

    name: str
    arguments: tuple[Node, ...]
    spot: Spot


@dataclass(slots=True)
class MentionRef:
    """`@Type[test]`: a mention that starts here."""

    type: str
    test: Test | None
    spot: Spot


@dataclass(slots=True)
class TokenTest:
    """`[test]`, or `[]` for any token."""

    test: Test | None
    spot: Spot


@dataclass(slots=True)
class Seq:
    items: tuple[Node, ...]
    spot: Spot


@dataclass(slots=True)
class Alt:
    """Leftmost first."""

    items: tuple[Node, ...]
    spot: Spot


@dataclass(slots=True)
class Repeat:
    """`item{least,most}`; most is None for no upper bound."""

    item: Node
    least: int
    most: int | None
    lazy: bool
    spot: Spot


@dataclass(slots=True)
class Gap:
    """`..n`: at most n tokens are skipped, as few as possible; insertions named in `over` count as one token."""

    most: int
    over: tuple[str, ...]
    stop: str
    spot: Spot


@dataclass(slots=True)
class Capture:
    name: str
    item: Node
    spot: Spot


@dataclass(slots=True)
class Reference:
    """`<name>` without colon: what the rule captured under that name stands here (in vetoes)."""

    name: str
    spot: Spot


@dataclass(slots=True)
class Look:
    item: Node
    ahead: bool
    negative: bool
    spot: Spot


@dataclass(slots=True)
class Anchor:
    """`^` and `$`, of the sentence or of the scope named after a colon."""

    end: bool
    scope: str
    spot: Spot


Node = (
    Word | Regex | Lemma | Named | Call | MentionRef | TokenTest | Seq | Alt | Repeat | Gap | Capture | Reference | Look
    | Anchor
)

ANCHOR_SCOPES = ("sentence", "paragraph", "headline", "quotation", "clause")
GAP_OPTIONS = {"over": ("insertion",), "stop": ("clause", "sentence")}


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Seq(items=items) | Alt(items=items):
            return items
        case Call(arguments=arguments):
            return arguments
        case Repeat(item=item) | Capture(item=item) | Look(item=item):
            return (item,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order they are written."""
    yield node
    for child in children(node):
        yield from walk(child)


def rebuild(node: Node, items: tuple[Node, ...]) -> Node:
    """The node with other children."""
    match node:
        case Seq() | Alt():
            return replace(node, items=items)
        case Call():
            return replace(node, arguments=items)
        case Repeat() | Capture() | Look():
            return replace(node, item=items[0])
    return node


def captures(node: Node) -> set[str]:
    return {n.name for n in walk(node) if isinstance(n, Capture)}


def width(node: Node) -> tuple[int, int | None]:
    """The least and most tokens a node takes; None when there is no bound. Lists and mentions take 1 to many."""
    match node:
        case Word() | Regex() | Lemma() | TokenTest():
            return 1, 1
        case Named() | MentionRef() | Reference() | Call():
            return 1, None
        case Gap(most=most, over=over):
            # An insertion counts as one token, however many it has.
            return 0, None if over else most
        case Seq(items=items):
            bounds = [width(i) for i in items]
            return sum(b[0] for b in bounds), _total([b[1] for b in bounds])
        case Alt(items=items):
            bounds = [width(i) for i in items]
            return min(b[0] for b in bounds), _highest([b[1] for b in bounds])
        case Repeat(item=item, least=least, most=most):
            low, high = width(item)
            return low * least, None if most is None or high is None else high * most
        case Capture(item=item):
            return width(item)
    return 0, 0


def _total(bounds: list[int | None]) -> int | None:
    known = [b for b in bounds if b is not None]
    return sum(known) if len(known) == len(bounds) else None


def _highest(bounds: list[int | None]) -> int | None:
    known = [b for b in bounds if b is not None]
    return max(known) if len(known) == len(bounds) else None


# --- Printing --------------------------------------------------------------------------------------------------------


def show(node: Node) -> str:
    """Pattern text that parses to the same tree."""
    match node:
        case Alt(items=items):
            return " | ".join(show(i) for i in items)
        case Seq(items=items):
            return " ".join(_tight(i, Alt) for i in items)
        case Repeat(item=item):
            return _tight(item, (Alt, Seq, Repeat)) + show_quantifier(node)
        case Capture(name=name, item=item):
            return f"<{name}:{show(item)}>"
        case Reference(name=name):
            return f"<{name}>"
        case Look(item=item, ahead=ahead, negative=negative):
            return f"(?{'' if ahead else '<'}{'!' if negative else '='}{show(item)})"
        case Call(name=name, arguments=arguments):
            return f"${name}({'; '.join(show(a) for a in arguments)})"
    return show_leaf(node)


def show_leaf(node: Node) -> str:
    match node:
        case Word(word=word, exact=exact):
            return _quote(word) if exact else word
        case Regex(source=source):
            return f"/{source}/"
        case Lemma(lemma=lemma, tags=tags):
            return f"~{lemma}" + (":" + ".".join(tags) if tags else "")
        case Named(name=name, tags=tags, test=test):
            return f"${name}" + (":" + ".".join(tags) if tags else "") + (f"[{show_test(test)}]" if test else "")
        case MentionRef(type=type_, test=test):
            return f"@{type_}" + (f"[{show_test(test)}]" if test else "")
        case TokenTest(test=test):
            return f"[{show_test(test)}]" if test else "[]"
        case Gap(most=most, over=over, stop=stop):
            options = ([f"over={','.join(over)}"] if over else []) + ([f"stop={stop}"] if stop != "clause" else [])
            return f"..{most}" + (f"[{', '.join(options)}]" if options else "")
        case Anchor(end=end, scope=scope):
            return ("$" if end else "^") + (f":{scope}" if scope != "sentence" else "")
    return ""


def _tight(node: Node, loose: type | tuple[type, ...]) -> str:
    return f"({show(node)})" if isinstance(node, loose) else show(node)


def show_quantifier(node: Repeat) -> str:
    known = {(0, 1): "?", (0, None): "*", (1, None): "+"}
    mark = known.get((node.least, node.most))
    if mark is None:
        most = "" if node.most is None else node.most
        mark = f"{{{node.least}}}" if node.least == node.most else f"{{{node.least},{most}}}"
    return mark + ("?" if node.lazy else "")


def show_test(test: Test) -> str:
    match test:
        case Not(item=item):
            return "!" + (f"({show_test(item)})" if isinstance(item, All | Either) else show_test(item))
        case All(items=items):
            return " & ".join(f"({show_test(i)})" if isinstance(i, Either) else show_test(i) for i in items)
        case Either(items=items):
            return " | ".join(show_test(i) for i in items)
        case Comparison(field=field, op=op, values=values, regex=regex, exact=exact):
            if op == "has":
                return field
            if op == "in":
                return f"{field} in ({' '.join(values)})"
            value = f"/{values[0]}/" if regex else _quote(values[0]) if exact else values[0]
            return f"{field}{op}{value}"
    return ""


def _quote(word: str) -> str:
    return '"' + re.sub(r'(["\\\\])', r"\\\1", word) + '"'


# --- Mistakes ---------------------------------------------------------------------------------------------------------


class PatternError(Exception):
    """A pattern that cannot be read; carries the diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def error_at(spot: Spot, code: str, message: str, help_text: str = "", label: str = "") -> Diagnostic:
    """A diagnostic at the place of a node."""
    return Diagnostic(code, message, spot.place(), label, help_text)
