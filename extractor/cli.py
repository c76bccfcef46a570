"""The command line: arguments → calls → exit code. All work is done elsewhere; only printing happens here.

In: the words after `extractor`. Out: text or JSON on standard output, complaints on standard error, and an exit code:
0 fine; 1 something was found wrong with the input, the records or the rules' examples; 2 wrong usage; 3 the rules do
not load; 70 a fault of the program; 130 stopped by Ctrl-C.

    >>> main(["extract", "extractor/data/sample.txt", "--date", "2024-05-14"])
    0
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn

from extractor.analysis import Analysis
from extractor.arguments import build_parser
from extractor.diagnostics import Diagnostic, RulesError, did_you_mean, render_all
from extractor.documents import STDIN, Input, InputFault, iter_inputs, iter_records
from extractor.engine import Extractor
from extractor.listing import list_rules, show_rule
from extractor.record import RecordMaker
from extractor.ruleset import RuleSet, shipped_rules_folder
from extractor.shapes import json_schema
from extractor.show import MAX_WIDTH, WIDTH, show_events, show_heading

TOO_FEW_EXAMPLES = "R015"
FINE, FINDINGS, USAGE, BROKEN_RULES, INTERNAL, STOPPED = 0, 1, 2, 3, 70, 130

class UsageError(Exception):
    """The arguments ask for something that there is not."""


def run() -> NoReturn:
    """The command: `main`, and then the end of the process at once. Looking for cycles among what was loaded, and
    taking it apart object by object, would cost a tenth of a short run; all of it goes with the process."""
    gc.disable()
    code = main()
    sys.stderr.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; whatever goes wrong, no traceback reaches the person."""
    _write_utf8()
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _forget_output()
        return FINE
    except OSError as error:
        _forget_output()
        _say(f"{error.filename or 'the output'}: {error.strerror or error}")
        return FINDINGS
    except KeyboardInterrupt:
        _forget_output()
        _say("stopped")
        return STOPPED


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = build_parser().parse_args(argv)
        return COMMANDS[arguments.command](arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    except RulesError as error:
        return _refuse_broken(error.diagnostics)
    except UsageError as error:
        _say(str(error))
        return USAGE
    except OSError:
        raise
    except Exception as error:
        _say(f"{_describe_fault(error)}; please report it with the command that you ran")
        return INTERNAL


# --- Extract ---------------------------------------------------------------------------------------------------------


def run_extract(arguments: argparse.Namespace) -> int:
    """Prints the events of every text; what cannot be read is named, and the others are done."""
    extractor = _load(arguments.rules, arguments.allow_broken)
    _check_types(arguments.types, extractor.compiled.rules.types)
    faults: list[InputFault] = []
    first = True
    for found in _iter_texts(arguments.files, arguments.date, faults):
        try:
            analysis, records = _extract(extractor, found)
        except Exception as error:
            # One text that the engine stumbles over must not cost a night's run of ten thousand others.
            _complain(InputFault(found.origin, _describe_fault(error)), faults)
            continue
        wanted = [r for r in records if _is_wanted(r["type"], arguments.types)]
        match arguments.format:
            case "jsonl":
                _print_lines(wanted)
            case "json":
                _print_lines([_describe_document(analysis, wanted)])
            case _:
                _print_events(found, wanted, separate=not first)
        first = False
    return FINDINGS if faults else FINE


def _iter_texts(files: Sequence[str], date: str | None, faults: list[InputFault]) -> Iterator[Input]:
    """The texts that can be read; the others are named on standard error and added to `faults`."""
    if sys.stdin.isatty() and (not files or STDIN in files):
        _say("reading a text from the terminal; end it with Ctrl-D")
    for found in iter_inputs(files, sys.stdin.buffer, date):
        if isinstance(found, InputFault):
            _complain(found, faults)
        else:
            yield found


def _extract(extractor: Extractor, found: Input) -> tuple[Analysis, list[dict[str, Any]]]:
    analysis, events = extractor.analyse_events(found.text, found.date, found.id, found.title)
    for warning in analysis.warnings:
        _say(f"{found.origin}: {warning}")
    maker = RecordMaker(analysis)
    return analysis, [maker.make(event).to_dict() for event in events]


def _describe_document(analysis: Analysis, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    document = analysis.document
    blocks = [{"start": b.start, "end": b.end, "kind": b.kind, "reason": b.reason} for b in document.blocks]
    return {"doc_id": document.id, "date": document.date, "blocks": blocks, "events": records}


def _print_lines(data: Sequence[dict[str, Any]]) -> None:
    for item in data:
        print(json.dumps(item, ensure_ascii=False))


def _print_events(found: Input, records: Sequence[dict[str, Any]], separate: bool) -> None:
    on_terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size((WIDTH, 24)).columns, MAX_WIDTH) if on_terminal else WIDTH
    colour = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    print(("\n" if separate else "") + show_heading(found.id, found.date, len(records)))
    if records:
        print("\n" + show_events(found.text, records, width=width, colour=colour))


def _is_wanted(type_: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(type_, pattern) for pattern in patterns)


def _check_types(patterns: Sequence[str], known: Collection[str]) -> None:
    for pattern in patterns:
        if not any(fnmatchcase(type_, pattern) for type_ in known):
            raise UsageError(f"there is no event type `{pattern}`; "
                             + (did_you_mean(pattern, known) or "the types are " + ", ".join(sorted(known))))


# --- Explain, verify, why not ----------------------------------------------------------------------------------------


def run_explain(arguments: argparse.Namespace) -> int:
    """Prints the derivation of the records asked for."""
    from extractor.explain import render_explanation

    if (arguments.text is None) == (arguments.record is None):
        raise UsageError("explain what? Give a record id (or `-` for all) and JSONL files, or --text \"…\"")
    faults: list[InputFault] = []
    shown = 0
    for record in _iter_asked(arguments, faults):
        try:
            text = render_explanation(record)
        except (KeyError, TypeError, AttributeError, ValueError):
            _complain(InputFault(f"record {record['id']}", "has no explanation that can be read"), faults)
            continue
        print(("\n" if shown else "") + text)
        shown += 1
    if not shown and not faults:
        _say("no event was found" if arguments.text is not None else f"there is no record `{arguments.record}`")
    return FINE if arguments.text is not None or (shown and not faults) else FINDINGS


def _iter_asked(arguments: argparse.Namespace, faults: list[InputFault]) -> Iterator[dict[str, Any]]:
    if arguments.text is not None:
        extractor = _load(arguments.rules)
        yield from _extract(extractor, Input("text", arguments.text, arguments.date, None, "text"))[1]
        return
    wanted = "" if arguments.record == STDIN else arguments.record
    yield from (r for r in _iter_records(arguments.files, faults) if str(r["id"]).startswith(wanted))


def _iter_records(files: Sequence[str], faults: list[InputFault]) -> Iterator[dict[str, Any]]:
    for found in iter_records(files, sys.stdin.buffer):
        if isinstance(found, InputFault):
            _complain(found, faults)
        else:
            yield found


def run_verify(arguments: argparse.Namespace) -> int:
    """Replays every record on its text; prints what does not come out the same."""
    from extractor.explain import verify_records

    extractor = _load(arguments.rules)
    faults: list[InputFault] = []
    waiting: dict[str, list[dict[str, Any]]] = {}
    for record in _iter_records([arguments.records], faults):
        waiting.setdefault(str(record.get("doc_id")), []).append(record)
    checked = wrong = 0
    for found in _iter_texts(arguments.files, arguments.date, faults):
        records = waiting.pop(found.id, [])
        for record, failures in zip(records, verify_records(records, extractor, found.text, found.date, found.title),
                                    strict=True):
            checked += 1
            wrong += bool(failures)
            for failure in failures:
                print(f"{record['id']}: {failure}")
    for doc_id, records in waiting.items():
        _complain(InputFault(doc_id, f"no text given for its {count_of(len(records), 'record')}"), faults)
    print(f"{count_of(checked, 'record')} replayed, {wrong} with faults")
    return FINDINGS if wrong or faults else FINE


def run_why_not(arguments: argparse.Namespace) -> int:
    """Prints the nearest rules. Broken rules are among the answers, so they do not stop it."""
    from extractor.whynot import find_near_misses, render_near_misses

    extractor = _load(arguments.rules, allow_broken=True)
    _note_broken(extractor.compiled.rules)
    try:
        misses = find_near_misses(extractor, arguments.text, arguments.type, arguments.rule, arguments.date,
                                  arguments.limit)
    except ValueError as error:
        raise UsageError(str(error)) from None
    print(render_near_misses(misses))
    return FINE


# --- Rules -----------------------------------------------------------------------------------------------------------


def run_rules_list(arguments: argparse.Namespace) -> int:
    """Prints a line a rule. Rules that do not load are counted, and the others shown."""
    rules = _read_rules(arguments.rules)
    if arguments.type:
        _check_types([arguments.type], {*rules.types, *(r.makes for r in rules.rules)})
    wanted = [r for r in rules.rules if (not arguments.type or fnmatchcase(r.makes, arguments.type))
              and arguments.kind in (None, r.kind)]
    if wanted:
        print(list_rules(wanted))
    _note_broken(rules)
    return FINE


def run_rules_show(arguments: argparse.Namespace) -> int:
    """Prints one rule."""
    rules = _read_rules(arguments.rules)
    rule = rules.rule(arguments.id)
    if rule is None:
        if arguments.id in rules.broken:
            return _refuse_broken(rules.diagnostics)
        raise UsageError(f"there is no rule `{arguments.id}`; "
                         + (did_you_mean(arguments.id, [r.id for r in rules.rules]) or "see `extractor rules list`"))
    print(show_rule(rule))
    return FINE


def run_check(arguments: argparse.Namespace) -> int:
    """Prints every finding and a line that counts them."""
    from extractor.check import check_rules

    folder = _rules_folder(arguments.folder)
    report = check_rules(folder, run_examples=not arguments.no_examples, only=arguments.only)
    if report.diagnostics:
        print(render_all(report.diagnostics, arguments.brief) + ("" if arguments.brief else "\n"))
    errors = [d for d in report.diagnostics if d.severity == "error"]
    counts = [count_of(report.rules, "rule"), count_of(report.examples, "example"),
              count_of(report.counterexamples, "counter-example"), f"{report.todos} to do"]
    counts += [f"{report.skipped} not run (they need rules that do not load)"] if report.skipped else []
    print(f"{', '.join(counts)}: {count_of(len(errors), 'error')}, "
          f"{count_of(len(report.diagnostics) - len(errors), 'warning')}")
    return BROKEN_RULES if any(is_load_error(d) for d in errors) else FINDINGS if errors else FINE


def run_schema(_: argparse.Namespace) -> int:
    """Prints the JSON Schema of rule files."""
    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return FINE


def _load(folder: str | None, allow_broken: bool = False) -> Extractor:
    _loaded[:] = [Extractor.load(_rules_folder(folder), allow_broken=allow_broken)]
    return _loaded[0]


# What was loaded last, so that it is not taken apart before the process ends (see `run`).
_loaded: list[Extractor] = []


def _read_rules(folder: str | None) -> RuleSet:
    from extractor.rules import load_rules
    return load_rules(_rules_folder(folder))


def _rules_folder(name: str | Path | None) -> Path:
    """The folder named, or that of the shipped rules; it must be one and hold rule files."""
    folder = Path(name) if name is not None else shipped_rules_folder()
    if not folder.is_dir():
        what = "is a file, not a folder of rules" if folder.exists() else "there is no such rules folder"
        raise UsageError(f"{folder}: {what}")
    if next(folder.rglob("*.yaml"), None) is None:
        raise UsageError(f"{folder}: holds no rule files (*.yaml)")
    return folder


def run_help(_: argparse.Namespace) -> int:
    """Someone who names no command is shown what there is."""
    build_parser().print_help(sys.stderr)
    return USAGE


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "extract": run_extract, "explain": run_explain, "verify": run_verify, "why-not": run_why_not,
    "rules list": run_rules_list, "rules show": run_rules_show, "check": run_check, "schema": run_schema,
    "help": run_help,
}


