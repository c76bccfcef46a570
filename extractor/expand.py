"""Names in patterns: macros, frame parameters and word lists → patterns without names to look up.

In: a pattern tree and the `Scope` (own and imported names) of the file it stands in. Out: the same tree with macros and
parameters replaced by what they stand for (every node keeps the spot it came from) and lists by their full key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from extractor.diagnostics import Diagnostic, Place
from extractor.pattern import (
    Alt,
    Call,
    Lemma,
    Named,
    Node,
    Seq,
    Spot,
    Word,
    children,
    error_at,
    rebuild,
    walk,
)
from extractor.tokens import iter_token_spans
from extractor.wordlists import WordList, unknown_name


@dataclass(slots=True)
class Macro:
    """A named pattern; `node` is None when it cannot be read."""

    name: str
    module: str
    parameters: tuple[str, ...]
    node: Node | None
    place: Place
    used: bool = False


@dataclass(slots=True)
class Scope:
    """What `$name` can mean in one file; `incomplete` when a file it imports could not be read."""

    module: str
    lists: dict[str, WordList] = field(default_factory=dict)
    macros: dict[str, Macro] = field(default_factory=dict)
    used_lists: set[str] = field(default_factory=set)
    incomplete: bool = False

    def names(self) -> set[str]:
        return set(self.lists) | set(self.macros)


_HEAVIEST = 2_000


@dataclass(slots=True)
class Expander:
    """Replaces names; findings go to `found`, and the unknown name is left in place."""

    scopes: Mapping[str, Scope]
    found: list[Diagnostic]
    weights: dict[str, int] = field(default_factory=dict)
    unfolded: dict[int, Node] = field(default_factory=dict)

    def expand(self, node: Node, scope: Scope, bound: Mapping[str, Node] | None = None,
               path: tuple[Macro, ...] = ()) -> Node:
        bound = bound or {}
        match node:
            case Named():
                return self._expand_name(node, scope, bound, path)
            case Call():
                return self._expand_call(node, scope, bound, path)
            case Word(word=word, exact=exact) if not exact or " " in word or "'" in word[:-1] or "’" in word[:-1]:
                return split_word(node)
        inner = children(node)
        if not inner:
            return node
        return rebuild(node, tuple(self.expand(c, scope, bound, path) for c in inner))

    def _expand_name(self, node: Named, scope: Scope, bound: Mapping[str, Node], path: tuple[Macro, ...]) -> Node:
        if node.name in bound:
            return self._narrow(bound[node.name], node)
        if node.name in scope.lists:
            words = scope.lists[node.name]
            scope.used_lists.add(words.key)
            return replace(node, name=words.key)
        if node.name in scope.macros:
            return self._expand_macro(node, scope.macros[node.name], path)
        if not scope.incomplete:
            self._report(node.spot, "P004", f"unknown word list or macro `${node.name}`",
                         unknown_name(node.name, scope.names() | set(bound)), "not defined here nor imported")
        return node

    def _expand_macro(self, node: Named, macro: Macro, path: tuple[Macro, ...]) -> Node:
        if macro.parameters:
            macro.used = True
            self._report(node.spot, "P012", f"the macro `${node.name}` needs {_count(len(macro.parameters))}",
                         f"write `${node.name}({'; '.join(macro.parameters)})`")
            return node
        known = self.unfolded.get(id(macro))
        if known is None:
            before = len(self.found)
            known = self._enter(macro, {}, node.spot, path)
            if known is None:
                return node
            if len(self.found) == before:
                self.unfolded[id(macro)] = known
        return self._narrow(known, node)

    def _expand_call(self, node: Call, scope: Scope, bound: Mapping[str, Node], path: tuple[Macro, ...]) -> Node:
        arguments = tuple(self.expand(a, scope, bound, path) for a in node.arguments)
        macro = scope.macros.get(node.name)
        if macro is None:
            self._report_call(node, scope)
            return node
        if len(arguments) != len(macro.parameters):
            macro.used = True
            wanted = f"({'; '.join(macro.parameters)})" if macro.parameters else ""
            self._report(node.spot, "P012", f"the macro `${node.name}` takes {_count(len(macro.parameters))}, "
                         f"not {len(arguments)}", f"write `${node.name}{wanted}`")
            return node
        return self._enter(macro, dict(zip(macro.parameters, arguments, strict=True)), node.spot, path) or node

    def _report_call(self, node: Call, scope: Scope) -> None:
        if node.name in scope.lists:
            scope.used_lists.add(scope.lists[node.name].key)
            self._report(node.spot, "P012", f"`${node.name}` is a word list, it takes no arguments",
                         f"write `${node.name}`, with a blank before a group that follows")
        elif not scope.incomplete:
            self._report(node.spot, "P004", f"unknown macro `${node.name}`", unknown_name(node.name, scope.macros),
                         "called here")

    def _enter(self, macro: Macro, bound: Mapping[str, Node], spot: Spot, path: tuple[Macro, ...]) -> Node | None:
        macro.used = True
        if self._weigh(macro, ()) > _HEAVIEST:
            self._report(spot, "R010", f"the macro `${macro.name}` unfolds into more than {_HEAVIEST} others",
                         "macros that use macros twice grow fast: make a word list of the words instead")
            return None
        if macro in path:
            chain = " → ".join(f"${m.name}" for m in (*path, macro))
            self._report(spot, "R010", f"the macro `${macro.name}` uses itself: {chain}", "break the circle")
            return None
        if macro.node is None:
            return None
        return self.expand(macro.node, self.scopes[macro.module], bound, (*path, macro))

    def _weigh(self, macro: Macro, path: tuple[str, ...]) -> int:
        """How many macros are unfolded for this one, itself counted; a circle counts once."""
        key = f"{macro.module}:{macro.name}"
        if key in path or macro.node is None:
            return 1
        if key not in self.weights:
            macros = self.scopes[macro.module].macros
            inner = [macros[n.name] for n in walk(macro.node) if isinstance(n, Named | Call) and n.name in macros]
            self.weights[key] = 1 + sum(self._weigh(m, (*path, key)) for m in inner)
        return self.weights[key]

    def _narrow(self, node: Node, by: Named) -> Node:
        """`$verb:pp` where `$verb` stands for a list or lemma: its tags and test are added to what it stands for."""
        if not by.tags and by.test is None:
            return node
        match node:
            case Named():
                return replace(node, tags=(*node.tags, *by.tags), test=by.test or node.test)
            case Lemma() if by.test is None:
                return replace(node, tags=(*node.tags, *by.tags))
            case Alt(items=items):
                return replace(node, items=tuple(self._narrow(i, by) for i in items))
            case Seq(items=items):
                return replace(node, items=(self._narrow(items[0], by), *items[1:]))
        self._report(by.spot, "P012", f"`${by.name}` stands for something that has no inflected forms",
                     "give it a word list of lemmas, or leave the tags out")
        return node

    def _report(self, spot: Spot, code: str, message: str, help_text: str = "", label: str = "") -> None:
        self.found.append(error_at(spot, code, message, help_text, label))


def _count(arguments: int) -> str:
    return "no arguments" if not arguments else "1 argument" if arguments == 1 else f"{arguments} arguments"


def split_word(node: Word) -> Node:
    """A written word as the tokeniser cuts it: `l'armée` is two tokens, and so is `"l'OSDH"`."""
    # The subject after its verb (« a-t-il ») is one token, which the tokeniser knows by the verb before it.
    spans = [] if node.word.startswith("-") else list(iter_token_spans(node.word))
    if len(spans) <= 1:
        return node
    start = node.spot.start
    items = tuple(Word(node.word[a:b], node.exact, Spot(node.spot.text, start + a, start + b)) for a, b in spans)
    return Seq(items, node.spot)
