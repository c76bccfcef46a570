"""An example against what its rule made: nothing to say, or the diagnostic that says what came instead.

In: an `Extractor`, a rule and one of its examples or counter-examples. Out: None when the rule gives exactly what is
marked and expected, or is silent for the reason given; else a diagnostic at the example.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from extractor.diagnostics import Diagnostic, did_you_mean
from extractor.engine import Extractor
from extractor.pattern import captures
from extractor.ruleset import CounterExample, Example, Rule
from extractor.shapes import ROLES
from extractor.silence import Silence, explain_silence, iter_element_names
from extractor.trial import Result, Trial, finds_cue, run_trial
from extractor.whynot import NearMiss, find_near_misses

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
