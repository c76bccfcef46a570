"""Read what the command line is given: files, standard input and JSONL become documents to extract from.

In: file names, `-` for standard input. Out: an `Input` for every text, and an `InputFault` for every one that cannot be
read; a fault never stops the ones after it. No character is changed: offsets found later are offsets of the text as it
stands in the file (line ends, no-break spaces and a byte order mark included).

    >>> [found.id for found in iter_inputs(["extractor/data/sample.txt"], sys.stdin.buffer)]
    ['sample']
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Day
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final

STDIN: Final = "-"
# What tables and scripts write for « no date ».
_NO_DATE: Final = frozenset({"", "none", "null"})
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_BOM: Final = "\ufeff"


@dataclass(slots=True)
class Input:
    """One text, as it was read. `origin` is the file, or file:line, that messages name."""

    id: str
    text: str
    date: str | None
    title: str | None
    origin: str


@dataclass(slots=True)
class InputFault:
    """A file or line that cannot be read, and what to do about it."""

    origin: str
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


class _UnreadableError(Exception):
    """What is wrong with a file or line, as a sentence for its author."""


def parse_date(value: object) -> str | None:
    """A publication date as far as it is known: `2019-05-27`, `2020-02` or `2011`; `None` and `null` are no date.

    Raises ValueError, with a sentence that says what to write, for anything else.
    """
    if value is None or str(value).strip().lower() in _NO_DATE:
        return None
    found = _DATE.fullmatch(str(value).strip())
    if found is None or isinstance(value, float):
        raise ValueError(f"`{value}` is not a date; write 2019-05-27, 2020-02 or 2011")
    try:
        Day(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise ValueError(f"there is no day `{value}` in the calendar; write 2019-05-27, 2020-02 or 2011") from None
    return found[0]


def iter_inputs(names: Sequence[str], stdin: BinaryIO, date: str | None = None) -> Iterator[Input | InputFault]:
    """The texts of all files in order, of standard input when none is named. `date` is for texts without their own."""
    for name in names or [STDIN]:
        try:
            yield from _iter_stdin(stdin, date) if name == STDIN else _iter_file(Path(name), date)
        except _UnreadableError as error:
            yield InputFault(_shown(name), str(error))
        except OSError as error:
            yield InputFault(_shown(name), f"cannot be read: {error.strerror or error}")


def iter_records(names: Sequence[str], stdin: BinaryIO) -> Iterator[dict[str, Any] | InputFault]:
    """The event records of JSONL files, of standard input when none is named."""
    for name in names or [STDIN]:
        try:
            with _open(name, stdin) as lines:
                yield from _iter_record_lines(lines, _shown(name))
        except _UnreadableError as error:
            yield InputFault(_shown(name), str(error))
        except OSError as error:
            yield InputFault(_shown(name), f"cannot be read: {error.strerror or error}")


# --- Files -----------------------------------------------------------------------------------------------------------


def _shown(name: str) -> str:
    """A file name that can be printed, whatever its bytes are."""
    return "standard input" if name == STDIN else os.fsencode(name).decode("utf-8", "replace")


def _iter_file(path: Path, date: str | None) -> Iterator[Input | InputFault]:
    if path.is_dir():
        raise _UnreadableError(f"is a folder; name its files, for instance {path}/*.txt")
    if path.suffix.lower() == ".jsonl":
        with path.open("rb") as lines:
            yield from _iter_lines(lines, _shown(str(path)), date)
    else:
        yield Input(_shown(path.stem), _decode(path.read_bytes(), _shown(str(path))), date, None, _shown(str(path)))


def _iter_stdin(stdin: BinaryIO, date: str | None) -> Iterator[Input | InputFault]:
    """One text, or JSONL when the first line that holds something starts with a brace."""
    head = b""
    while not head.strip() and (line := stdin.readline()):
        head += line
    if head.lstrip().startswith(b"{"):
        yield from _iter_lines(chain(head.splitlines(keepends=True), stdin), _shown(STDIN), date)
    else:
        yield Input("stdin", _decode(head + stdin.read(), _shown(STDIN)), date, None, _shown(STDIN))


def _open(name: str, stdin: BinaryIO) -> BinaryIO:
    if name != STDIN and Path(name).is_dir():
        raise _UnreadableError("is a folder; name a file of records")
    return stdin if name == STDIN else Path(name).open("rb")


def _decode(data: bytes, name: str) -> str:
    """The text of some bytes, which must be UTF-8 and hold something."""
    if data.startswith(_UTF16):
        raise _UnreadableError(f"is UTF-16, not UTF-8; convert it: {_iconv('UTF-16', name)}")
    if b"\0" in data:
        raise _UnreadableError("is not a text: it holds NUL bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        line = f" (line {number})" if b"\n" in data else ""
        raise _UnreadableError(
            f"is not UTF-8: byte {error.start + 1}{line} is 0x{data[error.start]:02X}; if it is an older Western "
            f"encoding, convert it: {_iconv('WINDOWS-1252', name)}") from None
    if not text.strip(_BOM + " \t\r\n\v\f\u00a0"):
        raise _UnreadableError("holds no text")
    return text


def _iconv(encoding: str, name: str) -> str:
    return f"iconv -f {encoding} -t UTF-8 {'FILE' if name == _shown(STDIN) else repr(name)} > utf8.txt"


# --- JSONL -----------------------------------------------------------------------------------------------------------


def _iter_lines(lines: Iterable[bytes], name: str, date: str | None) -> Iterator[Input | InputFault]:
    """A document a line; a line that is none is a fault, and the next one is read."""
    empty = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        empty = False
        origin = f"{name}:{number}"
        try:
            yield _read_document(_parse_object(line, name), date, origin)
        except _UnreadableError as error:
            yield InputFault(origin, str(error))
    if empty:
        raise _UnreadableError("holds no text")


def _parse_object(line: bytes, name: str) -> dict[str, Any]:
    try:
        data = json.loads(_decode(line.strip(), name).removeprefix(_BOM))
    except json.JSONDecodeError as error:
        raise _UnreadableError(f"is not JSON: {error.msg} at column {error.colno}") from None
    except (RecursionError, ValueError) as error:
        raise _UnreadableError(f"is not JSON that can be read: {error}") from None
    if not isinstance(data, dict):
        raise _UnreadableError('is not a JSON object; write {"id": "…", "text": "…"}')
    return data


def _read_document(data: dict[str, Any], date: str | None, origin: str) -> Input:
    """`{"id", "text", "date"?, "title"?}`; other keys are left alone."""
    id_, text, title = data.get("id"), data.get("text"), data.get("title")
    if isinstance(id_, bool) or not isinstance(id_, str | int) or id_ == "":
        raise _UnreadableError("needs an `id`, as text")
    if not isinstance(text, str):
        raise _UnreadableError("needs a `text`, as text")
    if not text.strip():
        raise _UnreadableError(f"the document `{id_}` holds no text")
    if title is not None and not isinstance(title, str):
        raise _UnreadableError("has a `title` that is no text")
    for value in (str(id_), text, title or ""):
        _refuse_half_characters(value)
    try:
        return Input(str(id_), text, parse_date(data.get("date")) or date, title, origin)
    except ValueError as error:
        raise _UnreadableError(str(error)) from None


def _refuse_half_characters(value: str) -> None:
    """JSON can say half a character (`\\ud83d`), which no file can hold: its record could not be written."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _UnreadableError(f"holds half a character (\\u{ord(value[error.start]):04x}) and cannot be "
                               "written back") from None


def _iter_record_lines(lines: Iterable[bytes], name: str) -> Iterator[dict[str, Any] | InputFault]:
    empty = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        empty = False
        try:
            yield from _records_of(_parse_object(line, name))
        except _UnreadableError as error:
            yield InputFault(f"{name}:{number}", str(error))
    if empty:
        raise _UnreadableError("holds no records")


def _records_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """A record, or the records of a document (`--format json`)."""
    records = data.get("events", [data])
    keys = {"id", "type", "rule", "explanation"}
    if not isinstance(records, list) or not all(isinstance(r, dict) and keys <= r.keys() for r in records):
        raise _UnreadableError("is not an event record; make some with `extractor extract --format jsonl`")
    return records
