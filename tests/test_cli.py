"""The command line: what it prints, what it complains about, and the code it ends with. Most tests use a few rules of
their own; those of the shipped rules keep to the simplest sentences."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor import EventRecord, Extractor, __version__, cli
from extractor.documents import Input, InputFault, iter_inputs, parse_date
from extractor.engine import Extractor as Engine
from extractor.show import show_count, show_events

SENTENCE = "Douze civils ont été tués à Alep, selon l'OSDH."
RULES = """\
format: 1
about: As few rules as it takes.
types:
  harm.killed: { about: "people killed" }
  harm.injured: { about: "people wounded" }
words:
  number_word: [deux, trois, douze]
  people: [~civil, ~soldat]
  towns: { case: as_written, entries: [{ id: aleppo, name: Alep }, { id: gao, name: Gao }] }
  tellers: { case: as_written, entries: [{ id: osdh, name: OSDH, kind: ngo }] }
rules:
  - id: people.counted
    pattern: <n:$number_word> $people
    mention: { type: People, value: number(<n>), min: number(<n>), max: number(<n>), qualifier: exact }
    status: draft
  - id: place.town
    pattern: <town:$towns>
    mention: { type: Place, id: <town.id>, name: <town.name> }
    status: draft
  - id: killed.passive
    title: « douze civils ont été tués »
    pattern: <victim:@People> ont été <trigger:~tuer:pp>
    event: { type: harm.killed, roles: { place: { find: "@Place" } } }
    examples: ["<victim:Deux civils> ont été <trigger:tués>.", "<victim:Trois soldats> ont été <trigger:tués> à Gao."]
    counterexamples: [{ text: Deux civils ont été blessés., because: trigger }]
  - id: injured.passive
    pattern: <victim:@People> ont été <trigger:~blesser:pp>
    event: { type: harm.injured }
    status: draft
  - id: attribution.according
    pattern: <cue:selon> l' <source:$tellers>
    attach: { attribution: <source> }
    status: draft
  - id: denial.false
    pattern: <cue:à tort>
    attach: { factuality: denied }
    status: draft
