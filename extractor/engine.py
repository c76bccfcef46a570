"""The engine: a text goes in, event records come out. The stages, in reading order, are `Extractor.analyse_events`.

    >>> extractor = Extractor.load()
    >>> [e.type for e in extractor.extract("Douze civils ont été tués à Alep.")]
    ['harm.killed']
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.analysis import Analysis, analyse
from extractor.assemble import Event, fill_roles, find_events
from extractor.attach import attach_all
from extractor.cache import cache_file, read_cache, write_cache
from extractor.compiled import CompiledSet, compile_rules
from extractor.dates import check_date
from extractor.diagnostics import RulesError
from extractor.record import EventRecord, RecordMaker
from extractor.ruleset import RuleSet, shipped_rules_folder
from extractor.text import read_document

if TYPE_CHECKING:
    from extractor.whynot import NearMiss


#: After a text for which more matchers than this were built, they are set apart from the collector.
_MANY_PIECES = 100


@contextmanager
def _without_collection() -> Iterator[None]:
    """Reading rules and texts makes many objects and no cycles of them: within, the collector would only cost time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _compile_folder(folder: Path, allow_broken: bool) -> CompiledSet:
    # What reads rules is imported when there are rules to read: the parser alone takes as long as a cached start.
    from extractor.rules import load_rules
    rules = load_rules(folder)
    if not allow_broken and _has_errors(rules):
        raise RulesError(rules.diagnostics)
    return compile_rules(rules)


def _has_errors(rules: RuleSet) -> bool:
    return any(d.severity == "error" for d in rules.diagnostics)


@dataclass(slots=True)
class Extractor:
    """Rules, compiled. `use_index=False` tries every rule at every token: slower, same events, for tests."""

    compiled: CompiledSet = field(repr=False)
    use_index: bool = True

    @classmethod
    def load(cls, rules: str | Path | None = None, *, allow_broken: bool = False, use_index: bool = True) -> Extractor:
        """Reads and compiles a folder of rules, by default the shipped ones. What they compile to is kept for the next
        time (see `cache`).

        Raises `RulesError` with all diagnostics when a rule does not load, unless `allow_broken` leaves such rules out;
        `FileNotFoundError` when there is no such folder.
        """
        folder = Path(rules) if rules is not None else shipped_rules_folder()
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no rules folder {folder}")
        with _without_collection():
            stored = cache_file(folder)
            compiled = read_cache(stored) if stored is not None else None
            if compiled is None:
                compiled = _compile_folder(folder, allow_broken)
                if stored is not None and not _has_errors(compiled.rules):
                    write_cache(stored, compiled)
            # Nor need it look at the rules ever again, at the exit of the process least of all, where it would do so
            # several times over; but only those of the first load are kept from it for good.
            if not gc.get_freeze_count():
                gc.freeze()
                atexit.register(gc.freeze)
            return cls(compiled, use_index)

    def extract(self, text: str, date: str | None = None, doc_id: str = "text", title: str | None = None,
                ) -> list[EventRecord]:
        """The event records of a text, in reading order. `date` is the publication date, as much of it as is known
        (`2019-05-27`, `2020-02`, `2011`); without it `lundi` stays unresolved. Raises ValueError for another form."""
        built = self.compiled.table.built
        with _without_collection():
            analysis, events = self.analyse_events(text, date, doc_id, title)
            maker = RecordMaker(analysis)
            records = [maker.make(event) for event in events]
            # What was built of matchers stays as long as the rules do.
            if self.compiled.table.built > built + _MANY_PIECES:
                gc.freeze()
            return records

    def analyse_events(self, text: str, date: str | None = None, doc_id: str = "text", title: str | None = None,
                       ) -> tuple[Analysis, list[Event]]:
        """The stages: document → mentions → events → attachments → roles found without order."""
        check_date(date)
        with _without_collection():
            return self._analyse(text, date, doc_id, title)

    def _analyse(self, text: str, date: str | None, doc_id: str, title: str | None) -> tuple[Analysis, list[Event]]:
        document = read_document(text, doc_id, date, title, self.compiled.furniture)
        analysis = analyse(document, self.compiled, self.use_index)
        events = find_events(analysis)
        taken = attach_all(analysis, events)
        return analysis, fill_roles(analysis, events, taken)

    def explain(self, record: EventRecord) -> str:
        """The stored derivation of a record, as text for a person."""
        from extractor.explain import render_explanation
        return render_explanation(record.to_dict())

    def why_not(self, text: str, type: str | None = None, rule: str | None = None, date: str | None = None,
                limit: int = 5) -> list[NearMiss]:
        """The rules that came nearest to an event (of a type, or one rule) in the text, and what each lacked."""
        from extractor.whynot import find_near_misses
        return find_near_misses(self, text, type, rule, date, limit)
