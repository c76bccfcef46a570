"""The event record: what the extractor gives, as a typed object and as the JSON that the record contract fixes.

In: an `Event` of an `Analysis`. Out: an `EventRecord`; `to_dict()` gives plain data whose offsets slice the document's
text back to the words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from extractor import __version__
from extractor.analysis import Analysis
from extractor.anaphora import find_antecedent
from extractor.assemble import Argument, Attachment, Event
from extractor.dates import FIELDS as TIME_FIELDS
from extractor.dates import TimeValue, resolve_time
from extractor.derivation import Data, describe_event, describe_rule, plain
from extractor.match import Mention
from extractor.values import Captured

NUMERIC_FIELDS = frozenset({"lat", "lon"})
COUNT_FIELDS = ("value", "min", "max")


@dataclass(slots=True)
class EventRecord:
    """One event report. Spans are half-open character offsets into the document's text."""

    id: str
    doc_id: str
    type: str
    text: str
    start: int
    end: int
    sentence: Data
    trigger: Data
    arguments: dict[str, list[Data]]
    attribution: list[Data]
    contested: list[Data]
    factuality: Data
    scope: str
    rule: Data
    explanation: Data
    ruleset: str
    engine: str = field(default=__version__)

    def to_dict(self) -> Data:
        return {
            "id": self.id, "doc_id": self.doc_id, "type": self.type, "text": self.text, "start": self.start,
            "end": self.end, "sentence": self.sentence, "trigger": self.trigger, "arguments": self.arguments,
            "attribution": self.attribution, "contested": self.contested, "factuality": self.factuality,
            "scope": self.scope, "rule": self.rule,
            "explanation": self.explanation, "ruleset": self.ruleset, "engine": self.engine,
        }