"""


@dataclass(slots=True)
class Done:
    """What a command printed, complained about and ended with."""

    code: int
    out: str
    err: str

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Done]
Extract = Callable[..., list[EventRecord]]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few") / "rules"
    folder.mkdir()
    (folder / "few.yaml").write_text(RULES, encoding="utf-8")
    return folder


@pytest.fixture
def run(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line in an empty folder; `RULES` in it is the folder of the few rules."""
    monkeypatch.chdir(tmp_path)

    def run_line(line: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = cli.main([str(rules) if word == "RULES" else word for word in shlex.split(line)])
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return run_line


def iter_spans(data: Any) -> Iterator[tuple[str, int, int]]:
    if isinstance(data, dict):
        if {"text", "start", "end"} <= data.keys():
            yield data["text"], data["start"], data["end"]
        for value in data.values():
            yield from iter_spans(value)
    elif isinstance(data, list):
        for value in data:
            yield from iter_spans(value)


class TestExtract:
    def test_jsonl_holds_a_record_a_line(self, run: Run) -> None:
        Path("depeche.txt").write_text(SENTENCE + " Deux soldats ont été blessés à Gao.", encoding="utf-8")
        done = run("extract --rules RULES --format jsonl depeche.txt")
        assert (done.code, done.err) == (0, "")
        assert [(r["doc_id"], r["type"]) for r in done.records()] == [("depeche", "harm.killed"),
                                                                      ("depeche", "harm.injured")]
        assert "été" in done.out, "letters are written as they are, not as escapes"

    def test_json_shows_blocks_with_their_reasons(self, run: Run) -> None:
        text = f"Nouveau raid sur Alep\n\n{SENTENCE}\n\nLire aussi : La trêve tient à Gao\n\n{SENTENCE}\n"
        document = run("extract --rules RULES --format json --date 2019-05", text.encode()).records()[0]
        assert (document["doc_id"], document["date"]) == ("stdin", "2019-05")
        kinds = [block["kind"] for block in document["blocks"]]
        assert "furniture" in kinds
        assert kinds.count("paragraph") == 2
        assert all(block["reason"] for block in document["blocks"] if block["kind"] == "furniture")
        assert len(document["events"]) == 2

    def test_text_underlines_the_words_of_each_role(self, run: Run) -> None:
        done = run("extract --rules RULES", SENTENCE.encode())
        assert done.out.splitlines()[2:] == [
            f"harm.killed  by killed.passive, rules/few.yaml:20  ({run_id(run)})",
            "  Douze civils ont été tués à Alep, selon l'OSDH.",
            "  ────────────         ────   ────          ────",
            "  victim               trigger              source",
            "                              place",
            "  victim 12 · place aleppo · source osdh",
        ]

    def test_a_text_without_events_says_so(self, run: Run) -> None:
        assert run("extract --rules RULES", b"Il pleut.").out == "stdin: no event found\n"

    def test_type_narrows_by_name_or_pattern(self, run: Run) -> None:
        text = (SENTENCE + " Deux soldats ont été blessés.").encode()
        assert len(run("extract --rules RULES --format jsonl --type harm.injured", text).records()) == 1
        assert len(run("extract --rules RULES --format jsonl --type 'harm.*'", text).records()) == 2

    def test_spans_slice_the_text_as_it_stands_in_the_file(self, run: Run) -> None:
        text = f"\ufeff{SENTENCE}\r\n\r\nTrois\u00a0soldats ont été tués à Gao.\r\n"
        Path("crlf.txt").write_bytes(text.encode("utf-8"))
        records = run("extract --rules RULES --format jsonl crlf.txt").records()
        assert len(records) == 2
        assert [(t, s, e) for t, s, e in iter_spans(records) if text[s:e] != t] == []

    def test_same_input_gives_same_bytes(self, run: Run) -> None:
        first = run("extract --rules RULES --format jsonl", SENTENCE.encode())
        assert run("extract --rules RULES --format jsonl", SENTENCE.encode()).out == first.out

    def test_broken_rules_are_refused_unless_told_otherwise(self, run: Run) -> None:
        Path("mine").mkdir()
        Path("mine/few.yaml").write_text(RULES.replace("~blesser", "~blessser"), encoding="utf-8")
        refused = run("extract --rules mine", SENTENCE.encode())
        assert refused.code == 3
        assert "error[R009]" in refused.err
        assert "mine/few.yaml:27" in refused.err
        allowed = run("extract --rules mine --allow-broken --format jsonl", SENTENCE.encode())
        assert (allowed.code, len(allowed.records())) == (0, 1)

    def test_a_text_that_the_engine_stumbles_over_does_not_stop_the_others(
            self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        analyse_events = Engine.analyse_events

        def stumble(self: Engine, text: str, *rest: Any) -> Any:
            if "TRAP" in text:
                raise RecursionError("too deep")
            return analyse_events(self, text, *rest)

        monkeypatch.setattr(Engine, "analyse_events", stumble)
        lines = [json.dumps({"id": i, "text": t}) for i, t in (("a", "TRAP"), ("b", SENTENCE))]
        done = run("extract --rules RULES --format jsonl", "\n".join(lines).encode())
        assert (done.code, [r["doc_id"] for r in done.records()]) == (1, ["b"])
        assert done.err == "extractor: standard input:1: a fault of the program itself: RecursionError too deep\n"


def run_id(run: Run) -> str:
    record_id: str = run("extract --rules RULES --format jsonl", SENTENCE.encode()).records()[0]["id"]
    return record_id


# What stands in a file, and what is said about it.
BAD_FILES = {
    "empty.txt": (b"", "holds no text"),
    "blank.txt": (b" \n\t\n\xc2\xa0", "holds no text"),
    "binary.txt": (b"PK\x03\x04\x00\x00", "it holds NUL bytes"),
    "latin1.txt": ("Un mort.\nDes tués.".encode("latin-1"), "byte 16 (line 2) is 0xE9"),
    "utf16.txt": ("Douze tués".encode("utf-16"), "iconv -f UTF-16 -t UTF-8 'utf16.txt'"),
    "empty.jsonl": (b"\n\n", "holds no text"),
}
# A line of JSONL, and what is said about it.
BAD_LINES = {
    '{"id": "a", "text": ': "is not JSON",
    "[" * 100_000: "is not JSON that can be read",
    '["a"]': "is not a JSON object",
    '{"text": "x"}': "needs an `id`",
    '{"id": "a"}': "needs a `text`",
    '{"id": "a", "text": 3}': "needs a `text`",
    '{"id": "a", "text": " "}': "the document `a` holds no text",
    '{"id": "a", "text": "x", "title": 3}': "has a `title` that is no text",
    '{"id": "a", "text": "x", "date": "27 mai 2019"}': "`27 mai 2019` is not a date",
    '{"id": "a", "text": "x", "date": "2019-02-30"}': "there is no day `2019-02-30`",
    '{"id": "a", "text": "x", "date": 2019.5}': "is not a date",
    '{"id": "a", "text": "\\ud83d"}': "holds half a character",
}


class TestInput:
    @pytest.mark.parametrize("name", BAD_FILES)
    def test_bad_files_are_named_and_the_others_done(self, run: Run, name: str) -> None:
        data, message = BAD_FILES[name]
        Path(name).write_bytes(data)
        Path("good.txt").write_text(SENTENCE, encoding="utf-8")
        done = run(f"extract --rules RULES --format jsonl {name} good.txt")
        assert (done.code, [r["doc_id"] for r in done.records()]) == (1, ["good"])
        assert done.err.startswith(f"extractor: {name}: ")
        assert message in done.err

    def test_missing_files_and_folders_are_named(self, run: Run) -> None:
        Path("folder").mkdir()
        done = run("extract --rules RULES nowhere.txt folder")
        assert done.code == 1
        assert done.err.splitlines() == ["extractor: nowhere.txt: cannot be read: No such file or directory",
                                         "extractor: folder: is a folder; name its files, for instance folder/*.txt"]

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
    def test_a_file_without_permission_is_named(self, run: Run) -> None:
        Path("secret.txt").write_text(SENTENCE, encoding="utf-8")
        Path("secret.txt").chmod(0)
        assert "secret.txt: cannot be read: Permission denied" in run("extract --rules RULES secret.txt").err

    @pytest.mark.parametrize("line", BAD_LINES, ids=[k[:60] for k in BAD_LINES])
    def test_bad_lines_are_named_and_the_others_done(self, run: Run, line: str) -> None:
        good = json.dumps({"id": "b", "text": SENTENCE})
        Path("docs.jsonl").write_text(f"{good}\n\n{line}\n{good}\n", encoding="utf-8")
        done = run("extract --rules RULES --format jsonl docs.jsonl")
        assert (done.code, len(done.records())) == (1, 2)
        assert done.err.startswith("extractor: docs.jsonl:3: ")
        assert BAD_LINES[line] in done.err

    def test_a_line_that_is_not_utf8_is_named(self, run: Run) -> None:
        done = run("extract --rules RULES", b'{"id": "a", "text": "tu\xe9"}\n')
        assert "standard input:1: is not UTF-8: byte 24 is 0xE9" in done.err

    @pytest.mark.parametrize("date, expected", [('"2019-05-27"', "2019-05-27"), ('"2011"', "2011"), ("2011", "2011"),
                                                ('"None"', "2020-02"), ("null", "2020-02"), ('""', "2020-02")])
    def test_a_document_may_have_a_date_of_its_own(self, run: Run, date: str, expected: str) -> None:
        line = f'{{"id": "a", "text": "Il pleut.", "date": {date}, "other": 1}}'
        done = run("extract --rules RULES --format json --date 2020-02", line.encode())
        assert done.records()[0]["date"] == expected

    def test_stdin_may_hold_a_text_or_documents(self, run: Run) -> None:
        assert run("extract --rules RULES --format json -", SENTENCE.encode()).records()[0]["doc_id"] == "stdin"
        lines = b'\n{"id": 7, "text": "Il pleut."}\n{"id": "b", "text": "Il pleut."}'
        documents = run("extract --rules RULES --format json", lines).records()
        assert [d["doc_id"] for d in documents] == ["7", "b"]

    @pytest.mark.parametrize("value", ["2019", "2019-05", "2019-05-27", " 2019 ", "2020-02-29"])
    def test_dates_may_be_known_in_part(self, value: str) -> None:
        assert parse_date(value) == value.strip()

    @pytest.mark.parametrize("value", ["None", "null", "", None])
    def test_no_date_is_no_date(self, value: str | None) -> None:
        assert parse_date(value) is None

    @pytest.mark.parametrize("value", ["2019-13", "2019-02-29", "27/05/2019", "lundi", "2019-5-7", "0000", 2019.0, []])
    def test_anything_else_is_no_date(self, value: object) -> None:
        with pytest.raises(ValueError, match="2019-05-27, 2020-02 or 2011"):
            parse_date(value)

    @given(st.binary(max_size=80))
    def test_any_bytes_give_texts_or_faults(self, data: bytes) -> None:
        for found in iter_inputs([], io.BytesIO(data)):
            assert isinstance(found, Input | InputFault)
            assert not isinstance(found, Input) or found.text.encode("utf-8").strip()


class TestExplain:
    def test_text_is_extracted_and_explained(self, run: Run) -> None:
        done = run(f'explain --rules RULES --text "{SENTENCE}"')
        assert done.code == 0
        assert done.out.startswith("harm.killed « Douze civils ont été tués » (0–25)")
        assert "attribution.according" in done.out

    def test_records_are_chosen_by_the_start_of_their_id(self, run: Run) -> None:
        records = run("extract --rules RULES --format jsonl", (SENTENCE + " Deux soldats ont été blessés.").encode())
        Path("records.jsonl").write_text(records.out, encoding="utf-8")
        ids = [r["id"] for r in records.records()]
        one = run(f"explain {ids[1][:6]} records.jsonl")
        assert (one.code, one.out.split(" ")[0]) == (0, "harm.injured")
        assert run("explain - records.jsonl").out.count("told as") == 2
        assert run("explain -", records.out.encode()).out.count("told as") == 2

    def test_documents_with_events_are_records_too(self, run: Run) -> None:
        documents = run("extract --rules RULES --format json", SENTENCE.encode())
        assert run("explain -", documents.out.encode()).out.startswith("harm.killed")

    @pytest.mark.parametrize("line, stdin, code, message", [
        ("explain", b"", 2, "explain what?"),
        ("explain ffffffffffff", b'{"id": "0", "type": "x", "rule": {}, "explanation": {}}', 1, "no record"),
        ("explain -", b'{"id": "0", "type": "x", "rule": {}, "explanation": {}}', 1, "no explanation that can be read"),
        ("explain -", b'{"id": "0"}', 1, "standard input:1: is not an event record"),
        ("explain -", b"", 1, "holds no records"),
        ("explain - nowhere.jsonl", b"", 1, "nowhere.jsonl: cannot be read"),
    ])
    def test_what_cannot_be_explained_is_said(self, run: Run, line: str, stdin: bytes, code: int,
                                              message: str) -> None:
        done = run(line, stdin)
        assert (done.code, done.out) == (code, "")
        assert message in done.err


class TestVerify:
    @pytest.fixture(autouse=True)
    def _records(self, run: Run) -> None:
        Path("a.txt").write_text(SENTENCE, encoding="utf-8")
        Path("records.jsonl").write_text(run("extract --rules RULES --format jsonl a.txt").out, encoding="utf-8")

    def test_records_replay_on_their_text(self, run: Run) -> None:
        done = run("verify --rules RULES records.jsonl --text a.txt")
        assert (done.code, done.out) == (0, "1 record replayed, 0 with faults\n")

    def test_a_record_that_was_changed_does_not(self, run: Run) -> None:
        changed = Path("records.jsonl").read_text(encoding="utf-8").replace('"max": 12', '"max": 13')
        Path("records.jsonl").write_text(changed, encoding="utf-8")
        done = run("verify --rules RULES records.jsonl --text a.txt")
        assert done.code == 1
        assert done.out.endswith("1 record replayed, 1 with faults\n")

    def test_a_record_whose_text_is_not_given_is_named(self, run: Run) -> None:
        Path("b.txt").write_text("Il pleut.", encoding="utf-8")
        done = run("verify --rules RULES records.jsonl --text b.txt")
        assert (done.code, done.err) == (1, "extractor: a: no text given for its 1 record\n")


class TestRules:
    def test_list_prints_a_line_a_rule(self, run: Run) -> None:
        lines = run("rules list --rules RULES").out.splitlines()
        assert len(lines) == 6
        assert lines[2].split() == ["killed.passive", "harm.killed", "rules/few.yaml:20", "«", "douze", "civils", "ont",
                                    "été", "tués", "»"]
        assert "(draft)" in lines[0]

    @pytest.mark.parametrize("options, ids", [
        ("--type 'harm.*'", ["killed.passive", "injured.passive"]),
        ("--type People", ["people.counted"]),
        ("--kind attach", ["attribution.according", "denial.false"]),
        ("--kind event --type harm.injured", ["injured.passive"]),
    ])
    def test_list_may_be_narrowed(self, run: Run, options: str, ids: list[str]) -> None:
        assert [line.split()[0] for line in run(f"rules list --rules RULES {options}").out.splitlines()] == ids

    def test_show_prints_everything_about_a_rule(self, run: Run) -> None:
        shown = run("rules show killed.passive --rules RULES").out
        for text in ("rules/few.yaml:20", "<victim:@People> ont été <trigger:~tuer:pp>", "the event harm.killed",
                     "place: the nearest @Place", "<victim:Deux civils> ont été <trigger:tués>.", "because trigger"):
            assert text in shown

    def test_show_prints_the_values_of_a_mention_as_written(self, run: Run) -> None:
        assert "value: number(<n>)" in run("rules show people.counted --rules RULES").out

    def test_a_rule_that_does_not_load_is_shown_with_its_mistake(self, run: Run) -> None:
        Path("mine").mkdir()
        Path("mine/few.yaml").write_text(RULES.replace("~blesser", "~blessser"), encoding="utf-8")
        assert "error[R009]" in run("rules show injured.passive --rules mine").err
        listed = run("rules list --rules mine")
        assert (listed.code, len(listed.out.splitlines())) == (0, 5)
        assert "1 error in the rules" in listed.err


class TestCheck:
    def test_sound_rules_are_counted(self, run: Run) -> None:
        done = run("check RULES")
        assert done.code == 0
        assert done.out == "6 rules, 2 examples, 1 counter-example, 0 to do: 0 errors, 0 warnings\n"

    def test_an_example_that_fails_is_a_finding(self, run: Run) -> None:
        Path("mine").mkdir()
        Path("mine/few.yaml").write_text(RULES.replace("ont été <trigger:tués>.", "sont <trigger:tués>."),
                                         encoding="utf-8")
        done = run("check mine --brief")
        assert done.code == 1
        assert "error[E002]" in done.out
        assert run("check mine --no-examples").code == 0

    def test_rules_that_do_not_load_end_with_another_code(self, run: Run) -> None:
        Path("mine").mkdir()
        Path("mine/few.yaml").write_text(RULES.replace("$towns>", "$twons>"), encoding="utf-8")
        done = run("check mine")
        assert done.code == 3
        assert "did you mean `$towns`?" in done.out

    @pytest.mark.parametrize("command", ["check nowhere", "extract --rules nowhere", "rules list --rules nowhere",
                                         "check empty", "check file"])
    def test_a_folder_without_rules_is_wrong_usage(self, run: Run, command: str) -> None:
        Path("empty").mkdir()
        Path("file").write_text(RULES, encoding="utf-8")
        assert run(command).code == 2


class TestWhyNot:
    def test_the_nearest_rule_is_named_with_its_reason(self, run: Run) -> None:
        done = run('why-not "Douze civils ont été tues." --rules RULES --limit 1')
        assert done.code == 0
        assert done.out.startswith("1. killed.passive (harm.killed), rules/few.yaml:20: accent_only\n")

    @pytest.mark.parametrize("options", ["--rule nosuch", "--type nosuch", "--limit 0", "--limit x", "--date x"])
    def test_what_there_is_not_is_wrong_usage(self, run: Run, options: str) -> None:
        assert run(f'why-not "Il pleut." --rules RULES {options}').code == 2


class TestManners:
    @pytest.mark.parametrize("command", ["", "extract", "explain", "why-not", "rules", "rules list", "rules show",
                                         "check", "verify", "schema"])
    def test_every_command_has_help(self, run: Run, command: str) -> None:
        done = run(f"{command} --help")
        assert done.code == 0
        assert done.out.startswith(f"usage: extractor {command}".rstrip())

    def test_without_a_command_help_is_shown(self, run: Run) -> None:
        done = run("")
        assert (done.code, done.out) == (2, "")
        assert "extractor extract dispatch.txt" in done.err

    def test_version_and_schema(self, run: Run) -> None:
        assert run("--version").out == f"extractor {__version__}\n"
        assert json.loads(run("schema").out)["title"] == "extractor rule file"

    @pytest.mark.parametrize("line, message", [
        ("extract --date 2019-13-01 x.txt", "there is no day `2019-13-01`"),
        ("extract --type harm.kiled --rules RULES", "did you mean `harm.killed`"),
        ("extract --format xml", "invalid choice: 'xml'"),
        ("rules show killed.pasive --rules RULES", "did you mean `killed.passive`"),
        ("why-not ''", "it holds no words"),
        ("fly", "invalid choice: 'fly'"),
    ])
    def test_wrong_usage_ends_with_2(self, run: Run, line: str, message: str) -> None:
        done = run(line)
        assert (done.code, done.out) == (2, "")
        assert message in done.err

    def test_no_traceback_reaches_a_person(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_: object) -> int:
            raise ZeroDivisionError("oh")
        monkeypatch.setitem(cli.COMMANDS, "schema", fail)
        done = run("schema")
        assert (done.code, done.out) == (70, "")
        assert done.err == ("extractor: a fault of the program itself: ZeroDivisionError oh; please report it with the "
                            "command that you ran\n")


def start(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "extractor", *arguments], stderr=subprocess.PIPE,
                            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}, **options)


