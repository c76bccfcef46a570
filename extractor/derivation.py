"""The derivation of a record as data: every step from the words to the values, written by the match itself.

In: candidates with their traces. Out: plain dictionaries that go into the record's `explanation`; `verify` replays them
and `explain` renders them, without looking at the text a second time.
"""

from __future__ import annotations

from typing import Any

from extractor.analysis import Analysis, Candidate
from extractor.anaphora import find_antecedent
from extractor.assemble import Argument, Attachment, Event
from extractor.compiled import CompiledRule
from extractor.match import Match, Mention, Step
from extractor.pattern import Capture, Gap
from extractor.ruleset import Rule
from extractor.values import Captured
from extractor.wordlists import Sequence

Data = dict[str, Any]


def describe_rule(rule: Rule) -> Data:
    return {"id": rule.id, "file": rule.file, "line": rule.line, "hash": rule.hash}


def describe_event(analysis: Analysis, event: Event) -> Data:
    """The `explanation` of an event's record."""
    candidate = event.candidate
    data: Data = {
        "rule": describe_rule(candidate.rule.rule),
        "match": _span(analysis, event.sentence, candidate.match.start, candidate.match.end),
        "steps": describe_steps(analysis, event.sentence, candidate.match, candidate.rule),
        "roles": [_describe_role(analysis, event, a) for role in sorted(event.arguments)
                  for a in event.arguments[role]],
        "attached": [_describe_attachment(analysis, event, a) for a in event.attachments],
        "vetoes": describe_vetoes(candidate),
        "beaten": [_describe_beaten(analysis, c, why) for c, why in (*candidate.beaten, *candidate.absorbed)],
    }
    if candidate.rule.rule.where_texts:
        data["where"] = list(candidate.rule.rule.where_texts)
    if event.refined_from:
        data["type"] = {"from": event.refined_from, "to": event.type, "by": event.refined_by}
    if event.passed_over:
        data["passed_over"] = [{**_describe_attachment(analysis, event, a), "because": why}
                               for a, why in event.passed_over]
    return data


def describe_steps(analysis: Analysis, sentence: int, match: Match, rule: CompiledRule) -> list[Data]:
    """One item for every element that took tokens or looked around, with the captures it stands in."""
    steps: list[Data] = []
    open_captures: list[str] = []
    for step in match.trace:
        node = rule.nodes[step.number]
        if step.start == -1:
            assert isinstance(node, Capture)
            open_captures.append(node.name)
        elif step.end == -1:
            open_captures.pop()
        elif not (isinstance(node, Gap) and step.start == step.end):
            steps.append(_describe_step(analysis, sentence, step, rule.pattern.describe(step.number), open_captures))
    return steps


def _describe_step(analysis: Analysis, sentence: int, step: Step, element: tuple[str, str], captures: list[str],
                   ) -> Data:
    shown, place = element
    data: Data = {"n": step.number, "element": shown, **_span(analysis, sentence, step.start, step.end), "at": place}
    if captures:
        data["captures"] = list(captures)
    match step.brings:
        case Mention() as mention if mention.match is not None:
            data["mention"] = describe_mention(analysis, mention)
        case Sequence(entry=entry, text=text):
            data["entry"] = {"list": entry.list_name, "written": text, "name": entry.name,
                             "at": f"{entry.file}:{entry.line}"}
            if entry.id:
                data["entry"]["id"] = entry.id
    return data


def describe_mention(analysis: Analysis, mention: Mention) -> Data:
    """A mention: its rule, its values and the steps of its own match."""
    assert mention.match is not None
    owner: CompiledRule = mention.match.owner
    return {"type": mention.type, "rule": describe_rule(owner.rule),
            **_span(analysis, mention.sentence, mention.start, mention.end),
            "values": {k: plain(v) for k, v in sorted(mention.values.items())},
            "steps": describe_steps(analysis, mention.sentence, mention.match, owner)}


def plain(value: Any) -> Any:
    """A value as JSON holds it; a mention by its words' values."""
    match value:
        case Mention(type=type_, values=values):
            return {"type": type_, **{k: plain(v) for k, v in sorted(values.items())}}
        case tuple() | list():
            return [plain(v) for v in value]
        case dict():
            return {k: plain(v) for k, v in sorted(value.items())}
    return value


def _describe_role(analysis: Analysis, event: Event, argument: Argument) -> Data:
    data: Data = {"role": argument.role, **_span(analysis, event.sentence, argument.start, argument.end),
                  "how": argument.how}
    if argument.how != "captured":
        data["distance"] = argument.distance
        if argument.mention is not None and argument.mention.match is not None:
            data["mention"] = describe_mention(analysis, argument.mention)
    return data


def _describe_attachment(analysis: Analysis, event: Event, attachment: Attachment) -> Data:
    candidate = attachment.candidate
    value = attachment.value
    shown = value if isinstance(value, str) else value.text
    resolved: Data = {}
    if isinstance(value, Captured) and value.mention is not None:
        antecedent = find_antecedent(analysis, value.mention)
        if antecedent is not None and value.mention.match is not None:
            resolved = {"resolved_from": {**_span(analysis, antecedent.sentence, antecedent.start, antecedent.end),
                                          "rule": describe_rule(value.mention.match.owner.rule)}}
    return {"kind": attachment.kind, "value": shown, **resolved, "rule": describe_rule(candidate.rule.rule),
            "cue": _span(analysis, candidate.sentence, attachment.start, attachment.end),
            "distance": attachment.distance,
            "steps": describe_steps(analysis, candidate.sentence, candidate.match, candidate.rule),
            "vetoes": describe_vetoes(candidate)}


def describe_vetoes(candidate: Candidate) -> list[Data]:
    return [{"name": v.name, "fired": v.fired, **({"counts": list(v.counts)} if v.counts else {}),
             **({"saved": v.saved} if v.saved else {})}
            for v in candidate.vetoes]


def _describe_beaten(analysis: Analysis, candidate: Candidate, why: str) -> Data:
    return {"rule": candidate.rule.rule.id, "makes": candidate.rule.rule.makes, "because": why,
            **_span(analysis, candidate.sentence, candidate.match.start, candidate.match.end)}


def _span(analysis: Analysis, sentence: int, start: int, end: int) -> Data:
    view = analysis.views[sentence]
    if end <= start:
        at = view.sentence.starts[start] if start < view.state.length else view.sentence.end
        return {"text": "", "start": at, "end": at}
    a, b = view.text_span(start, end)
    return {"text": analysis.document.text[a:b], "start": a, "end": b}
