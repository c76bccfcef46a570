"""The wheel: built from the checkout, installed where the checkout is not, it extracts and explains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = "Douze civils ont été tués lundi à Alep, selon l'OSDH."
# What pip says when there is no way to an index; anything else is a fault of the package.
NO_NETWORK = ("Temporary failure in name resolution", "Failed to establish a new connection", "NewConnectionError",
              "Network is unreachable", "ProxyError", "ConnectTimeoutError", "No matching distribution found for lark")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run([str(c) for c in command], cwd=cwd, env=environment, capture_output=True, text=True,
                          encoding="utf-8", check=False, input=stdin, timeout=600)


def pip(python: str | Path, *arguments: str | Path, cwd: Path) -> None:
    done = run(python, "-m", "pip", *arguments, cwd=cwd)
    if done.returncode and any(sign in done.stderr + done.stdout for sign in NO_NETWORK):
        pytest.skip("no package index within reach")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    if run(sys.executable, "-m", "pip", "--version", cwd=folder).returncode:
        pytest.skip("no pip")
    pip(sys.executable, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def command(wheel: Path) -> Path:
    """The `extractor` command of a fresh environment that holds the wheel and nothing of the checkout."""
    venv = wheel.parent / "venv"
    assert run(sys.executable, "-m", "venv", venv, cwd=wheel.parent).returncode == 0
    scripts = venv / ("Scripts" if os.name == "nt" else "bin")
    pip(scripts / "python", "install", "--quiet", wheel, cwd=wheel.parent)
    return scripts / "extractor"


@pytest.mark.parametrize("folder", ["rules", "grammar"])
def test_wheel_holds_every_rule_and_grammar_file(wheel: Path, folder: str) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"extractor/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / folder).rglob("*") if p.is_file()}
    assert wanted <= held


def test_wheel_holds_data_types_and_licences(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {"extractor/py.typed", "extractor/data/sample.txt", "extractor/data/inflection.txt"} <= held
    assert {Path(name).name for name in held} >= {"LICENSE", "LICENSE-inflection.txt", "NOTICE.txt"}
    assert not any(name.startswith("tests/") for name in held)


def test_installed_command_extracts(command: Path, tmp_path: Path) -> None:
    (tmp_path / "depeche.txt").write_text(TEXT, encoding="utf-8")
    done = run(command, "extract", "--format", "jsonl", "--date", "2019-05-27", "depeche.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout.splitlines()[0])
    assert record["doc_id"] == "depeche"
    assert record["type"] == "harm.killed"
    assert record["arguments"]["victim"][0]["count"]["value"] == 12
    assert record["arguments"]["place"][0]["text"] == "Alep"
    assert record["attribution"][0]["id"] == "osdh"


def test_installed_command_explains_its_records(command: Path, tmp_path: Path) -> None:
    records = run(command, "extract", "--format", "jsonl", cwd=tmp_path, stdin=TEXT)
    explained = run(command, "explain", "-", cwd=tmp_path, stdin=records.stdout)
    assert explained.returncode == 0, explained.stderr
    assert "harm.killed" in explained.stdout
