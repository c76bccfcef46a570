"""Checking rules: every diagnostic of a folder, and every example run through the engine.

In: a rules folder. Out: a `CheckReport` with all diagnostics in order of place. Examples, counter-examples and todos
take the very path that texts take in production; what a rule made is held against the marks and the expected values.

    >>> check_rules(shipped_rules_folder()).ok
    True
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.compiled import compile_rules, uses
from extractor.diagnostics import Diagnostic, Place, RulesError, did_you_mean
from extractor.engine import Extractor
from extractor.pattern import captures
from extractor.rules import load_rules, shipped_rules_folder
from extractor.ruleset import CounterExample, Example, Rule, RuleSet
from extractor.shapes import ROLES
from extractor.silence import Silence, explain_silence, iter_element_names
from extractor.trial import Result, Trial, finds_cue, run_trial

if TYPE_CHECKING:
    from extractor.whynot import NearMiss

MIN_EXAMPLES, MIN_COUNTEREXAMPLES = 2, 1


@dataclass(slots=True)
class CheckReport:
    """What a check found. The numbers count what was run; `skipped` are examples of rules that hang on broken ones."""

    diagnostics: tuple[Diagnostic, ...]
    rules: int = 0
    examples: int = 0
    counterexamples: int = 0
    todos: int = 0
    skipped: int = 0

    @property
    def ok(self) -> bool:
        return not any(d.severity == "error" for d in self.diagnostics)


def check_rules(folder: Path | None = None, run_examples: bool = True, only: Collection[str] = ()) -> CheckReport:
    """Checks all rules of a folder, by default the shipped ones.

    `only` names the rules whose examples are run: ids, or `killed.*`. A broken rule does not take the others down: its
    diagnostics stand beside theirs.
    """
    rules = load_rules(folder if folder is not None else shipped_rules_folder())
    found = list(rules.diagnostics)
    extractor = _compile(rules, found)
    report = CheckReport((), rules=len(rules.rules))
    if run_examples:
        chosen = [r for r in extractor.compiled.rules.rules if _is_chosen(r, only)]
        found += [d for rule in chosen for d in _check_rule(extractor, rule, report)]
    report.diagnostics = tuple(sorted(found, key=Diagnostic.sort_key))
    return report


def _is_chosen(rule: Rule, only: Collection[str]) -> bool:
    return not only or any(fnmatchcase(rule.id, pattern) for pattern in only)


# --- Compiling what is sound -----------------------------------------------------------------------------------------


def _compile(rules: RuleSet, found: list[Diagnostic]) -> Extractor:
    """An extractor of the rules that work; mentions that hang on each other in a circle are left out."""
    while True:
        try:
            return Extractor(compile_rules(rules))
        except RulesError as error:
            found += error.diagnostics
            circular = _circular_types(rules)
            kept = tuple(r for r in rules.rules if not (r.mention and r.mention.type in circular))
            rules = replace(rules, rules=kept, lost=(*rules.lost, *circular))


def _circular_types(rules: RuleSet) -> set[str]:
    needs: dict[str, set[str]] = {}
    for rule in rules.rules:
        if rule.mention and rule.status != "deprecated":
            needs.setdefault(rule.mention.type, set()).update(uses(rule))
    return {type_ for type_ in needs if type_ in _reachable(needs, needs[type_])}


def _reachable(needs: dict[str, set[str]], types: set[str]) -> set[str]:
    seen: set[str] = set()
    waiting = set(types)
    while waiting:
        type_ = waiting.pop()
        seen.add(type_)
        waiting |= needs.get(type_, set()) - seen
    return seen


def _hangs_on_lost(rules: RuleSet, rule: Rule) -> bool:
    """Whether the rule needs, by any way, a mention that a broken rule would make: it cannot be judged."""
    if not rules.lost or "*" in rules.lost:
        return bool(rules.lost)
    needs: dict[str, set[str]] = {}
    for other in rules.rules:
        if other.mention:
            needs.setdefault(other.mention.type, set()).update(uses(other))
    roles = {r.type for r in rule.event.roles} if rule.event else set()
    events = {t for r in rules.makers("event") for t in uses(r)} if rule.attach else set()
    return not _reachable(needs, {*uses(rule), *roles, *events}).isdisjoint(rules.lost)


# --- One rule --------------------------------------------------------------------------------------------------------


def _check_rule(extractor: Extractor, rule: Rule, report: CheckReport) -> Iterator[Diagnostic]:
    yield from _check_number(rule)
    if rule.id not in extractor.compiled.compiled:
        return
    results = _one_each([*_run(extractor, rule, report)])
    if results and _hangs_on_lost(extractor.compiled.rules, rule):
        report.skipped += len(results)
        return
    yield from results


def _one_each(found: list[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each place: the sentences that a frame makes of one example fail together."""
    places: dict[tuple[str, Place | None], list[Diagnostic]] = {}
    for diagnostic in found:
        places.setdefault((diagnostic.code, diagnostic.place), []).append(diagnostic)
    return [first if not others else replace(first, message=first.message + _count_others(len(others)))
            for first, *others in places.values()]


