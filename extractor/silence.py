"""Why a rule says nothing of a text: the reasons that a counter-example may give in `because:`.

In: a rule and the analysis of a text in which it made nothing. Out: the true reasons, strongest first: `unless.NAME`
(the veto silenced an otherwise complete match), `where`, `beaten_by(RULE)`, the name of a required role that nothing
filled, or the names of the captures, lists, mentions and words at which the pattern got no further. The matcher itself
tries the elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from extractor.analysis import (
    MUTE,
    Analysis,
    SentenceView,
    bind,
    find_constrained,
    try_veto,
)
from extractor.assemble import Event
from extractor.compiled import EVENT, CompiledRule
from extractor.match import Compiler, Match, Matcher, Probe, find_at
from extractor.pattern import Capture, Gap, Lemma, MentionRef, Named, Node, Word, children, rebuild, show, walk


@dataclass(slots=True)
class Silence:
    """The reasons, and where the pattern stopped when it did not match: the elements as written, the reason codes that
    their kinds give, and the word that stood there."""

    reasons: tuple[str, ...]
    elements: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    word: str = ""


def explain_silence(analysis: Analysis, events: list[Event], rule: CompiledRule) -> Silence:
    """Why the rule gave nothing here."""
    with _as_the_rule_saw_it(analysis, rule):
        vetoed, complete = _fired_vetoes(analysis, rule), _lost_to(analysis, events, rule)
        reasons = (*vetoed, *(("where",) if _is_constrained(analysis, rule) else ()), *complete)
        if reasons:
            return Silence(reasons)
        if _matches_somewhere(analysis, rule):
            return Silence(_unfilled_roles(rule))
        return _stopping_place(analysis, rule)


@contextmanager
def _as_the_rule_saw_it(analysis: Analysis, rule: CompiledRule) -> Iterator[None]:
    """`@Event` mentions come after mentions and events are found: rules that make these never see them."""
    hidden = [v.state.mentions.pop(EVENT, None) if rule.rule.kind != "attach" else None for v in analysis.views]
    try:
        yield
    finally:
        for view, mentions in zip(analysis.views, hidden, strict=True):
            if mentions is not None:
                view.state.mentions[EVENT] = mentions


def _views(analysis: Analysis) -> Iterator[tuple[int, SentenceView]]:
    return ((n, v) for n, v in enumerate(analysis.views) if v.sentence.kind not in MUTE)


def _iter_matches(analysis: Analysis, rule: CompiledRule) -> Iterator[tuple[int, Match]]:
    """Complete matches that pass the constraints, from the left, as the engine finds them, before any veto."""
    for number, view in _views(analysis):
        end = 0
        for start in range(view.state.length):
            if start < end:
                continue
            match = (find_constrained(rule, view, start, analysis) if rule.rule.where
                     else find_at(rule.matcher, view.state, start))
            if match is not None:
                end = match.end
                yield number, match


def _matches_somewhere(analysis: Analysis, rule: CompiledRule) -> bool:
    return next(_iter_matches(analysis, rule), None) is not None


def _fired_vetoes(analysis: Analysis, rule: CompiledRule) -> tuple[str, ...]:
    fired: dict[str, None] = {}
    for number, match in _iter_matches(analysis, rule):
        bindings = bind(rule, match, analysis.views[number], analysis.document.text)
        for veto in rule.vetoes:
            if try_veto(analysis, number, veto, bindings).fired:
                fired[f"unless.{veto.veto.name}"] = None
    return tuple(fired)


def _is_constrained(analysis: Analysis, rule: CompiledRule) -> bool:
    """Whether the pattern matches where no way to match it satisfies `where:`."""
    if not rule.rule.where:
        return False
    return any(find_at(rule.matcher, view.state, start) and not find_constrained(rule, view, start, analysis)
               for _, view in _views(analysis) for start in range(view.state.length))


def _lost_to(analysis: Analysis, events: list[Event], rule: CompiledRule) -> tuple[str, ...]:
    """The rules that won where this one matched as well."""
    winners = {winner.rule.rule.id: None for view in analysis.views for loser, winner, _ in view.lost
               if loser.rule is rule}
    for event in events:
        for attachment, _ in event.passed_over:
            if attachment.candidate.rule is rule:
                winners |= {a.candidate.rule.rule.id: None for a in event.attachments if a.kind == attachment.kind}
    return tuple(f"beaten_by({name})" for name in winners)


def _unfilled_roles(rule: CompiledRule) -> tuple[str, ...]:
    """The pattern matched and no event came of it: a role that must be filled was not."""
    roles = rule.rule.event.roles if rule.rule.event else ()
    return tuple(r.role for r in roles if r.required) or (("no event in reach",) if rule.rule.attach else ())


# --- Where a pattern stops -------------------------------------------------------------------------------------------


class _CaptureCompiler(Compiler):
    """Compiles with a witness, and notes which elements stand inside which capture."""

    def __init__(self, analysis: Analysis) -> None:
        super().__init__(analysis.compiled.table, analysis.compiled.rules.lists, watched=True)
        self.inside: dict[int, list[str]] = {}

    def _capture(self, node: Capture, then: Matcher, number: int) -> Matcher:
        matcher = super()._capture(node, then, number)
        for inner in range(number, number + self.sizes[number]):
            names = self.inside.setdefault(inner, [])
            if node.name not in names:
                names.append(node.name)
        return matcher


@dataclass(slots=True)
class _Farthest:
    """The elements that failed at the places where most of the pattern had matched."""

    reach: int = -1
    numbers: dict[int, None] = field(default_factory=dict)
    word: str = ""

    def add(self, reach: int, numbers: dict[int, None], word: str) -> None:
        if reach > self.reach:
            self.reach, self.numbers, self.word = reach, {}, word
        if reach == self.reach:
            self.numbers |= numbers


def _stopping_place(analysis: Analysis, rule: CompiledRule) -> Silence:
    compiler = _CaptureCompiler(analysis)
    matcher = compiler.compile(rule.rule.pattern, free=not rule.rule.where)
    farthest = _Farthest()
    for _, view in _views(analysis):
        for start in range(view.state.length):
            probe = view.state.probe = Probe()
            find_at(matcher, view.state, start)
            view.state.probe = None
            word = view.sentence.words[probe.farthest] if 0 <= probe.farthest < view.state.length else ""
            farthest.add(probe.farthest - start, probe.failures, word)
    nodes: list[Node] = [rule.nodes[n] for n in farthest.numbers]
    names = {name: None for number in farthest.numbers for name in reversed(compiler.inside.get(number, []))}
    names |= {name: None for n in nodes for name in iter_element_names(n)}
    return Silence(tuple(names), tuple(dict.fromkeys(show(_as_written(n)) for n in nodes)),
                   tuple(dict.fromkeys(_code(n) for n in nodes)), farthest.word)


def iter_element_names(tree: Node) -> Iterator[str]:
    """What an author may call the elements of a pattern: the names of lists and mentions, and the words."""
    for node in walk(tree):
        match node:
            case Named(name=name):
                yield name.split(":")[-1]
            case MentionRef(type=name) | Word(word=name) | Lemma(lemma=name):
                yield name


def _as_written(node: Node) -> Node:
    """Word lists by the name that files use, without the module."""
    if isinstance(node, Named):
        return replace(node, name=node.name.split(":")[-1])
    return rebuild(node, tuple(_as_written(c) for c in children(node))) if children(node) else node


def _code(node: Node) -> str:
    """What why-not calls it when such an element fails."""
    match node:
        case Named():
            return "not_in_list"
        case MentionRef():
            return "type_mismatch"
        case Gap():
            return "barrier"
    return "word"