@pytest.mark.skipif(os.name == "nt", reason="pipes and signals are those of POSIX")
class TestPipes:
    @pytest.fixture
    def many(self, tmp_path: Path) -> Path:
        path = tmp_path / "many.jsonl"
        line = json.dumps({"id": "a", "text": SENTENCE}) + "\n"
        path.write_text(line * 20_000, encoding="utf-8")
        return path

    def test_a_reader_that_has_had_enough_ends_it_silently(self, rules: Path, many: Path) -> None:
        process = start("extract", "--rules", str(rules), "--format", "jsonl", str(many), stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")

    def test_ctrl_c_is_a_short_message(self, rules: Path, many: Path) -> None:
        # A process that a script starts in the background inherits SIGINT as ignored.
        process = start("extract", "--rules", str(rules), "--format", "jsonl", str(many), stdout=subprocess.PIPE,
                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (130, b"extractor: stopped\n")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
    def test_a_full_disk_is_a_message(self, rules: Path, many: Path) -> None:
        with open("/dev/full", "wb") as full:
            process = start("extract", "--rules", str(rules), "--format", "jsonl", str(many), stdout=full)
            _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (1, b"extractor: the output: No space left on device\n")


class TestShow:
    @pytest.mark.parametrize("count, shown", [
        ({"value": 12, "min": 12, "max": 12, "qualifier": "exact", "unit": "person"}, "12"),
        ({"value": None, "min": 20, "max": 30, "qualifier": "between", "unit": "person"}, "20–30"),
        ({"value": 5, "min": 5, "max": None, "qualifier": "at_least", "unit": "building"}, "at least 5 building"),
        ({"value": None, "min": None, "max": None, "qualifier": "tens", "unit": "person"}, "tens"),
        ({"value": 0, "min": 0, "max": 0, "qualifier": "none", "unit": "person"}, "none"),
    ])
    def test_counts_are_short(self, count: dict[str, Any], shown: str) -> None:
        assert show_count(count) == shown

    def test_what_terminals_obey_is_not_passed_on(self, rules: Path) -> None:
        text = "Deux civils ont été tués \x1b[2J à Alep."
        records = [r.to_dict() for r in Extractor.load(rules).extract(text)]
        assert records
        assert "\x1b" not in show_events(text, records)
        assert "\x1b[31m" in show_events(text, records, colour=True)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
    @given(st.lists(st.sampled_from(["à Alep", "selon l'OSDH", "e\u0301te\u0301", "北京", "très", "\n", "à tort"]),
                    max_size=30), st.integers(20, 120))
    def test_rules_stand_under_their_words(self, few: Extract, words: list[str], width: int) -> None:
        text = "Douze civils ont été tués " + " ".join(words)
        for record in few(text):
            shown = show_events(text, [record.to_dict()], width=width)
            assert "─" * len("Douze civils") in shown

    @pytest.fixture
    def few(self, rules: Path) -> Extract:
        extractor = Extractor.load(rules)
        return lambda text: extractor.extract(text)


class TestShippedRules:
    def test_the_simplest_sentence(self, extract_shipped: Extract) -> None:
        record = extract_shipped("Douze civils ont été tués lundi à Alep, selon l'OSDH.", "2019-05-27")[0]
        assert record.type == "harm.killed"
        assert record.arguments["victim"][0]["count"]["value"] == 12
        assert record.arguments["place"][0]["text"] == "Alep"
        assert record.attribution[0]["id"] == "osdh"

    def test_the_sample_dispatch_is_read_well(self, extract_shipped: Extract) -> None:
        text = (Path(__file__).parent.parent / "extractor" / "data" / "sample.txt").read_text(encoding="utf-8")
        records = extract_shipped(text, "2024-05-15", "sample")
        found = {r.type for r in records}
        assert {"harm.killed", "harm.injured", "harm.displaced", "attack.airstrike", "territory.captured",
                "statement.denial"} <= found
        assert len(records) >= 10
        assert [(t, s, e) for r in records for t, s, e in iter_spans(r.to_dict()) if text[s:e] != t] == []