def _count_others(count: int) -> str:
    return f" (and {count} more sentence{'s' if count > 1 else ''} made from it)"


def _run(extractor: Extractor, rule: Rule, report: CheckReport) -> Iterator[Diagnostic]:
    for example in rule.examples:
        report.examples += 1
        if diagnostic := check_example(extractor, rule, example):
            yield diagnostic
    for counterexample in rule.counterexamples:
        report.counterexamples += 1
        if diagnostic := check_counterexample(extractor, rule, counterexample):
            yield diagnostic
    for todo in rule.todo:
        report.todos += 1
        if check_example(extractor, rule, todo) is None:
            yield Diagnostic("E006", f"this sentence of `todo:` is matched by `{rule.id}` now", todo.place,
                             help="move it to `examples:`", severity="warning")


def _check_number(rule: Rule) -> Iterator[Diagnostic]:
    """A stable rule shows what it matches and what it leaves alone."""
    examples, counterexamples = len(rule.examples), len(rule.counterexamples)
    if rule.status != "stable" or (examples >= MIN_EXAMPLES and counterexamples >= MIN_COUNTEREXAMPLES):
        return
    missing = [f"{MIN_EXAMPLES - examples} more under `examples:`"] if examples < MIN_EXAMPLES else []
    missing += ["one under `counterexamples:`"] if counterexamples < MIN_COUNTEREXAMPLES else []
    yield Diagnostic("R015", f"the stable rule `{rule.id}` has {_number(examples, 'example')} and "
                     f"{_number(counterexamples, 'counter-example')}", _rule_place(rule),
                     help=f"add {' and '.join(missing)}, or write `status: draft`")


