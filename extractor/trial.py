"""One text through the engine, and what one rule made of it: results that can be held against an example's marks.

In: an `Extractor`, a rule and a text. Out: `Result`s: the type, the spans of each role or capture, and the values, of
every event, mention or attachment that the rule made. The text takes the very path that it takes in production.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extractor.analysis import MUTE, Analysis, SentenceView, bind, iter_candidates
from extractor.assemble import Event
from extractor.compiled import CompiledRule
from extractor.engine import Extractor
from extractor.match import Mention
from extractor.record import EventRecord, RecordMaker
from extractor.ruleset import Rule
from extractor.values import Bindings

Spans = dict[str, frozenset[tuple[int, int]]]
COUNT_KEYS = ("value", "min", "max", "qualifier", "unit")


@dataclass(slots=True)
class Result:
    """What the rule made: `spans` by mark name, in characters; `values` as the record or mention holds them."""

    type: str
    spans: Spans
    values: dict[str, Any] = field(default_factory=dict)
    trigger: str = ""

    def value(self, path: str) -> Any:
        """A value by its dotted path; None when it is not there."""
        value: Any = self.values
        for key in path.split("."):
            if isinstance(value, list | tuple):
                value = value[0] if value else None
            value = value.get(key) if isinstance(value, Mapping) else None
        return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


@dataclass(slots=True)
class Trial:
    """A text, analysed: all events, and the results of the rule on trial."""

    analysis: Analysis
    events: list[Event]
    rule: CompiledRule
    results: list[Result]


def run_trial(extractor: Extractor, rule: Rule, text: str, date: str | None = None) -> Trial:
    """Extracts as in production and keeps what the rule made."""
    analysis, events = extractor.analyse_events(text, date)
    compiled = extractor.compiled.compiled[rule.id]
    maker = RecordMaker(analysis)
    match rule.kind:
        case "mention":
            results = _mention_results(analysis, compiled, maker)
        case "event":
            results = [_event_result(analysis, e, maker) for e in events if e.candidate.rule is compiled]
        case _:
            results = [_attach_result(analysis, e, compiled, maker) for e in events
                       if any(a.candidate.rule is compiled for a in e.attachments)]
    return Trial(analysis, events, compiled, results)


# --- Events and attachments ------------------------------------------------------------------------------------------


def _event_result(analysis: Analysis, event: Event, maker: RecordMaker) -> Result:
    record = maker.make(event)
    spans = _binding_spans(analysis.views[event.sentence], event.candidate.bindings)
    return Result(record.type, {**spans, **_record_spans(record)}, _record_values(record), record.trigger["text"])


def _attach_result(analysis: Analysis, event: Event, rule: CompiledRule, maker: RecordMaker) -> Result:
    """An event that the rule's cue reached: marks are the cue's captures, and the event's own roles besides."""
    record = maker.make(event)
    attachment = next(a for a in event.attachments if a.candidate.rule is rule)
    candidate = attachment.candidate
    spans = _binding_spans(analysis.views[candidate.sentence], candidate.bindings)
    return Result(record.type, {**_record_spans(record), **spans}, _record_values(record), record.trigger["text"])


def _binding_spans(view: SentenceView, bindings: Bindings) -> Spans:
    return {name: frozenset(view.text_span(c.start, c.end) for c in found if c.end > c.start)
            for name, found in bindings.items()}


def _record_spans(record: EventRecord) -> Spans:
    spans = {role: frozenset((a["start"], a["end"]) for a in found) for role, found in record.arguments.items()}
    spans["trigger"] = frozenset({(record.trigger["start"], record.trigger["end"])})
    spans["source"] = frozenset((a["start"], a["end"]) for a in record.attribution)
    return spans


def _record_values(record: EventRecord) -> dict[str, Any]:
    arguments = record.arguments
    counts = [a["count"] for role in ("victim", *sorted(arguments)) for a in arguments.get(role, ()) if a.get("count")]
    counted: dict[str, Any] = counts[0] if counts else {}
    return {**arguments, "source": record.attribution, "trigger": record.trigger, "type": record.type,
            "factuality": record.factuality["value"], "scope": record.scope, "count": counted.get("value"),
            **{k: counted.get(k) for k in COUNT_KEYS}}


# --- Mentions --------------------------------------------------------------------------------------------------------


def _mention_results(analysis: Analysis, rule: CompiledRule, maker: RecordMaker) -> list[Result]:
    assert rule.rule.mention is not None
    type_ = rule.rule.mention.type
    return [_mention_result(analysis, view, mention, rule, maker)
            for view in analysis.views for _, mention in iter_mentions(view, type_)
            if mention.match is not None and mention.match.owner is rule]


def iter_mentions(view: SentenceView, type_: str) -> Iterator[tuple[int, Mention]]:
    """The mentions of a type in a sentence, in reading order."""
    for start, found in sorted(view.state.mentions.get(type_, {}).items()):
        yield from ((start, mention) for mention in found)


def _mention_result(analysis: Analysis, view: SentenceView, mention: Mention, rule: CompiledRule,
                    maker: RecordMaker) -> Result:
    assert mention.match is not None
    spans = _binding_spans(view, bind(rule, mention.match, view, analysis.document.text))
    span = view.text_span(mention.start, mention.end)
    values = mention_values(mention)
    if id(mention) in maker.times:
        values |= maker.times[id(mention)].to_dict()
    return Result(mention.type, {**spans, mention.type: frozenset({span})}, values,
                  analysis.document.text[span[0] : span[1]])


def mention_values(mention: Mention) -> dict[str, Any]:
    """A mention's values as plain data; those of its number are also found without the way to it."""
    values = {name: _plain(value) for name, value in mention.values.items()}
    number = mention.values.get("count")
    if isinstance(number, Mention):
        values = {**{k: v for k, v in number.values.items() if k in COUNT_KEYS}, **values}
    return values


def _plain(value: Any) -> Any:
    match value:
        case Mention():
            return mention_values(value)
        case tuple():
            return [_plain(v) for v in value]
    return value


# --- Attachments that reach nothing ----------------------------------------------------------------------------------


def finds_cue(analysis: Analysis, rule: CompiledRule) -> bool:
    """Whether an attachment rule's pattern passes its vetoes, even if it reaches no event."""
    return any(candidate.rule is rule
               for number, view in enumerate(analysis.views) if view.sentence.kind not in MUTE
               for candidate in iter_candidates(analysis, number, analysis.compiled.attachments))