class RecordMaker:
    """Makes the records of one document: resolves times against its date, and sources against those named before."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.times: dict[int, TimeValue] = {}
        self._resolve_times()

    def make(self, event: Event) -> EventRecord:
        analysis = self.analysis
        view = analysis.views[event.sentence]
        match = event.candidate.match
        start, end = view.text_span(match.start, match.end)
        rule = event.candidate.rule.rule
        arguments = {role: [self._argument(event, a) for a in found]
                     for role, found in sorted(event.arguments.items()) if found}
        if event.count is not None and arguments.get("victim"):
            arguments["victim"][0]["count"] = self._number(event.count, arguments["victim"][0].get("count"))
        trigger = self._span(event.sentence, event.trigger.start, event.trigger.end)
        return EventRecord(
            id=_record_id(analysis.document.id, event.type, trigger, arguments),
            doc_id=analysis.document.id, type=event.type, text=analysis.document.text[start:end], start=start, end=end,
            sentence={"start": view.sentence.start, "end": view.sentence.end}, trigger=trigger, arguments=arguments,
            attribution=[self._attribution(a) for a in event.attachments if a.kind == "attribution"],
            contested=[self._contested(a) for a in event.attachments if a.kind == "contested"],
            factuality=self._decided(event, "factuality", "asserted"),
            scope=self._decided(event, "scope", "incident")["value"],
            rule={**describe_rule(rule), "pattern": event.candidate.rule.pattern.text},
            explanation=describe_event(analysis, event), ruleset=analysis.compiled.rules.hash)

    def _decided(self, event: Event, kind: str, default: str) -> Data:
        attachment = next((a for a in event.attachments if a.kind == kind), None)
        if attachment is not None:
            cue = self._span(attachment.candidate.sentence, attachment.start, attachment.end)
            return {"value": attachment.value, "cue": cue, "rule": describe_rule(attachment.candidate.rule.rule)}
        spec = event.candidate.rule.rule.event
        own = getattr(spec, kind, None)
        if own:
            return {"value": own, "cue": None, "rule": describe_rule(event.candidate.rule.rule)}
        return {"value": default, "cue": None, "rule": None}

    def _span(self, sentence: int, start: int, end: int) -> Data:
        a, b = self.analysis.views[sentence].text_span(start, end)
        return {"text": self.analysis.document.text[a:b], "start": a, "end": b}

    # --- arguments -----------------------------------------------------------------------------------------------

    def _argument(self, event: Event, argument: Argument) -> Data:
        data = self._span(event.sentence, argument.start, argument.end)
        return {**data, **self._values(argument.mention)} if argument.mention is not None else data

    def _values(self, mention: Mention) -> Data:
        if mention.type == "Time":
            return self.times[id(mention)].to_dict() if id(mention) in self.times else {}
        data: Data = {}
        if (count := self._count(mention)) is not None:
            data["count"] = count
        for name, value in sorted(mention.values.items()):
            if name in ("count", "unit", *COUNT_FIELDS, "qualifier"):
                continue
            data[name] = self._value(name, value)
        return data

    def _value(self, name: str, value: Any) -> Any:
        match value:
            case Mention():
                return {**self._span(value.sentence, value.start, value.end), **self._values(value)}
            case tuple():
                return [self._value(name, v) for v in value]
            case str() if name in NUMERIC_FIELDS:
                return float(value)
        return plain(value)

    def _count(self, mention: Mention) -> Data | None:
        """The count of a mention: that of its number, or its own when it says one without a number (`un civil`)."""
        number = mention.values.get("count")
        values = number.values if isinstance(number, Mention) else mention.values
        if not any(k in values for k in (*COUNT_FIELDS, "qualifier")) or mention.type == "Number":
            return None
        unit = mention.values.get("unit", "person")
        if isinstance(number, Mention):
            return self._number(number, {"unit": unit})
        return {**{k: values.get(k) for k in COUNT_FIELDS}, "qualifier": values.get("qualifier"), "unit": unit}

    def _number(self, number: Mention, known: Data | None) -> Data:
        """The count that a number says, in the unit that is known of what it counts."""
        text = self._span(number.sentence, number.start, number.end)["text"]
        return {**{k: number.values.get(k) for k in COUNT_FIELDS}, "qualifier": number.values.get("qualifier"),
                "unit": (known or {}).get("unit", "person"), "text": text}

    # --- attribution ---------------------------------------------------------------------------------------------

    def _attribution(self, attachment: Attachment) -> Data:
        source = attachment.value
        assert isinstance(source, Captured)
        candidate = attachment.candidate
        antecedent = find_antecedent(self.analysis, source.mention) if source.mention is not None else None
        values = antecedent.values if antecedent is not None else source.fields
        cue = candidate.bindings.get("cue")
        attach = candidate.rule.rule.attach
        via = candidate.bindings.get(attach.via, ()) if attach and attach.via else ()
        return {
            **self._span(candidate.sentence, source.start, source.end),
            "id": values.get("id"), "name": values.get("name"), "kind": values.get("kind"),
            "cue": cue[0].text if cue else None,
            "resolved_from": self._span(antecedent.sentence, antecedent.start, antecedent.end) if antecedent else None,
            "via": {**self._span(candidate.sentence, via[0].start, via[0].end), "id": via[0].fields.get("id")}
            if via else None,
            "rule": describe_rule(candidate.rule.rule),
        }

    def _contested(self, attachment: Attachment) -> Data:
        """Who denies it, and the words that do."""
        who = attachment.value
        assert isinstance(who, Captured)
        candidate = attachment.candidate
        return {**self._span(candidate.sentence, who.start, who.end), "id": who.fields.get("id"),
                "name": who.fields.get("name"), "cue": self._span(candidate.sentence, attachment.start, attachment.end),
                "rule": describe_rule(candidate.rule.rule)}

    # --- times ---------------------------------------------------------------------------------------------------

    def _resolve_times(self) -> None:
        """Resolves every time in reading order: `la veille` hangs on the last date named."""
        last: str | None = None
        date = self.analysis.document.date
        for view in self.analysis.views:
            for _, found in sorted(view.state.mentions.get("Time", {}).items()):
                for mention in found:
                    fields = {k: v for k, v in mention.values.items() if k in TIME_FIELDS}
                    try:
                        value = resolve_time(fields, date, last)
                    except ValueError:
                        # « le 45 mars »: words that look like a date and are none stay words.
                        continue
                    self.times[id(mention)] = value
                    if value.kind == "point" and value.from_ is not None and value.grain == "day":
                        last = value.from_


def _record_id(doc_id: str, type_: str, trigger: Data, arguments: dict[str, list[Data]]) -> str:
    """Twelve hex digits of document, type, trigger and count: a rule renamed keeps its events' ids."""
    counts = [v["count"] for v in arguments.get("victim", ()) if v.get("count")]
    count = [counts[0].get(k) for k in COUNT_FIELDS] if counts else []
    key = f"{doc_id}\0{type_}\0{trigger['start']}\0{trigger['end']}\0{count}"
    return hashlib.sha256(key.encode()).hexdigest()[:12]