def _number(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _rule_place(rule: Rule) -> Place:
    source = rule.source.source
    line = source.place(rule.line, 1).source
    text = line.lstrip(" -")
    return source.place(rule.line, len(line) - len(text) + 1, len(text))


# --- Examples --------------------------------------------------------------------------------------------------------


def check_example(extractor: Extractor, rule: Rule, example: Example) -> Diagnostic | None:
    """None when the rule gives exactly what the example marks and expects."""
    if problem := _unknown_mark(rule, example):
        return problem
    trial = run_trial(extractor, rule, example.text, example.date)
    if not trial.results:
        return _explain_missing(extractor, rule, example, trial)
    faults = [faults for wanted in _wanted(rule, example)
              if (faults := _nearest(rule, example, wanted, trial.results))]
    if not faults:
        return None
    return Diagnostic("E003", f"`{rule.id}` matches {_name(rule, example)}, but gives " + "; ".join(faults[0]),
                      example.place, help="mend the rule, or mark and expect what it should give")


def _name(rule: Rule, example: Example | CounterExample) -> str:
    """What to call an example: a sentence that a frame filled is nowhere written as it was run."""
    kind = "example" if isinstance(example, Example) else "counter-example"
    filled = rule.frame and "{" in example.place.source
    return f"« {example.text} »" if filled else f"this {kind}"


Marks = dict[str, frozenset[tuple[int, int]]]


def _marks(example: Example) -> Marks:
    marks: dict[str, set[tuple[int, int]]] = {}
    for name, start, end in example.marks:
        marks.setdefault(name, set()).add((start, end))
    return {name: frozenset(spans) for name, spans in marks.items()}


def _wanted(rule: Rule, example: Example) -> list[Marks]:
    """What results must be among those found: one, or one for every mark of the capture that makes an event each."""
    marks = _marks(example)
    several = rule.mention.type if rule.mention else rule.event.each if rule.event else None
    if several is None or several not in marks:
        return [marks]
    return [{**marks, several: frozenset({span})} for span in sorted(marks[several])]


def _nearest(rule: Rule, example: Example, marks: Marks, results: list[Result]) -> list[str]:
    """What the result that comes nearest gives otherwise; empty when one is just right."""
    return min(([*_faults(rule, example, marks, r)] for r in results), key=len)


def _faults(rule: Rule, example: Example, marks: Marks, result: Result) -> Iterator[str]:
    if rule.event and "type" not in example.expect and result.type != rule.event.type:
        yield f"the type `{result.type}`, not `{rule.event.type}`"
    for name, spans in sorted(marks.items()):
        if result.spans.get(name, frozenset()) != spans:
            found = _quote(example.text, result.spans.get(name, frozenset()))
            yield f"`{name}` {found or 'nothing'}, not {_quote(example.text, spans)}"
    for path, wanted in example.expect.items():
        value = result.value(path)
        if not _is_same(value, wanted):
            yield f"`{path}: {_show(value)}`, not `{wanted}`"


def _quote(text: str, spans: frozenset[tuple[int, int]]) -> str:
    return " and ".join(f"« {text[start:end]} »" for start, end in sorted(spans))


def _is_same(value: Any, wanted: str) -> bool:
    """Whether a value is what was written; `~` and `none` say that there is none."""
    if wanted in ("~", "null", "") or (wanted == "none" and value != "none"):
        return value in (None, [], (), {})
    if isinstance(value, bool):
        return wanted == ("yes" if value else "no")
    if isinstance(value, dict):
        value = value.get("text", value.get("value"))
    if isinstance(value, int | float):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    return str(value) == wanted


def _show(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("text", value.get("value"))
    return "~" if value in (None, [], ()) else str(value)


def _unknown_mark(rule: Rule, example: Example) -> Diagnostic | None:
    """A mark that the rule can never give, and an example that asks for nothing, are mistakes in the example."""
    known = {*captures(rule.pattern), "trigger", "source", *ROLES}
    known |= {rule.mention.type} if rule.mention else set()
    known |= {*rule.event.arguments, *(r.role for r in rule.event.roles)} if rule.event else set()
    for name, _, _ in example.marks:
        if name not in known:
            return Diagnostic("E001", f"`{rule.id}` gives nothing that is called `{name}`", example.place,
                              help=did_you_mean(name, known) or "it gives " + ", ".join(sorted(known)))
    return None


def _explain_missing(extractor: Extractor, rule: Rule, example: Example, trial: Trial) -> Diagnostic:
    silence = explain_silence(trial.analysis, trial.events, trial.rule)
    if rule.kind == "attach" and not silence.reasons and finds_cue(trial.analysis, trial.rule):
        silence = Silence(("no event in reach",))
    miss = _near_miss(extractor, rule, example) if silence.elements else None
    why = miss.detail if miss and miss.detail else describe_silence(silence)
    return Diagnostic("E002", f"`{rule.id}` does not match {_name(rule, example)}: {why}", example.place,
                      help="mend the pattern, or the example; if it cannot be matched yet, move it to `todo:`")


def _near_miss(extractor: Extractor, rule: Rule, example: Example | CounterExample) -> NearMiss | None:
    """What why-not says of the rule."""
    from extractor.whynot import find_near_misses
    return next(iter(find_near_misses(extractor, example.text, None, rule.id, example.date, 1)), None)


def describe_silence(silence: Silence) -> str:
    """Why a rule says nothing, in words."""
    if silence.elements:
        element = " or ".join(f"`{e}`" for e in silence.elements[:3])
        stands = f"« {silence.word} » stands" if silence.word else "the sentence ends"
        return f"it gets no further than {element}, where {stands}"
    first = silence.reasons[0] if silence.reasons else "it"
    if first.startswith("unless."):
        return f"the veto `{first}` silences it"
    if first.startswith("beaten_by("):
        return f"`{first.removeprefix('beaten_by(').removesuffix(')')}` wins"
    if first == "where":
        return "no way to match satisfies `where:`"
    if first == "no event in reach":
        return "it matches, but no event is in its reach"
    return f"it matches, but finds no `{first}`, which is required" if silence.reasons else "no event comes of it"


# --- Counter-examples ------------------------------------------------------------------------------------------------


def check_counterexample(extractor: Extractor, rule: Rule, counterexample: CounterExample) -> Diagnostic | None:
    """None when the rule is silent for the reason given."""
    if problem := _unknown_reason(extractor, rule, counterexample):
        return problem
    trial = run_trial(extractor, rule, counterexample.text, counterexample.date)
    if trial.results:
        result = trial.results[0]
        gives = "reaches" if rule.kind == "attach" else "gives"
        return Diagnostic("E004", f"`{rule.id}` matches {_name(rule, counterexample)}: it {gives} `{result.type}` "
                          f"« {result.trigger} »", counterexample.place,
                          help="add a veto under `unless:`, or narrow the pattern")
    silence = explain_silence(trial.analysis, trial.events, trial.rule)
    if _gives_reason(silence, None, counterexample.because):
        return None
    miss = _near_miss(extractor, rule, counterexample) if silence.elements else None
    if _gives_reason(silence, miss, counterexample.because):
        return None
    here = "here" if _name(rule, counterexample).startswith("this") else f"on {_name(rule, counterexample)}"
    why = miss.detail if miss and miss.detail else describe_silence(silence)
    return Diagnostic("E005", f"`{rule.id}` is silent {here}, but not because of `{counterexample.because}`: {why}",
                      counterexample.place, help=_true_reason(silence, miss))


def _gives_reason(silence: Silence, miss: NearMiss | None, because: str) -> bool:
    """Whether the rule is silent for the reason. `gap_too_long(+2)` may be given without what stands in parentheses."""
    if because.startswith("beaten_by("):
        return any(fnmatchcase(reason, because) for reason in silence.reasons)
    near = {miss.reason, miss.code, miss.capture} if miss else set()
    return because in (*silence.reasons, *silence.codes, *near)


def _true_reason(silence: Silence, miss: NearMiss | None) -> str:
    reasons = (miss.capture or miss.code,) if miss else silence.reasons or silence.codes
    return "write " + " or ".join(f"`because: {r}`" for r in reasons[:2]) + ", or mend the rule"


#: The reason codes of why-not that need no name.
REASON_CODES = ("word", "accent_only", "inflection_only", "not_in_list", "gap_too_long", "barrier", "argument_missing",
                "type_mismatch", "number_range", "token_split", "rule_disabled", "constraint", "muted", "where")


def _unknown_reason(extractor: Extractor, rule: Rule, counterexample: CounterExample) -> Diagnostic | None:
    """A reason that no text could give is a mistake in the counter-example."""
    because = counterexample.because
    known = {f"unless.{v.name}" for v in rule.vetoes} | captures(rule.pattern) | set(REASON_CODES)
    known |= {*iter_element_names(rule.pattern)}
    known |= {r.role for r in rule.event.roles if r.required} if rule.event else {"no event in reach"}
    if because in known or _names_rule(extractor, because) or because.split("(")[0] in ("veto", "gap_too_long"):
        return None
    rules = {f"beaten_by({r.id})" for r in extractor.compiled.rules.rules} if because.startswith("beaten_by") else set()
    return Diagnostic("E001", f"`because: {because}` is no reason that `{rule.id}` can have", counterexample.place,
                      help=did_you_mean(because, rules or known) or
                      "write `unless.NAME`, the capture that fails, `where`, or `beaten_by(RULE)`")


def _names_rule(extractor: Extractor, because: str) -> bool:
    if not (because.startswith("beaten_by(") and because.endswith(")")):
        return False
    pattern = because.removeprefix("beaten_by(")[:-1]
    known = [r.id for r in extractor.compiled.rules.rules] + list(extractor.compiled.rules.broken)
    return any(fnmatchcase(name, pattern) for name in known)
