"""The code blocks of a guide: read them, write their files, run their commands and compare what they print.

In: a Markdown text and an empty folder. The word behind a fence says what to do: `console` holds commands behind `$ `,
each with its output; `yaml FILE` is written to that file; `diff FILE` replaces its `-` lines by its `+` lines;
`python` is run, and the `text` block behind it is what it prints. `…` in an output stands for anything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"


@dataclass(slots=True)
class Block:
    """One fenced block: its kind, the file it is for, its text, and the line it starts on."""

    kind: str
    file: str
    text: str
    line: int


@dataclass(slots=True)
class Outcome:
    """A command or program with what the guide says it prints and what it printed."""

    line: int
    command: str
    expected: str
    printed: str

    def is_as_told(self) -> bool:
        return matches(self.printed, self.expected)


def read_blocks(markdown: str) -> list[Block]:
    return [Block(found[1], found[2] or "", found[3], markdown.count("\n", 0, found.start()) + 1)
            for found in _BLOCK.finditer(markdown)]


def prepare_folder(folder: Path) -> dict[str, str]:
    """Copies what guides speak of into the folder; gives the environment in which `extractor` is a command."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    shutil.copytree(ROOT / "extractor" / "data", folder / "extractor" / "data")
    commands = folder / ".commands"
    commands.mkdir()
    for name, module in (("extractor", "-m extractor"), ("python", "")):
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P {module} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    # The package is the one under test; the folder `extractor` beside the copied data is none.
    return {**os.environ, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8"}


def follow(blocks: list[Block], folder: Path) -> Iterator[Outcome]:
    """Does what the blocks say, in order."""
    environment = prepare_folder(folder)
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        match block.kind:
            case "yaml" if block.file:
                target = folder / block.file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.text, encoding="utf-8")
            case "diff":
                _apply(block, folder / block.file)
            case "console":
                for line, command, expected in read_commands(block):
                    yield Outcome(line, command, expected, _run(["bash", "-c", command], folder, environment))
            case "python" if after is not None and after.kind == "text":
                printed = _run([sys.executable, "-P", "-c", block.text], folder, environment)
                yield Outcome(block.line, block.text, after.text, printed)


def read_commands(block: Block) -> Iterator[tuple[int, str, str]]:
    """(line, command, expected output) of a console block."""
    lines = block.text.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield block.line + start + 1, lines[start][2:].strip(), "".join(lines[start + 1:end])


def matches(printed: str, expected: str) -> bool:
    """Whether the output is the expected one; a line that is `…` alone stands for any lines, or none."""
    pattern = ""
    for line in expected.strip().splitlines():
        if line.strip() == ANYTHING:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split(ANYTHING)) + "\n"
    text = "".join(line.rstrip() + "\n" for line in printed.strip().splitlines())
    return re.fullmatch(pattern, text) is not None


def _apply(block: Block, file: Path) -> None:
    old, new = ("\n".join(line[1:] for line in block.text.splitlines() if line.startswith(sign)) for sign in "-+")
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"line {block.line}: `{old.strip()}` stands {text.count(old)} times in {block.file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8",
                          check=False, stdin=subprocess.DEVNULL, timeout=300)
    return done.stdout + done.stderr
