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

from extractor.compiled import compile_rules, uses
from extractor.diagnostics import Diagnostic, Place, RulesError
from extractor.engine import Extractor
from extractor.rules import load_rules
from extractor.ruleset import Rule, RuleSet, shipped_rules_folder
from extractor.verdict import check_counterexample, check_example

__all__ = ["CheckReport", "check_counterexample", "check_example", "check_rules"]

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
            if not circular:
                raise
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