# --- What people are told --------------------------------------------------------------------------------------------


def _say(message: str) -> None:
    print(f"extractor: {message}", file=sys.stderr)


def _complain(fault: InputFault, faults: list[InputFault]) -> None:
    _say(str(fault))
    faults.append(fault)


def _note_broken(rules: RuleSet) -> None:
    errors = [d for d in rules.diagnostics if d.severity == "error"]
    if errors:
        _say(f"{count_of(len(errors), 'error')} in the rules; what does not load is left out (see `extractor check`)")


def _refuse_broken(diagnostics: Sequence[Diagnostic]) -> int:
    errors = [d for d in diagnostics if d.severity == "error"]
    print(render_all(errors), file=sys.stderr)
    _say(f"the rules do not load: {count_of(len(errors), 'error')}")
    return BROKEN_RULES


def count_of(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def is_load_error(diagnostic: Diagnostic) -> bool:
    """Whether a rule cannot run, against one that runs and does not do what its examples say."""
    return not (diagnostic.code.startswith("E") or diagnostic.code == TOO_FEW_EXAMPLES)


def _describe_fault(error: Exception) -> str:
    return f"a fault of the program itself: {type(error).__name__} {error}".strip()


def _write_utf8() -> None:
    """Records and French are UTF-8, whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_output() -> None:
    """What is still to be written goes nowhere, without a word: the reader has had enough (`| head`)."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
