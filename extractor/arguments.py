"""The arguments of the command line: every command, its options and the help that people read.

In: nothing. Out: an argparse parser; what it parses names the command to run as `command`, `"rules list"` for instance.

    >>> build_parser().parse_args(["why-not", "Douze civils ont été tues."]).limit
    3
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from extractor import __version__
from extractor.documents import parse_date

_ABOUT = """\
Finds events of conflicts in French news: who did what to whom, where, when and according to whom.
Every record names the rule that made it and can be explained word by word."""

_EXAMPLES = """\
examples:
  extractor extract dispatch.txt                        events as readable text
  extractor extract --format jsonl --date 2024-05-14 *.txt > records.jsonl
  extractor explain --text "Douze civils ont été tués lundi à Alep, selon l'OSDH."
  extractor why-not "Douze civils ont été tues."        the nearest rules, and what each lacked
  extractor rules list --type 'harm.*'                  the rules that make these events
  extractor check rules                                 all rules, all their examples

`extractor COMMAND --help` tells more about a command; rules/README.md shows how to write a rule.
exit codes: 0 fine, 1 findings, 2 wrong usage, 3 the rules do not load, 130 stopped"""


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(prog="extractor", description=_ABOUT, epilog=_EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"extractor {__version__}")
    parser.set_defaults(command="help")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_extract(commands)
    _add_explain(commands)
    _add_why_not(commands)
    _add_rules(commands)
    _add_check(commands)
    _add_verify(commands)
    _add_command(commands, "schema", "print the JSON Schema of rule files, for editors",
                 "example: extractor schema > rule-file.schema.json")
    return parser


def _add_command(commands: Any, name: str, about: str, examples: str) -> argparse.ArgumentParser:
    """A command, which is called by the last word of `name`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name.split()[-1], help=about, description=about[0].upper() + about[1:] + ".", epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(command=name)
    return parser


def _add_extract(commands: Any) -> None:
    parser = _add_command(commands, "extract", "find the events of texts", """\
examples:
  extractor extract dispatch.txt
  extractor extract --format jsonl --date 2024-05-14 *.txt > records.jsonl
  zcat archive.jsonl.gz | extractor extract --format jsonl --type 'harm.*'

A *.jsonl file, and standard input that starts with `{`, holds a document a line: {"id", "text", "date"?, "title"?}.
A file that cannot be read is named on standard error, the others are done, and the exit code is 1.""")
    parser.add_argument("files", nargs="*", metavar="FILE", help="text or JSONL files; `-` or none: standard input")
    parser.add_argument("--format", choices=("text", "json", "jsonl"), default="text",
                        help="text: for reading (default); jsonl: a record a line; json: a document a line, with its "
                             "blocks (headlines, furniture …) and events")
    parser.add_argument("--type", action="append", default=[], metavar="TYPE", dest="types",
                        help="only events of this type (`harm.killed`, `'attack.*'`); may be repeated")
    parser.add_argument("--allow-broken", action="store_true", help="run without the rules that do not load")
    _add_date(parser)
    _add_rules_folder(parser)


def _add_explain(commands: Any) -> None:
    parser = _add_command(commands, "explain", "say, word by word, how records came about", """\
examples:
  extractor explain --text "Douze civils ont été tués lundi à Alep, selon l'OSDH."
  extractor explain 3f9c1d7a2b60 records.jsonl
  extractor extract --format jsonl dispatch.txt | extractor explain -""")
    parser.add_argument("record", nargs="?", metavar="RECORD_ID",
                        help="the id of a record, or its first digits; `-` for all records")
    parser.add_argument("files", nargs="*", metavar="FILE", help="JSONL files of records; none: standard input")
    parser.add_argument("--text", type=_words, help="a text to extract from and explain, instead of records")
    _add_date(parser)
    _add_rules_folder(parser)


def _add_why_not(commands: Any) -> None:
    parser = _add_command(commands, "why-not", "say which rules came nearest to an event, and what each "
                          "lacked", """\
examples:
  extractor why-not "Douze civils ont été tues."
  extractor why-not "Trois soldats ont été lapidés." --type harm.killed --limit 1
  extractor why-not "Des pourparlers ont débuté." --rule killed.passive""")
    parser.add_argument("text", type=_words, metavar="SENTENCE")
    parser.add_argument("--type", metavar="TYPE", help="only rules that make this type of event (`harm.*`) or mention")
    parser.add_argument("--rule", metavar="ID", help="only this rule")
    parser.add_argument("--limit", type=_positive, default=3, metavar="N", help="at most so many rules (default 3)")
    _add_date(parser)
    _add_rules_folder(parser)


def _add_rules(commands: Any) -> None:
    parser = commands.add_parser("rules", help="list rules, or show one", description="List rules, or show one.")
    actions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = _add_command(actions, "rules list", "print a line a rule",
                           "example: extractor rules list --type 'harm.*' --kind event")
    listing.add_argument("--type", metavar="TYPE", help="only rules that make this type of event (`harm.*`) or mention")
    listing.add_argument("--kind", choices=("mention", "event", "attach"), help="only rules that make these")
    _add_rules_folder(listing)
    show = _add_command(actions, "rules show", "print everything about one rule",
                        "example: extractor rules show killed.passive")
    show.add_argument("id", metavar="ID")
    _add_rules_folder(show)


def _add_check(commands: Any) -> None:
    parser = _add_command(commands, "check", "load all rules and run all their examples", """\
examples:
  extractor check                     the shipped rules
  extractor check my-rules --brief    a line a finding
  extractor check my-rules --only 'killed.*'""")
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="a folder of rules (default: the shipped "
                        "ones)")
    parser.add_argument("--brief", action="store_true", help="a line a finding")
    parser.add_argument("--no-examples", action="store_true", help="do not run the examples")
    parser.add_argument("--only", action="append", default=[], metavar="ID",
                        help="run the examples of these rules alone (`killed.*`); may be repeated")


def _add_verify(commands: Any) -> None:
    parser = _add_command(commands, "verify", "replay the explanations of records on their texts",
                          "example: extractor verify records.jsonl --text dispatch.txt --date 2024-05-14")
    parser.add_argument("records", metavar="RECORDS", help="a JSONL file of records; `-`: standard input")
    parser.add_argument("--text", nargs="+", required=True, metavar="FILE", dest="files",
                        help="the texts they were made of (text or JSONL files)")
    _add_date(parser)
    _add_rules_folder(parser)


def _add_date(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--date", type=_date, metavar="D", help="publication date of texts that carry none: "
                        "2024-05-14, 2024-05 or 2024; without it `lundi` stays unresolved")


def _add_rules_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rules", metavar="DIR", help="a folder of rules (default: the shipped ones)")


def _date(text: str) -> str | None:
    try:
        return parse_date(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _words(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it holds no words")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise argparse.ArgumentTypeError("it is not UTF-8")
    return text


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number above 0")
    return int(text)
