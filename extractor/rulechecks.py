"""Checks of a rule: what its pattern may not say, and names that nothing stands for.

In: patterns without macros, rules, and the library they come from. Out: diagnostics in the library's `found`.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractor.diagnostics import Diagnostic, Place, did_you_mean
from extractor.inflection import TAGS
from extractor.modules import Library
from extractor.pattern import (
    Alt,
    Call,
    Capture,
    Lemma,
    Look,
    MentionRef,
    Named,
    Node,
    Reference,
    Repeat,
    Seq,
    TokenTest,
    captures,
    children,
    error_at,
    walk,
    width,
)
from extractor.ruleset import Rule
from extractor.source import Fields, fields_at, mappings_at, text_at
from extractor.vocabulary import EVENT_FIELDS, check_mention_test, check_token_tests, comparisons
from extractor.wordlists import narrow

# --- Patterns --------------------------------------------------------------------------------------------------------


def is_expanded(node: Node, library: Library) -> bool:
    """Whether every name in the tree has been replaced; else its fault has been reported where it was found."""
    return not any(isinstance(n, Call) or (isinstance(n, Named) and n.name not in library.lists) for n in walk(node))


def check_pattern(library: Library, pattern: Node) -> None:
    found = library.found
    if width(pattern)[0] == 0:
        found.append(error_at(pattern.spot, "P009", "this pattern can match nothing at all",
                              "make at least one element required (no `?`, `*`, gap or look-around alone)"))
    if _weight(pattern) > _HEAVIEST:
        found.append(error_at(pattern.spot, "P003", "the ranges of this pattern unfold into too many elements",
                              "lower the bounds, and put no range around another one"))
    for node in walk(pattern):
        match node:
            case Lemma():
                _check_lemma(library, node)
            case Named(tags=tags) if tags:
                _check_narrowed(library, node)
            case Look(ahead=False) if any(isinstance(n, Repeat) and n.most is None for n in walk(node.item)):
                found.append(error_at(node.spot, "P010", "a look-behind must have a bound",
                                      "replace `*` or `+` by a range such as `{0,5}`"))
    check_token_tests(pattern, found, library.list_fields, TAGS, library.lists)


_HEAVIEST, _UNFOLDED = 20_000, 12


def _weight(node: Node) -> int:
    """How many elements the matcher makes of a pattern: what must be repeated is unfolded, and so are short ranges."""
    inner = sum(_weight(c) for c in children(node)) or 1
    if isinstance(node, Repeat):
        inner *= max(1, node.least) + min(_UNFOLDED, (node.most or node.least + 1) - node.least)
    return inner


def _check_lemma(library: Library, node: Lemma) -> None:
    inflection = library.inflection
    unknown = [t for t in node.tags if t not in TAGS]
    if unknown:
        library.found.append(error_at(node.spot, "R009", f"unknown inflection tag `{unknown[0]}`",
                                      did_you_mean(unknown[0], TAGS) or "the tags are " + ", ".join(sorted(TAGS))))
    elif not inflection.has_lemma(node.lemma):
        near = inflection.suggest(node.lemma)
        library.found.append(error_at(node.spot, "R009", f"the lexicon has no lemma `{node.lemma}`",
                                      f"did you mean `~{near[0]}`?" if near else
                                      "write the forms out: `(mot | mots)`, or add the lemma to the supplement"))
    elif not inflection.expand(node.lemma, node.tags):
        library.found.append(error_at(
            node.spot, "R009", f"`{node.lemma}` has no form that is {_describe_tags(node.tags)}",
            f"leave a tag out; `~{node.lemma}` alone stands for all its forms"))


def _check_narrowed(library: Library, node: Named) -> None:
    """`$list:pp` must leave something of the list."""
    words = library.lists.get(node.name)
    if words and words.sequences and all(t in TAGS for t in node.tags) and not narrow(words, node.tags,
                                                                                     library.inflection):
        library.found.append(error_at(
            node.spot, "R009", f"no entry of `${words.name}` has a form that is {_describe_tags(node.tags)}",
            "leave a tag out, or write the entries as lemmas: `~tuer`"))


def _describe_tags(tags: tuple[str, ...]) -> str:
    return " + ".join(f"`{tag}` ({TAGS[tag]})" for tag in tags)


# --- Captures --------------------------------------------------------------------------------------------------------


def check_captures(library: Library, rule: Rule, used: Iterator[tuple[str, str, Place]]) -> None:
    """Names that the rule uses must be captured; `used` are (name, where, place)."""
    made = captures(rule.pattern)
    for name, where, place in used:
        if name not in made:
            library.report("R011", f"`{where}` speaks of `<{name}>`, which the pattern does not capture", place,
                           did_you_mean(name, made) or f"write `<{name}:…>` in the pattern, or leave it out here")
    for node in walk(rule.pattern):
        if isinstance(node, Reference):
            library.found.append(error_at(
                node.spot, "R011", f"`<{node.name}>` refers to a capture, which only `unless:` can do",
                f"to capture words here, write `<{node.name}:…>`"))
    if rule.event:
        _check_trigger(library, rule, made)


def _check_trigger(library: Library, rule: Rule, made: set[str]) -> None:
    if "trigger" not in made:
        library.found.append(error_at(rule.pattern.spot, "R011", "an event needs its trigger captured",
                                      "write `<trigger:…>` around the words that name the event"))
    elif width(rule.pattern)[0] and not _always_captures(rule.pattern, "trigger"):
        spot = next(n.spot for n in walk(rule.pattern) if isinstance(n, Capture) and n.name == "trigger")
        library.found.append(error_at(spot, "R011", "this pattern can match without its trigger",
                                      "capture it in every alternative, and outside of `?`, `*` and look-arounds"))


def _always_captures(node: Node, name: str) -> bool:
    match node:
        case Capture(name=own):
            return own == name or _always_captures(node.item, name)
        case Seq(items=items):
            return any(_always_captures(i, name) for i in items)
        case Alt(items=items):
            return all(_always_captures(i, name) for i in items)
        case Repeat(item=item, least=least):
            return least > 0 and _always_captures(item, name)
    return False


# --- The whole set ---------------------------------------------------------------------------------------------------


def check_set(library: Library) -> set[str]:
    """What only the whole set can tell: names that nothing uses, and mentions that no rule makes, which it returns."""
    unknown = _check_mentions(library)
    # What is not used may be used by what could not be read: this waits until all else is right.
    if not any(d.severity == "error" for d in library.found):
        _check_unused(library)
    return unknown


def _mention_fields(library: Library) -> dict[str, set[str]]:
    """The fields of every mention type, from all rules: a rule that does not load takes its mention type along, and
    that is no second mistake of the rules that use it."""
    fields: dict[str, set[str]] = {"Event": set(EVENT_FIELDS)}
    for module in library.modules.values():
        for rule in _iter_rule_nodes(module.node):
            mention = rule.get("mention")
            if isinstance(mention, Fields) and (type_ := text_at(mention, "type")):
                fields.setdefault(type_, set()).update(mention.items.keys() - {"type", "span"})
    return fields


def _iter_rule_nodes(node: Fields) -> Iterator[Fields]:
    yield from mappings_at(node, "rules")
    for frame in fields_at(node, "frames").values():
        yield from mappings_at(frame, "rules")


def _check_mentions(library: Library) -> set[str]:
    fields = _mention_fields(library)
    unknown: set[str] = set()
    for node in (n for tree in library.trees for n in walk(tree) if isinstance(n, MentionRef)):
        if node.type not in fields:
            unknown.add(node.type)
            if not library.unread:
                library.found.append(error_at(node.spot, "P005", f"no rule makes the mention `@{node.type}`",
                                              did_you_mean(node.type, fields, "@") or "write a rule with `mention:`"))
        elif node.test is not None:
            check_mention_test(node, fields[node.type], library.found)
    return unknown


def _tested_lists(library: Library) -> set[str]:
    """The keys of lists that token tests (`[list=months]`) ask for."""
    tests = [n.test for tree in library.trees for n in walk(tree) if isinstance(n, TokenTest) and n.test]
    names = {value for test in tests for c in comparisons(test) if c.field == "list" for value in c.values}
    return {key for key, words in library.lists.items() if words.name in names}


def _check_unused(library: Library) -> None:
    used_lists = {key for m in library.modules.values() for key in m.scope.used_lists} | _tested_lists(library)
    for module in library.modules.values():
        for macro in module.scope.macros.values():
            if macro.module == module.name and not macro.used:
                library.report("R010", f"the macro `${macro.name}` is not used", macro.place, "remove it, or use it")
        for words in module.scope.lists.values():
            if words.module == module.name and words.key not in used_lists and words.place:
                _lint(library, f"the word list `${words.name}` is not used", words.place)
        for part in (*module.frames.values(), *module.role_sets.values()):
            if part.home is module and not part.used:
                what = "frame" if part.name in module.frames and module.frames[part.name] is part else "role set"
                _lint(library, f"the {what} `{part.name}` is not used", part.place)


def _lint(library: Library, message: str, place: Place) -> None:
    library.found.append(Diagnostic("L001", message, place, help="remove it, or use it", severity="warning"))


